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

void           answer_clear      (Answer          *answer);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

/* The bytes that give_part() says are on disk, and how many there are to be. */
#define PART_OFFSET 600
#define PART_TOTAL 1000

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
  GString       *events;     /* owned; “KIND SERIAL;” of each that was told */
  guint          n_removed;  /* signals */
  GPtrArray     *answers;    /* owned; of Answer, in the order of the wishes */
  guint          n_answers;
} TaskBed;

/* @reason: of WAITING. A running one has its job. */
void           task_bed_init     (TaskBed         *bed,
                                  FerryTaskState   state,
                                  FerryWaitReason  reason);

/* The same with a row of one's own, without ids; (transfer full). */
void           task_bed_init_row (TaskBed        *bed,
                                  FerrydTaskRow  *row);

/* Proves that nothing of it is left. */
void           task_bed_clear    (TaskBed         *bed);

/* The answer comes when the loop turns. */
const Answer  *task_bed_wish     (TaskBed         *bed,
                                  FerrydWish       wish);

const Answer  *task_bed_edit     (TaskBed              *bed,
                                  const FerrydTaskEdit *edit);

const Answer  *task_bed_make_key (TaskBed         *bed);

/* “KIND SERIAL;” of each event that is on disk; (transfer full). */
char          *list_saved_events (FakeStore       *store);

/* What is in memory is what is on disk, but for reasons that the machine gives and lifts. */
void           assert_saved      (FakeStore       *store,
                                  FerrydTask      *task);

/* By FERRY_ERROR; −1: it went well */
int            answer_get_code   (const Answer    *answer);

FerryTaskState task_bed_get_saved_state (TaskBed  *bed);

/* A row that keeps nothing. Where its clock ought to go, it does since now. */
FerrydTaskRow *make_task_row     (gint64           session_id,
                                  const char      *url,
                                  FerryTaskState   state,
                                  FerryWaitReason  reason);

/* Bytes that can be resumed, by their ETag. */
void           give_part         (FerrydTaskRow   *row);

FerrydSessionRow *make_session_row (const char    *app_id,
                                    const char    *identifier);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TaskBed, task_bed_clear)

G_END_DECLS
