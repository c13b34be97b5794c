/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-network"

#include "config.h"

#include "desktop/network.h"

struct _FerrydNetwork
{
  GObject          parent_instance;

  GNetworkMonitor *monitor;  /* owned */
  guint            telling;  /* source id; 0: nothing to tell */
};

G_DEFINE_FINAL_TYPE (FerrydNetwork, ferryd_network, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static gboolean
on_telling_cb (gpointer user_data)
{
  FerrydNetwork *self = user_data;

  self->telling = 0;
  g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

/* A cable that is pulled brings a handful of changes at once, a route each. Not when idle: tasks
 * wait for the network's return. */
static void
tell_soon (FerrydNetwork *self)
{
  if (self->telling == 0)
    self->telling = g_idle_add_full (G_PRIORITY_DEFAULT, on_telling_cb, self, NULL);
}

/* Also with the same @available as before: of another network. */
static void
on_network_changed_cb (GNetworkMonitor *monitor,
                       gboolean         available,
                       FerrydNetwork   *self)
{
  tell_soon (self);
}

static void
on_connectivity_changed_cb (GNetworkMonitor *monitor,
                            GParamSpec      *pspec,
                            FerrydNetwork   *self)
{
  tell_soon (self);
}

static void
ferryd_network_dispose (GObject *object)
{
  FerrydNetwork *self = FERRYD_NETWORK (object);

  g_clear_handle_id (&self->telling, g_source_remove);
  g_clear_object (&self->monitor);

  G_OBJECT_CLASS (ferryd_network_parent_class)->dispose (object);
}

static void
ferryd_network_class_init (FerrydNetworkClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_network_dispose;

  signals[CHANGED] = g_signal_new ("changed", FERRYD_TYPE_NETWORK, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferryd_network_init (FerrydNetwork *self)
{
}

FerrydNetwork *
ferryd_network_new (GNetworkMonitor *monitor)
{
  FerrydNetwork *self = NULL;

  g_return_val_if_fail (monitor == NULL || G_IS_NETWORK_MONITOR (monitor), NULL);

  self = g_object_new (FERRYD_TYPE_NETWORK, NULL);
  /* The first call in a process reads the routes, or asks NetworkManager: some milliseconds. */
  self->monitor = g_object_ref (monitor != NULL ? monitor : g_network_monitor_get_default ());
  g_signal_connect_object (self->monitor, "network-changed",
                           G_CALLBACK (on_network_changed_cb), self, 0);
  g_signal_connect_object (self->monitor, "notify::connectivity",
                           G_CALLBACK (on_connectivity_changed_cb), self, 0);
  return self;
}

gboolean
ferryd_network_is_available (FerrydNetwork *self)
{
  g_return_val_if_fail (FERRYD_IS_NETWORK (self), TRUE);

  return g_network_monitor_get_network_available (self->monitor);
}

gboolean
ferryd_network_is_behind_portal (FerrydNetwork *self)
{
  g_return_val_if_fail (FERRYD_IS_NETWORK (self), FALSE);

  return g_network_monitor_get_connectivity (self->monitor) == G_NETWORK_CONNECTIVITY_PORTAL;
}
