/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-folder"

#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "support/folder.h"

char *
test_folder_new (void)
{
  g_autoptr(GError) error = NULL;
  char *folder = g_dir_make_tmp ("ferry-test-XXXXXX", &error);

  g_assert_no_error (error);
  return folder;
}

void
test_folder_remove (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        test_folder_remove (path);
      else
        g_assert_no_errno (g_unlink (path));
    }
  g_assert_no_errno (g_remove (folder));
}

GHashTable *
test_folder_read (const char *folder)
{
  GHashTable *files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf info;

      /* It may go in this very moment. */
      if (g_lstat (path, &info) == 0)
        test_folder_add (files, name, info.st_ino);
      else
        g_assert_cmpint (errno, ==, ENOENT);
    }
  return files;
}

void
test_folder_add (GHashTable *files,
                 const char *name,
                 guint64     inode)
{
  g_hash_table_insert (files, g_strdup (name), g_strdup_printf ("%" G_GUINT64_FORMAT, inode));
}

void
test_folder_add_all (GHashTable *files,
                     GHashTable *more)
{
  GHashTableIter iter;
  gpointer name;
  gpointer inode;

  g_hash_table_iter_init (&iter, more);
  while (g_hash_table_iter_next (&iter, &name, &inode))
    g_hash_table_insert (files, g_strdup (name), g_strdup (inode));
}

void
test_folder_assert_only (const char *folder,
                         GHashTable *files)
{
  g_autoptr(GHashTable) now = test_folder_read (folder);
  GHashTableIter iter;
  gpointer name;
  gpointer inode;

  g_hash_table_iter_init (&iter, now);
  while (g_hash_table_iter_next (&iter, &name, &inode))
    if (!g_hash_table_contains (files, name))
      g_error ("“%s” lies about in %s", (char *) name, folder);
    else if (g_strcmp0 (g_hash_table_lookup (files, name), inode) != 0)
      g_error ("“%s” in %s is another file now", (char *) name, folder);

  g_hash_table_iter_init (&iter, files);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_hash_table_contains (now, name))
      g_error ("“%s” is missing from %s", (char *) name, folder);
}
