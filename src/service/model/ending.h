/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/store.h"
#include "transfer/outcome.h"

G_BEGIN_DECLS

/* What a task's status becomes. Pure; @to is overwritten. */

/* The same task in @state, without a reason and without an error. */
void ferryd_ending_describe         (const FerrydTaskStatus *status,
                                     FerryTaskState          state,
                                     FerrydTaskStatus       *to);

void ferryd_ending_describe_waiting (const FerrydTaskStatus *status,
                                     FerryWaitReason         reason,
                                     FerrydTaskStatus       *to);

/* Where a job's outcome leaves the task that ran. */
void ferryd_ending_describe_outcome (const FerrydTaskStatus *status,
                                     const FerrydOutcome    *outcome,
                                     FerrydTaskStatus       *to);

/* Which properties (a mask of FERRYD_TASK_CHANGE) have other values. */
guint ferryd_task_status_compare    (const FerrydTaskStatus *a,
                                     const FerrydTaskStatus *b);

guint ferryd_task_kept_compare      (const FerrydKept *a,
                                     const FerrydKept *b);

G_END_DECLS
