/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client.h"

G_BEGIN_DECLS

/* Sees all signals of the service that the bus carries, to whomever they go. */
typedef struct
{
  GDBusConnection *connection;  /* owned */
  GMutex           lock;        /* over the rest: they come in a thread of GDBus */
  gboolean         is_on;
  GPtrArray       *receivers;   /* owned; of each signal, in order; "" for everybody */
} Monitor;

Monitor *monitor_new                   (const char *address);

void     monitor_free                  (Monitor *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Monitor, monitor_free)

guint    monitor_count_signals_to      (Monitor *self,
                                        Client  *client);

guint    monitor_count_signals_to_name (Monitor    *self,
                                        const char *unique_name);

guint    monitor_count_broadcasts      (Monitor *self);

G_END_DECLS
