/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-mount"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "mount.h"

static gboolean can_mount = FALSE;

gboolean
mount_begin (void)
{
  can_mount = unshare (CLONE_NEWNS) == 0 &&
              mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
  return can_mount;
}

gboolean
mount_or_skip (void)
{
  if (!can_mount)
    g_test_skip ("only root can mount file systems, where it may");
  return can_mount;
}

void
mount_small (const char *folder,
             gint64      size)
{
  g_autofree char *data = g_strdup_printf ("mode=0700,size=%" G_GINT64_FORMAT, size);

  g_assert_no_errno (mount ("ferry-test", folder, "tmpfs", 0, data));
}

void
mount_resize (const char *folder,
              gint64      size)
{
  g_autofree char *data = g_strdup_printf ("size=%" G_GINT64_FORMAT, size);

  g_assert_no_errno (mount ("ferry-test", folder, "tmpfs", MS_REMOUNT, data));
}

void
mount_read_only (const char *folder)
{
  g_assert_no_errno (mount (folder, folder, NULL, MS_BIND, NULL));
  g_assert_no_errno (mount (NULL, folder, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL));
}

void
mount_end (const char *folder)
{
  g_assert_no_errno (umount2 (folder, 0));
}

void
mount_fill (const char *folder,
            const char *name)
{
  static const char zeros[4096];
  g_autofree char *path = g_build_filename (folder, name, NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  gssize n;

  g_assert_no_errno (fd);
  while ((n = write (fd, zeros, sizeof zeros)) > 0)
    ;
  g_assert_cmpint (errno, ==, ENOSPC);
  g_assert_no_errno (close (fd));
}
