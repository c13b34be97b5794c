/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include "common/error.h"
#include "model/store.h"
#include "store/event-rows.h"
#include "store/file.h"
#include "store/hsts-rows.h"
#include "store/opening.h"
#include "store/schema.h"
#include "store/session-rows.h"
#include "store/task-rows.h"

/* How long another process may take to let go of the file. */
#define LOCK_WAIT_US (5 * G_TIME_SPAN_SECOND)

/* Between two tries; by chance, so that two that wait do not keep step. */
#define LOCK_PAUSE_MIN_US (5 * G_TIME_SPAN_MILLISECOND)
#define LOCK_PAUSE_MAX_US (40 * G_TIME_SPAN_MILLISECOND)

/* All that was read, and the handle. */
static void
let_go (FerrydOpening *self)
{
  g_clear_pointer (&self->db, ferryd_db_close);
  g_clear_pointer (&self->sessions, g_ptr_array_unref);
  g_clear_pointer (&self->tasks, g_ptr_array_unref);
  g_clear_pointer (&self->events, g_ptr_array_unref);
  g_clear_pointer (&self->hsts_hosts, g_ptr_array_unref);
}

void
ferryd_opening_clear (FerrydOpening *self)
{
  let_go (self);
  g_clear_pointer (&self->moved_aside, g_free);
}

/* From the store's own kinds of error to those that its callers know. */
GError *
ferryd_opening_translate_error (const char   *path,
                                const GError *error)
{
  FerryError code = FERRY_ERROR_STORE;

  if (error->domain == FERRY_ERROR && error->code != FERRY_ERROR_NOT_FOUND)
    return g_error_copy (error);

  if (g_error_matches (error, FERRYD_DB_ERROR, FERRYD_DB_ERROR_FULL))
    code = FERRY_ERROR_DISK_FULL;
  else if (g_error_matches (error, FERRYD_DB_ERROR, FERRYD_DB_ERROR_FOREIGN_KEY)
           || error->domain == FERRY_ERROR)
    code = FERRY_ERROR_NOT_FOUND;

  return g_error_new (FERRY_ERROR, code, "%s: %s", path, error->message);
}

/* Takes the lock, and looks whose file it is before anything is changed in it. */
static gboolean
identify (FerrydDb    *db,
          const char  *path,
          gint64      *version,
          GError     **error)
{
  FerrydSchemaFound found;

  if (ferryd_db_is_read_only (db))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "%s: the file is read-only", path);
      return FALSE;
    }

  /* Exclusive before the first look: the WAL's index is then in our memory, not in a file beside
   * it. */
  if (!ferryd_db_exec (db, "PRAGMA locking_mode = EXCLUSIVE", error)
      || !ferryd_db_exec (db, "PRAGMA cell_size_check = ON", error)
      || !ferryd_schema_look (db, &found, version, error))
    return FALSE;

  if (found == FERRYD_SCHEMA_FOREIGN)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE,
                   "%s: this is a database, but not one of Ferry's", path);
      return FALSE;
    }

  if (found == FERRYD_SCHEMA_NEWER)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE,
                   "%s: written by a newer Ferry: "
                   "its schema is %" G_GINT64_FORMAT ", this one knows %d",
                   path, *version, FERRYD_SCHEMA_VERSION);
      return FALSE;
    }

  return TRUE;
}

static gboolean
set_up (FerrydDb  *db,
        gint64     version,
        GError   **error)
{
  static const char * const pragmas[] = {
    "PRAGMA synchronous = FULL",
    /* What one big commit leaves of the WAL beyond this, the next checkpoint gives back. */
    "PRAGMA journal_size_limit = 8388608",
  };
  g_autofree char *mode = ferryd_db_query_text (db, "PRAGMA journal_mode = WAL", error);

  if (mode == NULL)
    return FALSE;

  if (g_strcmp0 (mode, "wal") != 0)
    {
      g_set_error (error, FERRYD_DB_ERROR, FERRYD_DB_ERROR_OTHER,
                   "the journal mode stays “%s”", mode);
      return FALSE;
    }

  for (guint i = 0; i < G_N_ELEMENTS (pragmas); i++)
    if (!ferryd_db_exec (db, pragmas[i], error))
      return FALSE;

  return ferryd_schema_migrate (db, version, error);
}

/* Walks through every page: what loading does not read, an index or a table for later, may be
 * damaged too. */
static gboolean
check (FerrydDb  *db,
       GError   **error)
{
  g_autofree char *verdict = ferryd_db_query_text (db, "PRAGMA quick_check (1)", error);

  if (verdict == NULL)
    return FALSE;

  if (g_strcmp0 (verdict, "ok") == 0)
    return TRUE;

  g_set_error_literal (error, FERRYD_DB_ERROR, FERRYD_DB_ERROR_DAMAGED, verdict);
  return FALSE;
}

static gboolean
read_all (FerrydOpening  *self,
          const char     *path,
          gboolean        suspicious,
          GError        **error)
{
  gint64 version = 0;

  if (!identify (self->db, path, &version, error))
    return FALSE;

  /* We have the lock, perhaps on a file that somebody has moved away before he let go of it. */
  if (ferryd_db_has_moved (self->db))
    {
      g_set_error_literal (error, FERRYD_DB_ERROR, FERRYD_DB_ERROR_BUSY, "the file was moved away");
      return FALSE;
    }

  if (suspicious && version > 0 && !check (self->db, error))
    return FALSE;

  if (!set_up (self->db, version, error))
    return FALSE;

  self->sessions = ferryd_session_rows_read (self->db, error);
  if (self->sessions == NULL)
    return FALSE;

  self->tasks = ferryd_task_rows_read (self->db, error);
  if (self->tasks == NULL)
    return FALSE;

  self->events = ferryd_event_rows_read (self->db, error);
  if (self->events == NULL)
    return FALSE;

  self->hsts_hosts = ferryd_hsts_rows_read (self->db, error);
  return self->hsts_hosts != NULL;
}

static gboolean
move_aside (FerrydOpening  *self,
            const char     *path,
            const char     *reason,
            GError        **error)
{
  self->moved_aside = ferryd_file_move_aside (path, error);
  if (self->moved_aside == NULL)
    return FALSE;

  g_warning ("%s is damaged (%s). It was moved to %s, and a new one is begun",
             path, reason, self->moved_aside);
  return TRUE;
}

/* One try with a fresh handle. With BUSY another one may go better; with DAMAGED the file has
 * been moved aside. */
static gboolean
try_open (FerrydOpening  *self,
          const char     *path,
          GError        **error)
{
  g_autoptr(GError) failure = NULL;
  gint64 wal_size = ferryd_file_get_wal_size (path);
  gboolean created;

  /* SQLite throws away the WAL of a file that is empty or gone, and all that is in it. */
  if (wal_size > 0 && ferryd_file_get_size (path) <= 0 && self->moved_aside == NULL)
    {
      if (!move_aside (self, path, "only its write-ahead log is left", error))
        return FALSE;
      wal_size = -1;
    }

  if (!ferryd_file_create (path, &created, error))
    return FALSE;

  /* A WAL that a close did not take away: the end was a crash, or there was damage. */
  self->db = ferryd_db_open (path, &failure);
  if (self->db != NULL && read_all (self, path, wal_size > 0, &failure))
    {
      ferryd_db_set_tidy_close (self->db, TRUE);
      return TRUE;
    }

  /* All of this with the lock still in our hand. */
  if (created && !g_error_matches (failure, FERRYD_DB_ERROR, FERRYD_DB_ERROR_BUSY))
    ferryd_file_remove (path);
  else if (wal_size < 0 && ferryd_file_get_wal_size (path) == 0)
    ferryd_file_remove_wal (path);

  if (g_error_matches (failure, FERRYD_DB_ERROR, FERRYD_DB_ERROR_DAMAGED)
      && self->moved_aside == NULL)
    {
      g_autoptr(GError) obstacle = NULL;

      if (!move_aside (self, path, failure->message, &obstacle))
        {
          g_clear_error (&failure);
          failure = g_steal_pointer (&obstacle);
        }
    }

  let_go (self);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/*
 * ferryd_opening_run:
 * @self: zeroed
 * @cancellable: (nullable): ends the wait for the lock
 * @leaving: ends it too: the store is being closed
 * @error: a FerryError, or %G_IO_ERROR_CANCELLED
 *
 * Opens the file at @path, makes it if there is none, moves it aside and makes a new one if it is
 * damaged, and reads all of it. Blocks, up to 5 s when another process has the file.
 */
gboolean
ferryd_opening_run (FerrydOpening  *self,
                    const char     *path,
                    GCancellable   *cancellable,
                    GCancellable   *leaving,
                    GError        **error)
{
  gint64 deadline = g_get_monotonic_time () + LOCK_WAIT_US;
  gboolean busy, begin_anew;

  do
    {
      g_autoptr(GError) failure = NULL;
      gboolean had_moved = self->moved_aside != NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      if (try_open (self, path, &failure))
        return TRUE;

      busy = g_error_matches (failure, FERRYD_DB_ERROR, FERRYD_DB_ERROR_BUSY)
             && !g_cancellable_is_cancelled (leaving);
      begin_anew = g_error_matches (failure, FERRYD_DB_ERROR, FERRYD_DB_ERROR_DAMAGED)
                   && !had_moved;
      if (busy && g_get_monotonic_time () >= deadline)
        {
          g_autofree char *owner = ferryd_file_describe_owner (path);

          g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "%s: %s has it open", path, owner);
          return FALSE;
        }

      if (!busy && !begin_anew)
        g_propagate_error (error, ferryd_opening_translate_error (path, failure));
      else if (busy)
        g_usleep ((gulong) g_random_int_range (LOCK_PAUSE_MIN_US, LOCK_PAUSE_MAX_US));
    }
  while (busy || begin_anew);

  return FALSE;
}
