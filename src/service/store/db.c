/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include "common/error.h"
#include "store/db.h"
#include "store/db-error.h"
#include "store/db-values.h"

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

/* For what is run often, and has no parameters. @sql: a literal: its address is the key */
gboolean
ferryd_db_run_cached (FerrydDb    *self,
                      const char  *sql,
                      GError     **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (self, sql, error);

  return stmt != NULL && ferryd_db_run (stmt, error);
}

/*
 * ferryd_db_run_for_one:
 * @what: names the kind of row
 *
 * Runs a change of the row that is bound to `:id`, which must be there.
 */
gboolean
ferryd_db_run_for_one (FerrydDb      *self,
                       sqlite3_stmt  *stmt,
                       const char    *what,
                       gint64         id,
                       GError       **error)
{
  ferryd_db_bind_int (stmt, ":id", id);
  if (!ferryd_db_run (stmt, error))
    return FALSE;

  if (ferryd_db_get_n_changed (self) == 1)
    return TRUE;

  g_set_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND,
               "there is no %s %" G_GINT64_FORMAT, what, id);
  return FALSE;
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

/*
 * ferryd_db_read_all:
 * @sql: a literal, without parameters
 * @read_row: makes something of a row, or NULL with an error
 *
 * Returns: (transfer full): what @read_row has made of each row, or NULL with an error
 */
GPtrArray *
ferryd_db_read_all (FerrydDb          *self,
                    const char        *sql,
                    FerrydDbReadFunc   read_row,
                    GDestroyNotify     free_row,
                    GError           **error)
{
  g_autoptr(GPtrArray) rows = NULL;
  g_autoptr(GError) failure = NULL;
  sqlite3_stmt *stmt = ferryd_db_prepare (self, sql, error);

  if (stmt == NULL)
    return NULL;

  rows = g_ptr_array_new_with_free_func (free_row);
  while (failure == NULL && ferryd_db_next (stmt, &failure))
    {
      gpointer row = read_row (stmt, &failure);

      if (row != NULL)
        g_ptr_array_add (rows, row);
    }

  sqlite3_reset (stmt);
  if (failure == NULL)
    return g_steal_pointer (&rows);

  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}
