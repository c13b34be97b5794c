/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-folder"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "transfer/folder.h"
#include "transfer/outcome.h"

/* Left free for everybody else; on a small file system a hundredth of it. */
#define RESERVE (64 * G_GINT64_CONSTANT (1024) * 1024)

void
ferryd_folder_set_error (GError     **error,
                         int          saved_errno,
                         const char  *name)
{
  gboolean is_full = saved_errno == ENOSPC || saved_errno == EDQUOT;

  g_set_error (error, FERRYD_TRANSFER_ERROR, is_full ? FERRYD_TRANSFER_ERROR_DISK_FULL
               : FERRYD_TRANSFER_ERROR_FOLDER,
               "“%s”: %s", name, g_strerror (saved_errno));
}

int
ferryd_folder_open (const char  *path,
                    GError     **error)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd >= 0 && faccessat (fd, ".", W_OK | X_OK, AT_EACCESS) == 0)
    return fd;

  ferryd_folder_set_error (error, errno, path);
  ferryd_clear_fd (&fd);
  return -1;
}

gboolean
ferryd_folder_has (int         folder,
                   const char *name,
                   guint64     inode)
{
  struct stat info;

  return inode != 0 && fstatat (folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISREG (info.st_mode) && info.st_ino == inode;
}

gboolean
ferryd_folder_has_any (int         folder,
                       const char *name)
{
  struct stat info;

  return fstatat (folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0;
}

gsize
ferryd_folder_get_longest_name (int folder)
{
  long longest = fpathconf (folder, _PC_NAME_MAX);

  return longest > 0 ? (gsize) longest : NAME_MAX;
}

gboolean
ferryd_folder_is_in_memory (int folder)
{
  struct statfs info;

  return fstatfs (folder, &info) == 0 && info.f_type == TMPFS_MAGIC;
}

gboolean
ferryd_folder_check_room (int      folder,
                          gint64   missing,
                          GError **error)
{
  struct statvfs info;
  gint64 room;
  gint64 reserve;
  g_autofree char *size = NULL;

  /* A file system that says nothing of itself must be tried; so must one for which nothing is
   * missing. */
  if (missing <= 0 || fstatvfs (folder, &info) != 0 || info.f_blocks == 0)
    return TRUE;

  room = (gint64) info.f_bavail * (gint64) info.f_frsize;
  reserve = MIN (RESERVE, (gint64) info.f_blocks * (gint64) info.f_frsize / 100);
  if (room - reserve >= missing)
    return TRUE;

  size = g_format_size (missing);
  g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_DISK_FULL,
               "There is no room for %s", size);
  return FALSE;
}

void
ferryd_clear_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}
