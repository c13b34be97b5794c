/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/manager.h"
#include "settle.h"
#include "task-bed.h"

G_BEGIN_DECLS

/* A manager with a store and a runner. */
typedef struct
{
  FakeStore     *store;    /* owned */
  FakeRunner    *runner;   /* owned */
  FerrydManager *manager;  /* owned */
  gint64         session;  /* the id of the one that was there before */
} ManagerBed;

/* One session is in the store; nothing is loaded yet. */
void        manager_bed_init     (ManagerBed      *bed);

/* Proves that nothing of it is left, no session and no task. */
void        manager_bed_clear    (ManagerBed      *bed);

/* A task that was there before; to be called before manager_bed_load(). Returns its id. */
gint64      manager_bed_store    (ManagerBed      *bed,
                                  const char      *url,
                                  FerryTaskState   state,
                                  FerryWaitReason  reason);

/* The store answers the load, and no more. */
void        manager_bed_load     (ManagerBed      *bed);

/* Adds a task without waiting for anything; aborts when that fails. */
void        manager_bed_add      (ManagerBed      *bed,
                                  const char      *url,
                                  FerryTaskState   state);

FerrydTask *manager_bed_get      (ManagerBed      *bed,
                                  gint64           task_id);

FerryTaskState manager_bed_get_state (ManagerBed  *bed,
                                      gint64       task_id);

/* Remembers an answer of the task's in @answer, which is to live until then. */
void        manager_bed_wish     (ManagerBed      *bed,
                                  gint64           task_id,
                                  FerrydWish       wish,
                                  Answer          *answer);

/* Begins to shut down; *@is_done when it is. */
void        manager_bed_leave    (ManagerBed      *bed,
                                  gboolean        *is_done);

/* Never above the limits, and the ids rise everywhere. */
void        manager_bed_check    (ManagerBed      *bed);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ManagerBed, manager_bed_clear)

G_END_DECLS
