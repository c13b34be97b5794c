/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-publish"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "common/file-name.h"
#include "common/url.h"
#include "transfer/folder.h"
#include "transfer/part-file-private.h"
#include "transfer/publish.h"

/* Far more files of one name than anybody has; an end for a folder that says that each name is
 * taken. */
#define MAX_NUMBER 100000

/* Races for a name that are lost in a row before it is called a failure. */
#define MAX_ROUNDS 100

static gboolean
choose_final_name (FerrydPartFile  *file,
                   GError         **error)
{
  FerrydKept *kept = file->kept;
  gsize longest = ferryd_folder_get_longest_name (file->folder);

  for (guint n = 0; n < MAX_NUMBER; n++)
    {
      g_autofree char *name = ferry_file_name_numbered (kept->file_name, n, longest, "");

      if (file->plan->overwrite || !ferryd_folder_has_any (file->folder, name))
        {
          g_clear_pointer (&kept->final_name, g_free);
          kept->final_name = g_steal_pointer (&name);
          return ferryd_part_file_checkpoint (file, error);
        }
    }

  ferryd_folder_set_error (error, EEXIST, kept->file_name);
  return FALSE;
}

/* The freedesktop.org attributes that file managers read; never a query or a user part, which
 * may be secrets. */
static void
write_origin (FerrydPartFile *file)
{
  const FerrydPlan *plan = file->plan;
  g_autofree char *origin = ferry_url_for_log (plan->url);
  g_autofree char *referrer = plan->referrer != NULL ? ferry_url_for_log (plan->referrer) : NULL;

  /* Many file systems have none; the file is as good without. */
  (void) fsetxattr (file->fd, "user.xdg.origin.url", origin, strlen (origin), 0);
  if (referrer != NULL)
    (void) fsetxattr (file->fd, "user.xdg.referrer.url", referrer, strlen (referrer), 0);
}

gboolean
ferryd_publish_prepare (FerrydPartFile  *file,
                        GError         **error)
{
  if (file->plan->write_origin)
    write_origin (file);

  /* What was reserved for a longer file, or a version before this one, is not needed any more. */
  if (ftruncate (file->fd, file->position) != 0)
    {
      ferryd_folder_set_error (error, errno, file->kept->part.name);
      return FALSE;
    }

  ferryd_part_file_drop_spare (file);
  file->kept->part.total = file->position;
  return choose_final_name (file, error);
}

void
ferryd_publish_start_flush (FerrydPartFile *file)
{
  /* a hint; the flush is what counts */
  (void) sync_file_range (file->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

gboolean
ferryd_publish_flush (FerrydPartFile  *file,
                      GError         **error)
{
  if (fdatasync (file->fd) == 0)
    return TRUE;

  ferryd_folder_set_error (error, errno, file->kept->part.name);
  return FALSE;
}

/* Returns 0 or errno. */
static int
rename_without_replacing (int         folder,
                          const char *from,
                          const char *to)
{
  int fd;

  if (renameat2 (folder, from, folder, to, RENAME_NOREPLACE) == 0)
    return 0;
  if (errno != EINVAL && errno != ENOSYS)
    return errno;

  /* This file system cannot; a second link never replaces either. */
  if (linkat (folder, from, folder, to, 0) == 0)
    return unlinkat (folder, from, 0) == 0 ? 0 : errno;
  if (errno == EEXIST)
    return EEXIST;

  /* Nor links: the name is taken by an empty file of ours, which is then replaced. */
  fd = openat (folder, to, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0666);
  if (fd < 0)
    return errno;
  close (fd);

  return renameat (folder, from, folder, to) == 0 ? 0 : errno;
}

gboolean
ferryd_publish_rename (FerrydPartFile  *file,
                       GError         **error)
{
  FerrydKept *kept = file->kept;
  int problem = EEXIST;

  if (!ferryd_folder_has (file->folder, kept->part.name, &kept->part))
    {
      ferryd_folder_set_error (error, ENOENT, kept->part.name);
      return FALSE;
    }

  for (guint n = 0; n < MAX_ROUNDS && problem == EEXIST; n++)
    {
      /* Somebody took the name since it was noted. */
      if (n > 0 && !choose_final_name (file, error))
        return FALSE;

      if (file->plan->overwrite)
        problem = renameat (file->folder, kept->part.name, file->folder, kept->final_name) == 0 ? 0
            : errno;
      else
        problem = rename_without_replacing (file->folder, kept->part.name, kept->final_name);

    }

  if (problem == 0)
    return TRUE;

  ferryd_folder_set_error (error, problem, kept->final_name);
  return FALSE;
}

gboolean
ferryd_publish_shares_folder (FerrydPartFile *file,
                              FerrydPartFile *other)
{
  struct stat a;
  struct stat b;

  return fstat (file->folder, &a) == 0 && fstat (other->folder, &b) == 0 && a.st_dev == b.st_dev &&
         a.st_ino == b.st_ino;
}
