/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-runner"

#include "config.h"

#include "model/runner.h"

G_DEFINE_INTERFACE (FerrydRunner, ferryd_runner, G_TYPE_OBJECT)

typedef enum
{
  NOTED,
  WRITTEN,
  REDIRECTED,
  ENDED,
} Signal;

static guint signals[ENDED + 1];

static void
ferryd_runner_default_init (FerrydRunnerInterface *iface)
{
  /* (gint64 task_id, const FerrydKept *kept): the store has it. */
  signals[NOTED] = g_signal_new ("noted", FERRYD_TYPE_RUNNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_POINTER);

  /* (gint64 task_id): all bytes are here; the job waits for the disk and needs no slot. */
  signals[WRITTEN] = g_signal_new ("written", FERRYD_TYPE_RUNNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_INT64);

  /* (gint64 task_id, guint status, const char *url): the answer points elsewhere. */
  signals[REDIRECTED] = g_signal_new ("redirected", FERRYD_TYPE_RUNNER, G_SIGNAL_RUN_LAST, 0, NULL,
                                      NULL, NULL, G_TYPE_NONE, 3, G_TYPE_INT64, G_TYPE_UINT,
                                      G_TYPE_STRING);

  /* (gint64 task_id, const FerrydOutcome *outcome): the job is no more. */
  signals[ENDED] = g_signal_new ("ended", FERRYD_TYPE_RUNNER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 2, G_TYPE_INT64, G_TYPE_POINTER);
}

void
ferryd_runner_start (FerrydRunner           *self,
                     const FerrydSessionRow *session,
                     const FerrydTaskRow    *task,
                     const FerrydOrders     *orders)
{
  g_return_if_fail (FERRYD_IS_RUNNER (self));

  FERRYD_RUNNER_GET_IFACE (self)->start (self, session, task, orders);
}

void
ferryd_runner_stop (FerrydRunner *self,
                    gint64        task_id,
                    FerrydCause   cause)
{
  g_return_if_fail (FERRYD_IS_RUNNER (self));

  FERRYD_RUNNER_GET_IFACE (self)->stop (self, task_id, cause);
}

const FerrydTally *
ferryd_runner_get_tally (FerrydRunner *self,
                         gint64        task_id)
{
  g_return_val_if_fail (FERRYD_IS_RUNNER (self), NULL);

  return FERRYD_RUNNER_GET_IFACE (self)->get_tally (self, task_id);
}

void
ferryd_runner_discard_async (FerrydRunner        *self,
                             const FerrydTaskRow *task,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  g_return_if_fail (FERRYD_IS_RUNNER (self));

  FERRYD_RUNNER_GET_IFACE (self)->discard_async (self, task, callback, user_data);
}

gboolean
ferryd_runner_discard_finish (FerrydRunner  *self,
                              GAsyncResult  *result,
                              GError       **error)
{
  g_return_val_if_fail (FERRYD_IS_RUNNER (self), FALSE);

  return FERRYD_RUNNER_GET_IFACE (self)->discard_finish (self, result, error);
}

void
ferryd_runner_has_room_async (FerrydRunner        *self,
                              const FerrydTaskRow *task,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_return_if_fail (FERRYD_IS_RUNNER (self));

  FERRYD_RUNNER_GET_IFACE (self)->has_room_async (self, task, callback, user_data);
}

gboolean
ferryd_runner_has_room_finish (FerrydRunner *self,
                               GAsyncResult *result)
{
  g_return_val_if_fail (FERRYD_IS_RUNNER (self), FALSE);

  return FERRYD_RUNNER_GET_IFACE (self)->has_room_finish (self, result);
}

void
ferryd_runner_set_limit (FerrydRunner *self,
                         guint64       limit)
{
  g_return_if_fail (FERRYD_IS_RUNNER (self));

  FERRYD_RUNNER_GET_IFACE (self)->set_limit (self, limit);
}

void
ferryd_runner_set_task_limit (FerrydRunner *self,
                              gint64        task_id,
                              guint64       limit)
{
  g_return_if_fail (FERRYD_IS_RUNNER (self));

  FERRYD_RUNNER_GET_IFACE (self)->set_task_limit (self, task_id, limit);
}

void
ferryd_runner_reset_session (FerrydRunner *self,
                             gint64        session_id)
{
  g_return_if_fail (FERRYD_IS_RUNNER (self));

  FERRYD_RUNNER_GET_IFACE (self)->reset_session (self, session_id);
}

void
ferryd_runner_delete_result_async (FerrydRunner        *self,
                                   const FerrydTaskRow *task,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  g_return_if_fail (FERRYD_IS_RUNNER (self));

  FERRYD_RUNNER_GET_IFACE (self)->delete_result_async (self, task, callback, user_data);
}

gboolean
ferryd_runner_delete_result_finish (FerrydRunner  *self,
                                    GAsyncResult  *result,
                                    GError       **error)
{
  g_return_val_if_fail (FERRYD_IS_RUNNER (self), FALSE);

  return FERRYD_RUNNER_GET_IFACE (self)->delete_result_finish (self, result, error);
}

void
ferryd_runner_open_result_async (FerrydRunner        *self,
                                 const FerrydTaskRow *task,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  g_return_if_fail (FERRYD_IS_RUNNER (self));

  FERRYD_RUNNER_GET_IFACE (self)->open_result_async (self, task, callback, user_data);
}

int
ferryd_runner_open_result_finish (FerrydRunner  *self,
                                  GAsyncResult  *result,
                                  GError       **error)
{
  g_return_val_if_fail (FERRYD_IS_RUNNER (self), -1);

  return FERRYD_RUNNER_GET_IFACE (self)->open_result_finish (self, result, error);
}

void
ferryd_runner_move_async (FerrydRunner        *self,
                          const FerrydTaskRow *task,
                          const char          *folder,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_return_if_fail (FERRYD_IS_RUNNER (self));

  FERRYD_RUNNER_GET_IFACE (self)->move_async (self, task, folder, callback, user_data);
}

FerrydKept *
ferryd_runner_move_finish (FerrydRunner  *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (FERRYD_IS_RUNNER (self), NULL);

  return FERRYD_RUNNER_GET_IFACE (self)->move_finish (self, result, error);
}

void
ferryd_runner_forget_async (FerrydRunner        *self,
                            const FerrydTaskRow *task,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_return_if_fail (FERRYD_IS_RUNNER (self));

  FERRYD_RUNNER_GET_IFACE (self)->forget_async (self, task, callback, user_data);
}

gboolean
ferryd_runner_forget_finish (FerrydRunner *self,
                             GAsyncResult *result)
{
  g_return_val_if_fail (FERRYD_IS_RUNNER (self), FALSE);

  return FERRYD_RUNNER_GET_IFACE (self)->forget_finish (self, result);
}

void
ferryd_runner_probe_async (FerrydRunner        *self,
                           const char          *url,
                           GVariant            *options,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_return_if_fail (FERRYD_IS_RUNNER (self));

  FERRYD_RUNNER_GET_IFACE (self)->probe_async (self, url, options, callback, user_data);
}

GVariant *
ferryd_runner_probe_finish (FerrydRunner  *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  g_return_val_if_fail (FERRYD_IS_RUNNER (self), NULL);

  return FERRYD_RUNNER_GET_IFACE (self)->probe_finish (self, result, error);
}

void
ferryd_runner_emit_noted (FerrydRunner     *self,
                          gint64            task_id,
                          const FerrydKept *kept)
{
  g_signal_emit (self, signals[NOTED], 0, task_id, kept);
}

void
ferryd_runner_emit_written (FerrydRunner *self,
                            gint64        task_id)
{
  g_signal_emit (self, signals[WRITTEN], 0, task_id);
}

void
ferryd_runner_emit_redirected (FerrydRunner *self,
                               gint64        task_id,
                               guint         status,
                               const char   *url)
{
  g_signal_emit (self, signals[REDIRECTED], 0, task_id, status, url);
}

void
ferryd_runner_emit_ended (FerrydRunner        *self,
                          gint64               task_id,
                          const FerrydOutcome *outcome)
{
  g_signal_emit (self, signals[ENDED], 0, task_id, outcome);
}
