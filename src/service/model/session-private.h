/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/session.h"

G_BEGIN_DECLS

/* For the manager and its registry, which alone change a session. */
struct _FerrydSession
{
  GObject              parent_instance;

  FerrydSessionRow    *row;            /* owned */
  FerrydConfiguration  configuration;  /* of the row's */
  GPtrArray           *tasks;          /* owned; of FerrydTask, owned, by rising id */
  guint                counts[FERRY_N_TASK_STATES];  /* of tasks by state */
  guint                n_active;       /* tasks that run, or wait for what the machine lifts */
  GPtrArray           *events;         /* owned; of FerrydEvent, owned, by rising serial */
  GVariant            *secrets;        /* owned; a{ss}. NULL: none in memory */
  guint                secrets_age;    /* how often they have been given */
  guint64              served;         /* when it last got a slot; see FerrydContender */
  guint                n_held;         /* changes under way: it is settled after them */
  gboolean             is_closing;     /* it is about to take no more tasks */
  guint                again;          /* source id of another try to write; 0: none */
  GPtrArray           *openers;        /* owned; of GTask: have brought secrets to be taken */
};

void ferryd_session_add_task    (FerrydSession *self,
                                 FerrydTask    *task);

void ferryd_session_remove_task (FerrydSession *self,
                                 FerrydTask    *task);

/* @event: (transfer full) */
void ferryd_session_add_event   (FerrydSession *self,
                                 FerrydEvent   *event);

/* All up to and including @serial are acknowledged. */
void ferryd_session_drop_events (FerrydSession *self,
                                 gint64         serial);

/* Counts @event in the harvest, as the store has done. */
void ferryd_session_reap        (FerrydSession     *self,
                                 const FerrydEvent *event);

void ferryd_session_set_secrets (FerrydSession *self,
                                 GVariant      *secrets);

G_END_DECLS
