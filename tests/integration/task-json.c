/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the program prints as JSON, against what the bus says. */
#define G_LOG_DOMAIN "test-task-json"

#include "config.h"

#include <string.h>

#include "task-json.h"

/* Of “2026-11-20T16:35:55.123456Z”. */
#define TIME_LENGTH 27

typedef enum
{
  TEXT,      /* s */
  SIZE,      /* x; −1: null */
  TIME,      /* x; 0: null */
  NUMBER,    /* u, t */
  LIMIT,     /* t; 0: null */
  SHARE,     /* d */
  FLAG,      /* b */
  ERROR,     /* (ss) */
  PATH_END,  /* o */
} Kind;

typedef struct
{
  const char *key;
  const char *property;
  Kind        kind;
} Row;

static const Row task_rows[] = {
  { "session", "Session", PATH_END }, { "kind", "Kind", TEXT }, { "state", "State", TEXT },
  { "reason", "Reason", TEXT }, { "phase", "Phase", TEXT }, { "error", "Error", ERROR },
  { "url", "Url", TEXT }, { "file-name", "FileName", TEXT }, { "path", "Path", TEXT },
  { "description", "Description", TEXT }, { "bytes-received", "BytesReceived", SIZE },
  { "bytes-expected", "BytesExpectedToReceive", SIZE }, { "bytes-per-second", "Rate", NUMBER },
  { "priority", "Priority", SHARE }, { "download-limit", "DownloadLimit", LIMIT },
  { "not-before", "NotBefore", TIME }, { "retry-at", "RetryAt", TIME },
  { "started-over", "StartedOver", TIME }, { "created", "Created", TIME },
  { "finished", "Finished", TIME },
};

static const Row reason_rows[] = {
  { "position", "position", NUMBER }, { "host", "host", TEXT }, { "until", "until", TIME },
  { "needed-bytes", "needed-bytes", NUMBER }, { "cause", "cause", ERROR },
};

static const Row digest_rows[] = {
  { "algorithm", "algorithm", TEXT }, { "value", "value", TEXT },
  { "verified", "verified", FLAG }, { "weak", "weak", FLAG },
};

static const Row option_rows[] = {
  { "destination", "destination", TEXT }, { "filename", "filename", TEXT },
  { "overwrite", "overwrite", FLAG }, { "referrer", "referrer", TEXT },
  { "expected-size", "expected-size", SIZE }, { "request-timeout", "request-timeout", NUMBER },
};

static const Row exchange_rows[] = {
  { "url", "url", TEXT }, { "started", "started", TIME }, { "status", "status", NUMBER },
  { "resume-basis", "resume-basis", TEXT }, { "header-bytes", "header-bytes", NUMBER },
  { "body-bytes", "body-bytes", NUMBER }, { "dns-end", "dns-end", NUMBER },
  { "connect-end", "connect-end", NUMBER }, { "request-start", "request-start", NUMBER },
  { "response-start", "response-start", NUMBER }, { "duration", "duration", NUMBER },
};

JsonNode *
task_json_parse (const char *text)
{
  g_autoptr(GError) error = NULL;
  JsonNode *root = json_from_string (text, &error);

  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (root));
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (root), "schema"), ==, 1);
  return root;
}

JsonArray *
task_json_get_tasks (JsonNode *root)
{
  static const char *const keys[] = { "schema", "tasks", NULL };

  task_json_assert_keys (json_node_get_object (root), keys);
  return json_object_get_array_member (json_node_get_object (root), "tasks");
}

void
task_json_assert_keys (JsonObject        *object,
                       const char *const *keys)
{
  guint n_keys = g_strv_length ((char **) keys);

  for (guint i = 0; i < n_keys; i++)
    {
      if (!json_object_has_member (object, keys[i]))
        g_error ("there is no “%s”", keys[i]);
    }
  g_assert_cmpuint (json_object_get_size (object), ==, n_keys);
}

/* @manual: the text of its section JSON */
static void
assert_node_documented (JsonNode   *node,
                        const char *manual)
{
  g_autoptr(GList) keys = NULL;

  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        assert_node_documented (json_array_get_element (array, i), manual);
      return;
    }
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return;

  keys = json_object_get_members (json_node_get_object (node));
  for (GList *at = keys; at != NULL; at = at->next)
    {
      g_autoptr(GString) word = g_string_new (at->data);

      (void) g_string_replace (word, "-", "\\-", 0);  /* as the manual writes a hyphen */
      if (strstr (manual, word->str) == NULL)
        g_error ("the manual does not have “%s”", word->str);
      assert_node_documented (json_object_get_member (json_node_get_object (node), at->data),
                              manual);
    }
}

void
task_json_assert_documented (JsonNode *root)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "data", "man", "ferry.1", NULL);
  g_autofree char *manual = NULL;
  g_autoptr(GError) error = NULL;
  const char *section;

  g_file_get_contents (path, &manual, NULL, &error);
  g_assert_no_error (error);
  section = strstr (manual, ".SH JSON\n");
  g_assert_nonnull (section);
  assert_node_documented (root, section);
}

/* NULL for a null. */
static JsonNode *
get_member (JsonObject *object,
            const char *key)
{
  JsonNode *node;

  if (!json_object_has_member (object, key))
    g_error ("there is no “%s”", key);

  node = json_object_get_member (object, key);
  return JSON_NODE_HOLDS_NULL (node) ? NULL : node;
}

/* @number: −1: it must be null */
static void
assert_number (JsonNode   *node,
               const char *key,
               gint64      number)
{
  if ((node == NULL) != (number < 0) ||
      (node != NULL && (json_node_get_value_type (node) != G_TYPE_INT64 ||
                        json_node_get_int (node) != number)))
    g_error ("“%s” is not %" G_GINT64_FORMAT, key, number);
}

static void
assert_text (JsonNode   *node,
             const char *key,
             const char *text)
{
  if (*text == '\0')
    text = NULL;

  g_test_message ("%s", key);
  g_assert_cmpstr (node != NULL ? json_node_get_string (node) : NULL, ==, text);
}

/* @time: Unix µs */
static void
assert_time (JsonNode   *node,
             const char *key,
             gint64      time)
{
  g_autoptr(GDateTime) date = NULL;

  if (time == 0)
    {
      g_assert_null (node);
      return;
    }

  g_test_message ("%s", key);
  g_assert_nonnull (node);
  g_assert_cmpuint (strlen (json_node_get_string (node)), ==, TIME_LENGTH);
  g_assert_true (g_str_has_suffix (json_node_get_string (node), "Z"));
  date = g_date_time_new_from_iso8601 (json_node_get_string (node), NULL);
  g_assert_nonnull (date);
  g_assert_cmpint (g_date_time_to_unix (date) * G_USEC_PER_SEC + g_date_time_get_microsecond (date),
                   ==, time);
}

static void
assert_error (JsonNode *node,
              GVariant *value)
{
  static const char *const keys[] = { "kind", "message", NULL };
  const char *name = "";
  const char *message = "";

  if (value != NULL)
    g_variant_get (value, "(&s&s)", &name, &message);
  if (*name == '\0')
    {
      g_assert_null (node);
      return;
    }

  g_assert_nonnull (node);
  task_json_assert_keys (json_node_get_object (node), keys);
  assert_text (get_member (json_node_get_object (node), "kind"), "kind",
               name + strlen (FERRY_SERVICE_ID ".Error."));
  assert_text (get_member (json_node_get_object (node), "message"), "message", message);
}

/* @value: NULL where the bus says nothing */
static void
assert_row (JsonObject *object,
            const Row  *row,
            GVariant   *value)
{
  JsonNode *node = get_member (object, row->key);
  gint64 number;

  if (value == NULL || row->kind == ERROR)
    {
      if (row->kind == ERROR)
        assert_error (node, value);
      else
        g_assert_null (node);
      return;
    }

  switch (row->kind)
    {
    case TEXT:
      assert_text (node, row->key, g_variant_get_string (value, NULL));
      break;
    case SIZE:
      assert_number (node, row->key, g_variant_get_int64 (value));
      break;
    case TIME:
      assert_time (node, row->key, g_variant_get_int64 (value));
      break;
    case NUMBER:
    case LIMIT:
      number = g_variant_is_of_type (value, G_VARIANT_TYPE_UINT32)
                 ? g_variant_get_uint32 (value)
                 : (gint64) g_variant_get_uint64 (value);
      assert_number (node, row->key, number == 0 && row->kind == LIMIT ? -1 : number);
      break;
    case SHARE:
      g_assert_cmpfloat (json_node_get_double (node), ==, g_variant_get_double (value));
      break;
    case FLAG:
      g_assert_nonnull (node);
      g_assert_cmpint (json_node_get_boolean (node), ==, g_variant_get_boolean (value));
      break;
    case PATH_END:
      assert_number (node, row->key,
                     g_ascii_strtoll (strrchr (g_variant_get_string (value, NULL), '/') + 1, NULL,
                                      10));
      break;
    case ERROR:
    default:
      g_assert_not_reached ();
    }
}

/* @dict: NULL: all must be null. @n_more: keys that are looked at elsewhere */
static void
assert_rows (JsonObject *object,
             GVariant   *dict,
             const Row  *rows,
             guint       n_rows,
             guint       n_more)
{
  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr(GVariant) value = NULL;

      if (dict != NULL)
        value = g_variant_lookup_value (dict, rows[i].property, NULL);
      assert_row (object, &rows[i], value);
    }

  g_assert_cmpuint (json_object_get_size (object), ==, n_rows + n_more);
}

/* Null where the dict has nothing. */
static void
assert_dict (JsonObject *object,
             const char *key,
             GVariant   *dict,
             const Row  *rows,
             guint       n_rows,
             guint       n_more)
{
  JsonNode *node = get_member (object, key);

  if (g_variant_n_children (dict) == 0)
    g_assert_null (node);
  else
    assert_rows (json_node_get_object (node), dict, rows, n_rows, n_more);
}

static void
assert_reason (JsonObject *object,
               GVariant   *properties)
{
  g_autoptr(GVariant) details = g_variant_lookup_value (properties, "ReasonDetails", NULL);
  JsonNode *node = get_member (object, "reason-details");
  const char *state;

  g_assert_true (g_variant_lookup (properties, "State", "&s", &state));
  if (strcmp (state, "waiting") == 0)
    assert_rows (json_node_get_object (node), details, reason_rows, G_N_ELEMENTS (reason_rows), 0);
  else
    g_assert_null (node);
}

static void
assert_options (JsonObject *object,
                GVariant   *properties)
{
  g_autoptr(GVariant) options = g_variant_lookup_value (properties, "Options", NULL);
  g_autoptr(GVariant) headers = g_variant_lookup_value (options, "headers", NULL);
  JsonObject *told = json_object_get_object_member (object, "options");
  JsonArray *names = json_object_get_array_member (told, "header-names");
  gsize n_headers = headers != NULL ? g_variant_n_children (headers) : 0;

  assert_rows (told, options, option_rows, G_N_ELEMENTS (option_rows), 1);
  g_assert_cmpuint (json_array_get_length (names), ==, n_headers);
  for (guint i = 0; i < n_headers; i++)
    {
      const char *name;

      g_variant_get_child (headers, i, "{&s&s}", &name, NULL);
      g_assert_cmpstr (json_array_get_string_element (names, i), ==, name);
    }
}

static void
assert_response (JsonObject *object,
                 GVariant   *response)
{
  static const char *const keys[] = { "status", "headers", NULL };
  static const Row status = { "status", "status", NUMBER };
  JsonNode *node = get_member (object, "response");
  g_autoptr(GVariant) code = g_variant_lookup_value (response, "status", NULL);
  g_autoptr(GVariant) headers = g_variant_lookup_value (response, "headers", NULL);
  JsonArray *told;

  if (g_variant_n_children (response) == 0)
    {
      g_assert_null (node);
      return;
    }

  task_json_assert_keys (json_node_get_object (node), keys);
  assert_row (json_node_get_object (node), &status, code);
  told = json_object_get_array_member (json_node_get_object (node), "headers");
  g_assert_cmpuint (json_array_get_length (told), ==, g_variant_n_children (headers));
  for (guint i = 0; i < json_array_get_length (told); i++)
    {
      JsonObject *header = json_array_get_object_element (told, i);
      const char *name;
      const char *value;

      g_variant_get_child (headers, i, "(&s&s)", &name, &value);
      g_assert_cmpstr (json_object_get_string_member (header, "name"), ==, name);
      g_assert_cmpstr (json_object_get_string_member (header, "value"), ==, value);
    }
}

static void
assert_exchanges (JsonObject *object,
                  GVariant   *properties)
{
  g_autoptr(GVariant) metrics = g_variant_lookup_value (properties, "Metrics", NULL);
  JsonArray *told = json_object_get_array_member (object, "exchanges");

  g_assert_cmpuint (json_array_get_length (told), ==, g_variant_n_children (metrics));
  for (guint i = 0; i < json_array_get_length (told); i++)
    {
      g_autoptr(GVariant) exchange = g_variant_get_child_value (metrics, i);

      assert_rows (json_array_get_object_element (told, i), exchange, exchange_rows,
                   G_N_ELEMENTS (exchange_rows), 0);
    }
}

static void
assert_samples (JsonObject *object,
                GVariant   *properties)
{
  static const char *const keys[] = { "step-ms", "bytes", NULL };
  JsonObject *told = json_object_get_object_member (object, "samples");
  JsonArray *bytes = json_object_get_array_member (told, "bytes");
  g_autoptr(GVariant) samples = g_variant_lookup_value (properties, "Samples", NULL);
  g_autoptr(GVariant) steps = g_variant_get_child_value (samples, 1);
  guint32 step;

  task_json_assert_keys (told, keys);
  g_variant_get_child (samples, 0, "u", &step);
  g_assert_cmpint (json_object_get_int_member (told, "step-ms"), ==, step);
  g_assert_cmpuint (json_array_get_length (bytes), ==, g_variant_n_children (steps));
  for (guint i = 0; i < json_array_get_length (bytes); i++)
    {
      guint64 count;

      g_variant_get_child (steps, i, "t", &count);
      g_assert_cmpint (json_array_get_int_element (bytes, i), ==, (gint64) count);
    }
}

static void
assert_details (JsonObject *object,
                GVariant   *properties)
{
  static const Row current = { "current-url", NULL, TEXT };
  static const Row mime_type = { "mime-type", NULL, TEXT };
  static const Row verified = { "length-verified", NULL, FLAG };
  g_autoptr(GVariant) response = g_variant_lookup_value (properties, "Response", NULL);
  g_autoptr(GVariant) url = g_variant_lookup_value (properties, "CurrentUrl", NULL);
  g_autoptr(GVariant) type = g_variant_lookup_value (response, "mime-type", NULL);
  g_autoptr(GVariant) whole = g_variant_lookup_value (response, "length-verified", NULL);

  assert_row (object, &current, url);
  assert_row (object, &mime_type, type);
  assert_row (object, &verified, whole);
  assert_options (object, properties);
  assert_response (object, response);
  assert_exchanges (object, properties);
  assert_samples (object, properties);
}

/* The keys that assert_details() looks at, and those of which assert_rows() knows nothing. */
#define N_DETAILS 7
#define N_OTHERS 3

void
task_json_assert (JsonObject *object,
                  Client     *client,
                  const char *path,
                  gboolean    details)
{
  g_autoptr(GVariant) answer = client_call (client, path, PROPERTIES, "GetAll",
                                            g_variant_new ("(s)", FERRY_SERVICE_ID ".Task"));
  g_autoptr(GVariant) properties = g_variant_get_child_value (answer, 0);
  g_autoptr(GVariant) digest = g_variant_lookup_value (properties, "Digest", NULL);

  assert_number (get_member (object, "number"), "number",
                 g_ascii_strtoll (strrchr (path, '/') + 1, NULL, 10));
  assert_rows (object, properties, task_rows, G_N_ELEMENTS (task_rows),
               N_OTHERS + (details ? N_DETAILS : 0));
  assert_reason (object, properties);
  assert_dict (object, "digest", digest, digest_rows, G_N_ELEMENTS (digest_rows), 0);
  if (details)
    assert_details (object, properties);
}
