/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerryContentRange:
 * @start: offset of the first byte, -1 if the range could not be satisfied
 * @end: offset of the last byte, -1 if the range could not be satisfied
 * @total: length of the whole in bytes, -1 if unknown
 *
 * What a `Content-Range` header says. @end + 1 does not overflow.
 */
typedef struct
{
  gint64 start;
  gint64 end;
  gint64 total;
} FerryContentRange;

gboolean ferry_content_range_parse (const char        *value,
                                    FerryContentRange *range);

G_END_DECLS
