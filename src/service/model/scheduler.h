/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "common/states.h"

G_BEGIN_DECLS

/* How many transfers run at once, and how many of them with one host. */
#define FERRYD_MAX_RUNNING 8
#define FERRYD_MAX_PER_HOST 6

/* Jobs that wait for the disk, and hold no slot, before no more are started: each keeps a
 * thread. */
#define FERRYD_MAX_PUBLISHING 64

/* A task that runs or would like to. A value. */
typedef struct
{
  const char      *host;      /* unowned; the one that is talked to */
  gboolean         runs;      /* holds a slot already: it keeps it */

  /* out */
  gboolean         start;
  FerryWaitReason  reason;    /* QUEUE or HOST_LIMIT for those that wait; else NONE */
  guint            position;  /* among those that wait for the same, from 1 on; else 0 */
} FerrydCandidate;

/*
 * Who runs and who waits, and why: decided over a snapshot, with no memory of its own. The first
 * come are served first. Nobody is stopped for another.
 */
void ferryd_schedule (FerrydCandidate *candidates,
                      guint            n);

G_END_DECLS
