/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-registry"

#include "config.h"

#include "model/registry.h"

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
  g_hash_table_insert (self->by_name, ferryd_registry_join_name (row->app_id, row->identifier),
                       session);
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

void
ferryd_registry_update_task (FerrydRegistry *self,
                             FerrydTask     *task)
{
  FerryTaskState state = ferryd_task_get_state (task);
  gboolean is_active = state == FERRY_TASK_STATE_WAITING || state == FERRY_TASK_STATE_RUNNING;
  guint place = find_place (self->active, ferryd_task_get_id (task));
  gboolean was_active = place < self->active->len && self->active->pdata[place] == task;

  if (is_active && !was_active)
    g_ptr_array_insert (self->active, (gint) place, task);
  else if (!is_active && was_active)
    g_ptr_array_remove_index (self->active, place);
}

void
ferryd_registry_take_task (FerrydRegistry *self,
                           FerrydTask     *task)
{
  const FerrydTaskRow *row = ferryd_task_get_row (task);

  g_hash_table_insert (self->by_id, (gpointer) &row->id, task);
  g_ptr_array_add (self->tasks, task);
  g_ptr_array_add (ferryd_session_get_tasks (ferryd_task_get_session (task)), g_object_ref (task));
  ferryd_registry_update_task (self, task);
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
