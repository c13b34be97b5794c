/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-engine"

#include "config.h"

#include "engine-private.h"
#include "store/hsts-rows.h"

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

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
  g_free (news);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (News, news_free)

/* News cross from thread to thread while this lock is held. ThreadSanitizer does not see GLib's. */
static void
lock_news (FerrydEngine *self)
{
  g_mutex_lock (&self->news_mutex);
#ifdef __SANITIZE_THREAD__
  __tsan_acquire (&self->news_mutex);
#endif
}

static void
unlock_news (FerrydEngine *self)
{
#ifdef __SANITIZE_THREAD__
  __tsan_release (&self->news_mutex);
#endif
  g_mutex_unlock (&self->news_mutex);
}

static void
tell (FerrydEngine *self,
      const News   *news)
{
  FerrydRunner *runner = FERRYD_RUNNER (self);

  if (news->kept != NULL)
    ferryd_runner_emit_noted (runner, news->task_id, news->kept);
  else if (news->url != NULL)
    ferryd_runner_emit_redirected (runner, news->task_id, news->status, news->url);
  else
    ferryd_runner_emit_written (runner, news->task_id);
}

static gboolean
on_news_cb (gpointer user_data)
{
  FerrydEngine *self = user_data;
  gboolean more;

  do
    {
      g_autoptr(News) news = NULL;

      lock_news (self);
      news = g_queue_pop_head (&self->news);
      more = news != NULL;
      self->telling = more;
      unlock_news (self);

      if (more)
        tell (self, news);
    }
  while (more);

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

  news->task_id = client->task_id;
  return news;
}

/* In a worker. News keep their order among themselves, and come before the job's end: whoever finds
 * the lock free finds the source attached. */
static void
send_news (const FerrydClient *client,
           News               *news)
{
  FerrydEngine *self = client->engine;

  lock_news (self);
  g_queue_push_tail (&self->news, news);
  if (!self->telling)
    ferryd_engine_tell_main_thread (on_news_cb, g_object_ref (self), g_object_unref);
  self->telling = TRUE;
  unlock_news (self);
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
  send_news (client, news);
  return TRUE;
}

static void
written (const FerrydPlan *plan)
{
  send_news (plan->user_data, new_news (plan->user_data));
}

static void
redirected (const FerrydPlan *plan,
            guint             status,
            const char       *url)
{
  News *news = new_news (plan->user_data);

  news->status = status;
  news->url = g_strdup (url);
  send_news (plan->user_data, news);
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

static void
ferryd_engine_start (FerrydRunner           *runner,
                     const FerrydSessionRow *session,
                     const FerrydTaskRow    *task,
                     const FerrydOrders     *orders)
{
  FerrydEngine *self = FERRYD_ENGINE (runner);
  FerrydPlan *plan;
  Run *run;

  g_return_if_fail (!g_hash_table_contains (self->runs, &task->id));

  run = g_new0 (Run, 1);
  run->client.engine = self;
  run->client.store = FERRYD_STORE (g_object_ref (self->database));
  run->client.task_id = task->id;
  run->connections = ferryd_connections_ref (ferryd_engine_get_connections (self, session));
  run->throttle = ferryd_throttle_new (run->connections->throttle);
  ferryd_throttle_set_limit (run->throttle, task->download_limit);

  plan = ferryd_engine_plan_run (self, session, &run->connections->configuration, task, orders);
  plan->http = ferryd_http_ref (run->connections->http);
  plan->throttle = ferryd_throttle_ref (run->throttle);
  plan->crew = ferryd_crew_ref (self->crew);
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
  g_clear_pointer (&self->crew, ferryd_crew_unref);
  g_clear_pointer (&self->syncer, ferryd_syncer_unref);
  g_clear_object (&self->database);

  G_OBJECT_CLASS (ferryd_engine_parent_class)->dispose (object);
}

static void
ferryd_engine_finalize (GObject *object)
{
  FerrydEngine *self = FERRYD_ENGINE (object);

  g_queue_clear_full (&self->news, (GDestroyNotify) news_free);
  g_mutex_clear (&self->news_mutex);

  G_OBJECT_CLASS (ferryd_engine_parent_class)->finalize (object);
}

static void
ferryd_engine_class_init (FerrydEngineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferryd_engine_dispose;
  object_class->finalize = ferryd_engine_finalize;
}

static void
ferryd_engine_init (FerrydEngine *self)
{
  g_mutex_init (&self->news_mutex);
  g_queue_init (&self->news);
  self->crew = ferryd_crew_new ();
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
