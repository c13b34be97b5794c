/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/runner.h"
#include "model/samples.h"
#include "model/store.h"

G_BEGIN_DECLS

typedef struct _FerrydSession FerrydSession;

#define FERRYD_TYPE_TASK (ferryd_task_get_type ())
G_DECLARE_FINAL_TYPE (FerrydTask, ferryd_task, FERRYD, TASK, GObject)

/* What may change of a task, in the order in which snapshots name it. */
typedef enum
{
  FERRYD_TASK_STATE,
  FERRYD_TASK_REASON,
  FERRYD_TASK_REASON_DETAILS,
  FERRYD_TASK_PHASE,
  FERRYD_TASK_ERROR,
  FERRYD_TASK_FINISHED,
  FERRYD_TASK_DIGEST,
  FERRYD_TASK_METRICS,
  FERRYD_TASK_STARTED_OVER,
  FERRYD_TASK_CURRENT_URL,
  FERRYD_TASK_FILE_NAME,
  FERRYD_TASK_PATH,
  FERRYD_TASK_RESPONSE,
  FERRYD_TASK_BYTES_RECEIVED,
  FERRYD_TASK_BYTES_EXPECTED,
  FERRYD_TASK_RATE,
  FERRYD_TASK_SAMPLES,
} FerrydTaskChange;

#define FERRYD_TASK_CHANGE(name) (1u << FERRYD_TASK_##name)

/* What somebody asks of a task. */
typedef enum
{
  FERRYD_WISH_RESUME,
  FERRYD_WISH_SUSPEND,
  FERRYD_WISH_CANCEL,
} FerrydWish;

/* @row: (transfer full). Signals: `changed (guint mask)`; `settled ()`: it is not busy any more. */
FerrydTask          *ferryd_task_new           (FerrydSession *session,
                                                FerrydTaskRow *row,
                                                FerrydStore   *store,
                                                FerrydRunner  *runner);

gint64               ferryd_task_get_id        (FerrydTask *self);

FerrydSession       *ferryd_task_get_session   (FerrydTask *self);

/* What the store has of it. */
const FerrydTaskRow *ferryd_task_get_row       (FerrydTask *self);

FerryTaskState       ferryd_task_get_state     (FerrydTask *self);

/* The host that it talks to, after redirects so far as they are known. */
const char          *ferryd_task_get_host      (FerrydTask *self);

FerrydPhase          ferryd_task_get_phase     (FerrydTask *self);

gint64               ferryd_task_get_received  (FerrydTask *self);

gint64               ferryd_task_get_expected  (FerrydTask *self);

guint64              ferryd_task_get_rate      (FerrydTask *self);

/* NULL: it has not run since the service began. */
const FerrydSamples *ferryd_task_get_samples   (FerrydTask *self);

guint                ferryd_task_get_position  (FerrydTask *self);

/* Whether it holds a running slot, or is about to: from the decision to run until its bytes are
 * here. */
gboolean             ferryd_task_has_slot      (FerrydTask *self);

/* Whether it waits for a slot and nothing else. */
gboolean             ferryd_task_wants_slot    (FerrydTask *self);

/*
 * Asks for a change of state. It is judged by the state found when its turn comes, and answered
 * when the task has moved, on disk first. Of a running task the job's outcome decides: a file that
 * is published already is finished.
 */
void                 ferryd_task_wish_async    (FerrydTask          *self,
                                                FerrydWish           wish,
                                                GAsyncReadyCallback  callback,
                                                gpointer             user_data);

gboolean             ferryd_task_wish_finish   (FerrydTask    *self,
                                                GAsyncResult  *result,
                                                GError       **error);

/* Whether it has a job or a move is under way. */
gboolean             ferryd_task_is_busy       (FerrydTask *self);

/* For the manager: stops its job, which may be taken up again, and begins none any more. */
void                 ferryd_task_leave         (FerrydTask *self);

/* For the manager: the scheduler's word. A position that moves up is not told: all would, each time
 * that one starts. */
void                 ferryd_task_run           (FerrydTask *self);

void                 ferryd_task_set_queued    (FerrydTask      *self,
                                                FerryWaitReason  reason,
                                                guint            position);

/* For the manager: what the runner told. */
void                 ferryd_task_note          (FerrydTask       *self,
                                                const FerrydKept *kept);

void                 ferryd_task_note_written  (FerrydTask *self);

void                 ferryd_task_end           (FerrydTask          *self,
                                                const FerrydOutcome *outcome);

/* Takes the last numbers of a job from what it left. */
void                 ferryd_task_count_kept    (FerrydTask *self);

/* For the manager, once a tick while it runs. */
void                 ferryd_task_sample        (FerrydTask *self);

G_END_DECLS
