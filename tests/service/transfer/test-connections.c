/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-connections"

#include "config.h"

#include "versions.h"

static const TestAnswer whole = { .content = V1, .etag = ONE };

/* Answers well, and closes afterwards without having said so. */
static void
answer_and_close (TestExchange *x,
                  gpointer      data)
{
  test_answer (x, (gpointer) &whole);
  x->close_after = TRUE;
}

/* On a connection that was used before: closes it, as a server does whose patience has ended. */
static void
close_used (TestExchange *x,
            gpointer      data)
{
  if (x->request->nth == 2)
    test_exchange_close (x);
  else
    test_answer (x, (gpointer) &whole);
}

static void
fetch_again (TestBed *bed)
{
  g_autoptr(FerrydOutcome) outcome = NULL;

  ferryd_kept_free (bed->plan->kept);
  bed->plan->kept = ferryd_kept_new ();
  bed->is_published = FALSE;
  outcome = test_bed_run (bed);
  test_bed_assert_file (bed, outcome, &whole.content);
}

/* issue: “stale keep-alive connection”: the next download just works. */
static void
test_closed (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();

  test_server_add (server, "/file.bin", answer_and_close, NULL);
  test_bed_set_url (bed, server, "/file.bin");
  fetch_again (bed);
  test_server_wait_closed (server);
  fetch_again (bed);
  g_assert_cmpuint (test_server_get_n_connections (server), ==, 2);
}

static void
test_closing (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();

  test_server_add (server, "/file.bin", close_used, NULL);
  test_bed_set_url (bed, server, "/file.bin");
  fetch_again (bed);
  fetch_again (bed);
  g_assert_cmpuint (test_server_get_n_requests (server), ==, 3);
}

/* §3 rule 7: “Read on to the final 0, or the connection is lost”; after a length as well. */
static void
test_kept (gconstpointer data)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  TestAnswer answer = whole;

  answer.framing = GPOINTER_TO_INT (data);
  test_server_add (server, "/file.bin", test_answer, &answer);
  test_bed_set_url (bed, server, "/file.bin");
  for (guint i = 0; i < 4; i++)
    fetch_again (bed);
  g_assert_cmpuint (test_server_get_n_connections (server), ==, 1);
}

static void
test_close_idle (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();

  test_server_add (server, "/file.bin", test_answer, (gpointer) &whole);
  test_bed_set_url (bed, server, "/file.bin");
  fetch_again (bed);
  ferryd_http_close_idle (bed->http);
  test_server_wait_closed (server);
  fetch_again (bed);
  g_assert_cmpuint (test_server_get_n_connections (server), ==, 2);
}

/* Nobody listens there: an address that was a server's. */
static void
test_refused (void)
{
  TestServer *server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;

  test_bed_set_url (bed, server, "/file.bin");
  test_server_free (server);
  outcome = test_bed_run (bed);
  test_bed_assert_word (bed, outcome, "network");
  g_assert_false (outcome->host_unknown);
}

/* Answers for the machine's resolver, so that no test asks the world. */
#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver
{
  GResolver parent_instance;
};

G_DEFINE_FINAL_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

static GList *
test_resolver_lookup_by_name (GResolver     *resolver,
                              const char    *name,
                              GCancellable  *cancellable,
                              GError       **error)
{
  g_set_error (error, G_RESOLVER_ERROR,
               g_str_has_suffix (name, ".invalid") ? G_RESOLVER_ERROR_NOT_FOUND
                                                   : G_RESOLVER_ERROR_TEMPORARY_FAILURE,
               "%s is not known", name);
  return NULL;
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  G_RESOLVER_CLASS (klass)->lookup_by_name = test_resolver_lookup_by_name;
}

static void
test_resolver_init (TestResolver *self)
{
}

/* @data: where to */
static void
redirect_away (TestExchange *x,
               gpointer      data)
{
  test_exchange_printf (x, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
                        (const char *) data);
}

typedef struct
{
  const char *name;
  const char *url;       /* of a host that has no address */
  gboolean    by_hop;    /* it is only where the first one leads */
  gboolean    unknown;
} HostRow;

/* §6 Retry: “Name not found: 5 times”: it is told apart from what may pass. */
static const HostRow hosts[] = {
  { "unknown", "http://name.invalid/file.bin", FALSE, TRUE },
  { "unknown-hop", "http://name.invalid/file.bin", TRUE, TRUE },
  { "unknown-https", "https://name.invalid/file.bin", FALSE, TRUE },
  { "no-answer", "http://name.test/file.bin", FALSE, FALSE },
  { "no-answer-hop", "http://name.test/file.bin", TRUE, FALSE },
};

static void
test_host (gconstpointer data)
{
  const HostRow *row = data;
  g_autoptr(GResolver) before = g_resolver_get_default ();
  g_autoptr(GResolver) resolver = g_object_new (TEST_TYPE_RESOLVER, NULL);
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;

  g_resolver_set_default (resolver);
  test_server_add (server, "/hop", redirect_away, (gpointer) row->url);
  if (row->by_hop)
    test_bed_set_url (bed, server, "/hop");
  else
    bed->plan->url = g_strdup (row->url);
  outcome = test_bed_run (bed);
  g_resolver_set_default (before);
  test_bed_assert_word (bed, outcome, "network");
  g_assert_cmpint (outcome->host_unknown, ==, row->unknown);
}

/* What each request says of us and of what we want. */
static void
test_request (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  const TestRequest *request;

  test_server_add (server, "/file.bin", test_answer, (gpointer) &whole);
  test_bed_set_url (bed, server, "/file.bin");
  bed->settings.user_agent = "Tester/1";
  bed->plan->referrer = g_strdup ("http://user:secret@example.org/page#there");
  fetch_again (bed);
  request = test_server_get_request (server, 0);
  g_assert_cmpstr (request->method, ==, "GET");
  g_assert_cmpstr (test_request_get_header (request, "User-Agent"), ==, "Tester/1");
  g_assert_cmpstr (test_request_get_header (request, "Accept-Encoding"), ==, "identity");
  g_assert_cmpstr (test_request_get_header (request, "Referer"), ==, "http://example.org/page");
  g_assert_null (test_request_get_header (request, "Range"));
  g_assert_null (test_request_get_header (request, "If-Range"));
  g_assert_null (test_request_get_header (request, "Cookie"));
}

/*
 * issue: “`secret-headers` (…; `Authorization` and `Cookie` allowed …)”: neither the session's jar
 * nor its user agent takes the task's place.
 */
static void
test_task_headers (gconstpointer data)
{
  static const char *const headers[] = { "Cookie", "own=1", "User-Agent", "Task/1", NULL };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  const TestRequest *request;

  test_server_add (server, "/file.bin", test_answer, (gpointer) &whole);
  test_bed_set_url (bed, server, "/file.bin");
  bed->settings.cookies = GPOINTER_TO_INT (data);
  bed->settings.user_agent = "Session/1";
  bed->plan->headers = g_strdupv ((char **) headers);
  fetch_again (bed);
  request = test_server_get_request (server, 0);
  g_assert_cmpstr (test_request_get_header (request, "Cookie"), ==, "own=1");
  g_assert_cmpstr (test_request_get_header (request, "User-Agent"), ==, "Task/1");
}

/* §7: “`Referer` never from HTTPS to HTTP”. */
static void
test_safe_referrer (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();

  test_server_add (server, "/file.bin", test_answer, (gpointer) &whole);
  test_bed_set_url (bed, server, "/file.bin");
  bed->plan->referrer = g_strdup ("https://example.org/page");
  fetch_again (bed);
  g_assert_null (test_request_get_header (test_server_get_request (server, 0), "Referer"));
}

/* @data: a GBytes, which goes out as what it is. */
static void
send_gzip (TestExchange *x,
           gpointer      data)
{
  gsize size;
  const char *bytes = g_bytes_get_data (data, &size);

  test_exchange_printf (x, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                        "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n", size);
  test_exchange_write (x, bytes, size);
}

/* §6: “a coded answer is stored as sent”, byte for byte and under its name. */
static void
test_gzip (void)
{
  static const char text[] = "Ferry carries files between this computer and HTTP servers.";
  g_autoptr(GZlibCompressor) coder = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;
  g_autoptr(GBytes) coded = NULL;
  char buffer[256];
  gsize n_read;
  gsize n_written;

  g_assert_cmpint (g_converter_convert (G_CONVERTER (coder), text, sizeof text, buffer,
                                        sizeof buffer, G_CONVERTER_INPUT_AT_END,
                                        &n_read, &n_written, NULL),
                   ==, G_CONVERTER_FINISHED);
  coded = g_bytes_new (buffer, n_written);
  test_server_add (server, "/file.txt", send_gzip, coded);
  test_bed_set_url (bed, server, "/file.txt");
  outcome = test_bed_run (bed);
  test_bed_assert_bytes (bed, outcome, buffer, n_written);
  g_assert_cmpstr (outcome->kept->final_name, ==, "file.txt");
}

/* What the caller must not decide: the rules of resuming stand on these headers. */
static void
test_own_headers (void)
{
  static const char *const headers[] = { "Range", "bytes=5-", "If-Range", "\"x\"",
                                         "Accept-Encoding", "br", NULL };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  const TestRequest *request;

  test_server_add (server, "/file.bin", test_answer, (gpointer) &whole);
  test_bed_set_url (bed, server, "/file.bin");
  bed->plan->headers = g_strdupv ((char **) headers);
  fetch_again (bed);
  request = test_server_get_request (server, 0);
  g_assert_null (test_request_get_header (request, "Range"));
  g_assert_null (test_request_get_header (request, "If-Range"));
  g_assert_cmpstr (test_request_get_header (request, "Accept-Encoding"), ==, "identity");
}

/* Gives a cookie and sends back to itself; who brings the cookie gets the file. */
static void
want_cookie (TestExchange *x,
             gpointer      data)
{
  const char *cookie = test_request_get_header (x->request, "Cookie");

  if (g_strcmp0 (cookie, "key=7") == 0)
    test_answer (x, (gpointer) &whole);
  else
    test_exchange_printf (x, "HTTP/1.1 302 Found\r\nSet-Cookie: key=7; Path=/\r\n"
                          "Location: /file.bin\r\nContent-Length: 0\r\n\r\n");
}

/* §3 rule 13: “Cookies: an in-memory jar”; without one it is a circle of redirects. */
static void
test_cookies (gconstpointer data)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;

  test_server_add (server, "/file.bin", want_cookie, NULL);
  test_bed_set_url (bed, server, "/file.bin");
  bed->settings.cookies = GPOINTER_TO_INT (data);
  outcome = test_bed_run (bed);
  if (bed->settings.cookies)
    test_bed_assert_file (bed, outcome, &whole.content);
  else
    test_bed_assert_word (bed, outcome, "server");
}

/* issue: “a URL without host, with another scheme, with control characters”. */
static void
test_bad_url (gconstpointer data)
{
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;

  bed->plan->url = g_strdup (data);
  outcome = test_bed_run (bed);
  test_bed_assert_word (bed, outcome, "server");
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  g_test_add_func ("/connections/closed", test_closed);
  g_test_add_func ("/connections/closing", test_closing);
  g_test_add_data_func ("/connections/kept/length", GINT_TO_POINTER (TEST_FRAMING_LENGTH),
                        test_kept);
  g_test_add_data_func ("/connections/kept/chunked", GINT_TO_POINTER (TEST_FRAMING_CHUNKED),
                        test_kept);
  g_test_add_func ("/connections/close-idle", test_close_idle);
  g_test_add_func ("/connections/refused", test_refused);
  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autofree char *path = g_strconcat ("/connections/host/", hosts[i].name, NULL);

      g_test_add_data_func (path, &hosts[i], test_host);
    }
  g_test_add_func ("/connections/request", test_request);
  g_test_add_data_func ("/connections/task-headers/jar", GINT_TO_POINTER (TRUE),
                        test_task_headers);
  g_test_add_data_func ("/connections/task-headers/no-jar", GINT_TO_POINTER (FALSE),
                        test_task_headers);
  g_test_add_func ("/connections/safe-referrer", test_safe_referrer);
  g_test_add_func ("/connections/gzip", test_gzip);
  g_test_add_func ("/connections/own-headers", test_own_headers);
  g_test_add_data_func ("/connections/cookies", GINT_TO_POINTER (TRUE), test_cookies);
  g_test_add_data_func ("/connections/no-cookies", GINT_TO_POINTER (FALSE), test_cookies);
  g_test_add_data_func ("/connections/bad-url/scheme", "ftp://127.0.0.1/x", test_bad_url);
  g_test_add_data_func ("/connections/bad-url/no-host", "http:///x", test_bad_url);
  g_test_add_data_func ("/connections/bad-url/control", "http://127.0.0.1/a\nb", test_bad_url);
  g_test_add_data_func ("/connections/bad-url/nothing", "", test_bad_url);
  return g_test_run ();
}
