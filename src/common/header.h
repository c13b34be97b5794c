/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerryHeaderUse:
 * @FERRY_HEADER_FREE: anybody may set it, and anybody may see its value
 * @FERRY_HEADER_SECRET: its value is a secret, and is to be given as one
 * @FERRY_HEADER_RESERVED: whoever speaks HTTP sets it, nobody else
 *
 * What callers may do with a request header.
 */
typedef enum
{
  FERRY_HEADER_FREE,
  FERRY_HEADER_SECRET,
  FERRY_HEADER_RESERVED,
} FerryHeaderUse;

gboolean       ferry_header_check_name  (const char  *name,
                                         GError     **error);

gboolean       ferry_header_check_value (const char  *name,
                                         const char  *value,
                                         GError     **error);

FerryHeaderUse ferry_header_get_use     (const char  *name);

G_END_DECLS
