/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "common/error.h"
#include "model/store.h"

G_BEGIN_DECLS

#define FAKE_TYPE_STORE (fake_store_get_type ())
G_DECLARE_FINAL_TYPE (FakeStore, fake_store, FAKE, STORE, GObject)

/* A store in memory that answers when the test says so, in the order of the calls. */
FakeStore             *fake_store_new            (void);

/* A row that was there before the model; (transfer full). Returns its id. */
gint64                 fake_store_take_session   (FakeStore        *self,
                                                  FerrydSessionRow *row);

gint64                 fake_store_take_task      (FakeStore        *self,
                                                  FerrydTaskRow    *row);

gint64                 fake_store_take_event     (FakeStore        *self,
                                                  FerrydEvent      *event);

/* Calls that have no answer yet. */
guint                  fake_store_get_n_waiting  (FakeStore        *self);

/* Does what the oldest call asks for and answers it. */
void                   fake_store_answer         (FakeStore        *self);

/* Answers the oldest call with an error; nothing changes. */
void                   fake_store_refuse         (FakeStore        *self,
                                                  FerryError        code);

/* Calls so far that wanted to write. */
guint                  fake_store_get_n_writes   (FakeStore        *self);

/* Of these, such as came when the store had been told to close. */
guint                  fake_store_get_n_late     (FakeStore        *self);

gboolean               fake_store_is_closing     (FakeStore        *self);

/* What is "on disk" of a task, which must be there; valid until the next answer. */
const FerrydTaskStatus *fake_store_get_status    (FakeStore        *self,
                                                  gint64            task_id);

/* Its row; NULL: it is gone, or never was. */
const FerrydTaskRow   *fake_store_get_task       (FakeStore        *self,
                                                  gint64            task_id);

const FerrydSessionRow *fake_store_get_session   (FakeStore        *self,
                                                  gint64            session_id);

/* Of FerrydEvent, those that are "on disk" by rising serial; (transfer none). */
GPtrArray             *fake_store_get_events     (FakeStore        *self);

/* Rows that are there. */
guint                  fake_store_get_n_tasks    (FakeStore        *self);

/* Sessions that ever were: the highest id. */
guint                  fake_store_get_n_sessions (FakeStore        *self);

G_END_DECLS
