/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "transfer/plan.h"

G_BEGIN_DECLS

/*
 * A limit in bytes a second, shared by all that hold it, with another one behind it: task → session
 * → global. Any thread may call any of these.
 */
FerrydThrottle *ferryd_throttle_new       (FerrydThrottle *behind);

FerrydThrottle *ferryd_throttle_ref       (FerrydThrottle *self);

void            ferryd_throttle_unref     (FerrydThrottle *self);

/* @limit: bytes a second; 0: none. Those who wait find out within 100 ms. */
void            ferryd_throttle_set_limit (FerrydThrottle *self,
                                           guint64         limit);

/* Waits until up to @wanted bytes may be read. Returns how many (never above 100 ms worth of the
 * strictest limit), 0 when cancelled. */
gsize           ferryd_throttle_take      (FerrydThrottle *self,
                                           gsize           wanted,
                                           GCancellable   *cancellable);

/* Gives back what was taken and not read. */
void            ferryd_throttle_give_back (FerrydThrottle *self,
                                           gsize           unused);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydThrottle, ferryd_throttle_unref)

G_END_DECLS
