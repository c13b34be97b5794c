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

  if (fd >= 0 && faccessat (fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) == 0)
    return fd;

  ferryd_folder_set_error (error, errno, path);
  ferryd_clear_fd (&fd);
  return -1;
}

int
ferryd_folder_look_into (const char *path)
{
  return open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static gboolean
look_at (int           fd,
         const char   *name,
         struct statx *info)
{
  int flags = *name == '\0' ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW;

  return statx (fd, name, flags, STATX_TYPE | STATX_INO | STATX_BTIME, info) == 0 &&
         S_ISREG (info->stx_mode);
}

static gint64
get_birth (const struct statx *info)
{
  if ((info->stx_mask & STATX_BTIME) == 0)
    return 0;

  return info->stx_btime.tv_sec * G_GINT64_CONSTANT (1000000000) + info->stx_btime.tv_nsec;
}

static gboolean
is_same (const struct statx *info,
         const FerrydPart   *part)
{
  gint64 born = get_birth (info);

  return part->inode != 0 && info->stx_ino == part->inode &&
         (part->born == 0 || born == 0 || born == part->born);
}

void
ferryd_folder_identify (int         fd,
                        FerrydPart *part)
{
  struct statx info;

  if (!look_at (fd, "", &info))
    return;

  part->inode = info.stx_ino;
  part->born = get_birth (&info);
}

gboolean
ferryd_folder_is_part (int               fd,
                       const FerrydPart *part)
{
  struct statx info;

  return look_at (fd, "", &info) && is_same (&info, part);
}

gboolean
ferryd_folder_has (int               folder,
                   const char       *name,
                   const FerrydPart *part)
{
  struct statx info;

  return *name != '\0' && look_at (folder, name, &info) && is_same (&info, part);
}

int
ferryd_folder_unlink (int               folder,
                      const char       *name,
                      const FerrydPart *part)
{
  /* Another's file may have taken the name since. */
  if (!ferryd_folder_has (folder, name, part) || unlinkat (folder, name, 0) == 0 ||
      errno == ENOENT)
    return 0;

  return errno;
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

  /* FAT counts the bytes of the longest characters there are, and takes fewer. */
  return longest > 0 ? MIN ((gsize) longest, NAME_MAX) : NAME_MAX;
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
