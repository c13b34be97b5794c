/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which rows are there after each kind of change, and that a change is whole or not at all. */
#include "config.h"

#include <unistd.h>

#include "common/error.h"
#include "file-fixture.h"
#include "store-fixture.h"

static void
assert_not_found (GError **error)
{
  g_assert_error (*error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
  g_clear_error (error);
}

/* A session and @n tasks; the ids begin at 1. */
static void
init_with_tasks (TestStore *store,
                 guint      n)
{
  g_autoptr(GPtrArray) tasks = test_make_tasks (1, n);
  g_autoptr(GError) error = NULL;

  test_store_init (store);
  test_store_reopen (store);
  g_assert_cmpint (test_store_add_session (store, "one", &error), ==, 1);
  g_assert_cmpint (test_store_add_tasks (store, tasks, &error), ==, 1);
}

/* The second statement of each pair is refused: the first has left nothing. */
static void
test_both_or_nothing (void)
{
  g_auto(TestStore) store = { NULL };
  g_auto(FerrydTaskStatus) status = { FERRY_TASK_STATE_FAILED };
  g_autoptr(FerrydEvent) nobodys = ferryd_event_new (77, 1, FERRYD_EVENT_FAILED, NULL);
  g_autoptr(FerrydEvent) wordless = ferryd_event_new (1, 1, "", NULL);
  g_autoptr(GVariant) one = test_make_variant ("{'failed': <uint32 1>}");
  g_autoptr(FerrydEvent) too_much = ferryd_event_new (1, 0, FERRYD_EVENT_SESSION_FINISHED, one);
  g_autoptr(FerrydSessionRow) session = NULL;
  g_autoptr(FerrydTaskRow) task = NULL;
  g_autoptr(GPtrArray) before_sessions = NULL;
  g_autoptr(GPtrArray) before_tasks = NULL;
  g_autoptr(GError) error = NULL;
  gint64 serial = 77;

  init_with_tasks (&store, 1);
  test_store_reopen (&store);
  before_sessions = g_ptr_array_ref (store.sessions);
  before_tasks = g_ptr_array_ref (store.tasks);

  g_assert_false (test_store_save_move (&store, 1, &status, nobodys, &serial, &error));
  assert_not_found (&error);
  g_assert_cmpint (serial, ==, 0);
  g_assert_false (test_store_save_move (&store, 1, &status, wordless, &serial, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_clear_error (&error);

  session = ferryd_session_row_copy (before_sessions->pdata[0]);
  session->state = FERRY_SESSION_STATE_INVALID;
  g_assert_false (test_store_save_session (&store, session, nobodys, &serial, &error));
  assert_not_found (&error);
  g_assert_false (test_store_save_session (&store, session, too_much, &serial, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_assert_cmpint (serial, ==, 0);
  g_clear_error (&error);

  task = ferryd_task_row_copy (before_tasks->pdata[0]);
  task->description = g_strdup ("changed");
  task->kept->part.name = g_strdup ("part");
  task->kept->part.offset = -1;
  g_assert_false (test_store_save_task (&store, task, TRUE, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);

  test_store_reopen (&store);
  test_assert_same_session (store.sessions->pdata[0], before_sessions->pdata[0]);
  test_assert_same_task (store.tasks->pdata[0], before_tasks->pdata[0]);
  g_assert_cmpuint (store.events->len, ==, 0);
}

/* A task that takes the part of @heir_of. */
static GPtrArray *
make_heir (gint64   heir_of,
           GBytes  *key)
{
  GPtrArray *tasks = test_make_tasks (1, 1);
  FerrydTaskRow *heir = tasks->pdata[0];

  heir->heir_of = heir_of;
  heir->resume_key = key != NULL ? g_bytes_ref (key) : NULL;
  ferryd_kept_free (heir->kept);
  heir->kept = test_make_kept (100);

  return tasks;
}

static void
refuse_heirs (TestStore *store,
              GPtrArray *heirs)
{
  g_autoptr(GPtrArray) tasks = heirs;
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (test_store_add_tasks (store, tasks, &error), ==, 0);
  assert_not_found (&error);
}

static void
test_heirs (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GBytes) key = test_make_key (1);
  g_autoptr(GBytes) other_key = test_make_key (2);
  g_autoptr(GPtrArray) heir = make_heir (1, key);
  g_autoptr(FerrydTaskRow) old = NULL;
  g_autoptr(GError) error = NULL;
  GPtrArray *twins;

  init_with_tasks (&store, 2);
  test_store_reopen (&store);
  old = ferryd_task_row_copy (store.tasks->pdata[0]);
  old->resume_key = g_bytes_ref (key);
  ferryd_kept_free (old->kept);
  old->kept = test_make_kept (100);
  test_store_save_task (&store, old, TRUE, &error);
  g_assert_no_error (error);

  /* Another key, a task without one, none, nobody, and two at once. */
  refuse_heirs (&store, make_heir (1, other_key));
  refuse_heirs (&store, make_heir (2, key));
  refuse_heirs (&store, make_heir (1, NULL));
  refuse_heirs (&store, make_heir (77, key));
  twins = make_heir (1, key);
  g_ptr_array_add (twins, ferryd_task_row_copy (twins->pdata[0]));
  refuse_heirs (&store, twins);
  test_store_reopen (&store);
  g_assert_cmpuint (store.tasks->len, ==, 2);
  test_assert_same_task (store.tasks->pdata[0], old);

  g_assert_cmpint (test_store_add_tasks (&store, heir, &error), ==, 3);
  refuse_heirs (&store, make_heir (1, key));
  test_store_reopen (&store);
  g_assert_cmpuint (store.tasks->len, ==, 3);
  g_assert_null (((FerrydTaskRow *) store.tasks->pdata[0])->resume_key);
  g_assert_null (((FerrydTaskRow *) store.tasks->pdata[0])->kept->part.name);
  g_assert_null (((FerrydTaskRow *) store.tasks->pdata[0])->kept->other.name);
  g_assert_null (((FerrydTaskRow *) store.tasks->pdata[0])->kept->other_folder);
  g_assert_null (((FerrydTaskRow *) store.tasks->pdata[2])->resume_key);
  test_assert_same_kept (((FerrydTaskRow *) store.tasks->pdata[2])->kept, old->kept);

  /* The key is used up, and may stand for another part. */
  old->id = 2;
  test_store_save_task (&store, old, FALSE, &error);
  g_assert_no_error (error);
  old->id = 3;
  g_assert_false (test_store_save_task (&store, old, FALSE, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
}

/* Adds an event, with a move of task 1 or of the session. Returns: the serial */
static gint64
add_event (TestStore *store,
           gint64     session_id)
{
  g_autoptr(FerrydEvent) event = ferryd_event_new (session_id, 0, FERRYD_EVENT_NEW_URL, NULL);
  g_autoptr(FerrydSessionRow) session = test_make_session ("any");
  g_autoptr(GError) error = NULL;
  gint64 serial;

  session->id = session_id;
  test_store_save_session (store, session, event, &serial, &error);
  g_assert_no_error (error);
  return serial;
}

/* Neither the id of a task nor a serial is given again, though the highest row is gone and the
 * file was closed. */
static void
test_never_again (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GPtrArray) tasks = test_make_tasks (1, 1);
  g_autoptr(GError) error = NULL;
  const gint64 ids[] = { 1, 2 };

  init_with_tasks (&store, 2);
  g_assert_cmpint (add_event (&store, 1), ==, 1);
  g_assert_cmpint (add_event (&store, 1), ==, 2);
  test_store_acknowledge (&store, 1, 2, &error);
  g_assert_no_error (error);
  test_store_remove_tasks (&store, ids, G_N_ELEMENTS (ids), &error);
  g_assert_no_error (error);

  test_store_reopen (&store);
  g_assert_cmpuint (store.events->len, ==, 0);
  g_assert_cmpuint (store.tasks->len, ==, 0);
  g_assert_cmpint (add_event (&store, 1), ==, 3);
  g_assert_cmpint (test_store_add_tasks (&store, tasks, &error), ==, 3);
  test_store_remove_session (&store, 1, &error);
  g_assert_no_error (error);

  test_store_reopen (&store);
  g_assert_cmpint (test_store_add_session (&store, "one", &error), ==, 2);
}

static gint64
count (TestStore  *store,
       const char *table)
{
  g_autofree char *sql = g_strconcat ("SELECT count(*) FROM ", table, NULL);

  return test_ask_sqlite (store->path, sql);
}

/* What is of another session stays. */
static void
test_removal (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GPtrArray) others = NULL;
  g_autoptr(FerrydKept) kept = test_make_kept (1);
  g_autoptr(GError) error = NULL;
  const gint64 first = 1;

  init_with_tasks (&store, 3);
  others = test_make_tasks (test_store_add_session (&store, "two", &error), 1);
  g_assert_cmpint (test_store_add_tasks (&store, others, &error), ==, 4);
  for (gint64 id = 1; id <= 4; id++)
    g_assert_true (ferryd_store_checkpoint (store.store, id, kept, &error));
  for (guint i = 0; i < 6; i++)
    g_assert_cmpint (add_event (&store, 1 + i % 2), ==, i + 1);

  test_store_remove_tasks (&store, &first, 1, &error);
  g_assert_no_error (error);
  test_store_remove_tasks (&store, &first, 0, &error);
  g_assert_no_error (error);
  test_store_acknowledge (&store, 1, 4, &error);
  g_assert_no_error (error);
  test_store_close (&store);
  g_assert_cmpint (count (&store, "task"), ==, 3);
  g_assert_cmpint (count (&store, "part"), ==, 6);
  g_assert_cmpint (count (&store, "event WHERE session_id = 1 AND serial = 5"), ==, 1);
  g_assert_cmpint (count (&store, "event"), ==, 4);

  test_store_reopen (&store);
  test_store_remove_session (&store, 1, &error);
  g_assert_no_error (error);
  test_store_close (&store);
  g_assert_cmpint (count (&store, "session"), ==, 1);
  g_assert_cmpint (count (&store, "task WHERE id = 4"), ==, 1);
  g_assert_cmpint (count (&store, "task"), ==, 1);
  g_assert_cmpint (count (&store, "part"), ==, 2);
  g_assert_cmpint (count (&store, "event WHERE session_id = 2"), ==, 3);
  g_assert_cmpint (count (&store, "event"), ==, 3);
}

typedef struct
{
  FerrydStore *store;
  guint        n_done;  /* atomic; checkpoints that were answered with TRUE */
} Checkpointer;

/* Returns: (transfer full): why it ended */
static gpointer
checkpoint_until_refused (gpointer data)
{
  Checkpointer *self = data;
  GError *error = NULL;

  while (error == NULL)
    {
      g_autoptr(FerrydKept) kept = test_make_kept (self->n_done + 1);

      if (ferryd_store_checkpoint (self->store, 1, kept, &error))
        g_atomic_int_inc (&self->n_done);
    }

  return error;
}

static void
test_removed_under_worker (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GError) refusal = NULL;
  g_autoptr(GError) error = NULL;
  Checkpointer checkpointer = { NULL };
  const gint64 id = 1;
  GThread *thread;

  init_with_tasks (&store, 2);
  checkpointer.store = store.store;
  thread = g_thread_new ("checkpointer", checkpoint_until_refused, &checkpointer);
  while (g_atomic_int_get (&checkpointer.n_done) < 3)
    g_usleep (1000);
  test_store_remove_tasks (&store, &id, 1, &error);
  g_assert_no_error (error);

  refusal = g_thread_join (thread);
  assert_not_found (&refusal);
  test_store_close (&store);
  g_assert_cmpint (count (&store, "part"), ==, 0);
  g_assert_cmpint (count (&store, "task"), ==, 1);
}

/* A draw among @n and one more, that there is not. */
static gint64
draw_id (GRand *random,
         guint  n)
{
  return g_rand_int_range (random, 1, (gint) n + 2);
}

static GPtrArray *
draw_tasks (GRand    *random,
            FakeRows *rows)
{
  GPtrArray *tasks = test_make_tasks (draw_id (random, rows->sessions->len),
                                      (guint) g_rand_int_range (random, 1, 4));

  for (guint i = 0; i < tasks->len; i++)
    {
      FerrydTaskRow *task = tasks->pdata[i];
      FerrydTaskRow *old = fake_rows_find_task (rows, draw_id (random, rows->tasks->len));

      if (old != NULL && old->resume_key != NULL)
        {
          task->heir_of = old->id;
          task->resume_key = g_bytes_ref (old->resume_key);
        }
      else if (g_rand_boolean (random))
        test_fill_task (task);

      /* Each key is given once. */
      if (task->heir_of == 0)
        {
          g_clear_pointer (&task->resume_key, g_bytes_unref);
          if (g_rand_boolean (random))
            task->resume_key = test_make_key (rows->tasks->len + i + 1);
        }
    }

  return tasks;
}

/* A change of tasks or what they keep, by chance; the two must say the same. */
static void
change_tasks (TestStore *store,
              FakeRows  *rows,
              GRand     *random)
{
  g_autoptr(GPtrArray) drawn = draw_tasks (random, rows);
  g_autoptr(GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr(GError) error = NULL;
  FerrydTaskRow *task = drawn->pdata[0];
  gboolean with_kept = g_rand_boolean (random);
  gint64 id;

  switch (g_rand_int_range (random, 0, 8))
    {
    case 0:
    case 1:
    case 2:
      id = fake_rows_add_tasks (rows, drawn);
      g_assert_cmpint (test_store_add_tasks (store, drawn, &error), ==, id);
      break;

    case 3:
    case 4:
      task->id = draw_id (random, rows->tasks->len);
      /* One that is an heir's could be another's too. */
      g_clear_pointer (&task->resume_key, g_bytes_unref);
      g_assert_cmpint (test_store_save_task (store, task, with_kept, &error), ==,
                       fake_rows_save_task (rows, task, with_kept));
      break;

    case 5:
    case 6:
      id = draw_id (random, rows->tasks->len);
      g_assert_cmpint (ferryd_store_checkpoint (store->store, id, task->kept, &error), ==,
                       fake_rows_save_kept (rows, id, task->kept));
      break;

    default:
      for (guint i = 0; i < drawn->len; i++)
        {
          id = draw_id (random, rows->tasks->len);
          g_array_append_val (ids, id);
        }
      g_assert_true (test_store_remove_tasks (store, (gint64 *) ids->data, ids->len, &error));
      fake_rows_remove_tasks (rows, ids);
      break;
    }

  if (error != NULL)
    assert_not_found (&error);
}

static void
change_sessions (TestStore *store,
                 FakeRows  *rows,
                 GRand     *random)
{
  g_autofree char *identifier = g_strdup_printf ("%u", rows->sessions->len);
  g_autoptr(FerrydSessionRow) session = test_make_session (identifier);
  g_autoptr(FerrydEvent) event = NULL;
  FerrydTaskStatus status = { FERRY_TASK_STATE_SUSPENDED };
  g_autoptr(GError) error = NULL;
  gint64 session_id = draw_id (random, rows->sessions->len);
  gint64 task_id = draw_id (random, rows->tasks->len);
  gint64 serial = 0;
  gint64 expected = 0;

  session->state = (FerrySessionState) g_rand_int_range (random, 0, FERRY_N_SESSION_STATES);
  status.retry_at = task_id;
  if (g_rand_boolean (random))
    event = ferryd_event_new (session_id, task_id, FERRYD_EVENT_CANCELLED, NULL);

  switch (g_rand_int_range (random, 0, 20))
    {
    case 0:
    case 1:
      expected = test_store_add_session_row (store, session, &error);
      serial = fake_rows_take_session (rows, g_steal_pointer (&session));
      break;

    case 2:
      g_assert_true (test_store_remove_session (store, session_id, &error));
      fake_rows_remove_session (rows, session_id);
      break;

    case 3:
    case 4:
    case 5:
      session->id = draw_id (random, rows->sessions->len);
      g_assert_cmpint (test_store_save_session (store, session, event, &serial, &error), ==,
                       fake_rows_save_session (rows, session, event, &expected));
      break;

    case 6:
      g_assert_true (test_store_acknowledge (store, session_id, rows->last_serial - 3, &error));
      fake_rows_acknowledge (rows, session_id, rows->last_serial - 3);
      break;

    default:
      g_assert_cmpint (test_store_save_move (store, task_id, &status, event, &serial, &error), ==,
                       fake_rows_save_status (rows, task_id, &status, event, &expected));
      break;
    }

  g_assert_cmpint (serial, ==, expected);
  if (error != NULL)
    assert_not_found (&error);
}

/* The store in memory, which the tests of the model use, and this one are the same. */
static void
test_random (void)
{
  g_auto(TestStore) store = { NULL };
  g_auto(FakeRows) rows = { NULL };
  g_autoptr(GRand) random = test_make_random ();

  test_store_init (&store);
  fake_rows_init (&rows);
  for (guint round = 0; round < 40; round++)
    {
      test_store_reopen (&store);
      test_assert_same_rows (store.sessions, store.tasks, store.events, &rows);
      for (guint i = 0; i < 25; i++)
        if (g_rand_boolean (random))
          change_tasks (&store, &rows, random);
        else
          change_sessions (&store, &rows, random);
    }
  g_test_message ("%u tasks, %u sessions, %" G_GINT64_FORMAT " events",
                  rows.tasks->len, rows.sessions->len, rows.last_serial);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  /* For what no other deadline covers. */
  alarm (10 * TEST_DEADLINE_S);

  g_test_add_func ("/store/rows/both-or-nothing", test_both_or_nothing);
  g_test_add_func ("/store/rows/heirs", test_heirs);
  g_test_add_func ("/store/rows/never-again", test_never_again);
  g_test_add_func ("/store/rows/removal", test_removal);
  g_test_add_func ("/store/rows/random", test_random);
  g_test_add_func ("/store/rows/removed-under-worker", test_removed_under_worker);

  return g_test_run ();
}
