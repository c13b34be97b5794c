/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-engine"

#include "config.h"

#include "engine-private.h"

/* @headers: of strings, name after value; a name that is there already gets the new value. */
static void
merge_header (GPtrArray  *headers,
              const char *name,
              const char *value)
{
  for (guint i = 0; i < headers->len; i += 2)
    {
      if (g_ascii_strcasecmp (headers->pdata[i], name) == 0)
        {
          g_clear_pointer (&headers->pdata[i + 1], g_free);
          headers->pdata[i + 1] = g_strdup (value);
          return;
        }
    }

  g_ptr_array_add (headers, g_strdup (name));
  g_ptr_array_add (headers, g_strdup (value));
}

/* @more: (nullable): a{ss} */
static void
merge_headers (GPtrArray *headers,
               GVariant  *more)
{
  GVariantIter iter;
  const char *name;
  const char *value;

  if (more == NULL)
    return;

  g_variant_iter_init (&iter, more);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value))
    merge_header (headers, name, value);
}

static void
merge_option (GPtrArray  *headers,
              GVariant   *options,
              const char *key)
{
  g_autoptr(GVariant) more = g_variant_lookup_value (options, key, G_VARIANT_TYPE ("a{ss}"));

  merge_headers (headers, more);
}

static char **
take_headers (GPtrArray *headers)
{
  g_ptr_array_add (headers, NULL);
  return (char **) g_ptr_array_steal (headers, NULL);
}

FerrydPlan *
ferryd_engine_plan_files (FerrydEngine        *self,
                          const FerrydTaskRow *task)
{
  FerrydPlan *plan = ferryd_plan_new ();

  g_clear_pointer (&plan->kept, ferryd_kept_free);
  plan->syncer = ferryd_syncer_ref (self->syncer);
  plan->url = g_strdup (task->url);
  plan->folder = g_strdup (task->folder);
  plan->kept = ferryd_kept_copy (task->kept);
  plan->checkpoint = ferryd_engine_checkpoint;
  return plan;
}

/* What the task's own options say, where they say anything. */
static void
read_options (FerrydPlan *plan,
              GVariant   *options)
{
  const char *digest;

  /* What is not there stays as it is. */
  (void) g_variant_lookup (options, "filename", "s", &plan->file_name);
  (void) g_variant_lookup (options, "overwrite", "b", &plan->overwrite);
  (void) g_variant_lookup (options, "referrer", "s", &plan->referrer);
  (void) g_variant_lookup (options, "request-timeout", "u", &plan->request_timeout);
  if (g_variant_lookup (options, "digest", "&s", &digest))
    plan->has_digest = ferry_digest_parse (digest, &plan->digest, NULL);
}

static void
read_configuration (FerrydPlan                *plan,
                    const FerrydConfiguration *configuration)
{
  plan->request_timeout = configuration->request_timeout;
  plan->redirects = configuration->redirects;
  plan->allow_insecure_redirect = configuration->allow_insecure_redirect;
  plan->resume_unproven = configuration->resume_unproven;
}

FerrydPlan *
ferryd_engine_plan_run (FerrydEngine              *self,
                        const FerrydSessionRow    *session,
                        const FerrydConfiguration *configuration,
                        const FerrydTaskRow       *task,
                        const FerrydOrders        *orders)
{
  FerrydPlan *plan = ferryd_engine_plan_files (self, task);
  g_autoptr(GPtrArray) headers = g_ptr_array_new_with_free_func (g_free);
  guint session_timeout;

  read_configuration (plan, configuration);
  session_timeout = plan->request_timeout;
  read_options (plan, task->options);
  if (plan->request_timeout == 0)
    plan->request_timeout = session_timeout;

  /* The nearer and the more secret comes later, and wins. */
  merge_option (headers, session->configuration, "headers");
  merge_headers (headers, orders->session_secrets);
  merge_option (headers, task->options, "headers");
  merge_headers (headers, orders->task_secrets);
  plan->headers = take_headers (headers);

  plan->deadline = orders->deadline;
  plan->behind_portal = orders->behind_portal;
  plan->write_origin = orders->write_origin;
  return plan;
}

FerrydPlan *
ferryd_engine_plan_probe (FerrydEngine              *self,
                          const FerrydConfiguration *configuration,
                          const char                *url,
                          GVariant                  *options)
{
  FerrydPlan *plan = ferryd_plan_new ();
  g_autoptr(GPtrArray) headers = g_ptr_array_new_with_free_func (g_free);

  plan->http = ferryd_engine_new_http (self, configuration);
  plan->url = g_strdup (url);
  read_configuration (plan, configuration);
  (void) g_variant_lookup (options, "referrer", "s", &plan->referrer);  /* stays NULL without */
  merge_option (headers, options, "headers");
  merge_option (headers, options, "secret-headers");
  plan->headers = take_headers (headers);
  return plan;
}
