/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are damaged, newer than the program, or not its own. */
#include "config.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <unistd.h>

#include "common/error.h"
#include "file-fixture.h"

#define PAGE 4096

static void
flip_page (char  *contents,
           gsize  length,
           gint64 number)
{
  g_assert_cmpint (number * PAGE, <=, length);
  for (gsize i = (gsize) (number - 1) * PAGE; i < (gsize) number * PAGE; i++)
    contents[i] ^= 0x5a;
}

/* Opens what is damaged: the file goes aside as it is, with its WAL, and a new one begins. */
static void
assert_moved_aside (TestStore *store)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *damaged = NULL;
  g_autofree char *aside = NULL;
  const char *moved;
  gsize damaged_length, aside_length;

  damaged = test_read_file (store->path, &damaged_length);
  g_test_expect_message ("ferryd-store", G_LOG_LEVEL_WARNING, "*ferry.db is damaged*moved to*");
  test_store_open (store, &error);
  g_assert_no_error (error);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (store->tasks->len, ==, 0);
  moved = ferryd_database_get_moved_aside (store->database);
  g_assert_nonnull (moved);
  g_assert_true (g_str_has_prefix (moved, store->path));
  g_assert_nonnull (strstr (moved, "ferry.db.damaged-20"));
  aside = test_read_file (moved, &aside_length);
  g_assert_cmpmem (aside, aside_length, damaged, damaged_length);

  /* The new one works. */
  g_assert_cmpint (test_store_add_session (store, "one", &error), ==, 1);
  g_assert_no_error (error);
  test_store_reopen (store);
  g_assert_null (ferryd_database_get_moved_aside (store->database));
  g_assert_cmpuint (store->sessions->len, ==, 1);
  test_store_close (store);
}

static void
test_garbage (void)
{
  g_auto(TestStore) store = { NULL };
  g_autofree char *contents = NULL;
  g_autoptr(GRand) random = test_make_random ();
  gsize length;

  test_store_init_filled (&store);
  contents = test_read_file (store.path, &length);
  for (gsize i = 0; i < length; i++)
    contents[i] = (char) g_rand_int (random);
  test_write_file (store.path, contents, length);
  assert_moved_aside (&store);

  /* A second one within the same second, or later: the first is left alone. */
  test_write_file (store.path, contents, length);
  assert_moved_aside (&store);
}

static void
test_truncated (void)
{
  static const gsize lengths[] = { 10, 100, PAGE - 1, PAGE, 5 * PAGE, 5 * PAGE + 1 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_auto(TestStore) store = { NULL };

      test_store_init_filled (&store);
      g_assert_no_errno (truncate (store.path, (off_t) lengths[i]));
      assert_moved_aside (&store);
    }
}

/* Any page that loading reads. */
static void
test_flipped_page (void)
{
  g_auto(TestStore) store = { NULL };
  g_autofree char *sound = NULL;
  gint64 root;
  gsize length;

  test_store_init_filled (&store);
  sound = test_read_file (store.path, &length);
  root = test_ask_sqlite (store.path, "SELECT rootpage FROM sqlite_schema WHERE name = 'task'");
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *contents = g_memdup2 (sound, length);

      flip_page (contents, length, i == 0 ? root : (gint64) (length / PAGE / 2));
      test_write_file (store.path, contents, length);
      assert_moved_aside (&store);
    }
}

/* An index is not read by loading: found at once after a crash, else when it is used, and then
 * at the next start. */
static void
test_flipped_index (void)
{
  g_auto(TestStore) store = { NULL };
  g_autofree char *contents = NULL;
  g_autofree char *wal = NULL;
  g_autoptr(GPtrArray) tasks = test_make_tasks (1, 1);
  g_autoptr(GError) error = NULL;
  FerrydTaskStatus status = { FERRY_TASK_STATE_SUSPENDED };
  gsize length;

  test_store_init_filled (&store);
  wal = g_strconcat (store.path, "-wal", NULL);
  contents = test_read_file (store.path, &length);
  flip_page (contents, length,
             test_ask_sqlite (store.path,
                         "SELECT rootpage FROM sqlite_schema WHERE name = 'task_session'"));
  test_write_file (store.path, contents, length);

  test_store_open (&store, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (store.tasks->len, ==, TEST_N_FILLED);
  g_test_expect_message ("ferryd-store", G_LOG_LEVEL_WARNING, "*is damaged*starts again");
  g_assert_cmpint (test_store_add_tasks (&store, tasks, &error), ==, 0);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_test_assert_expected_messages ();
  g_clear_error (&error);
  /* What does not need the index goes on. */
  test_store_save_status (&store, 1, &status, &error);
  g_assert_no_error (error);
  test_store_close (&store);
  g_assert_true (g_file_test (wal, G_FILE_TEST_EXISTS));
  assert_moved_aside (&store);

  /* A WAL of nonsense is the sign of a crash, and no harm in itself. */
  test_write_file (store.path, contents, length);
  test_write_file (wal, "nonsense", 8);
  assert_moved_aside (&store);
}

static void
test_lost_file (void)
{
  g_auto(TestStore) store = { NULL };
  g_autofree char *wal = NULL;
  g_autofree char *aside = NULL;
  g_autofree char *contents = NULL;
  g_autoptr(GError) error = NULL;
  gsize length;

  test_store_init_filled (&store);
  wal = g_strconcat (store.path, "-wal", NULL);
  g_assert_no_errno (g_rename (store.path, wal));

  g_test_expect_message ("ferryd-store", G_LOG_LEVEL_WARNING, "*write-ahead log*");
  test_store_open (&store, &error);
  g_assert_no_error (error);
  g_test_assert_expected_messages ();
  aside = g_strconcat (ferryd_database_get_moved_aside (store.database), "-wal", NULL);
  contents = test_read_file (aside, &length);
  g_assert_cmpuint (length, >, TEST_N_FILLED * 100);
}

static void
test_newer (void)
{
  g_auto(TestStore) store = { NULL };

  test_store_init_filled (&store);
  test_ask_sqlite (store.path, "PRAGMA user_version = 999");
  test_assert_refused (&store, "999", "ferry.db");
}

/* The newer number stands in the WAL alone, after a crash. */
static void
test_newer_wal (void)
{
  g_auto(TestStore) store = { NULL };
  g_autofree char *wal = NULL;
  g_autofree char *contents = NULL;
  g_autofree char *wal_contents = NULL;
  g_autofree char *wal_after = NULL;
  g_autoptr(GError) error = NULL;
  sqlite3 *handle = NULL;
  gsize length, wal_length, after_length;

  test_store_init_filled (&store);
  wal = g_strconcat (store.path, "-wal", NULL);
  g_assert_cmpint (sqlite3_open (store.path, &handle), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (handle, "PRAGMA user_version = 999", NULL, NULL, NULL), ==,
                   SQLITE_OK);
  contents = test_read_file (store.path, &length);
  wal_contents = test_read_file (wal, &wal_length);
  g_assert_cmpint (sqlite3_close (handle), ==, SQLITE_OK);
  test_write_file (store.path, contents, length);
  test_write_file (wal, wal_contents, wal_length);

  g_assert_false (test_store_open (&store, &error));
  g_assert_nonnull (strstr (error->message, "999"));
  test_store_close (&store);
  wal_after = test_read_file (wal, &after_length);
  g_assert_cmpmem (wal_contents, wal_length, wal_after, after_length);
}

static void
test_foreign (void)
{
  g_auto(TestStore) store = { NULL };
  g_autofree char *folder = NULL;

  test_store_init (&store);
  folder = g_path_get_dirname (store.path);
  g_assert_no_errno (g_mkdir (folder, 0700));
  test_ask_sqlite (store.path, "CREATE TABLE their_own (x)");
  test_assert_refused (&store, "not one of Ferry's", "ferry.db");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/files/garbage", test_garbage);
  g_test_add_func ("/store/files/truncated", test_truncated);
  g_test_add_func ("/store/files/flipped-page", test_flipped_page);
  g_test_add_func ("/store/files/flipped-index", test_flipped_index);
  g_test_add_func ("/store/files/lost-file", test_lost_file);
  g_test_add_func ("/store/files/newer", test_newer);
  g_test_add_func ("/store/files/newer-wal", test_newer_wal);
  g_test_add_func ("/store/files/foreign", test_foreign);

  return g_test_run ();
}
