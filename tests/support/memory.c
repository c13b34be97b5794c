/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-memory"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "support/memory.h"

/* @field: of /proc/self/status, with its colon. In bytes. */
static gint64
read_status (const char *field)
{
  g_autofree char *status = NULL;
  const char *found;
  g_autoptr(GError) error = NULL;

  g_file_get_contents ("/proc/self/status", &status, NULL, &error);
  g_assert_no_error (error);
  found = strstr (status, field);
  g_assert_nonnull (found);
  return g_ascii_strtoll (found + strlen (field), NULL, 10) * 1024;
}

gint64
test_memory_reset_peak (void)
{
  int fd = open ("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);

  /* proc(5): 5 resets the peak. */
  g_assert_no_errno (fd);
  g_assert_cmpint (write (fd, "5", 1), ==, 1);
  g_assert_no_errno (close (fd));
  return read_status ("VmRSS:");
}

void
test_memory_assert_growth (gint64 before,
                           gint64 bound)
{
#if !defined (__SANITIZE_ADDRESS__) && !defined (__SANITIZE_THREAD__)
  g_assert_cmpint (read_status ("VmHWM:") - before, <, bound);
#endif
}
