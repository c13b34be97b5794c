/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of a download and the keys of a configuration: which are refused, and what the server
 * sees of those that are not. */
#define G_LOG_DOMAIN "test-options"

#include "config.h"

#include <string.h>

#include "stage.h"

#define SIZE 3000

typedef struct
{
  const char *options;
  const char *names;    /* what the error must have */
} Refused;

/* In a configuration and in options alike. */
static const Refused bad_headers[] = {
  { "{'headers': <{'Authorization': 'x'}>}", "secret-headers" },
  { "{'headers': <{'COOKIE': 'x'}>}", "secret-headers" },
  { "{'headers': <{'Accept-Encoding': 'gzip'}>}", "Accept-Encoding" },
  { "{'headers': <{'Connection': 'close'}>}", "Connection" },
  { "{'headers': <{'content-length': '1'}>}", "content-length" },
  { "{'headers': <{'Expect': '100-continue'}>}", "Expect" },
  { "{'headers': <{'Host': 'x'}>}", "Host" },
  { "{'headers': <{'If-Range': 'x'}>}", "If-Range" },
  { "{'headers': <{'Keep-Alive': 'x'}>}", "Keep-Alive" },
  { "{'headers': <{'Range': 'bytes=0-'}>}", "Range" },
  { "{'headers': <{'TE': 'x'}>}", "TE" },
  { "{'headers': <{'Trailer': 'x'}>}", "Trailer" },
  { "{'headers': <{'Transfer-Encoding': 'chunked'}>}", "Transfer-Encoding" },
  { "{'headers': <{'Upgrade': 'h2c'}>}", "Upgrade" },
  { "{'headers': <{'Want-Repr-Digest': 'x'}>}", "Want-Repr-Digest" },
  { "{'headers': <{'WWW-Authenticate': 'x'}>}", "WWW-Authenticate" },
  { "{'headers': <{'Proxy-Authorization': 'x'}>}", "Proxy-Authorization" },
  { "{'headers': <{'proxy-x': 'x'}>}", "proxy-x" },
  { "{'secret-headers': <{'Host': 'x'}>}", "Host" },
  { "{'secret-headers': <{'Proxy-Authorization': 'x'}>}", "Proxy-Authorization" },
  { "{'headers': <{'': 'x'}>}", "headers" },
  { "{'headers': <{'a b': 'x'}>}", "headers" },
  { "{'headers': <{'a:': 'x'}>}", "headers" },
  { "{'headers': <{'ä': 'x'}>}", "headers" },
  { "{'headers': <{'X-A': 'a\\nb'}>}", "X-A" },
  { "{'headers': <{'X-A': 'a\\rb'}>}", "X-A" },
  { "{'headers': <{'X-A': 'a\\u0001b'}>}", "X-A" },
  { "{'headers': <{'X-A': '1', 'x-a': '2'}>}", "twice" },
  { "{'headers': <{'X-A': '1'}>, 'secret-headers': <{'x-a': '2'}>}", "twice" },
  { "{'headers': <'X-A: 1'>}", "headers" },
  { "{'request-timeout': <uint32 0>}", "request-timeout" },
  { "{'request-timeout': <uint32 86401>}", "request-timeout" },
  { "{'request-timeout': <int64 5>}", "request-timeout" },
  { "{'download-limit': <uint32 5>}", "download-limit" },
};

static const Refused bad_options[] = {
  { "{'priority': <-0.1>}", "priority" },
  { "{'priority': <1.1>}", "priority" },
  { "{'priority': <nan>}", "priority" },
  { "{'priority': <uint32 1>}", "priority" },
  { "{'description': <b'x'>}", "description" },
  { "{'not-before': <int64 -1>}", "not-before" },
  { "{'expected-size': <int64 -1>}", "expected-size" },
  { "{'referrer': <'ftp://127.0.0.1/'>}", "referrer" },
  { "{'referrer': <''>}", "referrer" },
  { "{'user-agent': <'x'>}", "user-agent" },
  { "{'cookies': <'none'>}", "cookies" },
};

static const Refused bad_keys[] = {
  { "{'resource-timeout': <uint64 0>}", "resource-timeout" },
  { "{'resource-timeout': <uint64 315360001>}", "resource-timeout" },
  { "{'resource-timeout': <uint32 5>}", "resource-timeout" },
  { "{'max-connections-per-host': <uint32 0>}", "max-connections-per-host" },
  { "{'max-connections-per-host': <uint32 65>}", "max-connections-per-host" },
  { "{'max-running': <uint32 1001>}", "max-running" },
  { "{'user-agent': <''>}", "user-agent" },
  { "{'user-agent': <'a\\nb'>}", "user-agent" },
  { "{'destination': <'downloads'>}", "destination" },
  { "{'destination': <'/not/there'>}", "destination" },
  { "{'destination': <'/etc/passwd'>}", "destination" },
  { "{'cookies': <'some'>}", "cookies" },
  { "{'tls-ca': <'ca.pem'>}", "tls-ca" },
  { "{'tls-ca': <'/not/there'>}", "tls-ca" },
  { "{'tls-ca': <'/etc'>}", "tls-ca" },
  { "{'redirects': <'all'>}", "redirects" },
  { "{'allow-insecure-redirect': <'yes'>}", "allow-insecure-redirect" },
  { "{'resume-unproven': <uint32 1>}", "resume-unproven" },
  { "{'notify': <'never'>}", "notify" },
  { "{'overwrite': <true>}", "overwrite" },
  { "{'priority': <0.5>}", "priority" },
};

static void
refuse_configuration (Stage         *stage,
                      const Refused *row)
{
  client_call_refused (stage->client, "InvalidOption", row->names, MANAGER_PATH, "Manager",
                       "OpenSession", g_variant_new ("(s@a{sv})", "refused",
                                                     client_parse (row->options)));
}

static void
test_refused (void)
{
  g_auto(Stage) stage = { 0 };
  g_autofree char *long_text = g_strnfill (4097, 'x');
  g_autofree char *long_value = g_strnfill (8193, 'x');
  g_autofree char *description = g_strdup_printf ("{'description': <'%s'>}", long_text);
  g_autofree char *headers = g_strdup_printf ("{'headers': <{'X-A': '%s'}>}", long_value);
  g_autoptr(GVariant) sessions = NULL;

  stage_init (&stage, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_headers); i++)
    {
      refuse_configuration (&stage, &bad_headers[i]);
      stage_refuse (&stage, "InvalidOption", bad_headers[i].names, bad_headers[i].options);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (bad_options); i++)
    stage_refuse (&stage, "InvalidOption", bad_options[i].names, bad_options[i].options);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_keys); i++)
    refuse_configuration (&stage, &bad_keys[i]);
  stage_refuse (&stage, "InvalidOption", "description", description);
  stage_refuse (&stage, "InvalidOption", "X-A", headers);

  /* None of that has made anything. */
  sessions = client_call (stage.client, MANAGER_PATH, "Manager", "ListSessions", NULL);
  client_assert_value (sessions, "([('" MANAGER_PATH "/session/1', '" FERRY_APP_ID
                                 "', 'stage', 'open')],)");
  stage_assert (stage.client, stage.session, "Session", "Suspended", "0");
}

/* The greatest and smallest that are legal. */
static void
test_bounds (void)
{
  static const char *const configurations[] = {
    "{'request-timeout': <uint32 1>, 'resource-timeout': <uint64 1>, 'max-running': <uint32 0>, "
    "'max-connections-per-host': <uint32 1>, 'notify': <'none'>}",
    "{'request-timeout': <uint32 86400>, 'resource-timeout': <uint64 315360000>, "
    "'max-running': <uint32 1000>, 'max-connections-per-host': <uint32 64>, 'notify': <'each'>, "
    "'download-limit': <uint64 18446744073709551615>}",
    "{'redirects': <'same-origin'>, 'cookies': <'none'>, 'notify': <'finish'>, "
    "'headers': <@a{ss} {}>, 'tls-ca': <'/etc/hostname'>}",
  };
  g_auto(Stage) stage = { 0 };
  g_autofree char *text = g_strnfill (4096, 'x');
  g_autofree char *value = g_strnfill (8192, 'x');
  g_autofree char *options = g_strdup_printf ("{'description': <'%s'>, 'priority': <1.0>, "
                                              "'headers': <{'X-A': '%s', 'X-B': 'a\\tb'}>, "
                                              "'not-before': <int64 0>, "
                                              "'expected-size': <int64 0>, "
                                              "'request-timeout': <uint32 86400>}", text, value);
  g_autofree char *task = NULL;

  stage_init (&stage, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (configurations); i++)
    {
      g_autofree char *name = g_strdup_printf ("bounds %" G_GSIZE_FORMAT, i);
      g_autofree char *session = stage_open (stage.client, name, configurations[i], NULL);

      stage_assert (stage.client, session, "Session", "Configuration", configurations[i]);
    }
  task = stage_create (&stage, "/file", options);
  client_assert_string (stage.client, task, "Description", text);
}

/* What there is of a configuration holds; another one changes nothing, but must be legal. */
static void
test_stored_configuration_holds (void)
{
  static const char configuration[] = "{'user-agent': <'first'>, 'app-id': <'org.example.App'>}";
  g_auto(Stage) stage = { 0 };
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  const Refused illegal = { "{'app-id': <'org.example.App'>, 'max-running': <uint32 1001>}",
                            "max-running" };
  gboolean created;

  stage_init (&stage, NULL);
  first = stage_open (stage.client, "kept", configuration, &created);
  g_assert_true (created);
  second = stage_open (stage.client, "kept",
                       "{'user-agent': <'second'>, 'app-id': <'org.example.App'>, "
                       "'destination': <'/not/there'>}", &created);
  g_assert_false (created);
  g_assert_cmpstr (first, ==, second);
  stage_assert (stage.client, first, "Session", "Configuration", configuration);
  stage_assert (stage.client, first, "Session", "AppId", "'org.example.App'");
  stage_assert (stage.client, first, "Session", "Identifier", "'kept'");
  refuse_configuration (&stage, &illegal);
}

#define HEADERS "{'X-Both': 'session', 'X-Session': 's'}"

static void
test_headers_arrive (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = SIZE } };
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *plain = NULL;

  stage_init (&stage, "{'headers': <" HEADERS ">, 'user-agent': <'Tester/1'>, "
                      "'secret-headers': <{'Authorization': 'Bearer abc', "
                      "'X-Key': 'of session'}>}");
  test_server_add (stage.server, "/file", test_answer, &answer);
  task = stage_start (&stage, "/file",
                      "{'headers': <{'x-both': 'task', 'X-Task': 't'}>, "
                      "'secret-headers': <{'X-Key': 'of task', 'Cookie': 'a=b'}>, "
                      "'referrer': <'http://anna:pass@127.0.0.1/page?q=1#part'>}");
  client_wait_state (stage.client, task, "finished");
  g_assert_cmpstr (stage_get_asked (&stage, 0, "X-Both"), ==, "task");
  g_assert_cmpstr (stage_get_asked (&stage, 0, "X-Session"), ==, "s");
  g_assert_cmpstr (stage_get_asked (&stage, 0, "X-Task"), ==, "t");
  g_assert_cmpstr (stage_get_asked (&stage, 0, "Authorization"), ==, "Bearer abc");
  g_assert_cmpstr (stage_get_asked (&stage, 0, "X-Key"), ==, "of task");
  g_assert_cmpstr (stage_get_asked (&stage, 0, "Cookie"), ==, "a=b");
  g_assert_cmpstr (stage_get_asked (&stage, 0, "User-Agent"), ==, "Tester/1");
  g_assert_cmpstr (stage_get_asked (&stage, 0, "Referer"), ==, "http://127.0.0.1/page?q=1");
  g_assert_cmpstr (stage_get_asked (&stage, 0, "Accept-Encoding"), ==, "identity");

  plain = stage_start (&stage, "/file", NULL);
  client_wait_state (stage.client, plain, "finished");
  g_assert_cmpstr (stage_get_asked (&stage, 1, "X-Both"), ==, "session");
  g_assert_cmpstr (stage_get_asked (&stage, 1, "X-Key"), ==, "of session");
  g_assert_null (stage_get_asked (&stage, 1, "X-Task"));
  g_assert_null (stage_get_asked (&stage, 1, "Referer"));
}

/* The service says who it is where the session does not. */
static void
test_own_user_agent (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = SIZE } };
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", test_answer, &answer);
  task = stage_start (&stage, "/file", NULL);
  client_wait_state (stage.client, task, "finished");
  g_assert_true (g_str_has_prefix (stage_get_asked (&stage, 0, "User-Agent"), "Ferry"));
}

/* All of them are for the URL's own origin. */
static void
test_other_origin (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = SIZE } };
  g_autoptr(TestServer) elsewhere = test_server_new (NULL);
  g_autofree char *target = test_server_get_url (elsewhere, "/file");
  g_autofree char *location = g_strdup_printf ("Location: %s\r\n", target);
  TestAnswer redirect = { .status = "302 Found", .headers = location, .body = "" };
  static const char *const secret[] = { "X-A", "X-Key", "Authorization", "Cookie" };
  g_auto(Stage) stage = { 0 };
  const TestRequest *request;
  g_autofree char *task = NULL;

  stage_init (&stage, "{'secret-headers': <{'Authorization': 'Bearer abc', 'X-Key': 'k'}>, "
                      "'user-agent': <'Tester/1'>, 'headers': <{'X-A': 'a'}>}");
  test_server_add (stage.server, "/file", test_answer, &redirect);
  test_server_add (elsewhere, "/file", test_answer, &answer);
  task = stage_start (&stage, "/file", "{'secret-headers': <{'Cookie': 'a=b'}>}");
  client_wait_state (stage.client, task, "finished");
  request = test_server_get_request (elsewhere, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (secret); i++)
    {
      g_assert_nonnull (stage_get_asked (&stage, 0, secret[i]));
      g_assert_null (test_request_get_header (request, secret[i]));
    }
  g_assert_cmpstr (test_request_get_header (request, "User-Agent"), ==, "Tester/1");
  client_assert_string (stage.client, task, "CurrentUrl", target);
}

/* Options that are shown at once, and not where they are secret. */
static void
test_shown (void)
{
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *wanted = NULL;

  stage_init (&stage, "{'secret-headers': <{'X-Key': 'k'}>, 'max-running': <uint32 3>}");
  stage_assert (stage.client, stage.session, "Session", "Configuration",
                "{'max-running': <uint32 3>}");

  task = stage_create (&stage, "/file",
                       "{'filename': <'chosen'>, 'expected-size': <int64 77>, 'priority': <0.25>, "
                       "'description': <'mine'>, 'download-limit': <uint64 99>, "
                       "'not-before': <int64 12345>, 'secret-headers': <{'X-Key': 'k'}>, "
                       "'referrer': <'http://anna:pass@127.0.0.1/'>, "
                       "'digest': <'md5=d41d8cd98f00b204e9800998ecf8427e'>}");
  client_assert_string (stage.client, task, "FileName", "chosen");
  g_assert_cmpint (client_get_number (stage.client, task, "BytesExpectedToReceive"), ==, 77);
  g_assert_cmpint (client_get_number (stage.client, task, "NotBefore"), ==, 12345);
  g_assert_cmpint (client_get_number (stage.client, task, "DownloadLimit"), ==, 99);
  stage_assert (stage.client, task, "Task", "Priority", "0.25");
  client_assert_string (stage.client, task, "Description", "mine");
  stage_assert (stage.client, task, "Task", "Digest",
                "{'algorithm': <'md5'>, 'value': <'d41d8cd98f00b204e9800998ecf8427e'>, "
                "'verified': <false>, 'weak': <true>}");
  wanted = g_strdup_printf ("{'filename': <'chosen'>, 'expected-size': <int64 77>, "
                            "'priority': <0.25>, 'description': <'mine'>, "
                            "'download-limit': <uint64 99>, 'not-before': <int64 12345>, "
                            "'referrer': <'http://127.0.0.1/'>, "
                            "'digest': <'md5=d41d8cd98f00b204e9800998ecf8427e'>, "
                            "'destination': <'%s'>}", stage.fixture->downloads);
  stage_assert (stage.client, task, "Task", "Options", wanted);
}

/* The session's folder is for tasks that name none. */
static void
test_session_destination (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = SIZE } };
  g_auto(Stage) stage = { 0 };
  g_autofree char *configuration = NULL;
  g_autofree char *session = NULL;
  g_autofree char *url = NULL;
  g_autofree char *path = NULL;
  g_autofree char *task = NULL;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", test_answer, &answer);
  configuration = g_strdup_printf ("{'destination': <'%s'>}", stage.fixture->downloads);
  session = stage_open (stage.client, "folder", configuration, NULL);
  url = test_server_get_url (stage.server, "/file");
  task = client_create (stage.client, session, url, client_parse ("{'start': <true>}"));
  client_wait_state (stage.client, task, "finished");
  path = fixture_get_path (stage.fixture, "file");
  client_assert_string (stage.client, task, "Path", path);
  fixture_assert_files (stage.fixture, "file", NULL);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/options/bad-ones-are-refused", test_refused);
  g_test_add_func ("/options/bounds-are-legal", test_bounds);
  g_test_add_func ("/options/stored-configuration-holds", test_stored_configuration_holds);
  g_test_add_func ("/options/headers-arrive", test_headers_arrive);
  g_test_add_func ("/options/own-user-agent", test_own_user_agent);
  g_test_add_func ("/options/nothing-for-another-origin", test_other_origin);
  g_test_add_func ("/options/shown-without-secrets", test_shown);
  g_test_add_func ("/options/folder-of-the-session", test_session_destination);
  return g_test_run ();
}
