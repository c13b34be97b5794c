/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-life"

#include "config.h"

#include "life.h"

struct _FerrydLife
{
  GObject         parent_instance;

  FerrydManager  *manager;   /* owned */
  FerrydDoor     *door;      /* owned */
  FerrydNotifier *notifier;  /* owned */
  FerrydSettings *settings;  /* owned */
  gboolean        has_begun;
  guint           look;      /* source id of a look that is due; 0: none */
  guint           timer;     /* source id of the while that it is not needed; 0: it is */
};

G_DEFINE_FINAL_TYPE (FerrydLife, ferryd_life, G_TYPE_OBJECT)

enum { OVER, N_SIGNALS };
static guint signals[N_SIGNALS];

gboolean
ferryd_life_is_needed (FerrydLife *self)
{
  g_return_val_if_fail (FERRYD_IS_LIFE (self), TRUE);

  return !ferryd_manager_is_idle (self->manager) || ferryd_door_has_clients (self->door) ||
         ferryd_door_is_busy (self->door) || ferryd_notifier_get_n_open (self->notifier) > 0;
}

/* What is left of the while, in ms. */
static gint64
get_time_left (FerrydLife *self)
{
  gint64 delay = (gint64) ferryd_settings_get (self->settings)->idle_exit_delay * G_USEC_PER_SEC;
  gint64 last_call = ferryd_door_get_last_call (self->door);

  if (last_call == 0)
    return 0;

  return (MAX (last_call + delay - g_get_monotonic_time (), 0) + 999) / 1000;
}

static void start_timer (FerrydLife *self,
                         gint64      ms);

static gboolean
on_timer_cb (gpointer user_data)
{
  FerrydLife *self = user_data;
  gint64 left = get_time_left (self);

  self->timer = 0;
  if (ferryd_life_is_needed (self))
    return G_SOURCE_REMOVE;

  if (left > 0)
    start_timer (self, left);
  else
    g_signal_emit (self, signals[OVER], 0);
  return G_SOURCE_REMOVE;
}

static void
start_timer (FerrydLife *self,
             gint64      ms)
{
  self->timer = g_timeout_add ((guint) MIN (ms, G_MAXUINT), on_timer_cb, self);
}

static gboolean
on_look_cb (gpointer user_data)
{
  FerrydLife *self = user_data;
  gint64 delay = ferryd_settings_get (self->settings)->idle_exit_delay * G_GINT64_CONSTANT (1000);

  self->look = 0;
  if (ferryd_life_is_needed (self))
    g_clear_handle_id (&self->timer, g_source_remove);
  else if (self->timer == 0)
    start_timer (self, ferryd_door_get_last_call (self->door) == 0 ? 0 : delay);

  return G_SOURCE_REMOVE;
}

/* Behind all that the turn of the loop brings: much of it is under way when it is told. */
static void
look_soon (FerrydLife *self)
{
  if (self->has_begun && self->look == 0)
    self->look = g_idle_add (on_look_cb, self);
}

static void
ferryd_life_dispose (GObject *object)
{
  FerrydLife *self = FERRYD_LIFE (object);

  g_clear_handle_id (&self->look, g_source_remove);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_object (&self->manager);
  g_clear_object (&self->door);
  g_clear_object (&self->notifier);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (ferryd_life_parent_class)->dispose (object);
}

static void
ferryd_life_class_init (FerrydLifeClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_life_dispose;

  signals[OVER] = g_signal_new ("over", FERRYD_TYPE_LIFE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
}

static void
ferryd_life_init (FerrydLife *self)
{
}

FerrydLife *
ferryd_life_new (FerrydManager  *manager,
                 FerrydDoor     *door,
                 FerrydNotifier *notifier,
                 FerrydSettings *settings)
{
  static const char * const told[] = {
    "session-added", "session-removed", "session-event", "task-added", "task-removed",
    "task-changed", "task-event", "settled",
  };
  FerrydLife *self = g_object_new (FERRYD_TYPE_LIFE, NULL);

  self->manager = g_object_ref (manager);
  self->door = g_object_ref (door);
  self->notifier = g_object_ref (notifier);
  self->settings = g_object_ref (settings);
  for (guint i = 0; i < G_N_ELEMENTS (told); i++)
    g_signal_connect_object (manager, told[i], G_CALLBACK (look_soon), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (door, "calmed", G_CALLBACK (look_soon), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (notifier, "open-changed", G_CALLBACK (look_soon), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "changed", G_CALLBACK (look_soon), self, G_CONNECT_SWAPPED);
  return self;
}

void
ferryd_life_begin (FerrydLife *self)
{
  g_return_if_fail (FERRYD_IS_LIFE (self));

  self->has_begun = TRUE;
  look_soon (self);
}
