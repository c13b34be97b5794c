/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/call.h"

G_BEGIN_DECLS

/* Answers a `ListTasks` over @tasks, which are by rising id. */
void ferryd_listing_answer (FerrydCall *call,
                            GPtrArray  *tasks);

G_END_DECLS
