/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "model/manager.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_DOOR (ferryd_door_get_type ())
G_DECLARE_FINAL_TYPE (FerrydDoor, ferryd_door, FERRYD, DOOR, GObject)

/*
 * The one door: every method, Get, GetAll and Set of every object arrives in one function, which
 * finds the caller, the object and the verb, in that order. Calls wait until it is opened.
 */
FerrydDoor *ferryd_door_new  (GDBusConnection  *connection,
                              FerrydManager    *manager,
                              GError          **error);

/* Whether calls have come that are not answered yet. */
gboolean    ferryd_door_is_busy (FerrydDoor *self);

/* From now on calls are let in. @problem: (nullable): they all end with it instead. */
void        ferryd_door_open (FerrydDoor   *self,
                              const GError *problem);

G_END_DECLS
