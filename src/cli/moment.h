/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean ferry_moment_parse (const char  *text,
                             GDateTime   *now,
                             gint64      *moment,
                             GError     **error);

G_END_DECLS
