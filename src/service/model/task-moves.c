/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-task"

#include "config.h"

#include "common/error.h"
#include "model/ending.h"
#include "model/session.h"
#include "model/task-private.h"

/* How long a job's end that could not be written down waits before it is tried again. */
#define SAVE_AGAIN_S 5

typedef enum
{
  MOVE_RESUME = FERRYD_WISH_RESUME,
  MOVE_SUSPEND = FERRYD_WISH_SUSPEND,
  MOVE_CANCEL = FERRYD_WISH_CANCEL,
  MOVE_RUN,  /* the scheduler's word */
  MOVE_END,  /* the job's outcome, in `to` */
} MoveKind;

/* A change of state that waits for its turn. */
typedef struct
{
  MoveKind          kind;
  GTask            *answer;  /* owned; NULL: nobody waits */
  FerrydTaskStatus  to;      /* owned; what is being written, once it is its turn */
} Move;

#define TO(state) (1u << FERRY_TASK_STATE_##state)
static const guint next_states[FERRY_N_TASK_STATES] = {
  [FERRY_TASK_STATE_SUSPENDED] = TO (WAITING) | TO (FAILED) | TO (CANCELLED),
  [FERRY_TASK_STATE_WAITING] = TO (RUNNING) | TO (SUSPENDED) | TO (FAILED) | TO (CANCELLED),
  [FERRY_TASK_STATE_RUNNING] = TO (WAITING) | TO (SUSPENDED) | TO (FINISHED) | TO (FAILED) |
                               TO (CANCELLED),
  [FERRY_TASK_STATE_FAILED] = TO (WAITING) | TO (CANCELLED),
};

static void begin_next_move (FerrydTask *self);  /* moves cause moves */

static void
move_free (Move *move)
{
  g_clear_object (&move->answer);
  ferryd_task_status_clear (&move->to);
  g_free (move);
}

/* @error: (transfer full) (nullable). Returns TRUE: the move is over. */
static gboolean
finish_move (FerrydTask *self,
             GError     *error)
{
  Move *move = g_queue_pop_head (&self->moves);
  g_autoptr(GTask) answer = g_steal_pointer (&move->answer);
  g_autoptr(GError) owned = error;

  move_free (move);
  if (answer != NULL && owned != NULL)
    g_task_return_error (answer, g_steal_pointer (&owned));
  else if (answer != NULL)
    g_task_return_boolean (answer, TRUE);

  return TRUE;
}

static gboolean
refuse_move (FerrydTask *self,
             const char *what)
{
  return finish_move (self, g_error_new (FERRY_ERROR, FERRY_ERROR_WRONG_STATE,
                                         "Task %" G_GINT64_FORMAT " is %s and cannot be %s",
                                         self->row->id,
                                         ferry_task_state_to_string (self->row->status.state),
                                         what));
}

static void
apply_status (FerrydTask       *self,
              FerrydTaskStatus *to)
{
  FerrydTaskStatus *status = &self->row->status;
  guint mask = ferryd_task_status_compare (status, to);

  ferryd_task_status_clear (status);
  *status = *to;
  *to = (FerrydTaskStatus) { 0 };

  self->position = 0;
  if (status->state != FERRY_TASK_STATE_WAITING && status->state != FERRY_TASK_STATE_RUNNING)
    self->has_slot = FALSE;  /* another may have it before this one waits again */
  if (status->state != FERRY_TASK_STATE_RUNNING)
    ferryd_task_count_kept (self);
  ferryd_task_emit_changed (self, mask);
}

static gboolean
on_retry_cb (gpointer user_data)
{
  FerrydTask *self = user_data;

  self->retry = 0;
  begin_next_move (self);
  return G_SOURCE_REMOVE;
}

/* Leaving, with a row that says running still: the next start takes it up. */
static void
abandon_moves (FerrydTask *self)
{
  while (self->moves.length > 0)
    (void) finish_move (self, g_error_new (FERRY_ERROR, FERRY_ERROR_STORE,
                                           "The service is leaving and its database fails"));
}

static void
status_saved_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(FerrydTask) self = user_data;
  Move *move = g_queue_peek_head (&self->moves);
  MoveKind kind = move->kind;
  GError *error = NULL;

  self->is_saving = FALSE;
  if (ferryd_store_save_status_finish (FERRYD_STORE (object), result, &error))
    {
      if (kind == MOVE_RUN)
        {
          ferryd_task_begin_counting (self);
          ferryd_runner_start (self->runner, ferryd_session_get_row (self->session), self->row);
          self->has_job = TRUE;
        }
      apply_status (self, &move->to);
      if (kind == MOVE_RUN && self->leaves)
        ferryd_runner_stop (self->runner, self->row->id, FERRYD_CAUSE_SHUTDOWN);
      (void) finish_move (self, NULL);
    }
  else if ((kind == MOVE_END || kind == MOVE_RUN) && !self->leaves)
    {
      /* A job that is no more, or a slot that waits for one: told until the disk listens. */
      if (kind == MOVE_END)
        g_warning ("How task %" G_GINT64_FORMAT " ended could not be written yet: %s",
                   self->row->id, error->message);
      g_clear_error (&error);
      self->retry = g_timeout_add_seconds (SAVE_AGAIN_S, on_retry_cb, self);
      return;
    }
  else
    {
      if (kind == MOVE_RUN)
        self->has_slot = FALSE;
      if (kind == MOVE_END)
        g_warning ("How task %" G_GINT64_FORMAT " ended could not be written: %s", self->row->id,
                   error->message);
      (void) finish_move (self, error);
      if (kind == MOVE_END)
        abandon_moves (self);
    }

  begin_next_move (self);
  ferryd_task_emit_settled (self);
}

/* Returns FALSE: the move is under way. */
static gboolean
save_move (FerrydTask *self,
           Move       *move)
{
  g_assert ((next_states[self->row->status.state] & (1u << move->to.state)) != 0 ||
            self->row->status.state == move->to.state);

  self->is_saving = TRUE;
  ferryd_store_save_status_async (self->store, self->row->id, &move->to, status_saved_cb,
                                  g_object_ref (self));
  return FALSE;
}

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
         (reason == FERRY_WAIT_REASON_QUEUE || reason == FERRY_WAIT_REASON_HOST_LIMIT);
}

static gboolean
begin_resume (FerrydTask *self,
              Move       *move)
{
  const FerrydTaskStatus *status = &self->row->status;

  if (status->state == FERRY_TASK_STATE_RUNNING || is_in_queue (self))
    return finish_move (self, NULL);
  if (status->state != FERRY_TASK_STATE_WAITING && (next_states[status->state] & TO (WAITING)) == 0)
    return refuse_move (self, "resumed");

  ferryd_ending_describe_waiting (status, FERRY_WAIT_REASON_QUEUE, &move->to);
  if (move->to.first_resumed == 0)
    move->to.first_resumed = g_get_real_time ();
  return save_move (self, move);
}

static gboolean
begin_suspend (FerrydTask *self,
               Move       *move)
{
  const FerrydTaskStatus *status = &self->row->status;

  if (status->state == FERRY_TASK_STATE_SUSPENDED)
    return finish_move (self, NULL);
  if (status->state == FERRY_TASK_STATE_RUNNING)
    return stop_job (self, FERRYD_CAUSE_SUSPEND);
  if ((next_states[status->state] & TO (SUSPENDED)) == 0)
    return refuse_move (self, "suspended");

  ferryd_ending_describe (status, FERRY_TASK_STATE_SUSPENDED, &move->to);
  return save_move (self, move);
}

static void
discarded_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(FerrydTask) self = user_data;
  g_autoptr(GError) error = NULL;
  gboolean discarded = ferryd_runner_discard_finish (FERRYD_RUNNER (object), result, &error);

  if (discarded || !g_error_matches (error, FERRY_ERROR, FERRY_ERROR_WRONG_STATE))
    {
      if (!discarded)
        g_info ("The part of task %" G_GINT64_FORMAT " stays: %s", self->row->id, error->message);
      (void) save_move (self, g_queue_peek_head (&self->moves));  /* under way */
      return;
    }

  /* It was stopped after its file had got its name: the next run will find that it is finished. */
  self->is_saving = FALSE;
  (void) finish_move (self, g_steal_pointer (&error));
  begin_next_move (self);
  ferryd_task_emit_settled (self);
}

/* The bytes go first: stopped in between, the task is there still, and can be cancelled again. */
static gboolean
begin_cancel (FerrydTask *self,
              Move       *move)
{
  const FerrydTaskStatus *status = &self->row->status;

  if (status->state == FERRY_TASK_STATE_CANCELLED)
    return finish_move (self, NULL);
  if (status->state == FERRY_TASK_STATE_RUNNING)
    return stop_job (self, FERRYD_CAUSE_CANCEL);
  if ((next_states[status->state] & TO (CANCELLED)) == 0)
    return refuse_move (self, "cancelled");

  ferryd_ending_describe (status, FERRY_TASK_STATE_CANCELLED, &move->to);
  self->is_saving = TRUE;
  ferryd_runner_discard_async (self->runner, self->row, discarded_cb, g_object_ref (self));
  return FALSE;
}

static gboolean
begin_run (FerrydTask *self,
           Move       *move)
{
  if (self->row->status.state != FERRY_TASK_STATE_WAITING || !self->has_slot || self->leaves)
    {
      self->has_slot = FALSE;
      return finish_move (self, NULL);
    }

  ferryd_ending_describe (&self->row->status, FERRY_TASK_STATE_RUNNING, &move->to);
  return save_move (self, move);
}

/* What is left of a job's end is to write it down. */
static gboolean
begin_end (FerrydTask *self,
           Move       *move)
{
  return save_move (self, move);
}

/* Each returns whether the move is over already; else it is on its way to the disk, or a wish that
 * waits for the job to end. */
static gboolean (* const begin[]) (FerrydTask *self,
                                   Move       *move) = {
  [MOVE_RESUME] = begin_resume,
  [MOVE_SUSPEND] = begin_suspend,
  [MOVE_CANCEL] = begin_cancel,
  [MOVE_RUN] = begin_run,
  [MOVE_END] = begin_end,
};

/*
 * A move is judged by the state that it finds when its turn comes, not when it was asked for: the
 * one before it may still be on its way to the disk. A wish on a running task stays the first until
 * the job has ended; the end goes before it, and then it is judged.
 */
static void
begin_next_move (FerrydTask *self)
{
  Move *move;

  do
    {
      move = g_queue_peek_head (&self->moves);
      if (move == NULL || self->is_saving || self->retry != 0)
        return;
    }
  while (begin[move->kind] (self, move));
}

void
ferryd_task_clear_moves (FerrydTask *self)
{
  g_queue_clear_full (&self->moves, (GDestroyNotify) move_free);
}

static Move *
new_move (MoveKind kind)
{
  Move *move = g_new0 (Move, 1);

  move->kind = kind;
  return move;
}

void
ferryd_task_wish_async (FerrydTask          *self,
                        FerrydWish           wish,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  Move *move;

  g_return_if_fail (FERRYD_IS_TASK (self));

  move = new_move ((MoveKind) wish);
  move->answer = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (move->answer, (gpointer) (guintptr) ferryd_task_wish_async);
  g_queue_push_tail (&self->moves, move);
  if (self->moves.length == 1)
    begin_next_move (self);
}

gboolean
ferryd_task_wish_finish (FerrydTask    *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ferryd_task_leave (FerrydTask *self)
{
  g_return_if_fail (FERRYD_IS_TASK (self));

  self->leaves = TRUE;
  if (self->has_job)
    ferryd_runner_stop (self->runner, self->row->id, FERRYD_CAUSE_SHUTDOWN);
  if (self->retry != 0)
    {
      g_clear_handle_id (&self->retry, g_source_remove);
      begin_next_move (self);
    }
}

void
ferryd_task_run (FerrydTask *self)
{
  g_return_if_fail (FERRYD_IS_TASK (self));

  self->has_slot = TRUE;
  g_queue_push_tail (&self->moves, new_move (MOVE_RUN));
  if (self->moves.length == 1)
    begin_next_move (self);
}

void
ferryd_task_end (FerrydTask          *self,
                 const FerrydOutcome *outcome)
{
  Move *move;

  g_return_if_fail (FERRYD_IS_TASK (self));
  g_return_if_fail (self->row->status.state == FERRY_TASK_STATE_RUNNING);

  ferryd_task_sample (self);
  self->has_slot = FALSE;
  self->has_job = FALSE;
  move = new_move (MOVE_END);
  ferryd_ending_describe_outcome (&self->row->status, outcome, &move->to);

  g_queue_push_head (&self->moves, move);
  begin_next_move (self);
}
