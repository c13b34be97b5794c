/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the keys of a configuration do: cookies, trust, redirects, proof, time. */
#define G_LOG_DOMAIN "test-session-keys"

#include "config.h"

#include "stage.h"
#include "support/certificates.h"

#define SIZE (300 * 1000)
#define CUT (200 * 1000)

static void
test_cookies (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = 100 },
                        .headers = "Set-Cookie: flavour=nutty\r\n" };
  g_auto(Stage) stage = { 0 };
  g_autofree char *other = NULL;

  stage_init (&stage, NULL);
  other = stage_open (stage.client, "none", "{'cookies': <'none'>}", NULL);
  test_server_add (stage.server, "/file", test_answer, &answer);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *task = stage_start (&stage, "/file", NULL);
      g_autoptr(GVariant) response = NULL;
      g_autofree char *shown = NULL;

      client_wait_state (stage.client, task, "finished");
      response = client_get (stage.client, task, "Response");
      shown = g_variant_print (response, FALSE);
      g_assert_null (strstr (shown, "nutty"));
    }
  g_assert_null (stage_get_asked (&stage, 0, "Cookie"));
  g_assert_cmpstr (stage_get_asked (&stage, 1, "Cookie"), ==, "flavour=nutty");

  g_clear_pointer (&stage.session, g_free);
  stage.session = g_steal_pointer (&other);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *task = stage_start (&stage, "/file", NULL);

      client_wait_state (stage.client, task, "finished");
      g_assert_null (stage_get_asked (&stage, 2 + i, "Cookie"));
    }
}

/* One that the system does not know; without it the task waits for a person, who may come. */
static void
test_tls_ca (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = 100 } };
  g_autoptr(TestCertificates) certificates = test_certificates_new ();
  g_autoptr(TestServer) server = test_server_new (certificates->good);
  g_autofree char *url = test_server_get_url (server, "/file");
  g_autofree char *configuration = g_strdup_printf ("{'tls-ca': <'%s'>}", certificates->ca_path);
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *trusting = NULL;

  stage_init (&stage, NULL);
  test_server_add (server, "/file", test_answer, &answer);
  task = stage_start_url (&stage, url, NULL);
  client_wait_reason (stage.client, task, "trust");
  g_assert_cmpuint (test_server_get_n_requests (server), ==, 0);

  g_clear_pointer (&stage.session, g_free);
  stage.session = stage_open (stage.client, "trusting", configuration, NULL);
  trusting = stage_start_url (&stage, url, NULL);
  client_wait_state (stage.client, trusting, "finished");

  /* Nothing has changed for the first. */
  client_assert_string (stage.client, task, "Reason", "trust");
  client_tell (stage.client, task, "Resume");
  client_wait_reason (stage.client, task, "trust");
}

/* Where a redirect leads, and what becomes of it. */
typedef struct
{
  const char *name;
  const char *configuration;
  gboolean    same_origin;
  gboolean    is_followed;
} Redirect;

static const Redirect redirects[] = {
  { "follow-same", "{'redirects': <'follow'>}", TRUE, TRUE },
  { "follow-other", "{'redirects': <'follow'>}", FALSE, TRUE },
  { "default-other", "{}", FALSE, TRUE },
  { "same-origin-same", "{'redirects': <'same-origin'>}", TRUE, TRUE },
  { "same-origin-other", "{'redirects': <'same-origin'>}", FALSE, FALSE },
  { "none-same", "{'redirects': <'none'>}", TRUE, FALSE },
  { "none-other", "{'redirects': <'none'>}", FALSE, FALSE },
};

static void
test_redirects (gconstpointer data)
{
  const Redirect *row = data;
  TestAnswer answer = { .content = { .seed = 3, .size = 100 } };
  g_autoptr(TestServer) elsewhere = test_server_new (NULL);
  g_autofree char *location = NULL;
  TestAnswer redirect = { .status = "302 Found", .body = "" };
  g_auto(Stage) stage = { 0 };
  g_autofree char *target = NULL;
  g_autofree char *task = NULL;
  guint32 status;
  const char *url;

  stage_init (&stage, row->configuration);
  target = test_server_get_url (row->same_origin ? stage.server : elsewhere, "/target");
  location = g_strdup_printf ("Location: %s\r\n", target);
  redirect.headers = location;
  test_server_add (stage.server, "/file", test_answer, &redirect);
  test_server_add (stage.server, "/target", test_answer, &answer);
  test_server_add (elsewhere, "/target", test_answer, &answer);
  task = stage_start (&stage, "/file", NULL);
  if (!row->is_followed)
    {
      client_wait_failed (stage.client, task, "Server", NULL);
      g_assert_cmpuint (test_server_get_n_requests (stage.server), ==, 1);
      g_assert_cmpuint (test_server_get_n_requests (elsewhere), ==, 0);
      g_assert_null (stage_find_signal (stage.client, "WillPerformRedirection", NULL, 0));
      return;
    }

  client_wait_state (stage.client, task, "finished");
  client_assert_string (stage.client, task, "CurrentUrl", target);
  g_variant_get (stage_wait_signal (stage.client, "WillPerformRedirection", task, 0)->parameters,
                 "(u&s)", &status, &url);
  g_assert_cmpuint (status, ==, 302);
  g_assert_cmpstr (url, ==, target);
}

static void
test_insecure_redirect (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = 100 } };
  TestAnswer redirect = { .status = "302 Found", .body = "" };
  g_autoptr(TestCertificates) certificates = test_certificates_new ();
  g_autoptr(TestServer) secure = test_server_new (certificates->good);
  g_autofree char *url = test_server_get_url (secure, "/file");
  g_autofree char *location = NULL;
  g_autofree char *strict = g_strdup_printf ("{'tls-ca': <'%s'>}", certificates->ca_path);
  g_autofree char *lax = g_strdup_printf ("{'tls-ca': <'%s'>, 'allow-insecure-redirect': <true>}",
                                          certificates->ca_path);
  g_auto(Stage) stage = { 0 };
  g_autofree char *target = NULL;
  g_autofree char *task = NULL;
  g_autofree char *allowed = NULL;

  stage_init (&stage, strict);
  target = test_server_get_url (stage.server, "/target");
  location = g_strdup_printf ("Location: %s\r\n", target);
  redirect.headers = location;
  test_server_add (secure, "/file", test_answer, &redirect);
  test_server_add (stage.server, "/target", test_answer, &answer);
  task = stage_start_url (&stage, url, NULL);
  client_wait_failed (stage.client, task, "Server", NULL);
  g_assert_cmpuint (test_server_get_n_requests (stage.server), ==, 0);

  g_clear_pointer (&stage.session, g_free);
  stage.session = stage_open (stage.client, "lax", lax, NULL);
  allowed = stage_start_url (&stage, url, "{'referrer': <'https://127.0.0.1/'>}");
  client_wait_state (stage.client, allowed, "finished");
  g_assert_null (stage_get_asked (&stage, 0, "Referer"));
}

/* A server that gives no proof: only the size and what overlaps can tell. */
static void
test_resume_unproven (gconstpointer data)
{
  gboolean is_allowed = GPOINTER_TO_INT (data);
  TestAnswer answer = { .content = { .seed = 5, .size = SIZE }, .cut = CUT,
                        .end = TEST_END_STALL };
  g_auto(Stage) stage = { 0 };
  g_autofree char *wanted = test_content_sha256 (&answer.content);
  g_autofree char *path = NULL;
  g_autofree char *found = NULL;
  g_autofree char *task = NULL;
  const char *range;

  stage_init (&stage, is_allowed ? "{'resume-unproven': <true>}" : NULL);
  test_server_add (stage.server, "/file", test_answer, &answer);
  task = stage_start (&stage, "/file", NULL);
  client_wait_received (stage.client, task, CUT);
  client_tell (stage.client, task, "Suspend");
  answer.cut = 0;
  answer.end = TEST_END_KEEP;
  client_tell (stage.client, task, "Resume");
  client_wait_state (stage.client, task, "finished");

  range = stage_get_asked (&stage, 1, "Range");
  if (is_allowed)
    g_assert_cmpstr (range, ==, "bytes=134464-");  /* CUT less 64 KiB */
  else
    g_assert_null (range);
  path = fixture_get_path (stage.fixture, "file");
  found = test_file_sha256 (path);
  g_assert_cmpstr (found, ==, wanted);
}

/* A silent server. Its time is up after a second, the session's or the task's. */
static void
test_request_timeout (gconstpointer data)
{
  gboolean is_tasks = GPOINTER_TO_INT (data);
  TestAnswer answer = { .content = { .seed = 5, .size = SIZE }, .cut = CUT,
                        .end = TEST_END_STALL, .etag = "\"a\"" };
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) details = NULL;
  g_autofree char *task = NULL;
  const char *kind;
  gint64 begin;

  stage_init (&stage, is_tasks ? NULL : "{'request-timeout': <uint32 1>}");
  test_server_add (stage.server, "/file", test_answer, &answer);
  begin = g_get_monotonic_time ();
  task = stage_start (&stage, "/file", is_tasks ? "{'request-timeout': <uint32 1>}" : NULL);
  client_wait_reason (stage.client, task, "retry");
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, G_USEC_PER_SEC);
  details = client_get (stage.client, task, "ReasonDetails");
  g_assert_true (g_variant_lookup (details, "cause", "(&s&s)", &kind, NULL));
  g_assert_cmpstr (kind, ==, FERRY_SERVICE_ID ".Error.Timeout");

  /* What came before is kept, and the rest is fetched with the next attempt. */
  answer.cut = 0;
  answer.end = TEST_END_KEEP;
  client_wait_state (stage.client, task, "finished");
  g_assert_cmpstr (stage_get_asked (&stage, 1, "Range"), ==, "bytes=200000-");
}

/* One that runs, one that waits, one that is suspended, and one that waits for a person. */
static void
test_resource_timeout (void)
{
  TestAnswer stall = { .content = { .seed = 5, .size = SIZE }, .cut = CUT, .end = TEST_END_STALL };
  TestAnswer refusal = { .status = "401 Unauthorized",
                         .headers = "WWW-Authenticate: Basic realm=\"x\"\r\n", .body = "" };
  g_auto(Stage) stage = { 0 };
  g_autofree char *person = NULL;
  g_autofree char *suspended = NULL;
  g_autofree char *running = NULL;
  g_autofree char *waiting = NULL;
  gint64 begin;

  stage_init (&stage, "{'resource-timeout': <uint64 2>, 'max-running': <uint32 1>}");
  test_server_add (stage.server, "/stall", test_answer, &stall);
  test_server_add (stage.server, "/refusal", test_answer, &refusal);
  person = stage_start (&stage, "/refusal", NULL);
  client_wait_reason (stage.client, person, "credentials");

  suspended = stage_start (&stage, "/stall", NULL);
  client_wait_received (stage.client, suspended, 1);
  client_tell (stage.client, suspended, "Suspend");
  begin = g_get_monotonic_time ();
  running = stage_start (&stage, "/stall", NULL);
  client_wait_received (stage.client, running, 1);
  waiting = stage_start (&stage, "/stall", NULL);
  client_wait_failed (stage.client, running, "Timeout", NULL);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 2 * G_USEC_PER_SEC);
  client_wait_failed (stage.client, waiting, "Timeout", NULL);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 10 * G_USEC_PER_SEC);
  client_assert_string (stage.client, suspended, "State", "suspended");
  client_assert_string (stage.client, person, "State", "waiting");

  /* What the suspended one has left of its time is less than two seconds. */
  client_tell (stage.client, suspended, "Resume");
  client_wait_failed (stage.client, suspended, "Timeout", NULL);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/session-keys/cookies", test_cookies);
  g_test_add_func ("/session-keys/tls-ca", test_tls_ca);
  for (gsize i = 0; i < G_N_ELEMENTS (redirects); i++)
    {
      g_autofree char *path = g_strconcat ("/session-keys/redirects/", redirects[i].name, NULL);

      g_test_add_data_func (path, &redirects[i], test_redirects);
    }
  g_test_add_func ("/session-keys/allow-insecure-redirect", test_insecure_redirect);
  g_test_add_data_func ("/session-keys/resume-unproven/not", GINT_TO_POINTER (FALSE),
                        test_resume_unproven);
  g_test_add_data_func ("/session-keys/resume-unproven/allowed", GINT_TO_POINTER (TRUE),
                        test_resume_unproven);
  g_test_add_data_func ("/session-keys/request-timeout/session", GINT_TO_POINTER (FALSE),
                        test_request_timeout);
  g_test_add_data_func ("/session-keys/request-timeout/task", GINT_TO_POINTER (TRUE),
                        test_request_timeout);
  g_test_add_func ("/session-keys/resource-timeout", test_resource_timeout);
  return g_test_run ();
}
