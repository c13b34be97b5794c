/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include <errno.h>

#include "store/db-error.h"

G_DEFINE_QUARK (ferryd-db-error-quark, ferryd_db_error)

/*
 * The errno behind an error of a file. SQLite's own account, sqlite3_system_errno(), leaves out
 * what fails in a commit; each file remembers its last one, and what a commit writes and syncs is
 * the WAL.
 */
static int
find_cause (sqlite3 *handle,
            int      code)
{
  sqlite3_file *wal = NULL;
  int cause = 0;

  if ((code & 0xff) == SQLITE_IOERR
      && sqlite3_file_control (handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal) == SQLITE_OK
      && wal != NULL && wal->pMethods != NULL)
    (void) wal->pMethods->xFileControl (wal, SQLITE_FCNTL_LAST_ERRNO, &cause);
  if ((code & 0xff) == SQLITE_IOERR && cause == 0)
    (void) sqlite3_file_control (handle, "main", SQLITE_FCNTL_LAST_ERRNO, &cause);

  return cause != 0 ? cause : sqlite3_system_errno (handle);
}

static FerrydDbError
classify (int code,
          int cause)
{
  switch (code & 0xff)
    {
    case SQLITE_FULL:
      return FERRYD_DB_ERROR_FULL;

    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      /* SQLite itself calls only a failed write with ENOSPC "full": not a quota, not a sync, not
       * a new file. */
      return cause == ENOSPC || cause == EDQUOT ? FERRYD_DB_ERROR_FULL : FERRYD_DB_ERROR_OTHER;

    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return FERRYD_DB_ERROR_BUSY;

    case SQLITE_CONSTRAINT:
      return code == SQLITE_CONSTRAINT_FOREIGNKEY ? FERRYD_DB_ERROR_FOREIGN_KEY
                                                  : FERRYD_DB_ERROR_CONSTRAINT;

    case SQLITE_TOOBIG:
      return FERRYD_DB_ERROR_CONSTRAINT;

    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return FERRYD_DB_ERROR_DAMAGED;

    default:
      return FERRYD_DB_ERROR_OTHER;
    }
}

/* For the last call on @handle. The SQL has names in it and never a value: it may go into a log. */
void
ferryd_db_set_error (GError     **error,
                     sqlite3     *handle,
                     const char  *sql)
{
  int code = sqlite3_extended_errcode (handle);
  g_autofree char *text = g_strdup (sqlite3_errmsg (handle));
  gboolean of_a_file = (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
  int cause = of_a_file ? find_cause (handle, code) : 0;

  g_set_error (error, FERRYD_DB_ERROR, classify (code, cause), "%s (%d%s%s) in “%s”",
               text, code, cause != 0 ? ", " : "", cause != 0 ? g_strerror (cause) : "", sql);
}
