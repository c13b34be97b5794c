/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/task-private.h"

G_BEGIN_DECLS

typedef enum
{
  FERRYD_MOVE_RESUME = FERRYD_WISH_RESUME,
  FERRYD_MOVE_SUSPEND = FERRYD_WISH_SUSPEND,
  FERRYD_MOVE_CANCEL = FERRYD_WISH_CANCEL,
  FERRYD_MOVE_CANCEL_KEEPING = FERRYD_WISH_CANCEL_KEEPING,
  FERRYD_MOVE_REMOVE = FERRYD_WISH_REMOVE,
  FERRYD_MOVE_REMOVE_FILES = FERRYD_WISH_REMOVE_FILES,
  FERRYD_MOVE_RUN,     /* the scheduler's word */
  FERRYD_MOVE_LIFT,    /* what it waits for has come */
  FERRYD_MOVE_END,     /* the job's outcome, in `to` */
  FERRYD_MOVE_EXPIRE,  /* the resource time-out */
  FERRYD_MOVE_EDIT,
  FERRYD_MOVE_KEY,     /* a resume key is made */
  FERRYD_MOVE_FORGET,  /* what lies in another folder goes */
} FerrydMoveKind;

/* Something that changes a task and waits for its turn. */
struct _FerrydMove
{
  FerrydMoveKind    kind;
  GTask            *answer;         /* owned; NULL: nobody waits */
  FerrydTaskStatus  to;             /* owned; what is being written, once it is its turn */
  FerrydEvent      *event;          /* owned; written with it. NULL: none */
  gboolean          has_cancelled;  /* of a removal: it has asked for that once */
  FerryWaitReason   lifted;         /* of a lift: it goes on only if it waits for that */

  /* Of an edit, a key, or what is forgotten. */
  FerrydTaskEdit    edit;           /* owned */
  FerrydTaskRow    *row;            /* owned; what is being written. NULL: not its turn yet */
  gboolean          with_kept;
};

FerrydMove *ferryd_move_new  (FerrydMoveKind  kind,
                              GTask          *answer);  /* (transfer full) (nullable) */

/* To the end of those that wait; begins it if it can. */
void        ferryd_task_queue_move (FerrydTask *self,
                                    FerrydMove *move);

/* For those that begin: each returns whether the move is over already; else it is on its way to
 * the disk, or a wish that waits for the job to end. */

/* It is on its way from now on: no other begins until it is over. */
void        ferryd_task_take_up_move (FerrydTask *self,
                                      FerrydMove *move);

/* @error: (transfer full) (nullable). Returns %TRUE. */
gboolean    ferryd_task_finish_move  (FerrydTask *self,
                                      FerrydMove *move,
                                      GError     *error);

/* The same for one that was on its way; the next begins. */
void        ferryd_task_land_move    (FerrydTask *self,
                                      GError     *error);

/* Returns %TRUE. */
gboolean    ferryd_task_refuse_move  (FerrydTask *self,
                                      FerrydMove *move,
                                      const char *what);

/* Whether the table of edges has that one. */
gboolean    ferryd_task_may_move     (FerrydTask     *self,
                                      FerryTaskState  to);

/* Writes down the `to` of the move that is on its way, and what its owner is to hear. */
void        ferryd_task_save_status  (FerrydTask *self);

/* Takes @move up and does so. Returns %FALSE. */
gboolean    ferryd_task_save_move    (FerrydTask *self,
                                      FerrydMove *move);

/* task-events.c: what its session's owner is to hear of a task that gets to @to; NULL: nothing. */
FerrydEvent *ferryd_task_new_event   (FerrydTask             *self,
                                      const FerrydTaskStatus *to);

/* task-wishes.c */
gboolean    ferryd_task_begin_resume         (FerrydTask *self,
                                              FerrydMove *move);

gboolean    ferryd_task_begin_lift           (FerrydTask *self,
                                              FerrydMove *move);

gboolean    ferryd_task_begin_suspend        (FerrydTask *self,
                                              FerrydMove *move);

gboolean    ferryd_task_begin_cancel         (FerrydTask *self,
                                              FerrydMove *move);

gboolean    ferryd_task_begin_cancel_keeping (FerrydTask *self,
                                              FerrydMove *move);

gboolean    ferryd_task_begin_run            (FerrydTask *self,
                                              FerrydMove *move);

gboolean    ferryd_task_begin_expire         (FerrydTask *self,
                                              FerrydMove *move);

/* task-edits.c */
gboolean    ferryd_task_begin_edit   (FerrydTask *self,
                                      FerrydMove *move);

gboolean    ferryd_task_begin_key    (FerrydTask *self,
                                      FerrydMove *move);

gboolean    ferryd_task_begin_forget (FerrydTask *self,
                                      FerrydMove *move);

/* task-removal.c */
gboolean    ferryd_task_begin_remove (FerrydTask *self,
                                      FerrydMove *move);

G_END_DECLS
