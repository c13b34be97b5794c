/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "errand.h"
#include "getter.h"
#include "view.h"

G_BEGIN_DECLS

/* So often may the service be lost within that time before we give up. */
#define FERRY_GETTER_MAX_LOSSES 3
#define FERRY_GETTER_LOSSES_US (60 * G_USEC_PER_SEC)

/* The state of one run of “ferry get”. */
typedef struct
{
  FerryService  *service;               /* unowned; outlives us */
  FerryView     *view;                  /* owned */
  GPtrArray     *errands;               /* owned; FerryErrand */
  GPtrArray     *transfers;             /* owned; their FerryTransfer (unowned) */
  GVariant      *options;               /* unowned; a{sv} of each task */
  GCancellable  *cancellable;           /* owned; of all calls */
  GMainLoop     *loop;                  /* owned */
  gint64         started;               /* Unix µs */
  gint64         losses[FERRY_GETTER_MAX_LOSSES];  /* monotonic µs, newest first; 0: none */
  guint          n_calls;               /* that were not answered */
  guint          reopen_id;             /* 0: no attempt is to come */
  guint          interrupt_id;
  guint          terminate_id;
  gboolean       open;                  /* the session is open; tasks can be made */
  gboolean       lost;                  /* the service went away and is not back */
  gboolean       over;                  /* all was said; what still comes is dropped */
  FerryExit      leaving;               /* the status to leave with once all is asked; DONE: no */
  FerryExit      status;
} FerryGetter;

/* A call of one errand, for its answer to find both. */
typedef struct
{
  FerryGetter *getter;    /* unowned; waits for all answers */
  FerryErrand *errand;    /* unowned; the getter's */
} FerryGetterCall;

/* getter.c */

FerryGetterCall *ferry_getter_begin_call     (FerryGetter   *self,
                                              FerryErrand   *errand);

FerryErrand     *ferry_getter_find           (FerryGetter   *self,
                                              guint64        number);

void             ferry_getter_show           (FerryGetter   *self,
                                              FerryErrand   *errand);

void             ferry_getter_create_missing (FerryGetter   *self);

void             ferry_getter_check_end      (FerryGetter   *self);

void             ferry_getter_give_up        (FerryGetter   *self,
                                              const GError  *error);

/* getter-service.c */

void             ferry_getter_open_service   (FerryGetter   *self);

void             ferry_getter_handle_loss    (FerryGetter   *self);

G_END_DECLS
