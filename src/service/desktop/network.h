/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FERRYD_TYPE_NETWORK (ferryd_network_get_type ())
G_DECLARE_FINAL_TYPE (FerrydNetwork, ferryd_network, FERRYD, NETWORK, GObject)

/*
 * What the machine's network is good for at the moment, by what it tells of itself: nobody is
 * asked over the network, and nothing blocks.
 *
 * Signal `changed` ()
 *   It is not the network that it was. Both answers may be the same as before: the machine went
 *   from one network to another. Once for all that one turn of the main loop brings.
 *
 * @monitor: (nullable): NULL for the machine's own
 */
FerrydNetwork *ferryd_network_new              (GNetworkMonitor *monitor);

/* FALSE: there is no way out of this machine. */
gboolean       ferryd_network_is_available     (FerrydNetwork   *self);

/* TRUE: a page of the network's owner answers in place of every server. */
gboolean       ferryd_network_is_behind_portal (FerrydNetwork   *self);

G_END_DECLS
