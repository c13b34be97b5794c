/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Probe: what a server says of a file, without fetching it. */
#define G_LOG_DOMAIN "test-probe"

#include "config.h"

#include "stage.h"
#include "support/certificates.h"

#define SIZE 5000000

static GVariant *
join (const char *url,
      const char *options)
{
  return g_variant_new ("(s@a{sv})", url, client_parse (options));
}

/* Returns the facts. */
static GVariant *
probe_url (Stage      *stage,
           const char *url,
           const char *options)
{
  g_autoptr(GVariant) answer = client_call (stage->client, MANAGER_PATH, "Manager", "Probe",
                                            join (url, options));

  return g_variant_get_child_value (answer, 0);
}

static GVariant *
probe (Stage      *stage,
       const char *path,
       const char *options)
{
  g_autofree char *url = test_server_get_url (stage->server, path);

  return probe_url (stage, url, options);
}

static void
refuse_url (Stage      *stage,
            const char *kind,
            const char *name,
            const char *url,
            const char *options)
{
  client_call_refused (stage->client, kind, name, MANAGER_PATH, "Manager", "Probe",
                       join (url, options));
}

static void
refuse (Stage      *stage,
        const char *kind,
        const char *name,
        const char *path,
        const char *options)
{
  g_autofree char *url = test_server_get_url (stage->server, path);

  refuse_url (stage, kind, name, url, options);
}

static void
assert_facts (Stage      *stage,
              GVariant   *facts,
              const char *path,
              const char *rest)
{
  g_autofree char *url = test_server_get_url (stage->server, path);
  g_autofree char *text = g_strdup_printf ("{'current-url': <'%s'>, %s}", url, rest);

  client_assert_value (facts, text);
}

/* Nothing is there afterwards that was not before. */
static void
assert_nothing_stored (Stage *stage)
{
  g_autoptr(GVariant) list = client_call (stage->client, MANAGER_PATH, "Manager", "ListTasks",
                                          g_variant_new ("(a{sv}tu)", NULL,
                                                         G_GUINT64_CONSTANT (0), 0));

  client_assert_value (list, "(@a(oa{sv}) [],)");
  fixture_assert_files (stage->fixture, NULL);
}

/* A server that has no HEAD, or none of this kind. */
typedef struct
{
  TestAnswer  answer;
  const char *refusal;  /* of HEAD; NULL: it is answered */
} Page;

static void
serve_page (TestExchange *x,
            gpointer      data)
{
  Page *page = data;
  gboolean is_head = g_str_equal (x->request->method, "HEAD");

  if (is_head && page->refusal != NULL)
    {
      test_exchange_printf (x, "HTTP/1.1 %s\r\nContent-Length: 0\r\n\r\n", page->refusal);
      return;
    }

  if (is_head)
    {
      test_answer_head (x, &page->answer);
      test_exchange_write (x, "\r\n", 2);
      return;
    }

  test_answer (x, &page->answer);
}

static void
test_facts (void)
{
  Page whole = {
    .answer = { .content = { .seed = 3, .size = SIZE }, .etag = "\"v1\"",
                .headers = "Content-Type: image/png\r\nAccept-Ranges: bytes\r\n"
                           "Content-Disposition: attachment; filename=\"../photo.png\"\r\n" },
  };
  Page dated = { .answer = { .content = { .seed = 3, .size = SIZE },
                             .last_modified = TEST_OLD_DATE } };
  Page bare = { .answer = { .framing = TEST_FRAMING_CHUNKED,
                            .headers = "Accept-Ranges: none\r\n" } };
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) of_whole = NULL;
  g_autoptr(GVariant) of_dated = NULL;
  g_autoptr(GVariant) of_bare = NULL;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/whole", serve_page, &whole);
  test_server_add (stage.server, "/dated.bin", serve_page, &dated);
  test_server_add (stage.server, "/bare", serve_page, &bare);
  of_whole = probe (&stage, "/whole", "{}");
  assert_facts (&stage, of_whole, "/whole",
                "'file-name': <'photo.png'>, 'size': <int64 5000000>, 'mime-type': <'image/png'>, "
                "'resumable': <true>, 'validator': <'\"v1\"'>");
  of_dated = probe (&stage, "/dated.bin", "{}");
  assert_facts (&stage, of_dated, "/dated.bin",
                "'file-name': <'dated.bin'>, 'size': <int64 5000000>, 'mime-type': <''>, "
                "'resumable': <true>, 'validator': <'" TEST_OLD_DATE "'>");
  of_bare = probe (&stage, "/bare", "{}");
  assert_facts (&stage, of_bare, "/bare",
                "'file-name': <'bare'>, 'size': <int64 -1>, 'mime-type': <''>, "
                "'resumable': <false>, 'validator': <''>");
  for (guint i = 0; i < 3; i++)
    g_assert_cmpstr (test_server_get_request (stage.server, i)->method, ==, "HEAD");
  assert_nothing_stored (&stage);
}

static void
test_without_head (void)
{
  static const char *const refusals[] = { "405 Method Not Allowed", "501 Not Implemented" };

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      Page page = { .answer = { .content = { .seed = 3, .size = 100 * SIZE }, .etag = "\"v1\"" },
                    .refusal = refusals[i] };
      g_auto(Stage) stage = { 0 };
      g_autoptr(GVariant) facts = NULL;
      gint64 size;

      stage_init (&stage, NULL);
      test_server_add (stage.server, "/file", serve_page, &page);
      facts = probe (&stage, "/file", "{}");
      g_assert_true (g_variant_lookup (facts, "size", "x", &size));
      g_assert_cmpint (size, ==, 100 * SIZE);
      g_assert_cmpstr (test_server_get_request (stage.server, 1)->method, ==, "GET");
      g_assert_cmpint (test_server_get_request (stage.server, 1)->body_sent, <, 20 * SIZE);
    }
}

/* What is asked arrives, and goes nowhere else. */
static void
test_options (void)
{
  Page page = { .answer = { .content = { .seed = 3, .size = SIZE } } };
  g_autoptr(TestServer) elsewhere = test_server_new (NULL);
  g_autofree char *target = test_server_get_url (elsewhere, "/target");
  g_autofree char *location = g_strdup_printf ("Location: %s\r\n", target);
  TestAnswer redirect = { .status = "302 Found", .headers = location, .body = "" };
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) facts = NULL;
  const TestRequest *second;
  const char *url;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", test_answer, &redirect);
  test_server_add (elsewhere, "/target", serve_page, &page);
  facts = probe (&stage, "/file",
                 "{'headers': <{'X-A': 'a'}>, 'secret-headers': <{'Authorization': 'b'}>, "
                 "'user-agent': <'Tester/1'>, 'referrer': <'http://127.0.0.1/page'>}");
  g_assert_true (g_variant_lookup (facts, "current-url", "&s", &url));
  g_assert_cmpstr (url, ==, target);
  g_assert_cmpstr (stage_get_asked (&stage, 0, "X-A"), ==, "a");
  g_assert_cmpstr (stage_get_asked (&stage, 0, "Authorization"), ==, "b");
  g_assert_cmpstr (stage_get_asked (&stage, 0, "User-Agent"), ==, "Tester/1");
  g_assert_cmpstr (stage_get_asked (&stage, 0, "Referer"), ==, "http://127.0.0.1/page");
  second = test_server_get_request (elsewhere, 0);
  g_assert_null (test_request_get_header (second, "X-A"));
  g_assert_null (test_request_get_header (second, "Authorization"));

  refuse (&stage, "Server", NULL, "/file", "{'redirects': <'none'>}");
  refuse (&stage, "Server", NULL, "/file", "{'redirects': <'same-origin'>}");
  g_assert_cmpuint (test_server_get_n_requests (elsewhere), ==, 1);
}

static void
test_tls (void)
{
  Page page = { .answer = { .content = { .seed = 3, .size = SIZE } } };
  g_autoptr(TestCertificates) certificates = test_certificates_new ();
  g_autoptr(TestServer) server = test_server_new (certificates->good);
  g_autofree char *url = test_server_get_url (server, "/file");
  g_autofree char *options = g_strdup_printf ("{'tls-ca': <'%s'>}", certificates->ca_path);
  g_autofree char *location = NULL;
  TestAnswer redirect = { .status = "302 Found", .body = "" };
  g_autofree char *lax = g_strdup_printf ("{'tls-ca': <'%s'>, 'allow-insecure-redirect': <true>}",
                                          certificates->ca_path);
  g_autofree char *away = test_server_get_url (server, "/away");
  g_autofree char *plain = NULL;
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) facts = NULL;
  g_autoptr(GVariant) allowed = NULL;

  stage_init (&stage, NULL);
  test_server_add (server, "/file", serve_page, &page);
  test_server_add (server, "/away", test_answer, &redirect);
  test_server_add (stage.server, "/file", serve_page, &page);
  plain = test_server_get_url (stage.server, "/file");
  location = g_strdup_printf ("Location: %s\r\n", plain);
  redirect.headers = location;
  refuse_url (&stage, "Trust", NULL, url, "{}");
  facts = probe_url (&stage, url, options);
  refuse_url (&stage, "Server", NULL, away, options);
  allowed = probe_url (&stage, away, lax);
}

static void
test_errors (void)
{
  static const char *const bad[] = {
    "{'colour': <1>}", "{'destination': <'/tmp'>}", "{'headers': <{'Host': 'x'}>}",
    "{'headers': <{'Authorization': 'x'}>}", "{'redirects': <'all'>}", "{'user-agent': <''>}",
    "{'tls-ca': <'/not/there'>}", "{'tls-ca': <'ca'>}", "{'request-timeout': <uint32 0>}",
    "{'referrer': <'x'>}", "{'cookies': <'none'>}",
  };
  Page missing = { .answer = { .status = "404 Not Found", .body = "" } };
  Page busy = { .answer = { .status = "503 Busy", .headers = "Retry-After: 1\r\n", .body = "" } };
  Page locked = { .answer = { .status = "401 Unauthorized", .body = "",
                              .headers = "WWW-Authenticate: Basic realm=\"x\"\r\n" } };
  g_auto(Stage) stage = { 0 };

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/missing", serve_page, &missing);
  test_server_add (stage.server, "/busy", serve_page, &busy);
  test_server_add (stage.server, "/locked", serve_page, &locked);
  refuse_url (&stage, "InvalidUrl", NULL, "", "{}");
  refuse_url (&stage, "InvalidUrl", NULL, "ftp://127.0.0.1/", "{}");
  refuse_url (&stage, "InvalidUrl", NULL, "http://a:b@127.0.0.1/", "{}");
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    refuse (&stage, "InvalidOption", NULL, "/missing", bad[i]);
  g_assert_cmpuint (test_server_get_n_requests (stage.server), ==, 0);
  refuse (&stage, "Server", "404", "/missing", "{}");
  refuse (&stage, "Server", "503", "/busy", "{}");
  refuse (&stage, "Credentials", NULL, "/locked", "{}");
  refuse_url (&stage, "Network", NULL, "http://127.0.0.1:1/", "{}");
  refuse_url (&stage, "Network", NULL, "http://no-such-host.invalid/", "{}");
  assert_nothing_stored (&stage);
}

static void
stall (TestExchange *x,
       gpointer      data)
{
  test_exchange_stall (x);
}

static void
test_timeout (void)
{
  g_auto(Stage) stage = { 0 };
  gint64 begin;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/stall", stall, NULL);
  begin = g_get_monotonic_time ();
  refuse (&stage, "Timeout", NULL, "/stall", "{'request-timeout': <uint32 1>}");
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, G_USEC_PER_SEC);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 10 * G_USEC_PER_SEC);
}

/* How the answers to many probes came out. */
typedef struct
{
  guint n_answered;
  guint n_limit;
} Crowd;

static void
crowd_answered_cb (GObject      *object,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  Crowd *crowd = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result,
                                                              &error);
  g_autofree char *name = error != NULL ? g_dbus_error_get_remote_error (error) : NULL;

  g_assert_null (answer);
  crowd->n_answered++;
  crowd->n_limit += g_strcmp0 (name, FERRY_SERVICE_ID ".Error.Limit") == 0;
  g_assert_true (g_strcmp0 (name, FERRY_SERVICE_ID ".Error.Limit") == 0 ||
                 g_strcmp0 (name, FERRY_SERVICE_ID ".Error.Timeout") == 0);
}

static gboolean
is_all_answered (Client        *client,
                 gconstpointer  data)
{
  return ((const Crowd *) data)->n_answered == 200;
}

/* Too many at a time, and then one again. */
static void
test_limit (void)
{
  Page page = { .answer = { .content = { .seed = 3, .size = SIZE } } };
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) facts = NULL;
  g_autofree char *url = NULL;
  Crowd crowd = { 0 };

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/stall", stall, NULL);
  test_server_add (stage.server, "/file", serve_page, &page);
  url = test_server_get_url (stage.server, "/stall");
  for (guint i = 0; i < 200; i++)
    g_dbus_connection_call (stage.client->connection, FERRY_SERVICE_ID, MANAGER_PATH,
                            FERRY_SERVICE_ID ".Manager", "Probe",
                            join (url, "{'request-timeout': <uint32 2>}"), NULL,
                            G_DBUS_CALL_FLAGS_NONE, -1, NULL, crowd_answered_cb, &crowd);
  client_wait (stage.client, is_all_answered, &crowd, "200 answers");
  g_assert_cmpuint (crowd.n_limit, >, 0);
  g_assert_cmpuint (crowd.n_limit, <, 200);
  facts = probe (&stage, "/file", "{}");
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/probe/facts", test_facts);
  g_test_add_func ("/probe/without-head", test_without_head);
  g_test_add_func ("/probe/options", test_options);
  g_test_add_func ("/probe/tls", test_tls);
  g_test_add_func ("/probe/errors", test_errors);
  g_test_add_func ("/probe/timeout", test_timeout);
  g_test_add_func ("/probe/limit", test_limit);
  return g_test_run ();
}
