/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/scheduler.h"

G_BEGIN_DECLS

/* The same answer as ferryd_schedule()'s by the words of its header, counted anew for each
 * question: slow and plain. It also notes in the contenders who was served when. */
gint64 naive_schedule (FerrydSnapshot *snapshot);

G_END_DECLS
