/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-engine"

#include "config.h"

#include "engine-private.h"
#include "store/hsts-rows.h"

/* A job and what belongs to it. */
typedef struct
{
  FerrydClient       client;       /* its store is owned */
  FerrydJob         *job;          /* owned */
  FerrydConnections *connections;  /* owned; those that the job began with */
  FerrydThrottle    *throttle;     /* owned; the task's own */
} Run;

/* News from a worker, on its way to the main thread. */
typedef struct
{
  FerrydEngine *engine;   /* owned */
  gint64        task_id;
  FerrydKept   *kept;     /* owned; a checkpoint. NULL: it is other news */
  guint         status;   /* of a redirect */
  char         *url;      /* owned; where it leads. NULL and no checkpoint: all is written */
} News;

static void ferryd_engine_runner_init (FerrydRunnerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydEngine, ferryd_engine, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_RUNNER,
                                                      ferryd_engine_runner_init))

static void
run_free (Run *run)
{
  g_clear_object (&run->job);
  g_clear_object (&run->client.store);
  g_clear_pointer (&run->throttle, ferryd_throttle_unref);
  g_clear_pointer (&run->connections, ferryd_connections_unref);
  g_free (run);
}

static void
news_free (News *news)
{
  g_clear_pointer (&news->kept, ferryd_kept_free);
  g_clear_pointer (&news->url, g_free);
  g_clear_object (&news->engine);
  g_free (news);
}

static gboolean
on_news_cb (gpointer user_data)
{
  News *news = user_data;
  FerrydRunner *runner = FERRYD_RUNNER (news->engine);

  if (news->kept != NULL)
    ferryd_runner_emit_noted (runner, news->task_id, news->kept);
  else if (news->url != NULL)
    ferryd_runner_emit_redirected (runner, news->task_id, news->status, news->url);
  else
    ferryd_runner_emit_written (runner, news->task_id);

  return G_SOURCE_REMOVE;
}

/* From any thread; never called in it, whoever has the main context at the time. */
void
ferryd_engine_tell_main_thread (GSourceFunc    callback,
                                gpointer       data,
                                GDestroyNotify notify)
{
  g_autoptr(GSource) source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, callback, data, notify);
  g_source_attach (source, NULL);
}

static News *
new_news (const FerrydClient *client)
{
  News *news = g_new0 (News, 1);

  news->engine = g_object_ref (client->engine);
  news->task_id = client->task_id;
  return news;
}

/* In a worker. News keep their order among themselves, and come before the job's end. */
static void
send_news (News *news)
{
  ferryd_engine_tell_main_thread (on_news_cb, news, (GDestroyNotify) news_free);
}

gboolean
ferryd_engine_checkpoint (const FerrydPlan  *plan,
                          const FerrydKept  *kept,
                          GError           **error)
{
  const FerrydClient *client = plan->user_data;
  News *news;

  if (!ferryd_store_checkpoint (client->store, client->task_id, kept, error))
    return FALSE;

  news = new_news (client);
  news->kept = ferryd_kept_copy (kept);
  send_news (news);
  return TRUE;
}

static void
written (const FerrydPlan *plan)
{
  send_news (new_news (plan->user_data));
}

static void
redirected (const FerrydPlan *plan,
            guint             status,
            const char       *url)
{
  News *news = new_news (plan->user_data);

  news->status = status;
  news->url = g_strdup (url);
  send_news (news);
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

  ferryd_connections_end_job (run->connections);
  ferryd_runner_emit_ended (FERRYD_RUNNER (self), task_id, outcome);
  g_hash_table_remove (self->runs, &task_id);
}

/* What was accepted once reads well ever after; should it not, its defaults are as good. */
static void
read_configuration (const FerrydSessionRow *session,
                    FerrydConfiguration    *configuration)
{
  g_autoptr(GError) error = NULL;

  if (!ferryd_configuration_read (session->configuration, configuration, &error))
    g_warning ("The configuration of session %" G_GINT64_FORMAT ": %s", session->id,
               error->message);
}

static void
ferryd_engine_start (FerrydRunner           *runner,
                     const FerrydSessionRow *session,
                     const FerrydTaskRow    *task,
                     const FerrydOrders     *orders)
{
  FerrydEngine *self = FERRYD_ENGINE (runner);
  FerrydConfiguration configuration;
  FerrydPlan *plan;
  Run *run;

  g_return_if_fail (!g_hash_table_contains (self->runs, &task->id));

  read_configuration (session, &configuration);
  run = g_new0 (Run, 1);
  run->client.engine = self;
  run->client.store = FERRYD_STORE (g_object_ref (self->database));
  run->client.task_id = task->id;
  run->connections = ferryd_connections_ref (
    ferryd_engine_get_connections (self, session->id, &configuration));
  run->throttle = ferryd_throttle_new (run->connections->throttle);
  ferryd_throttle_set_limit (run->throttle, task->download_limit);

  plan = ferryd_engine_plan_run (self, session, &configuration, task, orders);
  plan->http = ferryd_http_ref (run->connections->http);
  plan->throttle = ferryd_throttle_ref (run->throttle);
  plan->written = written;
  plan->redirected = redirected;
  plan->user_data = &run->client;
  run->job = ferryd_job_new (plan);
  g_object_set_data (G_OBJECT (run->job), "task", GSIZE_TO_POINTER ((gsize) task->id));
  g_hash_table_insert (self->runs, &run->client.task_id, run);

  ferryd_connections_begin_job (run->connections);
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

static void
ferryd_engine_set_limit (FerrydRunner *runner,
                         guint64       limit)
{
  ferryd_throttle_set_limit (FERRYD_ENGINE (runner)->throttle, limit);
}

static void
ferryd_engine_set_task_limit (FerrydRunner *runner,
                              gint64        task_id,
                              guint64       limit)
{
  Run *run = g_hash_table_lookup (FERRYD_ENGINE (runner)->runs, &task_id);

  if (run != NULL)
    ferryd_throttle_set_limit (run->throttle, limit);
}

/* A job that still runs has a reference of its own. */
static void
ferryd_engine_reset_session (FerrydRunner *runner,
                             gint64        session_id)
{
  g_hash_table_remove (FERRYD_ENGINE (runner)->sessions, &session_id);
}

static void
ferryd_engine_runner_init (FerrydRunnerInterface *iface)
{
  iface->start = ferryd_engine_start;
  iface->stop = ferryd_engine_stop;
  iface->get_tally = ferryd_engine_get_tally;
  iface->set_limit = ferryd_engine_set_limit;
  iface->set_task_limit = ferryd_engine_set_task_limit;
  iface->reset_session = ferryd_engine_reset_session;
  ferryd_engine_files_init (iface);
}

static void
ferryd_engine_dispose (GObject *object)
{
  FerrydEngine *self = FERRYD_ENGINE (object);

  g_clear_pointer (&self->runs, g_hash_table_unref);
  g_clear_pointer (&self->sessions, g_hash_table_unref);
  g_clear_pointer (&self->hsts_hosts, g_hash_table_unref);
  g_clear_pointer (&self->throttle, ferryd_throttle_unref);
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
  self->throttle = ferryd_throttle_new (NULL);
  self->sessions = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                          (GDestroyNotify) ferryd_connections_unref);
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
