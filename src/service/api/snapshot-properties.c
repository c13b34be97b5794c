/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-snapshot"

#include "config.h"

#include "api/snapshot.h"
#include "common/digest.h"
#include "common/text.h"
#include "model/session.h"

/* As the interface has it where nothing else was said. */
#define USUAL_PRIORITY 0.5

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

static GVariant *
get_kind (FerrydTask *task)
{
  return g_variant_new_string (ferry_task_kind_to_string (ferryd_task_get_row (task)->kind));
}

static GVariant *
get_state (FerrydTask *task)
{
  return g_variant_new_string (ferry_task_state_to_string (ferryd_task_get_state (task)));
}

static GVariant *
get_reason (FerrydTask *task)
{
  FerryWaitReason reason = ferryd_task_get_row (task)->status.reason;

  return g_variant_new_string (ferry_wait_reason_to_string (reason));
}

static void
add_detail (GVariantBuilder *details,
            const char      *name,
            GVariant        *value)
{
  g_variant_builder_add (details, "{sv}", name, value);
}

static GVariant *
get_reason_details (FerrydTask *task)
{
  const FerrydTaskStatus *status = &ferryd_task_get_row (task)->status;
  guint position = ferryd_task_get_position (task);
  gint64 missing = ferryd_task_get_expected (task) - ferryd_task_get_received (task);
  GVariantBuilder details;

  g_variant_builder_init (&details, G_VARIANT_TYPE_VARDICT);
  if (position != 0)
    add_detail (&details, "position", g_variant_new_uint32 (position));
  if (status->reason == FERRY_WAIT_REASON_HOST_LIMIT)
    add_detail (&details, "host", g_variant_new_string (ferryd_task_get_host (task)));
  if (status->reason == FERRY_WAIT_REASON_NOT_YET)
    add_detail (&details, "until", g_variant_new_int64 (ferryd_task_get_not_before (task)));
  if (status->reason == FERRY_WAIT_REASON_RETRY && status->retry_at != 0)
    add_detail (&details, "until", g_variant_new_int64 (status->retry_at));
  if (status->reason == FERRY_WAIT_REASON_DISK_FULL && missing > 0)
    add_detail (&details, "needed-bytes", g_variant_new_uint64 ((guint64) missing));
  if (status->reason != FERRY_WAIT_REASON_NONE && status->error_name != NULL)
    add_detail (&details, "cause", g_variant_new ("(ss)", status->error_name,
                                                  or_empty (status->error_message)));

  return g_variant_builder_end (&details);
}

static GVariant *
get_phase (FerrydTask *task)
{
  static const char *const words[] = {
    [FERRYD_PHASE_CONNECTING] = "connecting",
    [FERRYD_PHASE_TRANSFERRING] = "transferring",
    [FERRYD_PHASE_CHECKING] = "checking",
    [FERRYD_PHASE_PUBLISHING] = "publishing",
  };

  if (ferryd_task_get_state (task) != FERRY_TASK_STATE_RUNNING)
    return g_variant_new_string ("");

  return g_variant_new_string (words[ferryd_task_get_phase (task)]);
}

static GVariant *
get_started_over (FerrydTask *task)
{
  return g_variant_new_int64 (ferryd_task_get_row (task)->kept->started_over);
}

static void
describe_digest (GVariantBuilder   *builder,
                 const FerryDigest *digest,
                 gboolean           verified)
{
  const char *algorithm = ferry_digest_algorithm_get_name (digest->algorithm);
  gboolean is_weak = ferry_digest_algorithm_is_weak (digest->algorithm);
  g_autofree char *text = ferry_digest_to_string (digest);

  g_variant_builder_add (builder, "{sv}", "algorithm", g_variant_new_string (algorithm));
  g_variant_builder_add (builder, "{sv}", "value",
                         g_variant_new_string (strchr (text, '=') + 1));
  g_variant_builder_add (builder, "{sv}", "verified", g_variant_new_boolean (verified));
  g_variant_builder_add (builder, "{sv}", "weak", g_variant_new_boolean (is_weak));
}

static GVariant *
get_digest (FerrydTask *task)
{
  const FerrydTaskRow *row = ferryd_task_get_row (task);
  const char *wanted = NULL;
  GVariantBuilder builder;
  FerryDigest digest;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  (void) g_variant_lookup (row->options, "digest", "&s", &wanted);  /* NULL stays where none is */
  if (row->status.digest != NULL && ferry_digest_parse (row->status.digest, &digest, NULL))
    describe_digest (&builder, &digest, TRUE);
  else if (wanted != NULL && ferry_digest_parse (wanted, &digest, NULL))
    describe_digest (&builder, &digest, FALSE);

  return g_variant_builder_end (&builder);
}

static GVariant *
get_options (FerrydTask *task)
{
  return g_variant_ref (ferryd_task_get_row (task)->options);
}

static GVariant *
get_url (FerrydTask *task)
{
  return g_variant_new_string (ferryd_task_get_row (task)->url);
}

static GVariant *
get_current_url (FerrydTask *task)
{
  return g_variant_new_string (or_empty (ferryd_task_get_row (task)->kept->current_url));
}

static GVariant *
get_file_name (FerrydTask *task)
{
  const FerrydKept *kept = ferryd_task_get_row (task)->kept;

  return g_variant_new_string (or_empty (kept->final_name != NULL ? kept->final_name
                                                                  : kept->file_name));
}

static GVariant *
get_file_path (FerrydTask *task)
{
  g_autofree char *path = ferryd_task_get_path (task);

  return path != NULL ? g_variant_new_take_string (ferry_text_show_path (path))
                      : g_variant_new_string ("");
}

static GVariant *
get_received (FerrydTask *task)
{
  return g_variant_new_int64 (ferryd_task_get_received (task));
}

static GVariant *
get_expected (FerrydTask *task)
{
  return g_variant_new_int64 (ferryd_task_get_expected (task));
}

static GVariant *
get_rate (FerrydTask *task)
{
  return g_variant_new_uint64 (ferryd_task_get_rate (task));
}

static GVariant *
get_samples (FerrydTask *task)
{
  const FerrydSamples *samples = ferryd_task_get_samples (task);
  FerrydSamples none;

  if (samples != NULL)
    return ferryd_samples_describe (samples);

  ferryd_samples_init (&none);
  return ferryd_samples_describe (&none);
}

static GVariant *
get_response (FerrydTask *task)
{
  const FerrydTaskRow *row = ferryd_task_get_row (task);
  GVariantDict dict;

  g_variant_dict_init (&dict, row->kept->response);
  if (row->status.state == FERRY_TASK_STATE_FINISHED)
    g_variant_dict_insert (&dict, "length-verified", "b", row->status.length_verified);

  return g_variant_dict_end (&dict);
}

static GVariant *
get_error (FerrydTask *task)
{
  const FerrydTaskStatus *status = &ferryd_task_get_row (task)->status;

  return g_variant_new ("(ss)", or_empty (status->error_name), or_empty (status->error_message));
}

static GVariant *
get_metrics (FerrydTask *task)
{
  GVariant *metrics = ferryd_task_get_row (task)->status.metrics;

  return metrics != NULL ? g_variant_ref (metrics)
                         : g_variant_new_array (G_VARIANT_TYPE_VARDICT, NULL, 0);
}

static GVariant *
get_created (FerrydTask *task)
{
  return g_variant_new_int64 (ferryd_task_get_row (task)->created);
}

static GVariant *
get_finished (FerrydTask *task)
{
  return g_variant_new_int64 (ferryd_task_get_row (task)->status.finished);
}

static GVariant *
get_retry_at (FerrydTask *task)
{
  return g_variant_new_int64 (ferryd_task_get_row (task)->status.retry_at);
}

static GVariant *
get_not_before (FerrydTask *task)
{
  return g_variant_new_int64 (ferryd_task_get_not_before (task));
}

static GVariant *
get_priority (FerrydTask *task)
{
  return g_variant_new_double (ferryd_task_get_row (task)->priority);
}

static GVariant *
get_description (FerrydTask *task)
{
  return g_variant_new_string (or_empty (ferryd_task_get_row (task)->description));
}

static GVariant *
get_download_limit (FerrydTask *task)
{
  return g_variant_new_uint64 (ferryd_task_get_row (task)->download_limit);
}

static GVariant *
get_session (FerrydTask *task)
{
  g_autofree char *path = ferryd_snapshot_get_session_path (ferryd_task_get_session (task));

  return g_variant_new_object_path (path);
}

/*
 * What follows sorts tasks by a property: those of one class have the same value; 0: a value of its
 * own. Of ten thousand tasks most have nothing to say under most names.
 */

static guint
when (gboolean is_usual)
{
  return is_usual ? FERRYD_USUAL_CLASS : 0;
}

static guint
sort_by_kind (FerrydTask *task)
{
  return FERRYD_USUAL_CLASS + 1 + ferryd_task_get_row (task)->kind;
}

static guint
sort_by_state (FerrydTask *task)
{
  return FERRYD_USUAL_CLASS + 1 + ferryd_task_get_state (task);
}

static guint
sort_by_reason (FerrydTask *task)
{
  return FERRYD_USUAL_CLASS + ferryd_task_get_row (task)->status.reason;  /* NONE is the first */
}

static guint
sort_by_reason_details (FerrydTask *task)
{
  const FerrydTaskStatus *status = &ferryd_task_get_row (task)->status;

  return when (status->reason == FERRY_WAIT_REASON_NONE && ferryd_task_get_position (task) == 0);
}

static guint
sort_by_phase (FerrydTask *task)
{
  if (ferryd_task_get_state (task) != FERRY_TASK_STATE_RUNNING)
    return FERRYD_USUAL_CLASS;

  return FERRYD_USUAL_CLASS + 1 + ferryd_task_get_phase (task);
}

static guint
sort_by_retry_at (FerrydTask *task)
{
  return when (ferryd_task_get_row (task)->status.retry_at == 0);
}

static guint
sort_by_not_before (FerrydTask *task)
{
  return when (ferryd_task_get_not_before (task) == 0);
}

static guint
sort_by_priority (FerrydTask *task)
{
  return when (ferryd_task_get_row (task)->priority == USUAL_PRIORITY);
}

static guint
sort_by_description (FerrydTask *task)
{
  return when (ferryd_task_get_row (task)->description == NULL);
}

static guint
sort_by_download_limit (FerrydTask *task)
{
  return when (ferryd_task_get_row (task)->download_limit == 0);
}

static guint
sort_by_started_over (FerrydTask *task)
{
  return when (ferryd_task_get_row (task)->kept->started_over == 0);
}

static guint
sort_by_options (FerrydTask *task)
{
  return when (g_variant_n_children (ferryd_task_get_row (task)->options) == 0);
}

static guint
sort_by_current_url (FerrydTask *task)
{
  return when (ferryd_task_get_row (task)->kept->current_url == NULL);
}

static guint
sort_by_file_name (FerrydTask *task)
{
  const FerrydKept *kept = ferryd_task_get_row (task)->kept;

  return when (kept->final_name == NULL && kept->file_name == NULL);
}

static guint
sort_by_path (FerrydTask *task)
{
  g_autofree char *path = ferryd_task_get_path (task);

  return when (path == NULL);
}

static guint
sort_by_received (FerrydTask *task)
{
  return when (ferryd_task_get_received (task) == 0);
}

static guint
sort_by_expected (FerrydTask *task)
{
  return when (ferryd_task_get_expected (task) == -1);
}

static guint
sort_by_rate (FerrydTask *task)
{
  return when (ferryd_task_get_rate (task) == 0);
}

static guint
sort_by_samples (FerrydTask *task)
{
  return when (ferryd_task_get_samples (task) == NULL);
}

static guint
sort_by_response (FerrydTask *task)
{
  const FerrydTaskRow *row = ferryd_task_get_row (task);

  return when (row->kept->response == NULL && row->status.state != FERRY_TASK_STATE_FINISHED);
}

static guint
sort_by_error (FerrydTask *task)
{
  return when (ferryd_task_get_row (task)->status.error_name == NULL);
}

static guint
sort_by_metrics (FerrydTask *task)
{
  return when (ferryd_task_get_row (task)->status.metrics == NULL);
}

static guint
sort_by_finished (FerrydTask *task)
{
  return when (ferryd_task_get_row (task)->status.finished == 0);
}

static guint
sort_by_digest (FerrydTask *task)
{
  const FerrydTaskRow *row = ferryd_task_get_row (task);

  return when (row->status.digest == NULL && sort_by_options (task) != 0);
}

const FerrydProperty ferryd_snapshot_properties[FERRYD_N_PROPERTIES] = {
  { "Kind", 0, get_kind, sort_by_kind },
  { "State", FERRYD_TASK_CHANGE (STATE), get_state, sort_by_state },
  { "Reason", FERRYD_TASK_CHANGE (REASON), get_reason, sort_by_reason },
  { "ReasonDetails", FERRYD_TASK_CHANGE (REASON_DETAILS), get_reason_details,
    sort_by_reason_details },
  { "Phase", FERRYD_TASK_CHANGE (PHASE), get_phase, sort_by_phase },
  { "RetryAt", FERRYD_TASK_CHANGE (RETRY_AT), get_retry_at, sort_by_retry_at },
  { "NotBefore", 0, get_not_before, sort_by_not_before },
  { "Priority", FERRYD_TASK_CHANGE (PRIORITY), get_priority, sort_by_priority },
  { "Description", FERRYD_TASK_CHANGE (DESCRIPTION), get_description, sort_by_description },
  { "DownloadLimit", FERRYD_TASK_CHANGE (DOWNLOAD_LIMIT), get_download_limit,
    sort_by_download_limit },
  { "StartedOver", FERRYD_TASK_CHANGE (STARTED_OVER), get_started_over, sort_by_started_over },
  { "Digest", FERRYD_TASK_CHANGE (DIGEST), get_digest, sort_by_digest },
  { "Options", FERRYD_TASK_CHANGE (OPTIONS), get_options, sort_by_options },
  { "Url", FERRYD_TASK_CHANGE (URL), get_url, NULL },
  { "CurrentUrl", FERRYD_TASK_CHANGE (CURRENT_URL), get_current_url, sort_by_current_url },
  { "FileName", FERRYD_TASK_CHANGE (FILE_NAME), get_file_name, sort_by_file_name },
  { "Path", FERRYD_TASK_CHANGE (PATH), get_file_path, sort_by_path },
  { "BytesReceived", FERRYD_TASK_CHANGE (BYTES_RECEIVED), get_received, sort_by_received },
  { "BytesExpectedToReceive", FERRYD_TASK_CHANGE (BYTES_EXPECTED), get_expected, sort_by_expected },
  { "Rate", FERRYD_TASK_CHANGE (RATE), get_rate, sort_by_rate },
  { "Samples", FERRYD_TASK_CHANGE (SAMPLES), get_samples, sort_by_samples },
  { "Response", FERRYD_TASK_CHANGE (RESPONSE), get_response, sort_by_response },
  { "Error", FERRYD_TASK_CHANGE (ERROR), get_error, sort_by_error },
  { "Metrics", FERRYD_TASK_CHANGE (METRICS), get_metrics, sort_by_metrics },
  { "Created", 0, get_created, NULL },
  { "Finished", FERRYD_TASK_CHANGE (FINISHED), get_finished, sort_by_finished },
  { "Session", 0, get_session, NULL },
};
