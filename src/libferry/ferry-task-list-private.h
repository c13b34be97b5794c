/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ferry-link-private.h"
#include "ferry-task-list.h"

G_BEGIN_DECLS

struct _FerryTaskList
{
  GObject       parent_instance;

  FerryLink    *link;      /* owned */
  guint64       session;   /* 0: of all */
  GPtrArray    *tasks;     /* owned; of FerryTask, owned, by rising number: the position in the list
                            * counts from its end */
  GCancellable *load;      /* owned. NULL: nothing is being loaded */
  gboolean      is_due;    /* to be loaded when the service is there */
  gulong        arrivals;  /* the handler; 0: it has never been loaded */
  gboolean      complete;
  GError       *error;     /* owned. NULL: none */
};

/* @session: whose tasks; 0: of all, for as long as the client watches. */
G_GNUC_INTERNAL
FerryTaskList *ferry_task_list_new         (FerryLink *link,
                                            guint64    session);

/* Asks for all of them, from the beginning. Without a service, or without a watch where one is
 * needed, they are asked for when it comes. */
G_GNUC_INTERNAL
void           ferry_task_list_load        (FerryTaskList *self);

/* The session has come back under another number. */
G_GNUC_INTERNAL
void           ferry_task_list_set_session (FerryTaskList *self,
                                            guint64        session);

/* The rest is of the tasks that are in it. */

G_GNUC_INTERNAL
FerryTask     *ferry_task_list_get_at      (FerryTaskList *self,
                                            guint          position);

/* The position of the first task whose number is below @before; the length: there is none. */
G_GNUC_INTERNAL
guint          ferry_task_list_find_below  (FerryTaskList *self,
                                            guint64        before);

/* Makes the part of the list from @lowest on and below @before (0: to the top) what @tasks are,
 * newest first. With @adds_only nothing goes. In runs, each told of when it is done. */
G_GNUC_INTERNAL
void           ferry_task_list_merge       (FerryTaskList *self,
                                            GPtrArray     *tasks,
                                            guint64        before,
                                            guint64        lowest,
                                            gboolean       adds_only);

/* @numbers: of guint64: those that are gone. */
G_GNUC_INTERNAL
void           ferry_task_list_drop        (FerryTaskList *self,
                                            GArray        *numbers);

G_END_DECLS
