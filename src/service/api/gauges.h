/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/clients.h"
#include "desktop/settings.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_GAUGES (ferryd_gauges_get_type ())
G_DECLARE_FINAL_TYPE (FerrydGauges, ferryd_gauges, FERRYD, GAUGES, GObject)

/*
 * The properties of the manager. Those who watch are told of their changes: of rates and counts at
 * most four times a second, of limits at once.
 */
FerrydGauges *ferryd_gauges_new        (FerrydManager  *manager,
                                        FerrydSettings *settings,
                                        FerrydClients  *clients);

/* Returns: (transfer full): the value, floating or not; NULL where there is no such property */
GVariant     *ferryd_gauges_get        (FerrydGauges *self,
                                        const char   *property);

/* Returns: (floating): a{sv} with all */
GVariant     *ferryd_gauges_get_all    (FerrydGauges *self);

/* @property is a limit, @value a t. */
gboolean      ferryd_gauges_set        (FerrydGauges  *self,
                                        const char    *property,
                                        GVariant      *value,
                                        GError       **error);

/* To be called when somebody begins to watch. */
void          ferryd_gauges_take_stock (FerrydGauges *self);

G_END_DECLS
