/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-manager"

#include "config.h"

#include "model/manager-private.h"
#include "model/session-private.h"

static void
closed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(FerrydManager) self = user_data;
  g_autoptr(GTask) leaving = g_steal_pointer (&self->leaving);

  (void) ferryd_store_close_finish (FERRYD_STORE (object), result, NULL);  /* always ends well */
  g_task_return_boolean (leaving, TRUE);
}

static gboolean
is_busy (FerrydManager *self)
{
  g_autoptr(GPtrArray) sessions = ferryd_registry_list_sessions (self->registry);
  GPtrArray *tasks = ferryd_registry_get_tasks (self->registry);

  for (guint i = 0; i < sessions->len; i++)
    {
      if (((FerrydSession *) sessions->pdata[i])->n_held > 0)
        return TRUE;
    }
  for (guint i = 0; i < tasks->len; i++)
    {
      if (ferryd_task_is_busy (tasks->pdata[i]))
        return TRUE;
    }

  return FALSE;
}

void
ferryd_manager_leave_if_idle (FerrydManager *self)
{
  if (self->leaving == NULL || g_task_get_task_data (self->leaving) != NULL || is_busy (self))
    return;

  g_task_set_task_data (self->leaving, self, NULL);  /* closing, once */
  ferryd_store_close_async (self->store, closed_cb, g_object_ref (self));
}

/* A secret that a task may still need, and that nobody would have after us. */
static gboolean
holds_secrets (FerrydSession *session)
{
  GPtrArray *tasks = ferryd_session_get_tasks (session);

  for (guint i = 0; i < tasks->len; i++)
    {
      FerryTaskState state = ferryd_task_get_state (tasks->pdata[i]);
      gboolean has_any = session->secrets != NULL ||
                         ferryd_task_get_secrets (tasks->pdata[i]) != NULL;

      if (has_any && state != FERRY_TASK_STATE_FINISHED && state != FERRY_TASK_STATE_CANCELLED)
        return TRUE;
    }

  return FALSE;
}

gboolean
ferryd_manager_is_idle (FerrydManager *self)
{
  g_autoptr(GPtrArray) sessions = NULL;

  g_return_val_if_fail (FERRYD_IS_MANAGER (self), FALSE);

  if (g_hash_table_size (self->opening) > 0 || is_busy (self))
    return FALSE;

  sessions = ferryd_registry_list_sessions (self->registry);
  for (guint i = 0; i < sessions->len; i++)
    {
      FerrydSession *session = sessions->pdata[i];

      if (session->n_active > 0 || session->again != 0 || holds_secrets (session))
        return FALSE;
    }

  return TRUE;
}
