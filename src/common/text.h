/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

const char *ferry_text_get_legacy_charset  (void);

const char *ferry_text_find_legacy_charset (const char * const *locales);

char       *ferry_text_from_charset        (const char *bytes,
                                            gsize       length,
                                            const char *charset);

char       *ferry_text_guess               (const char *bytes,
                                            gsize       length,
                                            const char *legacy_charset);

gboolean    ferry_text_unescape_percent    (GString    *out,
                                            const char *text,
                                            gsize       length);

char       *ferry_text_decode_words        (const char *text);

char       *ferry_text_show_path           (const char *path);

G_END_DECLS
