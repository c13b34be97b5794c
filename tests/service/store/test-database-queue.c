/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who gets which answer, and when. */
#include "config.h"

#include <unistd.h>

#include "common/error.h"
#include "fault-vfs.h"
#include "store-fixture.h"

typedef struct
{
  FerrydStore *store;
  gint64       task_id;
  guint        n;        /* checkpoints to make */
  gint64       last;     /* offset of the last that was answered with TRUE */
} Checkpointer;

static gpointer
make_checkpoints (gpointer data)
{
  Checkpointer *self = data;

  for (guint i = 1; i <= self->n; i++)
    {
      g_autoptr(FerrydKept) kept = test_make_kept (i);
      g_autoptr(GError) error = NULL;

      ferryd_store_checkpoint (self->store, self->task_id, kept, &error);
      g_assert_no_error (error);
      self->last = i;
    }

  return NULL;
}

/* While the first commit is held up, all others gather; then one more commit takes them all. */
static void
test_group_commit (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GError) error = NULL;
  Checkpointer checkpointers[16];
  GThread *threads[16];
  guint n_before, n_commits;
  gint64 first;

  test_store_init (&store);
  test_store_reopen (&store);
  tasks = test_make_tasks (test_store_add_session (&store, "one", &error), 16);
  first = test_store_add_tasks (&store, tasks, &error);
  g_assert_no_error (error);

  n_before = fault_vfs_get_n_wal_syncs ();
  for (guint i = 0; i < 16; i++)
    {
      checkpointers[i] = (Checkpointer) { store.store, first + i, i < 4 ? 7 : 6, 0 };
      threads[i] = g_thread_new ("checkpointer", make_checkpoints, &checkpointers[i]);
    }
  for (guint i = 0; i < 16; i++)
    g_thread_join (threads[i]);

  n_commits = fault_vfs_get_n_wal_syncs () - n_before;
  g_test_message ("100 checkpoints of 16 threads: %u syncs of the WAL", n_commits);
  g_assert_cmpuint (n_commits, >=, 7);
  g_assert_cmpuint (n_commits, <=, 50);

  test_store_reopen (&store);
  for (guint i = 0; i < 16; i++)
    {
      FerrydTaskRow *task = store.tasks->pdata[i];

      g_assert_cmpint (task->kept->part.offset, ==, checkpointers[i].n);
    }
}

typedef struct
{
  guint n;       /* answers so far */
  guint limit;   /* of them, refused because too many wait */
} Answers;

static void
on_saved_cb (GObject      *source,
                       GAsyncResult *result,
                       gpointer      user_data)
{
  Answers *answers = user_data;
  g_autoptr(GError) error = NULL;

  ferryd_store_save_status_finish (FERRYD_STORE (source), result, NULL, &error);
  answers->n++;
  if (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_LIMIT))
    answers->limit++;
  else
    g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
}

static void
test_limit (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(FerrydKept) kept = test_make_kept (1);
  g_autoptr(GAsyncResult) first = NULL;
  g_autoptr(GAsyncResult) last = NULL;
  g_autoptr(GError) error = NULL;
  FerrydTaskStatus status = { FERRY_TASK_STATE_SUSPENDED };
  FerrydSessionRow session = { .app_id = (char *) "a", .identifier = (char *) "b" };
  Answers answers = { 0 };

  session.configuration = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  test_store_init (&store);
  test_store_reopen (&store);

  fault_vfs_close_gate ();
  ferryd_store_add_session_async (store.store, &session, test_take_result_cb, &first);
  fault_vfs_wait_at_gate ();
  for (guint i = 1; i < 50000; i++)
    ferryd_store_save_status_async (store.store, 1, &status, NULL, on_saved_cb, &answers);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (answers.n, ==, 0);

  /* One too many, in both ways, is told at once. */
  ferryd_store_save_status_async (store.store, 1, &status, NULL, on_saved_cb, &answers);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (answers.limit, ==, 1);
  g_assert_false (ferryd_store_checkpoint (store.store, 1, kept, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_LIMIT);
  g_clear_error (&error);
  fault_vfs_open_gate ();

  /* Those that were taken are all answered, and then there is room again. */
  test_wait_for (&first);
  while (answers.n < 50000)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpuint (answers.limit, ==, 1);
  g_clear_pointer (&session.configuration, g_variant_unref);
  test_store_add_session (&store, "later", &error);
  g_assert_no_error (error);
}

typedef struct
{
  guint *next;    /* of all answers, the number of the coming one */
  guint  number;  /* of the question */
} Asked;

static void
on_ordered_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  Asked *asked = user_data;

  g_assert_cmpuint (*asked->next, ==, asked->number);
  (*asked->next)++;
  /* A callback that runs the loop itself must get the answers behind its own. */
  if (asked->number == 10)
    while (*asked->next < 200)
      g_main_context_iteration (NULL, TRUE);
}

static void
test_order (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GError) error = NULL;
  FerrydTaskStatus status = { FERRY_TASK_STATE_SUSPENDED };
  Asked asked[300];
  guint next = 0;

  test_store_init (&store);
  test_store_reopen (&store);
  for (guint i = 0; i < G_N_ELEMENTS (asked); i++)
    {
      g_autoptr(GPtrArray) tasks = test_make_tasks (1, 2);

      asked[i] = (Asked) { &next, i };
      if (i % 3 == 0)
        ferryd_store_save_status_async (store.store, i, &status, NULL, on_ordered_cb, &asked[i]);
      else if (i % 50 == 1)
        ferryd_store_load_async (store.store, NULL, on_ordered_cb, &asked[i]);
      else
        ferryd_store_add_tasks_async (store.store, tasks, on_ordered_cb, &asked[i]);
    }
  while (next < G_N_ELEMENTS (asked))
    g_main_context_iteration (NULL, TRUE);
}

/* Everything asked before a close is answered before it, in the order of asking; after it comes
 * an error. */
static void
test_close (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(FerrydKept) kept = test_make_kept (1);
  g_autoptr(GAsyncResult) saved = NULL;
  g_autoptr(GAsyncResult) closed = NULL;
  g_autoptr(GAsyncResult) closed_too = NULL;
  g_autoptr(GAsyncResult) late = NULL;
  g_autoptr(GError) error = NULL;
  FerrydTaskStatus status = { FERRY_TASK_STATE_SUSPENDED };

  test_store_init (&store);
  test_store_reopen (&store);
  tasks = test_make_tasks (test_store_add_session (&store, "one", &error), 1);
  test_store_add_tasks (&store, tasks, &error);
  g_assert_no_error (error);

  ferryd_store_save_status_async (store.store, 1, &status, NULL, test_take_result_cb, &saved);
  ferryd_store_close_async (store.store, test_take_result_cb, &closed);
  ferryd_store_close_async (store.store, test_take_result_cb, &closed_too);
  ferryd_store_save_status_async (store.store, 1, &status, NULL, test_take_result_cb, &late);
  g_assert_false (ferryd_store_checkpoint (store.store, 1, kept, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_clear_error (&error);

  g_assert_true (ferryd_store_close_finish (store.store, test_wait_for (&closed), &error));
  g_assert_nonnull (saved);
  ferryd_store_save_status_finish (store.store, saved, NULL, &error);
  g_assert_no_error (error);
  test_wait_for (&closed_too);
  test_wait_for (&late);
  g_assert_false (ferryd_store_save_status_finish (store.store, late, NULL, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);

  g_clear_object (&closed);
  ferryd_store_close_async (store.store, test_take_result_cb, &closed);
  test_wait_for (&closed);
  test_assert_alone (&store, "ferry.db");
}

/* Without a close the thread ends by itself, and lets go of the file soon. */
static void
test_drop (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GError) error = NULL;

  test_store_init (&store);
  store.database = ferryd_database_new (store.path);
  test_store_drop (&store);

  test_store_reopen (&store);
  test_store_add_session (&store, "one", &error);
  g_assert_no_error (error);
  test_store_drop (&store);

  test_store_reopen (&store);
  g_assert_cmpuint (store.sessions->len, ==, 1);
}

static void
test_cancelled_load (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GPtrArray) sessions = NULL;
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GPtrArray) events = NULL;
  g_autoptr(GError) error = NULL;

  test_store_init (&store);
  test_store_reopen (&store);
  test_store_add_session (&store, "one", &error);
  ferryd_store_load_async (store.store, cancellable, test_take_result_cb, &result);
  g_cancellable_cancel (cancellable);
  test_wait_for (&result);
  g_assert_false (ferryd_store_load_finish (store.store, result, &sessions, &tasks, &events,
                                            &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);

  test_store_open (&store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (store.sessions->len, ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  /* For what no other deadline covers. */
  alarm (10 * TEST_DEADLINE_S);
  fault_vfs_register ();

  g_test_add_func ("/store/queue/group-commit", test_group_commit);
  g_test_add_func ("/store/queue/limit", test_limit);
  g_test_add_func ("/store/queue/order", test_order);
  g_test_add_func ("/store/queue/close", test_close);
  g_test_add_func ("/store/queue/drop", test_drop);
  g_test_add_func ("/store/queue/cancelled-load", test_cancelled_load);

  return g_test_run ();
}
