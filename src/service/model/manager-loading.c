/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-manager"

#include "config.h"

#include "model/manager-private.h"
#include "model/session-private.h"
#include "model/task-private.h"

/* What the machine can lift may have been lifted since the service was last there. */
static void
lift_reason (FerrydTaskStatus *status)
{
  if (status->state != FERRY_TASK_STATE_WAITING ||
      ferry_wait_reason_needs_person (status->reason) ||
      status->retry_at > g_get_real_time ())
    return;

  status->reason = FERRY_WAIT_REASON_QUEUE;
  status->retry_at = 0;
  g_clear_pointer (&status->error_name, g_free);
  g_clear_pointer (&status->error_message, g_free);
}

/* Takes what is in the arrays. */
static void
take_all (FerrydManager *self,
          GPtrArray     *sessions,
          GPtrArray     *tasks,
          GPtrArray     *events)
{
  g_ptr_array_set_free_func (sessions, NULL);
  for (guint i = 0; i < sessions->len; i++)
    (void) ferryd_manager_take_session (self, sessions->pdata[i]);  /* the table has it */

  g_ptr_array_set_free_func (tasks, NULL);
  for (guint i = 0; i < tasks->len; i++)
    {
      FerrydTaskRow *row = tasks->pdata[i];

      lift_reason (&row->status);
      ferryd_task_forget_other (ferryd_manager_take_task (self, row, NULL));
    }

  g_ptr_array_set_free_func (events, NULL);
  for (guint i = 0; i < events->len; i++)
    {
      FerrydEvent *event = events->pdata[i];

      ferryd_session_add_event (ferryd_manager_get_session (self, event->session_id), event);
    }

  for (guint i = 0; i < sessions->len; i++)
    {
      const FerrydSessionRow *row = sessions->pdata[i];

      ferryd_manager_settle_session (self, ferryd_manager_get_session (self, row->id));
    }
}

static void
loaded_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  FerrydManager *self = g_task_get_source_object (task);
  g_autoptr(GPtrArray) sessions = NULL;
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GPtrArray) events = NULL;
  GError *error = NULL;

  if (!ferryd_store_load_finish (FERRYD_STORE (object), result, &sessions, &tasks, &events, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  take_all (self, sessions, tasks, events);
  ferryd_manager_reschedule (self);
  ferryd_manager_prune (self);
  g_task_return_boolean (task, TRUE);
}

void
ferryd_manager_load_async (FerrydManager       *self,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  GTask *task;

  g_return_if_fail (FERRYD_IS_MANAGER (self));

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, (gpointer) (guintptr) ferryd_manager_load_async);
  ferryd_store_load_async (self->store, NULL, loaded_cb, task);
}

gboolean
ferryd_manager_load_finish (FerrydManager  *self,
                            GAsyncResult   *result,
                            GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
