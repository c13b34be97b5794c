/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "console.h"
#include "libferry/ferry.h"

G_BEGIN_DECLS

/* Tasks, a line each. */

char *ferry_table_format_tasks  (GPtrArray    *tasks,
                                 FerryConsole *console);

char *ferry_table_format_script (GPtrArray    *tasks);

G_END_DECLS
