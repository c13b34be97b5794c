/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-traffic"

#include "config.h"

#include "api/traffic.h"

struct _FerrydTraffic
{
  GObject parent_instance;

  guint   n;     /* not answered yet */
  gint64  last;  /* monotonic µs; 0: never */
};

G_DEFINE_FINAL_TYPE (FerrydTraffic, ferryd_traffic, G_TYPE_OBJECT)

static guint drained_signal;

static void
ferryd_traffic_class_init (FerrydTrafficClass *klass)
{
  drained_signal = g_signal_new ("drained", FERRYD_TYPE_TRAFFIC, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
ferryd_traffic_init (FerrydTraffic *self)
{
}

FerrydTraffic *
ferryd_traffic_new (void)
{
  return g_object_new (FERRYD_TYPE_TRAFFIC, NULL);
}

void
ferryd_traffic_begin (FerrydTraffic *self)
{
  g_return_if_fail (FERRYD_IS_TRAFFIC (self));

  self->n++;
  self->last = g_get_monotonic_time ();
}

void
ferryd_traffic_end (FerrydTraffic *self)
{
  g_return_if_fail (FERRYD_IS_TRAFFIC (self));
  g_return_if_fail (self->n > 0);

  self->n--;
  self->last = g_get_monotonic_time ();
  if (self->n == 0)
    g_signal_emit (self, drained_signal, 0);
}

guint
ferryd_traffic_count (FerrydTraffic *self)
{
  g_return_val_if_fail (FERRYD_IS_TRAFFIC (self), 0);

  return self->n;
}

gint64
ferryd_traffic_get_last (FerrydTraffic *self)
{
  g_return_val_if_fail (FERRYD_IS_TRAFFIC (self), 0);

  return self->last;
}
