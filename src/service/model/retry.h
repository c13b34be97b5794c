/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "common/states.h"
#include "transfer/outcome.h"

G_BEGIN_DECLS

/* What a verdict depends on besides the outcome and what went before. A value. */
typedef struct
{
  guint    attempts;           /* that failed before this one without winning a byte */
  gboolean won_bytes;          /* this one has brought some */
  gboolean network_available;  /* as the monitor has it: a guess */
  gint64   now;                /* Unix µs */
  double   jitter;             /* random, 0 ≤ jitter < 1 */
} FerrydCircumstances;

/* What becomes of a task whose job ended with an error that is not CANCELLED. A value. */
typedef struct
{
  FerryTaskState  state;     /* WAITING or FAILED */
  FerryWaitReason reason;    /* NONE when failed */
  gint64          retry_at;  /* Unix µs; 0 unless the reason is RETRY */
  guint           attempts;  /* for the next time */
} FerrydRetry;

/* Whether, when and by whose help a failed attempt is made again: the one place where that is
 * decided. Pure. */
FerrydRetry ferryd_retry_judge (const FerrydOutcome       *outcome,
                                  const FerrydCircumstances *circumstances);

/* Whether a task that waits with RETRY may go on as soon as the network has changed: it was
 * the network that stood in the way, not the server's word. */
gboolean      ferryd_retry_ends_with_network (const char *error_name);

G_END_DECLS
