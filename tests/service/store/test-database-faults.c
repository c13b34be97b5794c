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
  GPtrArray *sessions;   /* owned; identifiers */
  GPtrArray *tasks;      /* owned; FerrydTaskRow with their ids */
  gint64     first;      /* the id of the first session. 0: there is none */
  guint      n_refused;  /* answers that were errors */
  gboolean   unsure;     /* the disk takes nothing any more: a refused one may be there */
} Run;

static void
expect_kind (const GError *error,
             Fault         fault)
{
  int code = fault == FAULT_FULL ? FERRY_ERROR_DISK_FULL : FERRY_ERROR_STORE;

  g_assert_error (error, FERRY_ERROR, code);
}

static void
add_session (Run        *run,
             const char *identifier,
             Fault       fault)
{
  g_autoptr(GError) error = NULL;
  gint64 id = test_store_add_session (&run->store, identifier, &error);

  if (id != 0)
    {
      g_ptr_array_add (run->sessions, g_strdup (identifier));
      if (run->first == 0)
        run->first = id;
      return;
    }

  expect_kind (error, fault);
  run->n_refused++;
}

/* @length: of each URL */
static void
add_tasks (Run   *run,
           guint  n,
           gsize  length,
           Fault  fault)
{
  g_autoptr(GPtrArray) tasks = test_make_tasks (run->first, n);
  g_autoptr(GError) error = NULL;
  gint64 id;

  for (guint i = 0; i < n && length > 0; i++)
    {
      FerrydTaskRow *task = tasks->pdata[i];

      g_clear_pointer (&task->url, g_free);
      task->url = g_strnfill (length, (char) ('a' + i % 26));
    }

  id = test_store_add_tasks (&run->store, tasks, &error);
  if (id == 0)
    {
      if (run->first != 0)
        expect_kind (error, fault);
      run->n_refused++;
      return;
    }

  for (guint i = 0; i < n; i++)
    {
      FerrydTaskRow *task = ferryd_task_row_copy (tasks->pdata[i]);

      task->id = id + i;
      g_ptr_array_add (run->tasks, task);
    }
}

static void
save_status (Run   *run,
             guint  i,
             Fault  fault)
{
  FerrydTaskRow *task = i < run->tasks->len ? run->tasks->pdata[i] : NULL;
  g_auto(FerrydTaskStatus) status = { FERRY_TASK_STATE_FAILED };
  g_autoptr(GError) error = NULL;

  if (task == NULL)
    return;

  status.error_name = g_strdup ("org.example.Error");
  if (test_store_save_status (&run->store, task->id, &status, &error))
    {
      ferryd_task_status_clear (&task->status);
      ferryd_task_status_copy (&status, &task->status);
      return;
    }

  expect_kind (error, fault);
  run->n_refused++;
}

static void
checkpoint (Run    *run,
            guint   i,
            gint64  offset,
            Fault   fault)
{
  FerrydTaskRow *task = i < run->tasks->len ? run->tasks->pdata[i] : NULL;
  g_autoptr(FerrydKept) kept = test_make_kept (offset);
  g_autoptr(GError) error = NULL;

  if (task == NULL)
    return;

  if (ferryd_store_checkpoint (run->store.store, task->id, kept, &error))
    {
      ferryd_kept_free (task->kept);
      task->kept = g_steal_pointer (&kept);
      return;
    }

  expect_kind (error, fault);
  run->n_refused++;
}

static void
assert_agrees (Run       *run,
               TestStore *found)
{
  g_assert_cmpuint (found->sessions->len, ==, run->sessions->len);
  for (guint i = 0; i < run->sessions->len; i++)
    g_assert_cmpstr (((FerrydSessionRow *) found->sessions->pdata[i])->identifier, ==,
                     run->sessions->pdata[i]);

  g_assert_cmpuint (found->tasks->len, ==, run->tasks->len);
  for (guint i = 0; i < run->tasks->len; i++)
    {
      FerrydTaskRow *task = found->tasks->pdata[i];

      g_assert_cmpint (task->id, ==, ((FerrydTaskRow *) run->tasks->pdata[i])->id);
      test_assert_same_task (task, run->tasks->pdata[i]);
    }
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

/* Returns: whether the @nth thing was ever reached */
static gboolean
run_once (Fault    fault,
          guint    nth,
          gboolean for_ever,
          gboolean with_big)
{
  Run run = { { NULL } };
  g_autofree char *live = NULL;
  g_autofree char *synced = NULL;
  g_autoptr(GError) error = NULL;
  FerrydTaskRow *last;
  gboolean failed;

  test_store_init (&run.store);
  live = g_path_get_dirname (run.store.path);
  synced = g_build_filename (run.store.folder, "synced", NULL);
  g_assert_no_errno (g_mkdir (synced, 0700));
  fault_vfs_set_synced (synced);
  run.sessions = g_ptr_array_new_with_free_func (g_free);
  run.tasks = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);

  fault_vfs_arm (fault, nth, for_ever);
  if (!test_store_open (&run.store, &error))
    {
      expect_kind (error, fault);
      g_clear_error (&error);
      test_assert_alone (&run.store, NULL);
      if (for_ever)
        fault_vfs_disarm ();
      test_store_open (&run.store, &error);
      g_assert_no_error (error);
    }

  add_session (&run, "one", fault);
  add_tasks (&run, 3, 0, fault);
  save_status (&run, 0, fault);
  checkpoint (&run, 1, 100, fault);
  checkpoint (&run, 1, 200, fault);
  add_session (&run, "two", fault);
  /* More than a page cache and a WAL have room for: it spills, and is written back. */
  if (with_big)
    add_tasks (&run, 400, 12000, fault);
  checkpoint (&run, 2, 300, fault);
  save_status (&run, 2, fault);

  /* A disk that takes nothing at all any more, not even a change back, leaves a refused change
   * in the WAL. */
  run.unsure = for_ever && run.n_refused > 0;
  failed = fault_vfs_disarm ();
  if (!run.unsure)
    {
      check_image (&run, live);
      check_image (&run, synced);
    }

  /* A later try goes well. */
  add_session (&run, "later", fault);
  add_tasks (&run, 2, 0, fault);
  if (run.n_refused > 0)
    g_assert_cmpuint (run.sessions->len, >, 0);
  checkpoint (&run, run.tasks->len - 1, 400, fault);
  g_assert_cmpstr (run.sessions->pdata[run.sessions->len - 1], ==, "later");
  last = run.tasks->pdata[run.tasks->len - 1];
  g_assert_cmpint (last->kept->part.offset, ==, 400);
  check_image (&run, live);
  check_image (&run, synced);

  fault_vfs_set_synced (NULL);
  test_store_reopen (&run.store);
  assert_agrees (&run, &run.store);

  g_clear_pointer (&run.sessions, g_ptr_array_unref);
  g_clear_pointer (&run.tasks, g_ptr_array_unref);
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
  ferryd_store_save_status_async (store.store, 1, &status, test_take_result_cb, &first);
  fault_vfs_wait_at_gate ();
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    ferryd_store_save_status_async (store.store, i + 1, &status, test_take_result_cb, &results[i]);
  /* The first to fail is the sync that stands at the gate. */
  fault_vfs_arm (FAULT_IO, 0, TRUE);
  fault_vfs_open_gate ();

  g_assert_false (ferryd_store_save_status_finish (store.store, test_wait_for (&first), &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_clear_error (&error);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      test_wait_for (&results[i]);
      g_assert_false (ferryd_store_save_status_finish (store.store, results[i], &error));
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
