/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-yard"

#include "config.h"

#include "support/folder.h"
#include "support/test-bed.h"
#include "support/yard.h"
#include "transfer/syncer.h"

void
test_yard_clear (TestYard *yard)
{
  g_clear_pointer (&yard->http, ferryd_http_unref);
  g_clear_pointer (&yard->syncer, ferryd_syncer_unref);
  g_clear_pointer (&yard->server, test_server_free);
  g_clear_pointer (&yard->loop, g_main_loop_unref);
  test_folder_remove (yard->folder);
  g_clear_pointer (&yard->folder, g_free);
}

void
test_yard_init (TestYard *yard,
                guint     request_timeout)
{
  FerrydHttpSettings settings = { .request_timeout = request_timeout };

  yard->folder = test_folder_new ();
  yard->server = test_server_new (NULL);
  yard->http = ferryd_http_new (&settings);
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
  TestYard *yard = plan->user_data;

  g_atomic_int_inc (&yard->n_written);
}

FerrydPlan *
test_yard_plan (TestYard   *yard,
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
  TestErrand *errand = user_data;
  TestYard *yard = errand->yard;

  g_assert_true (g_main_context_is_owner (NULL));
  g_assert_true (FERRYD_JOB (source) == errand->job);
  g_assert_null (errand->outcome);
  errand->outcome = ferryd_job_run_finish (errand->job, result);
  errand->ended = g_get_monotonic_time ();
  if (--yard->n_left == 0)
    g_main_loop_quit (yard->loop);
}

void
test_yard_start (TestYard   *yard,
                 TestErrand *errand,
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

void
test_yard_wait (TestYard *yard)
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

void
test_errand_clear (TestErrand *errand)
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
