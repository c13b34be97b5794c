/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-manager"

#include "config.h"

#include "model/manager-private.h"
#include "model/scheduler.h"

G_DEFINE_FINAL_TYPE (FerrydManager, ferryd_manager, G_TYPE_OBJECT)

enum { TASK_ADDED, TASK_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static gboolean
on_tick_cb (gpointer user_data)
{
  FerrydManager *self = user_data;
  GPtrArray *active = ferryd_registry_get_active (self->registry);
  gboolean any_runs = FALSE;

  for (guint i = 0; i < active->len; i++)
    {
      FerrydTask *task = active->pdata[i];

      if (ferryd_task_get_state (task) == FERRY_TASK_STATE_RUNNING)
        {
          any_runs = TRUE;
          ferryd_task_sample (task);
        }
    }

  if (any_runs)
    return G_SOURCE_CONTINUE;

  self->tick = 0;
  return G_SOURCE_REMOVE;
}

static void
carry_out (FerrydManager         *self,
           GPtrArray             *tasks,
           const FerrydCandidate *candidates)
{
  for (guint i = 0; i < tasks->len; i++)
    {
      FerrydTask *task = tasks->pdata[i];

      if (candidates[i].start)
        ferryd_task_run (task);
      else if (!candidates[i].runs)
        ferryd_task_set_queued (task, candidates[i].reason, candidates[i].position);
    }
}

static gboolean
on_schedule_cb (gpointer user_data)
{
  FerrydManager *self = user_data;
  GPtrArray *active = ferryd_registry_get_active (self->registry);
  g_autoptr(GPtrArray) tasks = g_ptr_array_new_with_free_func (g_object_unref);
  guint publishing = 0;
  g_autofree FerrydCandidate *candidates = g_new0 (FerrydCandidate, active->len);

  self->schedule = 0;
  for (guint i = 0; i < active->len; i++)
    {
      FerrydTask *task = active->pdata[i];
      gboolean has_slot = ferryd_task_has_slot (task);

      publishing += !has_slot && ferryd_task_get_state (task) == FERRY_TASK_STATE_RUNNING;
      if (!has_slot && !ferryd_task_wants_slot (task))
        continue;

      candidates[tasks->len].host = ferryd_task_get_host (task);
      candidates[tasks->len].runs = has_slot;
      g_ptr_array_add (tasks, g_object_ref (task));
    }

  /* A disk that does not keep up must not collect threads; the next end decides again. */
  if (publishing >= FERRYD_MAX_PUBLISHING)
    return G_SOURCE_REMOVE;

  ferryd_schedule (candidates, tasks->len);
  carry_out (self, tasks, candidates);
  return G_SOURCE_REMOVE;
}

/* Once for all that changes in one turn of the loop. */
static void
reschedule (FerrydManager *self)
{
  if (self->schedule == 0 && self->leaving == NULL)
    self->schedule = g_idle_add (on_schedule_cb, self);
}

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

/* When the last job's end is on disk. */
static void
leave_if_idle (FerrydManager *self)
{
  GPtrArray *tasks = ferryd_registry_get_tasks (self->registry);

  if (self->leaving == NULL || g_task_get_task_data (self->leaving) != NULL)
    return;

  for (guint i = 0; i < tasks->len; i++)
    {
      if (ferryd_task_is_busy (tasks->pdata[i]))
        return;
    }

  g_task_set_task_data (self->leaving, self, NULL);  /* closing, once */
  ferryd_store_close_async (self->store, closed_cb, g_object_ref (self));
}

static void
follow_running (FerrydManager *self,
                FerrydTask    *task)
{
  if (self->tick == 0 && self->leaving == NULL)
    self->tick = g_timeout_add (FERRYD_TICK_MS, on_tick_cb, self);
}

static void
on_task_changed_cb (FerrydTask    *task,
                    guint          mask,
                    FerrydManager *self)
{
  guint deciding = FERRYD_TASK_CHANGE (STATE) | FERRYD_TASK_CHANGE (CURRENT_URL);

  if ((mask & FERRYD_TASK_CHANGE (STATE)) != 0)
    ferryd_registry_update_task (self->registry, task);
  if (ferryd_task_get_state (task) == FERRY_TASK_STATE_RUNNING)
    follow_running (self, task);
  ferryd_manager_watch_room (self, task);
  if ((mask & (deciding | FERRYD_TASK_CHANGE (REASON))) != 0)
    reschedule (self);

  g_signal_emit (self, signals[TASK_CHANGED], 0, task, mask);
}

static void
on_task_settled_cb (FerrydTask    *task,
                    FerrydManager *self)
{
  leave_if_idle (self);
}

static void
on_noted_cb (FerrydRunner     *runner,
             gint64            task_id,
             const FerrydKept *kept,
             FerrydManager    *self)
{
  FerrydTask *task = ferryd_manager_get_task (self, task_id);

  if (task != NULL)
    ferryd_task_note (task, kept);
}

static void
on_written_cb (FerrydRunner  *runner,
               gint64         task_id,
               FerrydManager *self)
{
  FerrydTask *task = ferryd_manager_get_task (self, task_id);

  if (task != NULL)
    ferryd_task_note_written (task);
  reschedule (self);
}

static void
on_ended_cb (FerrydRunner        *runner,
             gint64               task_id,
             const FerrydOutcome *outcome,
             FerrydManager       *self)
{
  FerrydTask *task = ferryd_manager_get_task (self, task_id);

  if (task != NULL)
    ferryd_task_end (task, outcome);
  reschedule (self);
}

FerrydSession *
ferryd_manager_take_session (FerrydManager    *self,
                             FerrydSessionRow *row)
{
  FerrydSession *session = ferryd_session_new (row);

  ferryd_registry_take_session (self->registry, session);
  return session;
}

/* @row: (transfer full) */
static FerrydTask *
take_task (FerrydManager *self,
           FerrydTaskRow *row)
{
  FerrydSession *session = ferryd_registry_get_session (self->registry, row->session_id);
  FerrydTask *task = ferryd_task_new (session, row, self->store, self->runner);

  g_signal_connect_object (task, "changed", G_CALLBACK (on_task_changed_cb), self, 0);
  g_signal_connect_object (task, "settled", G_CALLBACK (on_task_settled_cb), self, 0);
  ferryd_registry_take_task (self->registry, task);
  if (self->leaving != NULL)
    ferryd_task_leave (task);
  return task;
}

/* What the machine can lift may have been lifted since the service was last there. */
static void
lift_reason (FerrydTaskStatus *status)
{
  if (status->state != FERRY_TASK_STATE_WAITING || ferry_wait_reason_needs_person (status->reason))
    return;

  status->reason = FERRY_WAIT_REASON_QUEUE;
  g_clear_pointer (&status->error_name, g_free);
  g_clear_pointer (&status->error_message, g_free);
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
  GError *error = NULL;

  if (!ferryd_store_load_finish (FERRYD_STORE (object), result, &sessions, &tasks, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  g_ptr_array_set_free_func (sessions, NULL);
  for (guint i = 0; i < sessions->len; i++)
    (void) ferryd_manager_take_session (self, sessions->pdata[i]);  /* the table has it */

  g_ptr_array_set_free_func (tasks, NULL);
  for (guint i = 0; i < tasks->len; i++)
    {
      FerrydTaskRow *row = tasks->pdata[i];

      lift_reason (&row->status);
      (void) take_task (self, row);  /* so has it */
    }

  reschedule (self);
  g_task_return_boolean (task, TRUE);
}

static void
task_added_cb (GObject      *object,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  FerrydManager *self = g_task_get_source_object (task);
  GPtrArray *rows = g_task_get_task_data (task);
  FerrydTaskRow *row = rows->pdata[0];
  GError *error = NULL;
  gint64 id = ferryd_store_add_tasks_finish (FERRYD_STORE (object), result, &error);
  FerrydTask *added;

  if (id == 0)
    {
      g_task_return_error (task, error);
      return;
    }

  row = g_ptr_array_steal_index (rows, 0);
  row->id = id;
  added = take_task (self, row);
  g_task_return_pointer (task, added, NULL);
  g_signal_emit (self, signals[TASK_ADDED], 0, added);
  reschedule (self);
}

static void
ferryd_manager_dispose (GObject *object)
{
  FerrydManager *self = FERRYD_MANAGER (object);

  g_clear_handle_id (&self->schedule, g_source_remove);
  g_clear_handle_id (&self->tick, g_source_remove);
  g_clear_handle_id (&self->room, g_source_remove);
  g_clear_pointer (&self->opening, g_hash_table_unref);
  g_clear_pointer (&self->registry, ferryd_registry_free);
  g_clear_object (&self->runner);
  g_clear_object (&self->store);

  G_OBJECT_CLASS (ferryd_manager_parent_class)->dispose (object);
}

static void
ferryd_manager_class_init (FerrydManagerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_manager_dispose;

  signals[TASK_ADDED] = g_signal_new ("task-added", FERRYD_TYPE_MANAGER, G_SIGNAL_RUN_LAST, 0, NULL,
                                      NULL, NULL, G_TYPE_NONE, 1, FERRYD_TYPE_TASK);
  signals[TASK_CHANGED] = g_signal_new ("task-changed", FERRYD_TYPE_MANAGER, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 2, FERRYD_TYPE_TASK,
                                        G_TYPE_UINT);
}

static void
ferryd_manager_init (FerrydManager *self)
{
  self->registry = ferryd_registry_new ();
  self->opening = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                         (GDestroyNotify) g_ptr_array_unref);
}

FerrydManager *
ferryd_manager_new (FerrydStore  *store,
                    FerrydRunner *runner)
{
  FerrydManager *self;

  g_return_val_if_fail (FERRYD_IS_STORE (store), NULL);
  g_return_val_if_fail (FERRYD_IS_RUNNER (runner), NULL);

  self = g_object_new (FERRYD_TYPE_MANAGER, NULL);
  self->store = g_object_ref (store);
  self->runner = g_object_ref (runner);
  g_signal_connect_object (runner, "noted", G_CALLBACK (on_noted_cb), self, 0);
  g_signal_connect_object (runner, "written", G_CALLBACK (on_written_cb), self, 0);
  g_signal_connect_object (runner, "ended", G_CALLBACK (on_ended_cb), self, 0);
  return self;
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

FerrydSession *
ferryd_manager_get_session (FerrydManager *self,
                            gint64         id)
{
  g_return_val_if_fail (FERRYD_IS_MANAGER (self), NULL);

  return ferryd_registry_get_session (self->registry, id);
}

FerrydTask *
ferryd_manager_get_task (FerrydManager *self,
                         gint64         id)
{
  g_return_val_if_fail (FERRYD_IS_MANAGER (self), NULL);

  return ferryd_registry_get_task (self->registry, id);
}

GPtrArray *
ferryd_manager_get_tasks (FerrydManager *self)
{
  g_return_val_if_fail (FERRYD_IS_MANAGER (self), NULL);

  return ferryd_registry_get_tasks (self->registry);
}

void
ferryd_manager_add_task_async (FerrydManager       *self,
                               FerrydSession       *session,
                               FerrydTaskRow       *row,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  GPtrArray *rows;
  GTask *task;

  g_return_if_fail (FERRYD_IS_MANAGER (self));
  g_return_if_fail (FERRYD_IS_SESSION (session));

  row->session_id = ferryd_session_get_id (session);
  rows = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);
  g_ptr_array_add (rows, row);

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, (gpointer) (guintptr) ferryd_manager_add_task_async);
  g_task_set_task_data (task, rows, (GDestroyNotify) g_ptr_array_unref);
  ferryd_store_add_tasks_async (self->store, rows, task_added_cb, task);
}

FerrydTask *
ferryd_manager_add_task_finish (FerrydManager  *self,
                                GAsyncResult   *result,
                                GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ferryd_manager_shut_down_async (FerrydManager       *self,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  GPtrArray *tasks;

  g_return_if_fail (FERRYD_IS_MANAGER (self));
  g_return_if_fail (self->leaving == NULL);

  tasks = ferryd_registry_get_tasks (self->registry);
  self->leaving = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->leaving, (gpointer) (guintptr) ferryd_manager_shut_down_async);
  g_clear_handle_id (&self->schedule, g_source_remove);
  g_clear_handle_id (&self->room, g_source_remove);
  for (guint i = 0; i < tasks->len; i++)
    ferryd_task_leave (tasks->pdata[i]);
  leave_if_idle (self);
}

gboolean
ferryd_manager_shut_down_finish (FerrydManager  *self,
                                 GAsyncResult   *result,
                                 GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
