/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/store.h"
#include "model/task.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_SESSION (ferryd_session_get_type ())
G_DECLARE_FINAL_TYPE (FerrydSession, ferryd_session, FERRYD, SESSION, GObject)

/* The transfers of one app for one purpose. @row: (transfer full) */
FerrydSession          *ferryd_session_new       (FerrydSessionRow *row);

gint64                  ferryd_session_get_id    (FerrydSession *self);

const FerrydSessionRow *ferryd_session_get_row   (FerrydSession *self);

/* By rising id; of FerrydTask. */
GPtrArray              *ferryd_session_get_tasks (FerrydSession *self);

G_END_DECLS
