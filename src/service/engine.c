/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-engine"

#include "config.h"

#include "engine.h"
#include "store/hsts-rows.h"
#include "transfer/download.h"
#include "transfer/http.h"
#include "transfer/job.h"
#include "transfer/syncer.h"

/* A session whose last job ended this long ago gives up its idle connections. */
#define KEEP_CONNECTIONS_S 30

/* What the jobs of a session share. */
typedef struct
{
  FerrydHttp *http;   /* owned */
  guint       jobs;
  guint       timer;  /* source id; 0: jobs run, or it is done */
} Connections;

/* A job and what belongs to it. */
typedef struct
{
  FerrydEngine *engine;      /* unowned; outlives its jobs */
  FerrydStore  *store;       /* owned */
  FerrydJob    *job;         /* owned */
  gint64        task_id;
  gint64        session_id;
} Run;

struct _FerrydEngine
{
  GObject         parent_instance;

  FerrydDatabase *database;  /* owned */
  FerrydSyncer   *syncer;    /* owned */
  GHashTable     *sessions;  /* owned; session id → Connections */
  GHashTable     *runs;      /* owned; task id → Run */
};

static void ferryd_engine_runner_init (FerrydRunnerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydEngine, ferryd_engine, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_RUNNER,
                                                      ferryd_engine_runner_init))

/* News from a worker, on its way to the main thread. */
typedef struct
{
  FerrydEngine *engine;   /* owned */
  gint64        task_id;
  FerrydKept   *kept;     /* owned; NULL: all bytes are written */
} News;

static void
connections_free (Connections *connections)
{
  g_clear_handle_id (&connections->timer, g_source_remove);
  ferryd_http_unref (connections->http);
  g_free (connections);
}

static void
run_free (Run *run)
{
  g_clear_object (&run->job);
  g_clear_object (&run->store);
  g_free (run);
}

static void
news_free (News *news)
{
  g_clear_pointer (&news->kept, ferryd_kept_free);
  g_clear_object (&news->engine);
  g_free (news);
}

static gboolean
on_news_cb (gpointer user_data)
{
  News *news = user_data;

  if (news->kept != NULL)
    ferryd_runner_emit_noted (FERRYD_RUNNER (news->engine), news->task_id, news->kept);
  else
    ferryd_runner_emit_written (FERRYD_RUNNER (news->engine), news->task_id);

  return G_SOURCE_REMOVE;
}

/* From any thread; never called in it, whoever has the main context at the time. */
static void
tell_main_thread (GSourceFunc    callback,
                  gpointer       data,
                  GDestroyNotify notify)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, callback, data, notify);
  g_source_attach (source, NULL);
}

/* In a worker. News keep their order among themselves, and come before the job's end. */
static void
send_news (const Run        *run,
           const FerrydKept *kept)
{
  News *news = g_new0 (News, 1);

  news->engine = g_object_ref (run->engine);
  news->task_id = run->task_id;
  news->kept = kept != NULL ? ferryd_kept_copy (kept) : NULL;
  tell_main_thread (on_news_cb, news, (GDestroyNotify) news_free);
}

/* In a worker or in the sync thread. */
static gboolean
checkpoint (const FerrydPlan  *plan,
            const FerrydKept  *kept,
            GError           **error)
{
  const Run *run = plan->user_data;

  if (!ferryd_store_checkpoint (run->store, run->task_id, kept, error))
    return FALSE;

  send_news (run, kept);
  return TRUE;
}

static void
written (const FerrydPlan *plan)
{
  send_news (plan->user_data, NULL);
}

static FerrydPlan *
new_plan (FerrydEngine        *self,
          FerrydHttp          *http,
          const FerrydTaskRow *task)
{
  FerrydPlan *plan = ferryd_plan_new ();
  const char *digest;

  g_clear_pointer (&plan->kept, ferryd_kept_free);
  plan->http = http != NULL ? ferryd_http_ref (http) : NULL;
  plan->syncer = ferryd_syncer_ref (self->syncer);
  plan->url = g_strdup (task->url);
  plan->folder = g_strdup (task->folder);
  plan->kept = ferryd_kept_copy (task->kept);
  plan->checkpoint = checkpoint;
  plan->written = written;

  /* What is not there stays as it is. */
  (void) g_variant_lookup (task->options, "filename", "s", &plan->file_name);
  (void) g_variant_lookup (task->options, "overwrite", "b", &plan->overwrite);
  if (g_variant_lookup (task->options, "digest", "&s", &digest))
    plan->has_digest = ferry_digest_parse (digest, &plan->digest, NULL);

  return plan;
}

static gboolean
on_idle_connections_cb (gpointer user_data)
{
  Connections *connections = user_data;

  connections->timer = 0;
  ferryd_http_close_idle (connections->http);
  return G_SOURCE_REMOVE;
}

/* What a host said of HTTPS, on its way to the main thread. */
typedef struct
{
  FerrydEngine *engine;              /* owned */
  char         *host;                /* owned */
  gint64        expires;
  gboolean      include_subdomains;
} HstsNews;

static void
hsts_news_free (HstsNews *news)
{
  g_clear_object (&news->engine);
  g_free (news->host);
  g_free (news);
}

static gboolean
on_hsts_news_cb (gpointer user_data)
{
  HstsNews *news = user_data;

  ferryd_database_save_hsts_host (news->engine->database, news->host, news->expires,
                                  news->include_subdomains);
  return G_SOURCE_REMOVE;
}

/* In a worker. */
static void
hsts_changed (const FerrydHstsHost *host,
              gpointer              user_data)
{
  HstsNews *news = g_new0 (HstsNews, 1);

  news->engine = g_object_ref (FERRYD_ENGINE (user_data));
  news->host = g_strdup (host->name);
  news->expires = host->expires;
  news->include_subdomains = host->include_subdomains;
  tell_main_thread (on_hsts_news_cb, news, (GDestroyNotify) hsts_news_free);
}

/* What is known of hosts from earlier days. */
static GArray *
copy_hsts_hosts (FerrydEngine *self)
{
  GPtrArray *rows = ferryd_database_get_hsts_hosts (self->database);
  GArray *hosts = g_array_new (FALSE, FALSE, sizeof (FerrydHstsHost));

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    {
      const FerrydHstsRow *row = rows->pdata[i];
      FerrydHstsHost host = { row->name, row->expires, row->include_subdomains };

      g_array_append_val (hosts, host);
    }

  return hosts;
}

/* Never fails: nothing in the settings names anything that could be missing. */
static Connections *
get_connections (FerrydEngine *self,
                 gint64        session_id)
{
  Connections *connections = g_hash_table_lookup (self->sessions, &session_id);
  g_autoptr(GArray) hosts = NULL;
  FerrydHttpSettings settings = { 0 };

  if (connections != NULL)
    return connections;

  hosts = copy_hsts_hosts (self);
  settings.hsts_hosts = (FerrydHstsHost *) (gpointer) hosts->data;
  settings.n_hsts_hosts = hosts->len;
  settings.hsts_changed = hsts_changed;
  settings.hsts_data = self;
  connections = g_new0 (Connections, 1);
  connections->http = ferryd_http_new (&settings, NULL);
  g_hash_table_insert (self->sessions, g_memdup2 (&session_id, sizeof session_id), connections);
  return connections;
}

static void
job_ended_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(FerrydEngine) self = user_data;
  FerrydJob *job = FERRYD_JOB (object);
  g_autoptr(FerrydOutcome) outcome = ferryd_job_run_finish (job, result);
  gint64 task_id = GPOINTER_TO_SIZE (g_object_get_data (object, "task"));
  Run *run = g_hash_table_lookup (self->runs, &task_id);
  Connections *connections = get_connections (self, run->session_id);

  if (--connections->jobs == 0)
    connections->timer = g_timeout_add_seconds (KEEP_CONNECTIONS_S, on_idle_connections_cb,
                                                connections);
  ferryd_runner_emit_ended (FERRYD_RUNNER (self), task_id, outcome);
  g_hash_table_remove (self->runs, &task_id);
}

static void
ferryd_engine_start (FerrydRunner           *runner,
                     const FerrydSessionRow *session,
                     const FerrydTaskRow    *task)
{
  FerrydEngine *self = FERRYD_ENGINE (runner);
  Connections *connections = get_connections (self, session->id);
  Run *run = g_new0 (Run, 1);
  FerrydPlan *plan = new_plan (self, connections->http, task);

  g_return_if_fail (!g_hash_table_contains (self->runs, &task->id));

  plan->user_data = run;
  run->engine = self;
  run->store = FERRYD_STORE (g_object_ref (self->database));
  run->job = ferryd_job_new (plan);
  run->task_id = task->id;
  run->session_id = session->id;
  g_object_set_data (G_OBJECT (run->job), "task", GSIZE_TO_POINTER ((gsize) task->id));
  g_hash_table_insert (self->runs, &run->task_id, run);

  connections->jobs++;
  g_clear_handle_id (&connections->timer, g_source_remove);
  ferryd_job_run_async (run->job, job_ended_cb, g_object_ref (self));
}

static void
ferryd_engine_stop (FerrydRunner *runner,
                    gint64        task_id,
                    FerrydCause   cause)
{
  Run *run = g_hash_table_lookup (FERRYD_ENGINE (runner)->runs, &task_id);

  if (run != NULL)
    ferryd_job_stop (run->job, cause);
}

static const FerrydTally *
ferryd_engine_get_tally (FerrydRunner *runner,
                         gint64        task_id)
{
  Run *run = g_hash_table_lookup (FERRYD_ENGINE (runner)->runs, &task_id);

  return run != NULL ? ferryd_job_get_tally (run->job) : NULL;
}

/* Deletes what is left of a task that has no job. */
typedef struct
{
  FerrydPlan *plan;  /* owned */
  Run         run;   /* its members owned as in a job's */
} Discard;

static void
discard_free (Discard *discard)
{
  g_clear_pointer (&discard->plan, ferryd_plan_free);
  g_clear_object (&discard->run.store);
  g_free (discard);
}

static void
discard_thread (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  Discard *discard = task_data;
  g_autoptr(FerrydKept) kept = ferryd_kept_copy (discard->plan->kept);
  GError *error = NULL;

  if (kept->part.name == NULL && kept->spare.name == NULL)
    g_task_return_boolean (task, TRUE);
  else if (ferryd_download_discard (discard->plan, kept, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
ferryd_engine_discard_async (FerrydRunner        *runner,
                             const FerrydTaskRow *row,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  FerrydEngine *self = FERRYD_ENGINE (runner);
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);
  Discard *discard = g_new0 (Discard, 1);

  discard->plan = new_plan (self, NULL, row);
  discard->plan->user_data = &discard->run;
  discard->run.engine = self;
  discard->run.store = FERRYD_STORE (g_object_ref (self->database));
  discard->run.task_id = row->id;

  g_task_set_source_tag (task, (gpointer) (guintptr) ferryd_engine_discard_async);
  g_task_set_task_data (task, discard, (GDestroyNotify) discard_free);
  g_task_run_in_thread (task, discard_thread);
}

static gboolean
ferryd_engine_discard_finish (FerrydRunner  *runner,
                              GAsyncResult  *result,
                              GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
look_for_room_thread (GTask        *task,
                      gpointer      source_object,
                      gpointer      task_data,
                      GCancellable *cancellable)
{
  g_task_return_boolean (task, ferryd_download_has_room (task_data));
}

static void
ferryd_engine_has_room_async (FerrydRunner        *runner,
                              const FerrydTaskRow *row,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  FerrydEngine *self = FERRYD_ENGINE (runner);
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, (gpointer) (guintptr) ferryd_engine_has_room_async);
  g_task_set_task_data (task, new_plan (self, NULL, row), (GDestroyNotify) ferryd_plan_free);
  g_task_run_in_thread (task, look_for_room_thread);
}

static gboolean
ferryd_engine_has_room_finish (FerrydRunner *runner,
                               GAsyncResult *result)
{
  return g_task_propagate_boolean (G_TASK (result), NULL);
}

static void
ferryd_engine_runner_init (FerrydRunnerInterface *iface)
{
  iface->has_room_async = ferryd_engine_has_room_async;
  iface->has_room_finish = ferryd_engine_has_room_finish;
  iface->start = ferryd_engine_start;
  iface->stop = ferryd_engine_stop;
  iface->get_tally = ferryd_engine_get_tally;
  iface->discard_async = ferryd_engine_discard_async;
  iface->discard_finish = ferryd_engine_discard_finish;
}

static void
ferryd_engine_dispose (GObject *object)
{
  FerrydEngine *self = FERRYD_ENGINE (object);

  g_clear_pointer (&self->runs, g_hash_table_unref);
  g_clear_pointer (&self->sessions, g_hash_table_unref);
  g_clear_pointer (&self->syncer, ferryd_syncer_unref);
  g_clear_object (&self->database);

  G_OBJECT_CLASS (ferryd_engine_parent_class)->dispose (object);
}

static void
ferryd_engine_class_init (FerrydEngineClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_engine_dispose;
}

static void
ferryd_engine_init (FerrydEngine *self)
{
  self->syncer = ferryd_syncer_new ();
  self->sessions = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                          (GDestroyNotify) connections_free);
  self->runs = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                      (GDestroyNotify) run_free);
}

FerrydEngine *
ferryd_engine_new (FerrydDatabase *database)
{
  FerrydEngine *self;

  g_return_val_if_fail (FERRYD_IS_DATABASE (database), NULL);

  self = g_object_new (FERRYD_TYPE_ENGINE, NULL);
  self->database = g_object_ref (database);
  return self;
}
