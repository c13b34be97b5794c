/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/task.h"

G_BEGIN_DECLS

typedef struct _FerrydMove FerrydMove;

/* As what its session counts a task. A value, the registry's. */
typedef struct
{
  gboolean       is_counted;
  FerryTaskState state;
  gboolean       is_active;  /* it runs, or waits for what the machine lifts */
} FerrydTaskCounted;

struct _FerrydTask
{
  GObject            parent_instance;

  FerrydSession     *session;    /* unowned; outlives its tasks */
  FerrydStore       *store;      /* owned */
  FerrydRunner      *runner;     /* owned */
  const FerrydWorld *world;      /* unowned; the manager's. NULL: a sane one */
  FerrydTaskRow     *row;        /* owned; its status is written by apply_status() alone */
  GVariant          *secrets;    /* owned; a{ss}. NULL: none in memory */
  gint64             not_before; /* of the options; Unix µs. 0: any time */
  gint64             size_hint;  /* of the options; −1: none */
  char              *host;       /* owned */
  guint              position;   /* in the queue, from 1 on; 0: not queued */
  gboolean           has_slot;   /* from the decision to run until its bytes are here */
  gboolean           has_job;    /* from its start until its end is told */
  gboolean           leaves;     /* begins no job any more */
  gboolean           is_lent;    /* another task is taking over what it keeps: no move now */
  gboolean           is_removed; /* its row is gone */
  FerrydTaskCounted  counted;

  GQueue             moves;      /* of FerrydMove, owned; they wait for their turn */
  FerrydMove        *current;    /* owned; the one that is on its way to the disk. NULL: none */
  guint              secrets_age; /* of those of the session that its job was given */
  guint              rest;       /* source id of the end of a time in which it does not run; 0 */
  guint              retry;      /* source id of another try to write an end; 0: none */

  FerrydPhase        phase;
  gint64             received;
  gint64             expected;
  gint64             chunk;      /* of received, with the last tick */
  gint64             resumed_at; /* −1: nowhere */
  guint64            rate;
  FerrydSamples     *samples;    /* owned; NULL: has not run yet */
};

void ferryd_task_emit_changed (FerrydTask *self,
                               guint       mask);

void ferryd_task_emit_event   (FerrydTask        *self,
                               const FerrydEvent *event);

void ferryd_task_emit_removed (FerrydTask *self);

/* Where nothing of it is under way. */
void ferryd_task_emit_settled (FerrydTask *self);

/* A job begins: its counters are at 0. */
void ferryd_task_begin_counting (FerrydTask *self);

/* Whether it has secret headers that nobody has given since the service began. */
gboolean ferryd_task_misses_secrets (FerrydTask *self);

/* Whether what it keeps can be taken up by a later run. */
gboolean ferryd_task_is_resumable (FerrydTask *self);

/* Takes what people may change, and with @with_kept what is kept, from @row, and leaves its own
 * there. Returns the mask of what is new. */
guint ferryd_task_take_settings (FerrydTask    *self,
                                 FerrydTaskRow *row,
                                 gboolean       with_kept);

/* What a change of folder has left in another one goes, before anything else that it is to do. */
void ferryd_task_forget_other (FerrydTask *self);

/* Forgets all moves that wait. */
void ferryd_task_clear_moves  (FerrydTask *self);

/* For the manager, while another task takes over what it keeps, or its session goes; its moves
 * wait. @taken: what it keeps is another's now. */
void ferryd_task_lend         (FerrydTask *self);

void ferryd_task_end_lending  (FerrydTask *self,
                               gboolean    taken);

G_END_DECLS
