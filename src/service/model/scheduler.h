/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "common/states.h"

G_BEGIN_DECLS

/* Jobs that wait for the disk, and hold no slot, before no more are started: each keeps a
 * thread. */
#define FERRYD_MAX_PUBLISHING 64

/* A session, as far as the scheduler needs to know. A value. */
typedef struct
{
  guint   max_running;   /* of its tasks at once; 0: no limit of its own */
  guint   max_per_host;  /* of its tasks with one host at once; at least 1 */
  guint64 served;        /* when it last got a slot, on a counter that only grows; 0: never */
} FerrydContender;

/* A task that runs or would like to. A value. */
typedef struct
{
  const char      *host;        /* unowned; the one that is talked to, after redirects */
  guint            session;     /* place in the contenders */
  double           priority;    /* higher is served first */
  gint64           not_before;  /* Unix µs; 0: any time */
  gint64           retry_at;    /* Unix µs; 0: any time */
  gboolean         runs;        /* holds a slot already: it keeps it */

  /* out */
  gboolean         start;
  /* NOT_YET, RETRY, HOST_LIMIT or QUEUE for those that wait; else NONE */
  FerryWaitReason  reason;
  guint            position;    /* among those that wait for the same, from 1 on; else 0 */
} FerrydCandidate;

/* All that a decision is made of. A value. */
typedef struct
{
  FerrydCandidate *candidates;    /* unowned; in the order in which they were made */
  guint            n_candidates;
  FerrydContender *contenders;    /* unowned */
  guint            n_contenders;
  guint            max_running;   /* all sessions together; at least 1 */
  guint            max_per_host;  /* all sessions together; at least 1 */
  gint64           now;           /* Unix µs */
} FerrydSnapshot;

/*
 * Who runs and who waits, and why: decided over a snapshot, with no memory of its own. Higher
 * priority first; within a priority the sessions take turns (the one that has fewest running, then
 * the one that was served longest ago, then the first); within a session the order in which they
 * were made. Nobody is stopped for another, and nobody waits for one who cannot start either.
 *
 * The reason is the first that holds when those that start have started: its time has not come
 * (NOT_YET, then RETRY), its host is full (HOST_LIMIT: overall, or the session's share of it), all
 * slots are taken (QUEUE: overall, or the session's own). QUEUE is one line over all sessions, each
 * host has one of its own; the position is the order in which those in the line would be served
 * were slots to come free for them alone, one by one, and nobody finished.
 *
 * Returns: Unix µs at which the answer changes by itself, the earliest `not_before` or `retry_at`
 * ahead that is a reason; 0: it does not
 */
gint64 ferryd_schedule (FerrydSnapshot *snapshot);

G_END_DECLS
