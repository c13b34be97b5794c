/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "console.h"
#include "libferry/ferry.h"

G_BEGIN_DECLS

char *ferry_details_format (FerryTask    *task,
                            GVariant     *properties,
                            FerryConsole *console);

G_END_DECLS
