/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-answers"

#include "config.h"

#include <string.h>

#include "support/memory.h"
#include "versions.h"

#define LOGIN_PAGE "<!DOCTYPE html><title>Sign in</title>Who are you?"
#define HTML "Content-Type: text/html; charset=utf-8\r\n"

#define MIB (1024 * 1024)
#define BIG { .seed = 3, .size = 3 * MIB }

static void
check_bytes_kept (TestCase            *c,
                  const FerrydOutcome *outcome)
{
  if (outcome->error != NULL)
    g_assert_cmpint (outcome->kept->part.offset, ==, c->row->kept);
  g_assert_cmpint (outcome->kept->started_over, ==, 0);
}

static void
check_nothing_kept (TestCase            *c,
                    const FerrydOutcome *outcome)
{
  g_autofree char *list = test_bed_list (c->bed);

  g_assert_cmpint (outcome->kept->part.offset, ==, 0);
  g_assert_cmpstr (list, ==, "");
}

static void
set_behind_portal (TestCase *c)
{
  c->bed->plan->behind_portal = TRUE;
}

#define RULE_STATUS "§6: other 4xx → failed, with the status"
#define RULE_RETRY "§6 Retry: `Retry-After` honoured in full"
#define RULE_GONE "§6: 404, 410, 403 with bytes kept → new-url"
#define RULE_LOGIN \
  "§6: HTML where there was none is a login page: wait with captive-portal (when the monitor " \
  "says so) or new-url"
#define RULE_SMALL "§6: or less than 1 MiB against more kept, is a login page"

/* @name is also the status that the outcome must have. */
static void
check_status (TestCase            *c,
              const FerrydOutcome *outcome)
{
  g_assert_cmpuint (outcome->status, ==, g_ascii_strtoull (c->row->name, NULL, 10));
  check_nothing_kept (c, outcome);
}

#define STATUS(line, word) \
  { line, RULE_STATUS, { { .status = line, .body = "no" } }, .ends = word, .check = check_status }

static const TestRow statuses[] = {
  { "204 No Content", RULE_STATUS, { { .status = "204 No Content", .framing = TEST_FRAMING_NONE,
    .body = "" } }, .ends = "server", .check = check_status },
  STATUS ("300 Multiple Choices", "server"),
  { "304 Not Modified", RULE_STATUS, { { .status = "304 Not Modified", .framing = TEST_FRAMING_NONE,
    .body = "" } }, .ends = "server", .check = check_status },
  STATUS ("400 Bad Request", "server"),
  STATUS ("401 Unauthorized", "credentials"),
  STATUS ("402 Payment Required", "server"),
  STATUS ("403 Forbidden", "server"),
  STATUS ("404 Not Found", "server"),
  STATUS ("407 Proxy Authentication Required", "credentials"),
  STATUS ("408 Request Timeout", "server"),
  STATUS ("410 Gone", "server"),
  STATUS ("416 Range Not Satisfiable", "server"),
  STATUS ("418 I'm a teapot", "server"),
  STATUS ("421 Misdirected Request", "server"),
  STATUS ("429 Too Many Requests", "server"),
  STATUS ("500 Internal Server Error", "server"),
  STATUS ("502 Bad Gateway", "server"),
  STATUS ("504 Gateway Timeout", "server"),
  STATUS ("511 Network Authentication Required", "captive-portal"),
  STATUS ("599 Own", "server"),
};

#define FIRST FIRST_CUT (.etag = ONE)
#define AGAIN { .content = V1, .etag = ONE }

static const TestRow kept[] = {
  { "403", RULE_GONE, { FIRST, { .status = "403 Forbidden", .body = "no" }, AGAIN },
    .ends = "truncated new-url finished", .kept = CUT, .resumed = CUT,
    .check = check_bytes_kept },
  { "404", RULE_GONE, { FIRST, { .status = "404 Not Found", .body = "no" }, AGAIN },
    .ends = "truncated new-url finished", .kept = CUT, .resumed = CUT,
    .check = check_bytes_kept },
  { "410", RULE_GONE, { FIRST, { .status = "410 Gone", .body = "no" }, AGAIN },
    .ends = "truncated new-url finished", .kept = CUT, .resumed = CUT,
    .check = check_bytes_kept },
  { "401", "issue: until sign-in lands, a 401/407 fails with `Credentials`",
    { FIRST, { .status = "401 Unauthorized", .body = "no" }, AGAIN },
    .ends = "truncated credentials finished", .kept = CUT, .resumed = CUT,
    .check = check_bytes_kept },
  { "400", RULE_STATUS, { FIRST, { .status = "400 Bad Request", .body = "no" }, AGAIN },
    .ends = "truncated server finished", .kept = CUT, .resumed = CUT,
    .check = check_bytes_kept },
  { "503", RULE_STATUS, { FIRST, { .status = "503 Service Unavailable", .body = "no" }, AGAIN },
    .ends = "truncated server finished", .kept = CUT, .resumed = CUT,
    .check = check_bytes_kept },
  { "511", "RFC 6585 §6; class captive-portal",
    { FIRST, { .status = "511 Network Authentication Required", .body = LOGIN_PAGE }, AGAIN },
    .ends = "truncated captive-portal finished", .kept = CUT, .resumed = CUT,
    .check = check_bytes_kept },
  { "login page", RULE_LOGIN, { FIRST, { .body = LOGIN_PAGE, .headers = HTML }, AGAIN },
    .ends = "truncated new-url finished", .kept = CUT, .resumed = CUT,
    .check = check_bytes_kept },
  { "login page of the network", RULE_LOGIN,
    { FIRST, { .body = LOGIN_PAGE, .headers = HTML }, AGAIN },
    .ends = "truncated captive-portal finished", .kept = CUT, .resumed = CUT,
    .prepare = set_behind_portal, .check = check_bytes_kept },
  { "login page, chunked", RULE_LOGIN,
    { FIRST, { .filler = 5000, .headers = HTML, .framing = TEST_FRAMING_NONE }, AGAIN },
    .ends = "truncated new-url finished", .kept = CUT, .resumed = CUT,
    .check = check_bytes_kept },
  { "large login page", RULE_LOGIN, { FIRST, { .filler = 2 * MIB, .headers = HTML }, AGAIN },
    .ends = "truncated new-url finished", .kept = CUT, .resumed = CUT,
    .check = check_bytes_kept },
  { "small 200", RULE_SMALL,
    { { .content = BIG, .etag = ONE, .cut = 2 * MIB }, { .filler = 5000, .etag = TWO },
      { .content = BIG, .etag = ONE } },
    .ends = "truncated new-url finished", .kept = 2 * MIB, .resumed = 2 * MIB,
    .check = check_bytes_kept },
  { "small 200 of the network", RULE_SMALL,
    { { .content = BIG, .etag = ONE, .cut = 2 * MIB }, { .filler = 5000, .etag = TWO },
      { .content = BIG, .etag = ONE } },
    .ends = "truncated captive-portal finished", .kept = 2 * MIB, .resumed = 2 * MIB,
    .prepare = set_behind_portal, .check = check_bytes_kept },
  { "html that changed", "§6: 200 otherwise: the file changed; HTML where there was *none* …",
    { FIRST_CUT (.etag = ONE, .headers = HTML), { .content = V2, .etag = TWO, .headers = HTML } },
    .ends = "truncated finished", .kept = CUT },
};

/* An HTML file that is asked for is a file like any other. */
static const TestRow first_html[] = {
  { "html", RULE_LOGIN, { { .body = LOGIN_PAGE, .headers = HTML } }, .ends = "finished" },
  { "html, nothing kept", RULE_LOGIN,
    { { .status = "503 Service Unavailable", .body = "no" },
      { .body = LOGIN_PAGE, .headers = HTML } },
    .ends = "server finished" },
};

typedef struct
{
  const char *name;
  const char *value;  /* `+n`: a date n seconds from now */
  gint64      least;
  gint64      most;
} RetryRow;

static const RetryRow retries[] = {
  { "seconds", "120", 120, 120 },
  { "zero", "0", 0, 0 },
  { "date", "+100", 95, 101 },
  { "past-date", "Mon, 06 Jan 2020 10:00:00 GMT", 0, 0 },
  { "garbage", "soon", -1, -1 },
  { "negative", "-5", -1, -1 },
};

/* §6 Retry: “`Retry-After` honoured in full”; here it comes as far as the outcome. */
static void
test_retry_after (gconstpointer data)
{
  const RetryRow *row = data;
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;
  g_autofree char *value = g_strdup (row->value);
  g_autofree char *headers = NULL;
  TestAnswer answer = { .status = "503 Service Unavailable", .body = "later" };

  if (value[0] == '+')
    {
      g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
      g_autoptr(GDateTime) then = g_date_time_add_seconds (now, g_ascii_strtod (value, NULL));

      g_clear_pointer (&value, g_free);
      value = g_date_time_format (then, "%a, %d %b %Y %H:%M:%S GMT");
    }
  headers = g_strdup_printf ("Retry-After: %s\r\n", value);
  answer.headers = headers;
  test_server_add (server, "/file.bin", test_answer, &answer);
  test_bed_set_url (bed, server, "/file.bin");
  outcome = test_bed_run (bed);
  test_bed_assert_word (bed, outcome, "server");
  g_assert_cmpuint (outcome->status, ==, 503);
  g_assert_cmpint (outcome->retry_after, >=, row->least);
  g_assert_cmpint (outcome->retry_after, <=, row->most);
}

typedef struct
{
  const char *name;
  const char *status;
  const char *headers;
  const char *end;
} FloodRow;

static const FloodRow floods[] = {
  { "redirect", "302 Found", "Location: /file.bin\r\n", "finished" },
  { "redirect-without-location", "302 Found", NULL, "server" },
  { "401", "401 Unauthorized", "WWW-Authenticate: Basic realm=\"r\"\r\n", "credentials" },
  { "421", "421 Misdirected Request", NULL, "server" },
  { "500", "500 Internal Server Error", NULL, "server" },
};

#define FLOOD ((gint64) 400 * MIB)

/* Twice the largest buffer of a job (§3), and what the allocator holds on to. */
#define MEMORY_BOUND (16 * MIB)

/*
 * §3 rules 4 and 5: bodies of redirects and 401s are dropped up to 64 KiB or 1 s; a 421 is
 * cancelled at its headers.
 */
static void
test_flood (gconstpointer data)
{
  static const TestAnswer good = { .content = V1, .etag = ONE };
  const FloodRow *row = data;
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;
  TestAnswer flood = { .status = row->status, .headers = row->headers, .filler = FLOOD };
  gint64 before;
  gint64 start;

  test_server_add (server, "/start", test_answer, &flood);
  test_server_add (server, "/file.bin", test_answer, (gpointer) &good);
  test_bed_set_url (bed, server, "/start");
  before = test_memory_reset_peak ();
  start = g_get_monotonic_time ();
  outcome = test_bed_run (bed);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_TIME_SPAN_SECOND);
  test_memory_assert_growth (before, MEMORY_BOUND);
  test_bed_assert_word (bed, outcome, row->end);
  if (outcome->error == NULL)
    test_bed_assert_file (bed, outcome, &good.content);
  g_assert_cmpint (test_server_get_request (server, 0)->body_sent, <, FLOOD / 4);
}

/* @data: bytes of header. */
static void
send_much_header (TestExchange *x,
                  gpointer      data)
{
  guint length = GPOINTER_TO_UINT (data);

  test_exchange_printf (x, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n");
  for (guint sent = 0; sent < length && !x->gone; sent += 1024)
    {
      g_autofree char *value = g_strnfill (1024 - 16, 'h');

      test_exchange_printf (x, "X-Filler-%04u: %s\r\n", sent / 1024, value);
    }
  test_exchange_printf (x, "\r\nhello");
}

/* §3 rule 8: “headers over 64 KiB: `Server`, no retry”. */
static void
test_much_header (gconstpointer data)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;

  test_server_add (server, "/file.bin", send_much_header, (gpointer) data);
  test_bed_set_url (bed, server, "/file.bin");
  outcome = test_bed_run (bed);
  if (GPOINTER_TO_UINT (data) < 64 * 1024)
    test_bed_assert_bytes (bed, outcome, "hello", 5);
  else
    test_bed_assert_word (bed, outcome, "server");
}

static void
send_text (TestExchange *x,
           gpointer      data)
{
  test_exchange_write (x, data, -1);
  x->close_after = TRUE;
}

/* What is no HTTP ends as a fault of the server or of the way there, and leaves nothing. */
static void
test_nonsense (gconstpointer data)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;
  g_autofree char *list = NULL;

  test_server_add (server, "/file.bin", send_text, (gpointer) data);
  test_bed_set_url (bed, server, "/file.bin");
  outcome = test_bed_run (bed);
  g_assert_true (ferryd_outcome_is (outcome, FERRYD_TRANSFER_ERROR_SERVER) ||
                 ferryd_outcome_is (outcome, FERRYD_TRANSFER_ERROR_NETWORK));
  list = test_bed_list (bed);
  g_assert_cmpstr (list, ==, "");
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  test_rows_add ("/answers/status", statuses, G_N_ELEMENTS (statuses));
  test_rows_add ("/answers/kept", kept, G_N_ELEMENTS (kept));
  test_rows_add ("/answers/first", first_html, G_N_ELEMENTS (first_html));
  for (guint i = 0; i < G_N_ELEMENTS (retries); i++)
    {
      g_autofree char *path = g_strconcat ("/answers/retry-after/", retries[i].name, NULL);

      g_test_add_data_func (path, &retries[i], test_retry_after);
    }
  for (guint i = 0; i < G_N_ELEMENTS (floods); i++)
    {
      g_autofree char *path = g_strconcat ("/answers/400-MiB/", floods[i].name, NULL);

      g_test_add_data_func (path, &floods[i], test_flood);
    }
  g_test_add_data_func ("/answers/header/32-KiB", GUINT_TO_POINTER (32 * 1024), test_much_header);
  g_test_add_data_func ("/answers/header/64-KiB", GUINT_TO_POINTER (64 * 1024), test_much_header);
  g_test_add_data_func ("/answers/header/1-MiB", GUINT_TO_POINTER (1024 * 1024), test_much_header);
  g_test_add_data_func ("/answers/nonsense/other-protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n",
                        test_nonsense);
  g_test_add_data_func ("/answers/nonsense/two-lengths",
                        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 3\r\n\r\nhello",
                        test_nonsense);
  g_test_add_data_func ("/answers/nonsense/nothing", "", test_nonsense);
  g_test_add_data_func ("/answers/nonsense/half-a-head", "HTTP/1.1 200 OK\r\nContent-Le",
                        test_nonsense);
  return g_test_run ();
}
