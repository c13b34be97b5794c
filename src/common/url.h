/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

GUri    *ferry_url_parse           (const char *url,
                                    GError    **error);

char    *ferry_url_without_secrets (const char *url);

char    *ferry_url_for_log         (const char *url);

gboolean ferry_url_same_origin     (GUri       *a,
                                    GUri       *b);

G_END_DECLS
