/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desktop/settings.h"
#include "model/manager.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_DOOR (ferryd_door_get_type ())
G_DECLARE_FINAL_TYPE (FerrydDoor, ferryd_door, FERRYD, DOOR, GObject)

/*
 * The one door: every method, Get, GetAll and Set of every object arrives in one function, which
 * finds the caller, the object and the verb, in that order. Calls wait until it is opened.
 *
 * Signal `calmed` (): the last client has left, or the last call has been answered; once for all
 * that a turn of the loop brings, and after that is done.
 */
FerrydDoor *ferryd_door_new           (GDBusConnection  *connection,
                                       FerrydManager    *manager,
                                       FerrydSettings   *settings,
                                       GError          **error);

/* From now on calls are let in. @problem: (nullable): they all end with it instead. */
void        ferryd_door_open          (FerrydDoor   *self,
                                       const GError *problem);

/* Whether calls have come that are not answered yet. */
gboolean    ferryd_door_is_busy       (FerrydDoor *self);

/* Whether anybody is attached to a session, or watches. */
gboolean    ferryd_door_has_clients   (FerrydDoor *self);

/* Monotonic µs at which the last call came or was answered; 0: none ever came. */
gint64      ferryd_door_get_last_call (FerrydDoor *self);

/* Whether somebody attached to @session wants no notifications of it. */
gboolean    ferryd_door_wants_quiet   (FerrydDoor    *self,
                                       FerrydSession *session);

G_END_DECLS
