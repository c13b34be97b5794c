/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "view.h"

G_BEGIN_DECLS

#define FERRY_TYPE_BARS (ferry_bars_get_type ())

/* A bar for each task that is not over, redrawn in place at the bottom of a terminal. */
G_DECLARE_FINAL_TYPE (FerryBars, ferry_bars, FERRY, BARS, GObject)

FerryBars *ferry_bars_new (FerryConsole *console,
                           GPtrArray    *tasks);

G_END_DECLS
