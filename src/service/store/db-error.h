/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

#define FERRYD_DB_ERROR (ferryd_db_error_quark ())

/*
 * FerrydDbError:
 * @FERRYD_DB_ERROR_OTHER: all that is not below
 * @FERRYD_DB_ERROR_FULL: no room, or the quota is used up
 * @FERRYD_DB_ERROR_BUSY: another process has the file
 * @FERRYD_DB_ERROR_CONSTRAINT: a value that the schema does not take; its neighbours are well
 * @FERRYD_DB_ERROR_FOREIGN_KEY: names a row that is not there; its neighbours are well
 * @FERRYD_DB_ERROR_DAMAGED: the file is not a database, or not a sound one
 *
 * What went wrong, as far as the store acts on it. Outside of the store only FerryError is seen.
 */
typedef enum
{
  FERRYD_DB_ERROR_OTHER,
  FERRYD_DB_ERROR_FULL,
  FERRYD_DB_ERROR_BUSY,
  FERRYD_DB_ERROR_CONSTRAINT,
  FERRYD_DB_ERROR_FOREIGN_KEY,
  FERRYD_DB_ERROR_DAMAGED,
} FerrydDbError;

GQuark ferryd_db_error_quark (void);

void   ferryd_db_set_error   (GError     **error,
                              sqlite3     *handle,
                              const char  *sql);

G_END_DECLS
