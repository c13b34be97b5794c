/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What the verbs print with --json.
 *
 * The manual has all keys, in its section JSON, and the promise: `schema` is 1 at the top of each
 * object that is printed. Keys may be added, also to the objects within; what a key means, its type
 * and its unit do not change, nor does it go away, without `schema` becoming 2. All keys are always
 * there. What is unknown, or does not apply, is null. Sizes are integers in bytes, rates integers
 * in bytes a second, times strings of ISO 8601 in UTC with microseconds. Words are those of the bus
 * API. There is never a secret: no user and password of an address, no value of a request's header.
 */
#define G_LOG_DOMAIN "ferry-json"

#include "config.h"

#include <string.h>

#include "common/url.h"
#include "json.h"

#define SCHEMA 1

/**
 * ferry_json_begin:
 *
 * Returns: (transfer full): a builder, within the object that is to be printed
 */
JsonBuilder *
ferry_json_begin (void)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "schema");
  json_builder_add_int_value (builder, SCHEMA);
  return builder;
}

/* The output may be a terminal: what would move its cursor, or turn the letters around, is escaped,
 * which means the same. All of that is within strings. */
static char *
escape (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);
      GUnicodeType type = g_unichar_type (c);
      gboolean acts = type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT ||
                      type == G_UNICODE_LINE_SEPARATOR || type == G_UNICODE_PARAGRAPH_SEPARATOR;

      /* Those above are tags, which terminals pass over. */
      if (acts && c != '\n' && c <= 0xFFFF)
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_unichar (out, c);
    }

  return g_string_free (out, FALSE);
}

/**
 * ferry_json_end:
 * @builder: a builder, within the object that is to be printed
 * @pretty: whether it is to be indented, not one line
 *
 * Returns: the object as text, with the end of the last line
 */
char *
ferry_json_end (JsonBuilder *builder,
                gboolean     pretty)
{
  g_autoptr(JsonGenerator) generator = json_generator_new ();
  g_autoptr(JsonNode) root = NULL;
  g_autofree char *text = NULL;
  g_autofree char *escaped = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, pretty);
  text = json_generator_to_data (generator, NULL);
  escaped = escape (text);
  return g_strconcat (escaped, "\n", NULL);
}

/**
 * ferry_json_add_text:
 * @builder: a builder, within an object
 * @key: the key
 * @text: (nullable): the text; empty, as %NULL, is unknown
 */
void
ferry_json_add_text (JsonBuilder *builder,
                     const char  *key,
                     const char  *text)
{
  json_builder_set_member_name (builder, key);
  if (text != NULL && *text != '\0')
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

/**
 * ferry_json_add_address:
 * @builder: a builder, within an object
 * @key: the key
 * @url: (nullable): an address; its user and password are left out
 */
void
ferry_json_add_address (JsonBuilder *builder,
                        const char  *key,
                        const char  *url)
{
  g_autofree char *address = url != NULL ? ferry_url_without_secrets (url) : NULL;

  ferry_json_add_text (builder, key, address);
}

/**
 * ferry_json_add_size:
 * @builder: a builder, within an object
 * @key: the key
 * @size: bytes; negative: unknown
 */
void
ferry_json_add_size (JsonBuilder *builder,
                     const char  *key,
                     gint64       size)
{
  json_builder_set_member_name (builder, key);
  if (size >= 0)
    json_builder_add_int_value (builder, size);
  else
    json_builder_add_null_value (builder);
}

void
ferry_json_add_count (JsonBuilder *builder,
                      const char  *key,
                      guint64      count)
{
  ferry_json_add_size (builder, key, (gint64) MIN (count, G_MAXINT64));
}

/**
 * ferry_json_add_time:
 * @builder: a builder, within an object
 * @key: the key
 * @time: Unix time in µs; 0: none
 */
void
ferry_json_add_time (JsonBuilder *builder,
                     const char  *key,
                     gint64       time)
{
  g_autoptr(GDateTime) date = NULL;
  g_autofree char *seconds = NULL;
  g_autofree char *text = NULL;

  /* NULL: the year would have more than four digits. */
  if (time > 0)
    date = g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC);
  if (date != NULL)
    {
      seconds = g_date_time_format (date, "%Y-%m-%dT%H:%M:%S");
      text = g_strdup_printf ("%s.%06dZ", seconds, (int) (time % G_USEC_PER_SEC));
    }

  ferry_json_add_text (builder, key, text);
}

/**
 * ferry_json_add_error:
 * @builder: a builder, within an object
 * @key: the key
 * @error: (nullable): an error
 */
void
ferry_json_add_error (JsonBuilder  *builder,
                      const char   *key,
                      const GError *error)
{
  const char *kind = NULL;

  json_builder_set_member_name (builder, key);
  if (error == NULL)
    {
      json_builder_add_null_value (builder);
      return;
    }

  if (error->domain == FERRY_ERROR)
    kind = strrchr (ferry_error_get_bus_name (error->code), '.') + 1;
  json_builder_begin_object (builder);
  ferry_json_add_text (builder, "kind", kind);
  ferry_json_add_text (builder, "message", error->message);
  json_builder_end_object (builder);
}

static void
add_value (JsonBuilder          *builder,
           const FerryJsonField *field,
           GVariant             *value)
{
  switch (field->kind)
    {
    case FERRY_JSON_TEXT:
      ferry_json_add_text (builder, field->key, g_variant_get_string (value, NULL));
      break;
    case FERRY_JSON_ADDRESS:
      ferry_json_add_address (builder, field->key, g_variant_get_string (value, NULL));
      break;
    case FERRY_JSON_SIZE:
      ferry_json_add_size (builder, field->key, g_variant_get_int64 (value));
      break;
    case FERRY_JSON_TIME:
      ferry_json_add_time (builder, field->key, g_variant_get_int64 (value));
      break;
    case FERRY_JSON_COUNT:
      ferry_json_add_count (builder, field->key, g_variant_get_uint64 (value));
      break;
    case FERRY_JSON_NUMBER:
      ferry_json_add_count (builder, field->key, g_variant_get_uint32 (value));
      break;
    case FERRY_JSON_FLAG:
      json_builder_set_member_name (builder, field->key);
      json_builder_add_boolean_value (builder, g_variant_get_boolean (value));
      break;
    default:
      g_assert_not_reached ();
    }
}

/**
 * ferry_json_add_fields:
 * @builder: a builder, within an object
 * @dict: (nullable): a{sv} of the bus API
 * @fields: (array length=n_fields): the keys to take from it
 * @n_fields: their number
 *
 * Adds each of @fields, as null where @dict does not have it.
 */
void
ferry_json_add_fields (JsonBuilder          *builder,
                       GVariant             *dict,
                       const FerryJsonField *fields,
                       guint                 n_fields)
{
  static const char *const types[] = {
    [FERRY_JSON_TEXT] = "s",
    [FERRY_JSON_ADDRESS] = "s",
    [FERRY_JSON_SIZE] = "x",
    [FERRY_JSON_TIME] = "x",
    [FERRY_JSON_COUNT] = "t",
    [FERRY_JSON_NUMBER] = "u",
    [FERRY_JSON_FLAG] = "b",
  };

  for (guint i = 0; i < n_fields; i++)
    {
      const GVariantType *type = G_VARIANT_TYPE (types[fields[i].kind]);
      g_autoptr(GVariant) value = NULL;

      if (dict != NULL)
        value = g_variant_lookup_value (dict, fields[i].key, type);
      if (value != NULL)
        add_value (builder, &fields[i], value);
      else
        ferry_json_add_text (builder, fields[i].key, NULL);
    }
}
