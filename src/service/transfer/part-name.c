/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-part-name"

#include "config.h"

#include <errno.h>

#include "common/file-name.h"
#include "transfer/folder.h"
#include "transfer/part-name.h"

char *
ferryd_part_name_choose (int         folder,
                         const char *wanted,
                         guint      *n)
{
  gsize longest = ferryd_folder_get_longest_name (folder);

  for (;; (*n)++)
    {
      g_autofree char *name = ferry_file_name_numbered (wanted, *n, longest, ".part");

      if (!ferryd_folder_has_any (folder, name))
        return g_steal_pointer (&name);
    }
}

gboolean
ferryd_part_name_may_try_again (int    saved_errno,
                                char **wanted)
{
  g_autofree char *plain = NULL;

  if (saved_errno == EEXIST)
    return TRUE;
  if (saved_errno != EINVAL && saved_errno != EILSEQ)
    return FALSE;

  plain = ferry_file_name_replace_reserved (*wanted);
  if (g_strcmp0 (plain, *wanted) == 0)
    return FALSE;

  g_clear_pointer (wanted, g_free);
  *wanted = g_steal_pointer (&plain);
  return TRUE;
}
