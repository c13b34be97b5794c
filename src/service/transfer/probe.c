/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-probe"

#include "config.h"

#include <stdatomic.h>

#include "common/url.h"
#include "transfer/exchange.h"
#include "transfer/http-private.h"
#include "transfer/outcome.h"
#include "transfer/probe.h"

/* As long as a session's patience. */
#define DEFAULT_TIMEOUT_S 60

typedef struct
{
  FerrydPlan   *plan;         /* owned */
  GCancellable *cancellable;  /* owned */
  _Atomic int   is_late;      /* the timer has cancelled it */
  guint         timer;        /* source id */
} Probe;

static void
probe_free (Probe *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->plan, ferryd_plan_free);
  g_free (self);
}

/* What a download that is cut off after its first byte would do. */
static gboolean
is_resumable (const FerrydPart *part,
              const FerrydPlan *plan)
{
  FerrydPart begun = *part;  /* its strings are not ours */
  FerrydAsk ask;

  begun.offset = 1;
  ferryd_resume_ask (&begun, plan->resume_unproven, &ask);
  return ask.basis != FERRYD_BASIS_NONE;
}

static void
add_text (GVariantBuilder *builder,
          const char      *key,
          const char      *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);

  g_variant_builder_add (builder, "{sv}", key, g_variant_new_string (valid));
}

/* Returns a floating a{sv}. */
static GVariant *
describe (const FerrydRun    *run,
          const FerrydAnswer *answer)
{
  const FerrydPlan *plan = run->plan;
  SoupMessageHeaders *headers = soup_message_get_response_headers (answer->message);
  g_autofree char *name = ferryd_facts_choose_name (answer->message, plan->file_name, plan->url);
  const char *validator = answer->facts.etag != NULL ? answer->facts.etag
                                                     : answer->facts.last_modified;
  GVariantBuilder builder;
  FerrydPart part;

  ferryd_part_init (&part);
  ferryd_facts_describe (&answer->facts, &part);
  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  add_text (&builder, "file-name", name);
  g_variant_builder_add (&builder, "{sv}", "size", g_variant_new_int64 (part.total));
  add_text (&builder, "mime-type", soup_message_headers_get_content_type (headers, NULL));
  g_variant_builder_add (&builder, "{sv}", "resumable",
                         g_variant_new_boolean (is_resumable (&part, plan)));
  add_text (&builder, "current-url", run->outcome->kept->current_url);
  add_text (&builder, "validator", validator);
  ferryd_part_clear (&part);
  return g_variant_builder_end (&builder);
}

static gboolean
check_answer (const FerrydAnswer  *answer,
              GError             **error)
{
  guint status = answer->facts.status;
  const char *host = g_uri_get_host (soup_message_get_uri (answer->message));
  FerryError code = FERRY_ERROR_SERVER;

  if (SOUP_STATUS_IS_SUCCESSFUL (status) && !answer->facts.has_lengths)
    return TRUE;

  if (status == SOUP_STATUS_UNAUTHORIZED || status == SOUP_STATUS_PROXY_UNAUTHORIZED)
    code = FERRY_ERROR_CREDENTIALS;

  if (SOUP_STATUS_IS_SUCCESSFUL (status))
    g_set_error (error, FERRY_ERROR, code, "%s answered in a way that makes no sense", host);
  else
    g_set_error (error, FERRY_ERROR, code, "%s answered %u %s", host, status,
                 soup_message_get_reason_phrase (answer->message));
  return FALSE;
}

/* Many servers know no HEAD, or answer it in another way than GET; what they say to GET counts. */
static GVariant *
ask (FerrydRun  *run,
     GError    **error)
{
  static const char *const methods[] = { "HEAD", "GET" };
  g_autoptr(GUri) uri = ferry_url_parse (run->plan->url, error);
  g_autoptr(GError) problem = NULL;

  if (uri == NULL)
    return NULL;

  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr(FerrydAnswer) answer = NULL;
      FerrydAsk whole;

      g_clear_error (&problem);
      ferryd_resume_ask_whole (&whole);
      answer = ferryd_exchange_send (run, methods[i], &whole, &problem);
      if (answer == NULL)
        break;
      if (check_answer (answer, &problem))
        return describe (run, answer);
    }

  ferryd_transfer_error_make_public (&problem);
  g_propagate_error (error, g_steal_pointer (&problem));
  return NULL;
}

static void
set_late_error (const Probe  *self,
                GError      **error)
{
  g_autoptr(GUri) uri = ferry_url_parse (self->plan->url, NULL);

  g_clear_error (error);
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_TIMEOUT, "%s did not answer in time",
               uri != NULL ? g_uri_get_host (uri) : "The server");
}

static void
probe_thread (GTask        *task,
              gpointer      source_object,
              gpointer      task_data,
              GCancellable *cancellable)
{
  Probe *self = task_data;
  GMainContext *context = ferryd_http_take_context (self->plan->http);
  g_autoptr(GPtrArray) exchanges =
    g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  g_autoptr(FerrydOutcome) outcome = ferryd_outcome_new ();
  FerrydTally tally;
  FerrydRun run = { .plan = self->plan, .tally = &tally, .cancellable = self->cancellable,
    .outcome = outcome };
  GVariant *result;
  GError *error = NULL;

  /* libsoup's timers and sources run here, not on the main thread. */
  g_main_context_push_thread_default (context);
  ferryd_tally_init (&tally, 0, -1);
  outcome->kept = ferryd_kept_new ();
  run.exchanges = exchanges;
  result = ask (&run, &error);
  g_main_context_pop_thread_default (context);
  ferryd_http_give_back_context (self->plan->http, context);

  if (result == NULL &&
      (atomic_load (&self->is_late) || outcome->cause == FERRYD_CAUSE_REQUEST_TIMEOUT))
    set_late_error (self, &error);

  if (result != NULL)
    g_task_return_pointer (task, g_variant_ref_sink (result), (GDestroyNotify) g_variant_unref);
  else
    g_task_return_error (task, error);
}

static gboolean
on_timer_cb (gpointer user_data)
{
  Probe *self = user_data;

  self->timer = 0;
  atomic_store (&self->is_late, TRUE);
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

/* Back on the main thread, where the connections must go: the worker may drop its task last. */
static void
on_probed_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  GVariant *answer = g_task_propagate_pointer (G_TASK (result), &error);

  g_task_set_task_data (task, NULL, NULL);
  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) g_variant_unref);
  else
    g_task_return_error (task, error);
}

void
ferryd_probe_async (FerrydPlan          *plan,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (NULL, NULL, callback, user_data);
  g_autoptr(GTask) work = g_task_new (NULL, NULL, on_probed_cb, g_object_ref (task));
  Probe *self = g_new0 (Probe, 1);

  g_return_if_fail (plan != NULL && plan->http != NULL);

  self->plan = plan;
  self->cancellable = g_cancellable_new ();
  atomic_init (&self->is_late, FALSE);
  if (plan->request_timeout == 0)
    plan->request_timeout = DEFAULT_TIMEOUT_S;
  /* Not in whole seconds, which GLib rounds, also down. */
  self->timer = g_timeout_add (plan->request_timeout * 1000, on_timer_cb, self);

  g_task_set_source_tag (task, (gpointer) (guintptr) ferryd_probe_async);
  g_task_set_task_data (task, self, (GDestroyNotify) probe_free);
  g_task_set_source_tag (work, (gpointer) (guintptr) ferryd_probe_async);
  g_task_set_task_data (work, self, NULL);
  g_task_run_in_thread (work, probe_thread);
}

GVariant *
ferryd_probe_finish (GAsyncResult  *result,
                     GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
