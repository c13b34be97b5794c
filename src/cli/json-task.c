/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-json"

#include "config.h"

#include "json.h"

static const FerryJsonField reason_fields[] = {
  { "position", FERRY_JSON_NUMBER },
  { "host", FERRY_JSON_TEXT },
  { "until", FERRY_JSON_TIME },
  { "needed-bytes", FERRY_JSON_COUNT },
};

static const FerryJsonField digest_fields[] = {
  { "algorithm", FERRY_JSON_TEXT },
  { "value", FERRY_JSON_TEXT },
  { "verified", FERRY_JSON_FLAG },
  { "weak", FERRY_JSON_FLAG },
};

/* Of what was given when the task was made: what has no property of its own. */
static const FerryJsonField option_fields[] = {
  { "destination", FERRY_JSON_TEXT },
  { "filename", FERRY_JSON_TEXT },
  { "overwrite", FERRY_JSON_FLAG },
  { "referrer", FERRY_JSON_ADDRESS },
  { "expected-size", FERRY_JSON_SIZE },
  { "request-timeout", FERRY_JSON_NUMBER },
};

static const FerryJsonField exchange_fields[] = {
  { "url", FERRY_JSON_ADDRESS },
  { "started", FERRY_JSON_TIME },
  { "status", FERRY_JSON_NUMBER },
  { "resume-basis", FERRY_JSON_TEXT },
  { "header-bytes", FERRY_JSON_COUNT },
  { "body-bytes", FERRY_JSON_COUNT },
  { "dns-end", FERRY_JSON_COUNT },
  { "connect-end", FERRY_JSON_COUNT },
  { "request-start", FERRY_JSON_COUNT },
  { "response-start", FERRY_JSON_COUNT },
  { "duration", FERRY_JSON_COUNT },
};

static void
add_cause (JsonBuilder *builder,
           GVariant    *details)
{
  g_autoptr(GError) error = NULL;
  const char *name;
  const char *message;
  FerryError code;

  if (details != NULL && g_variant_lookup (details, "cause", "(&s&s)", &name, &message))
    {
      error = ferry_error_from_bus_name (name, &code)
                ? g_error_new_literal (FERRY_ERROR, (int) code, message)
                : g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, message);
    }

  ferry_json_add_error (builder, "cause", error);
}

static void
add_reason (JsonBuilder *builder,
            FerryTask   *task)
{
  GVariant *details = ferry_task_get_reason_details (task);

  ferry_json_add_text (builder, "reason",
                       ferry_wait_reason_to_string (ferry_task_get_reason (task)));
  json_builder_set_member_name (builder, "reason-details");
  if (ferry_task_get_state (task) != FERRY_TASK_STATE_WAITING)
    {
      json_builder_add_null_value (builder);
      return;
    }

  json_builder_begin_object (builder);
  ferry_json_add_fields (builder, details, reason_fields, G_N_ELEMENTS (reason_fields));
  add_cause (builder, details);
  json_builder_end_object (builder);
}

static void
add_limit (JsonBuilder *builder,
           FerryTask   *task)
{
  guint64 limit = ferry_task_get_download_limit (task);

  if (limit > 0)
    ferry_json_add_count (builder, "download-limit", limit);
  else
    ferry_json_add_text (builder, "download-limit", NULL);
}

/* An object of @fields, or null where the dict has nothing. */
static void
add_dict (JsonBuilder          *builder,
          const char           *key,
          GVariant             *dict,
          const FerryJsonField *fields,
          guint                 n_fields)
{
  json_builder_set_member_name (builder, key);
  if (dict == NULL || g_variant_n_children (dict) == 0)
    {
      json_builder_add_null_value (builder);
      return;
    }

  json_builder_begin_object (builder);
  ferry_json_add_fields (builder, dict, fields, n_fields);
  json_builder_end_object (builder);
}

static void
add_summary (JsonBuilder *builder,
             FerryTask   *task)
{
  ferry_json_add_count (builder, "number", ferry_task_get_number (task));
  ferry_json_add_count (builder, "session", ferry_task_get_session_number (task));
  ferry_json_add_text (builder, "kind", ferry_task_kind_to_string (ferry_task_get_kind (task)));
  ferry_json_add_text (builder, "state", ferry_task_state_to_string (ferry_task_get_state (task)));
  add_reason (builder, task);
  ferry_json_add_text (builder, "phase", ferry_task_get_phase (task));
  ferry_json_add_error (builder, "error", ferry_task_get_error (task));
  ferry_json_add_address (builder, "url", ferry_task_get_url (task));
  ferry_json_add_text (builder, "file-name", ferry_task_get_file_name (task));
  ferry_json_add_text (builder, "path", ferry_task_get_path (task));
  ferry_json_add_text (builder, "description", ferry_task_get_description (task));
  ferry_json_add_size (builder, "bytes-received", ferry_task_get_bytes_received (task));
  ferry_json_add_size (builder, "bytes-expected",
                       ferry_task_get_bytes_expected_to_receive (task));
  ferry_json_add_count (builder, "bytes-per-second", ferry_task_get_rate (task));
  json_builder_set_member_name (builder, "priority");
  json_builder_add_double_value (builder, ferry_task_get_priority (task));
  add_limit (builder, task);
  ferry_json_add_time (builder, "not-before", ferry_task_get_not_before (task));
  ferry_json_add_time (builder, "retry-at", ferry_task_get_retry_at (task));
  ferry_json_add_time (builder, "started-over", ferry_task_get_started_over (task));
  ferry_json_add_time (builder, "created", ferry_task_get_created (task));
  ferry_json_add_time (builder, "finished", ferry_task_get_finished (task));
  add_dict (builder, "digest", ferry_task_get_digest (task), digest_fields,
            G_N_ELEMENTS (digest_fields));
}

/* Their names alone: what is not declared a secret may be one all the same. */
static void
add_header_names (JsonBuilder *builder,
                  GVariant    *options)
{
  g_autoptr(GVariant) headers = NULL;
  GVariantIter iter;
  const char *name;

  json_builder_set_member_name (builder, "header-names");
  json_builder_begin_array (builder);
  if (options != NULL)
    headers = g_variant_lookup_value (options, "headers", G_VARIANT_TYPE ("a{ss}"));
  if (headers != NULL)
    {
      g_variant_iter_init (&iter, headers);
      while (g_variant_iter_next (&iter, "{&s&s}", &name, NULL))
        json_builder_add_string_value (builder, name);
    }
  json_builder_end_array (builder);
}

static void
add_options (JsonBuilder *builder,
             GVariant    *properties)
{
  g_autoptr(GVariant) options = g_variant_lookup_value (properties, "Options",
                                                        G_VARIANT_TYPE_VARDICT);

  json_builder_set_member_name (builder, "options");
  json_builder_begin_object (builder);
  ferry_json_add_fields (builder, options, option_fields, G_N_ELEMENTS (option_fields));
  add_header_names (builder, options);
  json_builder_end_object (builder);
}

static void
add_headers (JsonBuilder *builder,
             GVariant    *response)
{
  g_autoptr(GVariant) headers = g_variant_lookup_value (response, "headers",
                                                        G_VARIANT_TYPE ("a(ss)"));
  GVariantIter iter;
  const char *name;
  const char *value;

  json_builder_set_member_name (builder, "headers");
  json_builder_begin_array (builder);
  if (headers != NULL)
    {
      g_variant_iter_init (&iter, headers);
      while (g_variant_iter_next (&iter, "(&s&s)", &name, &value))
        {
          json_builder_begin_object (builder);
          ferry_json_add_text (builder, "name", name);
          json_builder_set_member_name (builder, "value");
          json_builder_add_string_value (builder, value);
          json_builder_end_object (builder);
        }
    }
  json_builder_end_array (builder);
}

static void
add_response (JsonBuilder *builder,
              GVariant    *response)
{
  static const FerryJsonField status = { "status", FERRY_JSON_NUMBER };

  json_builder_set_member_name (builder, "response");
  if (response == NULL || g_variant_n_children (response) == 0)
    {
      json_builder_add_null_value (builder);
      return;
    }

  json_builder_begin_object (builder);
  ferry_json_add_fields (builder, response, &status, 1);
  add_headers (builder, response);
  json_builder_end_object (builder);
}

static void
add_exchanges (JsonBuilder *builder,
               GVariant    *properties)
{
  g_autoptr(GVariant) exchanges = g_variant_lookup_value (properties, "Metrics",
                                                          G_VARIANT_TYPE ("aa{sv}"));

  json_builder_set_member_name (builder, "exchanges");
  json_builder_begin_array (builder);
  for (gsize i = 0; exchanges != NULL && i < g_variant_n_children (exchanges); i++)
    {
      g_autoptr(GVariant) exchange = g_variant_get_child_value (exchanges, i);

      json_builder_begin_object (builder);
      ferry_json_add_fields (builder, exchange, exchange_fields, G_N_ELEMENTS (exchange_fields));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
}

static void
add_samples (JsonBuilder *builder,
             GVariant    *properties)
{
  GVariantIter *iter;
  guint32 step;
  guint64 bytes;

  json_builder_set_member_name (builder, "samples");
  if (!g_variant_lookup (properties, "Samples", "(uat)", &step, &iter))
    {
      json_builder_add_null_value (builder);
      return;
    }

  json_builder_begin_object (builder);
  ferry_json_add_count (builder, "step-ms", step);
  json_builder_set_member_name (builder, "bytes");
  json_builder_begin_array (builder);
  while (g_variant_iter_next (iter, "t", &bytes))
    json_builder_add_int_value (builder, (gint64) MIN (bytes, G_MAXINT64));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  g_variant_iter_free (iter);
}

static void
add_details (JsonBuilder *builder,
             GVariant    *properties)
{
  static const FerryJsonField mime_type = { "mime-type", FERRY_JSON_TEXT };
  static const FerryJsonField verified = { "length-verified", FERRY_JSON_FLAG };
  g_autoptr(GVariant) response = g_variant_lookup_value (properties, "Response",
                                                         G_VARIANT_TYPE_VARDICT);
  const char *current_url = "";

  (void) g_variant_lookup (properties, "CurrentUrl", "&s", &current_url);  /* else it is unknown */
  ferry_json_add_address (builder, "current-url", current_url);
  ferry_json_add_fields (builder, response, &mime_type, 1);
  ferry_json_add_fields (builder, response, &verified, 1);
  add_options (builder, properties);
  add_response (builder, response);
  add_exchanges (builder, properties);
  add_samples (builder, properties);
}

/**
 * ferry_json_add_task:
 * @builder: a builder, in an array or after the name of a member
 * @task: a task
 * @properties: (nullable): all properties of @task, for its details as well
 */
void
ferry_json_add_task (JsonBuilder *builder,
                     FerryTask   *task,
                     GVariant    *properties)
{
  json_builder_begin_object (builder);
  add_summary (builder, task);
  if (properties != NULL)
    add_details (builder, properties);
  json_builder_end_object (builder);
}
