/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define FERRYD_TYPE_TRAFFIC (ferryd_traffic_get_type ())
G_DECLARE_FINAL_TYPE (FerrydTraffic, ferryd_traffic, FERRYD, TRAFFIC, GObject)

/*
 * The calls that have come and are not answered yet, by number. Shared by the door and its calls.
 *
 * Signal `drained` (): the last one has been answered.
 */
FerrydTraffic *ferryd_traffic_new           (void);

void           ferryd_traffic_begin         (FerrydTraffic *self);

void           ferryd_traffic_end           (FerrydTraffic *self);

guint          ferryd_traffic_count         (FerrydTraffic *self);

/* Monotonic µs at which the last one came or was answered; 0: there never was one. */
gint64         ferryd_traffic_get_last      (FerrydTraffic *self);

G_END_DECLS
