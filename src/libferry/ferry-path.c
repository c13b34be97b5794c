/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-path"

#include "config.h"

#include <string.h>

#include "ferry-path-private.h"

#define SESSIONS FERRY_OBJECT_PATH "/session/"
#define TASKS FERRY_OBJECT_PATH "/task/"

char *
ferry_path_of_session (guint64 number)
{
  return g_strdup_printf (SESSIONS "%" G_GUINT64_FORMAT, number);
}

char *
ferry_path_of_task (guint64 number)
{
  return g_strdup_printf (TASKS "%" G_GUINT64_FORMAT, number);
}

static guint64
parse (const char *path,
       const char *folder)
{
  guint64 number;

  if (!g_str_has_prefix (path, folder) ||
      !g_ascii_string_to_unsigned (path + strlen (folder), 10, 1, G_MAXINT64, &number, NULL))
    return 0;

  return number;
}

guint64
ferry_path_parse_session (const char *path)
{
  return parse (path, SESSIONS);
}

guint64
ferry_path_parse_task (const char *path)
{
  return parse (path, TASKS);
}
