/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *ferry_content_disposition_get_file_name      (const char *value,
                                                    gsize       length);

char *ferry_content_disposition_get_file_name_full (const char *value,
                                                    gsize       length,
                                                    const char *legacy_charset);

G_END_DECLS
