/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "transfer/outcome.h"
#include "transfer/plan.h"
#include "transfer/tally.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_JOB (ferryd_job_get_type ())
G_DECLARE_FINAL_TYPE (FerrydJob, ferryd_job, FERRYD, JOB, GObject)

/* One run of one task in a worker thread of its own. All functions on the main thread. */
FerrydJob         *ferryd_job_new        (FerrydPlan *plan);  /* (transfer full) */

/* Starts the worker. @callback comes on the main context, once, when the thread is done with all
 * its work. */
void               ferryd_job_run_async  (FerrydJob           *self,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data);

/* Never fails: what went wrong is in the outcome. */
FerrydOutcome     *ferryd_job_run_finish (FerrydJob    *self,
                                          GAsyncResult *result);

/* Tells the worker to stop; the first cause counts. The outcome decides: a file already
 * published is finished. */
void               ferryd_job_stop       (FerrydJob   *self,
                                          FerrydCause  cause);

const FerrydTally *ferryd_job_get_tally  (FerrydJob *self);

G_END_DECLS
