/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-task"

#include "config.h"

#include "common/error.h"
#include "model/ending.h"
#include "model/moves.h"
#include "model/session.h"

/* The job's end will come first, and decide. */
static gboolean
stop_job (FerrydTask  *self,
          FerrydCause  cause)
{
  ferryd_runner_stop (self->runner, self->row->id, cause);
  return FALSE;
}

static gboolean
is_in_queue (FerrydTask *self)
{
  FerryWaitReason reason = self->row->status.reason;

  return self->row->status.state == FERRY_TASK_STATE_WAITING &&
         (reason == FERRY_WAIT_REASON_QUEUE || reason == FERRY_WAIT_REASON_HOST_LIMIT ||
          reason == FERRY_WAIT_REASON_NOT_YET);
}

gboolean
ferryd_task_begin_resume (FerrydTask *self,
                          FerrydMove *move)
{
  const FerrydTaskStatus *status = &self->row->status;

  if (status->state == FERRY_TASK_STATE_RUNNING || is_in_queue (self))
    return ferryd_task_finish_move (self, move, NULL);
  if (status->state != FERRY_TASK_STATE_WAITING &&
      !ferryd_task_may_move (self, FERRY_TASK_STATE_WAITING))
    return ferryd_task_refuse_move (self, move, "resumed");
  if (ferryd_session_get_state (self->session) == FERRY_SESSION_STATE_INVALID)
    return ferryd_task_refuse_move (self, move, "resumed in a session that is no more");

  ferryd_ending_describe_waiting (status, FERRY_WAIT_REASON_QUEUE, &move->to);
  move->to.attempts = 0;
  /* Whoever tries a failed one again gives it its time again. */
  if (status->state == FERRY_TASK_STATE_FAILED)
    move->to.clock_used = 0;
  return ferryd_task_save_move (self, move);
}

/* What somebody has asked for in the meantime stands. */
gboolean
ferryd_task_begin_lift (FerrydTask *self,
                        FerrydMove *move)
{
  if (self->row->status.reason != move->lifted)
    return ferryd_task_finish_move (self, move, NULL);

  return ferryd_task_begin_resume (self, move);
}

gboolean
ferryd_task_begin_suspend (FerrydTask *self,
                           FerrydMove *move)
{
  const FerrydTaskStatus *status = &self->row->status;

  if (status->state == FERRY_TASK_STATE_SUSPENDED)
    return ferryd_task_finish_move (self, move, NULL);
  if (status->state == FERRY_TASK_STATE_RUNNING)
    return stop_job (self, FERRYD_CAUSE_SUSPEND);
  if (!ferryd_task_may_move (self, FERRY_TASK_STATE_SUSPENDED))
    return ferryd_task_refuse_move (self, move, "suspended");

  ferryd_ending_describe (status, FERRY_TASK_STATE_SUSPENDED, &move->to);
  return ferryd_task_save_move (self, move);
}

static void
discarded_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(FerrydTask) self = user_data;
  GError *error = NULL;
  gboolean discarded = ferryd_runner_discard_finish (FERRYD_RUNNER (object), result, &error);

  /* It was stopped after its file had got its name: the next run will find that it is finished. */
  if (!discarded && g_error_matches (error, FERRY_ERROR, FERRY_ERROR_WRONG_STATE))
    {
      ferryd_task_land_move (self, error);
      return;
    }

  if (!discarded)
    g_info ("The part of task %" G_GINT64_FORMAT " stays: %s", self->row->id, error->message);
  g_clear_error (&error);
  ferryd_task_save_status (self);
}

/* The bytes go first: stopped in between, the task is there still, and can be cancelled again. */
gboolean
ferryd_task_begin_cancel (FerrydTask *self,
                          FerrydMove *move)
{
  const FerrydTaskStatus *status = &self->row->status;

  if (status->state == FERRY_TASK_STATE_CANCELLED)
    return ferryd_task_finish_move (self, move, NULL);
  if (status->state == FERRY_TASK_STATE_RUNNING)
    return stop_job (self, FERRYD_CAUSE_CANCEL);
  if (!ferryd_task_may_move (self, FERRY_TASK_STATE_CANCELLED))
    return ferryd_task_refuse_move (self, move, "cancelled");

  ferryd_ending_describe (status, FERRY_TASK_STATE_CANCELLED, &move->to);
  ferryd_task_take_up_move (self, move);
  ferryd_runner_discard_async (self->runner, self->row, discarded_cb, g_object_ref (self));
  return FALSE;
}

/* A running one is suspended first, and is judged again by what it keeps then. */
gboolean
ferryd_task_begin_cancel_keeping (FerrydTask *self,
                                  FerrydMove *move)
{
  FerryTaskState state = self->row->status.state;

  if (state == FERRY_TASK_STATE_RUNNING)
    return stop_job (self, FERRYD_CAUSE_SUSPEND);
  if (!ferryd_task_may_move (self, FERRY_TASK_STATE_CANCELLED) ||
      !ferryd_task_is_resumable (self))
    return ferryd_task_begin_cancel (self, move);

  ferryd_ending_describe (&self->row->status, FERRY_TASK_STATE_CANCELLED, &move->to);
  return ferryd_task_save_move (self, move);
}

/* Where secrets are missing that only its owner has, it waits for them in place of running. */
gboolean
ferryd_task_begin_run (FerrydTask *self,
                       FerrydMove *move)
{
  const FerrydTaskStatus *status = &self->row->status;

  if (status->state != FERRY_TASK_STATE_WAITING || !self->has_slot || self->leaves)
    {
      self->has_slot = FALSE;
      return ferryd_task_finish_move (self, move, NULL);
    }

  if (ferryd_task_misses_secrets (self))
    {
      g_autoptr(GError) error = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_CREDENTIALS,
                                                     "Its secret headers have to be given again");

      ferryd_ending_describe_problem (status, FERRY_TASK_STATE_WAITING,
                                      FERRY_WAIT_REASON_CREDENTIALS, error, &move->to);
    }
  else
    ferryd_ending_describe (status, FERRY_TASK_STATE_RUNNING, &move->to);

  return ferryd_task_save_move (self, move);
}

gboolean
ferryd_task_begin_expire (FerrydTask *self,
                          FerrydMove *move)
{
  gint64 expiry = ferryd_task_get_expiry (self);
  g_autoptr(GError) error = NULL;

  if (expiry == 0 || expiry > g_get_real_time ())
    return ferryd_task_finish_move (self, move, NULL);

  error = g_error_new (FERRY_ERROR, FERRY_ERROR_TIMEOUT,
                       "It was not done within its %" G_GUINT64_FORMAT " s",
                       ferryd_session_get_configuration (self->session)->resource_timeout);
  ferryd_ending_describe_problem (&self->row->status, FERRY_TASK_STATE_FAILED,
                                  FERRY_WAIT_REASON_NONE, error, &move->to);
  return ferryd_task_save_move (self, move);
}
