/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "errand.h"
#include "getter.h"
#include "view.h"

G_BEGIN_DECLS

/* The state of one run of “ferry get” or “ferry add”. */
typedef struct
{
  FerryGetterMode  mode;
  const char      *verb;          /* unowned */
  FerryConsole    *console;       /* unowned; outlives us */
  FerryClient     *client;        /* unowned; outlives us */
  FerrySession    *session;       /* owned. NULL: it is not open */
  FerryView       *view;          /* owned */
  GPtrArray       *errands;       /* owned; of FerryErrand, owned */
  GHashTable      *by_task;       /* owned; FerryTask → FerryErrand, both unowned */
  GPtrArray       *tasks;         /* owned; of FerryTask, owned: those that are shown */
  GPtrArray       *asked;         /* owned; FerryErrand, unowned: whose tasks are being made */
  GQueue           unproven;      /* of FerryErrand, unowned: of which it is still to be asked */
  guint            n_proofs;      /* questions of that kind that were not answered */
  GCancellable    *cancellable;   /* owned; of all calls */
  GMainLoop       *loop;          /* owned */
  gint64           started;       /* Unix µs */
  guint            n_calls;       /* that were not answered */
  guint            n_openings;    /* how often the session was asked for */
  guint            n_looks;       /* how often it was asked which tasks there are */
  guint            n_done;        /* errands that nobody waits for */
  guint            interrupt_id;
  guint            terminate_id;
  gboolean         opening;       /* the session is asked for, and it was not answered */
  gboolean         lost;          /* the service went away, and what it has was not looked at */
  gboolean         look;          /* nobody knows which of our tasks there are: to be looked at */
  gboolean         looking;
  gboolean         over;          /* all was said; what still comes is dropped */
  FerryExit        leaving;       /* the status to leave with once all is asked; DONE: no */
  FerryExit        status;
} FerryGetter;

/* getter.c */

void      ferry_getter_take         (FerryGetter  *self,
                                     FerryErrand  *errand,
                                     FerryTask    *task);

void      ferry_getter_show         (FerryGetter  *self,
                                     FerryErrand  *errand);

void      ferry_getter_check_end    (FerryGetter  *self);

void      ferry_getter_leave        (FerryGetter  *self,
                                     FerryExit     status);

void      ferry_getter_complain     (FerryGetter  *self,
                                     const char   *text);

void      ferry_getter_give_up      (FerryGetter  *self,
                                     const GError *error);

/* getter-service.c */

void      ferry_getter_open_session (FerryGetter  *self);

void      ferry_getter_follow_state (FerryGetter  *self);

void      ferry_getter_acknowledge  (FerryGetter  *self);

G_END_DECLS
