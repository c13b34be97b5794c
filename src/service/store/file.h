/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean ferryd_file_create         (const char  *path,
                                     gboolean    *created,
                                     GError     **error);

gint64   ferryd_file_get_size       (const char  *path);

gint64   ferryd_file_get_wal_size   (const char  *path);

void     ferryd_file_remove         (const char  *path);

void     ferryd_file_remove_wal     (const char  *path);

char    *ferryd_file_move_aside     (const char  *path,
                                     GError     **error);

char    *ferryd_file_describe_owner (const char  *path);

G_END_DECLS
