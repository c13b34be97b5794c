/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <sqlite3.h>

#include "common/error.h"
#include "file-fixture.h"

/* A store with TEST_N_FILLED, closed. */
void
test_store_init_filled (TestStore *store)
{
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GError) error = NULL;

  test_store_init (store);
  test_store_reopen (store);
  tasks = test_make_tasks (test_store_add_session (store, "one", &error), TEST_N_FILLED);
  test_store_add_tasks (store, tasks, &error);
  g_assert_no_error (error);
  test_store_close (store);
}

char *
test_read_file (const char *path,
           gsize      *length)
{
  char *contents = NULL;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (path, &contents, length, &error);
  g_assert_no_error (error);
  return contents;
}

void
test_write_file (const char *path,
            const char *contents,
            gsize       length)
{
  g_autoptr(GError) error = NULL;

  g_file_set_contents_full (path, contents, (gssize) length, G_FILE_SET_CONTENTS_NONE, 0600,
                            &error);
  g_assert_no_error (error);
}

/* One integer out of the database, or a statement run on it, past the store. */
gint64
test_ask_sqlite (const char *path,
            const char *sql)
{
  sqlite3 *handle = NULL;
  sqlite3_stmt *stmt = NULL;
  gint64 answer = 0;

  g_assert_cmpint (sqlite3_open (path, &handle), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_prepare_v2 (handle, sql, -1, &stmt, NULL), ==, SQLITE_OK);
  if (sqlite3_step (stmt) == SQLITE_ROW)
    answer = sqlite3_column_int64 (stmt, 0);
  g_assert_cmpint (sqlite3_finalize (stmt), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_close (handle), ==, SQLITE_OK);

  return answer;
}

/* Opens what is refused: the error says @text, and no byte of the folder has changed. */
void
test_assert_refused (TestStore  *store,
                const char *text,
                const char *alone)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize before_length = 0, after_length = 0;
  gboolean is_file = g_file_test (store->path, G_FILE_TEST_IS_REGULAR);

  if (is_file)
    before = test_read_file (store->path, &before_length);
  g_assert_false (test_store_open (store, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, store->path));
  g_assert_nonnull (strstr (error->message, text));
  test_store_close (store);
  if (is_file)
    {
      after = test_read_file (store->path, &after_length);
      g_assert_cmpmem (before, before_length, after, after_length);
    }
  test_assert_alone (store, alone);
}
