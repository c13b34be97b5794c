/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ferry-link-private.h"

G_BEGIN_DECLS

/* What the files of the link share. */

/* So many failures within such a time are the end. */
#define FERRY_LINK_MAX_FAILURES 3
#define FERRY_LINK_FAILURES_US (60 * G_TIME_SPAN_SECOND)

typedef enum
{
  FERRY_LINK_SUBSCRIPTION_OWNER,
  FERRY_LINK_SUBSCRIPTION_MANAGER,
  FERRY_LINK_SUBSCRIPTION_PROPERTIES,
  FERRY_LINK_SUBSCRIPTION_SESSION,
  FERRY_LINK_SUBSCRIPTION_TASK,
  FERRY_LINK_N_SUBSCRIPTIONS
} FerryLinkSubscription;

typedef enum
{
  FERRY_LINK_MANAGER_CHANGED,
  FERRY_LINK_WATCHED,
  FERRY_LINK_SESSION_ADDED,
  FERRY_LINK_SESSION_REMOVED,
  FERRY_LINK_TASKS_ARRIVED,
  FERRY_LINK_TASKS_REMOVED,
  FERRY_LINK_N_SIGNALS
} FerryLinkSignal;

struct _FerryLink
{
  GObject           parent_instance;

  GDBusConnection  *connection;     /* owned. NULL: there is none yet */
  gboolean          is_ours;        /* the connection, which ends with us */
  gboolean          is_opening;     /* the connection is on its way */
  guint             subscriptions[FERRY_LINK_N_SUBSCRIPTIONS];  /* 0: none */
  char             *owner;          /* owned; the service's unique name. NULL: it does not run */
  FerryClientState  state;
  GError           *error;          /* owned. NULL unless the state is FAILED */

  gboolean          wants_watch;    /* it is renewed when the service comes back */
  gboolean          watching;       /* the service that runs knows of it */
  GHashTable       *sessions;       /* owned; number → FerrySession, unowned */
  GHashTable       *tasks;          /* owned; number → FerryTask, unowned */
  GHashTable       *arrivals;       /* owned; session's number, 0: all → Arrival, owned */

  GQueue            connecting;     /* of Waiter, owned: who waits until the service is there */
  guint             attempt;        /* answers to an earlier one do not count */
  guint             n_pending;      /* answers that the attempt waits for */
  GError           *attempt_error;  /* owned. NULL: nothing has failed yet */
  gint64            failures[FERRY_LINK_MAX_FAILURES];  /* monotonic, the last first. 0: none */
  GSource          *retry;          /* owned. NULL: no attempt is due */
  guint             losses;         /* how often the service has gone from its name */
};

G_GNUC_INTERNAL
void     ferry_link_emit             (FerryLink       *self,
                                      FerryLinkSignal  signal,
                                      gpointer         argument);

G_GNUC_INTERNAL
void     ferry_link_set_state        (FerryLink        *self,
                                      FerryClientState  state);

/* Whether somebody wants to know of new tasks. */
G_GNUC_INTERNAL
gboolean ferry_link_has_lists        (FerryLink *self);

/* Of calls: in plain words, and in our domain where it has a name of ours. */
G_GNUC_INTERNAL
void     ferry_link_clean_error      (GError **error);

/* The connection is there. */
G_GNUC_INTERNAL
void     ferry_link_subscribe        (FerryLink *self);

G_GNUC_INTERNAL
void     ferry_link_unsubscribe      (FerryLink *self);

/* Whether the service is to be there: something is held, or somebody waits for it. */
G_GNUC_INTERNAL
gboolean ferry_link_is_needed        (FerryLink *self);

G_GNUC_INTERNAL
void     ferry_link_begin_attempt    (FerryLink *self);

/* The service's name has gone from its owner. */
G_GNUC_INTERNAL
void     ferry_link_lose             (FerryLink *self);

/* For good, until somebody connects anew. @error: (transfer full) */
G_GNUC_INTERNAL
void     ferry_link_fail             (FerryLink *self,
                                      GError    *error);

/* Asks for all that is held once more. */
G_GNUC_INTERNAL
void     ferry_link_recover          (FerryLink *self);

G_GNUC_INTERNAL
void     ferry_link_stop_retry       (FerryLink *self);

/* @task: of a call of connect. */
G_GNUC_INTERNAL
void     ferry_link_add_waiter       (FerryLink *self,
                                      GTask     *task);

/* Takes the state, and ends all calls of connect that there were before. @error: NULL: the service
 * is there. */
G_GNUC_INTERNAL
void     ferry_link_settle           (FerryLink        *self,
                                      FerryClientState  state,
                                      const GError     *error);

/* There are new tasks. @session: 0: of any. */
G_GNUC_INTERNAL
void     ferry_link_fetch_new        (FerryLink *self,
                                      guint64    session,
                                      guint64    lowest,
                                      guint64    highest);

/* After a loss: of tasks that are in no list nobody else finds out what became of them. */
G_GNUC_INTERNAL
void     ferry_link_refresh_unlisted (FerryLink *self);

G_END_DECLS
