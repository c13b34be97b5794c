/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-plan"

#include "config.h"

#include "transfer/crew.h"
#include "transfer/http.h"
#include "transfer/plan.h"
#include "transfer/syncer.h"
#include "transfer/throttle.h"

FerrydPlan *
ferryd_plan_new (void)
{
  FerrydPlan *plan = g_new0 (FerrydPlan, 1);

  plan->write_origin = TRUE;
  plan->kept = ferryd_kept_new ();
  return plan;
}

void
ferryd_plan_free (FerrydPlan *plan)
{
  g_clear_pointer (&plan->http, ferryd_http_unref);
  g_clear_pointer (&plan->crew, ferryd_crew_unref);
  g_clear_pointer (&plan->syncer, ferryd_syncer_unref);
  g_clear_pointer (&plan->throttle, ferryd_throttle_unref);
  g_free (plan->url);
  g_free (plan->referrer);
  g_strfreev (plan->headers);
  g_free (plan->folder);
  g_free (plan->file_name);
  ferryd_kept_free (plan->kept);
  g_free (plan);
}
