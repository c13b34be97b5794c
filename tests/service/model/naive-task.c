/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "common/error.h"
#include "naive-task.h"

#define STATE(name) FERRY_TASK_STATE_##name
#define REASON(name) FERRY_WAIT_REASON_##name

static void
go (NaiveTask       *self,
    FerryTaskState   state,
    FerryWaitReason  reason,
    const char      *event)
{
  self->state = state;
  self->reason = reason;
  if (event != NULL)
    g_string_append_printf (self->events, "%s %u;", event, ++self->n_events);
}

/* “Suspend and Cancel of a running task are wishes: the job's outcome decides” */
static void
stop_naively (NaiveTask *self,
              gboolean   cancels)
{
  if (self->end == END_FINISHED)
    go (self, STATE (FINISHED), REASON (NONE), "finished");
  else if (self->end == END_FAILED)
    go (self, STATE (FAILED), REASON (NONE), "failed");
  else if (self->end == END_DISK_FULL)
    go (self, STATE (WAITING), REASON (DISK_FULL), NULL);
  else if (self->end == END_NEW_URL)
    go (self, STATE (WAITING), REASON (NEW_URL), "new-url");
  else if (cancels)
    go (self, STATE (CANCELLED), REASON (NONE), "cancelled");
  else
    go (self, STATE (SUSPENDED), REASON (NONE), NULL);
}

static gboolean
is_at_an_end (NaiveTask *self)
{
  return self->state == STATE (FINISHED) || self->state == STATE (CANCELLED);
}

static gboolean
resume_naively (NaiveTask *self)
{
  if (is_at_an_end (self))
    return FALSE;
  if (self->state != STATE (RUNNING))
    go (self, STATE (WAITING), REASON (QUEUE), NULL);

  return TRUE;
}

static gboolean
suspend_naively (NaiveTask *self)
{
  if (self->state == STATE (RUNNING))
    stop_naively (self, FALSE);
  if (is_at_an_end (self) || self->state == STATE (FAILED))
    return FALSE;

  go (self, STATE (SUSPENDED), REASON (NONE), NULL);
  return TRUE;
}

static gboolean
cancel_naively (NaiveTask *self,
                gboolean   keeping)
{
  if (self->state == STATE (RUNNING))
    stop_naively (self, !keeping);
  if (is_at_an_end (self))
    return self->state == STATE (CANCELLED);

  self->n_discards += !keeping || !self->keeps;
  go (self, STATE (CANCELLED), REASON (NONE), "cancelled");
  return TRUE;
}

/* “Remove: cancels first; the row goes when the job has ended” */
static gboolean
remove_naively (NaiveTask *self,
                gboolean   with_files)
{
  if (self->state == STATE (RUNNING))
    stop_naively (self, TRUE);
  if (!ferry_task_state_is_over (self->state))
    (void) cancel_naively (self, FALSE);  /* it is not over: it can be cancelled */

  if (self->state != STATE (FINISHED))
    self->n_discards++;
  else
    self->n_deletes += with_files;
  self->is_removed = TRUE;
  return TRUE;
}

/* Url and path: “when not running and not finished” */
static gboolean
edit_naively (NaiveTask *self,
              guint      ask)
{
  FerryWaitReason lifted = ask == ASK_URL ? REASON (NEW_URL) : REASON (DISK_FULL);

  if (ask == ASK_PRIORITY)
    return self->has_priority = TRUE;
  if (self->state == STATE (RUNNING) || is_at_an_end (self))
    return FALSE;

  self->has_url |= ask == ASK_URL;
  self->has_moved |= ask == ASK_PATH;
  if (self->reason == lifted)
    go (self, STATE (WAITING), REASON (QUEUE), NULL);
  return TRUE;
}

/* “GetResumeData (in failed and cancelled)” */
static gboolean
make_key_naively (NaiveTask *self)
{
  if (self->state != STATE (FAILED) && self->state != STATE (CANCELLED))
    return FALSE;

  self->has_key |= self->keeps;
  return TRUE;
}

int
naive_task_ask (NaiveTask *self,
                guint      ask)
{
  gboolean is_granted;

  if (self->is_removed)
    return FERRY_ERROR_NOT_FOUND;

  if (ask == FERRYD_WISH_RESUME)
    is_granted = resume_naively (self);
  else if (ask == FERRYD_WISH_SUSPEND)
    is_granted = suspend_naively (self);
  else if (ask == FERRYD_WISH_CANCEL || ask == FERRYD_WISH_CANCEL_KEEPING)
    is_granted = cancel_naively (self, ask == FERRYD_WISH_CANCEL_KEEPING);
  else if (ask == FERRYD_WISH_REMOVE || ask == FERRYD_WISH_REMOVE_FILES)
    is_granted = remove_naively (self, ask == FERRYD_WISH_REMOVE_FILES);
  else if (ask == ASK_KEY)
    is_granted = make_key_naively (self);
  else
    is_granted = edit_naively (self, ask);

  return is_granted ? -1 : FERRY_ERROR_WRONG_STATE;
}
