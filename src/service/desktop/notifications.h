/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "desktop/notice.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_NOTIFIER (ferryd_notifier_get_type ())
G_DECLARE_FINAL_TYPE (FerrydNotifier, ferryd_notifier, FERRYD, NOTIFIER, GObject)

/*
 * The user's notifications, one a key: a second one with the same key takes the place of the first.
 *
 * What the user chooses in them is done here: the file is opened, the files are shown in the file
 * manager. Without a notification daemon there are none, which is logged once.
 *
 * Signal `open-changed` ()
 *   ferryd_notifier_get_n_open() tells another number.
 *
 * There may be one at a time in a process, as libnotify is one for it all.
 *
 * @connection: the session bus
 */
FerrydNotifier *ferryd_notifier_new        (GDBusConnection    *connection);

/* @key: the session's id. @notice is copied. Returns at once: nothing here waits for the daemon. */
void            ferryd_notifier_show       (FerrydNotifier     *self,
                                            guint64             key,
                                            const FerrydNotice *notice);

/* How many are open, or are on their way to the daemon. One is open until the daemon says that it
 * is closed, or leaves the bus. An open one needs us: a shell takes away those whose sender
 * leaves, and nobody else does what they offer. */
guint           ferryd_notifier_get_n_open (FerrydNotifier     *self);

G_END_DECLS
