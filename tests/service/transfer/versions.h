/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "support/rows.h"

/* The file that most tables are about: cut at CUT, its overlap begins 64 KiB before that. */
#define SIZE 400000
#define CUT 200000
#define OVERLAP_AT "134464"

/* Versions of it. The late change is within the last 64 KiB before CUT, the early one is not. */
#define V1 { .seed = 1, .size = SIZE }
#define V2 { .seed = 2, .size = SIZE }
#define V1_CHANGED_LATE { .seed = 1, .size = SIZE, .changed_at = CUT - 1000 }
#define V1_CHANGED_EARLY { .seed = 1, .size = SIZE, .changed_at = 1000 }

#define ONE "\"one\""
#define TWO "\"two\""
#define WEAK_ONE "W/\"one\""
#define WEAK_TWO "W/\"two\""

#define FIRST_CUT(...) { .content = V1, .cut = CUT, __VA_ARGS__ }
