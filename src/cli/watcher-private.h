/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "view.h"
#include "watcher.h"

G_BEGIN_DECLS

/* The state of one run of “ferry watch”. */
typedef struct
{
  FerryConsole  *console;       /* unowned */
  FerryClient   *client;        /* unowned; outlives us */
  FerryTaskList *list;          /* unowned; the client's. NULL: it is not watched yet */
  FerryView     *view;          /* owned. NULL: changes are told as JSON */
  GPtrArray     *tasks;         /* owned; FerryTask (owned): those that the view shows */
  GHashTable    *followed;      /* owned; FerryTask (owned) → FerryFollowed (owned) */
  GCancellable  *cancellable;   /* owned; of what is asked about finished tasks */
  guint          n_calls;       /* of that, that were not answered */
  guint          interrupt_id;
  guint          terminate_id;
  guint          n_chosen;
  guint          n_finished;    /* of those chosen that are not followed any more */
  gboolean       endless;       /* nothing was chosen: all are followed, and new ones */
  gboolean       lost;          /* the service went away and is not back */
  gboolean       over;
  FerryExit      status;
} FerryWatcher;

/* A task whose changes are told. */
typedef struct
{
  FerryWatcher *watcher;  /* unowned */
  FerryTask    *task;     /* unowned; the key that holds us holds it */
  gulong        handler;
  char         *line;     /* owned; the last change as JSON. NULL: none was told */
  guint         told;     /* that it is over, or needs somebody, by its state + 1. 0: it is not */
} FerryFollowed;

/* watcher.c */

void ferry_watcher_leave       (FerryWatcher  *self,
                                FerryExit      status);

void ferry_watcher_check_end   (FerryWatcher  *self);

/* watcher-tell.c */

void ferry_watcher_complain    (FerryWatcher  *self,
                                const char    *line);

void ferry_watcher_tell_new    (FerryFollowed *followed,
                                const char    *event);

void ferry_watcher_tell_change (FerryFollowed *followed);

void ferry_watcher_tell_end    (FerryWatcher  *self,
                                FerryTask     *task);

G_END_DECLS
