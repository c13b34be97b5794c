/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/call.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_VISITORS (ferryd_visitors_get_type ())
G_DECLARE_FINAL_TYPE (FerrydVisitors, ferryd_visitors, FERRYD, VISITORS, GObject)

/* Does what the call asks, and answers it. */
typedef void (* FerrydServe) (FerrydCall *call);

/*
 * Who has called: each unique name is looked at once, when its first call comes. A call waits until
 * it is known who makes it and the visitors are admitted; then it is served, or refused.
 */
FerrydVisitors *ferryd_visitors_new    (GDBusConnection *connection,
                                        FerrydClients   *clients,
                                        FerrydServe      serve);

/* A call has come. It is taken over. */
void            ferryd_visitors_take   (FerrydVisitors *self,
                                        FerrydCall     *call);

/* From now on calls are served. @problem: (nullable): they all end with it instead */
void            ferryd_visitors_admit  (FerrydVisitors *self,
                                        const GError   *problem);

G_END_DECLS
