/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/door.h"
#include "desktop/notifications.h"
#include "desktop/settings.h"
#include "model/manager.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_LIFE (ferryd_life_get_type ())
G_DECLARE_FINAL_TYPE (FerrydLife, ferryd_life, FERRYD, LIFE, GObject)

/*
 * How long the service is needed: as long as a task moves or will move by itself, a client listens,
 * a call is under way, a notification of ours is open, or a secret would be lost; and a while more.
 *
 * Signal: `over ()`: for so long it has not been needed; may come again.
 */
FerrydLife *ferryd_life_new       (FerrydManager  *manager,
                                   FerrydDoor     *door,
                                   FerrydNotifier *notifier,
                                   FerrydSettings *settings);

/* All is loaded: from now on it is watched. Without a call so far, nobody waits for anything. */
void        ferryd_life_begin     (FerrydLife *self);

gboolean    ferryd_life_is_needed (FerrydLife *self);

G_END_DECLS
