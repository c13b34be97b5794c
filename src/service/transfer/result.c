/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-result"

#include "config.h"

#include <errno.h>
#include <fcntl.h>

#include "common/error.h"
#include "transfer/folder.h"
#include "transfer/result.h"

static gboolean
means_gone (int saved_errno)
{
  return saved_errno == ENOENT || saved_errno == ENOTDIR || saved_errno == ELOOP;
}

static void
set_error (GError           **error,
           int                saved_errno,
           const char        *folder,
           const FerrydKept  *kept)
{
  g_autofree char *path = kept->final_name != NULL
      ? g_build_filename (folder, kept->final_name, NULL) : g_strdup (folder);

  g_set_error (error, FERRY_ERROR,
               means_gone (saved_errno) ? FERRY_ERROR_NOT_FOUND : FERRY_ERROR_NOT_ALLOWED,
               "“%s”: %s", path, g_strerror (saved_errno));
}

/* Returns a descriptor, or −1 with errno. Another's file is as good as none. */
static int
open_file (const char       *folder,
           const FerrydKept *kept)
{
  int dir = ferryd_folder_look_into (folder);
  int fd = -1;
  int saved;

  errno = dir >= 0 ? ENOENT : errno;
  /* a FIFO in its place must not keep us */
  if (dir >= 0 && kept->final_name != NULL)
    fd = openat (dir, kept->final_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

  saved = errno;
  if (fd >= 0 && !ferryd_folder_is_part (fd, &kept->part))
    {
      saved = ENOENT;
      ferryd_clear_fd (&fd);
    }
  ferryd_clear_fd (&dir);
  errno = saved;
  return fd;
}

int
ferryd_result_open (const char        *folder,
                    const FerrydKept  *kept,
                    GError           **error)
{
  int fd = open_file (folder, kept);

  /* The flag was for the opening alone, and is nothing that whoever gets the descriptor wants. */
  if (fd >= 0 && fcntl (fd, F_SETFL, 0) == 0)
    return fd;

  set_error (error, errno, folder, kept);
  ferryd_clear_fd (&fd);
  return -1;
}

gboolean
ferryd_result_delete (const char        *folder,
                      const FerrydKept  *kept,
                      GError           **error)
{
  int dir = ferryd_folder_look_into (folder);
  int problem = dir < 0 ? errno : 0;

  if (dir >= 0 && kept->final_name != NULL)
    problem = ferryd_folder_unlink (dir, kept->final_name, &kept->part);
  ferryd_clear_fd (&dir);

  if (problem == 0 || means_gone (problem))
    return TRUE;

  set_error (error, problem, folder, kept);
  return FALSE;
}
