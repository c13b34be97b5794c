/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-files"

#include "config.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "common/error.h"
#include "support/folder.h"
#include "transfer/result.h"
#include "two-folders.h"

static const TestContent v1 = V1;

static void
test_open (void)
{
  g_auto(Folders) folders = { 0 };
  g_autoptr(GError) error = NULL;
  char bytes[4];
  guint8 expected[4];
  int fd;

  folders_init (&folders);
  put_result (&folders);
  fd = ferryd_result_open (folders.from, folders.kept, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fcntl (fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK), ==, O_RDONLY);
  g_assert_cmpint (fcntl (fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
  g_assert_cmpint (read (fd, bytes, sizeof bytes), ==, sizeof bytes);
  test_content_fill (&v1, 0, expected, sizeof expected);
  g_assert_cmpmem (bytes, sizeof bytes, expected, sizeof expected);
  g_assert_no_errno (close (fd));
}

static void
test_open_other (gconstpointer data)
{
  const MeddleRow *row = data;
  g_auto(Folders) folders = { 0 };
  g_autoptr(GError) error = NULL;

  folders_init (&folders);
  put_result (&folders);
  row->meddle (&folders, "file.bin");
  g_assert_cmpint (ferryd_result_open (folders.from, folders.kept, &error), ==, -1);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, folders.from));
  g_assert_nonnull (strstr (error->message, "file.bin"));
  g_mkdir (folders.from, 0700);
}

static void
test_delete (void)
{
  g_auto(Folders) folders = { 0 };
  g_autoptr(GHashTable) nothing = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GError) error = NULL;

  folders_init (&folders);
  put_result (&folders);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (ferryd_result_delete (folders.from, folders.kept, &error));
      g_assert_no_error (error);
      test_folder_assert_only (folders.from, nothing);
    }
}

/* Gone already is as good as deleted; what is another's stays. */
static void
test_delete_other (gconstpointer data)
{
  const MeddleRow *row = data;
  g_auto(Folders) folders = { 0 };
  g_autoptr(GHashTable) before = NULL;
  g_autoptr(GError) error = NULL;

  folders_init (&folders);
  put_result (&folders);
  row->meddle (&folders, "file.bin");
  before = test_folder_read (folders.from);
  g_assert_cmpint (g_hash_table_contains (before, "file.bin"), ==, row->stays);
  g_assert_true (ferryd_result_delete (folders.from, folders.kept, &error));
  g_assert_no_error (error);
  g_mkdir (folders.from, 0700);
  test_folder_assert_only (folders.from, before);
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  g_test_add_func ("/files/open/ours", test_open);
  folders_add_meddles ("/files/open/", test_open_other);
  g_test_add_func ("/files/delete/ours", test_delete);
  folders_add_meddles ("/files/delete/", test_delete_other);
  return g_test_run ();
}
