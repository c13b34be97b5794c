/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "transfer/kept.h"

G_BEGIN_DECLS

/* Small steps on a destination folder and its files, with errors in the engine's words. */

/* Returns a descriptor, or −1: missing, no folder, not writable. */
int       ferryd_folder_open             (const char  *path,
                                          GError     **error);

/* The same without writing in mind, for a folder that may be gone or read-only: −1 with errno. */
int       ferryd_folder_look_into        (const char *path);

/* Notes in @part which file @fd is. */
void      ferryd_folder_identify         (int         fd,
                                          FerrydPart *part);

/* Whether @fd is the regular file that @part was made of. */
gboolean  ferryd_folder_is_part          (int               fd,
                                          const FerrydPart *part);

/* The same of what has @name, which is no link. */
gboolean  ferryd_folder_has              (int               folder,
                                          const char       *name,
                                          const FerrydPart *part);

/* Deletes what has @name, if it is the file that @part was made of. Returns 0, also if it is
 * not, or errno. */
int       ferryd_folder_unlink           (int               folder,
                                          const char       *name,
                                          const FerrydPart *part);

gboolean  ferryd_folder_has_any          (int         folder,
                                          const char *name);

/* Bytes that a name may have here. */
gsize     ferryd_folder_get_longest_name (int folder);

/* Whether files here live in memory alone. */
gboolean  ferryd_folder_is_in_memory     (int folder);

/* Whether the @missing bytes fit, with something left for everybody else; DISK_FULL if not. */
gboolean  ferryd_folder_check_room       (int      folder,
                                          gint64   missing,
                                          GError **error);

/* Says what @saved_errno means for @name: DISK_FULL or FOLDER. */
void      ferryd_folder_set_error        (GError     **error,
                                          int          saved_errno,
                                          const char  *name);

void      ferryd_clear_fd                (int *fd);

G_END_DECLS
