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
fill_part (FerrydPart *part,
           const char *name)
{
  part->name = g_strdup (name);
  part->inode = G_MAXUINT64 - 1;
  part->offset = (G_GINT64_CONSTANT (1) << 40) + 1;
  part->total = (G_GINT64_CONSTANT (1) << 41) + 2;
  part->etag = g_strdup ("W/\"ü'; --\"");
  part->last_modified = g_strdup ("Wed, 21 Oct 2015 07:28:00 GMT");
  part->date_is_strong = TRUE;
  part->coding = g_strdup ("gzip");
  part->is_html = TRUE;
  part->refuses_ranges = TRUE;
  part->digest_field = g_strdup ("sha-256=:AAAA:");
  part->silent_end = 17;
  part->total_is_guess = TRUE;
  part->born = 1234567890123456789;
}

static void
fill_task (FerrydTaskRow *task)
{
  FerrydTaskStatus *status = &task->status;

  status->state = FERRY_TASK_STATE_FAILED;
  status->reason = FERRY_WAIT_REASON_NONE;
  status->error_name = g_strdup ("org.example.Error.Name");
  status->error_message = g_strdup ("“quoted”");
  status->finished = 1700000000000001;
  status->first_resumed = 1700000000000002;
  status->length_verified = TRUE;
  status->digest = g_strdup ("sha-256=00ff");
  status->metrics = test_make_variant ("[{'status': <uint32 200>}, {'x': <('y', 1.5)>}]");
  fill_part (&task->kept->part, "part");
  fill_part (&task->kept->spare, "spare");
  task->kept->spare.inode = G_GUINT64_CONSTANT (1) << 63;
  task->kept->file_name = g_strdup ("file name");
  task->kept->final_name = g_strdup ("file name (1)");
  task->kept->current_url = g_strdup ("https://example.org/?a=b");
  task->kept->response = test_make_variant ("{'status': <uint32 206>}");
  task->kept->started_over = 99;
}

/* Every column, once with a value and once without; first by the insert, then by the updates. */
static void
test_round_trip (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GVariant) configuration = NULL;
  g_autoptr(GError) error = NULL;
  FerrydTaskRow *full, *empty;
  FerrydSessionRow *session;
  gint64 session_id, first;

  test_store_init (&store);
  test_store_reopen (&store);
  g_assert_cmpuint (store.sessions->len, ==, 0);
  g_assert_cmpuint (store.tasks->len, ==, 0);

  session_id = test_store_add_session (&store, "one", &error);
  g_assert_no_error (error);
  tasks = test_make_tasks (session_id, 2);
  empty = tasks->pdata[0];
  g_clear_pointer (&empty->options, g_variant_unref);
  empty->options = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  full = tasks->pdata[1];
  full->kind = FERRY_TASK_KIND_UPLOAD;
  fill_task (full);
  first = test_store_add_tasks (&store, tasks, &error);
  g_assert_no_error (error);

  test_store_reopen (&store);
  g_assert_cmpuint (store.sessions->len, ==, 1);
  session = store.sessions->pdata[0];
  g_assert_cmpint (session->id, ==, session_id);
  g_assert_cmpstr (session->app_id, ==, "org.example.App");
  g_assert_cmpstr (session->identifier, ==, "one");
  g_assert_cmpint (session->created, ==, 1700000000000000);
  configuration = test_make_variant ("{'max-running': <uint32 3>}");
  g_assert_cmpvariant (session->configuration, configuration);
  g_assert_cmpuint (store.tasks->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      FerrydTaskRow *task = store.tasks->pdata[i];

      g_assert_cmpint (task->id, ==, first + i);
      test_assert_same_task (task, tasks->pdata[i]);
    }

  /* Now the other way round: what was full is emptied, what was empty is filled. */
  for (guint i = 0; i < 2; i++)
    {
      FerrydTaskRow *other = tasks->pdata[1 - i];

      test_store_save_status (&store, first + i, &other->status, &error);
      g_assert_no_error (error);
      ferryd_store_checkpoint (store.store, first + i, other->kept, &error);
      g_assert_no_error (error);
    }

  test_store_reopen (&store);
  for (guint i = 0; i < 2; i++)
    {
      FerrydTaskRow *task = store.tasks->pdata[i];
      FerrydTaskRow *other = tasks->pdata[1 - i];

      test_assert_same_status (&task->status, &other->status);
      test_assert_same_kept (task->kept, other->kept);
    }

  test_store_close (&store);
  test_assert_alone (&store, "ferry.db");
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

/* An id is not given twice, not even that of the last row. */
static void
test_not_there (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(FerrydKept) kept = test_make_kept (1);
  g_autoptr(GError) error = NULL;
  FerrydTaskStatus status = { FERRY_TASK_STATE_SUSPENDED };

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
  g_test_add_func ("/store/private", test_private);
  g_test_add_func ("/store/not-there", test_not_there);
  g_test_add_func ("/store/before-load", test_before_load);
  g_test_add_func ("/store/all-or-none", test_all_or_none);
  g_test_add_func ("/store/ten-thousand", test_ten_thousand);

  return g_test_run ();
}
