/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/manager.h"
#include "model/registry.h"

G_BEGIN_DECLS

typedef enum
{
  FERRYD_MANAGER_SESSION_ADDED,
  FERRYD_MANAGER_SESSION_REMOVED,
  FERRYD_MANAGER_SESSION_EVENT,
  FERRYD_MANAGER_TASK_ADDED,
  FERRYD_MANAGER_TASK_REMOVED,
  FERRYD_MANAGER_TASK_CHANGED,
  FERRYD_MANAGER_TASK_EVENT,
  FERRYD_MANAGER_TASK_REDIRECTED,
  FERRYD_MANAGER_SETTLED,
} FerrydManagerSignal;

#define FERRYD_MANAGER_N_SIGNALS (FERRYD_MANAGER_SETTLED + 1)

struct _FerrydManager
{
  GObject         parent_instance;

  FerrydStore    *store;       /* owned */
  FerrydRunner   *runner;      /* owned */
  FerrydRegistry *registry;    /* owned */
  FerrydPolicy    policy;
  FerrydWorld     world;       /* the tasks look at it */
  guint64         served;      /* counts the starts */
  /* owned; joined name → GPtrArray of GTask: who waits for the session */
  GHashTable     *opening;
  guint           schedule;    /* source id; 0: nothing to decide */
  guint           alarm;       /* source id of a decision that a time brings; 0: none */
  guint           tick;        /* source id; 0: nothing runs */
  guint           room;        /* source id; 0: nothing waits for room on a disk */
  guint           prune;       /* source id of a look at the history; 0: none is due */
  guint           n_looks;     /* at disks, that have not been answered */
  guint           stalled;     /* source id of a look at stalled jobs; 0: none is due */
  guint           portal;      /* source id of another try behind a portal; 0: none is due */
  gint64          changed_at;  /* monotonic µs of the network's last change */
  GTask          *leaving;     /* owned; NULL unless shutting down */
};

void           ferryd_manager_emit          (FerrydManager       *self,
                                             FerrydManagerSignal  signal,
                                             ...);

/* Who runs is decided anew, once for all that changes in one turn of the loop. */
void           ferryd_manager_reschedule    (FerrydManager *self);

/* To be called when a task may have begun to wait for room: looks from time to time, until none
 * does. */
void           ferryd_manager_watch_room    (FerrydManager *self,
                                             FerrydTask    *task);

/* To be called when a task has begun to wait: the network may have come back while that was being
 * written, and not every network tells when somebody has signed in. */
void           ferryd_manager_watch_network (FerrydManager *self,
                                             FerrydTask    *task);

/* The oldest tasks that are over go when there are too many. */
void           ferryd_manager_prune         (FerrydManager *self);

/* To be called when tasks have ended: the same, once for many. */
void           ferryd_manager_prune_soon    (FerrydManager *self);

/* To be called when a task of @session has moved: tells when all have ended, ends a session that
 * was to end then, and removes one that has ended when nobody is to be told any more. */
void           ferryd_manager_settle_session (FerrydManager *self,
                                              FerrydSession *session);

/* Closes the store, when leaving, and when the last job's end and all else is on disk. */
void           ferryd_manager_leave_if_idle (FerrydManager *self);

/* Takes the secrets that those who opened @session anew have brought. */
void           ferryd_manager_take_secrets  (FerrydManager *self,
                                             FerrydSession *session);

/* @row: (transfer full) */
FerrydSession *ferryd_manager_take_session  (FerrydManager    *self,
                                             FerrydSessionRow *row);

/* @row: (transfer full). @secrets: (nullable) */
FerrydTask    *ferryd_manager_take_task     (FerrydManager *self,
                                             FerrydTaskRow *row,
                                             GVariant      *secrets);

G_END_DECLS
