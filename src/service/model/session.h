/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/configuration.h"
#include "model/store.h"
#include "model/task.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_SESSION (ferryd_session_get_type ())
G_DECLARE_FINAL_TYPE (FerrydSession, ferryd_session, FERRYD, SESSION, GObject)

/* The transfers of one app for one purpose. @row: (transfer full) */
FerrydSession             *ferryd_session_new               (FerrydSessionRow *row);

gint64                     ferryd_session_get_id            (FerrydSession *self);

/* What the store has of it. */
const FerrydSessionRow    *ferryd_session_get_row           (FerrydSession *self);

FerrySessionState          ferryd_session_get_state         (FerrydSession *self);

const FerrydConfiguration *ferryd_session_get_configuration (FerrydSession *self);

/* By rising id; of FerrydTask. */
GPtrArray                 *ferryd_session_get_tasks         (FerrydSession *self);

/* How many of its tasks are in @state. */
guint                      ferryd_session_count             (FerrydSession  *self,
                                                             FerryTaskState  state);

/* Those not acknowledged yet, by rising serial; of FerrydEvent. */
GPtrArray                 *ferryd_session_get_events        (FerrydSession *self);

/* Secret headers, a{ss}; NULL: none, or not given since the service began. */
GVariant                  *ferryd_session_get_secrets       (FerrydSession *self);

/* Grows with each time that others are given. */
guint                      ferryd_session_get_secrets_age   (FerrydSession *self);

G_END_DECLS
