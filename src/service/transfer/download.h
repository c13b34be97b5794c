/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "transfer/outcome.h"
#include "transfer/plan.h"
#include "transfer/tally.h"

G_BEGIN_DECLS

/*
 * One run of one download, from the first line to the last, in the calling thread, blocking. The
 * thread must have a main context of its own as thread default. Sees only @plan (what to do),
 * @tally (atomics that others look at) and @cancellable.
 */
FerrydOutcome *ferryd_download_run     (const FerrydPlan *plan,
                                        FerrydTally      *tally,
                                        GCancellable     *cancellable);

/* Deletes what runs left on disk, as @kept has it and so far as it is ours. A file that has its
 * final name stays, with the error WRONG_STATE of FERRY_ERROR. Blocking. */
gboolean       ferryd_download_discard (const FerrydPlan  *plan,
                                        FerrydKept        *kept,
                                        GError           **error);

/* Whether what is missing of the plan's file would fit on its disk now. Blocking. */
gboolean       ferryd_download_has_room (const FerrydPlan *plan);

G_END_DECLS
