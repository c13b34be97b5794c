/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What callers may ask for: each option's legal values, and what is made of them. */
#define G_LOG_DOMAIN "test-options"

#include "config.h"

#include "api/download-options.h"
#include "api/options.h"
#include "api/session-options.h"
#include "common/error.h"

#define URL "https://example.org/a/file.bin"

/* Stands for whatever must never be told. */
#define HUSH "hush"

static GVariant *
parse (const char *text)
{
  g_autoptr(GError) error = NULL;
  GVariant *options = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return options;
}

static void
assert_is (GVariant   *value,
           const char *text)
{
  g_autofree char *found = g_variant_print (value, FALSE);

  g_assert_cmpstr (found, ==, text);
}

/* The error names what is wrong, and no secret. */
static void
assert_refused (const GError *error,
                const char   *text,
                const char   *named)
{
  if (!g_error_matches (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION))
    g_error ("%s: %s", text, error != NULL ? error->message : "accepted");
  if (strstr (error->message, named) == NULL || strstr (error->message, HUSH) != NULL)
    g_error ("%s: %s", text, error->message);
}

typedef struct
{
  const char *options;
  const char *named;  /* in the error */
} Row;

static const Row bad_downloads[] = {
  { "{'x': <1>}", "“x”" },
  { "{'start': <1>}", "“start”" },
  { "{'start': <true>, 'start': <true>}", "“start”" },
  { "{'destination': <'a/b'>}", "“destination”" },
  { "{'filename': <''>}", "“filename”" },
  { "{'filename': <'a/b'>}", "“filename”" },
  { "{'filename': <'..'>}", "“filename”" },
  { "{'filename': <'a\\nb'>}", "“filename”" },
  { "{'priority': <-0.01>}", "“priority”" },
  { "{'priority': <1.01>}", "“priority”" },
  { "{'priority': <1>}", "“priority”" },
  { "{'not-before': <int64 -1>}", "“not-before”" },
  { "{'expected-size': <int64 -1>}", "“expected-size”" },
  { "{'request-timeout': <uint32 0>}", "“request-timeout”" },
  { "{'request-timeout': <uint32 86401>}", "“request-timeout”" },
  { "{'digest': <'sha-256=00'>}", "“digest”" },
  { "{'referrer': <'ftp://a/'>}", "“referrer”" },
  { "{'referrer': <'http://u:hush@/'>}", "“referrer”" },
  { "{'headers': <{'Authorization': 'hush'}>}", "secret-headers" },
  { "{'headers': <{'COOKIE': 'hush'}>}", "secret-headers" },
  { "{'headers': <{'Host': 'hush'}>}", "“Host”" },
  { "{'headers': <{'A B': 'hush'}>}", "“A”" },
  { "{'headers': <{'X': 'hush\\r\\n'}>}", "“X”" },
  { "{'headers': <{'X': 'a', 'x': 'hush'}>}", "“x”" },
  { "{'headers': <{'X': 'a'}>, 'secret-headers': <{'x': 'hush'}>}", "“x”" },
  { "{'secret-headers': <{'Range': 'hush'}>}", "“Range”" },
  { "{'secret-headers': <{'Proxy-Authorization': 'hush'}>}", "“Proxy-Authorization”" },
};

static const Row bad_sessions[] = {
  { "{'start': <true>}", "“start”" },
  { "{'app-id': <'none'>}", "“app-id”" },
  { "{'request-timeout': <uint32 0>}", "“request-timeout”" },
  { "{'resource-timeout': <uint64 0>}", "“resource-timeout”" },
  { "{'max-connections-per-host': <uint32 0>}", "“max-connections-per-host”" },
  { "{'max-running': <uint32 1001>}", "“max-running”" },
  { "{'user-agent': <'a\\nb'>}", "“user-agent”" },
  { "{'destination': <'a'>}", "“destination”" },
  { "{'tls-ca': <'a'>}", "“tls-ca”" },
  { "{'cookies': <'all'>}", "“cookies”" },
  { "{'redirects': <'all'>}", "“redirects”" },
  { "{'notify': <'all'>}", "“notify”" },
  { "{'headers': <{'Authorization': 'hush'}>}", "secret-headers" },
};

static const Row bad_probes[] = {
  { "{'destination': <'/tmp'>}", "“destination”" },
  { "{'redirects': <'all'>}", "“redirects”" },
  { "{'tls-ca': <'a'>}", "“tls-ca”" },
  { "{'request-timeout': <uint32 86401>}", "“request-timeout”" },
  { "{'referrer': <'a'>}", "“referrer”" },
  { "{'headers': <{'Cookie': 'hush'}>}", "secret-headers" },
};

static FerrydTaskRow *
read_download (GVariant  *options,
               GVariant **secrets,
               GError   **error)
{
  FerrydConfiguration configuration = { .destination = "/of/the/session" };

  *secrets = NULL;
  return ferryd_download_options_read (URL, options, &configuration, secrets, error);
}

static void
test_bad_downloads (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_downloads); i++)
    {
      g_autoptr(GVariant) options = parse (bad_downloads[i].options);
      g_autoptr(GVariant) secrets = NULL;
      g_autoptr(GError) error = NULL;

      g_assert_null (read_download (options, &secrets, &error));
      assert_refused (error, bad_downloads[i].options, bad_downloads[i].named);
    }
}

static void
test_bad_sessions (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_sessions); i++)
    {
      g_autoptr(GVariant) given = parse (bad_sessions[i].options);
      g_auto(FerrydSessionOptions) options = { 0 };
      g_autoptr(GError) error = NULL;

      g_assert_false (ferryd_session_options_read (given, &options, &error));
      assert_refused (error, bad_sessions[i].options, bad_sessions[i].named);
    }
}

static void
test_bad_probes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_probes); i++)
    {
      g_autoptr(GVariant) given = parse (bad_probes[i].options);
      g_autoptr(GVariant) options = NULL;
      FerrydConfiguration values;
      g_autoptr(GError) error = NULL;

      g_assert_false (ferryd_probe_options_read (given, &options, &values, &error));
      assert_refused (error, bad_probes[i].options, bad_probes[i].named);
      g_assert_null (options);
    }
}

static void
test_not_a_number (void)
{
  double not_a_number = g_ascii_strtod ("nan", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_false (ferryd_download_options_check_priority (not_a_number, &error));
  assert_refused (error, "nan", "“priority”");
}

static void
test_bare_download (void)
{
  g_autoptr(GVariant) options = parse ("{}");
  g_autoptr(GVariant) secrets = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(FerrydTaskRow) row = read_download (options, &secrets, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (row->url, ==, URL);
  g_assert_cmpstr (row->folder, ==, "/of/the/session");
  g_assert_cmpfloat (row->priority, ==, FERRYD_DEFAULT_PRIORITY);
  g_assert_null (row->description);
  g_assert_null (row->secret_names);
  g_assert_null (secrets);
  g_assert_cmpint (row->status.state, ==, FERRY_TASK_STATE_SUSPENDED);
  g_assert_cmpint (row->status.reason, ==, FERRY_WAIT_REASON_NONE);
  g_assert_cmpint (row->status.clock_since, ==, 0);
  assert_is (row->options, "{}");
}

static void
test_full_download (void)
{
  g_autoptr(GVariant) options = parse (
    "{'destination': <'/a/../b'>, 'filename': <'.c'>, 'start': <true>, 'priority': <1.0>, "
    "'description': <'mine'>, 'headers': <{'X': 'y'}>, "
    "'secret-headers': <{'Cookie': 'hush', 'Z': 'hush'}>, "
    "'referrer': <'http://u:hush@a/b?c'>, 'download-limit': <uint64 7>, "
    "'not-before': <int64 0>, 'expected-size': <int64 0>, 'request-timeout': <uint32 86400>}");
  g_autoptr(GVariant) secrets = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(FerrydTaskRow) row = read_download (options, &secrets, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (row->folder, ==, "/b");
  g_assert_cmpstr (row->kept->file_name, ==, ".c");
  g_assert_cmpfloat (row->priority, ==, 1);
  g_assert_cmpstr (row->description, ==, "mine");
  g_assert_cmpuint (row->download_limit, ==, 7);
  g_assert_cmpint (row->status.state, ==, FERRY_TASK_STATE_WAITING);
  g_assert_cmpint (row->status.reason, ==, FERRY_WAIT_REASON_QUEUE);
  g_assert_cmpint (row->status.clock_since, ==, row->created);
  assert_is (row->secret_names, "['Cookie', 'Z']");
  assert_is (secrets, "{'Cookie': 'hush', 'Z': 'hush'}");
  assert_is (row->options,
             "{'destination': <'/a/../b'>, 'filename': <'.c'>, 'start': <true>, 'priority': <1.0>, "
             "'description': <'mine'>, 'headers': <{'X': 'y'}>, 'referrer': <'http://a/b?c'>, "
             "'download-limit': <uint64 7>, 'not-before': <int64 0>, 'expected-size': <int64 0>, "
             "'request-timeout': <uint32 86400>}");
}

static void
test_url (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (ferryd_download_options_check_url (URL, NULL));
  g_assert_false (ferryd_download_options_check_url ("ftp://a/", NULL));
  g_assert_false (ferryd_download_options_check_url ("http://u:hush@a/", &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_URL);
  g_assert_null (strstr (error->message, HUSH));
}

static void
test_session (void)
{
  g_autoptr(GVariant) given = parse ("{'app-id': <'org.example.App'>, 'notify': <'none'>, "
                                     "'secret-headers': <{'Authorization': 'hush'}>}");
  g_auto(FerrydSessionOptions) options = { 0 };
  g_autoptr(GError) error = NULL;

  g_assert_true (ferryd_session_options_read (given, &options, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (options.app_id, ==, "org.example.App");
  g_assert_true (options.has_notify);
  g_assert_cmpint (options.values.notify, ==, FERRYD_NOTIFY_NONE);
  assert_is (options.configuration, "{'app-id': <'org.example.App'>, 'notify': <'none'>}");
  assert_is (options.secrets, "{'Authorization': 'hush'}");
}

static void
test_keep (void)
{
  g_autoptr(GVariant) base = parse ("{'a': <1>, 'b': <2>, 'start': <true>}");
  g_autoptr(GVariant) options = parse ("{'b': <3>, 'c': <4>, 'secret-headers': <'hush'>}");
  g_autoptr(GVariant) kept = ferryd_options_keep (base, options, "start");

  assert_is (kept, "{'a': <1>, 'b': <3>, 'c': <4>}");
}

static void
test_edit (void)
{
  g_autoptr(GVariant) options = parse ("{'filename': <'a'>, 'overwrite': <false>}");
  g_autoptr(GVariant) other = parse ("{'start': <true>}");
  g_auto(FerrydTaskEdit) edit = { 0 };
  g_auto(FerrydTaskEdit) none = { 0 };
  g_autoptr(GError) error = NULL;

  g_assert_true (ferryd_download_options_read_edit (options, &edit, NULL));
  g_assert_cmpint (edit.what, ==, FERRYD_TASK_PATH);
  g_assert_cmpstr (edit.file_name, ==, "a");
  g_assert_null (edit.folder);
  g_assert_true (edit.has_overwrite);
  g_assert_false (edit.overwrite);

  g_assert_false (ferryd_download_options_read_edit (other, &none, &error));
  assert_refused (error, "start", "“start”");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/options/bad-downloads", test_bad_downloads);
  g_test_add_func ("/options/bad-sessions", test_bad_sessions);
  g_test_add_func ("/options/bad-probes", test_bad_probes);
  g_test_add_func ("/options/not-a-number", test_not_a_number);
  g_test_add_func ("/options/bare-download", test_bare_download);
  g_test_add_func ("/options/full-download", test_full_download);
  g_test_add_func ("/options/url", test_url);
  g_test_add_func ("/options/session", test_session);
  g_test_add_func ("/options/keep", test_keep);
  g_test_add_func ("/options/edit", test_edit);

  return g_test_run ();
}
