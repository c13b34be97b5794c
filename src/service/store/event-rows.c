/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include "store/db-values.h"
#include "store/event-rows.h"

/* In the order in which the reader below takes them, after the serial. */
#define EVENT_COLUMNS "session_id, task_id, kind, details, created"

static const char add_event[] =
  "INSERT INTO event (" EVENT_COLUMNS ")"
  " VALUES (:session_id, :task_id, :kind, :details, :created)";

static const char drop_events[] =
  "DELETE FROM event WHERE session_id = :session_id AND serial <= :serial";

static const char read_events[] = "SELECT serial, " EVENT_COLUMNS " FROM event ORDER BY serial";

/* Returns: the serial, or 0 with an error */
gint64
ferryd_event_rows_add (FerrydDb           *db,
                       const FerrydEvent  *event,
                       GError            **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, add_event, error);

  if (stmt == NULL)
    return 0;

  ferryd_db_bind_int (stmt, ":session_id", event->session_id);
  if (event->task_id != 0)
    ferryd_db_bind_int (stmt, ":task_id", event->task_id);
  ferryd_db_bind_text (stmt, ":kind", event->kind);
  ferryd_db_bind_variant (stmt, ":details", event->details);
  ferryd_db_bind_int (stmt, ":created", event->created);

  return ferryd_db_run (stmt, error) ? ferryd_db_get_last_id (db) : 0;
}

/* Removes those of a session up to and including @serial. */
gboolean
ferryd_event_rows_acknowledge (FerrydDb  *db,
                               gint64     session_id,
                               gint64     serial,
                               GError   **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, drop_events, error);

  if (stmt == NULL)
    return FALSE;

  ferryd_db_bind_int (stmt, ":session_id", session_id);
  ferryd_db_bind_int (stmt, ":serial", serial);
  return ferryd_db_run (stmt, error);
}

static gpointer
read_event (sqlite3_stmt  *stmt,
            GError       **error)
{
  g_autoptr(FerrydEvent) event = g_new0 (FerrydEvent, 1);
  int column = 0;

  event->serial = sqlite3_column_int64 (stmt, column++);
  event->session_id = sqlite3_column_int64 (stmt, column++);
  event->task_id = sqlite3_column_int64 (stmt, column++);
  event->kind = ferryd_db_get_text (stmt, column++);
  if (!ferryd_db_get_variant (stmt, column++, G_VARIANT_TYPE_VARDICT, &event->details, error))
    return NULL;
  event->created = sqlite3_column_int64 (stmt, column++);

  return g_steal_pointer (&event);
}

/* All of them, by rising serial. */
GPtrArray *
ferryd_event_rows_read (FerrydDb  *db,
                        GError   **error)
{
  return ferryd_db_read_all (db, read_events, read_event, (GDestroyNotify) ferryd_event_free,
                             error);
}
