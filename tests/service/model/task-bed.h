/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/session.h"
#include "model/task.h"
#include "settle.h"

G_BEGIN_DECLS

/* What came of something asked. */
typedef struct
{
  gboolean  has_come;
  guint     order;     /* the how manieth answer it was, from 1 on; 0: has not come */
  GError   *error;     /* owned; NULL: well, or not yet */
} Answer;

/* A task with a store and a runner, and nobody who schedules it. */
typedef struct
{
  FakeStore     *store;      /* owned */
  FakeRunner    *runner;     /* owned */
  FerrydSession *session;    /* owned */
  FerrydTask    *task;       /* owned */
  gint64         id;
  guint          changes;    /* all masks that `changed` told */
  guint          n_changes;  /* signals */
  GPtrArray     *answers;    /* owned; of Answer, in the order of the wishes */
  guint          n_answers;
} TaskBed;

/* @reason: of WAITING. A running one has its job. */
void           task_bed_init     (TaskBed         *bed,
                                  FerryTaskState   state,
                                  FerryWaitReason  reason);

/* Proves that nothing of it is left. */
void           task_bed_clear    (TaskBed         *bed);

/* The answer comes when the loop turns. */
const Answer  *task_bed_wish     (TaskBed         *bed,
                                  FerrydWish       wish);

/* By FERRY_ERROR; −1: it went well */
int            answer_get_code   (const Answer    *answer);

FerryTaskState task_bed_get_saved_state (TaskBed  *bed);

/* A row whose kept ones are none. */
FerrydTaskRow *make_task_row     (gint64           session_id,
                                  const char      *url,
                                  FerryTaskState   state,
                                  FerryWaitReason  reason);

FerrydSessionRow *make_session_row (const char    *app_id,
                                    const char    *identifier);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TaskBed, task_bed_clear)

G_END_DECLS
