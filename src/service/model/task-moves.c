/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-task"

#include "config.h"

#include "common/error.h"
#include "model/ending.h"
#include "model/session.h"
#include "model/moves.h"

/* How long a job's end that could not be written down waits before it is tried again. */
#define SAVE_AGAIN_S 5

#define TO(state) (1u << FERRY_TASK_STATE_##state)
static const guint next_states[FERRY_N_TASK_STATES] = {
  [FERRY_TASK_STATE_SUSPENDED] = TO (WAITING) | TO (FAILED) | TO (CANCELLED),
  [FERRY_TASK_STATE_WAITING] = TO (RUNNING) | TO (SUSPENDED) | TO (FAILED) | TO (CANCELLED),
  [FERRY_TASK_STATE_RUNNING] = TO (WAITING) | TO (SUSPENDED) | TO (FINISHED) | TO (FAILED) |
                               TO (CANCELLED),
  [FERRY_TASK_STATE_FAILED] = TO (WAITING) | TO (CANCELLED),
};

static void begin_next_move (FerrydTask *self);  /* moves cause moves */

gboolean
ferryd_task_may_move (FerrydTask     *self,
                      FerryTaskState  to)
{
  return (next_states[self->row->status.state] & (1u << to)) != 0;
}

static void
move_free (FerrydMove *move)
{
  g_clear_object (&move->answer);
  ferryd_task_status_clear (&move->to);
  g_clear_pointer (&move->event, ferryd_event_free);
  ferryd_task_edit_clear (&move->edit);
  g_clear_pointer (&move->row, ferryd_task_row_free);
  g_free (move);
}

FerrydMove *
ferryd_move_new (FerrydMoveKind  kind,
                 GTask          *answer)
{
  FerrydMove *move = g_new0 (FerrydMove, 1);

  move->kind = kind;
  move->answer = answer;
  return move;
}

void
ferryd_task_take_up_move (FerrydTask *self,
                          FerrydMove *move)
{
  g_assert (self->current == NULL);

  (void) g_queue_remove (&self->moves, move);  /* it was the first */
  self->current = move;
}

gboolean
ferryd_task_finish_move (FerrydTask *self,
                         FerrydMove *move,
                         GError     *error)
{
  g_autoptr(GTask) answer = g_steal_pointer (&move->answer);

  if (self->current == move)
    self->current = NULL;
  else
    (void) g_queue_remove (&self->moves, move);  /* it is there */
  move_free (move);

  if (answer != NULL && error != NULL)
    g_task_return_error (answer, error);
  else if (answer != NULL)
    g_task_return_boolean (answer, TRUE);
  else
    g_clear_error (&error);

  return TRUE;
}

void
ferryd_task_land_move (FerrydTask *self,
                       GError     *error)
{
  (void) ferryd_task_finish_move (self, self->current, error);  /* always TRUE */
  begin_next_move (self);
  ferryd_task_emit_settled (self);
}

gboolean
ferryd_task_refuse_move (FerrydTask *self,
                         FerrydMove *move,
                         const char *what)
{
  return ferryd_task_finish_move (self, move,
                                  g_error_new (FERRY_ERROR, FERRY_ERROR_WRONG_STATE,
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
    (void) ferryd_task_finish_move (self, g_queue_peek_head (&self->moves),
                                    g_error_new (FERRY_ERROR, FERRY_ERROR_STORE,
                                                 "The service is leaving and its database fails"));
}

static void
start_job (FerrydTask *self)
{
  const FerrydConfiguration *configuration = ferryd_session_get_configuration (self->session);
  gint64 used = ferryd_ending_get_clock (&self->row->status, g_get_real_time ());
  gint64 left = (gint64) configuration->resource_timeout * G_USEC_PER_SEC - used;
  FerrydOrders orders = {
    .session_secrets = ferryd_session_get_secrets (self->session),
    .task_secrets = self->secrets,
    .deadline = g_get_monotonic_time () + MAX (left, 0),
    .behind_portal = self->world != NULL && self->world->behind_portal,
    .write_origin = self->world == NULL || self->world->write_origin,
  };

  self->secrets_age = ferryd_session_get_secrets_age (self->session);
  ferryd_task_begin_counting (self);
  ferryd_runner_start (self->runner, ferryd_session_get_row (self->session), self->row, &orders);
  self->has_job = TRUE;
}

/* Written down: memory follows. */
static void
move_on (FerrydTask *self,
         FerrydMove *move)
{
  g_autoptr(FerrydEvent) event = g_steal_pointer (&move->event);
  gboolean runs = move->kind == FERRYD_MOVE_RUN && move->to.state == FERRY_TASK_STATE_RUNNING;

  if (runs)
    start_job (self);
  else if (move->kind == FERRYD_MOVE_RUN)
    self->has_slot = FALSE;
  apply_status (self, &move->to);
  if (event != NULL)
    ferryd_task_emit_event (self, event);
  if (runs && self->leaves)
    ferryd_runner_stop (self->runner, self->row->id, FERRYD_CAUSE_SHUTDOWN);
}

/* A job that is no more: told until the disk listens. */
static void
try_again (FerrydTask   *self,
           const GError *error)
{
  g_warning ("How task %" G_GINT64_FORMAT " ended could not be written yet: %s", self->row->id,
             error->message);
  g_queue_push_head (&self->moves, g_steal_pointer (&self->current));
  self->retry = g_timeout_add_seconds (SAVE_AGAIN_S, on_retry_cb, self);
}

static gboolean
on_rested_cb (gpointer user_data)
{
  FerrydTask *self = user_data;

  self->rest = 0;
  ferryd_task_emit_changed (self, FERRYD_TASK_CHANGE (RETRY_AT));  /* it wants a slot again */
  return G_SOURCE_REMOVE;
}

/* It does not run for a while, and wishes have their turn. */
static void
rest (FerrydTask *self)
{
  self->has_slot = FALSE;
  if (self->rest == 0 && !self->leaves)
    self->rest = g_timeout_add_seconds (SAVE_AGAIN_S, on_rested_cb, self);
}

static void
status_saved_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(FerrydTask) self = user_data;
  FerrydMove *move = self->current;
  FerrydMoveKind kind = move->kind;
  gint64 serial = 0;
  GError *error = NULL;

  if (ferryd_store_save_status_finish (FERRYD_STORE (object), result, &serial, &error))
    {
      if (move->event != NULL)
        move->event->serial = serial;
      move_on (self, move);
    }
  else if (kind == FERRYD_MOVE_END && !self->leaves)
    {
      try_again (self, error);
      g_clear_error (&error);
      return;
    }
  else if (kind == FERRYD_MOVE_RUN)
    rest (self);
  else if (kind == FERRYD_MOVE_END)
    {
      g_warning ("How task %" G_GINT64_FORMAT " ended could not be written: %s", self->row->id,
                 error->message);
      abandon_moves (self);
    }

  ferryd_task_land_move (self, error);
}

void
ferryd_task_save_status (FerrydTask *self)
{
  FerrydMove *move = self->current;

  g_assert (ferryd_task_may_move (self, move->to.state) ||
            self->row->status.state == move->to.state);

  g_clear_pointer (&move->event, ferryd_event_free);
  move->event = ferryd_task_new_event (self, &move->to);
  ferryd_store_save_status_async (self->store, self->row->id, &move->to, move->event,
                                  status_saved_cb, g_object_ref (self));
}

gboolean
ferryd_task_save_move (FerrydTask *self,
                       FerrydMove *move)
{
  ferryd_task_take_up_move (self, move);
  ferryd_task_save_status (self);
  return FALSE;
}

/* What is left of a job's end is to write it down. */
static gboolean
begin_end (FerrydTask *self,
           FerrydMove *move)
{
  return ferryd_task_save_move (self, move);
}

static gboolean (* const begin[]) (FerrydTask *self,
                                   FerrydMove *move) = {
  [FERRYD_MOVE_RESUME] = ferryd_task_begin_resume,
  [FERRYD_MOVE_SUSPEND] = ferryd_task_begin_suspend,
  [FERRYD_MOVE_CANCEL] = ferryd_task_begin_cancel,
  [FERRYD_MOVE_CANCEL_KEEPING] = ferryd_task_begin_cancel_keeping,
  [FERRYD_MOVE_REMOVE] = ferryd_task_begin_remove,
  [FERRYD_MOVE_REMOVE_FILES] = ferryd_task_begin_remove,
  [FERRYD_MOVE_RUN] = ferryd_task_begin_run,
  [FERRYD_MOVE_LIFT] = ferryd_task_begin_lift,
  [FERRYD_MOVE_END] = begin_end,
  [FERRYD_MOVE_EXPIRE] = ferryd_task_begin_expire,
  [FERRYD_MOVE_EDIT] = ferryd_task_begin_edit,
  [FERRYD_MOVE_KEY] = ferryd_task_begin_key,
  [FERRYD_MOVE_FORGET] = ferryd_task_begin_forget,
};

/*
 * A move is judged by the state that it finds when its turn comes, not when it was asked for: the
 * one before it may still be on its way to the disk. A wish on a running task stays the first until
 * the job has ended; the end goes before it, and then it is judged.
 */
static void
begin_next_move (FerrydTask *self)
{
  FerrydMove *move;

  do
    {
      move = g_queue_peek_head (&self->moves);
      if (move == NULL || self->current != NULL || self->retry != 0 || self->is_lent)
        return;
    }
  while (begin[move->kind] (self, move));
}

void
ferryd_task_clear_moves (FerrydTask *self)
{
  g_queue_clear_full (&self->moves, (GDestroyNotify) move_free);
}

void
ferryd_task_queue_move (FerrydTask *self,
                        FerrydMove *move)
{
  if (self->is_removed)
    {
      g_queue_push_tail (&self->moves, move);
      (void) ferryd_task_finish_move (self, move,
                                      g_error_new (FERRY_ERROR, FERRY_ERROR_NOT_FOUND,
                                                   "Task %" G_GINT64_FORMAT " has been removed",
                                                   self->row->id));
      return;
    }

  g_queue_push_tail (&self->moves, move);
  begin_next_move (self);
}

void
ferryd_task_wish_async (FerrydTask          *self,
                        FerrydWish           wish,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  GTask *answer;

  g_return_if_fail (FERRYD_IS_TASK (self));

  answer = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (answer, (gpointer) (guintptr) ferryd_task_wish_async);
  ferryd_task_queue_move (self, ferryd_move_new ((FerrydMoveKind) wish, answer));
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
  ferryd_task_queue_move (self, ferryd_move_new (FERRYD_MOVE_RUN, NULL));
}

void
ferryd_task_end_wait (FerrydTask      *self,
                      FerryWaitReason  reason)
{
  FerrydMove *move;

  g_return_if_fail (FERRYD_IS_TASK (self));

  if (self->leaves)
    return;  /* it would not go on any more, and the store may be closed */

  move = ferryd_move_new (FERRYD_MOVE_LIFT, NULL);
  move->lifted = reason;
  ferryd_task_queue_move (self, move);
}

static int
is_expiry_cb (gconstpointer move,
              gconstpointer unused)
{
  return ((const FerrydMove *) move)->kind != FERRYD_MOVE_EXPIRE;
}

void
ferryd_task_expire (FerrydTask *self)
{
  gboolean is_asked_for;

  g_return_if_fail (FERRYD_IS_TASK (self));

  is_asked_for = (self->current != NULL && self->current->kind == FERRYD_MOVE_EXPIRE) ||
                 g_queue_find_custom (&self->moves, NULL, is_expiry_cb) != NULL;
  if (is_asked_for)
    return;

  ferryd_task_queue_move (self, ferryd_move_new (FERRYD_MOVE_EXPIRE, NULL));
}

void
ferryd_task_lend (FerrydTask *self)
{
  self->is_lent = TRUE;
}

void
ferryd_task_end_lending (FerrydTask *self,
                         gboolean    taken)
{
  self->is_lent = FALSE;
  if (taken)
    {
      ferryd_part_clear (&self->row->kept->part);
      ferryd_part_clear (&self->row->kept->spare);
      ferryd_kept_drop_other (self->row->kept);
      g_clear_pointer (&self->row->resume_key, g_bytes_unref);
      ferryd_task_count_kept (self);
      ferryd_task_emit_changed (self, FERRYD_TASK_CHANGE (PATH));
    }
  begin_next_move (self);
  ferryd_task_emit_settled (self);
}

static gboolean
won_bytes (FerrydTask *self)
{
  const FerrydTally *tally = ferryd_runner_get_tally (self->runner, self->row->id);

  return tally != NULL && atomic_load_explicit (&tally->moved, memory_order_relaxed) > 0;
}

void
ferryd_task_end (FerrydTask          *self,
                 const FerrydOutcome *outcome)
{
  FerrydCircumstances circumstances = {
    .won_bytes = won_bytes (self),
    .network_available = self->world == NULL || self->world->network_available,
    .now = g_get_real_time (),
    .jitter = g_random_double (),
  };
  FerrydMove *move;

  g_return_if_fail (FERRYD_IS_TASK (self));
  g_return_if_fail (self->row->status.state == FERRY_TASK_STATE_RUNNING);

  ferryd_task_sample (self);
  self->has_slot = FALSE;
  self->has_job = FALSE;
  move = ferryd_move_new (FERRYD_MOVE_END, NULL);
  ferryd_ending_describe_outcome (&self->row->status, outcome, &circumstances, &move->to);
  /* Others than those that were refused have been given meanwhile. */
  if (move->to.reason == FERRY_WAIT_REASON_CREDENTIALS &&
      self->secrets_age != ferryd_session_get_secrets_age (self->session))
    ferryd_ending_describe_waiting (&self->row->status, FERRY_WAIT_REASON_QUEUE, &move->to);

  g_queue_push_head (&self->moves, move);
  begin_next_move (self);
}
