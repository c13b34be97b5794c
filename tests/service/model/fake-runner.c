/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "common/error.h"
#include "fake-runner.h"

typedef struct
{
  gint64       task_id;
  char        *host;        /* owned */
  FerrydCause  cause;
  gboolean     is_written;
  FerrydTally  tally;
} Job;

struct _FakeRunner
{
  GObject     parent_instance;

  GHashTable *jobs;      /* owned; task id → Job */
  GQueue      discards;  /* of GTask, owned */
  guint       n_starts;
  guint       n_discards;
};

static void fake_runner_runner_init (FerrydRunnerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeRunner, fake_runner, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_RUNNER, fake_runner_runner_init))

static void
job_free (Job *job)
{
  g_free (job->host);
  g_free (job);
}

static Job *
find_job (FakeRunner *self,
          gint64      task_id)
{
  return g_hash_table_lookup (self->jobs, &task_id);
}

static Job *
get_job (FakeRunner *self,
         gint64      task_id)
{
  Job *job = find_job (self, task_id);

  g_assert_nonnull (job);
  return job;
}

static void
set_host (Job        *job,
          const char *url)
{
  g_autoptr(GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);

  g_assert_nonnull (uri);
  g_clear_pointer (&job->host, g_free);
  job->host = g_strdup (g_uri_get_host (uri));
}

static void
fake_runner_start (FerrydRunner           *runner,
                   const FerrydSessionRow *session,
                   const FerrydTaskRow    *task)
{
  FakeRunner *self = FAKE_RUNNER (runner);
  Job *job = g_new0 (Job, 1);

  g_assert_cmpint (session->id, ==, task->session_id);
  g_assert_null (find_job (self, task->id));

  job->task_id = task->id;
  set_host (job, task->kept->current_url != NULL ? task->kept->current_url : task->url);
  ferryd_tally_init (&job->tally, task->kept->part.offset, task->kept->part.total);
  g_hash_table_insert (self->jobs, &job->task_id, job);
  self->n_starts++;
}

static void
fake_runner_stop (FerrydRunner *runner,
                  gint64        task_id,
                  FerrydCause   cause)
{
  Job *job = find_job (FAKE_RUNNER (runner), task_id);

  g_assert_cmpint (cause, !=, FERRYD_CAUSE_NONE);
  if (job != NULL && job->cause == FERRYD_CAUSE_NONE)
    job->cause = cause;
}

static const FerrydTally *
fake_runner_get_tally (FerrydRunner *runner,
                       gint64        task_id)
{
  Job *job = find_job (FAKE_RUNNER (runner), task_id);

  return job != NULL ? &job->tally : NULL;
}

static void
fake_runner_discard_async (FerrydRunner        *runner,
                           const FerrydTaskRow *task,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  FakeRunner *self = FAKE_RUNNER (runner);

  g_assert_null (find_job (self, task->id));

  self->n_discards++;
  g_queue_push_tail (&self->discards, g_task_new (self, NULL, callback, user_data));
}

static gboolean
fake_runner_discard_finish (FerrydRunner  *runner,
                            GAsyncResult  *result,
                            GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
fake_runner_runner_init (FerrydRunnerInterface *iface)
{
  iface->start = fake_runner_start;
  iface->stop = fake_runner_stop;
  iface->get_tally = fake_runner_get_tally;
  iface->discard_async = fake_runner_discard_async;
  iface->discard_finish = fake_runner_discard_finish;
}

static void
fake_runner_finalize (GObject *object)
{
  FakeRunner *self = FAKE_RUNNER (object);

  g_queue_clear_full (&self->discards, g_object_unref);
  g_clear_pointer (&self->jobs, g_hash_table_unref);

  G_OBJECT_CLASS (fake_runner_parent_class)->finalize (object);
}

static void
fake_runner_class_init (FakeRunnerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_runner_finalize;
}

static void
fake_runner_init (FakeRunner *self)
{
  self->jobs = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                      (GDestroyNotify) job_free);
  g_queue_init (&self->discards);
}

FakeRunner *
fake_runner_new (void)
{
  return g_object_new (FAKE_TYPE_RUNNER, NULL);
}

gboolean
fake_runner_has_job (FakeRunner *self,
                     gint64      task_id)
{
  return find_job (self, task_id) != NULL;
}

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  const gint64 *left = a;
  const gint64 *right = b;

  return (*left > *right) - (*left < *right);
}

GArray *
fake_runner_get_jobs (FakeRunner *self)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->jobs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_array_append_val (ids, ((Job *) value)->task_id);

  g_array_sort (ids, compare_ids);
  return ids;
}

guint
fake_runner_count_slots (FakeRunner *self,
                         const char *host)
{
  GHashTableIter iter;
  gpointer value;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->jobs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Job *job = value;

      if (!job->is_written && (host == NULL || g_str_equal (job->host, host)))
        n++;
    }

  return n;
}

guint
fake_runner_get_n_starts (FakeRunner *self)
{
  return self->n_starts;
}

FerrydCause
fake_runner_get_cause (FakeRunner *self,
                       gint64      task_id)
{
  return get_job (self, task_id)->cause;
}

FerrydTally *
fake_runner_get_counters (FakeRunner *self,
                          gint64      task_id)
{
  return &get_job (self, task_id)->tally;
}

void
fake_runner_note (FakeRunner *self,
                  gint64      task_id,
                  const char *current_url)
{
  g_autoptr(FerrydKept) kept = ferryd_kept_new ();

  set_host (get_job (self, task_id), current_url);
  kept->current_url = g_strdup (current_url);
  ferryd_runner_emit_noted (FERRYD_RUNNER (self), task_id, kept);
}

void
fake_runner_write (FakeRunner *self,
                   gint64      task_id)
{
  get_job (self, task_id)->is_written = TRUE;
  ferryd_runner_emit_written (FERRYD_RUNNER (self), task_id);
}

/* The counters are there until the end has been told, as the interface promises. */
void
fake_runner_end (FakeRunner    *self,
                 gint64         task_id,
                 FerrydOutcome *outcome)
{
  g_autoptr(FerrydOutcome) owned = outcome;

  g_assert_nonnull (find_job (self, task_id));
  ferryd_runner_emit_ended (FERRYD_RUNNER (self), task_id, owned);
  g_hash_table_remove (self->jobs, &task_id);
}

void
fake_runner_finish (FakeRunner *self,
                    gint64      task_id)
{
  fake_runner_end (self, task_id, ferryd_outcome_new ());
}

void
fake_runner_obey (FakeRunner *self,
                  gint64      task_id)
{
  FerrydCause cause = fake_runner_get_cause (self, task_id);

  g_assert_cmpint (cause, !=, FERRYD_CAUSE_NONE);
  fake_runner_end (self, task_id, fake_outcome_new (FERRYD_TRANSFER_ERROR_CANCELLED, cause));
}

guint
fake_runner_get_n_discarding (FakeRunner *self)
{
  return self->discards.length;
}

guint
fake_runner_get_n_discards (FakeRunner *self)
{
  return self->n_discards;
}

void
fake_runner_answer_discard (FakeRunner *self,
                            gboolean    is_gone)
{
  g_autoptr(GTask) task = g_queue_pop_head (&self->discards);

  g_assert_nonnull (task);
  if (is_gone)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED, "the test kept it");
}

void
fake_runner_refuse_discard (FakeRunner *self)
{
  g_autoptr(GTask) task = g_queue_pop_head (&self->discards);

  g_assert_nonnull (task);
  g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_WRONG_STATE, "it is finished");
}

FerrydOutcome *
fake_outcome_new (FerrydTransferError code,
                  FerrydCause         cause)
{
  FerrydOutcome *outcome = ferryd_outcome_new ();

  outcome->error = g_error_new (FERRYD_TRANSFER_ERROR, (int) code, "%s",
                                ferryd_transfer_error_get_nick (code));
  outcome->cause = cause;
  return outcome;
}
