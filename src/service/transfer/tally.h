/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdatomic.h>

G_BEGIN_DECLS

/* What a running job is doing: the words of the Task property `Phase`. */
typedef enum
{
  FERRYD_PHASE_CONNECTING,    /* no answer yet */
  FERRYD_PHASE_TRANSFERRING,  /* bytes move */
  FERRYD_PHASE_CHECKING,      /* the digest is computed over what is on disk */
  /* the file waits for the disk and its name; no longer a running slot's */
  FERRYD_PHASE_PUBLISHING,
} FerrydPhase;

/* What a job counts while it runs: its worker thread writes, the main thread looks. */
typedef struct
{
  _Atomic gint64 received;    /* bytes of the file that we have, kept ones included */
  _Atomic gint64 expected;    /* bytes of the whole; −1: unknown */
  _Atomic gint64 moved;       /* bytes that came over the wire in this run; only grows */
  _Atomic gint64 resumed_at;  /* where kept bytes were taken up; −1: nowhere */
  /* monotonic µs of the server's last sign of life; 0: it is not the server that is waited for */
  _Atomic gint64 active_at;
  _Atomic int    phase;       /* FerrydPhase */
} FerrydTally;

static inline void
ferryd_tally_init (FerrydTally *tally,
                   gint64       received,
                   gint64       expected)
{
  atomic_init (&tally->received, received);
  atomic_init (&tally->expected, expected);
  atomic_init (&tally->moved, 0);
  atomic_init (&tally->resumed_at, -1);
  atomic_init (&tally->active_at, 0);
  atomic_init (&tally->phase, FERRYD_PHASE_CONNECTING);
}

/* The server has its turn from now on, or has just shown that it lives. */
static inline void
ferryd_tally_touch (FerrydTally *tally)
{
  atomic_store_explicit (&tally->active_at, g_get_monotonic_time (), memory_order_relaxed);
}

/* The turn is ours: the disk's, the throttle's, the store's. */
static inline void
ferryd_tally_work (FerrydTally *tally)
{
  atomic_store_explicit (&tally->active_at, 0, memory_order_relaxed);
}

G_END_DECLS
