/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *ferry_file_name_clean            (const char *name);

char *ferry_file_name_from_url         (const char *url);

char *ferry_file_name_from_url_full    (const char *url,
                                        const char *legacy_charset);

char *ferry_file_name_fit              (const char *name,
                                        gsize       max_bytes,
                                        const char *suffix);

char *ferry_file_name_numbered         (const char *name,
                                        guint       n,
                                        gsize       max_bytes,
                                        const char *suffix);

char *ferry_file_name_replace_reserved (const char *name);

G_END_DECLS
