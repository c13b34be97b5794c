/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-facts"

#include "config.h"

#include "common/content-disposition.h"
#include "common/file-name.h"
#include "common/http-date.h"
#include "common/retry-after.h"
#include "transfer/facts.h"

/* Below this a second version may carry the first one's date (RFC 9110 §8.8.2.2). */
#define STRONG_DATE_GAP_S 60

/* What the result is called when neither the caller, the server nor the address has a name for
 * it. */
#define NAMELESS "download"

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static char *
dup_header (SoupMessageHeaders *headers,
            const char         *name)
{
  const char *value = soup_message_headers_get_one (headers, name);

  return value != NULL && *value != '\0' ? g_strdup (value) : NULL;
}

static void
read_date (FerrydFacts        *facts,
           SoupMessageHeaders *headers)
{
  const char *date = soup_message_headers_get_one (headers, "Date");
  gint64 modified;
  gint64 sent;

  facts->last_modified = dup_header (headers, "Last-Modified");
  if (facts->last_modified == NULL)
    return;

  modified = ferry_http_date_parse (facts->last_modified, now_s ());
  if (modified < 0)
    {
      g_clear_pointer (&facts->last_modified, g_free);
      return;
    }

  sent = date != NULL ? ferry_http_date_parse (date, now_s ()) : -1;
  facts->date_is_strong = sent >= 0 && sent - modified >= STRONG_DATE_GAP_S;
}

static void
read_coding (FerrydFacts        *facts,
             SoupMessageHeaders *headers)
{
  facts->coding = dup_header (headers, "Content-Encoding");
  if (facts->coding != NULL && g_ascii_strcasecmp (facts->coding, "identity") == 0)
    g_clear_pointer (&facts->coding, g_free);
}

static void
read_type (FerrydFacts        *facts,
           SoupMessageHeaders *headers)
{
  const char *type = soup_message_headers_get_content_type (headers, NULL);

  facts->is_multipart = type != NULL && g_ascii_strcasecmp (type, "multipart/byteranges") == 0;
  facts->is_html = type != NULL && (g_ascii_strcasecmp (type, "text/html") == 0 ||
                                    g_ascii_strcasecmp (type, "application/xhtml+xml") == 0);
}

/* libsoup takes any one of several. */
static gboolean
has_several_lengths (SoupMessageHeaders *headers)
{
  const char *list = soup_message_headers_get_list (headers, "Content-Length");
  g_auto(GStrv) lengths = list != NULL ? g_strsplit (list, ",", -1) : NULL;

  for (guint i = 1; lengths != NULL && i < g_strv_length (lengths); i++)
    {
      if (g_strcmp0 (g_strstrip (lengths[i]), g_strstrip (lengths[0])) != 0)
        return TRUE;
    }

  return FALSE;
}

void
ferryd_facts_read (FerrydFacts *facts,
                   SoupMessage *message)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *range = soup_message_headers_get_one (headers, "Content-Range");

  *facts = (FerrydFacts) { .status = soup_message_get_status (message), .length = -1 };
  facts->etag = dup_header (headers, "ETag");
  if (facts->etag != NULL && g_str_has_suffix (facts->etag, "\"\""))
    g_clear_pointer (&facts->etag, g_free);  /* an empty one tells no versions apart */
  facts->digest_field = dup_header (headers, "Repr-Digest");
  facts->refuses_ranges = soup_message_headers_header_equals (headers, "Accept-Ranges", "none");
  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH)
    facts->length = soup_message_headers_get_content_length (headers);
  facts->has_lengths = has_several_lengths (headers);
  facts->has_range = range != NULL && ferry_content_range_parse (range, &facts->range);
  read_date (facts, headers);
  read_coding (facts, headers);
  read_type (facts, headers);
}

void
ferryd_facts_clear (FerrydFacts *facts)
{
  g_clear_pointer (&facts->etag, g_free);
  g_clear_pointer (&facts->last_modified, g_free);
  g_clear_pointer (&facts->coding, g_free);
  g_clear_pointer (&facts->digest_field, g_free);
}

void
ferryd_facts_describe (const FerrydFacts *facts,
                       FerrydPart        *part)
{
  ferryd_part_clear (part);
  part->total = facts->status == SOUP_STATUS_PARTIAL_CONTENT ? facts->range.total : facts->length;
  part->etag = g_strdup (facts->etag);
  part->last_modified = g_strdup (facts->last_modified);
  part->date_is_strong = facts->date_is_strong;
  part->coding = g_strdup (facts->coding);
  part->is_html = facts->is_html;
  part->refuses_ranges = facts->refuses_ranges;
  part->digest_field = g_strdup (facts->digest_field);
}

static gboolean
is_private (const char *name)
{
  return g_ascii_strcasecmp (name, "Set-Cookie") == 0 ||
         g_ascii_strcasecmp (name, "Set-Cookie2") == 0 ||
         g_ascii_strcasecmp (name, "WWW-Authenticate") == 0 ||
         g_ascii_strcasecmp (name, "Proxy-Authenticate") == 0;
}

GVariant *
ferryd_facts_describe_response (SoupMessage *message)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *type = soup_message_headers_get_content_type (headers, NULL);
  SoupMessageHeadersIter iter;
  const char *name;
  const char *value;
  GVariantBuilder pairs;
  GVariantBuilder response;

  g_variant_builder_init (&pairs, G_VARIANT_TYPE ("a(ss)"));
  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      GVariant *pair[2];

      if (is_private (name))
        continue;

      pair[0] = g_variant_new_take_string (g_utf8_make_valid (name, -1));
      pair[1] = g_variant_new_take_string (g_utf8_make_valid (value, -1));
      g_variant_builder_add_value (&pairs, g_variant_new_tuple (pair, G_N_ELEMENTS (pair)));
    }

  g_variant_builder_init (&response, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&response, "{sv}", "status",
                         g_variant_new_uint32 (soup_message_get_status (message)));
  g_variant_builder_add (&response, "{sv}", "headers", g_variant_builder_end (&pairs));
  if (type != NULL && g_utf8_validate (type, -1, NULL))
    g_variant_builder_add (&response, "{sv}", "mime-type", g_variant_new_string (type));

  return g_variant_ref_sink (g_variant_builder_end (&response));
}

/* Not cleaned; NULL: none. */
static char *
get_disposition_name (SoupMessage *message)
{
  const char *value = soup_message_headers_get_one (soup_message_get_response_headers (message),
                                                    "Content-Disposition");

  return value != NULL ? ferry_content_disposition_get_file_name (value, strlen (value)) : NULL;
}

char *
ferryd_facts_choose_name (SoupMessage *message,
                          const char  *wanted,
                          const char  *url)
{
  g_autofree char *header = get_disposition_name (message);
  g_autofree char *current_url = g_uri_to_string_partial (soup_message_get_uri (message),
                                                          G_URI_HIDE_USERINFO);
  char *name = NULL;

  if (wanted != NULL)
    name = ferry_file_name_clean (wanted);
  if (name == NULL && header != NULL)
    name = ferry_file_name_clean (header);
  if (name == NULL)
    name = ferry_file_name_from_url (current_url);
  if (name == NULL)
    name = ferry_file_name_from_url (url);

  return name != NULL ? name : g_strdup (NAMELESS);
}

gint64
ferryd_facts_get_retry_after (SoupMessage *message)
{
  const char *value = soup_message_headers_get_one (soup_message_get_response_headers (message),
                                                    "Retry-After");

  return value != NULL ? ferry_retry_after_parse (value, now_s ()) : -1;
}

gboolean
ferryd_facts_said_close (SoupMessage *message)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);

  return soup_message_headers_header_contains (headers, "Connection", "close") ||
         (soup_message_get_http_version (message) == SOUP_HTTP_1_0 &&
          !soup_message_headers_header_contains (headers, "Connection", "keep-alive"));
}
