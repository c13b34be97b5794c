/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include "store/db-values.h"
#include "store/session-rows.h"

/* In the order in which the reader below takes them, after the id. */
#define SESSION_COLUMNS "app_id, identifier, configuration, secret_names, state, created"

/* After those; nobody but reap writes them. */
#define HARVEST_COLUMNS "finished, failed, cancelled"

static const char add_session[] =
  "INSERT INTO session (" SESSION_COLUMNS ")"
  " VALUES (:app_id, :identifier, :configuration, :secret_names, :state, :created)";

static const char save_session[] =
  "UPDATE session SET state = :state, secret_names = :secret_names WHERE id = :id";

static const char reap[] =
  "UPDATE session SET finished = finished + :finished, failed = failed + :failed,"
  " cancelled = cancelled + :cancelled"
  " WHERE id = :id";

/* Its tasks, their parts and its events go with it, by the references. */
static const char drop_session[] = "DELETE FROM session WHERE id = :id";

static const char read_sessions[] =
  "SELECT id, " SESSION_COLUMNS ", " HARVEST_COLUMNS " FROM session ORDER BY id";

/* Returns: the id, or 0 with an error */
gint64
ferryd_session_rows_add (FerrydDb                *db,
                         const FerrydSessionRow  *session,
                         GError                 **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, add_session, error);

  if (stmt == NULL)
    return 0;

  ferryd_db_bind_text (stmt, ":app_id", session->app_id);
  ferryd_db_bind_text (stmt, ":identifier", session->identifier);
  ferryd_db_bind_variant (stmt, ":configuration", session->configuration);
  ferryd_db_bind_variant (stmt, ":secret_names", session->secret_names);
  ferryd_db_bind_int (stmt, ":state", session->state);
  ferryd_db_bind_int (stmt, ":created", session->created);

  return ferryd_db_run (stmt, error) ? ferryd_db_get_last_id (db) : 0;
}

gboolean
ferryd_session_rows_save (FerrydDb                *db,
                          const FerrydSessionRow  *session,
                          GError                 **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, save_session, error);

  if (stmt == NULL)
    return FALSE;

  ferryd_db_bind_int (stmt, ":state", session->state);
  ferryd_db_bind_variant (stmt, ":secret_names", session->secret_names);
  return ferryd_db_run_for_one (db, stmt, "session", session->id, error);
}

/* Counts @event in its session's harvest. */
gboolean
ferryd_session_rows_reap (FerrydDb           *db,
                          const FerrydEvent  *event,
                          GError            **error)
{
  FerrydHarvest more = ferryd_event_get_harvest (event);
  sqlite3_stmt *stmt;

  if (more.finished == 0 && more.failed == 0 && more.cancelled == 0)
    return TRUE;

  stmt = ferryd_db_prepare (db, reap, error);
  if (stmt == NULL)
    return FALSE;

  ferryd_db_bind_int (stmt, ":finished", more.finished);
  ferryd_db_bind_int (stmt, ":failed", more.failed);
  ferryd_db_bind_int (stmt, ":cancelled", more.cancelled);
  return ferryd_db_run_for_one (db, stmt, "session", event->session_id, error);
}

gboolean
ferryd_session_rows_remove (FerrydDb  *db,
                            gint64     session_id,
                            GError   **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, drop_session, error);

  if (stmt == NULL)
    return FALSE;

  ferryd_db_bind_int (stmt, ":id", session_id);
  return ferryd_db_run (stmt, error);
}

static gboolean
read_harvest (sqlite3_stmt   *stmt,
              int            *column,
              FerrydHarvest  *harvest,
              GError        **error)
{
  int *numbers[] = { &harvest->finished, &harvest->failed, &harvest->cancelled };

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      gint64 number;

      if (!ferryd_db_get_number (stmt, (*column)++, G_MAXINT, &number, error))
        return FALSE;
      *numbers[i] = (int) number;
    }

  return TRUE;
}

static gpointer
read_session (sqlite3_stmt  *stmt,
              GError       **error)
{
  g_autoptr(FerrydSessionRow) session = ferryd_session_row_new ();
  int column = 0;
  gint64 state;

  session->id = sqlite3_column_int64 (stmt, column++);
  session->app_id = ferryd_db_get_text (stmt, column++);
  session->identifier = ferryd_db_get_text (stmt, column++);
  if (!ferryd_db_get_variant (stmt, column++, G_VARIANT_TYPE_VARDICT,
                              &session->configuration, error)
      || !ferryd_db_get_variant (stmt, column++, G_VARIANT_TYPE_STRING_ARRAY,
                                 &session->secret_names, error)
      || !ferryd_db_get_number (stmt, column++, FERRY_N_SESSION_STATES, &state, error))
    return NULL;
  session->state = (FerrySessionState) state;
  session->created = sqlite3_column_int64 (stmt, column++);
  if (!read_harvest (stmt, &column, &session->harvest, error))
    return NULL;

  return g_steal_pointer (&session);
}

/* All of them, by rising id. */
GPtrArray *
ferryd_session_rows_read (FerrydDb  *db,
                          GError   **error)
{
  return ferryd_db_read_all (db, read_sessions, read_session,
                             (GDestroyNotify) ferryd_session_row_free, error);
}
