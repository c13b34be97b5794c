/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/store.h"
#include "transfer/outcome.h"
#include "transfer/tally.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_RUNNER (ferryd_runner_get_type ())
G_DECLARE_INTERFACE (FerrydRunner, ferryd_runner, FERRYD, RUNNER, GObject)

/* What a job needs beyond the rows. A value; all of it the caller's. */
typedef struct
{
  GVariant *session_secrets;  /* a{ss}: secret headers of the session. NULL: none */
  GVariant *task_secrets;     /* a{ss}: of the task; stronger. NULL: none */
  gint64    deadline;         /* monotonic µs of the resource time-out. 0: never */
  gboolean  behind_portal;    /* the network says so */
  gboolean  write_origin;     /* the file is to carry where it came from */
} FerrydOrders;

/*
 * FerrydRunnerInterface:
 * @start: begins a job for @task, which has none; it lasts until the signal `ended`, which never
 * comes from inside a call
 * @stop: tells the job to end; its outcome says what came of it
 * @get_tally: what the job counts; valid until `ended` has been told. NULL: the task has no job
 * @set_limit: bytes a second of all jobs together; 0: no limit
 * @set_task_limit: of this one's job, from now on, if it has one
 * @reset_session: forgets the session's cookies and connections; its jobs, which have been told to
 * stop, end with those that they have
 * @discard_async: deletes what earlier jobs of @task, which has none now, left on disk; the store
 * is told
 * @discard_finish: %FALSE if something stays; WRONG_STATE: it is the finished file
 * @delete_result_async: deletes the finished file of @task, if it is still that file
 * @delete_result_finish: %FALSE if it stays
 * @open_result_async: opens the finished file of @task for reading, if it is still that file
 * @open_result_finish: a descriptor, or −1: NotFound, NotAllowed
 * @move_async: makes what @task, which has no job, keeps on disk available in @folder as well; the
 * store is told, as `other`, what is about to be there, and `noted` tells the same
 * @move_finish: (transfer full): what the task keeps once its folder is @folder, with what is in
 * its own one as `other`; or NULL. The store is not told
 * @forget_async: deletes what @task has in another folder, so far as it is still those files; the
 * store is not told
 * @forget_finish: %FALSE if something stays that was to go
 * @has_room_async: looks whether what is missing of @task would fit on its disk now
 * @has_room_finish: %TRUE if so
 * @probe_async: asks the server about @url, with the keys of `Manager.Probe` as @options, secrets
 * included
 * @probe_finish: (transfer full): a{sv} as `Manager.Probe` returns it, or NULL with a FerryError
 *
 * What the model needs of an engine. All on the main thread; arguments are copied.
 */
struct _FerrydRunnerInterface
{
  GTypeInterface g_iface;

  void                (* start)          (FerrydRunner           *self,
                                          const FerrydSessionRow *session,
                                          const FerrydTaskRow    *task,
                                          const FerrydOrders     *orders);
  void                (* stop)           (FerrydRunner *self,
                                          gint64        task_id,
                                          FerrydCause   cause);
  const FerrydTally * (* get_tally)      (FerrydRunner *self,
                                          gint64        task_id);
  void                (* set_limit)      (FerrydRunner *self,
                                          guint64       limit);
  void                (* set_task_limit) (FerrydRunner *self,
                                          gint64        task_id,
                                          guint64       limit);
  void                (* reset_session)  (FerrydRunner *self,
                                          gint64        session_id);
  void                (* discard_async)  (FerrydRunner        *self,
                                          const FerrydTaskRow *task,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data);
  gboolean            (* discard_finish) (FerrydRunner  *self,
                                          GAsyncResult  *result,
                                          GError       **error);
  void                (* delete_result_async)  (FerrydRunner        *self,
                                                const FerrydTaskRow *task,
                                                GAsyncReadyCallback  callback,
                                                gpointer             user_data);
  gboolean            (* delete_result_finish) (FerrydRunner  *self,
                                                GAsyncResult  *result,
                                                GError       **error);
  void                (* open_result_async)    (FerrydRunner        *self,
                                                const FerrydTaskRow *task,
                                                GAsyncReadyCallback  callback,
                                                gpointer             user_data);
  int                 (* open_result_finish)   (FerrydRunner  *self,
                                                GAsyncResult  *result,
                                                GError       **error);
  void                (* move_async)     (FerrydRunner        *self,
                                          const FerrydTaskRow *task,
                                          const char          *folder,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data);
  FerrydKept *        (* move_finish)    (FerrydRunner  *self,
                                          GAsyncResult  *result,
                                          GError       **error);
  void                (* forget_async)   (FerrydRunner        *self,
                                          const FerrydTaskRow *task,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data);
  gboolean            (* forget_finish)  (FerrydRunner *self,
                                          GAsyncResult *result);
  void                (* has_room_async) (FerrydRunner        *self,
                                          const FerrydTaskRow *task,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data);
  gboolean            (* has_room_finish) (FerrydRunner *self,
                                           GAsyncResult *result);
  void                (* probe_async)    (FerrydRunner        *self,
                                          const char          *url,
                                          GVariant            *options,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data);
  GVariant *          (* probe_finish)   (FerrydRunner  *self,
                                          GAsyncResult  *result,
                                          GError       **error);
};

void               ferryd_runner_start          (FerrydRunner           *self,
                                                 const FerrydSessionRow *session,
                                                 const FerrydTaskRow    *task,
                                                 const FerrydOrders     *orders);

void               ferryd_runner_stop           (FerrydRunner *self,
                                                 gint64        task_id,
                                                 FerrydCause   cause);

const FerrydTally *ferryd_runner_get_tally      (FerrydRunner *self,
                                                 gint64        task_id);

void               ferryd_runner_set_limit      (FerrydRunner *self,
                                                 guint64       limit);

void               ferryd_runner_set_task_limit (FerrydRunner *self,
                                                 gint64        task_id,
                                                 guint64       limit);

void               ferryd_runner_reset_session  (FerrydRunner *self,
                                                 gint64        session_id);

void               ferryd_runner_discard_async  (FerrydRunner        *self,
                                                 const FerrydTaskRow *task,
                                                 GAsyncReadyCallback  callback,
                                                 gpointer             user_data);

gboolean           ferryd_runner_discard_finish (FerrydRunner  *self,
                                                 GAsyncResult  *result,
                                                 GError       **error);

void               ferryd_runner_delete_result_async  (FerrydRunner        *self,
                                                       const FerrydTaskRow *task,
                                                       GAsyncReadyCallback  callback,
                                                       gpointer             user_data);

gboolean           ferryd_runner_delete_result_finish (FerrydRunner  *self,
                                                       GAsyncResult  *result,
                                                       GError       **error);

void               ferryd_runner_open_result_async    (FerrydRunner        *self,
                                                       const FerrydTaskRow *task,
                                                       GAsyncReadyCallback  callback,
                                                       gpointer             user_data);

int                ferryd_runner_open_result_finish   (FerrydRunner  *self,
                                                       GAsyncResult  *result,
                                                       GError       **error);

void               ferryd_runner_move_async     (FerrydRunner        *self,
                                                 const FerrydTaskRow *task,
                                                 const char          *folder,
                                                 GAsyncReadyCallback  callback,
                                                 gpointer             user_data);

FerrydKept        *ferryd_runner_move_finish    (FerrydRunner  *self,
                                                 GAsyncResult  *result,
                                                 GError       **error);

void               ferryd_runner_forget_async   (FerrydRunner        *self,
                                                 const FerrydTaskRow *task,
                                                 GAsyncReadyCallback  callback,
                                                 gpointer             user_data);

gboolean           ferryd_runner_forget_finish  (FerrydRunner *self,
                                                 GAsyncResult *result);

void               ferryd_runner_has_room_async (FerrydRunner        *self,
                                                 const FerrydTaskRow *task,
                                                 GAsyncReadyCallback  callback,
                                                 gpointer             user_data);

gboolean           ferryd_runner_has_room_finish (FerrydRunner *self,
                                                  GAsyncResult *result);

void               ferryd_runner_probe_async    (FerrydRunner        *self,
                                                 const char          *url,
                                                 GVariant            *options,
                                                 GAsyncReadyCallback  callback,
                                                 gpointer             user_data);

GVariant          *ferryd_runner_probe_finish   (FerrydRunner  *self,
                                                 GAsyncResult  *result,
                                                 GError       **error);

/* For those who implement it: what a job tells. @kept and @outcome are the receiver's to read. */
void               ferryd_runner_emit_noted     (FerrydRunner     *self,
                                                 gint64            task_id,
                                                 const FerrydKept *kept);

void               ferryd_runner_emit_written   (FerrydRunner *self,
                                                 gint64        task_id);

void               ferryd_runner_emit_redirected (FerrydRunner *self,
                                                  gint64        task_id,
                                                  guint         status,
                                                  const char   *url);

void               ferryd_runner_emit_ended     (FerrydRunner        *self,
                                                 gint64               task_id,
                                                 const FerrydOutcome *outcome);

G_END_DECLS
