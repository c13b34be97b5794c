/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define FERRYD_TYPE_SERVICE (ferryd_service_get_type ())
G_DECLARE_FINAL_TYPE (FerrydService, ferryd_service, FERRYD, SERVICE, GApplication)

/* The house, put together: the store, the engine, the model and the door. */
FerrydService *ferryd_service_new (void);

G_END_DECLS
