/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many workers of one session whose connections all fail: libsoup's timers of a host go from one
 * worker's context to the next one's hands, and must find it alive. */
#define G_LOG_DOMAIN "test-refused"

#include "config.h"

#include "support/folder.h"
#include "support/rows.h"
#include "transfer/crew.h"
#include "transfer/http.h"
#include "transfer/job.h"
#include "transfer/syncer.h"

#define AT_ONCE 8

/* Nobody listens there, and it answers at once. */
#define URL "http://127.0.0.1:1/file"

typedef struct
{
  FerrydHttp   *http;    /* owned */
  FerrydCrew   *crew;    /* owned */
  FerrydSyncer *syncer;  /* owned */
  const char   *folder;  /* unowned */
  guint         n_left;  /* to begin */
  guint         n_running;
} Storm;

static gboolean
checkpoint (const FerrydPlan  *plan,
            const FerrydKept  *kept,
            GError           **error)
{
  return TRUE;
}

static void begin_job (Storm *storm);  /* an end begins the next */

static void
ended_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  Storm *storm = user_data;
  g_autoptr(FerrydOutcome) outcome = ferryd_job_run_finish (FERRYD_JOB (object), result);

  g_assert_error (outcome->error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_NETWORK);
  storm->n_running--;
  begin_job (storm);
}

static void
begin_job (Storm *storm)
{
  g_autoptr(FerrydJob) job = NULL;
  FerrydPlan *plan;

  if (storm->n_left == 0)
    return;

  plan = ferryd_plan_new ();
  plan->http = ferryd_http_ref (storm->http);
  plan->crew = ferryd_crew_ref (storm->crew);
  plan->syncer = ferryd_syncer_ref (storm->syncer);
  plan->url = g_strdup (URL);
  plan->folder = g_strdup (storm->folder);
  plan->checkpoint = checkpoint;

  storm->n_left--;
  storm->n_running++;
  job = ferryd_job_new (plan);
  ferryd_job_run_async (job, ended_cb, storm);
}

/* Any thread may send (libsoup, Client thread safety), and none ends what another holds. */
static void
test_storm (gconstpointer data)
{
  const FerrydHttpSettings settings = { 0 };
  g_autofree char *folder = test_folder_new ();
  Storm storm = {
    .http = ferryd_http_new (&settings),
    .crew = ferryd_crew_new (),
    .syncer = ferryd_syncer_new (),
    .folder = folder,
    .n_left = GPOINTER_TO_UINT (data),
  };

  for (guint i = 0; i < AT_ONCE; i++)
    begin_job (&storm);
  while (storm.n_running > 0)
    g_main_context_iteration (NULL, TRUE);

  ferryd_http_unref (storm.http);
  ferryd_crew_unref (storm.crew);
  ferryd_syncer_unref (storm.syncer);
  test_folder_remove (folder);
}

int
main (int    argc,
      char **argv)
{
  test_init (&argc, &argv);
  g_test_add_data_func ("/refused/storm", GUINT_TO_POINTER (g_test_slow () ? 60000 : 6000),
                        test_storm);
  return g_test_run ();
}
