/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/store.h"
#include "transfer/outcome.h"
#include "transfer/tally.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_RUNNER (ferryd_runner_get_type ())
G_DECLARE_INTERFACE (FerrydRunner, ferryd_runner, FERRYD, RUNNER, GObject)

/*
 * FerrydRunnerInterface:
 * @start: begins a job for @task, which has none; it lasts until the signal `ended`, which never
 * comes from inside a call
 * @stop: tells the job to end; its outcome says what came of it
 * @get_tally: what the job counts; valid until `ended` has been told. NULL: the task has no job
 * @discard_async: deletes what earlier jobs of @task, which has none now, left on disk
 * @discard_finish: %FALSE if something stays; WRONG_STATE: it is the finished file
 * @has_room_async: looks whether what is missing of @task would fit on its disk now
 * @has_room_finish: %TRUE if so
 *
 * What the model needs of an engine. All on the main thread; arguments are copied.
 */
struct _FerrydRunnerInterface
{
  GTypeInterface g_iface;

  void                (* start)          (FerrydRunner           *self,
                                          const FerrydSessionRow *session,
                                          const FerrydTaskRow    *task);
  void                (* stop)           (FerrydRunner *self,
                                          gint64        task_id,
                                          FerrydCause   cause);
  const FerrydTally * (* get_tally)      (FerrydRunner *self,
                                          gint64        task_id);
  void                (* discard_async)  (FerrydRunner        *self,
                                          const FerrydTaskRow *task,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data);
  gboolean            (* discard_finish) (FerrydRunner  *self,
                                          GAsyncResult  *result,
                                          GError       **error);
  void                (* has_room_async) (FerrydRunner        *self,
                                          const FerrydTaskRow *task,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data);
  gboolean            (* has_room_finish) (FerrydRunner *self,
                                           GAsyncResult *result);
};

void               ferryd_runner_start          (FerrydRunner           *self,
                                                 const FerrydSessionRow *session,
                                                 const FerrydTaskRow    *task);

void               ferryd_runner_stop           (FerrydRunner *self,
                                                 gint64        task_id,
                                                 FerrydCause   cause);

const FerrydTally *ferryd_runner_get_tally      (FerrydRunner *self,
                                                 gint64        task_id);

void               ferryd_runner_discard_async  (FerrydRunner        *self,
                                                 const FerrydTaskRow *task,
                                                 GAsyncReadyCallback  callback,
                                                 gpointer             user_data);

gboolean           ferryd_runner_discard_finish (FerrydRunner  *self,
                                                 GAsyncResult  *result,
                                                 GError       **error);

void               ferryd_runner_has_room_async (FerrydRunner        *self,
                                                 const FerrydTaskRow *task,
                                                 GAsyncReadyCallback  callback,
                                                 gpointer             user_data);

gboolean           ferryd_runner_has_room_finish (FerrydRunner *self,
                                                  GAsyncResult *result);

/* For those who implement it: what a job tells. @kept and @outcome are the receiver's to read. */
void               ferryd_runner_emit_noted     (FerrydRunner     *self,
                                                 gint64            task_id,
                                                 const FerrydKept *kept);

void               ferryd_runner_emit_written   (FerrydRunner *self,
                                                 gint64        task_id);

void               ferryd_runner_emit_ended     (FerrydRunner        *self,
                                                 gint64               task_id,
                                                 const FerrydOutcome *outcome);

G_END_DECLS
