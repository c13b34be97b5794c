/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-manager"

#include "config.h"

#include "model/manager-private.h"
#include "model/retry.h"

/* A job that has been silent for this long when the network returns talks to nobody. */
#define SILENT_S 1

/* Networks change without a break too: a job gets so long to show that its connection has lived
 * through it. Longer than most servers think, for what begins again may begin at 0. */
#define DOUBTFUL_S 10

/* Another try, where no monitor tells that the way is free. */
#define PORTAL_S 30

static void
restart_stalled (FerrydManager *self,
                 gint64         since)
{
  GPtrArray *active = ferryd_registry_get_active (self->registry);

  for (guint i = 0; i < active->len; i++)
    ferryd_task_restart_stalled (active->pdata[i], since);
}

static gboolean
on_doubt_cb (gpointer user_data)
{
  FerrydManager *self = user_data;

  self->stalled = 0;
  restart_stalled (self, self->changed_at);
  return G_SOURCE_REMOVE;
}

/* Whether a change of the network may have lifted what @task waits for. */
static gboolean
waits_for_network (FerrydManager *self,
                   FerrydTask    *task)
{
  const FerrydTaskStatus *status = &ferryd_task_get_row (task)->status;

  if (status->state != FERRY_TASK_STATE_WAITING)
    return FALSE;

  return status->reason == FERRY_WAIT_REASON_OFFLINE ||
         (status->reason == FERRY_WAIT_REASON_CAPTIVE_PORTAL && !self->world.behind_portal) ||
         (status->reason == FERRY_WAIT_REASON_RETRY &&
          ferryd_retry_ends_with_network (status->error_name));
}

static void
lift_all (FerrydManager *self)
{
  GPtrArray *active = ferryd_registry_get_active (self->registry);

  for (guint i = 0; i < active->len; i++)
    {
      if (waits_for_network (self, active->pdata[i]))
        ferryd_task_lift (active->pdata[i]);
    }
}

static gboolean
on_portal_cb (gpointer user_data)
{
  FerrydManager *self = user_data;
  GPtrArray *active = ferryd_registry_get_active (self->registry);

  self->portal = 0;
  for (guint i = 0; i < active->len; i++)
    {
      if (ferryd_task_get_row (active->pdata[i])->status.reason ==
          FERRY_WAIT_REASON_CAPTIVE_PORTAL)
        ferryd_task_lift (active->pdata[i]);
    }

  return G_SOURCE_REMOVE;
}

void
ferryd_manager_watch_network (FerrydManager *self,
                              FerrydTask    *task)
{
  FerryWaitReason reason = ferryd_task_get_row (task)->status.reason;

  if (self->leaving != NULL)
    return;

  if (reason == FERRY_WAIT_REASON_OFFLINE && self->world.network_available)
    ferryd_task_lift (task);
  else if (reason == FERRY_WAIT_REASON_CAPTIVE_PORTAL && self->portal == 0)
    self->portal = g_timeout_add_seconds (PORTAL_S, on_portal_cb, self);
}

void
ferryd_manager_note_network (FerrydManager *self,
                             gboolean       available,
                             gboolean       behind_portal)
{
  gboolean returns;

  g_return_if_fail (FERRYD_IS_MANAGER (self));

  returns = available && !self->world.network_available;
  self->world.network_available = available;
  self->world.behind_portal = behind_portal;
  if (!available || self->leaving != NULL)
    return;

  self->changed_at = g_get_monotonic_time ();
  lift_all (self);
  if (returns)
    restart_stalled (self, self->changed_at - SILENT_S * G_USEC_PER_SEC);
  else if (self->stalled == 0)
    self->stalled = g_timeout_add_seconds (DOUBTFUL_S, on_doubt_cb, self);
}
