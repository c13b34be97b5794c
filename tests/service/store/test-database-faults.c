/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each write, truncate and sync of a run through the store fails once, and from it on for ever.
 * Whatever the store answered, the disk must agree: after a kill at the end (the files as they
 * are), after a power cut (what was synced of them), and after a close.
 */
#include "config.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "common/error.h"
#include "fault-vfs.h"
#include "store-fixture.h"

/* What must be on disk, by the answers. */
typedef struct
{
  TestStore  store;
  FakeRows   rows;
  Fault      fault;
  guint      n_refused;  /* answers that were errors */
  gboolean   unsure;     /* the disk takes nothing any more: a refused one may be there */
} Run;

/* @error: (transfer full) (nullable). Returns: whether there was none */
static gboolean
look_at_answer (Run    *run,
                GError *error)
{
  g_autoptr(GError) refusal = error;
  int code = run->fault == FAULT_FULL ? FERRY_ERROR_DISK_FULL : FERRY_ERROR_STORE;

  if (refusal == NULL)
    return TRUE;

  g_assert_error (refusal, FERRY_ERROR, code);
  run->n_refused++;
  return FALSE;
}

static void
add_session (Run        *run,
             const char *identifier)
{
  GError *error = NULL;
  gint64 id = test_store_add_session (&run->store, identifier, &error);

  if (look_at_answer (run, error))
    g_assert_cmpint (fake_rows_take_session (&run->rows, test_make_session (identifier)), ==, id);
}

/* @heir_of: whose part the first takes; 0: nobody's
 * @length: of each URL; 0: as it comes */
static void
add_tasks (Run    *run,
           guint   n,
           gint64  heir_of,
           gsize   length)
{
  g_autoptr(GPtrArray) tasks = test_make_tasks (1, n);
  FerrydTaskRow *first = tasks->pdata[0];
  FerrydTaskRow *old = fake_rows_find_task (&run->rows, heir_of);
  GError *error = NULL;
  gint64 id;

  if (fake_rows_find_session (&run->rows, 1) == NULL || (heir_of != 0 && old == NULL))
    return;

  for (guint i = 0; i < n && length > 0; i++)
    {
      FerrydTaskRow *task = tasks->pdata[i];

      g_clear_pointer (&task->url, g_free);
      task->url = g_strnfill (length, (char) ('a' + i % 26));
    }

  /* It may have had no key, if that was refused. */
  if (old != NULL && old->resume_key != NULL)
    {
      first->heir_of = heir_of;
      first->resume_key = g_bytes_ref (old->resume_key);
      ferryd_kept_free (first->kept);
      first->kept = ferryd_kept_copy (old->kept);
    }

  id = test_store_add_tasks (&run->store, tasks, &error);
  if (look_at_answer (run, error))
    g_assert_cmpint (fake_rows_add_tasks (&run->rows, tasks), ==, id);
}

/* With an event. */
static void
save_status (Run    *run,
             gint64  id)
{
  g_auto(FerrydTaskStatus) status = { FERRY_TASK_STATE_FAILED };
  g_autoptr(FerrydEvent) event = ferryd_event_new (1, id, FERRYD_EVENT_FAILED, NULL);
  GError *error = NULL;
  gint64 serial, expected;

  if (fake_rows_find_task (&run->rows, id) == NULL)
    return;

  status.error_name = g_strdup ("org.example.Error");
  test_store_save_move (&run->store, id, &status, event, &serial, &error);
  if (look_at_answer (run, error))
    fake_rows_save_status (&run->rows, id, &status, event, &expected);
  else
    expected = 0;
  g_assert_cmpint (serial, ==, expected);
}

/* Gives it a key, and a part as long as @offset. */
static void
save_task (Run    *run,
           gint64  id,
           gint64  offset)
{
  g_autoptr(FerrydTaskRow) task = NULL;
  FerrydTaskRow *old = fake_rows_find_task (&run->rows, id);
  GError *error = NULL;

  if (old == NULL)
    return;

  task = ferryd_task_row_copy (old);
  g_clear_pointer (&task->description, g_free);
  task->description = g_strdup ("changed");
  g_clear_pointer (&task->resume_key, g_bytes_unref);
  task->resume_key = test_make_key ((guint64) id);
  ferryd_kept_free (task->kept);
  task->kept = test_make_kept (offset);
  test_store_save_task (&run->store, task, TRUE, &error);
  if (look_at_answer (run, error))
    fake_rows_save_task (&run->rows, task, TRUE);
}

/* With an event. */
static void
save_session (Run               *run,
              gint64             id,
              FerrySessionState  state)
{
  g_autoptr(FerrydSessionRow) session = NULL;
  g_autoptr(FerrydEvent) event = ferryd_event_new (id, 0, FERRYD_EVENT_SESSION_FINISHED, NULL);
  FerrydSessionRow *old = fake_rows_find_session (&run->rows, id);
  GError *error = NULL;
  gint64 serial, expected;

  if (old == NULL)
    return;

  session = ferryd_session_row_copy (old);
  session->state = state;
  test_store_save_session (&run->store, session, event, &serial, &error);
  if (look_at_answer (run, error))
    fake_rows_save_session (&run->rows, session, event, &expected);
  else
    expected = 0;
  g_assert_cmpint (serial, ==, expected);
}

/* The task @id and the one behind it. */
static void
remove_two (Run    *run,
            gint64  id)
{
  gint64 two[] = { id, id + 1 };
  g_autoptr(GArray) ids = g_array_new (FALSE, FALSE, sizeof *two);
  GError *error = NULL;

  g_array_append_vals (ids, two, 2);
  test_store_remove_tasks (&run->store, two, 2, &error);
  if (look_at_answer (run, error))
    fake_rows_remove_tasks (&run->rows, ids);
}

static void
remove_session (Run    *run,
                gint64  id)
{
  GError *error = NULL;

  test_store_remove_session (&run->store, id, &error);
  if (look_at_answer (run, error))
    fake_rows_remove_session (&run->rows, id);
}

static void
acknowledge (Run    *run,
             gint64  serial)
{
  GError *error = NULL;

  test_store_acknowledge (&run->store, 1, serial, &error);
  if (look_at_answer (run, error))
    fake_rows_acknowledge (&run->rows, 1, serial);
}

static void
checkpoint (Run    *run,
            gint64  id,
            gint64  offset)
{
  g_autoptr(FerrydKept) kept = test_make_kept (offset);
  GError *error = NULL;

  if (fake_rows_find_task (&run->rows, id) == NULL)
    return;

  ferryd_store_checkpoint (run->store.store, id, kept, &error);
  if (look_at_answer (run, error))
    fake_rows_save_kept (&run->rows, id, kept);
}

static void
assert_agrees (Run       *run,
               TestStore *found)
{
  test_assert_same_rows (found->sessions, found->tasks, found->events, &run->rows);
}

static void
copy_if_there (const char *from,
               const char *to)
{
  g_autofree char *contents = NULL;
  gsize length;

  if (g_file_get_contents (from, &contents, &length, NULL))
    g_assert_true (g_file_set_contents (to, contents, (gssize) length, NULL));
}

/* Opens a copy of the files in @from_folder. */
static void
check_image (Run        *run,
             const char *from_folder)
{
  g_auto(TestStore) image = { NULL };
  g_autofree char *folder = NULL;
  g_autofree char *from = g_build_filename (from_folder, "ferry.db", NULL);
  g_autofree char *from_wal = g_build_filename (from_folder, "ferry.db-wal", NULL);
  g_autofree char *to_wal = NULL;

  test_store_init (&image);
  folder = g_path_get_dirname (image.path);
  to_wal = g_strconcat (image.path, "-wal", NULL);
  g_assert_no_errno (g_mkdir (folder, 0700));
  copy_if_there (from, image.path);
  copy_if_there (from_wal, to_wal);
  test_store_reopen (&image);
  g_assert_null (ferryd_database_get_moved_aside (image.database));
  assert_agrees (run, &image);
}

/* One of everything, and a second one of what builds on the first. */
static void
use_store (Run      *run,
           gboolean  with_big)
{
  add_session (run, "one");
  add_tasks (run, 3, 0, 0);
  save_status (run, 1);
  checkpoint (run, 2, 100);
  save_task (run, 2, 200);
  add_session (run, "two");
  add_tasks (run, 2, 2, 0);
  save_session (run, 1, FERRY_SESSION_STATE_FINISHING);
  save_session (run, 2, FERRY_SESSION_STATE_INVALID);
  acknowledge (run, 1);
  remove_session (run, 2);
  /* More than a page cache and a WAL have room for: it spills, and is written back. */
  if (with_big)
    add_tasks (run, 400, 0, 12000);
  checkpoint (run, 3, 300);
  remove_two (run, 1);
  save_status (run, 3);
}

static void
check_images (Run        *run,
              const char *live,
              const char *synced)
{
  check_image (run, live);
  check_image (run, synced);
}

static void
assert_goes_well (Run        *run,
                  const char *live,
                  const char *synced)
{
  guint n_refused = run->n_refused;

  add_session (run, "later");
  add_tasks (run, 2, 0, 0);
  checkpoint (run, run->rows.tasks->len, 400);
  save_status (run, run->rows.tasks->len);
  g_assert_cmpuint (run->n_refused, ==, n_refused);
  check_images (run, live, synced);
}

/* Returns: whether the @nth thing was ever reached */
static gboolean
run_once (Fault    fault,
          guint    nth,
          gboolean for_ever,
          gboolean with_big)
{
  Run run = { .fault = fault };
  g_autofree char *live = NULL;
  g_autofree char *synced = NULL;
  GError *error = NULL;
  gboolean failed;

  test_store_init (&run.store);
  fake_rows_init (&run.rows);
  live = g_path_get_dirname (run.store.path);
  synced = g_build_filename (run.store.folder, "synced", NULL);
  g_assert_no_errno (g_mkdir (synced, 0700));
  fault_vfs_set_synced (synced);

  fault_vfs_arm (fault, nth, for_ever);
  test_store_open (&run.store, &error);
  if (!look_at_answer (&run, g_steal_pointer (&error)))
    {
      run.n_refused = 0;
      test_assert_alone (&run.store, NULL);
      if (for_ever)
        fault_vfs_disarm ();
      test_store_open (&run.store, &error);
      g_assert_no_error (error);
    }

  use_store (&run, with_big);

  /* A disk that takes nothing at all any more, not even a change back, leaves a refused change
   * in the WAL. */
  run.unsure = for_ever && run.n_refused > 0;
  failed = fault_vfs_disarm ();
  if (!run.unsure)
    check_images (&run, live, synced);
  assert_goes_well (&run, live, synced);

  fault_vfs_set_synced (NULL);
  test_store_reopen (&run.store);
  assert_agrees (&run, &run.store);

  fake_rows_clear (&run.rows);
  test_store_clear (&run.store);

  return failed;
}

typedef struct
{
  const char *name;
  Fault       fault;
  gboolean    for_ever;
} FaultCase;

static const FaultCase fault_cases[] = {
  { "/store/faults/io-once", FAULT_IO, FALSE },
  { "/store/faults/io-for-ever", FAULT_IO, TRUE },
  { "/store/faults/torn-once", FAULT_TORN, FALSE },
  { "/store/faults/full-once", FAULT_FULL, FALSE },
  { "/store/faults/full-for-ever", FAULT_FULL, TRUE },
};

/* Some thousand writes of the big run are all alike: as many as this are skipped at a time, by
 * chance. */
#define STRIDE 400

static void
test_fault (gconstpointer data)
{
  const FaultCase *fault_case = data;
  g_autoptr(GRand) random = test_make_random ();
  guint n_run = 0;
  guint nth;

  for (nth = 0; run_once (fault_case->fault, nth, fault_case->for_ever, FALSE); nth++)
    n_run++;
  g_assert_cmpuint (n_run, >=, 40);

  while (run_once (fault_case->fault, nth, fault_case->for_ever, TRUE))
    {
      n_run++;
      nth += (guint) g_rand_int_range (random, 1, g_test_thorough () ? STRIDE / 20 : STRIDE);
    }
  g_test_message ("%u places of %u", n_run, nth);
}

/* Those in one commit that fails get all the same answer, and none of them is there. */
static void
test_commit_fails_for_all (void)
{
  g_auto(TestStore) store = { NULL };
  GAsyncResult *results[20] = { NULL };
  g_autoptr(GAsyncResult) first = NULL;
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GError) error = NULL;
  FerrydTaskStatus status = { FERRY_TASK_STATE_SUSPENDED };

  test_store_init (&store);
  test_store_reopen (&store);
  tasks = test_make_tasks (test_store_add_session (&store, "one", &error), 20);
  test_store_add_tasks (&store, tasks, &error);
  g_assert_no_error (error);

  fault_vfs_close_gate ();
  ferryd_store_save_status_async (store.store, 1, &status, NULL, test_take_result_cb, &first);
  fault_vfs_wait_at_gate ();
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    ferryd_store_save_status_async (store.store, i + 1, &status, NULL,
                                    test_take_result_cb, &results[i]);
  /* The first to fail is the sync that stands at the gate. */
  fault_vfs_arm (FAULT_IO, 0, TRUE);
  fault_vfs_open_gate ();

  test_wait_for (&first);
  g_assert_false (ferryd_store_save_status_finish (store.store, first, NULL, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_clear_error (&error);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      test_wait_for (&results[i]);
      g_assert_false (ferryd_store_save_status_finish (store.store, results[i], NULL, &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
      g_clear_error (&error);
      g_clear_object (&results[i]);
    }
  g_clear_object (&first);
  fault_vfs_disarm ();

  test_store_reopen (&store);
  for (guint i = 0; i < store.tasks->len; i++)
    {
      FerrydTaskRow *task = store.tasks->pdata[i];

      g_assert_cmpint (task->status.state, ==, FERRY_TASK_STATE_WAITING);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  /* For what no other deadline covers. */
  alarm (10 * TEST_DEADLINE_S);
  fault_vfs_register ();

  g_test_add_func ("/store/faults/commit-fails-for-all", test_commit_fails_for_all);
  for (guint i = 0; i < G_N_ELEMENTS (fault_cases); i++)
    g_test_add_data_func (fault_cases[i].name, &fault_cases[i], test_fault);

  return g_test_run ();
}
