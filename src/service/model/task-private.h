/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/task.h"

G_BEGIN_DECLS

struct _FerrydTask
{
  GObject         parent_instance;

  FerrydSession  *session;   /* unowned; outlives its tasks */
  FerrydStore    *store;     /* owned */
  FerrydRunner   *runner;    /* owned */
  FerrydTaskRow  *row;       /* owned; its status is written by apply_status() alone */
  char           *host;      /* owned */
  guint           position;  /* in the queue, from 1 on; 0: not queued */
  gboolean        has_slot;  /* from the decision to run until its bytes are here */
  gboolean        has_job;   /* from its start until its end is told */
  gboolean        leaves;    /* begins no job any more */

  GQueue          moves;     /* of Move, owned; the first is under way */
  gboolean        is_saving; /* the first is on its way to the disk */
  guint           retry;     /* source id of another try to write an end; 0: none */

  FerrydPhase     phase;
  gint64          received;
  gint64          expected;
  guint64         rate;
  FerrydSamples  *samples;   /* owned; NULL: has not run yet */
};

void ferryd_task_emit_changed (FerrydTask *self,
                               guint       mask);

/* Where nothing of it is under way. */
void ferryd_task_emit_settled (FerrydTask *self);

/* A job begins: its counters are at 0. */
void ferryd_task_begin_counting (FerrydTask *self);

/* Forgets all moves that wait. */
void ferryd_task_clear_moves  (FerrydTask *self);

G_END_DECLS
