/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-job"

#include "config.h"

#include <string.h>

#include "support/folder.h"
#include "transfer/job.h"
#include "transfer/syncer.h"
#include "transfer/throttle.h"
#include "versions.h"

#define N_JOBS 32

/* Everything that the jobs of a test share. */
typedef struct
{
  char         *folder;   /* owned */
  TestServer   *server;   /* owned */
  FerrydHttp   *http;     /* owned */
  FerrydSyncer *syncer;   /* owned */
  GMainLoop    *loop;     /* owned */
  guint         n_left;   /* jobs that have not come home */
  gint          n_written; /* atomic */
} Yard;

/* One job of it. */
typedef struct
{
  Yard          *yard;     /* unowned */
  FerrydJob     *job;      /* owned; NULL: finalised, as it must be in the end */
  FerrydOutcome *outcome;  /* owned; NULL until it has come home */
  gint64         ended;    /* monotonic µs */
} Errand;

static void
yard_clear (Yard *yard)
{
  g_clear_pointer (&yard->http, ferryd_http_unref);
  g_clear_pointer (&yard->syncer, ferryd_syncer_unref);
  g_clear_pointer (&yard->server, test_server_free);
  g_clear_pointer (&yard->loop, g_main_loop_unref);
  test_folder_remove (yard->folder);
  g_clear_pointer (&yard->folder, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Yard, yard_clear)

static void
yard_init (Yard  *yard,
           guint  request_timeout)
{
  FerrydHttpSettings settings = { .request_timeout = request_timeout };
  g_autoptr(GError) error = NULL;

  yard->folder = test_folder_new ();
  yard->server = test_server_new (NULL);
  yard->http = ferryd_http_new (&settings, &error);
  g_assert_no_error (error);
  yard->syncer = ferryd_syncer_new ();
  yard->loop = g_main_loop_new (NULL, FALSE);
}

static gboolean
checkpoint_cb (const FerrydPlan  *plan,
               const FerrydKept  *kept,
               GError           **error)
{
  return TRUE;
}

static void
written_cb (const FerrydPlan *plan)
{
  Yard *yard = plan->user_data;

  g_atomic_int_inc (&yard->n_written);
}

static FerrydPlan *
plan_for (Yard       *yard,
          const char *path)
{
  FerrydPlan *plan = ferryd_plan_new ();

  plan->http = ferryd_http_ref (yard->http);
  plan->syncer = ferryd_syncer_ref (yard->syncer);
  plan->url = test_server_get_url (yard->server, path);
  plan->folder = g_strdup (yard->folder);
  if (plan->kept == NULL)
    plan->kept = ferryd_kept_new ();
  plan->checkpoint = checkpoint_cb;
  plan->written = written_cb;
  plan->user_data = yard;
  return plan;
}

static void
on_job_done_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  Errand *errand = user_data;
  Yard *yard = errand->yard;

  g_assert_true (g_main_context_is_owner (NULL));
  g_assert_true (FERRYD_JOB (source) == errand->job);
  g_assert_null (errand->outcome);
  errand->outcome = ferryd_job_run_finish (errand->job, result);
  errand->ended = g_get_monotonic_time ();
  if (--yard->n_left == 0)
    g_main_loop_quit (yard->loop);
}

/* (plan full) */
static void
start (Yard       *yard,
       Errand     *errand,
       FerrydPlan *plan)
{
  errand->yard = yard;
  errand->job = ferryd_job_new (plan);
  g_object_add_weak_pointer (G_OBJECT (errand->job), (gpointer *) &errand->job);
  yard->n_left++;
  ferryd_job_run_async (errand->job, on_job_done_cb, errand);
}

static gboolean
on_deadline_cb (gpointer user_data)
{
  g_error ("jobs do not come home");
  return G_SOURCE_REMOVE;
}

static void
wait_for_all (Yard *yard)
{
  guint deadline = g_timeout_add (TEST_DEADLINE / 1000, on_deadline_cb, NULL);

  if (yard->n_left > 0)
    g_main_loop_run (yard->loop);
  g_source_remove (deadline);
}

static gboolean
on_finalize_deadline_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

/* The callback has come; the job is ours alone, or will be at once. */
static void
errand_clear (Errand *errand)
{
  gboolean too_late = FALSE;
  guint deadline = g_timeout_add_seconds (10, on_finalize_deadline_cb, &too_late);

  g_object_unref (errand->job);
  while (errand->job != NULL && !too_late)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (errand->job);
  if (!too_late)
    g_source_remove (deadline);
  g_clear_pointer (&errand->outcome, ferryd_outcome_free);
}

static void
say_nothing (TestExchange *x,
             gpointer      data)
{
  test_exchange_stall (x);
}

static const TestAnswer whole = { .content = V1, .etag = ONE };
static const TestAnswer halted = { .content = V1, .etag = ONE, .cut = CUT, .end = TEST_END_STALL };

static void
test_one (void)
{
  g_auto(Yard) yard = { 0 };
  Errand errand = { 0 };
  const FerrydTally *tally;
  g_autofree char *path = NULL;
  g_autofree char *here = NULL;
  g_autofree char *there = test_content_sha256 (&whole.content);

  yard_init (&yard, 0);
  test_server_add (yard.server, "/file.bin", test_answer, (gpointer) &whole);
  start (&yard, &errand, plan_for (&yard, "/file.bin"));
  tally = ferryd_job_get_tally (errand.job);
  wait_for_all (&yard);
  g_assert_no_error (errand.outcome->error);
  g_assert_cmpint (errand.outcome->cause, ==, FERRYD_CAUSE_NONE);
  g_assert_cmpuint (errand.outcome->status, ==, 200);
  g_assert_cmpint (yard.n_written, ==, 1);
  g_assert_cmpint (atomic_load (&tally->received), ==, SIZE);
  g_assert_cmpint (atomic_load (&tally->expected), ==, SIZE);
  g_assert_cmpint (atomic_load (&tally->moved), ==, SIZE);
  g_assert_cmpint (atomic_load (&tally->resumed_at), ==, -1);
  g_assert_cmpint (atomic_load (&tally->phase), ==, FERRYD_PHASE_PUBLISHING);
  path = g_build_filename (yard.folder, errand.outcome->kept->final_name, NULL);
  here = test_file_sha256 (path);
  g_assert_cmpstr (here, ==, there);
  errand_clear (&errand);
}

/* A job that never ran is an object like any other. */
static void
test_unused (void)
{
  g_auto(Yard) yard = { 0 };
  g_autoptr(FerrydJob) job = NULL;
  FerrydJob *watched;

  yard_init (&yard, 0);
  job = ferryd_job_new (plan_for (&yard, "/file.bin"));
  watched = job;
  g_object_add_weak_pointer (G_OBJECT (job), (gpointer *) &watched);
  g_clear_object (&job);
  g_assert_null (watched);
}

typedef struct
{
  const char          *name;
  FerrydCause          cause;
  FerrydTransferError  class;
  gboolean             bytes_stay;
} StopRow;

/* outcome.h: what becomes of the bytes by each cause. */
static const StopRow stops[] = {
  { "suspend", FERRYD_CAUSE_SUSPEND, FERRYD_TRANSFER_ERROR_CANCELLED, TRUE },
  { "shutdown", FERRYD_CAUSE_SHUTDOWN, FERRYD_TRANSFER_ERROR_CANCELLED, TRUE },
  { "cancel", FERRYD_CAUSE_CANCEL, FERRYD_TRANSFER_ERROR_CANCELLED, FALSE },
};

typedef struct
{
  Errand        *errand;
  const StopRow *row;
} Stopper;

/* The tally is sampled as the service does it; at half of the file the job is stopped, twice. */
static gboolean
on_sample_cb (gpointer user_data)
{
  Stopper *stopper = user_data;
  const FerrydTally *tally = ferryd_job_get_tally (stopper->errand->job);

  if (atomic_load (&tally->received) < CUT)
    return G_SOURCE_CONTINUE;

  g_assert_cmpint (atomic_load (&tally->phase), ==, FERRYD_PHASE_TRANSFERRING);
  ferryd_job_stop (stopper->errand->job, stopper->row->cause);
  ferryd_job_stop (stopper->errand->job, FERRYD_CAUSE_RESOURCE_TIMEOUT);
  return G_SOURCE_REMOVE;
}

static void
test_stop (gconstpointer data)
{
  const StopRow *row = data;
  g_auto(Yard) yard = { 0 };
  Errand errand = { 0 };
  Stopper stopper = { &errand, row };
  g_autoptr(GHashTable) files = NULL;

  yard_init (&yard, 0);
  test_server_add (yard.server, "/file.bin", test_answer, (gpointer) &halted);
  start (&yard, &errand, plan_for (&yard, "/file.bin"));
  g_timeout_add (5, on_sample_cb, &stopper);
  wait_for_all (&yard);
  g_assert_error (errand.outcome->error, FERRYD_TRANSFER_ERROR, (int) row->class);
  g_assert_cmpint (errand.outcome->cause, ==, row->cause);
  g_assert_cmpint (errand.outcome->kept->part.offset, ==, row->bytes_stay ? CUT : 0);
  files = test_folder_read (yard.folder);
  g_assert_cmpuint (g_hash_table_size (files), ==, row->bytes_stay ? 1 : 0);
  errand_clear (&errand);
}

/* Before the worker had time for anything. */
static void
test_stop_at_once (void)
{
  g_auto(Yard) yard = { 0 };
  Errand errand = { 0 };

  yard_init (&yard, 0);
  test_server_add (yard.server, "/file.bin", say_nothing, NULL);
  start (&yard, &errand, plan_for (&yard, "/file.bin"));
  ferryd_job_stop (errand.job, FERRYD_CAUSE_SUSPEND);
  wait_for_all (&yard);
  g_assert_error (errand.outcome->error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_CANCELLED);
  g_assert_cmpint (errand.outcome->cause, ==, FERRYD_CAUSE_SUSPEND);
  errand_clear (&errand);
}

typedef struct
{
  const char  *name;
  TestBehave   behave;
  gpointer     data;
  guint        request_timeout;  /* s; the task's own */
  guint        deadline;         /* ms from the start; 0: none */
  FerrydCause  cause;
} TimeRow;

/*
 * §3 rule 11: “a task's own, the resource time-out … are one timer on the main thread that cancels
 * with a cause”
 */
static const TimeRow times[] = {
  { "request, no answer", say_nothing, NULL, 1, 0, FERRYD_CAUSE_REQUEST_TIMEOUT },
  { "request, body stops", test_answer, (gpointer) &halted, 1, 0, FERRYD_CAUSE_REQUEST_TIMEOUT },
  { "resource, no answer", say_nothing, NULL, 0, 300, FERRYD_CAUSE_RESOURCE_TIMEOUT },
  { "resource, body stops", test_answer, (gpointer) &halted, 0, 300,
    FERRYD_CAUSE_RESOURCE_TIMEOUT },
  { "resource first", test_answer, (gpointer) &halted, 5, 300, FERRYD_CAUSE_RESOURCE_TIMEOUT },
  { "request first", test_answer, (gpointer) &halted, 1, 20000, FERRYD_CAUSE_REQUEST_TIMEOUT },
};

static void
test_time (gconstpointer data)
{
  const TimeRow *row = data;
  g_auto(Yard) yard = { 0 };
  Errand errand = { 0 };
  FerrydPlan *plan;
  gint64 began = g_get_monotonic_time ();
  gint64 due = row->cause == FERRYD_CAUSE_REQUEST_TIMEOUT
               ? row->request_timeout * G_TIME_SPAN_SECOND : row->deadline * 1000;

  yard_init (&yard, 60);
  test_server_add (yard.server, "/file.bin", row->behave, row->data);
  plan = plan_for (&yard, "/file.bin");
  plan->request_timeout = row->request_timeout;
  plan->deadline = row->deadline > 0 ? began + row->deadline * 1000 : 0;
  start (&yard, &errand, plan);
  wait_for_all (&yard);
  g_assert_nonnull (errand.outcome->error);
  g_assert_cmpint (errand.outcome->cause, ==, row->cause);
  g_assert_cmpint (errand.ended - began, >=, due);
  g_assert_cmpint (errand.ended - began, <, due + 5 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (errand.outcome->kept->part.offset, ==, row->behave == test_answer ? CUT : 0);
  errand_clear (&errand);
}

/* Waiting for one's own limit is a sign of life: a slow limit is no time-out. */
static void
test_limit_is_no_timeout (void)
{
  g_auto(Yard) yard = { 0 };
  Errand errand = { 0 };
  FerrydPlan *plan;
  TestAnswer small = { .content = { 1, 6000 } };
  g_autoptr(FerrydThrottle) throttle = ferryd_throttle_new (NULL);

  yard_init (&yard, 60);
  test_server_add (yard.server, "/file.bin", test_answer, &small);
  ferryd_throttle_set_limit (throttle, 3000);
  plan = plan_for (&yard, "/file.bin");
  plan->throttle = ferryd_throttle_ref (throttle);
  plan->request_timeout = 1;
  start (&yard, &errand, plan);
  wait_for_all (&yard);
  g_assert_no_error (errand.outcome->error);
  errand_clear (&errand);
}

/* §3 rules 1 to 3: one FerrydHttp for all; twice, its idle connections closed in between. */
static void
test_many (void)
{
  g_auto(Yard) yard = { 0 };
  g_autofree Errand *errands = NULL;
  g_autoptr(GHashTable) files = NULL;
  TestAnswer small = { .content = { 6, 16 * 1024 } };
  g_autofree char *there = test_content_sha256 (&small.content);

  yard_init (&yard, 0);
  test_server_add (yard.server, "/file.bin", test_answer, &small);
  for (guint round = 0; round < 2; round++)
    {
      errands = g_renew (Errand, errands, N_JOBS);
      memset (errands, 0, sizeof (Errand) * N_JOBS);
      for (guint i = 0; i < N_JOBS; i++)
        {
          FerrydPlan *plan = plan_for (&yard, "/file.bin");

          plan->file_name = g_strdup_printf ("%u-%u.bin", round, i);
          start (&yard, &errands[i], plan);
        }
      wait_for_all (&yard);
      for (guint i = 0; i < N_JOBS; i++)
        {
          g_autofree char *path = NULL;
          g_autofree char *here = NULL;

          g_assert_no_error (errands[i].outcome->error);
          path = g_build_filename (yard.folder, errands[i].outcome->kept->final_name, NULL);
          here = test_file_sha256 (path);
          g_assert_cmpstr (here, ==, there);
          errand_clear (&errands[i]);
        }
      ferryd_http_close_idle (yard.http);
    }
  test_server_wait_closed (yard.server);
  g_assert_cmpint (g_atomic_int_get (&yard.n_written), ==, 2 * N_JOBS);
  files = test_folder_read (yard.folder);
  g_assert_cmpuint (g_hash_table_size (files), ==, 2 * N_JOBS);
}

/* Jobs that ask for the same name at the same moment: each gets its own (§6: `name (1).ext`). */
static void
test_same_name (void)
{
  g_auto(Yard) yard = { 0 };
  Errand errands[8] = { 0 };
  g_autoptr(GHashTable) files = NULL;

  yard_init (&yard, 0);
  test_server_add (yard.server, "/file.bin", test_answer, (gpointer) &whole);
  for (guint i = 0; i < G_N_ELEMENTS (errands); i++)
    start (&yard, &errands[i], plan_for (&yard, "/file.bin"));
  wait_for_all (&yard);
  for (guint i = 0; i < G_N_ELEMENTS (errands); i++)
    {
      g_assert_no_error (errands[i].outcome->error);
      errand_clear (&errands[i]);
    }
  files = test_folder_read (yard.folder);
  g_assert_cmpuint (g_hash_table_size (files), ==, G_N_ELEMENTS (errands));
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  g_test_add_func ("/job/one", test_one);
  g_test_add_func ("/job/unused", test_unused);
  for (guint i = 0; i < G_N_ELEMENTS (stops); i++)
    {
      g_autofree char *path = g_strconcat ("/job/stop/", stops[i].name, NULL);

      g_test_add_data_func (path, &stops[i], test_stop);
    }
  g_test_add_func ("/job/stop-at-once", test_stop_at_once);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_autofree char *path = g_strconcat ("/job/time-out/", times[i].name, NULL);

      g_test_add_data_func (g_strdelimit (path, " ", '-'), &times[i], test_time);
    }
  g_test_add_func ("/job/limit-is-no-time-out", test_limit_is_no_timeout);
  g_test_add_func ("/job/many", test_many);
  g_test_add_func ("/job/same-name", test_same_name);
  return g_test_run ();
}
