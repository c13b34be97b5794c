/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-manager"

#include "config.h"

#include "model/manager-private.h"

/* How often a full disk is looked at again. */
#define LOOK_S 10

static gboolean
waits_for_room (FerrydTask *task)
{
  return ferryd_task_get_state (task) == FERRY_TASK_STATE_WAITING &&
         ferryd_task_get_row (task)->status.reason == FERRY_WAIT_REASON_DISK_FULL;
}

static void
looked_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(FerrydTask) task = user_data;

  if (ferryd_runner_has_room_finish (FERRYD_RUNNER (object), result) && waits_for_room (task))
    ferryd_task_wish_async (task, FERRYD_WISH_RESUME, NULL, NULL);
}

static gboolean
on_look_cb (gpointer user_data)
{
  FerrydManager *self = user_data;
  GPtrArray *active = ferryd_registry_get_active (self->registry);
  gboolean any_waits = FALSE;

  for (guint i = 0; i < active->len; i++)
    {
      FerrydTask *task = active->pdata[i];

      if (!waits_for_room (task))
        continue;

      any_waits = TRUE;
      ferryd_runner_has_room_async (self->runner, ferryd_task_get_row (task), looked_cb,
                                    g_object_ref (task));
    }

  if (any_waits)
    return G_SOURCE_CONTINUE;

  self->room = 0;
  return G_SOURCE_REMOVE;
}

void
ferryd_manager_watch_room (FerrydManager *self,
                           FerrydTask    *task)
{
  if (self->room == 0 && self->leaving == NULL && waits_for_room (task))
    self->room = g_timeout_add_seconds (LOOK_S, on_look_cb, self);
}
