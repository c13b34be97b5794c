/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes in comes out. */
#include "config.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "fault-vfs.h"
#include "store-fixture.h"

static void
load_same (TestStore *store,
           FakeRows  *rows)
{
  test_store_reopen (store);
  test_assert_same_rows (store->sessions, store->tasks, store->events, rows);
}

/* Every column of a task, once with a value and once without; first by the insert, then by the
 * updates. */
static void
test_round_trip (void)
{
  g_auto(TestStore) store = { NULL };
  g_auto(FakeRows) rows = { NULL };
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GError) error = NULL;
  FerrydTaskRow *empty;

  test_store_init (&store);
  fake_rows_init (&rows);
  load_same (&store, &rows);
  g_assert_cmpint (fake_rows_take_session (&rows, test_make_session ("one")), ==, 1);
  g_assert_cmpint (test_store_add_session (&store, "one", &error), ==, 1);

  tasks = test_make_tasks (1, 2);
  empty = tasks->pdata[0];
  g_clear_pointer (&empty->options, g_variant_unref);
  empty->options = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  test_fill_task (tasks->pdata[1]);
  g_assert_cmpint (test_store_add_tasks (&store, tasks, &error), ==, 1);
  fake_rows_add_tasks (&rows, tasks);
  load_same (&store, &rows);

  /* Now the other way round: what was full is emptied, what was empty is filled. */
  ((FerrydTaskRow *) tasks->pdata[0])->id = 2;
  ((FerrydTaskRow *) tasks->pdata[1])->id = 1;
  for (guint i = 0; i < 2; i++)
    {
      FerrydTaskRow *task = tasks->pdata[i];
      gint64 serial = 77;

      test_store_save_move (&store, task->id, &task->status, NULL, &serial, &error);
      g_assert_no_error (error);
      g_assert_cmpint (serial, ==, 0);
      fake_rows_save_status (&rows, task->id, &task->status, NULL, &serial);
      test_store_save_task (&store, task, FALSE, &error);
      g_assert_no_error (error);
      fake_rows_save_task (&rows, task, FALSE);
    }
  load_same (&store, &rows);

  /* What a task keeps, by one way and the other. */
  test_store_save_task (&store, tasks->pdata[0], TRUE, &error);
  g_assert_no_error (error);
  fake_rows_save_task (&rows, tasks->pdata[0], TRUE);
  ferryd_store_checkpoint (store.store, 1, ((FerrydTaskRow *) tasks->pdata[1])->kept, &error);
  g_assert_no_error (error);
  fake_rows_save_kept (&rows, 1, ((FerrydTaskRow *) tasks->pdata[1])->kept);
  load_same (&store, &rows);

  test_store_close (&store);
  test_assert_alone (&store, "ferry.db");
}

/* Likewise of sessions and events. */
static void
test_round_trip_session (void)
{
  g_auto(TestStore) store = { NULL };
  g_auto(FakeRows) rows = { NULL };
  g_autoptr(FerrydSessionRow) session = test_make_session ("one");
  g_autoptr(GVariant) details = test_make_variant ("{'name': <'“x”'>, 'n': <(1, 2.5)>}");
  g_autoptr(FerrydEvent) full = NULL;
  g_autoptr(FerrydEvent) empty = NULL;
  g_autoptr(GError) error = NULL;

  test_store_init (&store);
  fake_rows_init (&rows);
  test_store_reopen (&store);
  session->state = FERRY_SESSION_STATE_FINISHING;
  session->secret_names = test_make_variant ("['Authorization']");
  session->id = test_store_add_session_row (&store, session, &error);
  g_assert_no_error (error);
  fake_rows_take_session (&rows, ferryd_session_row_copy (session));
  load_same (&store, &rows);

  full = ferryd_event_new (session->id, 4711, FERRYD_EVENT_FAILED, details);
  empty = ferryd_event_new (session->id, 0, FERRYD_EVENT_SESSION_INVALID, NULL);
  for (guint i = 0; i < 4; i++)
    {
      FerrydEvent *event = i < 3 ? (i == 0 ? full : empty) : NULL;
      gint64 serial, expected;

      session->state = (FerrySessionState) (2 - i % 3);
      if (i == 2)
        g_clear_pointer (&session->secret_names, g_variant_unref);
      g_assert_true (test_store_save_session (&store, session, event, &serial, &error));
      g_assert_no_error (error);
      fake_rows_save_session (&rows, session, event, &expected);
      g_assert_cmpint (serial, ==, expected);
      load_same (&store, &rows);
    }
}

static void
assert_harvest (TestStore  *store,
                const char *wanted)
{
  const FerrydHarvest *harvest;
  g_autofree char *found = NULL;

  test_store_reopen (store);
  harvest = &((FerrydSessionRow *) store->sessions->pdata[0])->harvest;
  found = g_strdup_printf ("%d %d %d", harvest->finished, harvest->failed, harvest->cancelled);
  g_assert_cmpstr (found, ==, wanted);
}

/* An end counts, acknowledged or not, until `session-finished` has told of it; what ended since
 * that was put together counts on. */
static void
test_harvest (void)
{
  static const char *const kinds[] = {
    FERRYD_EVENT_FINISHED, FERRYD_EVENT_CANCELLED, FERRYD_EVENT_FINISHED, FERRYD_EVENT_FAILED,
    FERRYD_EVENT_NEW_URL, FERRYD_EVENT_FINISHED, FERRYD_EVENT_SESSION_INVALID,
  };
  g_auto(TestStore) store = { NULL };
  g_auto(FerrydTaskStatus) status = { FERRY_TASK_STATE_FINISHED };
  g_autoptr(GVariant) details =
    test_make_variant ("{'finished': <uint32 2>, 'failed': <uint32 1>, 'cancelled': <uint32 1>}");
  g_autoptr(FerrydEvent) told = ferryd_event_new (1, 0, FERRYD_EVENT_SESSION_FINISHED, details);
  g_autoptr(FerrydSessionRow) session = NULL;
  g_autoptr(GPtrArray) tasks = test_make_tasks (1, 1);
  g_autoptr(GError) error = NULL;
  gint64 serial;

  test_store_init (&store);
  test_store_reopen (&store);
  g_assert_cmpint (test_store_add_session (&store, "one", &error), ==, 1);
  g_assert_cmpint (test_store_add_tasks (&store, tasks, &error), ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr(FerrydEvent) event = ferryd_event_new (1, 1, kinds[i], NULL);

      test_store_save_move (&store, 1, &status, event, &serial, &error);
      g_assert_no_error (error);
    }
  test_store_acknowledge (&store, 1, serial, &error);
  g_assert_no_error (error);
  assert_harvest (&store, "3 1 1");

  session = ferryd_session_row_copy (store.sessions->pdata[0]);
  session->harvest.finished = 99;
  test_store_save_session (&store, session, told, &serial, &error);
  g_assert_no_error (error);
  assert_harvest (&store, "1 0 0");
}

static void
test_private (void)
{
  g_auto(TestStore) store = { NULL };
  g_autofree char *wal = NULL;
  g_autofree char *folder = NULL;
  struct stat info;

  test_store_init (&store);
  test_store_reopen (&store);
  folder = g_path_get_dirname (store.path);
  wal = g_strconcat (store.path, "-wal", NULL);
  g_assert_no_errno (g_stat (folder, &info));
  g_assert_cmpint (info.st_mode & 0777, ==, 0700);
  g_assert_no_errno (g_stat (store.path, &info));
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_no_errno (g_stat (wal, &info));
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
}

static void
test_not_there (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(FerrydKept) kept = test_make_kept (1);
  g_autoptr(FerrydSessionRow) session = test_make_session ("one");
  g_autoptr(GError) error = NULL;
  FerrydTaskStatus status = { FERRY_TASK_STATE_SUSPENDED };
  FerrydTaskRow *task;

  test_store_init (&store);
  test_store_reopen (&store);

  g_assert_false (ferryd_store_checkpoint (store.store, 77, kept, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, store.path));
  g_clear_error (&error);

  g_assert_false (test_store_save_status (&store, 77, &status, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
  g_clear_error (&error);

  tasks = test_make_tasks (77, 1);
  task = tasks->pdata[0];
  task->id = 77;
  g_assert_false (test_store_save_task (&store, task, TRUE, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
  g_clear_error (&error);

  session->id = 77;
  g_assert_false (test_store_save_session (&store, session, NULL, NULL, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
  g_clear_error (&error);

  /* What is to be gone may be gone already. */
  g_assert_true (test_store_remove_tasks (&store, &session->id, 1, &error));
  g_assert_true (test_store_remove_session (&store, 77, &error));
  g_assert_true (test_store_acknowledge (&store, 77, G_MAXINT64, &error));
  g_assert_no_error (error);

  g_assert_cmpint (test_store_add_tasks (&store, tasks, &error), ==, 0);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
}

static void
test_before_load (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(FerrydKept) kept = test_make_kept (1);
  g_autoptr(GError) error = NULL;

  test_store_init (&store);
  store.database = ferryd_database_new (store.path);
  store.store = FERRYD_STORE (store.database);

  g_assert_cmpint (test_store_add_session (&store, "x", &error), ==, 0);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_clear_error (&error);
  g_assert_false (ferryd_store_checkpoint (store.store, 1, kept, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  test_store_close (&store);
  g_assert_false (g_file_test (store.path, G_FILE_TEST_EXISTS));
}

/* The 700th of 1,000 breaks a rule: none is there, and the neighbours in the same commit are. */
static void
test_all_or_none (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GPtrArray) good = NULL;
  g_autoptr(GPtrArray) bad = NULL;
  GAsyncResult *results[3] = { NULL };
  g_autoptr(GError) error = NULL;
  gint64 session_id;

  test_store_init (&store);
  test_store_reopen (&store);
  session_id = test_store_add_session (&store, "one", &error);
  good = test_make_tasks (session_id, 10);
  bad = test_make_tasks (session_id, 1000);
  /* It runs, and has a reason to wait. */
  ((FerrydTaskRow *) bad->pdata[700])->status.state = FERRY_TASK_STATE_RUNNING;

  fault_vfs_close_gate ();
  ferryd_store_add_tasks_async (store.store, good, test_take_result_cb, &results[0]);
  fault_vfs_wait_at_gate ();
  ferryd_store_add_tasks_async (store.store, bad, test_take_result_cb, &results[1]);
  ferryd_store_add_tasks_async (store.store, good, test_take_result_cb, &results[2]);
  fault_vfs_open_gate ();

  /* The answers come in the order of the calls. */
  test_wait_for (&results[2]);
  g_assert_cmpint (ferryd_store_add_tasks_finish (store.store, results[2], &error), ==, 11);
  g_assert_no_error (error);
  g_assert_cmpint (ferryd_store_add_tasks_finish (store.store, results[1], &error), ==, 0);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_clear_error (&error);
  g_assert_cmpint (ferryd_store_add_tasks_finish (store.store, results[0], &error), ==, 1);

  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    g_clear_object (&results[i]);
  test_store_reopen (&store);
  g_assert_cmpuint (store.tasks->len, ==, 20);

  /* The name of a session is taken as well. */
  g_assert_cmpint (test_store_add_session (&store, "one", &error), ==, 0);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
}

/* The bars of the design are for a machine at rest; here only what is out of all proportion
 * fails. */
static void
test_ten_thousand (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GError) error = NULL;
  gint64 session_id, begin, add_ms, load_ms;

  test_store_init (&store);
  test_store_reopen (&store);
  session_id = test_store_add_session (&store, "one", &error);
  tasks = test_make_tasks (session_id, 10000);
  for (guint i = 0; i < tasks->len; i += 2)
    {
      FerrydTaskRow *task = tasks->pdata[i];

      ferryd_kept_free (task->kept);
      task->kept = test_make_kept (i);
    }

  begin = g_get_monotonic_time ();
  g_assert_cmpint (test_store_add_tasks (&store, tasks, &error), ==, 1);
  add_ms = (g_get_monotonic_time () - begin) / 1000;

  test_store_close (&store);
  begin = g_get_monotonic_time ();
  test_store_open (&store, &error);
  load_ms = (g_get_monotonic_time () - begin) / 1000;
  g_assert_no_error (error);
  g_assert_cmpuint (store.tasks->len, ==, 10000);

  g_test_message ("10,000 tasks: added in %d ms, loaded in %d ms", (int) add_ms, (int) load_ms);
  g_test_minimized_result (add_ms, "add");
  g_test_minimized_result (load_ms, "load");
  g_assert_cmpint (add_ms, <, 20000);
  g_assert_cmpint (load_ms, <, 5000);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  /* For what no other deadline covers. */
  alarm (10 * TEST_DEADLINE_S);
  fault_vfs_register ();

  g_test_add_func ("/store/round-trip", test_round_trip);
  g_test_add_func ("/store/round-trip-session", test_round_trip_session);
  g_test_add_func ("/store/harvest", test_harvest);
  g_test_add_func ("/store/private", test_private);
  g_test_add_func ("/store/not-there", test_not_there);
  g_test_add_func ("/store/before-load", test_before_load);
  g_test_add_func ("/store/all-or-none", test_all_or_none);
  g_test_add_func ("/store/ten-thousand", test_ten_thousand);

  return g_test_run ();
}
