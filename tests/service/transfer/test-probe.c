/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-probe"

#include "config.h"

#include <string.h>

#include "common/error.h"
#include "support/certificates.h"
#include "transfer/probe.h"
#include "versions.h"

/* Far more than sockets hold: who reads a body to its end would be seen. */
#define LARGE (64 * 1024 * 1024)

/* A probe under way. */
typedef struct
{
  GMainLoop *loop;    /* owned */
  GVariant  *answer;  /* owned */
  GError    *error;   /* owned */
} Asked;

static void
asked_clear (Asked *asked)
{
  g_clear_pointer (&asked->loop, g_main_loop_unref);
  g_clear_pointer (&asked->answer, g_variant_unref);
  g_clear_error (&asked->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Asked, asked_clear)

static void
on_probed_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  Asked *asked = user_data;

  g_assert_true (g_main_context_is_owner (NULL));
  asked->answer = ferryd_probe_finish (result, &asked->error);
  g_main_loop_quit (asked->loop);
}

static gboolean
on_deadline_cb (gpointer user_data)
{
  g_error ("a probe does not end");
  return G_SOURCE_REMOVE;
}

/* (plan full) */
static void
probe (Asked      *asked,
       FerrydPlan *plan)
{
  guint deadline = g_timeout_add (TEST_DEADLINE / 1000, on_deadline_cb, NULL);

  asked->loop = g_main_loop_new (NULL, FALSE);
  ferryd_probe_async (plan, on_probed_cb, asked);
  g_main_loop_run (asked->loop);
  g_source_remove (deadline);
}

/* @url: (transfer full) */
static FerrydPlan *
new_plan (char       *url,
          const char *tls_ca)
{
  FerrydHttpSettings settings = { .tls_ca = tls_ca };
  FerrydPlan *plan = ferryd_plan_new ();

  plan->http = ferryd_http_new (&settings);
  plan->url = url;
  return plan;
}

typedef struct
{
  const char *name;
  const char *rule;
  TestAnswer  answer;
  const char *head;        /* the status with which HEAD is refused. NULL: it is not */
  int         error;       /* a FerryError; −1: none */
  const char *in_error;    /* in its message. NULL: whatever */
  gint64      size;
  const char *file_name;   /* NULL: `file.bin` */
  const char *mime_type;   /* NULL: empty */
  const char *validator;   /* NULL: empty */
  gboolean    resumable;
} ProbeRow;

#define RULE_HEAD "§5 Probe: “a HEAD”"
#define RULE_GET "§5 Probe: “or a GET closed after its headers where HEAD is refused”"
#define RULE_RESUME "§6 Resume, by what the first answer left us"
#define RULE_NAME "§6 Names"
#define GOOD { .content = { 1, LARGE }, .etag = ONE, .last_modified = TEST_OLD_DATE, \
               .headers = "Content-Type: application/x-iso9660-image; charset=x\r\n" }
#define GOOD_END .error = -1, .size = LARGE, .mime_type = "application/x-iso9660-image", \
                 .validator = ONE, .resumable = TRUE

static const ProbeRow rows[] = {
  { "head", RULE_HEAD, GOOD, NULL, GOOD_END },
  { "405", RULE_GET, GOOD, "405 Method Not Allowed", GOOD_END },
  { "501", RULE_GET, GOOD, "501 Not Implemented", GOOD_END },
  { "400", RULE_GET, GOOD, "400 Bad Request", GOOD_END },
  { "403", RULE_GET, GOOD, "403 Forbidden", GOOD_END },
  { "404", RULE_GET, GOOD, "404 Not Found", GOOD_END },
  { "500", RULE_GET, GOOD, "500 Internal Server Error", GOOD_END },
  { "not there", "probe.h: errors name the host; 4xx → Server, with the status",
    { .status = "404 Not Found", .body = "no" }, .error = FERRY_ERROR_SERVER,
    .in_error = "127.0.0.1 answered 404" },
  { "broken", "the same of 5xx", { .status = "503 Service Unavailable", .body = "no" },
    .error = FERRY_ERROR_SERVER, .in_error = "503" },
  { "sign-in", "401 → Credentials", { .status = "401 Unauthorized", .body = "no" },
    .error = FERRY_ERROR_CREDENTIALS, .in_error = "127.0.0.1 answered 401" },
  { "proxy sign-in", "407 → Credentials", { .status = "407 Proxy Authentication Required",
    .body = "no" }, .error = FERRY_ERROR_CREDENTIALS },
  { "not modified", "a status that is no success", { .status = "304 Not Modified",
    .filler = 0, .body = "" }, .error = FERRY_ERROR_SERVER },
  { "no length", "`size` −1: unknown",
    { .content = V1, .etag = ONE, .framing = TEST_FRAMING_CHUNKED },
    .error = -1, .size = -1, .validator = ONE, .resumable = TRUE },
  { "two lengths", "RFC 9112 §6.3: no sense",
    { .content = V1, .headers = "Content-Length: 7\r\n" }, .error = FERRY_ERROR_SERVER },
  { "date", RULE_RESUME, { .content = V1, .last_modified = TEST_OLD_DATE },
    .error = -1, .size = SIZE, .validator = TEST_OLD_DATE, .resumable = TRUE },
  { "weak", RULE_RESUME, { .content = V1, .etag = WEAK_ONE },
    .error = -1, .size = SIZE, .validator = WEAK_ONE, .resumable = TRUE },
  { "no validator", RULE_RESUME, { .content = V1 }, .error = -1, .size = SIZE },
  { "no ranges", "§6: “`Accept-Ranges: none`: start over”",
    { .content = V1, .etag = ONE, .ranges = TEST_RANGES_IGNORED,
      .headers = "Accept-Ranges: none\r\n" },
    .error = -1, .size = SIZE, .validator = ONE },
  { "nothing of ranges", "§6: refused only by `none`",
    { .content = V1, .etag = ONE, .ranges = TEST_RANGES_IGNORED },
    .error = -1, .size = SIZE, .validator = ONE, .resumable = TRUE },
  { "name", RULE_NAME, { .content = V1, .etag = ONE,
      .headers = "Content-Disposition: attachment; filename=\"x.txt\"; "
                 "filename*=UTF-8''%e2%82%ac.txt\r\n" },
    .error = -1, .size = SIZE, .file_name = "€.txt", .validator = ONE, .resumable = TRUE },
  { "name of a way out", RULE_NAME, { .content = V1, .etag = ONE,
      .headers = "Content-Disposition: attachment; filename=\"../../x.txt\"\r\n" },
    .error = -1, .size = SIZE, .file_name = "x.txt", .validator = ONE, .resumable = TRUE },
};

static void
answer_row (TestExchange *x,
            gpointer      data)
{
  const ProbeRow *row = data;

  if (row->head != NULL && g_str_equal (x->request->method, "HEAD"))
    test_exchange_printf (x, "HTTP/1.1 %s\r\nContent-Length: 5\r\n\r\n", row->head);
  else
    test_answer (x, (gpointer) &row->answer);
}

static void
assert_text (GVariant   *answer,
             const char *key,
             const char *expected)
{
  const char *text = NULL;

  g_assert_true (g_variant_lookup (answer, key, "&s", &text));
  g_assert_cmpstr (text, ==, expected != NULL ? expected : "");
}

static void
assert_answer (const ProbeRow *row,
               GVariant       *answer,
               const char     *url)
{
  gboolean resumable;
  gint64 size;

  assert_text (answer, "file-name", row->file_name != NULL ? row->file_name : "file.bin");
  assert_text (answer, "mime-type", row->mime_type);
  assert_text (answer, "validator", row->validator);
  assert_text (answer, "current-url", url);
  g_assert_true (g_variant_lookup (answer, "size", "x", &size));
  g_assert_cmpint (size, ==, row->size);
  g_assert_true (g_variant_lookup (answer, "resumable", "b", &resumable));
  g_assert_cmpint (resumable, ==, row->resumable);
  g_assert_cmpuint (g_variant_n_children (answer), ==, 6);
}

static void
test_row (gconstpointer data)
{
  const ProbeRow *row = data;
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autofree char *url = test_server_get_url (server, "/file.bin?q");
  g_auto(Asked) asked = { 0 };
  guint n_asked = row->head != NULL || row->in_error != NULL ? 2 : 1;

  g_test_message ("%s", row->rule);
  test_server_add (server, "/file.bin", answer_row, (gpointer) row);
  probe (&asked, new_plan (g_strdup (url), NULL));
  g_assert_cmpstr (test_server_get_request (server, 0)->method, ==, "HEAD");
  if (row->error >= 0)
    {
      g_assert_error (asked.error, FERRY_ERROR, row->error);
      if (row->in_error != NULL)
        g_assert_nonnull (strstr (asked.error->message, row->in_error));
      g_assert_nonnull (strstr (asked.error->message, "127.0.0.1"));
      return;
    }

  g_assert_no_error (asked.error);
  assert_answer (row, asked.answer, url);
  g_assert_cmpuint (test_server_get_n_requests (server), ==, n_asked);
  if (n_asked == 2)
    {
      g_assert_cmpstr (test_server_get_request (server, 1)->method, ==, "GET");
      g_assert_cmpint (test_server_get_request (server, 1)->body_sent, <, LARGE);
    }
}

/* @data: where to */
static void
redirect (TestExchange *x,
          gpointer      data)
{
  test_exchange_printf (x, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
                        (const char *) data);
}

/* §7 holds here as well: secrets stay with their origin, and the address after it all is told. */
static void
test_redirect (void)
{
  static const char *const headers[] = { "Authorization", "Bearer secret", NULL };
  g_autoptr(TestServer) here = test_server_new (NULL);
  g_autoptr(TestServer) there = test_server_new (NULL);
  g_autofree char *target = test_server_get_url (there, "/there.iso");
  g_autofree char *bare = test_server_get_url (here, "/file.bin");
  g_auto(Asked) asked = { 0 };
  TestAnswer answer = { .content = V1, .etag = ONE };
  FerrydPlan *plan = new_plan (g_strdup (bare), NULL);

  test_server_add (here, "/file.bin", redirect, target);
  test_server_add (there, "/there.iso", test_answer, &answer);
  plan->headers = g_strdupv ((char **) headers);
  probe (&asked, plan);
  g_assert_no_error (asked.error);
  assert_text (asked.answer, "current-url", target);
  assert_text (asked.answer, "file-name", "there.iso");
  g_assert_cmpstr (test_request_get_header (test_server_get_request (here, 0), "Authorization"),
                   ==, "Bearer secret");
  g_assert_null (test_request_get_header (test_server_get_request (there, 0), "Authorization"));
}

static void
test_no_redirects (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_auto(Asked) asked = { 0 };
  FerrydPlan *plan = new_plan (test_server_get_url (server, "/file.bin"), NULL);

  test_server_add (server, "/file.bin", redirect, (gpointer) "/other");
  plan->redirects = FERRYD_REDIRECTS_NONE;
  probe (&asked, plan);
  g_assert_error (asked.error, FERRY_ERROR, FERRY_ERROR_SERVER);
  g_assert_cmpuint (test_server_get_n_requests (server), ==, 1);
}

static void
say_nothing (TestExchange *x,
             gpointer      data)
{
  test_exchange_stall (x);
}

/* A byte of the head now and then: signs of life, but no answer. */
static void
drip (TestExchange *x,
      gpointer      data)
{
  test_exchange_write (x, "HTTP/1.1 200 OK\r\nX-Slow: ", -1);
  while (test_exchange_write (x, "x", 1) && test_exchange_pause (x, 200))
    ;
}

static const TestBehave slow[] = { say_nothing, drip };

/* probe.h: “the time for the whole of it” */
static void
test_time (gconstpointer data)
{
  const TestBehave *behave = data;
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_auto(Asked) asked = { 0 };
  FerrydPlan *plan = new_plan (test_server_get_url (server, "/file.bin"), NULL);
  gint64 began = g_get_monotonic_time ();

  test_server_add (server, "/file.bin", *behave, NULL);
  plan->request_timeout = 1;
  probe (&asked, plan);
  g_assert_error (asked.error, FERRY_ERROR, FERRY_ERROR_TIMEOUT);
  g_assert_nonnull (strstr (asked.error->message, "127.0.0.1"));
  g_assert_cmpint (g_get_monotonic_time () - began, <, 5 * G_TIME_SPAN_SECOND);
}

static void
test_refused (void)
{
  TestServer *server = test_server_new (NULL);
  char *url = test_server_get_url (server, "/file.bin");
  g_auto(Asked) asked = { 0 };

  test_server_free (server);
  probe (&asked, new_plan (url, NULL));
  g_assert_error (asked.error, FERRY_ERROR, FERRY_ERROR_NETWORK);
  g_assert_nonnull (strstr (asked.error->message, "127.0.0.1"));
}

static void
test_bad_url (void)
{
  g_auto(Asked) asked = { 0 };

  probe (&asked, new_plan (g_strdup ("ftp://127.0.0.1/file.bin"), NULL));
  g_assert_error (asked.error, FERRY_ERROR, FERRY_ERROR_INVALID_URL);
}

static void
test_trust (void)
{
  g_autoptr(TestCertificates) certificates = test_certificates_new ();
  g_autoptr(TestServer) server = test_server_new (certificates->good);
  g_auto(Asked) stranger = { 0 };
  g_auto(Asked) friend = { 0 };
  TestAnswer answer = { .content = V1, .etag = ONE };

  test_server_add (server, "/file.bin", test_answer, &answer);
  probe (&stranger, new_plan (test_server_get_url (server, "/file.bin"), NULL));
  g_assert_error (stranger.error, FERRY_ERROR, FERRY_ERROR_TRUST);
  probe (&friend, new_plan (test_server_get_url (server, "/file.bin"), certificates->ca_path));
  g_assert_no_error (friend.error);
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/probe/", rows[i].name, NULL);

      g_test_add_data_func (g_strdelimit (path, " ", '-'), &rows[i], test_row);
    }
  g_test_add_func ("/probe/redirect", test_redirect);
  g_test_add_func ("/probe/no-redirects", test_no_redirects);
  g_test_add_data_func ("/probe/time/nothing", &slow[0], test_time);
  g_test_add_data_func ("/probe/time/drip", &slow[1], test_time);
  g_test_add_func ("/probe/refused", test_refused);
  g_test_add_func ("/probe/bad-url", test_bad_url);
  g_test_add_func ("/probe/trust", test_trust);
  return g_test_run ();
}
