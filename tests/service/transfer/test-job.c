/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-job"

#include "config.h"

#include <string.h>

#include "support/folder.h"
#include "support/yard.h"
#include "versions.h"

#define N_JOBS 32

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
  g_auto(TestYard) yard = { 0 };
  TestErrand errand = { 0 };
  const FerrydTally *tally;
  g_autofree char *path = NULL;
  g_autofree char *here = NULL;
  g_autofree char *there = test_content_sha256 (&whole.content);

  test_yard_init (&yard, 0);
  test_server_add (yard.server, "/file.bin", test_answer, (gpointer) &whole);
  test_yard_start (&yard, &errand, test_yard_plan (&yard, "/file.bin"));
  tally = ferryd_job_get_tally (errand.job);
  test_yard_wait (&yard);
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
  test_errand_clear (&errand);
}

/* A job that never ran is an object like any other. */
static void
test_unused (void)
{
  g_auto(TestYard) yard = { 0 };
  g_autoptr(FerrydJob) job = NULL;
  FerrydJob *watched;

  test_yard_init (&yard, 0);
  job = ferryd_job_new (test_yard_plan (&yard, "/file.bin"));
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
  { "restart", FERRYD_CAUSE_RESTART, FERRYD_TRANSFER_ERROR_CANCELLED, TRUE },
  { "cancel", FERRYD_CAUSE_CANCEL, FERRYD_TRANSFER_ERROR_CANCELLED, FALSE },
};

typedef struct
{
  TestErrand        *errand;
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
  g_auto(TestYard) yard = { 0 };
  TestErrand errand = { 0 };
  Stopper stopper = { &errand, row };
  g_autoptr(GHashTable) files = NULL;

  test_yard_init (&yard, 0);
  test_server_add (yard.server, "/file.bin", test_answer, (gpointer) &halted);
  test_yard_start (&yard, &errand, test_yard_plan (&yard, "/file.bin"));
  g_timeout_add (5, on_sample_cb, &stopper);
  test_yard_wait (&yard);
  g_assert_error (errand.outcome->error, FERRYD_TRANSFER_ERROR, (int) row->class);
  g_assert_cmpint (errand.outcome->cause, ==, row->cause);
  g_assert_cmpint (errand.outcome->kept->part.offset, ==, row->bytes_stay ? CUT : 0);
  files = test_folder_read (yard.folder);
  g_assert_cmpuint (g_hash_table_size (files), ==, row->bytes_stay ? 1 : 0);
  test_errand_clear (&errand);
}

/* Before the worker had time for anything. */
static void
test_stop_at_once (void)
{
  g_auto(TestYard) yard = { 0 };
  TestErrand errand = { 0 };

  test_yard_init (&yard, 0);
  test_server_add (yard.server, "/file.bin", say_nothing, NULL);
  test_yard_start (&yard, &errand, test_yard_plan (&yard, "/file.bin"));
  ferryd_job_stop (errand.job, FERRYD_CAUSE_SUSPEND);
  test_yard_wait (&yard);
  g_assert_error (errand.outcome->error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_CANCELLED);
  g_assert_cmpint (errand.outcome->cause, ==, FERRYD_CAUSE_SUSPEND);
  test_errand_clear (&errand);
}

/* §3 rules 1 to 3: one FerrydHttp for all; twice, its idle connections closed in between. */
static void
test_many (void)
{
  g_auto(TestYard) yard = { 0 };
  g_autofree TestErrand *errands = NULL;
  g_autoptr(GHashTable) files = NULL;
  TestAnswer small = { .content = { 6, 16 * 1024 } };
  g_autofree char *there = test_content_sha256 (&small.content);

  test_yard_init (&yard, 0);
  test_server_add (yard.server, "/file.bin", test_answer, &small);
  for (guint round = 0; round < 2; round++)
    {
      errands = g_renew (TestErrand, errands, N_JOBS);
      memset (errands, 0, sizeof (TestErrand) * N_JOBS);
      for (guint i = 0; i < N_JOBS; i++)
        {
          FerrydPlan *plan = test_yard_plan (&yard, "/file.bin");

          plan->file_name = g_strdup_printf ("%u-%u.bin", round, i);
          test_yard_start (&yard, &errands[i], plan);
        }
      test_yard_wait (&yard);
      for (guint i = 0; i < N_JOBS; i++)
        {
          g_autofree char *path = NULL;
          g_autofree char *here = NULL;

          g_assert_no_error (errands[i].outcome->error);
          path = g_build_filename (yard.folder, errands[i].outcome->kept->final_name, NULL);
          here = test_file_sha256 (path);
          g_assert_cmpstr (here, ==, there);
          test_errand_clear (&errands[i]);
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
  g_auto(TestYard) yard = { 0 };
  TestErrand errands[8] = { 0 };
  g_autoptr(GHashTable) files = NULL;

  test_yard_init (&yard, 0);
  test_server_add (yard.server, "/file.bin", test_answer, (gpointer) &whole);
  for (guint i = 0; i < G_N_ELEMENTS (errands); i++)
    test_yard_start (&yard, &errands[i], test_yard_plan (&yard, "/file.bin"));
  test_yard_wait (&yard);
  for (guint i = 0; i < G_N_ELEMENTS (errands); i++)
    {
      g_assert_no_error (errands[i].outcome->error);
      test_errand_clear (&errands[i]);
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
  g_test_add_func ("/job/many", test_many);
  g_test_add_func ("/job/same-name", test_same_name);
  return g_test_run ();
}
