/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.h"
#include "store/file.h"

#define FOLDER_MODE 0700
#define FILE_MODE 0600

/* Where SQLite puts its locks: the pending byte, the reserved byte and 510 shared ones. In its
 * file format, thus for ever. */
#define LOCK_START 0x40000000
#define LOCK_LENGTH 512

static gboolean
fail (GError     **error,
      const char  *path,
      const char  *what,
      int          cause)
{
  g_set_error (error, FERRY_ERROR,
               cause == ENOSPC || cause == EDQUOT ? FERRY_ERROR_DISK_FULL : FERRY_ERROR_STORE,
               "%s: %s: %s", path, what, g_strerror (cause));
  return FALSE;
}

/* A power cut must not take the name of a new folder from it. */
static gboolean
create_folder (const char  *folder,
               GError     **error)
{
  g_autofree char *parent = g_path_get_dirname (folder);
  int fd;

  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return TRUE;

  if (g_mkdir_with_parents (folder, FOLDER_MODE) != 0)
    return fail (error, folder, "the folder cannot be made", errno);

  fd = open (parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0)
    {
      /* Best effort: some file systems cannot sync a folder. */
      (void) fsync (fd);
      close (fd);
    }

  return TRUE;
}

/*
 * ferryd_file_create:
 * @created: (out): whether it was not there before
 *
 * Sees to it that @path is a file, with a folder around it. SQLite would make it with the umask's
 * mode; its other files take theirs from this one.
 */
gboolean
ferryd_file_create (const char  *path,
                    gboolean    *created,
                    GError     **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  struct stat info;
  int fd;

  *created = FALSE;
  if (!create_folder (folder, error))
    return FALSE;

  fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
  if (fd >= 0)
    {
      close (fd);
      *created = TRUE;
      return TRUE;
    }

  if (errno != EEXIST)
    return fail (error, path, "the file cannot be made", errno);
  if (stat (path, &info) != 0)
    return fail (error, path, "the file cannot be looked at", errno);
  if (S_ISDIR (info.st_mode))
    return fail (error, path, "the file cannot be opened", EISDIR);
  if (!S_ISREG (info.st_mode))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "%s: this is no regular file", path);
      return FALSE;
    }

  return TRUE;
}

/* −1: it is not there. */
gint64
ferryd_file_get_size (const char *path)
{
  struct stat info;

  return stat (path, &info) == 0 ? info.st_size : -1;
}

gint64
ferryd_file_get_wal_size (const char *path)
{
  g_autofree char *wal = g_strconcat (path, "-wal", NULL);

  return ferryd_file_get_size (wal);
}

/* For a file that was made a moment ago and could not be set up. Best effort: a file without
 * tables is no harm. */
void
ferryd_file_remove (const char *path)
{
  g_autofree char *journal = g_strconcat (path, "-journal", NULL);

  (void) g_unlink (path);
  (void) g_unlink (journal);
  ferryd_file_remove_wal (path);
}

void
ferryd_file_remove_wal (const char *path)
{
  g_autofree char *wal = g_strconcat (path, "-wal", NULL);

  (void) g_unlink (wal);
}

/* Returns: 0 or an errno. Never replaces anything. */
static int
rename_if_free (const char *from,
                const char *to)
{
  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return errno;

  /* A file system without RENAME_NOREPLACE. */
  if (link (from, to) != 0)
    return errno;
  return g_unlink (from) == 0 ? 0 : errno;
}

/*
 * ferryd_file_move_aside:
 *
 * Moves the file and its WAL to a name with the time in it, so that somebody may look at them:
 * SQLite finds the WAL there by the same rule. The file goes first: were it the WAL, a crash in
 * between would leave a file that looks sound and lacks its last changes.
 *
 * Returns: (transfer full): the new path
 */
char *
ferryd_file_move_aside (const char  *path,
                        GError     **error)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%d-%H%M%S");
  g_autofree char *wal = g_strconcat (path, "-wal", NULL);
  int cause = EEXIST;

  /* The number is for two within a second, and for a clock that is set back. */
  for (guint n = 0; cause == EEXIST && n < 1000; n++)
    {
      g_autofree char *number = n > 0 ? g_strdup_printf ("-%u", n) : g_strdup ("");
      g_autofree char *aside = g_strconcat (path, ".damaged-", time, number, NULL);
      g_autofree char *aside_wal = g_strconcat (aside, "-wal", NULL);

      if (ferryd_file_get_size (aside) >= 0 || ferryd_file_get_size (aside_wal) >= 0)
        continue;

      cause = rename_if_free (path, aside);
      if (cause == 0 || cause == ENOENT)
        cause = rename_if_free (wal, aside_wal);
      if (cause == 0 || cause == ENOENT)
        return g_steal_pointer (&aside);
    }

  fail (error, path, "the damaged file cannot be moved aside", cause);
  return NULL;
}

/*
 * ferryd_file_describe_owner:
 *
 * Returns: (transfer full): who holds SQLite's lock on @path, for a message
 */
char *
ferryd_file_describe_owner (const char *path)
{
  struct flock lock = {
    .l_type = F_WRLCK,
    .l_whence = SEEK_SET,
    .l_start = LOCK_START,
    .l_len = LOCK_LENGTH,
  };
  g_autofree char *name_path = NULL;
  g_autofree char *name = NULL;
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gboolean known;

  if (fd < 0)
    return g_strdup ("another process");

  known = fcntl (fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0;
  /* POSIX drops all of a process' locks on a file when it closes any descriptor of it. Should
   * the owner be another handle of our own, this one stays open. */
  if (!known || lock.l_pid != getpid ())
    close (fd);
  if (!known)
    return g_strdup ("another process");

  name_path = g_strdup_printf ("/proc/%d/comm", (int) lock.l_pid);
  if (g_file_get_contents (name_path, &name, NULL, NULL))
    return g_strdup_printf ("process %d (%s)", (int) lock.l_pid, g_strstrip (name));

  return g_strdup_printf ("process %d", (int) lock.l_pid);
}
