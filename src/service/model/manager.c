/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-manager"

#include "config.h"

#include "model/manager-private.h"
#include "model/session-private.h"

G_DEFINE_FINAL_TYPE (FerrydManager, ferryd_manager, G_TYPE_OBJECT)

static const FerrydPolicy default_policy = {
  .max_running = 8,
  .max_per_host = 6,
  .history_tasks = 1000,
  .history_days = 90,
  .write_origin = TRUE,
};

static guint signals[FERRYD_MANAGER_N_SIGNALS];

void
ferryd_manager_emit (FerrydManager       *self,
                     FerrydManagerSignal  signal,
                     ...)
{
  va_list arguments;

  va_start (arguments, signal);
  g_signal_emit_valist (self, signals[signal], 0, arguments);
  va_end (arguments);
}

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
follow_running (FerrydManager *self,
                FerrydTask    *task)
{
  if (self->tick == 0 && self->leaving == NULL)
    self->tick = g_timeout_add (FERRYD_TICK_MS, on_tick_cb, self);
}

/* One that begins to run does what was decided: there is nothing new to decide upon. */
static gboolean
is_as_decided (FerrydTask *task,
               guint       other_changes)
{
  return other_changes == 0 && ferryd_task_has_slot (task) &&
         ferryd_task_get_state (task) == FERRY_TASK_STATE_RUNNING;
}

static void
on_task_changed_cb (FerrydTask    *task,
                    guint          mask,
                    FerrydManager *self)
{
  guint moves = FERRYD_TASK_CHANGE (STATE) | FERRYD_TASK_CHANGE (REASON);
  guint deciding = moves | FERRYD_TASK_CHANGE (HOST) | FERRYD_TASK_CHANGE (PRIORITY) |
                   FERRYD_TASK_CHANGE (RETRY_AT);

  if ((mask & moves) != 0)
    ferryd_registry_update_task (self->registry, task);
  if (ferryd_task_get_state (task) == FERRY_TASK_STATE_RUNNING)
    follow_running (self, task);
  ferryd_manager_watch_room (self, task);
  if ((mask & deciding) != 0 && !is_as_decided (task, mask & deciding & ~moves))
    ferryd_manager_reschedule (self);

  ferryd_manager_emit (self, FERRYD_MANAGER_TASK_CHANGED, task, mask);
  if ((mask & FERRYD_TASK_CHANGE (STATE)) != 0)
    ferryd_manager_watch_network (self, task);
  /* An end comes with an event, which settles it. */
  if ((mask & moves) != 0 && !ferry_task_state_is_over (ferryd_task_get_state (task)))
    ferryd_manager_settle_session (self, ferryd_task_get_session (task));
}

static void
on_task_event_cb (FerrydTask        *task,
                  const FerrydEvent *event,
                  FerrydManager     *self)
{
  FerrydSession *session = ferryd_task_get_session (task);

  ferryd_session_add_event (session, ferryd_event_copy (event));
  ferryd_session_reap (session, event);
  ferryd_manager_emit (self, FERRYD_MANAGER_TASK_EVENT, task, event);
  ferryd_manager_settle_session (self, session);
  ferryd_manager_prune_soon (self);
}

static void
on_task_redirected_cb (FerrydTask    *task,
                       guint          status,
                       const char    *url,
                       FerrydManager *self)
{
  ferryd_manager_emit (self, FERRYD_MANAGER_TASK_REDIRECTED, task, status, url);
}

/* The emission holds the task until it is over. */
static void
on_task_removed_cb (FerrydTask    *task,
                    FerrydManager *self)
{
  FerrydSession *session = ferryd_task_get_session (task);

  (void) g_signal_handlers_disconnect_by_data (task, self);  /* whoever holds it may outlive us */
  ferryd_registry_drop_task (self->registry, task);
  ferryd_manager_emit (self, FERRYD_MANAGER_TASK_REMOVED, task);
  ferryd_manager_settle_session (self, session);
  ferryd_manager_reschedule (self);
  ferryd_manager_emit (self, FERRYD_MANAGER_SETTLED);
  ferryd_manager_leave_if_idle (self);
}

static void
on_task_settled_cb (FerrydTask    *task,
                    FerrydManager *self)
{
  /* It may have been what its session waited for. */
  if (ferryd_manager_get_task (self, ferryd_task_get_id (task)) == task)
    ferryd_manager_settle_session (self, ferryd_task_get_session (task));
  ferryd_manager_emit (self, FERRYD_MANAGER_SETTLED);
  ferryd_manager_leave_if_idle (self);
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
on_redirected_cb (FerrydRunner  *runner,
                  gint64         task_id,
                  guint          status,
                  const char    *url,
                  FerrydManager *self)
{
  FerrydTask *task = ferryd_manager_get_task (self, task_id);

  if (task != NULL)
    ferryd_task_note_redirect (task, status, url);
}

static void
on_written_cb (FerrydRunner  *runner,
               gint64         task_id,
               FerrydManager *self)
{
  FerrydTask *task = ferryd_manager_get_task (self, task_id);

  if (task != NULL)
    ferryd_task_note_written (task);
  ferryd_manager_reschedule (self);
}

static void
on_ended_cb (FerrydRunner        *runner,
             gint64               task_id,
             const FerrydOutcome *outcome,
             FerrydManager       *self)
{
  FerrydTask *task = ferryd_manager_get_task (self, task_id);
  gboolean had_slot;

  if (task == NULL)
    return;

  /* One that has given it up already counts until its end is written down, and that is told. */
  had_slot = ferryd_task_has_slot (task);
  ferryd_task_end (task, outcome);
  if (had_slot)
    ferryd_manager_reschedule (self);
}

FerrydSession *
ferryd_manager_take_session (FerrydManager    *self,
                             FerrydSessionRow *row)
{
  FerrydSession *session = ferryd_session_new (row);

  ferryd_registry_take_session (self->registry, session);
  return session;
}

FerrydTask *
ferryd_manager_take_task (FerrydManager *self,
                          FerrydTaskRow *row,
                          GVariant      *secrets)
{
  FerrydSession *session = ferryd_registry_get_session (self->registry, row->session_id);
  FerrydTask *task = ferryd_task_new (session, row, self->store, self->runner);

  ferryd_task_set_world (task, &self->world);
  ferryd_task_set_secrets (task, secrets);
  /* By hand: that many objects in one list of closures take their time to leave it. */
  g_signal_connect (task, "event", G_CALLBACK (on_task_event_cb), self);
  g_signal_connect (task, "redirected", G_CALLBACK (on_task_redirected_cb), self);
  g_signal_connect (task, "removed", G_CALLBACK (on_task_removed_cb), self);
  g_signal_connect (task, "changed", G_CALLBACK (on_task_changed_cb), self);
  g_signal_connect (task, "settled", G_CALLBACK (on_task_settled_cb), self);
  ferryd_registry_take_task (self->registry, task);
  if (self->leaving != NULL)
    ferryd_task_leave (task);
  return task;
}

static void
stop_timers (FerrydManager *self)
{
  g_clear_handle_id (&self->schedule, g_source_remove);
  g_clear_handle_id (&self->alarm, g_source_remove);
  g_clear_handle_id (&self->room, g_source_remove);
  g_clear_handle_id (&self->prune, g_source_remove);
  g_clear_handle_id (&self->stalled, g_source_remove);
  g_clear_handle_id (&self->portal, g_source_remove);
}

/* Whoever holds a task or a session may outlive us. */
static void
let_go (FerrydManager *self)
{
  GPtrArray *tasks = ferryd_registry_get_tasks (self->registry);
  g_autoptr(GPtrArray) sessions = ferryd_registry_list_sessions (self->registry);

  for (guint i = 0; i < tasks->len; i++)
    (void) g_signal_handlers_disconnect_by_data (tasks->pdata[i], self);  /* all of them */
  for (guint i = 0; i < sessions->len; i++)
    g_clear_handle_id (&((FerrydSession *) sessions->pdata[i])->again, g_source_remove);
}

static void
ferryd_manager_dispose (GObject *object)
{
  FerrydManager *self = FERRYD_MANAGER (object);

  stop_timers (self);
  g_clear_handle_id (&self->tick, g_source_remove);
  if (self->registry != NULL)
    let_go (self);
  g_clear_pointer (&self->opening, g_hash_table_unref);
  g_clear_pointer (&self->registry, ferryd_registry_free);
  g_clear_object (&self->runner);
  g_clear_object (&self->store);

  G_OBJECT_CLASS (ferryd_manager_parent_class)->dispose (object);
}

static void
add_signal (FerrydManagerSignal signal,
            const char         *name,
            guint               n_parameters,
            ...)
{
  va_list types;

  va_start (types, n_parameters);
  signals[signal] = g_signal_new_valist (name, FERRYD_TYPE_MANAGER, G_SIGNAL_RUN_LAST, NULL, NULL,
                                         NULL, NULL, G_TYPE_NONE, n_parameters, types);
  va_end (types);
}

static void
ferryd_manager_class_init (FerrydManagerClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_manager_dispose;

  add_signal (FERRYD_MANAGER_SESSION_ADDED, "session-added", 1, FERRYD_TYPE_SESSION);
  add_signal (FERRYD_MANAGER_SESSION_REMOVED, "session-removed", 1, FERRYD_TYPE_SESSION);
  add_signal (FERRYD_MANAGER_SESSION_EVENT, "session-event", 2, FERRYD_TYPE_SESSION,
              G_TYPE_POINTER);
  add_signal (FERRYD_MANAGER_TASK_ADDED, "task-added", 1, FERRYD_TYPE_TASK);
  add_signal (FERRYD_MANAGER_TASK_REMOVED, "task-removed", 1, FERRYD_TYPE_TASK);
  add_signal (FERRYD_MANAGER_TASK_CHANGED, "task-changed", 2, FERRYD_TYPE_TASK, G_TYPE_UINT);
  add_signal (FERRYD_MANAGER_TASK_EVENT, "task-event", 2, FERRYD_TYPE_TASK, G_TYPE_POINTER);
  add_signal (FERRYD_MANAGER_TASK_REDIRECTED, "task-redirected", 3, FERRYD_TYPE_TASK, G_TYPE_UINT,
              G_TYPE_STRING);
  add_signal (FERRYD_MANAGER_SETTLED, "settled", 0);
}

static void
ferryd_manager_init (FerrydManager *self)
{
  self->registry = ferryd_registry_new ();
  self->policy = default_policy;
  self->world.network_available = TRUE;
  self->world.write_origin = default_policy.write_origin;
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
  g_signal_connect_object (runner, "redirected", G_CALLBACK (on_redirected_cb), self, 0);
  g_signal_connect_object (runner, "ended", G_CALLBACK (on_ended_cb), self, 0);
  return self;
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
  stop_timers (self);
  for (guint i = 0; i < tasks->len; i++)
    ferryd_task_leave (tasks->pdata[i]);
  ferryd_manager_leave_if_idle (self);
}

gboolean
ferryd_manager_shut_down_finish (FerrydManager  *self,
                                 GAsyncResult   *result,
                                 GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
ferryd_manager_set_policy (FerrydManager      *self,
                           const FerrydPolicy *policy)
{
  g_return_if_fail (FERRYD_IS_MANAGER (self));
  g_return_if_fail (policy->max_running > 0 && policy->max_per_host > 0);

  self->policy = *policy;
  self->world.write_origin = policy->write_origin;
  ferryd_runner_set_limit (self->runner, policy->download_limit);
  ferryd_manager_reschedule (self);
}

GPtrArray *
ferryd_manager_get_sessions (FerrydManager *self)
{
  g_return_val_if_fail (FERRYD_IS_MANAGER (self), NULL);

  return ferryd_registry_list_sessions (self->registry);
}

guint64
ferryd_manager_get_rate (FerrydManager *self)
{
  GPtrArray *active = ferryd_registry_get_active (self->registry);
  guint64 rate = 0;

  for (guint i = 0; i < active->len; i++)
    rate += ferryd_task_get_rate (active->pdata[i]);

  return rate;
}

guint
ferryd_manager_count (FerrydManager  *self,
                      FerryTaskState  state)
{
  g_autoptr(GPtrArray) sessions = ferryd_registry_list_sessions (self->registry);
  guint n = 0;

  for (guint i = 0; i < sessions->len; i++)
    n += ferryd_session_count (sessions->pdata[i], state);

  return n;
}
