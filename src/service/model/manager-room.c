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

typedef struct
{
  FerrydManager *manager;  /* owned */
  FerrydTask    *task;     /* owned */
} Look;

static void
looked_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autofree Look *look = user_data;
  g_autoptr(FerrydManager) self = look->manager;
  g_autoptr(FerrydTask) task = look->task;

  self->n_looks--;
  if (ferryd_runner_has_room_finish (FERRYD_RUNNER (object), result))
    ferryd_task_end_wait (task, FERRY_WAIT_REASON_DISK_FULL);
}

static void
look_at (FerrydManager *self,
         FerrydTask    *task)
{
  Look *look = g_new0 (Look, 1);

  look->manager = g_object_ref (self);
  look->task = g_object_ref (task);
  self->n_looks++;
  ferryd_runner_has_room_async (self->runner, ferryd_task_get_row (task), looked_cb, look);
}

static gboolean
on_look_cb (gpointer user_data)
{
  FerrydManager *self = user_data;
  GPtrArray *active = ferryd_registry_get_active (self->registry);
  guint n_open = self->n_looks;  /* a disk that does not answer is not asked again and again */
  gboolean any_waits = FALSE;

  for (guint i = 0; i < active->len; i++)
    {
      FerrydTask *task = active->pdata[i];

      if (!waits_for_room (task))
        continue;

      any_waits = TRUE;
      if (n_open == 0)
        look_at (self, task);
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
