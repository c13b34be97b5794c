/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/store.h"

G_BEGIN_DECLS

/* What the store in memory has "on disk". The id of a row is its index + 1. */
typedef struct
{
  GPtrArray *sessions;     /* owned; of FerrydSessionRow. NULL is gone */
  GPtrArray *tasks;        /* owned; of FerrydTaskRow. NULL is gone */
  GPtrArray *events;       /* owned; of FerrydEvent, by rising serial */
  gint64     last_serial;
} FakeRows;

void              fake_rows_init           (FakeRows               *self);

void              fake_rows_clear          (FakeRows               *self);

/* Each takes what it is given, and returns the id. */
gint64            fake_rows_take_session   (FakeRows               *self,
                                            FerrydSessionRow       *row);

gint64            fake_rows_take_task      (FakeRows               *self,
                                            FerrydTaskRow          *row);

gint64            fake_rows_take_event     (FakeRows               *self,
                                            FerrydEvent            *event);

/* NULL: it is gone, or never was. */
FerrydSessionRow *fake_rows_find_session   (FakeRows               *self,
                                            gint64                  id);

FerrydTaskRow    *fake_rows_find_task      (FakeRows               *self,
                                            gint64                  id);

/* Those below that find a row missing return 0 or FALSE, and change nothing. */
gint64            fake_rows_add_tasks      (FakeRows               *self,
                                            GPtrArray              *tasks);

gboolean          fake_rows_save_status    (FakeRows               *self,
                                            gint64                  task_id,
                                            const FerrydTaskStatus *status,
                                            const FerrydEvent      *event,
                                            gint64                 *serial);

gboolean          fake_rows_save_task      (FakeRows               *self,
                                            const FerrydTaskRow    *saved,
                                            gboolean                with_kept);

gboolean          fake_rows_save_kept      (FakeRows               *self,
                                            gint64                  task_id,
                                            const FerrydKept       *kept);

void              fake_rows_remove_tasks   (FakeRows               *self,
                                            GArray                 *ids);

gboolean          fake_rows_save_session   (FakeRows               *self,
                                            const FerrydSessionRow *saved,
                                            const FerrydEvent      *event,
                                            gint64                 *serial);

void              fake_rows_remove_session (FakeRows               *self,
                                            gint64                  session_id);

void              fake_rows_acknowledge    (FakeRows               *self,
                                            gint64                  session_id,
                                            gint64                  serial);

/* Copies of the rows that are there. */
GPtrArray        *fake_rows_copy_sessions  (FakeRows               *self);

GPtrArray        *fake_rows_copy_tasks     (GPtrArray              *tasks);

GPtrArray        *fake_rows_copy_events    (FakeRows               *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FakeRows, fake_rows_clear)

G_END_DECLS
