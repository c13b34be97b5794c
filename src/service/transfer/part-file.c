/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-part-file"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transfer/folder.h"
#include "transfer/part-file-private.h"
#include "transfer/part-name.h"

#define WRITEBACK_STEP (8 * 1024 * 1024)

FerrydPartFile *
ferryd_part_file_new (const FerrydPlan  *plan,
                      FerrydKept        *kept,
                      GError           **error)
{
  g_autoptr(FerrydPartFile) self = g_new0 (FerrydPartFile, 1);

  self->plan = plan;
  self->kept = kept;
  self->fd = -1;
  self->folder = ferryd_folder_open (plan->folder, error);
  if (self->folder < 0)
    return NULL;

  return g_steal_pointer (&self);
}

void
ferryd_part_file_free (FerrydPartFile *self)
{
  ferryd_clear_fd (&self->fd);
  ferryd_clear_fd (&self->folder);
  g_free (self);
}

gboolean
ferryd_part_file_checkpoint (FerrydPartFile  *self,
                             GError         **error)
{
  FerrydTransferError code = FERRYD_TRANSFER_ERROR_STORE;
  g_autoptr(GError) cause = NULL;

  if (self->plan->checkpoint (self->plan, self->kept, &cause))
    return TRUE;

  if (g_error_matches (cause, FERRY_ERROR, FERRY_ERROR_DISK_FULL))
    code = FERRYD_TRANSFER_ERROR_DISK_FULL;
  g_set_error_literal (error, FERRYD_TRANSFER_ERROR, code, cause->message);
  return FALSE;
}

static void
unlink_ours (FerrydPartFile *self,
             FerrydPart     *part)
{
  /* What cannot be deleted is not worth failing for. */
  if (part->name != NULL)
    (void) ferryd_folder_unlink (self->folder, part->name, part);

  ferryd_part_clear (part);
}

gboolean
ferryd_part_file_was_published (FerrydPartFile *self)
{
  FerrydKept *kept = self->kept;

  return kept->final_name != NULL &&
         ferryd_folder_has (self->folder, kept->final_name, &kept->part);
}

gboolean
ferryd_part_file_finish_published (FerrydPartFile  *self,
                                   GError         **error)
{
  FerrydKept *kept = self->kept;

  /* Stopped between linkat() and unlinkat(), it has both names; a second one does no harm. */
  if (g_strcmp0 (kept->part.name, kept->final_name) != 0)
    (void) ferryd_folder_unlink (self->folder, kept->part.name, &kept->part);

  /* EINVAL: a file system whose folders need no syncing. */
  if (fsync (self->folder) == 0 || errno == EINVAL)
    return TRUE;

  ferryd_folder_set_error (error, errno, self->plan->folder);
  return FALSE;
}

/* Whether @fd is the part that the row knows, with all the bytes that it counts on. */
static gboolean
is_intact (FerrydPartFile *self,
           int             fd)
{
  const FerrydPart *part = &self->kept->part;
  struct stat info;

  return ferryd_folder_is_part (fd, part) && fstat (fd, &info) == 0 && info.st_size >= part->offset;
}

gboolean
ferryd_part_file_reopen (FerrydPartFile  *self,
                         GError         **error)
{
  FerrydPart *part = &self->kept->part;

  if (part->name == NULL)
    return TRUE;

  /* What cannot be opened today may be tomorrow; only what is not there is gone. */
  self->fd = openat (self->folder, part->name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (self->fd < 0 && errno != ENOENT && errno != ELOOP && errno != EISDIR)
    {
      ferryd_folder_set_error (error, errno, part->name);
      return FALSE;
    }

  if (self->fd < 0 || !is_intact (self, self->fd))
    {
      ferryd_clear_fd (&self->fd);
      unlink_ours (self, part);
      return TRUE;
    }

  return ferryd_part_file_cut (self, part->offset, error);
}

/*
 * Gives @part a file of the name that it claims. Where the file system can, the file is made
 * without a name first, so that its inode is noted together with the name, and nothing is ever left
 * lying about. Returns −1 with an error, or with errno alone.
 */
static int
create_part (FerrydPartFile  *self,
             FerrydPart      *part,
             GError         **error)
{
  int fd = openat (self->folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
  gboolean nameless = fd >= 0;
  g_autofree char *path = NULL;
  int saved;

  part->inode = 0;
  part->born = 0;
  if (nameless)
    ferryd_folder_identify (fd, part);

  errno = 0;
  if (ferryd_part_file_checkpoint (self, error))
    {
      path = g_strdup_printf ("/proc/self/fd/%d", fd);
      if (nameless && linkat (AT_FDCWD, path, self->folder, part->name, AT_SYMLINK_FOLLOW) == 0)
        return fd;
      if (!nameless)
        fd = openat (self->folder, part->name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC,
                     0666);
      if (!nameless && fd >= 0)
        {
          ferryd_folder_identify (fd, part);
          if (ferryd_part_file_checkpoint (self, error))
            return fd;
          (void) unlinkat (self->folder, part->name, 0);  /* made this moment, and empty */
        }
    }

  saved = errno;
  if (fd >= 0)
    close (fd);
  errno = saved;
  return -1;
}

/* What is on the disk already, or reserved there, is not missing. */
static gboolean
check_room (FerrydPartFile  *self,
            GError         **error)
{
  const FerrydPart *part = &self->kept->part;
  struct stat info;
  gint64 there = 0;

  if (self->fd >= 0 && fstat (self->fd, &info) == 0)
    there = MAX ((gint64) info.st_blocks * 512, info.st_size);

  return ferryd_folder_check_room (self->folder, part->total - there, error);
}

/* Reserves blocks without making the file longer; where the file system cannot, writing will tell.
 * In memory it would only fill pages with zeros first, at the cost of writing each twice. */
static gboolean
allocate (FerrydPartFile  *self,
          GError         **error)
{
  const FerrydPart *part = &self->kept->part;

  if (part->total <= self->position || ferryd_folder_is_in_memory (self->folder) ||
      fallocate (self->fd, FALLOC_FL_KEEP_SIZE, self->position,
                 part->total - self->position) == 0 ||
      (errno != ENOSPC && errno != EDQUOT))
    return TRUE;

  ferryd_folder_set_error (error, errno, part->name);
  return FALSE;
}

/* Two versions are kept at most: the longer of those before @part becomes the spare. */
static void
begin_version (FerrydPartFile   *self,
               const FerrydPart *part)
{
  FerrydKept *kept = self->kept;

  if (kept->part.offset > 0)
    kept->started_over = g_get_real_time ();

  ferryd_clear_fd (&self->fd);
  if (kept->part.offset > kept->spare.offset)
    {
      unlink_ours (self, &kept->spare);
      kept->spare = kept->part;
    }
  else
    {
      unlink_ours (self, &kept->part);
    }

  kept->part = *part;
  self->position = 0;
  self->begun = 0;
  self->name_is_durable = FALSE;
}

gboolean
ferryd_part_file_reserve (FerrydPartFile  *self,
                          FerrydPart      *part,
                          GError         **error)
{
  FerrydKept *kept = self->kept;
  guint n = 0;

  begin_version (self, part);
  if (!check_room (self, error))
    return FALSE;

  for (guint round = 0; self->fd < 0; round++)
    {
      g_autoptr(GError) refused = NULL;

      g_clear_pointer (&kept->part.name, g_free);
      kept->part.name = ferryd_part_name_choose (self->folder, kept->file_name, &n);
      self->fd = create_part (self, &kept->part, &refused);
      if (self->fd >= 0)
        break;

      if (refused == NULL && round < FERRYD_PART_NAME_ROUNDS &&
          ferryd_part_name_may_try_again (errno, &kept->file_name))
        continue;

      if (refused != NULL)
        g_propagate_error (error, g_steal_pointer (&refused));
      else
        ferryd_folder_set_error (error, errno, self->plan->folder);
      g_clear_pointer (&kept->part.name, g_free);
      return FALSE;
    }

  return allocate (self, error);
}

gboolean
ferryd_part_file_swap (FerrydPartFile  *self,
                       GError         **error)
{
  FerrydPart other = self->kept->part;

  ferryd_clear_fd (&self->fd);
  self->kept->part = self->kept->spare;
  self->kept->spare = other;
  if (!ferryd_part_file_checkpoint (self, error))
    return FALSE;

  return ferryd_part_file_reopen (self, error);
}

gint64
ferryd_part_file_get_position (FerrydPartFile *self)
{
  return self->position;
}

/* The disk begins while more comes, so that the next sync has little left to wait for. */
static void
start_writeback (FerrydPartFile *self)
{
  if (self->position - self->begun < WRITEBACK_STEP)
    return;

  /* A hint: the sync is what counts. */
  (void) sync_file_range (self->fd, self->begun, self->position - self->begun,
                          SYNC_FILE_RANGE_WRITE);
  self->begun = self->position;
}

gboolean
ferryd_part_file_write (FerrydPartFile  *self,
                        const guint8    *bytes,
                        gsize            n,
                        GError         **error)
{
  while (n > 0)
    {
      gssize written = pwrite (self->fd, bytes, n, self->position);

      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        {
          ferryd_folder_set_error (error, errno, self->kept->part.name);
          return FALSE;
        }

      bytes += written;
      n -= written;
      self->position += written;
    }

  start_writeback (self);

  /* The version before is of no use any more. */
  if (self->kept->spare.name != NULL && self->position > self->kept->spare.offset)
    unlink_ours (self, &self->kept->spare);

  return TRUE;
}

gboolean
ferryd_part_file_read (FerrydPartFile  *self,
                       gint64           offset,
                       guint8          *bytes,
                       gsize            n,
                       GError         **error)
{
  while (n > 0)
    {
      gssize got = pread (self->fd, bytes, n, offset);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        {
          ferryd_folder_set_error (error, got < 0 ? errno : EIO, self->kept->part.name);
          return FALSE;
        }

      bytes += got;
      n -= got;
      offset += got;
    }

  return TRUE;
}

gboolean
ferryd_part_file_sync (FerrydPartFile  *self,
                       GError         **error)
{
  FerrydPart *part = &self->kept->part;
  gint64 before = part->offset;

  if (self->fd < 0)
    return TRUE;

  if (fdatasync (self->fd) != 0)
    {
      ferryd_folder_set_error (error, errno, part->name);
      return FALSE;
    }

  /* A durable file that no folder names after a power cut would be none. */
  if (!self->name_is_durable && self->position > 0)
    self->name_is_durable = fsync (self->folder) == 0;

  part->offset = self->position;
  if (ferryd_part_file_checkpoint (self, error))
    return TRUE;

  part->offset = before;
  return FALSE;
}

gboolean
ferryd_part_file_cut (FerrydPartFile  *self,
                      gint64           offset,
                      GError         **error)
{
  FerrydPart *part = &self->kept->part;

  if (offset < part->offset)
    {
      part->offset = offset;
      if (!ferryd_part_file_checkpoint (self, error))
        return FALSE;
    }

  if (ftruncate (self->fd, offset) != 0)
    {
      ferryd_folder_set_error (error, errno, part->name);
      return FALSE;
    }

  self->position = offset;
  self->begun = offset;
  return check_room (self, error) && allocate (self, error);
}

void
ferryd_part_file_drop_spare (FerrydPartFile *self)
{
  unlink_ours (self, &self->kept->spare);
}

void
ferryd_part_file_discard (FerrydPartFile *self)
{
  ferryd_clear_fd (&self->fd);
  unlink_ours (self, &self->kept->part);
  unlink_ours (self, &self->kept->spare);
  g_clear_pointer (&self->kept->final_name, g_free);
  self->position = 0;
  /* a row that names files that are gone does no harm */
  (void) ferryd_part_file_checkpoint (self, NULL);
}
