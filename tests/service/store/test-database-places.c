/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A path that is no file, a file that somebody else has, a disk that is read-only or full. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "file-fixture.h"

/* What a file system gives at once. */
#define BLOCK 4096

static void
test_folder (void)
{
  g_auto(TestStore) store = { NULL };

  test_store_init (&store);
  g_assert_no_errno (g_mkdir_with_parents (store.path, 0700));
  test_assert_refused (&store, "directory", "ferry.db");
}

static void
test_fifo (void)
{
  g_auto(TestStore) store = { NULL };
  g_autofree char *folder = NULL;

  test_store_init (&store);
  folder = g_path_get_dirname (store.path);
  g_assert_no_errno (g_mkdir (folder, 0700));
  g_assert_no_errno (mkfifo (store.path, 0600));
  test_assert_refused (&store, "no regular file", "ferry.db");
}

static void
test_folder_is_file (void)
{
  g_auto(TestStore) store = { NULL };
  g_autofree char *folder = NULL;
  g_autoptr(GError) error = NULL;

  test_store_init (&store);
  folder = g_path_get_dirname (store.path);
  test_write_file (folder, "x", 1);
  g_assert_false (test_store_open (&store, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_assert_nonnull (strstr (error->message, folder));
}

/* A mount namespace of our own, gone with the process. */
static gboolean
can_mount (void)
{
  if (unshare (CLONE_NEWNS) == 0 && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0)
    return TRUE;

  g_test_skip ("No mount namespace may be made here");
  return FALSE;
}

static void
test_read_only (void)
{
  g_auto(TestStore) store = { NULL };
  g_autofree char *folder = NULL;
  g_autoptr(GError) error = NULL;

  test_store_init_filled (&store);
  if (!can_mount ())
    return;

  /* First the file alone, then the folder around it, at last a folder without a file. */
  folder = g_path_get_dirname (store.path);
  g_assert_no_errno (mount (store.path, store.path, NULL, MS_BIND, NULL));
  g_assert_no_errno (mount (NULL, store.path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
  test_assert_refused (&store, "read-only", "ferry.db");
  g_assert_no_errno (umount (store.path));

  g_assert_no_errno (mount (folder, folder, NULL, MS_BIND, NULL));
  g_assert_no_errno (mount (NULL, folder, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
  test_assert_refused (&store, "read-only", "ferry.db");
  g_assert_no_errno (umount (folder));

  g_assert_no_errno (g_unlink (store.path));
  g_assert_no_errno (mount (folder, folder, NULL, MS_BIND, NULL));
  g_assert_no_errno (mount (NULL, folder, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
  test_assert_refused (&store, "Read-only", NULL);
  g_assert_no_errno (umount (folder));
}

/* Takes all of the room of a file system. */
static void
fill_disk (const char *path)
{
  static const char zeros[BLOCK];
  int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  g_assert_no_errno (fd);
  while (write (fd, zeros, sizeof zeros) > 0)
    ;
  g_assert_cmpint (errno, ==, ENOSPC);
  close (fd);
}

static void
test_full_disk (void)
{
  g_auto(TestStore) store = { NULL };
  g_autofree char *folder = NULL;
  g_autofree char *ballast = NULL;
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GError) error = NULL;
  FerrydTaskStatus status = { FERRY_TASK_STATE_SUSPENDED };
  guint n_added = 0;
  guint n_saved = 0;

  test_store_init (&store);
  if (!can_mount ())
    return;

  g_assert_no_errno (mount ("none", store.folder, "tmpfs", 0, "size=1m"));
  folder = g_path_get_dirname (store.path);
  ballast = g_build_filename (store.folder, "ballast", NULL);

  /* No room for a database at all. */
  g_assert_no_errno (g_mkdir (folder, 0700));
  fill_disk (ballast);
  g_assert_false (test_store_open (&store, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_DISK_FULL);
  g_assert_nonnull (strstr (error->message, store.path));
  g_clear_error (&error);
  test_assert_alone (&store, NULL);

  /* Room again, and the same object goes on. */
  g_assert_no_errno (truncate (ballast, 512 * 1024));
  test_store_open (&store, &error);
  g_assert_no_error (error);
  tasks = test_make_tasks (test_store_add_session (&store, "one", &error), 50);
  while (test_store_add_tasks (&store, tasks, &error) != 0)
    n_added += tasks->len;
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_DISK_FULL);
  g_clear_error (&error);
  g_assert_cmpuint (n_added, >=, 100);

  /* There is still the room that the refused ones had in the WAL; then there is none. */
  fill_disk (ballast);
  while (n_saved < n_added && test_store_save_status (&store, n_saved + 1, &status, &error))
    n_saved++;
  g_test_message ("%u tasks added, %u saved", n_added, n_saved);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_DISK_FULL);
      g_clear_error (&error);
      g_assert_false (test_store_save_status (&store, n_saved + 1, &status, &error));
    }
  g_clear_error (&error);

  g_assert_no_errno (g_unlink (ballast));
  test_store_save_status (&store, n_saved + 2, &status, &error);
  g_assert_no_error (error);
  test_store_reopen (&store);
  g_assert_cmpuint (store.tasks->len, ==, n_added);
  for (guint i = 0; i < n_added; i++)
    {
      FerrydTaskRow *task = store.tasks->pdata[i];
      gboolean saved = i < n_saved || i == n_saved + 1;

      g_assert_cmpint (task->status.state, ==,
                       saved ? FERRY_TASK_STATE_SUSPENDED : FERRY_TASK_STATE_WAITING);
    }

  test_store_close (&store);
  g_assert_no_errno (umount (store.folder));
}

/* Holds a database until its standard input ends. */
static int
be_owner (char *path)
{
  TestStore store = { .path = path };
  g_autoptr(GError) error = NULL;
  char byte;

  test_store_open (&store, &error);
  g_assert_no_error (error);
  g_assert_cmpint (write (STDOUT_FILENO, "r", 1), ==, 1);
  while (read (STDIN_FILENO, &byte, 1) > 0)
    ;
  test_store_close (&store);
  g_clear_pointer (&store.sessions, g_ptr_array_unref);
  g_clear_pointer (&store.tasks, g_ptr_array_unref);
  g_clear_pointer (&store.events, g_ptr_array_unref);
  return 0;
}

static void
test_in_use (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GSubprocess) owner = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GAsyncResult) closed = NULL;
  g_autoptr(GPtrArray) sessions = NULL;
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GPtrArray) events = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *pid = NULL;
  gint64 begin;
  char byte;

  test_store_init_filled (&store);
  owner = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                            "/proc/self/exe", "--owner", store.path, NULL);
  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (g_subprocess_get_stdout_pipe (owner), &byte, 1, NULL,
                                        &error), ==, 1);

  begin = g_get_monotonic_time ();
  g_assert_false (test_store_open (&store, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_test_message ("%s", error->message);
  /* The name is that of what was executed. */
  pid = g_strdup_printf ("process %s (exe)", g_subprocess_get_identifier (owner));
  g_assert_nonnull (strstr (error->message, pid));
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 5 * G_TIME_SPAN_SECOND);
  g_clear_error (&error);

  /* A close does not wait for the rest of the 5 s. */
  begin = g_get_monotonic_time ();
  ferryd_store_load_async (store.store, NULL, test_take_result_cb, &result);
  ferryd_store_close_async (store.store, test_take_result_cb, &closed);
  test_wait_for (&closed);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 3 * G_TIME_SPAN_SECOND);
  g_assert_nonnull (result);
  g_assert_false (ferryd_store_load_finish (store.store, result, &sessions, &tasks, &events,
                                            &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_clear_error (&error);
  g_clear_object (&result);
  g_clear_object (&closed);
  test_store_close (&store);

  /* The owner leaves while we wait: then it is ours. */
  store.database = ferryd_database_new (store.path);
  store.store = FERRYD_STORE (store.database);
  ferryd_store_load_async (store.store, NULL, test_take_result_cb, &result);
  g_output_stream_close (g_subprocess_get_stdin_pipe (owner), NULL, &error);
  g_assert_no_error (error);
  ferryd_store_load_finish (store.store, test_wait_for (&result), &sessions, &tasks, &events,
                            &error);
  g_assert_no_error (error);
  g_assert_cmpuint (tasks->len, ==, TEST_N_FILLED);
  g_subprocess_wait_check (owner, NULL, &error);
  g_assert_no_error (error);
  g_clear_object (&result);
}

/* Several start at the same moment: one after the other gets it. */
static void
test_rush (void)
{
  g_auto(TestStore) store = { NULL };
  g_autoptr(GError) error = NULL;
  GSubprocess *owners[6];

  test_store_init (&store);
  for (guint i = 0; i < G_N_ELEMENTS (owners); i++)
    {
      owners[i] = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE
                                    | G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error,
                                    "/proc/self/exe", "--owner", store.path, NULL);
      g_assert_no_error (error);
      g_output_stream_close (g_subprocess_get_stdin_pipe (owners[i]), NULL, NULL);
    }
  for (guint i = 0; i < G_N_ELEMENTS (owners); i++)
    {
      g_subprocess_wait_check (owners[i], NULL, &error);
      g_assert_no_error (error);
      g_clear_object (&owners[i]);
    }
  test_assert_alone (&store, "ferry.db");
}

int
main (int   argc,
      char *argv[])
{
  if (argc == 3 && g_str_equal (argv[1], "--owner"))
    return be_owner (argv[2]);

  g_test_init (&argc, &argv, NULL);
  /* Some waits for another process block. */
  alarm (10 * TEST_DEADLINE_S);

  g_test_add_func ("/store/places/folder", test_folder);
  g_test_add_func ("/store/places/fifo", test_fifo);
  g_test_add_func ("/store/places/folder-is-file", test_folder_is_file);
  g_test_add_func ("/store/places/in-use", test_in_use);
  g_test_add_func ("/store/places/rush", test_rush);
  /* Last: they change what the process sees of the file system. */
  g_test_add_func ("/store/places/read-only", test_read_only);
  g_test_add_func ("/store/places/full-disk", test_full_disk);

  return g_test_run ();
}
