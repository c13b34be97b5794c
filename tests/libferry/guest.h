/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "integration/fixture.h"
#include "libferry/ferry.h"

G_BEGIN_DECLS

/*
 * A program that uses the library, on the bus of a fixture. All that waits here handles what comes,
 * and has a deadline.
 */

/* On a connection of its own, as a program gets it. */
FerryClient  *guest_new_client      (Fixture *fixture);

/* An answer of the library's. A value; begins as { NULL }. */
typedef struct
{
  GAsyncResult *result;  /* owned. NULL: it has not come */
} Answer;

void          answer_cb             (GObject      *source,
                                     GAsyncResult *result,
                                     gpointer      answer);

GAsyncResult *answer_wait           (Answer *self);

void          answer_clear          (Answer *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

typedef gboolean (* GuestCondition) (gconstpointer data);

/* @what: for the message when it never holds. */
void          guest_wait            (GuestCondition  condition,
                                     gconstpointer   data,
                                     const char     *what);

void          guest_wait_client     (FerryClient      *client,
                                     FerryClientState  state);

void          guest_wait_task       (FerryTask      *task,
                                     FerryTaskState  state);

void          guest_wait_received   (FerryTask *task,
                                     gint64     bytes);

void          guest_wait_complete   (FerryTaskList *list);

void          guest_wait_length     (GListModel *list,
                                     guint       n);

/* All that the service has sent before is handled then. */
void          guest_fence           (FerryClient *client);

/* It must go well. */
FerrySession *guest_open            (FerryClient *client,
                                     const char  *identifier);

void          guest_watch           (FerryClient *client);

/* It must go well. @options: an a{sv}, may be floating; NULL: none */
FerryTask    *guest_create          (FerrySession *session,
                                     const char   *url,
                                     GVariant     *options);

/* So many that are suspended. */
GPtrArray    *guest_create_many     (FerrySession *session,
                                     guint         n);

/* The common options of a task for the fixture's folder. */
GVariant     *guest_options         (Fixture  *fixture,
                                     gboolean  start);

/* Drops the last reference, and asserts that it was. */
#define guest_drop(object) guest_drop_at ((gpointer *) (object), G_STRLOC)

void          guest_drop_at         (gpointer   *object,
                                     const char *where);

/* What a model tells of itself, replayed: it must be the model at any time. A value, begins as
 * zeros. */
typedef struct
{
  GListModel *model;   /* owned */
  GPtrArray  *items;   /* owned; of owned */
  guint       n_told;
} Replay;

void          replay_init           (Replay     *self,
                                     GListModel *model);

void          replay_clear          (Replay *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Replay, replay_clear)

G_END_DECLS
