/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "console.h"
#include "libferry/ferry.h"
#include "selection.h"
#include "verbs.h"

G_BEGIN_DECLS

FerryExit ferry_watcher_run (FerryConsole   *console,
                             FerryClient    *client,
                             FerrySelection *selection,
                             gboolean        json);

G_END_DECLS
