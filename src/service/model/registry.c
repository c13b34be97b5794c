/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-registry"

#include "config.h"

#include "model/registry.h"
#include "model/session-private.h"
#include "model/task-private.h"

struct _FerrydRegistry
{
  GHashTable *sessions;  /* owned; id → FerrydSession, owned */
  GHashTable *by_name;   /* owned; joined name → FerrydSession, unowned */
  GHashTable *by_id;     /* owned; id → FerrydTask, unowned */
  GPtrArray  *tasks;     /* owned; of FerrydTask, owned, by rising id */
  GPtrArray  *active;    /* owned; of FerrydTask, unowned, by rising id */
};

FerrydRegistry *
ferryd_registry_new (void)
{
  FerrydRegistry *self = g_new0 (FerrydRegistry, 1);

  self->sessions = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_object_unref);
  self->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->active = g_ptr_array_new ();
  return self;
}

void
ferryd_registry_free (FerrydRegistry *self)
{
  g_clear_pointer (&self->active, g_ptr_array_unref);
  g_clear_pointer (&self->by_id, g_hash_table_unref);
  g_clear_pointer (&self->tasks, g_ptr_array_unref);
  g_clear_pointer (&self->by_name, g_hash_table_unref);
  g_clear_pointer (&self->sessions, g_hash_table_unref);
  g_free (self);
}

char *
ferryd_registry_join_name (const char *app_id,
                           const char *identifier)
{
  return g_strconcat (app_id, "\n", identifier, NULL);
}

void
ferryd_registry_take_session (FerrydRegistry *self,
                              FerrydSession  *session)
{
  const FerrydSessionRow *row = ferryd_session_get_row (session);

  g_hash_table_insert (self->sessions, (gpointer) &row->id, session);
  if (row->state != FERRY_SESSION_STATE_INVALID)
    g_hash_table_insert (self->by_name, ferryd_registry_join_name (row->app_id, row->identifier),
                         session);
}

void
ferryd_registry_free_name (FerrydRegistry *self,
                           FerrydSession  *session)
{
  const FerrydSessionRow *row = ferryd_session_get_row (session);
  g_autofree char *name = ferryd_registry_join_name (row->app_id, row->identifier);

  if (g_hash_table_lookup (self->by_name, name) == session)
    g_hash_table_remove (self->by_name, name);
}

void
ferryd_registry_drop_session (FerrydRegistry *self,
                              FerrydSession  *session)
{
  ferryd_registry_free_name (self, session);
  g_hash_table_remove (self->sessions, &ferryd_session_get_row (session)->id);
}

/* The first place in the active ones whose id is not below @id. */
static guint
find_place (GPtrArray *tasks,
            gint64     id)
{
  guint low = 0;
  guint high = tasks->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (ferryd_task_get_id (tasks->pdata[middle]) < id)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

/* Its place among @tasks, which are by rising id; −1: it is not there. */
static int
look_up_place (GPtrArray  *tasks,
               FerrydTask *task)
{
  guint place = find_place (tasks, ferryd_task_get_id (task));

  return place < tasks->len && tasks->pdata[place] == task ? (int) place : -1;
}

/* Counts it in its session as @to (nullable) and no more as what it was. */
static void
count (FerrydTask               *task,
       const FerrydTaskCounted  *to)
{
  FerrydSession *session = ferryd_task_get_session (task);

  if (task->counted.is_counted)
    {
      session->counts[task->counted.state]--;
      session->n_active -= task->counted.is_active;
    }
  if (to != NULL)
    {
      session->counts[to->state]++;
      session->n_active += to->is_active;
    }
  task->counted = to != NULL ? *to : (FerrydTaskCounted) { FALSE };
}

void
ferryd_registry_update_task (FerrydRegistry *self,
                             FerrydTask     *task)
{
  const FerrydTaskStatus *status = &ferryd_task_get_row (task)->status;
  gboolean is_active = status->state == FERRY_TASK_STATE_WAITING ||
                       status->state == FERRY_TASK_STATE_RUNNING;
  FerrydTaskCounted now = {
    .is_counted = TRUE,
    .state = status->state,
    .is_active = is_active && !ferry_wait_reason_needs_person (status->reason),
  };
  int place = look_up_place (self->active, task);

  if (is_active && place < 0)
    g_ptr_array_insert (self->active,
                        (int) find_place (self->active, ferryd_task_get_id (task)), task);
  else if (!is_active && place >= 0)
    g_ptr_array_remove_index (self->active, (guint) place);

  count (task, &now);
}

void
ferryd_registry_take_task (FerrydRegistry *self,
                           FerrydTask     *task)
{
  const FerrydTaskRow *row = ferryd_task_get_row (task);

  g_hash_table_insert (self->by_id, (gpointer) &row->id, task);
  g_ptr_array_add (self->tasks, task);
  ferryd_session_add_task (ferryd_task_get_session (task), task);
  ferryd_registry_update_task (self, task);
}

void
ferryd_registry_drop_task (FerrydRegistry *self,
                           FerrydTask     *task)
{
  int active = look_up_place (self->active, task);
  int place = look_up_place (self->tasks, task);

  g_assert (place >= 0);
  count (task, NULL);
  if (active >= 0)
    g_ptr_array_remove_index (self->active, (guint) active);
  g_hash_table_remove (self->by_id, &ferryd_task_get_row (task)->id);
  ferryd_session_remove_task (ferryd_task_get_session (task), task);
  g_ptr_array_remove_index (self->tasks, (guint) place);
}

static int
compare_sessions (gconstpointer a,
                  gconstpointer b)
{
  gint64 first = ferryd_session_get_id (*(FerrydSession * const *) a);
  gint64 second = ferryd_session_get_id (*(FerrydSession * const *) b);

  return first < second ? -1 : first > second;
}

GPtrArray *
ferryd_registry_list_sessions (FerrydRegistry *self)
{
  GPtrArray *sessions = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer session;

  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, &session))
    g_ptr_array_add (sessions, session);

  g_ptr_array_sort (sessions, compare_sessions);
  return sessions;
}

FerrydSession *
ferryd_registry_get_session (FerrydRegistry *self,
                             gint64          id)
{
  return g_hash_table_lookup (self->sessions, &id);
}

FerrydSession *
ferryd_registry_find_session (FerrydRegistry *self,
                              const char     *app_id,
                              const char     *identifier)
{
  g_autofree char *name = ferryd_registry_join_name (app_id, identifier);

  return g_hash_table_lookup (self->by_name, name);
}

FerrydTask *
ferryd_registry_get_task (FerrydRegistry *self,
                          gint64          id)
{
  return g_hash_table_lookup (self->by_id, &id);
}

GPtrArray *
ferryd_registry_get_tasks (FerrydRegistry *self)
{
  return self->tasks;
}

GPtrArray *
ferryd_registry_get_active (FerrydRegistry *self)
{
  return self->active;
}
