/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gint64 ferry_http_date_parse (const char *value,
                              gint64      now);

G_END_DECLS
