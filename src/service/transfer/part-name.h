/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Names that are refused in a row before it is called a failure. */
#define FERRYD_PART_NAME_ROUNDS 100

/* A name for the part of a file @wanted that nothing in @folder has. @n: in and out, the number
 * that it got; it is not known yet whether the file can be made. */
char     *ferryd_part_name_choose        (int         folder,
                                          const char *wanted,
                                          guint      *n);

/* Whether there is something to try next after @saved_errno: another number, or with @wanted
 * replaced a name that the file system can write. */
gboolean  ferryd_part_name_may_try_again (int    saved_errno,
                                          char **wanted);

G_END_DECLS
