/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/session.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_MANAGER (ferryd_manager_get_type ())
G_DECLARE_FINAL_TYPE (FerrydManager, ferryd_manager, FERRYD, MANAGER, GObject)

/* What people have set for all sessions together. A value. */
typedef struct
{
  guint    max_running;     /* at least 1 */
  guint    max_per_host;    /* at least 1 */
  guint64  download_limit;  /* bytes a second; 0: none */
  guint    history_tasks;   /* finished and cancelled ones that are kept; 0: any number */
  guint    history_days;    /* days that they are kept; 0: for ever */
  gboolean write_origin;    /* files carry where they came from */
} FerrydPolicy;

/*
 * All sessions and tasks, and who of them runs.
 *
 * Signals, each after it is on disk: `session-added (FerrydSession *)`,
 * `session-removed (FerrydSession *)`, `session-event (FerrydSession *, const FerrydEvent *)`: of
 * the session itself, `task-added (FerrydTask *)`, `task-removed (FerrydTask *)`,
 * `task-changed (FerrydTask *, guint mask)`, `task-event (FerrydTask *, const FerrydEvent *)`,
 * `task-redirected (FerrydTask *, guint status, const char *url)`; `settled ()`: less is under way
 * than before.
 */
FerrydManager *ferryd_manager_new                 (FerrydStore  *store,
                                                   FerrydRunner *runner);

/* Any time; the manager begins with sensible values. */
void           ferryd_manager_set_policy          (FerrydManager      *self,
                                                   const FerrydPolicy *policy);

/* What the network monitor says; to be called whenever it says anything. */
void           ferryd_manager_note_network        (FerrydManager *self,
                                                   gboolean       available,
                                                   gboolean       behind_portal);

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

/* All, by rising id; of FerrydSession. Returns: (transfer container) */
GPtrArray     *ferryd_manager_get_sessions        (FerrydManager *self);

/* All, by rising id; of FerrydTask. */
GPtrArray     *ferryd_manager_get_tasks           (FerrydManager *self);

/* The task of an app whose resume data is @key; NULL: there is none. */
FerrydTask    *ferryd_manager_find_resume_key     (FerrydManager *self,
                                                   const char    *app_id,
                                                   GBytes        *key);

/* Of all running tasks together. */
guint64        ferryd_manager_get_rate            (FerrydManager *self);

guint          ferryd_manager_count               (FerrydManager  *self,
                                                   FerryTaskState  state);

/* Whether the service may leave, as far as tasks go: nothing runs, is under way or waits for what
 * the machine will lift, and no secret that is needed yet would be lost. */
gboolean       ferryd_manager_is_idle             (FerrydManager *self);

/* Finds the open session of that app and name, or makes it. @secrets: (nullable): a{ss}, replace
 * those it has; what waits for them goes on. */
void           ferryd_manager_open_session_async  (FerrydManager       *self,
                                                   const char          *app_id,
                                                   const char          *identifier,
                                                   GVariant            *configuration,
                                                   GVariant            *secrets,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);

/* Returns: (transfer none): the session, or NULL */
FerrydSession *ferryd_manager_open_session_finish (FerrydManager  *self,
                                                   GAsyncResult   *result,
                                                   gboolean       *created,
                                                   GError        **error);

/* The session takes no more tasks, and is invalid when those that it has are over. With @cancel
 * they are cancelled now, and the answer comes when that is done. */
void           ferryd_manager_invalidate_async    (FerrydManager       *self,
                                                   FerrydSession       *session,
                                                   gboolean             cancel,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);

gboolean       ferryd_manager_invalidate_finish   (FerrydManager  *self,
                                                   GAsyncResult   *result,
                                                   GError        **error);

/* Forgets the session's cookies and connections; its running tasks begin again without them. */
void           ferryd_manager_reset               (FerrydManager *self,
                                                   FerrydSession *session);

/* Removes the events of @session up to and including @serial. An invalid session goes with its
 * last one. */
void           ferryd_manager_acknowledge_async   (FerrydManager       *self,
                                                   FerrydSession       *session,
                                                   gint64               serial,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);

gboolean       ferryd_manager_acknowledge_finish  (FerrydManager  *self,
                                                   GAsyncResult   *result,
                                                   GError        **error);

/* Makes tasks of @rows (transfer full; of FerrydTaskRow without ids) in @session, all or none.
 * @secrets: (nullable) (transfer full): of GVariant a{ss} or NULL, for each row. WrongState: the
 * session takes no more. */
void           ferryd_manager_add_tasks_async     (FerrydManager       *self,
                                                   FerrydSession       *session,
                                                   GPtrArray           *rows,
                                                   GPtrArray           *secrets,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);

/* Returns: (transfer container): of FerrydTask, in the order of the rows; or NULL */
GPtrArray     *ferryd_manager_add_tasks_finish    (FerrydManager  *self,
                                                   GAsyncResult   *result,
                                                   GError        **error);

/* A new task in the same session with the same settings and secrets, that keeps nothing. */
void           ferryd_manager_fetch_again_async   (FerrydManager       *self,
                                                   FerrydTask          *task,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);

/* Finishes with ferryd_manager_add_tasks_finish(). */

/* The finished file, opened for reading; see FerrydRunner. */
void           ferryd_manager_open_result_async   (FerrydManager       *self,
                                                   FerrydTask          *task,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);

/* Returns: a descriptor, or −1 */
int            ferryd_manager_open_result_finish  (FerrydManager  *self,
                                                   GAsyncResult   *result,
                                                   GError        **error);

/* Asks the server about @url; see FerrydRunner. */
void           ferryd_manager_probe_async         (FerrydManager       *self,
                                                   const char          *url,
                                                   GVariant            *options,
                                                   GAsyncReadyCallback  callback,
                                                   gpointer             user_data);

/* Returns: (transfer full): a{sv}, or NULL */
GVariant      *ferryd_manager_probe_finish        (FerrydManager  *self,
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
