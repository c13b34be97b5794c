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
  FERRYD_TASK_RETRY_AT,
  FERRYD_TASK_PRIORITY,
  FERRYD_TASK_DESCRIPTION,
  FERRYD_TASK_DOWNLOAD_LIMIT,
  FERRYD_TASK_URL,
  FERRYD_TASK_OPTIONS,
  FERRYD_TASK_RESUMED_AT,  /* kept bytes were taken up; no property */
  FERRYD_TASK_HOST,        /* that it talks to; no property */
} FerrydTaskChange;

#define FERRYD_TASK_CHANGE(name) (1u << FERRYD_TASK_##name)

/* What somebody asks of a task. */
typedef enum
{
  FERRYD_WISH_RESUME,
  FERRYD_WISH_SUSPEND,
  FERRYD_WISH_CANCEL,
  FERRYD_WISH_CANCEL_KEEPING,  /* what is here stays, for resume data, if it can be resumed */
  FERRYD_WISH_REMOVE,          /* cancels first; a finished file stays */
  FERRYD_WISH_REMOVE_FILES,    /* the same, and a finished file goes too */
} FerrydWish;

/* What somebody changes of a task: the members that @what names. A value. */
typedef struct
{
  /* PRIORITY, DESCRIPTION, DOWNLOAD_LIMIT, URL or PATH (folder, file_name and overwrite) */
  FerrydTaskChange  what;
  double            priority;
  char             *description;     /* owned */
  guint64           download_limit;
  char             *url;             /* owned */
  char             *folder;          /* owned. NULL: as it is */
  char             *file_name;       /* owned. NULL: as it is */
  gboolean          has_overwrite;
  gboolean          overwrite;
} FerrydTaskEdit;

void                 ferryd_task_edit_clear    (FerrydTaskEdit *edit);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerrydTaskEdit, ferryd_task_edit_clear)

/*
 * @row: (transfer full). Signals: `changed (guint mask)`; `event (const FerrydEvent *)`: it is on
 * disk; `redirected (guint status, const char *url)`; `settled ()`: it is not busy any more;
 * `removed ()`: its row is gone, nothing more comes.
 */
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

/* Unix µs before which it does not run; 0: any time. */
gint64               ferryd_task_get_not_before (FerrydTask *self);

/* Secret headers of its own, a{ss}; NULL: none, or not given since the service began. */
GVariant            *ferryd_task_get_secrets   (FerrydTask *self);

/* The finished file, or what is there of it; NULL: nothing is. */
char                *ferryd_task_get_path      (FerrydTask *self);

FerrydPhase          ferryd_task_get_phase     (FerrydTask *self);

/* Bytes of BYTES_RECEIVED that the last tick brought. */
gint64               ferryd_task_get_chunk     (FerrydTask *self);

/* Where its job took kept bytes up; −1: nowhere. */
gint64               ferryd_task_get_resumed_at (FerrydTask *self);

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

/*
 * Changes what people may change, in its turn among the wishes, on disk first. WrongState: not in
 * this state (URL and PATH: running, finished and cancelled). New-url and disk-full are lifted by
 * what they wait for.
 */
void                 ferryd_task_edit_async    (FerrydTask           *self,
                                                const FerrydTaskEdit *edit,
                                                GAsyncReadyCallback   callback,
                                                gpointer              user_data);

gboolean             ferryd_task_edit_finish   (FerrydTask    *self,
                                                GAsyncResult  *result,
                                                GError       **error);

/* The key that stands for what it keeps, made and written down when first asked for. WrongState:
 * neither failed nor cancelled. */
void                 ferryd_task_produce_resume_key_async  (FerrydTask          *self,
                                                            GAsyncReadyCallback  callback,
                                                            gpointer             user_data);

/* Returns: (transfer full): the key, empty when nothing is kept that could be taken up; or NULL */
GBytes              *ferryd_task_produce_resume_key_finish (FerrydTask    *self,
                                                            GAsyncResult  *result,
                                                            GError       **error);

/* Whether it has a job or a move is under way. */
gboolean             ferryd_task_is_busy       (FerrydTask *self);

/* For the manager: what the world is like, for how a job is started and what follows from its
 * end. @orders: secrets and deadline are the task's own. */
typedef struct
{
  gboolean network_available;
  gboolean behind_portal;
  gboolean write_origin;
} FerrydWorld;

void                 ferryd_task_set_world     (FerrydTask        *self,
                                                const FerrydWorld *world);  /* outlives it */

/* For the manager: stops its job, which may be taken up again, and begins none any more. */
void                 ferryd_task_leave         (FerrydTask *self);

/* For the manager: the scheduler's word. A position that moves up is not told: all would, each time
 * that one starts. */
void                 ferryd_task_run           (FerrydTask *self);

void                 ferryd_task_set_queued    (FerrydTask      *self,
                                                FerryWaitReason  reason,
                                                guint            position);

/* For the manager: it waits no longer for the network, or for a time that stood for it. */
void                 ferryd_task_lift          (FerrydTask *self);

/* The same where the disk has to know: if it waits for @reason when its turn comes. */
void                 ferryd_task_end_wait      (FerrydTask      *self,
                                                FerryWaitReason  reason);

/* For the manager: when its resource time-out fails it, Unix µs; 0: never in this state. */
gint64               ferryd_task_get_expiry    (FerrydTask *self);

/* For the manager: it has taken too long. */
void                 ferryd_task_expire        (FerrydTask *self);

/* For the manager: its job, if it has shown no sign of life since @monotonic, begins again. */
void                 ferryd_task_restart_stalled (FerrydTask *self,
                                                  gint64      monotonic);

/* For the manager: @secrets (a{ss}, nullable) of its own, as given when it was made. */
void                 ferryd_task_set_secrets   (FerrydTask *self,
                                                GVariant   *secrets);

/* For the manager: what the runner told. */
void                 ferryd_task_note          (FerrydTask       *self,
                                                const FerrydKept *kept);

void                 ferryd_task_note_redirect (FerrydTask *self,
                                                guint       status,
                                                const char *url);

void                 ferryd_task_note_written  (FerrydTask *self);

void                 ferryd_task_end           (FerrydTask          *self,
                                                const FerrydOutcome *outcome);

/* Takes the last numbers of a job from what it left. */
void                 ferryd_task_count_kept    (FerrydTask *self);

/* For the manager, once a tick while it runs. */
void                 ferryd_task_sample        (FerrydTask *self);

G_END_DECLS
