/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/store.h"
#include "model/retry.h"
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

/* Where a job's outcome leaves the task that ran. Of @circumstances `attempts` is the status'
 * own. */
void ferryd_ending_describe_outcome (const FerrydTaskStatus    *status,
                                     const FerrydOutcome       *outcome,
                                     const FerrydCircumstances *circumstances,
                                     FerrydTaskStatus          *to);

/* It waits for somebody, or it failed, and why; @error is for logs. */
void ferryd_ending_describe_problem (const FerrydTaskStatus *status,
                                     FerryTaskState          state,
                                     FerryWaitReason         reason,
                                     const GError           *error,
                                     FerrydTaskStatus       *to);

/* What of the resource time-out is used up at @now (Unix µs), in µs. */
gint64 ferryd_ending_get_clock      (const FerrydTaskStatus *status,
                                     gint64                  now);

/* Which properties (a mask of FERRYD_TASK_CHANGE) have other values. */
guint ferryd_task_status_compare    (const FerrydTaskStatus *a,
                                     const FerrydTaskStatus *b);

guint ferryd_task_kept_compare      (const FerrydKept *a,
                                     const FerrydKept *b);

G_END_DECLS
