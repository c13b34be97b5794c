/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-answer"

#include "config.h"

#include <string.h>

#include "support/answer.h"

#define CHUNK (16 * 1024)

typedef enum { WHOLE, PART, NOTHING } Kind;

/* What a well-behaved server would make of the request. */
static Kind
choose_kind (TestExchange     *x,
             const TestAnswer *answer)
{
  const char *date = g_strcmp0 (answer->last_modified, TEST_YOUNG_DATE) == 0
                     ? test_server_get_young_date (x->server) : answer->last_modified;

  if (!x->has_range || answer->ranges == TEST_RANGES_IGNORED || answer->status != NULL ||
      answer->body != NULL || answer->filler > 0)
    return WHOLE;

  if (x->if_range != NULL && answer->ranges == TEST_RANGES_HONOURED &&
      (g_str_has_prefix (x->if_range, "W/") || g_strcmp0 (x->if_range, answer->etag) != 0) &&
      g_strcmp0 (x->if_range, date) != 0)
    return WHOLE;

  return x->range_start < answer->content.size ? PART : NOTHING;
}

static void
find_range (TestExchange     *x,
            const TestAnswer *answer,
            gint64           *from,
            gint64           *to)
{
  gint64 size = answer->content.size;

  *from = 0;
  *to = answer->body != NULL ? (gint64) strlen (answer->body)
        : answer->filler > 0 ? answer->filler : size;
  if (choose_kind (x, answer) == PART)
    {
      *from = x->range_start >= 0 ? x->range_start : MAX (0, size + x->range_start);
      *from = CLAMP (*from + answer->shift, 0, size);
      if (x->range_end >= 0)
        *to = MIN (size, x->range_end + 1);
      if (answer->at_most > 0)
        *to = MIN (*to, *from + answer->at_most);
    }
  else if (choose_kind (x, answer) == NOTHING)
    {
      *to = 0;
    }
}

static void
append_framing (GString          *head,
                const TestAnswer *answer,
                gint64            length)
{
  switch (answer->framing)
    {
    case TEST_FRAMING_LENGTH:
      g_string_append_printf (head, "Content-Length: %" G_GINT64_FORMAT "\r\n",
                              length + answer->length_error);
      break;
    case TEST_FRAMING_CHUNKED:
      g_string_append (head, "Transfer-Encoding: chunked\r\n");
      break;
    case TEST_FRAMING_NONE:
    default:
      break;
    }
}

static void
append_validators (GString          *head,
                   TestExchange     *x,
                   const TestAnswer *answer)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = g_date_time_format (now, "%a, %d %b %Y %H:%M:%S GMT");
  gboolean is_young = g_strcmp0 (answer->last_modified, TEST_YOUNG_DATE) == 0;

  if (!answer->no_date)
    g_string_append_printf (head, "Date: %s\r\n", date);
  if (answer->etag != NULL)
    g_string_append_printf (head, "ETag: %s\r\n", answer->etag);
  if (answer->last_modified != NULL)
    g_string_append_printf (head, "Last-Modified: %s\r\n",
                            is_young ? test_server_get_young_date (x->server)
                                     : answer->last_modified);
}

gboolean
test_answer_is_given (const TestAnswer *answer)
{
  return answer->status != NULL || answer->behave != NULL || answer->body != NULL ||
         answer->content.size > 0 || answer->filler > 0;
}

void
test_answer_head (TestExchange     *x,
                  const TestAnswer *answer)
{
  static const char *const status_of[] = {
    [WHOLE] = "200 OK", [PART] = "206 Partial Content", [NOTHING] = "416 Range Not Satisfiable",
  };
  Kind kind = choose_kind (x, answer);
  g_autoptr(GString) head = g_string_new (answer->http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ");
  g_autofree char *total = g_strdup_printf ("%" G_GINT64_FORMAT, answer->content.size);
  gint64 from;
  gint64 to;

  find_range (x, answer, &from, &to);
  g_string_append_printf (head, "%s\r\n",
                          answer->status != NULL ? answer->status : status_of[kind]);
  append_validators (head, x, answer);
  append_framing (head, answer, to - from);
  if (kind == PART)
    g_string_append_printf (head, "Content-Range: bytes %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT
                            "/%s\r\n", from, to - 1, answer->total != NULL ? answer->total : total);
  else if (kind == NOTHING)
    g_string_append_printf (head, "Content-Range: bytes */%s\r\n",
                            answer->total != NULL ? answer->total : total);
  if (answer->ranges != TEST_RANGES_IGNORED)
    g_string_append (head, "Accept-Ranges: bytes\r\n");
  if (answer->headers != NULL)
    g_string_append (head, answer->headers);
  test_exchange_write (x, head->str, head->len);
}

static void
send_body (TestExchange     *x,
           const TestAnswer *answer,
           gint64            from,
           gint64            to)
{
  if (answer->body != NULL)
    test_exchange_write (x, answer->body + from, to - from);
  else if (answer->filler > 0)
    test_exchange_send_filler (x, to - from);
  else if (answer->framing != TEST_FRAMING_CHUNKED)
    test_exchange_send_content (x, &answer->content, from, to);
  else
    for (gint64 at = from; at < to; at += CHUNK)
      test_exchange_send_chunk (x, NULL, &answer->content, at, MIN (at + CHUNK, to));
}

void
test_answer (TestExchange *x,
             gpointer      data)
{
  const TestAnswer *answer = data;
  gboolean is_cut;
  gint64 from;
  gint64 to;

  if (answer->behave != NULL)
    {
      answer->behave (x, answer->data);
      return;
    }

  test_answer_head (x, answer);
  test_exchange_write (x, "\r\n", 2);
  find_range (x, answer, &from, &to);
  is_cut = answer->cut > 0 && answer->cut < to - from;
  if (is_cut)
    to = from + answer->cut;
  if (strcmp (x->request->method, "HEAD") != 0)
    {
      send_body (x, answer, from, to);
      if (answer->end == TEST_END_CLOSE)
        test_exchange_cork (x);
      if (answer->framing == TEST_FRAMING_CHUNKED && !is_cut && !answer->no_last_chunk)
        test_exchange_write (x, "0\r\n\r\n", 5);
    }

  switch (answer->end)
    {
    case TEST_END_STALL:
      test_exchange_stall (x);
      break;
    case TEST_END_RESET:
      test_exchange_reset (x);
      break;
    case TEST_END_CLOSE:
      x->close_after = TRUE;
      break;
    case TEST_END_KEEP:
    default:
      x->close_after = is_cut || answer->framing == TEST_FRAMING_NONE || answer->http_1_0;
      break;
    }
}
