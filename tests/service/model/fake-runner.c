/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fake-jobs.h"
#include "fake-runner.h"

struct _FakeRunner
{
  GObject     parent_instance;

  GHashTable *jobs;      /* owned; task id → FakeJob */
  GQueue      asks;      /* see fake_asks_push() */
  guint       n_asked[FAKE_N_ASKS];
  guint       n_starts;
  GString    *log;       /* owned */
};

static void fake_runner_runner_init (FerrydRunnerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeRunner, fake_runner, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_RUNNER, fake_runner_runner_init))

static void
fake_runner_start (FerrydRunner           *runner,
                   const FerrydSessionRow *session,
                   const FerrydTaskRow    *task,
                   const FerrydOrders     *orders)
{
  FakeRunner *self = FAKE_RUNNER (runner);

  g_assert_cmpint (session->id, ==, task->session_id);
  fake_jobs_start (self->jobs, task, orders);
  self->n_starts++;
}

static void
fake_runner_stop (FerrydRunner *runner,
                  gint64        task_id,
                  FerrydCause   cause)
{
  FakeJob *job = fake_jobs_find (FAKE_RUNNER (runner)->jobs, task_id);

  g_assert_cmpint (cause, !=, FERRYD_CAUSE_NONE);
  if (job != NULL && job->cause == FERRYD_CAUSE_NONE)
    job->cause = cause;
}

static const FerrydTally *
fake_runner_get_tally (FerrydRunner *runner,
                       gint64        task_id)
{
  FakeJob *job = fake_jobs_find (FAKE_RUNNER (runner)->jobs, task_id);

  return job != NULL ? &job->tally : NULL;
}

static void
fake_runner_set_limit (FerrydRunner *runner,
                       guint64       limit)
{
  g_string_append_printf (FAKE_RUNNER (runner)->log, "limit %" G_GUINT64_FORMAT ";", limit);
}

static void
fake_runner_set_task_limit (FerrydRunner *runner,
                            gint64        task_id,
                            guint64       limit)
{
  g_string_append_printf (FAKE_RUNNER (runner)->log,
                          "limit %" G_GINT64_FORMAT " %" G_GUINT64_FORMAT ";", task_id, limit);
}

static void
fake_runner_reset_session (FerrydRunner *runner,
                           gint64        session_id)
{
  g_string_append_printf (FAKE_RUNNER (runner)->log, "reset %" G_GINT64_FORMAT ";", session_id);
}

static void
push_ask (FerrydRunner        *runner,
          FakeAsk              kind,
          const FerrydTaskRow *task,
          GAsyncReadyCallback  callback,
          gpointer             user_data)
{
  FakeRunner *self = FAKE_RUNNER (runner);

  self->n_asked[kind]++;
  fake_asks_push (&self->asks, kind, g_task_new (self, NULL, callback, user_data), task);
}

static void
fake_runner_discard_async (FerrydRunner        *runner,
                           const FerrydTaskRow *task,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_assert_null (fake_jobs_find (FAKE_RUNNER (runner)->jobs, task->id));
  push_ask (runner, FAKE_ASK_DISCARD, task, callback, user_data);
}

static gboolean
finish_boolean (FerrydRunner  *runner,
                GAsyncResult  *result,
                GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
finish_look (FerrydRunner *runner,
             GAsyncResult *result)
{
  return g_task_propagate_boolean (G_TASK (result), NULL);  /* no is no */
}

static void
fake_runner_delete_result_async (FerrydRunner        *runner,
                                 const FerrydTaskRow *task,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  g_assert_cmpint (task->status.state, ==, FERRY_TASK_STATE_FINISHED);
  push_ask (runner, FAKE_ASK_DELETE_RESULT, task, callback, user_data);
}

static void
fake_runner_open_result_async (FerrydRunner        *runner,
                               const FerrydTaskRow *task,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_assert_cmpint (task->status.state, ==, FERRY_TASK_STATE_FINISHED);
  push_ask (runner, FAKE_ASK_OPEN_RESULT, task, callback, user_data);
}

static int
fake_runner_open_result_finish (FerrydRunner  *runner,
                                GAsyncResult  *result,
                                GError       **error)
{
  return (int) g_task_propagate_int (G_TASK (result), error);
}

static void
fake_runner_move_async (FerrydRunner        *runner,
                        const FerrydTaskRow *task,
                        const char          *folder,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr(FerrydTaskRow) claim = NULL;

  g_assert_null (fake_jobs_find (FAKE_RUNNER (runner)->jobs, task->id));
  g_string_append_printf (FAKE_RUNNER (runner)->log, "move %" G_GINT64_FORMAT " %s;", task->id,
                          folder);
  claim = ferryd_task_row_copy (task);
  ferryd_kept_drop_other (claim->kept);
  claim->kept->other_folder = g_strdup (folder);
  ferryd_part_copy (&task->kept->part, &claim->kept->other);
  claim->kept->other.inode += FAKE_MOVED_INODE;
  push_ask (runner, FAKE_ASK_MOVE, claim, callback, user_data);
}

static gpointer
finish_pointer (FerrydRunner  *runner,
                GAsyncResult  *result,
                GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static FerrydKept *
fake_runner_move_finish (FerrydRunner  *runner,
                         GAsyncResult  *result,
                         GError       **error)
{
  return finish_pointer (runner, result, error);
}

static void
fake_runner_forget_async (FerrydRunner        *runner,
                          const FerrydTaskRow *task,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  FakeRunner *self = FAKE_RUNNER (runner);

  g_assert_null (fake_jobs_find (self->jobs, task->id));
  g_string_append_printf (self->log, "forget %s %s %" G_GUINT64_FORMAT ";",
                          task->kept->other_folder, task->kept->other.name,
                          task->kept->other.inode);
  push_ask (runner, FAKE_ASK_FORGET, task, callback, user_data);
}

static void
fake_runner_has_room_async (FerrydRunner        *runner,
                            const FerrydTaskRow *task,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  push_ask (runner, FAKE_ASK_ROOM, task, callback, user_data);
}

static void
fake_runner_probe_async (FerrydRunner        *runner,
                         const char          *url,
                         GVariant            *options,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_assert_true (g_variant_is_of_type (options, G_VARIANT_TYPE_VARDICT));
  g_string_append_printf (FAKE_RUNNER (runner)->log, "probe %s;", url);
  push_ask (runner, FAKE_ASK_PROBE, NULL, callback, user_data);
}

static GVariant *
fake_runner_probe_finish (FerrydRunner  *runner,
                          GAsyncResult  *result,
                          GError       **error)
{
  return finish_pointer (runner, result, error);
}

static void
fake_runner_runner_init (FerrydRunnerInterface *iface)
{
  iface->start = fake_runner_start;
  iface->stop = fake_runner_stop;
  iface->get_tally = fake_runner_get_tally;
  iface->set_limit = fake_runner_set_limit;
  iface->set_task_limit = fake_runner_set_task_limit;
  iface->reset_session = fake_runner_reset_session;
  iface->discard_async = fake_runner_discard_async;
  iface->discard_finish = finish_boolean;
  iface->delete_result_async = fake_runner_delete_result_async;
  iface->delete_result_finish = finish_boolean;
  iface->open_result_async = fake_runner_open_result_async;
  iface->open_result_finish = fake_runner_open_result_finish;
  iface->move_async = fake_runner_move_async;
  iface->move_finish = fake_runner_move_finish;
  iface->forget_async = fake_runner_forget_async;
  iface->forget_finish = finish_look;
  iface->has_room_async = fake_runner_has_room_async;
  iface->has_room_finish = finish_look;
  iface->probe_async = fake_runner_probe_async;
  iface->probe_finish = fake_runner_probe_finish;
}

static void
fake_runner_finalize (GObject *object)
{
  FakeRunner *self = FAKE_RUNNER (object);

  fake_asks_clear (&self->asks);
  g_clear_pointer (&self->jobs, g_hash_table_unref);
  g_string_free (self->log, TRUE);

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
  self->jobs = fake_jobs_new ();
  g_queue_init (&self->asks);
  self->log = g_string_new (NULL);
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
  return fake_jobs_find (self->jobs, task_id) != NULL;
}

GArray *
fake_runner_get_jobs (FakeRunner *self)
{
  return fake_jobs_list (self->jobs);
}

guint
fake_runner_count_slots (FakeRunner *self,
                         const char *host)
{
  return fake_jobs_count_slots (self->jobs, host);
}

guint
fake_runner_get_n_starts (FakeRunner *self)
{
  return self->n_starts;
}

const FerrydOrders *
fake_runner_get_orders (FakeRunner *self,
                        gint64      task_id)
{
  return &fake_jobs_get (self->jobs, task_id)->orders;
}

FerrydCause
fake_runner_get_cause (FakeRunner *self,
                       gint64      task_id)
{
  return fake_jobs_get (self->jobs, task_id)->cause;
}

FerrydTally *
fake_runner_get_counters (FakeRunner *self,
                          gint64      task_id)
{
  return &fake_jobs_get (self->jobs, task_id)->tally;
}

void
fake_runner_note (FakeRunner *self,
                  gint64      task_id,
                  const char *current_url)
{
  g_autoptr(FerrydKept) kept = ferryd_kept_new ();

  fake_job_set_url (fake_jobs_get (self->jobs, task_id), current_url);
  kept->current_url = g_strdup (current_url);
  ferryd_runner_emit_noted (FERRYD_RUNNER (self), task_id, kept);
}

void
fake_runner_write (FakeRunner *self,
                   gint64      task_id)
{
  fake_jobs_get (self->jobs, task_id)->is_written = TRUE;
  ferryd_runner_emit_written (FERRYD_RUNNER (self), task_id);
}

/* The counters are there until the end has been told, as the interface promises. */
void
fake_runner_end (FakeRunner    *self,
                 gint64         task_id,
                 FerrydOutcome *outcome)
{
  g_autoptr(FerrydOutcome) owned = outcome;

  g_assert_nonnull (fake_jobs_find (self->jobs, task_id));
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
fake_runner_fail (FakeRunner          *self,
                  gint64               task_id,
                  FerrydTransferError  code)
{
  fake_runner_end (self, task_id, fake_outcome_new (code, FERRYD_CAUSE_NONE));
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
fake_runner_get_n_asked (FakeRunner *self,
                         FakeAsk     ask)
{
  return self->n_asked[ask];
}

guint
fake_runner_get_n_asking (FakeRunner *self,
                          FakeAsk     ask)
{
  return fake_asks_count (&self->asks, ask);
}

guint
fake_runner_get_n_waiting (FakeRunner *self)
{
  return self->asks.length;
}

/* A move tells what it is about to do, however it ends. */
static void
note_claim (FakeRunner *self,
            FakeAsk     ask)
{
  const FerrydTaskRow *task;

  if (ask != FAKE_ASK_MOVE)
    return;

  task = fake_asks_get_task (&self->asks, ask);
  ferryd_runner_emit_noted (FERRYD_RUNNER (self), task->id, task->kept);
}

void
fake_runner_grant (FakeRunner *self,
                   FakeAsk     ask)
{
  note_claim (self, ask);
  fake_asks_grant (&self->asks, ask);
}

void
fake_runner_grant_next (FakeRunner *self)
{
  fake_runner_grant (self, fake_asks_get_next (&self->asks));
}

void
fake_runner_refuse (FakeRunner *self,
                    FakeAsk     ask,
                    FerryError  code)
{
  note_claim (self, ask);
  fake_asks_refuse (&self->asks, ask, code);
}

char *
fake_runner_take_log (FakeRunner *self)
{
  char *log = g_strdup (self->log->str);

  g_string_truncate (self->log, 0);
  return log;
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
