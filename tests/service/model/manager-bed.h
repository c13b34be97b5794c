/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/manager.h"
#include "settle.h"
#include "task-bed.h"

G_BEGIN_DECLS

/* What the manager begins with. */
#define BED_MAX_RUNNING 8
#define BED_MAX_PER_HOST 6

/* A manager with a store and a runner. */
typedef struct
{
  FakeStore     *store;    /* owned */
  FakeRunner    *runner;   /* owned */
  FerrydManager *manager;  /* owned */
  gint64         session;  /* the id of the one that was there before */
  GString       *log;      /* owned; see manager_bed_take_log() */
} ManagerBed;

/* What came of an OpenSession. */
typedef struct
{
  gboolean       has_come;
  gboolean       created;
  FerrydSession *session;  /* unowned; NULL: failed */
  GError        *error;    /* owned */
} Opened;

/* One session is in the store; nothing is loaded yet. */
void        manager_bed_init     (ManagerBed      *bed);

/* The same; @configuration: (nullable): the session's, as text. */
void        manager_bed_init_with (ManagerBed     *bed,
                                   const char     *configuration);

/* Proves that nothing of it is left, no session and no task. */
void        manager_bed_clear    (ManagerBed      *bed);

/* A task that was there before; to be called before manager_bed_load(). Returns its id. */
gint64      manager_bed_store    (ManagerBed      *bed,
                                  const char      *url,
                                  FerryTaskState   state,
                                  FerryWaitReason  reason);

/* The same with a row of one's own; (transfer full). */
gint64      manager_bed_store_row (ManagerBed     *bed,
                                   FerrydTaskRow  *row);

/* The store answers the load, and no more. */
void        manager_bed_load     (ManagerBed      *bed);

/* The service is stopped, and begins anew with what is on disk; nothing is loaded yet. */
void        manager_bed_restart  (ManagerBed      *bed);

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

/* @secrets: (nullable): a{ss} as text. *@opened is to live until the answer has come. */
void        manager_bed_open     (ManagerBed      *bed,
                                  const char      *app_id,
                                  const char      *identifier,
                                  const char      *secrets,
                                  Opened          *opened);

void        manager_bed_invalidate (ManagerBed    *bed,
                                    gint64         session,
                                    gboolean       cancel,
                                    Answer        *answer);

void        manager_bed_acknowledge (ManagerBed   *bed,
                                     gint64        session,
                                     gint64        serial,
                                     Answer       *answer);

/* The one that was there before. */
FerrydSession *manager_bed_get_session (ManagerBed *bed);

/* What was told since the last call, but for tasks that changed: “+s1” and “-s1” of sessions that
 * came and went, “+t1” and “-t1” of tasks, “s1:KIND#SERIAL” and “t1:KIND#SERIAL” of events, each
 * with a semicolon. (transfer full) */
char       *manager_bed_take_log (ManagerBed      *bed);

/* The same, compared. */
#define manager_bed_assert_log(bed, wanted) \
  G_STMT_START { \
    g_autofree char *told_ = manager_bed_take_log (bed); \
    g_assert_cmpstr (told_, ==, wanted); \
  } G_STMT_END

#define assert_runner_log(runner, wanted) \
  G_STMT_START { \
    g_autofree char *told_ = fake_runner_take_log (runner); \
    g_assert_cmpstr (told_, ==, wanted); \
  } G_STMT_END

/* Begins to shut down; *@is_done when it is. */
void        manager_bed_leave    (ManagerBed      *bed,
                                  gboolean        *is_done);

/* Never above the limits, and the ids rise everywhere. */
void        manager_bed_check    (ManagerBed      *bed);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ManagerBed, manager_bed_clear)

G_END_DECLS
