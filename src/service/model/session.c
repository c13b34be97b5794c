/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-session"

#include "config.h"

#include "model/session-private.h"

G_DEFINE_FINAL_TYPE (FerrydSession, ferryd_session, G_TYPE_OBJECT)

static void
ferryd_session_dispose (GObject *object)
{
  FerrydSession *self = FERRYD_SESSION (object);

  g_clear_handle_id (&self->again, g_source_remove);
  g_clear_pointer (&self->tasks, g_ptr_array_unref);

  G_OBJECT_CLASS (ferryd_session_parent_class)->dispose (object);
}

static void
ferryd_session_finalize (GObject *object)
{
  FerrydSession *self = FERRYD_SESSION (object);

  g_clear_pointer (&self->row, ferryd_session_row_free);
  g_clear_pointer (&self->events, g_ptr_array_unref);
  g_clear_pointer (&self->openers, g_ptr_array_unref);
  g_clear_pointer (&self->secrets, g_variant_unref);

  G_OBJECT_CLASS (ferryd_session_parent_class)->finalize (object);
}

static void
ferryd_session_class_init (FerrydSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferryd_session_dispose;
  object_class->finalize = ferryd_session_finalize;
}

static void
ferryd_session_init (FerrydSession *self)
{
  self->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->events = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_event_free);
  self->openers = g_ptr_array_new_with_free_func (g_object_unref);
}

FerrydSession *
ferryd_session_new (FerrydSessionRow *row)
{
  FerrydSession *self;

  g_return_val_if_fail (row != NULL && row->id != 0, NULL);

  self = g_object_new (FERRYD_TYPE_SESSION, NULL);
  self->row = row;
  /* It was legal when it was stored. */
  (void) ferryd_configuration_read (row->configuration, &self->configuration, NULL);
  return self;
}

gint64
ferryd_session_get_id (FerrydSession *self)
{
  return ferryd_session_get_row (self)->id;
}

const FerrydSessionRow *
ferryd_session_get_row (FerrydSession *self)
{
  g_return_val_if_fail (FERRYD_IS_SESSION (self), NULL);

  return self->row;
}

GPtrArray *
ferryd_session_get_tasks (FerrydSession *self)
{
  g_return_val_if_fail (FERRYD_IS_SESSION (self), NULL);

  return self->tasks;
}

FerrySessionState
ferryd_session_get_state (FerrydSession *self)
{
  return ferryd_session_get_row (self)->state;
}

const FerrydConfiguration *
ferryd_session_get_configuration (FerrydSession *self)
{
  g_return_val_if_fail (FERRYD_IS_SESSION (self), NULL);

  return &self->configuration;
}

guint
ferryd_session_count (FerrydSession  *self,
                      FerryTaskState  state)
{
  g_return_val_if_fail (FERRYD_IS_SESSION (self), 0);
  g_return_val_if_fail ((guint) state < FERRY_N_TASK_STATES, 0);

  return self->counts[state];
}

GPtrArray *
ferryd_session_get_events (FerrydSession *self)
{
  g_return_val_if_fail (FERRYD_IS_SESSION (self), NULL);

  return self->events;
}

GVariant *
ferryd_session_get_secrets (FerrydSession *self)
{
  g_return_val_if_fail (FERRYD_IS_SESSION (self), NULL);

  return self->secrets;
}

guint
ferryd_session_get_secrets_age (FerrydSession *self)
{
  g_return_val_if_fail (FERRYD_IS_SESSION (self), 0);

  return self->secrets_age;
}

void
ferryd_session_add_task (FerrydSession *self,
                         FerrydTask    *task)
{
  g_ptr_array_add (self->tasks, g_object_ref (task));
}

void
ferryd_session_remove_task (FerrydSession *self,
                            FerrydTask    *task)
{
  (void) g_ptr_array_remove (self->tasks, task);  /* it is in it */
}

void
ferryd_session_add_event (FerrydSession *self,
                          FerrydEvent   *event)
{
  g_ptr_array_add (self->events, event);
}

void
ferryd_session_drop_events (FerrydSession *self,
                            gint64         serial)
{
  guint n = 0;

  while (n < self->events->len && ((FerrydEvent *) self->events->pdata[n])->serial <= serial)
    n++;
  if (n > 0)
    g_ptr_array_remove_range (self->events, 0, n);
}

void
ferryd_session_reap (FerrydSession     *self,
                     const FerrydEvent *event)
{
  FerrydHarvest more = ferryd_event_get_harvest (event);

  ferryd_harvest_add (&self->row->harvest, &more);
}

void
ferryd_session_set_secrets (FerrydSession *self,
                            GVariant      *secrets)
{
  g_clear_pointer (&self->secrets, g_variant_unref);
  self->secrets = g_variant_ref_sink (secrets);
  self->secrets_age++;
}
