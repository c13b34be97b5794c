/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "transfer/outcome.h"
#include "transfer/plan.h"
#include "transfer/tally.h"

G_BEGIN_DECLS

/* What the steps of one run share, in its own thread. */
typedef struct
{
  const FerrydPlan *plan;
  FerrydTally      *tally;
  GCancellable     *cancellable;
  FerrydOutcome    *outcome;    /* being filled in; its `kept` is the run's working copy */
  GPtrArray        *exchanges;  /* owned; of GVariant a{sv}, oldest first */
} FerrydRun;

G_END_DECLS
