/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-move"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "transfer/folder.h"
#include "transfer/move.h"
#include "transfer/outcome.h"
#include "transfer/part-name.h"

/* One step of a copy through our own memory. */
#define STEP (1024 * 1024)

typedef struct
{
  const FerrydPlan *plan;    /* unowned */
  const char       *path;    /* unowned; of the new folder */
  int               from;    /* owned descriptors; −1: the folder is gone */
  int               to;
  char             *wanted;  /* owned; the name the result is to have */
  guint             n;       /* number of the next name to try */
  FerrydKept       *claim;   /* owned; what the row says meanwhile */
} Move;

static void
clear_move (Move *self)
{
  ferryd_clear_fd (&self->from);
  ferryd_clear_fd (&self->to);
  g_clear_pointer (&self->wanted, g_free);
  g_clear_pointer (&self->claim, ferryd_kept_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Move, clear_move)

/* Durable before anything has the names that it tells of. */
static gboolean
checkpoint (Move    *self,
            GError **error)
{
  return self->plan->checkpoint (self->plan, self->claim, error);
}

/* Gives *@fd a name in the new folder or, where it is −1, makes a file of one: @part, of the claim,
 * which says so first. Returns 0, errno, or −1 with @error. */
static int
take_name (Move        *self,
           FerrydPart  *part,
           int         *fd,
           GError     **error)
{
  g_autofree char *source = g_strdup_printf ("/proc/self/fd/%d", *fd);
  int problem = EEXIST;

  for (guint round = 0; round < FERRYD_PART_NAME_ROUNDS; round++)
    {
      int made;

      g_clear_pointer (&part->name, g_free);
      part->name = ferryd_part_name_choose (self->to, self->wanted, &self->n);
      if (!checkpoint (self, error))
        return -1;

      if (*fd >= 0)
        made = linkat (AT_FDCWD, source, self->to, part->name, AT_SYMLINK_FOLLOW) == 0 ? *fd : -1;
      else
        made = openat (self->to, part->name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC,
                       0666);

      problem = made >= 0 ? 0 : errno;
      *fd = made >= 0 ? made : *fd;
      if (problem == 0 || !ferryd_part_name_may_try_again (problem, &self->wanted))
        break;
    }

  return problem;
}

/* Where a file cannot be without a name: the claim has its inode before it has a byte. Returns as
 * take_name(). */
static int
make_file (Move        *self,
           FerrydPart  *part,
           int         *fd,
           GError     **error)
{
  int problem = take_name (self, part, fd, error);

  if (problem != 0)
    return problem;

  ferryd_folder_identify (*fd, part);
  return checkpoint (self, error) ? 0 : -1;
}

/* Through our own memory: what every file system can. Returns 0 or errno. */
static int
copy_by_hand (int     from,
              int     to,
              gint64  offset,
              gint64  end)
{
  g_autofree guint8 *buffer = g_malloc (STEP);

  while (offset < end)
    {
      gssize n = pread (from, buffer, (gsize) MIN (STEP, end - offset), offset);

      if (n > 0)
        n = pwrite (to, buffer, (gsize) n, offset);
      if (n == 0)
        return EIO;
      if (n < 0 && errno != EINTR)
        return errno;
      if (n > 0)
        offset += n;
    }

  return 0;
}

/* Returns 0 or errno. */
static int
copy_bytes (int    from,
            int    to,
            gint64 end)
{
  loff_t in = 0;
  loff_t out = 0;

  while (in < end)
    {
      gssize n = copy_file_range (from, &in, to, &out, (gsize) (end - in), 0);

      if (n == 0)
        return EIO;
      if (n < 0 && (errno == ENOSPC || errno == EDQUOT || errno == EIO))
        return errno;
      /* Between these two the kernel cannot. */
      if (n < 0 && errno != EINTR)
        return copy_by_hand (from, to, in, end);
    }

  return 0;
}

/* Another file system: the durable bytes again, as a file that has a name only when it has all of
 * them, where that can be done. */
static gboolean
copy_part (Move        *self,
           int          fd,
           FerrydPart  *part,
           GError     **error)
{
  int copy = openat (self->to, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
  gboolean is_nameless = copy >= 0;
  int problem = 0;

  part->inode = 0;
  part->born = 0;
  if (is_nameless)
    ferryd_folder_identify (copy, part);
  else
    problem = make_file (self, part, &copy, error);

  if (problem == 0)
    problem = copy_bytes (fd, copy, part->offset);
  if (problem == 0 && fdatasync (copy) != 0)
    problem = errno;
  if (problem == 0 && is_nameless)
    problem = take_name (self, part, &copy, error);

  if (problem > 0)
    ferryd_folder_set_error (error, problem, self->path);
  ferryd_clear_fd (&copy);
  return problem == 0;
}

/* Whether another way may do what linkat() has refused: another file system, or one that has no
 * second names. */
static gboolean
must_be_copied (int saved_errno)
{
  return saved_errno == EXDEV || saved_errno == EPERM || saved_errno == EOPNOTSUPP ||
         saved_errno == ENOSYS || saved_errno == EMLINK;
}

/* A claim is not to have the number of another file system's file. */
static gboolean
is_near (Move *self,
         int   fd)
{
  struct stat file;
  struct stat folder;

  return fstat (fd, &file) == 0 && fstat (self->to, &folder) == 0 && file.st_dev == folder.st_dev;
}

static gboolean
bring_part (Move        *self,
            int          fd,
            FerrydPart  *part,
            GError     **error)
{
  int problem = is_near (self, fd) ? take_name (self, part, &fd, error) : EXDEV;

  if (must_be_copied (problem))
    return ferryd_folder_check_room (self->to, part->offset, error) &&
           copy_part (self, fd, part, error);

  if (problem > 0)
    ferryd_folder_set_error (error, problem, self->path);
  return problem == 0;
}

static gboolean
is_intact (int               fd,
           const FerrydPart *part)
{
  struct stat info;

  return ferryd_folder_is_part (fd, part) && fstat (fd, &info) == 0 &&
         info.st_size >= part->offset;
}

/* @part: of the claim; stays none where @old is not there any more. */
static gboolean
move_part (Move              *self,
           const FerrydPart  *old,
           FerrydPart        *part,
           GError           **error)
{
  int fd = -1;
  gboolean moved = TRUE;

  if (old->name != NULL && self->from >= 0)
    {
      fd = openat (self->from, old->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
      if (fd < 0 && errno != ENOENT && errno != ELOOP && errno != ENXIO)
        {
          ferryd_folder_set_error (error, errno, old->name);
          return FALSE;
        }
    }

  if (fd >= 0 && is_intact (fd, old))
    {
      ferryd_part_copy (old, part);
      g_clear_pointer (&part->name, g_free);  /* it gets one of its own */
      moved = bring_part (self, fd, part, error);
    }

  ferryd_clear_fd (&fd);
  return moved;
}

static gboolean
open_folders (Move    *self,
              GError **error)
{
  const FerrydKept *kept = self->plan->kept;

  self->from = ferryd_folder_look_into (self->plan->folder);
  if (self->from < 0 && errno != ENOENT && errno != ENOTDIR)
    {
      ferryd_folder_set_error (error, errno, self->plan->folder);
      return FALSE;
    }

  if (self->from >= 0 && kept->final_name != NULL &&
      ferryd_folder_has (self->from, kept->final_name, &kept->part))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_WRONG_STATE, "“%s” is finished",
                   kept->final_name);
      return FALSE;
    }

  self->to = ferryd_folder_open (self->path, error);
  return self->to >= 0;
}

/* Both parts or none; then the folder, without which they would be no more after a power cut. */
static gboolean
move_parts (Move    *self,
            GError **error)
{
  FerrydKept *claim = self->claim;

  if (!move_part (self, &claim->part, &claim->other, error) ||
      !move_part (self, &claim->spare, &claim->other_spare, error))
    return FALSE;

  /* EINVAL: a file system whose folders need no syncing. */
  if (fsync (self->to) == 0 || errno == EINVAL)
    return TRUE;

  ferryd_folder_set_error (error, errno, self->path);
  return FALSE;
}

static void
swap_parts (FerrydPart *a,
            FerrydPart *b)
{
  FerrydPart held = *a;

  *a = *b;
  *b = held;
}

/* The claim, seen from the new folder. */
static FerrydKept *
take_moved (Move *self)
{
  FerrydKept *moved = g_steal_pointer (&self->claim);

  swap_parts (&moved->part, &moved->other);
  swap_parts (&moved->spare, &moved->other_spare);
  g_clear_pointer (&moved->other_folder, g_free);
  moved->other_folder = g_strdup (self->plan->folder);
  g_clear_pointer (&moved->final_name, g_free);
  return moved;
}

FerrydKept *
ferryd_move_kept (const FerrydPlan  *plan,
                  const char        *to,
                  GError           **error)
{
  const FerrydKept *kept = plan->kept;
  g_auto(Move) self = { .plan = plan, .path = to, .from = -1, .to = -1 };
  g_autoptr(GError) problem = NULL;

  self.claim = ferryd_kept_copy (kept);
  if (kept->part.name == NULL && kept->spare.name == NULL)
    return g_steal_pointer (&self.claim);

  ferryd_kept_drop_other (self.claim);
  self.claim->other_folder = g_strdup (to);
  /* A part has got its name from that of the result, so there is one. */
  self.wanted = g_strdup (kept->file_name != NULL ? kept->file_name : kept->part.name);
  if (open_folders (&self, &problem) && move_parts (&self, &problem))
    return take_moved (&self);

  /* What is not to be deleted now will be: the row has the claim. */
  (void) ferryd_move_forget (self.claim);
  ferryd_transfer_error_make_public (&problem);
  g_propagate_error (error, g_steal_pointer (&problem));
  return NULL;
}

gboolean
ferryd_move_forget (const FerrydKept *kept)
{
  const FerrydPart *parts[] = { &kept->other, &kept->other_spare };
  int fd = ferryd_folder_look_into (kept->other_folder);
  gboolean is_gone = fd >= 0 || errno == ENOENT || errno == ENOTDIR;

  for (guint i = 0; fd >= 0 && i < G_N_ELEMENTS (parts); i++)
    {
      int problem = parts[i]->name != NULL
          ? ferryd_folder_unlink (fd, parts[i]->name, parts[i]) : 0;

      if (problem != 0)
        g_info ("“%s” stays in %s: %s", parts[i]->name, kept->other_folder, g_strerror (problem));
      is_gone = is_gone && problem == 0;
    }

  ferryd_clear_fd (&fd);
  return is_gone;
}
