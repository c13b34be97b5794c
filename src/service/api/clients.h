/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "model/manager.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_CLIENTS (ferryd_clients_get_type ())
G_DECLARE_FINAL_TYPE (FerrydClients, ferryd_clients, FERRYD, CLIENTS, GObject)

/*
 * Who is attached to which session, and what they are told: each signal goes to them one by one,
 * after the answers that the same turn of the loop gave.
 */
FerrydClients *ferryd_clients_new    (GDBusConnection *connection,
                                      FerrydManager   *manager);

/* @unique_name is on the bus. */
void           ferryd_clients_welcome (FerrydClients *self,
                                       const char    *unique_name);

/* From now on, until it leaves the bus, @unique_name gets the signals of @session. One that has
 * left gets none. */
void           ferryd_clients_attach (FerrydClients *self,
                                      const char    *unique_name,
                                      FerrydSession *session);

/* To be called when @unique_name has left the bus. */
void           ferryd_clients_forget (FerrydClients *self,
                                      const char    *unique_name);

G_END_DECLS
