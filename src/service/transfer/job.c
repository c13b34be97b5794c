/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-job"

#include "config.h"

#include "transfer/crew.h"
#include "transfer/download.h"
#include "transfer/http-private.h"
#include "transfer/job.h"

struct _FerrydJob
{
  GObject        parent_instance;

  FerrydPlan    *plan;         /* owned; the worker only reads it */
  FerrydTally    tally;        /* the worker counts */
  GCancellable  *cancellable;  /* owned */
  _Atomic int    cause;        /* FerrydCause; the first one that is set stays */
  guint          timer;        /* source id; 0: no time-out of the task's own, or not running */
  GTask         *task;         /* owned while the worker runs */
  FerrydOutcome *outcome;      /* owned; the worker's last word, until it is handed over */
};

G_DEFINE_FINAL_TYPE (FerrydJob, ferryd_job, G_TYPE_OBJECT)

static void
name_cause (FerrydJob     *self,
            FerrydOutcome *outcome)
{
  FerrydCause cause = atomic_load (&self->cause);

  if (cause == FERRYD_CAUSE_NONE)
    return;

  outcome->cause = cause;
  if (!ferryd_outcome_is (outcome, FERRYD_TRANSFER_ERROR_CANCELLED))
    return;

  if (cause == FERRYD_CAUSE_REQUEST_TIMEOUT || cause == FERRYD_CAUSE_RESOURCE_TIMEOUT)
    {
      g_clear_error (&outcome->error);
      g_set_error_literal (&outcome->error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_NETWORK,
                           cause == FERRYD_CAUSE_REQUEST_TIMEOUT ? "The server stopped answering"
                                                                 : "The transfer took too long");
    }
}

/* A cancelled task's bytes go, unless they are a finished file already. */
static void
discard_if_cancelled (FerrydJob     *self,
                      FerrydOutcome *outcome)
{
  g_autoptr(GError) error = NULL;

  if (outcome->error == NULL || atomic_load (&self->cause) != FERRYD_CAUSE_CANCEL)
    return;

  g_clear_error (&outcome->error);
  g_set_error_literal (&outcome->error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_CANCELLED,
                       "The transfer was cancelled");
  if (!ferryd_download_discard (self->plan, outcome->kept, &error))
    g_info ("The part of a cancelled transfer stays: %s", error->message);
}

/* On the main thread: from here on nothing of the job is the worker's. */
static gboolean
on_worker_done_cb (gpointer user_data)
{
  FerrydJob *self = user_data;
  g_autoptr(GTask) task = g_steal_pointer (&self->task);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_task_return_pointer (task, g_steal_pointer (&self->outcome),
                         (GDestroyNotify) ferryd_outcome_free);
  return G_SOURCE_REMOVE;
}

static void
run_worker (gpointer user_data)
{
  FerrydJob *self = user_data;
  GMainContext *context = ferryd_http_take_context (self->plan->http);
  g_autoptr(GSource) done = g_idle_source_new ();
  GMainContext *main_context = g_task_get_context (self->task);

  /* libsoup's timers and sources of this job run here, not on the main thread. */
  g_main_context_push_thread_default (context);
  self->outcome = ferryd_download_run (self->plan, &self->tally, self->cancellable);
  discard_if_cancelled (self, self->outcome);
  name_cause (self, self->outcome);
  g_main_context_pop_thread_default (context);
  ferryd_http_give_back_context (self->plan->http, context);

  g_source_set_priority (done, G_PRIORITY_DEFAULT);
  g_source_set_callback (done, on_worker_done_cb, self, NULL);
  g_source_attach (done, main_context);
}

/* The one timer of a job: the task's own request time-out, and the resource time-out. */
static gboolean
on_timer_cb (gpointer user_data)
{
  FerrydJob *self = user_data;
  gint64 now = g_get_monotonic_time ();
  gint64 active_at = atomic_load (&self->tally.active_at);
  gint64 request_due = G_MAXINT64;
  gint64 resource_due = self->plan->deadline != 0 ? self->plan->deadline : G_MAXINT64;
  gint64 left;

  /* While the turn is ours the time does not run; it is looked at again when it could have run
   * out. */
  if (self->plan->request_timeout != 0)
    request_due = (active_at != 0 ? active_at : now) +
                  (gint64) self->plan->request_timeout * G_USEC_PER_SEC;

  self->timer = 0;
  if (resource_due <= now)
    {
      ferryd_job_stop (self, FERRYD_CAUSE_RESOURCE_TIMEOUT);
      return G_SOURCE_REMOVE;
    }
  if (request_due <= now)
    {
      ferryd_job_stop (self, FERRYD_CAUSE_REQUEST_TIMEOUT);
      return G_SOURCE_REMOVE;
    }

  left = MIN (request_due, resource_due) - now;
  if (left != G_MAXINT64 - now)
    self->timer = g_timeout_add (MIN (left / 1000 + 1, G_MAXINT), on_timer_cb, self);

  return G_SOURCE_REMOVE;
}

static void
ferryd_job_finalize (GObject *object)
{
  FerrydJob *self = FERRYD_JOB (object);

  g_assert (self->task == NULL);
  g_clear_pointer (&self->plan, ferryd_plan_free);
  g_clear_pointer (&self->outcome, ferryd_outcome_free);
  g_clear_object (&self->cancellable);

  G_OBJECT_CLASS (ferryd_job_parent_class)->finalize (object);
}

static void
ferryd_job_class_init (FerrydJobClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_job_finalize;
}

static void
ferryd_job_init (FerrydJob *self)
{
  self->cancellable = g_cancellable_new ();
  atomic_init (&self->cause, FERRYD_CAUSE_NONE);
  ferryd_tally_init (&self->tally, 0, -1);
}

FerrydJob *
ferryd_job_new (FerrydPlan *plan)
{
  FerrydJob *self;

  g_return_val_if_fail (plan != NULL, NULL);

  self = g_object_new (FERRYD_TYPE_JOB, NULL);
  self->plan = plan;
  if (plan->crew == NULL)
    plan->crew = ferryd_crew_new ();
  ferryd_tally_init (&self->tally, plan->kept->part.offset, plan->kept->part.total);
  return self;
}

void
ferryd_job_run_async (FerrydJob           *self,
                      GAsyncReadyCallback  callback,
                      gpointer             user_data)
{
  g_return_if_fail (FERRYD_IS_JOB (self));
  g_return_if_fail (self->task == NULL);

  self->task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (self->task, (gpointer) (guintptr) ferryd_job_run_async);
  (void) on_timer_cb (self);  /* sets the timer, where one is wanted */
  ferryd_crew_run (self->plan->crew, run_worker, self);
}

FerrydOutcome *
ferryd_job_run_finish (FerrydJob    *self,
                       GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), NULL);
}

void
ferryd_job_stop (FerrydJob   *self,
                 FerrydCause  cause)
{
  int none = FERRYD_CAUSE_NONE;

  g_return_if_fail (FERRYD_IS_JOB (self));

  if (atomic_compare_exchange_strong (&self->cause, &none, (int) cause))
    g_cancellable_cancel (self->cancellable);
}

const FerrydTally *
ferryd_job_get_tally (FerrydJob *self)
{
  g_return_val_if_fail (FERRYD_IS_JOB (self), NULL);

  return &self->tally;
}
