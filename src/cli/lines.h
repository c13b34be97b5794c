/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "view.h"

G_BEGIN_DECLS

#define FERRY_TYPE_LINES (ferry_lines_get_type ())

/* Plain lines, for logs and for terminals that can do no more. */
G_DECLARE_FINAL_TYPE (FerryLines, ferry_lines, FERRY, LINES, GObject)

FerryLines *ferry_lines_new (FerryConsole *console);

G_END_DECLS
