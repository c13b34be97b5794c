/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include "store/db.h"
#include "store/db-error.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

/* How long one try waits for the file's lock, in ms. The whole wait is made of several, each
 * with a fresh handle: two that open at the same moment would else hold a read lock each and
 * wait for the other's until both give up. */
#define LOCK_TRY_MS 200

struct _FerrydDb
{
  sqlite3    *handle;      /* owned */
  GHashTable *statements;  /* owned; SQL (a literal, compared as a pointer) → sqlite3_stmt */
  guint       wal_frames;  /* pages in the WAL after the last commit */
};

static int
on_wal_commit_cb (void       *data,
                  sqlite3    *handle,
                  const char *schema,
                  int         frames)
{
  FerrydDb *self = data;

  self->wal_frames = (guint) frames;

  return SQLITE_OK;
}

static void
finalize_statement (gpointer data)
{
  /* Repeats the error of its last run, which has been reported. */
  (void) sqlite3_finalize (data);
}

/* What a database that somebody else wrote must not be able to make us do. */
static void
harden (sqlite3 *handle)
{
  static const struct
  {
    int option;
    int value;
  } options[] = {
    { SQLITE_DBCONFIG_DEFENSIVE, 1 },
    { SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0 },
    { SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
    { SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
    { SQLITE_DBCONFIG_DQS_DML, 0 },
    { SQLITE_DBCONFIG_DQS_DDL, 0 },
    { SQLITE_DBCONFIG_ENABLE_FKEY, 1 },
    /* Until the file is known to be ours and sound, a close leaves it as it was. */
    { SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    sqlite3_db_config (handle, options[i].option, options[i].value, NULL);
}

/*
 * ferryd_db_open:
 *
 * Opens the existing file at @path, for this thread alone. Reads nothing yet, takes no lock.
 */
FerrydDb *
ferryd_db_open (const char  *path,
                GError     **error)
{
  g_autoptr(FerrydDb) self = g_new0 (FerrydDb, 1);

  self->statements = g_hash_table_new_full (NULL, NULL, NULL, finalize_statement);

  if (sqlite3_open_v2 (path, &self->handle,
                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                       NULL) != SQLITE_OK)
    {
      ferryd_db_set_error (error, self->handle, "open");
      return NULL;
    }

  harden (self->handle);
  sqlite3_busy_timeout (self->handle, LOCK_TRY_MS);
  /* Takes the place of SQLite's own checkpoint after 1,000 pages, which runs before the commit
   * returns: ours runs when those who wait for the commit have been answered. */
  sqlite3_wal_hook (self->handle, on_wal_commit_cb, self);

  return g_steal_pointer (&self);
}

void
ferryd_db_close (FerrydDb *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->statements, g_hash_table_unref);
  if (sqlite3_close (self->handle) != SQLITE_OK)
    g_critical ("A statement outlived its cache");
  g_clear_pointer (&self, g_free);
}

/* Whether a close writes the WAL back into the file and removes it. Not so at first. */
void
ferryd_db_set_tidy_close (FerrydDb *self,
                          gboolean  tidy)
{
  sqlite3_db_config (self->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !tidy, NULL);
}

gboolean
ferryd_db_is_read_only (FerrydDb *self)
{
  return sqlite3_db_readonly (self->handle, "main") == 1;
}

/* Whether the path no longer leads to the file that is open: another process has removed it, or
 * moved it aside. */
gboolean
ferryd_db_has_moved (FerrydDb *self)
{
  int moved = 0;

  return sqlite3_file_control (self->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK
         && moved;
}

guint
ferryd_db_get_wal_frames (FerrydDb *self)
{
  return self->wal_frames;
}

/* Writes the WAL back into the file, so that the next commit begins it anew. */
void
ferryd_db_empty_wal (FerrydDb *self)
{
  /* Nothing is lost if it fails: all of it stays in the WAL, and the next commit brings the next
   * try. */
  if (sqlite3_wal_checkpoint_v2 (self->handle, NULL, SQLITE_CHECKPOINT_PASSIVE,
                                 NULL, NULL) != SQLITE_OK)
    g_debug ("The write-ahead log stays: %s", sqlite3_errmsg (self->handle));

  self->wal_frames = 0;
}

gboolean
ferryd_db_in_transaction (FerrydDb *self)
{
  return !sqlite3_get_autocommit (self->handle);
}

gint64
ferryd_db_get_last_id (FerrydDb *self)
{
  return sqlite3_last_insert_rowid (self->handle);
}

/* Rows that the last statement changed. */
gint64
ferryd_db_get_n_changed (FerrydDb *self)
{
  return sqlite3_changes64 (self->handle);
}

/* For what is run once: not cached. Rows are dropped. */
gboolean
ferryd_db_exec (FerrydDb    *self,
                const char  *sql,
                GError     **error)
{
  g_autoptr(sqlite3_stmt) stmt = NULL;

  if (sqlite3_prepare_v2 (self->handle, sql, -1, &stmt, NULL) != SQLITE_OK)
    {
      ferryd_db_set_error (error, self->handle, sql);
      return FALSE;
    }

  return ferryd_db_run (stmt, error);
}

gboolean
ferryd_db_query_int (FerrydDb    *self,
                     const char  *sql,
                     gint64      *value,
                     GError     **error)
{
  g_autofree char *text = ferryd_db_query_text (self, sql, error);

  if (text == NULL)
    return FALSE;

  *value = g_ascii_strtoll (text, NULL, 10);
  return TRUE;
}

/* The first column of the first row, which there must be. */
char *
ferryd_db_query_text (FerrydDb    *self,
                      const char  *sql,
                      GError     **error)
{
  g_autoptr(sqlite3_stmt) stmt = NULL;
  int code = sqlite3_prepare_v2 (self->handle, sql, -1, &stmt, NULL);

  if (code == SQLITE_OK)
    code = sqlite3_step (stmt);
  if (code != SQLITE_ROW)
    {
      ferryd_db_set_error (error, self->handle, sql);
      return NULL;
    }

  return ferryd_db_get_text (stmt, 0);
}

/*
 * ferryd_db_prepare:
 * @sql: a literal: its address is the key
 *
 * Returns: (transfer none): the statement, with nothing bound
 */
sqlite3_stmt *
ferryd_db_prepare (FerrydDb    *self,
                   const char  *sql,
                   GError     **error)
{
  sqlite3_stmt *stmt = g_hash_table_lookup (self->statements, sql);

  if (stmt != NULL)
    {
      sqlite3_reset (stmt);
      sqlite3_clear_bindings (stmt);
      return stmt;
    }

  if (sqlite3_prepare_v3 (self->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                          &stmt, NULL) != SQLITE_OK)
    {
      ferryd_db_set_error (error, self->handle, sql);
      return NULL;
    }

  g_hash_table_insert (self->statements, (gpointer) sql, stmt);
  return stmt;
}

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

/* @text may be NULL, and must live until the statement has run. */
void
ferryd_db_bind_text (sqlite3_stmt *stmt,
                     const char   *name,
                     const char   *text)
{
  int code = sqlite3_bind_text (stmt, parameter (stmt, name), text, -1, SQLITE_STATIC);

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

/* Runs to the end; rows are dropped. What was bound is let go. */
gboolean
ferryd_db_run (sqlite3_stmt  *stmt,
               GError       **error)
{
  int code;

  do
    code = sqlite3_step (stmt);
  while (code == SQLITE_ROW);

  if (code != SQLITE_DONE)
    ferryd_db_set_error (error, sqlite3_db_handle (stmt), sqlite3_sql (stmt));

  sqlite3_reset (stmt);
  sqlite3_clear_bindings (stmt);

  return code == SQLITE_DONE;
}

/*
 * ferryd_db_next:
 *
 * Returns: %TRUE: there is a row to read. %FALSE: there is none any more, or @error is set
 */
gboolean
ferryd_db_next (sqlite3_stmt  *stmt,
                GError       **error)
{
  int code = sqlite3_step (stmt);

  if (code == SQLITE_ROW)
    return TRUE;

  if (code != SQLITE_DONE)
    ferryd_db_set_error (error, sqlite3_db_handle (stmt), sqlite3_sql (stmt));

  sqlite3_reset (stmt);
  return FALSE;
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
  g_autoptr(GBytes) bytes = NULL;

  *variant = NULL;
  if (sqlite3_column_type (stmt, column) == SQLITE_NULL)
    return TRUE;

  bytes = g_bytes_new (sqlite3_column_blob (stmt, column),
                       (gsize) sqlite3_column_bytes (stmt, column));
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
