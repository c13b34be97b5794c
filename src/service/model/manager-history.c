/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-manager"

#include "config.h"

#include "model/manager-private.h"

/* Many tasks end in a row; the history is looked at once for all of them. */
#define PRUNE_AFTER_S 5

static gboolean
is_history (FerrydTask *task)
{
  FerryTaskState state = ferryd_task_get_state (task);

  return state == FERRY_TASK_STATE_FINISHED || state == FERRY_TASK_STATE_CANCELLED;
}

static int
compare_ends (gconstpointer a,
              gconstpointer b)
{
  gint64 first = ferryd_task_get_row (*(FerrydTask * const *) a)->status.finished;
  gint64 second = ferryd_task_get_row (*(FerrydTask * const *) b)->status.finished;

  return first < second ? -1 : first > second;
}

/* One that failed is unfinished business, and stays. */
static GPtrArray *
list_history (FerrydManager *self)
{
  GPtrArray *tasks = ferryd_registry_get_tasks (self->registry);
  GPtrArray *history = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < tasks->len; i++)
    {
      if (is_history (tasks->pdata[i]))
        g_ptr_array_add (history, g_object_ref (tasks->pdata[i]));
    }

  g_ptr_array_sort (history, compare_ends);
  return history;
}

void
ferryd_manager_prune (FerrydManager *self)
{
  g_autoptr(GPtrArray) history = list_history (self);
  gint64 oldest = g_get_real_time () - (gint64) self->policy.history_days * G_TIME_SPAN_DAY;
  guint n_kept = self->policy.history_tasks;

  for (guint i = 0; i < history->len; i++)
    {
      gint64 finished = ferryd_task_get_row (history->pdata[i])->status.finished;
      gboolean too_many = n_kept != 0 && history->len - i > n_kept;
      gboolean too_old = self->policy.history_days != 0 && finished < oldest;

      if (!too_many && !too_old)
        break;
      ferryd_task_wish_async (history->pdata[i], FERRYD_WISH_REMOVE, NULL, NULL);
    }
}

static gboolean
on_prune_cb (gpointer user_data)
{
  FerrydManager *self = user_data;

  self->prune = 0;
  ferryd_manager_prune (self);
  return G_SOURCE_REMOVE;
}

void
ferryd_manager_prune_soon (FerrydManager *self)
{
  if (self->prune == 0 && self->leaving == NULL)
    self->prune = g_timeout_add_seconds (PRUNE_AFTER_S, on_prune_cb, self);
}
