/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/* What goes into a statement, and what comes out of a row of it. */

void      ferryd_db_bind_int     (sqlite3_stmt  *stmt,
                                  const char    *name,
                                  gint64         value);

void      ferryd_db_bind_double  (sqlite3_stmt  *stmt,
                                  const char    *name,
                                  double         value);

void      ferryd_db_bind_text    (sqlite3_stmt  *stmt,
                                  const char    *name,
                                  const char    *text);

void      ferryd_db_bind_bytes   (sqlite3_stmt  *stmt,
                                  const char    *name,
                                  GBytes        *bytes);

void      ferryd_db_bind_variant (sqlite3_stmt  *stmt,
                                  const char    *name,
                                  GVariant      *variant);

gboolean  ferryd_db_get_number   (sqlite3_stmt  *stmt,
                                  int            column,
                                  gint64         end,
                                  gint64        *number,
                                  GError       **error);

GBytes   *ferryd_db_get_bytes    (sqlite3_stmt  *stmt,
                                  int            column);

char     *ferryd_db_get_text     (sqlite3_stmt  *stmt,
                                  int            column);

gboolean  ferryd_db_get_variant  (sqlite3_stmt        *stmt,
                                  int                  column,
                                  const GVariantType  *type,
                                  GVariant           **variant,
                                  GError             **error);

G_END_DECLS
