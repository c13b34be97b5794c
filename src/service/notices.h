/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/door.h"
#include "desktop/notifications.h"
#include "model/manager.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_NOTICES (ferryd_notices_get_type ())
G_DECLARE_FINAL_TYPE (FerrydNotices, ferryd_notices, FERRYD, NOTICES, GObject)

/* Tells a person what has come of a session's transfers, as its `notify` has it. */
FerrydNotices *ferryd_notices_new (FerrydManager  *manager,
                                   FerrydDoor     *door,
                                   FerrydNotifier *notifier);

G_END_DECLS
