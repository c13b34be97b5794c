/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-session"

#include "config.h"

#include "model/session.h"

struct _FerrydSession
{
  GObject           parent_instance;

  FerrydSessionRow *row;    /* owned */
  GPtrArray        *tasks;  /* owned; of FerrydTask, owned, by rising id */
};

G_DEFINE_FINAL_TYPE (FerrydSession, ferryd_session, G_TYPE_OBJECT)

static void
ferryd_session_dispose (GObject *object)
{
  FerrydSession *self = FERRYD_SESSION (object);

  g_clear_pointer (&self->tasks, g_ptr_array_unref);

  G_OBJECT_CLASS (ferryd_session_parent_class)->dispose (object);
}

static void
ferryd_session_finalize (GObject *object)
{
  FerrydSession *self = FERRYD_SESSION (object);

  g_clear_pointer (&self->row, ferryd_session_row_free);

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
}

FerrydSession *
ferryd_session_new (FerrydSessionRow *row)
{
  FerrydSession *self;

  g_return_val_if_fail (row != NULL && row->id != 0, NULL);

  self = g_object_new (FERRYD_TYPE_SESSION, NULL);
  self->row = row;
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
