/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/session.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_MANAGER (ferryd_manager_get_type ())
G_DECLARE_FINAL_TYPE (FerrydManager, ferryd_manager, FERRYD, MANAGER, GObject)

/*
 * All sessions and tasks, and who of them runs.
 *
 * Signals: `task-added (FerrydTask *)`, `task-changed (FerrydTask *, guint mask)`.
 */
FerrydManager *ferryd_manager_new                 (FerrydStore  *store,
                                                   FerrydRunner *runner);

/* Reads what the store has, and lets run what wants to. Once, before all else. */
void           ferryd_manager_load_async          (FerrydManager       *self,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);

gboolean       ferryd_manager_load_finish         (FerrydManager  *self,
                                                   GAsyncResult   *result,
                                                   GError        **error);

/* NULL: there is none of this id. */
FerrydSession *ferryd_manager_get_session         (FerrydManager *self,
                                                   gint64         id);

FerrydTask    *ferryd_manager_get_task            (FerrydManager *self,
                                                   gint64         id);

/* All, by rising id; of FerrydTask. */
GPtrArray     *ferryd_manager_get_tasks           (FerrydManager *self);

/* Finds the session of that app and name, or makes it. */
void           ferryd_manager_open_session_async  (FerrydManager       *self,
                                                   const char          *app_id,
                                                   const char          *identifier,
                                                   GVariant            *configuration,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);

/* Returns: (transfer none): the session, or NULL */
FerrydSession *ferryd_manager_open_session_finish (FerrydManager  *self,
                                                   GAsyncResult   *result,
                                                   gboolean       *created,
                                                   GError        **error);

/* Makes a task of @row (transfer full; without an id) in @session. */
void           ferryd_manager_add_task_async      (FerrydManager       *self,
                                                   FerrydSession       *session,
                                                   FerrydTaskRow       *row,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);

/* Returns: (transfer none): the task, or NULL */
FerrydTask    *ferryd_manager_add_task_finish     (FerrydManager  *self,
                                                   GAsyncResult   *result,
                                                   GError        **error);

/* Stops all jobs, where they can be taken up again, starts no more, and closes the store. */
void           ferryd_manager_shut_down_async     (FerrydManager       *self,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);

gboolean       ferryd_manager_shut_down_finish    (FerrydManager  *self,
                                                   GAsyncResult   *result,
                                                   GError        **error);

G_END_DECLS
