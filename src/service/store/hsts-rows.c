/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include "store/db-values.h"
#include "store/hsts-rows.h"

static const char save_host[] =
  "INSERT OR REPLACE INTO hsts (host, expires, include_subdomains)"
  " VALUES (:host, :expires, :include_subdomains)";

static const char drop_host[] = "DELETE FROM hsts WHERE host = :host";

static const char read_hosts[] =
  "SELECT host, expires, include_subdomains FROM hsts WHERE expires > :now";

FerrydHstsRow *
ferryd_hsts_row_new (const char *name,
                     gint64      expires,
                     gboolean    include_subdomains)
{
  FerrydHstsRow *row = g_new0 (FerrydHstsRow, 1);

  row->name = g_strdup (name);
  row->expires = expires;
  row->include_subdomains = include_subdomains;

  return row;
}

void
ferryd_hsts_row_free (FerrydHstsRow *row)
{
  g_free (row->name);
  g_free (row);
}

gboolean
ferryd_hsts_rows_save (FerrydDb             *db,
                       const FerrydHstsRow  *row,
                       GError              **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, row->expires != 0 ? save_host : drop_host, error);

  if (stmt == NULL)
    return FALSE;

  ferryd_db_bind_text (stmt, ":host", row->name);
  if (row->expires != 0)
    {
      ferryd_db_bind_int (stmt, ":expires", row->expires);
      ferryd_db_bind_int (stmt, ":include_subdomains", row->include_subdomains);
    }

  return ferryd_db_run (stmt, error);
}

GPtrArray *
ferryd_hsts_rows_read (FerrydDb  *db,
                       GError   **error)
{
  g_autoptr(GPtrArray) rows = NULL;
  g_autoptr(GError) failure = NULL;
  sqlite3_stmt *stmt = ferryd_db_prepare (db, read_hosts, error);

  if (stmt == NULL)
    return NULL;

  rows = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_hsts_row_free);
  ferryd_db_bind_int (stmt, ":now", g_get_real_time () / G_USEC_PER_SEC);
  while (ferryd_db_next (stmt, &failure))
    {
      g_autofree char *name = ferryd_db_get_text (stmt, 0);

      g_ptr_array_add (rows, ferryd_hsts_row_new (name, sqlite3_column_int64 (stmt, 1),
                                                  sqlite3_column_int (stmt, 2) != 0));
    }

  sqlite3_reset (stmt);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }

  return g_steal_pointer (&rows);
}
