/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include "store/schema.h"

#define STRINGIFY_(number) #number
#define STRINGIFY(number) STRINGIFY_ (number)

#define SET_VERSION "PRAGMA user_version = " STRINGIFY (FERRYD_SCHEMA_VERSION)
#define SET_APPLICATION_ID "PRAGMA application_id = " STRINGIFY (FERRYD_SCHEMA_APPLICATION_ID)

/*
 * The rules for all tables: times are Unix µs, 0 is never. A BLOB that is no key is a GVariant in
 * normal form, little-endian, of the type that its column's comment says. Names that an enum of
 * ours gives a number are stored as that number; no upper bound is checked here, so that a new one
 * needs no new table. No table ever holds a secret.
 */
static const char * const version_1[] = {
  /* Who has opened the service. One that is invalid stays until its last event has been
   * acknowledged, and does not keep its name from a new one. */
  "CREATE TABLE session ("
  "  id            INTEGER PRIMARY KEY AUTOINCREMENT,"
  "  app_id        TEXT    NOT NULL CHECK (app_id <> ''),"
  "  identifier    TEXT    NOT NULL,"
  "  configuration BLOB    NOT NULL,"  /* a{sv} */
  "  secret_names  BLOB,"  /* as */
  /* state: open, finishing, invalid */
  "  state         INTEGER NOT NULL CHECK (state IN (0, 1, 2)),"
  "  created       INTEGER NOT NULL,"
  /* How many tasks have ended so since `session-finished` told of them (FerrydHarvest). */
  "  finished      INTEGER NOT NULL DEFAULT 0 CHECK (finished >= 0),"
  "  failed        INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),"
  "  cancelled     INTEGER NOT NULL DEFAULT 0 CHECK (cancelled >= 0)"
  ") STRICT",
  "CREATE UNIQUE INDEX session_name ON session (app_id, identifier) WHERE state <> 2",

  /* One for each transfer. The columns from url to resume_key are what people may change; those
   * from state to metrics change together (FerrydTaskStatus); those from other_folder on are what
   * a run leaves for the next (FerrydKept). A resume_key has been handed out as resume data. */
  "CREATE TABLE task ("
  "  id              INTEGER PRIMARY KEY AUTOINCREMENT,"
  "  session_id      INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,"
  "  kind            INTEGER NOT NULL CHECK (kind >= 0),"
  "  created         INTEGER NOT NULL,"
  "  url             TEXT    NOT NULL CHECK (url <> ''),"
  "  folder          TEXT,"
  "  options         BLOB    NOT NULL,"  /* a{sv} */
  "  secret_names    BLOB,"  /* as */
  "  priority        REAL    NOT NULL CHECK (priority BETWEEN 0 AND 1),"
  "  description     TEXT,"
  "  download_limit  INTEGER NOT NULL,"  /* the bits of a u64 */
  "  resume_key      BLOB    CHECK (length (resume_key) = 16),"
  "  state           INTEGER NOT NULL CHECK (state >= 0),"
  "  reason          INTEGER NOT NULL CHECK (reason >= 0 AND (reason = 0 OR state = 1)),"
  "  error_name      TEXT,"
  "  error_message   TEXT,"
  "  finished        INTEGER NOT NULL CHECK (finished >= 0),"
  "  clock_used      INTEGER NOT NULL CHECK (clock_used >= 0),"
  "  clock_since     INTEGER NOT NULL CHECK (clock_since >= 0),"
  "  retry_at        INTEGER NOT NULL CHECK (retry_at >= 0),"
  "  attempts        INTEGER NOT NULL CHECK (attempts >= 0),"
  "  length_verified INTEGER NOT NULL CHECK (length_verified IN (0, 1)),"
  "  digest          TEXT,"
  "  metrics         BLOB,"  /* aa{sv} */
  "  other_folder    TEXT,"
  "  file_name       TEXT,"
  "  final_name      TEXT,"
  "  current_url     TEXT,"
  "  response        BLOB,"  /* a{sv} */
  "  started_over    INTEGER NOT NULL CHECK (started_over >= 0)"
  ") STRICT",
  "CREATE INDEX task_session ON task (session_id, id)",
  /* Most have none, and need no room in it. */
  "CREATE UNIQUE INDEX task_resume_key ON task (resume_key) WHERE resume_key IS NOT NULL",

  /* The part file of a task (rank 0), and the longer one of an older version that is kept beside
   * it (rank 1); and the same that are in other_folder, and not needed (2 and 3). */
  "CREATE TABLE part ("
  "  task_id        INTEGER NOT NULL REFERENCES task (id) ON DELETE CASCADE,"
  "  rank           INTEGER NOT NULL CHECK (rank BETWEEN 0 AND 3),"
  "  name           TEXT    NOT NULL CHECK (name <> ''),"
  "  inode          INTEGER NOT NULL,"  /* the bits of a u64 */
  "  born           INTEGER NOT NULL,"  /* ns; 0: unknown */
  "  offset         INTEGER NOT NULL CHECK (offset >= 0),"
  "  total          INTEGER NOT NULL CHECK (total >= -1),"
  "  etag           TEXT,"
  "  last_modified  TEXT,"
  "  date_is_strong INTEGER NOT NULL CHECK (date_is_strong IN (0, 1)),"
  "  coding         TEXT,"
  "  is_html        INTEGER NOT NULL CHECK (is_html IN (0, 1)),"
  "  refuses_ranges INTEGER NOT NULL CHECK (refuses_ranges IN (0, 1)),"
  "  digest_field   TEXT,"
  "  silent_end     INTEGER NOT NULL CHECK (silent_end >= -1),"
  "  total_is_guess INTEGER NOT NULL CHECK (total_is_guess IN (0, 1)),"
  "  PRIMARY KEY (task_id, rank)"
  ") STRICT, WITHOUT ROWID",

  /* What a session has not been told yet, or has not acknowledged. It may outlive its task: no
   * reference. */
  "CREATE TABLE event ("
  "  serial     INTEGER PRIMARY KEY AUTOINCREMENT,"
  "  session_id INTEGER NOT NULL REFERENCES session (id) ON DELETE CASCADE,"
  "  task_id    INTEGER,"  /* NULL: of the session itself */
  "  kind       TEXT    NOT NULL CHECK (kind <> ''),"  /* the word of GetEvents */
  "  details    BLOB    NOT NULL,"  /* a{sv} */
  "  created    INTEGER NOT NULL"
  ") STRICT",
  "CREATE INDEX event_session ON event (session_id, serial)",

  /* Hosts that said they are to be asked by HTTPS alone (RFC 6797). */
  "CREATE TABLE hsts ("
  "  host               TEXT    NOT NULL PRIMARY KEY CHECK (host <> ''),"
  "  expires            INTEGER NOT NULL,"
  "  include_subdomains INTEGER NOT NULL CHECK (include_subdomains IN (0, 1))"
  ") STRICT, WITHOUT ROWID",

  SET_APPLICATION_ID,
  NULL
};

/* The statements that lead from the version of the index to the next. Never changed once
 * released. */
static const char * const * const migrations[] = {
  version_1,
};
G_STATIC_ASSERT (G_N_ELEMENTS (migrations) == FERRYD_SCHEMA_VERSION);

/*
 * ferryd_schema_look:
 * @version: (out): the file's version
 *
 * Finds out whose the file is. Reads only, and takes the file's lock.
 */
gboolean
ferryd_schema_look (FerrydDb           *db,
                    FerrydSchemaFound  *found,
                    gint64             *version,
                    GError            **error)
{
  gint64 application_id;
  gint64 n_things;

  if (!ferryd_db_query_int (db, "PRAGMA application_id", &application_id, error)
      || !ferryd_db_query_int (db, "PRAGMA user_version", version, error)
      || !ferryd_db_query_int (db, "SELECT count(*) FROM sqlite_schema", &n_things, error))
    return FALSE;

  if (application_id == 0 && *version == 0 && n_things == 0)
    *found = FERRYD_SCHEMA_NONE;
  else if (application_id != FERRYD_SCHEMA_APPLICATION_ID)
    *found = FERRYD_SCHEMA_FOREIGN;
  else if (*version > FERRYD_SCHEMA_VERSION)
    *found = FERRYD_SCHEMA_NEWER;
  else
    *found = FERRYD_SCHEMA_OURS;

  /* Both numbers are written in one transaction. */
  if (*found == FERRYD_SCHEMA_OURS && *version < 1)
    {
      g_set_error (error, FERRYD_DB_ERROR, FERRYD_DB_ERROR_DAMAGED,
                   "it says that its schema is %" G_GINT64_FORMAT, *version);
      return FALSE;
    }

  return TRUE;
}

/* Leads from @version to ours in one transaction: all of the way or none of it. */
gboolean
ferryd_schema_migrate (FerrydDb  *db,
                       gint64     version,
                       GError   **error)
{
  gboolean ok;

  if (version == FERRYD_SCHEMA_VERSION)
    return TRUE;

  if (!ferryd_db_exec (db, "BEGIN IMMEDIATE", error))
    return FALSE;

  ok = TRUE;
  for (gint64 v = MAX (version, 0); ok && v < FERRYD_SCHEMA_VERSION; v++)
    for (guint i = 0; ok && migrations[v][i] != NULL; i++)
      ok = ferryd_db_exec (db, migrations[v][i], error);

  ok = ok && ferryd_db_exec (db, SET_VERSION, error) && ferryd_db_exec (db, "COMMIT", error);

  /* Its own error would hide the cause, and the handle is closed next anyway. */
  if (!ok && ferryd_db_in_transaction (db))
    (void) ferryd_db_exec (db, "ROLLBACK", NULL);

  return ok;
}

/*
 * ferryd_schema_seal:
 *
 * Commits a change that changes nothing. When a commit failed in its last step, the sync, all of
 * its pages stand in the WAL, valid: after a crash it would count. The next commit writes over
 * them, and this is the smallest one there is.
 */
gboolean
ferryd_schema_seal (FerrydDb  *db,
                    GError   **error)
{
  return ferryd_db_exec (db, SET_VERSION, error);
}
