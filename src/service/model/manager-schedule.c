/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-manager"

#include "config.h"

#include "model/manager-private.h"
#include "model/scheduler.h"
#include "model/session-private.h"

/* The longest that a decision which a time brings is slept over: clocks are set, and machines
 * sleep. */
#define LONGEST_ALARM_MS (60 * 1000)

/* When one that is late is told again, should it not have been possible to write that down. */
#define AGAIN_US (5 * G_USEC_PER_SEC)

static void
carry_out (FerrydManager        *self,
           GPtrArray            *tasks,
           const FerrydSnapshot *snapshot)
{
  for (guint i = 0; i < tasks->len; i++)
    {
      const FerrydCandidate *candidate = &snapshot->candidates[i];
      FerrydTask *task = tasks->pdata[i];

      if (candidate->start)
        {
          ferryd_task_get_session (task)->served = ++self->served;
          ferryd_task_run (task);
        }
      else if (!candidate->runs)
        ferryd_task_set_queued (task, candidate->reason, candidate->position);
    }
}

/* Its place in the contenders; the first of its tasks makes it one. */
static guint
get_place (FerrydSession *session,
           GHashTable    *places,
           GArray        *contenders)
{
  gpointer place;
  FerrydContender contender = {
    .max_running = session->configuration.max_running,
    .max_per_host = session->configuration.max_per_host,
    .served = session->served,
  };

  if (g_hash_table_lookup_extended (places, session, NULL, &place))
    return GPOINTER_TO_UINT (place);

  g_hash_table_insert (places, session, GUINT_TO_POINTER (contenders->len));
  g_array_append_val (contenders, contender);
  return contenders->len - 1;
}

static gboolean on_alarm_cb (gpointer user_data);

/* @at: Unix µs; 0: never */
static void
set_alarm (FerrydManager *self,
           gint64         at)
{
  gint64 left = (at - g_get_real_time ()) / 1000 + 1;

  g_clear_handle_id (&self->alarm, g_source_remove);
  if (at != 0)
    self->alarm = g_timeout_add ((guint) CLAMP (left, 1, LONGEST_ALARM_MS), on_alarm_cb, self);
}

/* The earlier of two times of which 0 is never. */
static gint64
get_earlier (gint64 a,
             gint64 b)
{
  if (a == 0 || b == 0)
    return MAX (a, b);

  return MIN (a, b);
}

/* Returns when the next one will have taken too long. */
static gint64
expire_tasks (FerrydManager *self,
              gint64         now)
{
  GPtrArray *active = ferryd_registry_get_active (self->registry);
  g_autoptr(GPtrArray) late = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 next = 0;

  for (guint i = 0; i < active->len; i++)
    {
      gint64 expiry = ferryd_task_get_expiry (active->pdata[i]);

      if (expiry != 0 && expiry <= now)
        g_ptr_array_add (late, g_object_ref (active->pdata[i]));
      if (expiry != 0)
        next = get_earlier (next, expiry > now ? expiry : now + AGAIN_US);
    }

  for (guint i = 0; i < late->len; i++)
    ferryd_task_expire (late->pdata[i]);
  return next;
}

/* Fills in the candidates of @snapshot, which has room for all that are active; returns their
 * tasks, with references. */
static GPtrArray *
take_snapshot (FerrydManager  *self,
               FerrydSnapshot *snapshot,
               GArray         *contenders)
{
  GPtrArray *active = ferryd_registry_get_active (self->registry);
  GPtrArray *tasks = g_ptr_array_new_full (active->len, g_object_unref);
  g_autoptr(GHashTable) places = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < active->len; i++)
    {
      FerrydTask *task = active->pdata[i];
      FerrydCandidate *candidate = &snapshot->candidates[tasks->len];
      const FerrydTaskRow *row = ferryd_task_get_row (task);
      gboolean has_slot = ferryd_task_has_slot (task);

      if (!has_slot && !ferryd_task_wants_slot (task))
        continue;

      candidate->host = ferryd_task_get_host (task);
      candidate->session = get_place (ferryd_task_get_session (task), places, contenders);
      candidate->priority = row->priority;
      candidate->not_before = ferryd_task_get_not_before (task);
      candidate->retry_at = row->status.retry_at;
      candidate->runs = has_slot;
      g_ptr_array_add (tasks, g_object_ref (task));
    }

  snapshot->n_candidates = tasks->len;
  snapshot->contenders = (FerrydContender *) (gpointer) contenders->data;
  snapshot->n_contenders = contenders->len;
  return tasks;
}

/* Jobs that hold no slot any more and wait for the disk. */
static guint
count_publishing (FerrydManager *self)
{
  GPtrArray *active = ferryd_registry_get_active (self->registry);
  guint n = 0;

  for (guint i = 0; i < active->len; i++)
    n += ferryd_task_get_state (active->pdata[i]) == FERRY_TASK_STATE_RUNNING &&
         !ferryd_task_has_slot (active->pdata[i]);

  return n;
}

static void
decide (FerrydManager *self)
{
  g_autoptr(GArray) contenders = g_array_new (FALSE, FALSE, sizeof (FerrydContender));
  g_autofree FerrydCandidate *candidates = NULL;
  g_autoptr(GPtrArray) tasks = NULL;
  FerrydSnapshot snapshot = {
    .max_running = self->policy.max_running,
    .max_per_host = self->policy.max_per_host,
    .now = g_get_real_time (),
  };
  gint64 next = expire_tasks (self, snapshot.now);

  /* A disk that does not keep up must not collect threads; the next end decides again. */
  if (count_publishing (self) < FERRYD_MAX_PUBLISHING)
    {
      candidates = g_new0 (FerrydCandidate,
                           ferryd_registry_get_active (self->registry)->len);
      snapshot.candidates = candidates;
      tasks = take_snapshot (self, &snapshot, contenders);
      next = get_earlier (next, ferryd_schedule (&snapshot));
      carry_out (self, tasks, &snapshot);
    }

  set_alarm (self, next);
}

static gboolean
on_alarm_cb (gpointer user_data)
{
  FerrydManager *self = user_data;

  self->alarm = 0;
  decide (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_schedule_cb (gpointer user_data)
{
  FerrydManager *self = user_data;

  self->schedule = 0;
  decide (self);
  return G_SOURCE_REMOVE;
}

void
ferryd_manager_reschedule (FerrydManager *self)
{
  if (self->schedule == 0 && self->leaving == NULL)
    self->schedule = g_idle_add (on_schedule_cb, self);
}
