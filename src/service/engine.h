/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/runner.h"
#include "store/database.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_ENGINE (ferryd_engine_get_type ())
G_DECLARE_FINAL_TYPE (FerrydEngine, ferryd_engine, FERRYD, ENGINE, GObject)

/* The model's runner: makes plans of tasks, and jobs of the engine in `transfer/` of plans. */
FerrydEngine *ferryd_engine_new (FerrydDatabase *database);

G_END_DECLS
