/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine.h"
#include "model/configuration.h"
#include "transfer/crew.h"
#include "transfer/http.h"
#include "transfer/job.h"
#include "transfer/syncer.h"
#include "transfer/throttle.h"

G_BEGIN_DECLS

/* What the jobs of a session share. Main thread. */
typedef struct
{
  guint                refs;
  FerrydHttp          *http;           /* owned */
  FerrydThrottle      *throttle;       /* owned; the session's, before the global one */
  GVariant            *source;         /* owned; what the configuration was read from */
  FerrydConfiguration  configuration;  /* its strings are in the source */
  guint                jobs;
  guint                timer;          /* source id; 0: jobs run, or it is done */
} FerrydConnections;

struct _FerrydEngine
{
  GObject         parent_instance;

  FerrydDatabase *database;    /* owned */
  FerrydCrew     *crew;        /* owned */
  FerrydSyncer   *syncer;      /* owned */
  FerrydThrottle *throttle;    /* owned; of all jobs together */
  GHashTable     *sessions;    /* owned; session id → FerrydConnections */
  GHashTable     *runs;        /* owned; task id → run */
  GHashTable     *hsts_hosts;  /* owned; name → FerrydHstsRow. NULL: not asked for yet */
  guint           n_probes;    /* under way */

  GMutex          news_mutex;  /* guards the two below */
  GQueue          news;        /* of workers; owned */
  gboolean        telling;     /* a source of the main context takes from them */
};

/* Who it is that a plan's checkpoints are for. Read by workers. */
typedef struct
{
  FerrydEngine *engine;   /* unowned; outlives its jobs */
  FerrydStore  *store;    /* owned */
  gint64        task_id;
} FerrydClient;

/* engine.c */

void               ferryd_engine_tell_main_thread  (GSourceFunc    callback,
                                                    gpointer       data,
                                                    GDestroyNotify notify);

/* The plan's `user_data` is a FerrydClient. In a worker or in the sync thread. */
gboolean           ferryd_engine_checkpoint        (const FerrydPlan  *plan,
                                                    const FerrydKept  *kept,
                                                    GError           **error);

/* engine-sessions.c */

FerrydConnections *ferryd_engine_get_connections   (FerrydEngine           *self,
                                                    const FerrydSessionRow *session);

/* Connections of nobody's, with all that is known of hosts. */
FerrydHttp        *ferryd_engine_new_http          (FerrydEngine              *self,
                                                    const FerrydConfiguration *configuration);

FerrydConnections *ferryd_connections_ref          (FerrydConnections *self);

void               ferryd_connections_unref        (FerrydConnections *self);

void               ferryd_connections_begin_job    (FerrydConnections *self);

void               ferryd_connections_end_job      (FerrydConnections *self);

/* engine-plan.c */

/* A plan for @task's files alone, which sends nothing. */
FerrydPlan        *ferryd_engine_plan_files        (FerrydEngine        *self,
                                                    const FerrydTaskRow *task);

FerrydPlan        *ferryd_engine_plan_run          (FerrydEngine              *self,
                                                    const FerrydSessionRow    *session,
                                                    const FerrydConfiguration *configuration,
                                                    const FerrydTaskRow       *task,
                                                    const FerrydOrders        *orders);

/* @options: keys of a session's configuration and of a task, `secret-headers` among them. */
FerrydPlan        *ferryd_engine_plan_probe        (FerrydEngine              *self,
                                                    const FerrydConfiguration *configuration,
                                                    const char                *url,
                                                    GVariant                  *options);

/* engine-files.c: the members of the runner that are about files, and `probe` */

void               ferryd_engine_files_init        (FerrydRunnerInterface *iface);

G_END_DECLS
