/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sqlite3.h>

#include "store/db-error.h"

G_BEGIN_DECLS

/* A handle and its statements. All of it belongs to one thread. */
typedef struct _FerrydDb FerrydDb;

typedef gpointer (* FerrydDbReadFunc) (sqlite3_stmt  *stmt,
                                       GError       **error);

FerrydDb     *ferryd_db_open             (const char    *path,
                                          GError       **error);

void          ferryd_db_close            (FerrydDb      *db);

void          ferryd_db_set_tidy_close   (FerrydDb      *db,
                                          gboolean       tidy);

gboolean      ferryd_db_is_read_only     (FerrydDb      *db);

gboolean      ferryd_db_has_moved        (FerrydDb      *db);

guint         ferryd_db_get_wal_frames   (FerrydDb      *db);

void          ferryd_db_empty_wal        (FerrydDb      *db);

gboolean      ferryd_db_in_transaction   (FerrydDb      *db);

gint64        ferryd_db_get_last_id      (FerrydDb      *db);

gint64        ferryd_db_get_n_changed    (FerrydDb      *db);

gboolean      ferryd_db_exec             (FerrydDb      *db,
                                          const char    *sql,
                                          GError       **error);

gboolean      ferryd_db_query_int        (FerrydDb      *db,
                                          const char    *sql,
                                          gint64        *value,
                                          GError       **error);

char         *ferryd_db_query_text       (FerrydDb      *db,
                                          const char    *sql,
                                          GError       **error);

sqlite3_stmt *ferryd_db_prepare          (FerrydDb      *db,
                                          const char    *sql,
                                          GError       **error);

gboolean      ferryd_db_run              (sqlite3_stmt  *stmt,
                                          GError       **error);

gboolean      ferryd_db_run_cached       (FerrydDb      *db,
                                          const char    *sql,
                                          GError       **error);

gboolean      ferryd_db_run_for_one      (FerrydDb      *db,
                                          sqlite3_stmt  *stmt,
                                          const char    *what,
                                          gint64         id,
                                          GError       **error);

gboolean      ferryd_db_next             (sqlite3_stmt  *stmt,
                                          GError       **error);

GPtrArray    *ferryd_db_read_all         (FerrydDb          *db,
                                          const char        *sql,
                                          FerrydDbReadFunc   read_row,
                                          GDestroyNotify     free_row,
                                          GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydDb, ferryd_db_close)

G_END_DECLS
