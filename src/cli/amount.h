/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean ferry_amount_parse (const char  *text,
                             guint64     *bytes,
                             GError     **error);

G_END_DECLS
