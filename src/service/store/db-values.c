/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include "store/db-error.h"
#include "store/db-values.h"

static int
parameter (sqlite3_stmt *stmt,
           const char   *name)
{
  int index = sqlite3_bind_parameter_index (stmt, name);

  g_assert (index > 0);

  return index;
}

/* A bind fails for a wrong name or want of memory alone: what arrives by the bus is far below
 * SQLite's limit of 1 GB. */
void
ferryd_db_bind_int (sqlite3_stmt *stmt,
                    const char   *name,
                    gint64        value)
{
  int code = sqlite3_bind_int64 (stmt, parameter (stmt, name), value);

  g_assert (code == SQLITE_OK);
}

/* SQLite takes what is no number for NULL. */
void
ferryd_db_bind_double (sqlite3_stmt *stmt,
                       const char   *name,
                       double        value)
{
  int code = sqlite3_bind_double (stmt, parameter (stmt, name), value);

  g_assert (code == SQLITE_OK);
}

/* @text may be NULL, and must live until the statement has run. */
void
ferryd_db_bind_text (sqlite3_stmt *stmt,
                     const char   *name,
                     const char   *text)
{
  int code = sqlite3_bind_text (stmt, parameter (stmt, name), text, -1, SQLITE_STATIC);

  g_assert (code == SQLITE_OK);
}

/* @bytes may be NULL, and must live until the statement has run. */
void
ferryd_db_bind_bytes (sqlite3_stmt *stmt,
                      const char   *name,
                      GBytes       *bytes)
{
  gsize size = 0;
  gconstpointer data = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;
  int code = sqlite3_bind_blob64 (stmt, parameter (stmt, name), data, size, SQLITE_STATIC);

  g_assert (code == SQLITE_OK);
}

/* @variant may be NULL. Stored in normal form, little-endian: a home folder may move to another
 * machine. */
void
ferryd_db_bind_variant (sqlite3_stmt *stmt,
                        const char   *name,
                        GVariant     *variant)
{
  g_autoptr(GVariant) stored = NULL;
  int code;

  if (variant == NULL)
    return;

  stored = G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (variant)
                                        : g_variant_get_normal_form (variant);
  /* An empty one has no data, but a NULL here would be stored as NULL. */
  if (g_variant_get_size (stored) == 0)
    code = sqlite3_bind_zeroblob (stmt, parameter (stmt, name), 0);
  else
    code = sqlite3_bind_blob64 (stmt, parameter (stmt, name), g_variant_get_data (stored),
                                g_variant_get_size (stored), SQLITE_TRANSIENT);

  g_assert (code == SQLITE_OK);
}

/* A number from 0 to below @end. Another one the schema's version does not know: a bit has
 * flipped. */
gboolean
ferryd_db_get_number (sqlite3_stmt  *stmt,
                      int            column,
                      gint64         end,
                      gint64        *number,
                      GError       **error)
{
  *number = sqlite3_column_int64 (stmt, column);
  if (*number >= 0 && *number < end)
    return TRUE;

  g_set_error (error, FERRYD_DB_ERROR, FERRYD_DB_ERROR_DAMAGED,
               "column “%s” has the number %" G_GINT64_FORMAT,
               sqlite3_column_name (stmt, column), *number);
  return FALSE;
}

/* NULL for NULL. */
GBytes *
ferryd_db_get_bytes (sqlite3_stmt *stmt,
                     int           column)
{
  if (sqlite3_column_type (stmt, column) == SQLITE_NULL)
    return NULL;

  return g_bytes_new (sqlite3_column_blob (stmt, column),
                      (gsize) sqlite3_column_bytes (stmt, column));
}

/* NULL for NULL. */
char *
ferryd_db_get_text (sqlite3_stmt *stmt,
                    int           column)
{
  return g_strdup ((const char *) sqlite3_column_text (stmt, column));
}

/* @variant: (out): NULL for NULL */
gboolean
ferryd_db_get_variant (sqlite3_stmt        *stmt,
                       int                  column,
                       const GVariantType  *type,
                       GVariant           **variant,
                       GError             **error)
{
  g_autoptr(GVariant) stored = NULL;
  g_autoptr(GBytes) bytes = ferryd_db_get_bytes (stmt, column);

  *variant = NULL;
  if (bytes == NULL)
    return TRUE;

  stored = g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, FALSE));
  if (!g_variant_is_normal_form (stored))
    {
      g_set_error (error, FERRYD_DB_ERROR, FERRYD_DB_ERROR_DAMAGED, "column “%s” makes no sense",
                   sqlite3_column_name (stmt, column));
      return FALSE;
    }

  *variant = G_BYTE_ORDER == G_BIG_ENDIAN ? g_variant_byteswap (stored)
                                          : g_steal_pointer (&stored);
  return TRUE;
}
