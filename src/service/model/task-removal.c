/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-task"

#include "config.h"

#include "common/error.h"
#include "model/moves.h"

static GError *
new_gone_error (FerrydTask *self)
{
  return g_error_new (FERRY_ERROR, FERRY_ERROR_NOT_FOUND,
                      "Task %" G_GINT64_FORMAT " has been removed", self->row->id);
}

/* Its row is gone, and so is all that was asked of it. */
static void
drop (FerrydTask *self)
{
  self->is_removed = TRUE;
  while (self->moves.length > 0)
    (void) ferryd_task_finish_move (self, g_queue_peek_head (&self->moves), new_gone_error (self));
  ferryd_task_emit_removed (self);
}

static void
row_removed_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(FerrydTask) self = user_data;
  GError *error = NULL;

  if (!ferryd_store_remove_tasks_finish (FERRYD_STORE (object), result, &error))
    {
      ferryd_task_land_move (self, error);
      return;
    }

  drop (self);
  ferryd_task_land_move (self, NULL);
}

static void
remove_row (FerrydTask *self)
{
  ferryd_store_remove_tasks_async (self->store, &self->row->id, 1, row_removed_cb,
                                   g_object_ref (self));
}

static void
result_deleted_cb (GObject      *object,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr(FerrydTask) self = user_data;
  GError *error = NULL;

  if (ferryd_runner_delete_result_finish (FERRYD_RUNNER (object), result, &error))
    remove_row (self);
  else
    ferryd_task_land_move (self, error);
}

static void
part_discarded_cb (GObject      *object,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr(FerrydTask) self = user_data;
  g_autoptr(GError) error = NULL;

  /* What stays is the person's own file by now, or out of reach: the row need not stay for it. */
  if (!ferryd_runner_discard_finish (FERRYD_RUNNER (object), result, &error))
    g_info ("The part of task %" G_GINT64_FORMAT " stays: %s", self->row->id, error->message);
  remove_row (self);
}

/* One that is not over is cancelled first, in a move of its own that goes before this one. */
gboolean
ferryd_task_begin_remove (FerrydTask *self,
                          FerrydMove *move)
{
  FerryTaskState state = self->row->status.state;

  if (state == FERRY_TASK_STATE_RUNNING)
    {
      ferryd_runner_stop (self->runner, self->row->id, FERRYD_CAUSE_CANCEL);
      return FALSE;
    }
  if (!ferry_task_state_is_over (state) && move->has_cancelled)
    return ferryd_task_refuse_move (self, move, "removed");
  if (!ferry_task_state_is_over (state))
    {
      move->has_cancelled = TRUE;
      g_queue_push_head (&self->moves, ferryd_move_new (FERRYD_MOVE_CANCEL, NULL));
      return TRUE;
    }

  ferryd_task_take_up_move (self, move);
  if (state == FERRY_TASK_STATE_FINISHED && move->kind == FERRYD_MOVE_REMOVE_FILES)
    ferryd_runner_delete_result_async (self->runner, self->row, result_deleted_cb,
                                       g_object_ref (self));
  else if (state == FERRY_TASK_STATE_FINISHED)
    remove_row (self);
  else
    ferryd_runner_discard_async (self->runner, self->row, part_discarded_cb, g_object_ref (self));

  return FALSE;
}
