/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "engine"

#include "config.h"

#include <stdio.h>

#include "transfer/download.h"
#include "transfer/http.h"
#include "transfer/syncer.h"

/* Attempts after a cut, as long as each wins bytes: the service has a better patience. */
#define MAX_ATTEMPTS 10

enum
{
  EXIT_DONE,
  EXIT_FAILED,
  EXIT_USAGE,
};

/* No store here: what is kept lives as long as the program. */
static gboolean
checkpoint_cb (const FerrydPlan  *plan,
               const FerrydKept  *kept,
               GError           **error)
{
  return TRUE;
}

static FerrydPlan *
make_plan (const char *url,
           const char *file)
{
  g_autoptr(FerrydPlan) plan = ferryd_plan_new ();
  g_autofree char *path = g_canonicalize_filename (file, NULL);
  FerrydHttpSettings settings = { 0 };

  plan->http = ferryd_http_new (&settings);
  plan->syncer = ferryd_syncer_new ();
  plan->url = g_strdup (url);
  plan->folder = g_path_get_dirname (path);
  plan->file_name = g_path_get_basename (path);
  plan->overwrite = TRUE;
  if (plan->kept == NULL)
    plan->kept = ferryd_kept_new ();
  plan->checkpoint = checkpoint_cb;
  return g_steal_pointer (&plan);
}

static gpointer
run_in_thread (gpointer data)
{
  const FerrydPlan *plan = data;
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  FerrydTally tally;
  FerrydOutcome *outcome;

  g_main_context_push_thread_default (context);
  ferryd_tally_init (&tally, plan->kept->part.offset, plan->kept->part.total);
  outcome = ferryd_download_run (plan, &tally, cancellable);
  g_main_context_pop_thread_default (context);
  return outcome;
}

static FerrydOutcome *
run (const FerrydPlan *plan)
{
  return g_thread_join (g_thread_new ("run", run_in_thread, (gpointer) plan));
}

static void
print_outcome (const FerrydOutcome *outcome)
{
  if (outcome->error == NULL)
    g_print ("finished: %s\n", outcome->kept->final_name);
  else
    g_print ("%s: %s\n", ferryd_transfer_error_get_nick (outcome->error->code),
             outcome->error->message);
}

/* Runs one download through the engine alone: for people, and to measure what it costs. */
int
main (int   argc,
      char *argv[])
{
  g_autoptr(FerrydPlan) plan = NULL;
  g_autoptr(FerrydOutcome) outcome = NULL;

  /* libsoup 3.2 speaks HTTP/2 badly: design.md §3, rule 9. */
  g_setenv ("SOUP_FORCE_HTTP1", "1", TRUE);
  if (argc != 3)
    {
      (void) fprintf (stderr, "Usage: %s URL FILE\n", argv[0]);
      return EXIT_USAGE;
    }

  plan = make_plan (argv[1], argv[2]);
  outcome = run (plan);
  print_outcome (outcome);
  for (guint n = 1; n < MAX_ATTEMPTS; n++)
    {
      if (!ferryd_outcome_is (outcome, FERRYD_TRANSFER_ERROR_TRUNCATED) ||
          outcome->kept->part.offset <= plan->kept->part.offset)
        break;


      ferryd_kept_free (plan->kept);
      plan->kept = ferryd_kept_copy (outcome->kept);
      ferryd_outcome_free (outcome);
      outcome = run (plan);
      print_outcome (outcome);
    }

  if (outcome->error != NULL)
    (void) ferryd_download_discard (plan, outcome->kept, NULL);  /* nobody would come back for it */
  return outcome->error == NULL ? EXIT_DONE : EXIT_FAILED;
}
