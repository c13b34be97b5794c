/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What cannot be fetched, or not there, or not so: the error names what is wrong. */
#define G_LOG_DOMAIN "test-bad-requests"

#include "config.h"

#include <glib/gstdio.h>
#include <unistd.h>

#include "fixture.h"
#include "gate.h"

#define SIZE 5000

/* Nobody is asked, whatever is wrong. */
#define URL "http://127.0.0.1:9/file"

typedef struct
{
  const char *name;
  const char *url;      /* or options, as text: `DIR` stands for the folder for results */
  const char *error;
  const char *names;    /* what the message must have */
} Row;

static const Row bad_urls[] = {
  { "empty", "", "InvalidUrl", "empty" },
  { "no-scheme", "127.0.0.1/file", "InvalidUrl", "http" },
  { "no-host", "http:///file", "InvalidUrl", "host" },
  { "no-host-but-port", "http://:80/file", "InvalidUrl", "host" },
  { "nothing-but-scheme", "http:", "InvalidUrl", "host" },
  { "ftp", "ftp://127.0.0.1/file", "InvalidUrl", "ftp" },
  { "file", "file:///etc/passwd", "InvalidUrl", "file" },
  { "data", "data:text/plain,x", "InvalidUrl", "data" },
  { "line-feed", "http://127.0.0.1/a\nb", "InvalidUrl", "U+000A" },
  { "carriage-return", "http://127.0.0.1/a\rb", "InvalidUrl", "U+000D" },
  { "delete", "http://127.0.0.1/a\x7f", "InvalidUrl", "U+007F" },
  { "c1-control", "http://127.0.0.1/a\xc2\x85", "InvalidUrl", "U+0085" },
  { "space-before", " http://127.0.0.1/", "InvalidUrl", "space" },
  { "port-0", "http://127.0.0.1:0/", "InvalidUrl", "port" },
  { "port-65536", "http://127.0.0.1:65536/", "InvalidUrl", "port" },
  { "host-with-space", "http://a%20b/", "InvalidUrl", "host" },
  { "user", "http://anna@127.0.0.1/", "InvalidUrl", "127.0.0.1" },
  { "user-and-password", "http://anna:secret@127.0.0.1/", "InvalidUrl", "127.0.0.1" },
};

static const Row bad_options[] = {
  { "unknown", "{'colour': <'red'>}", "InvalidOption", "“colour”" },
  { "unknown-beside-known", "{'start': <true>, 'Start': <true>}", "InvalidOption", "“Start”" },
  { "destination-type", "{'destination': <b'/tmp'>}", "InvalidOption", "“destination”" },
  { "destination-empty", "{'destination': <''>}", "InvalidOption", "“destination”" },
  { "destination-relative", "{'destination': <'downloads'>}", "InvalidOption", "“downloads”" },
  { "destination-home", "{'destination': <'~/x'>}", "InvalidOption", "“~/x”" },
  { "destination-uri", "{'destination': <'file:///tmp'>}", "InvalidOption", "“file:///tmp”" },
  { "destination-missing", "{'destination': <'DIR/not/there'>}", "InvalidOption",
    "/not/there”" },
  { "destination-file", "{'destination': <'DIR/../start'>}", "InvalidOption", "start”" },
  { "destination-below-file", "{'destination': <'DIR/../start/x'>}", "InvalidOption", "start/x”" },
  { "start-type", "{'start': <'yes'>}", "InvalidOption", "“start”" },
  { "overwrite-type", "{'overwrite': <uint32 1>}", "InvalidOption", "“overwrite”" },
  { "digest-type", "{'digest': <@ay []>}", "InvalidOption", "“digest”" },
  { "digest-empty", "{'digest': <''>}", "InvalidOption", "“digest”" },
  { "digest-without-value", "{'digest': <'sha-256='>}", "InvalidOption", "“digest”" },
  { "digest-short", "{'digest': <'sha-256=abcd'>}", "InvalidOption", "“digest”" },
  { "digest-of-another-length", "{'digest': <'sha-256=da39a3ee5e6b4b0d3255bfef95601890afd80709'>}",
    "InvalidOption", "“digest”" },
  { "digest-no-hex", "{'digest': <'md5=zz41d8cd98f00b204e9800998ecf8427'>}", "InvalidOption",
    "“digest”" },
  { "digest-unknown", "{'digest': <'crc32=00000000'>}", "InvalidOption", "“digest”" },
  { "digest-without-algorithm", "{'digest': <'d41d8cd98f00b204e9800998ecf8427e'>}",
    "InvalidOption", "“digest”" },
  { "filename-type", "{'filename': <b'x'>}", "InvalidOption", "“filename”" },
  { "filename-empty", "{'filename': <''>}", "InvalidOption", "“filename”" },
  { "filename-slash", "{'filename': <'a/b'>}", "InvalidOption", "“a/b”" },
  { "filename-absolute", "{'filename': <'/etc/passwd'>}", "InvalidOption", "“/etc/passwd”" },
  { "filename-dot", "{'filename': <'.'>}", "InvalidOption", "“.”" },
  { "filename-dots", "{'filename': <'..'>}", "InvalidOption", "“..”" },
  { "filename-direction", "{'filename': <'a\\u202egpj.exe'>}", "InvalidOption", "“filename”" },
  { "filename-direction-first", "{'filename': <'\\u202egpj.exe'>}", "InvalidOption", "“filename”" },
  { "filename-isolate-last", "{'filename': <'a\\u2066'>}", "InvalidOption", "“filename”" },
  { "filename-control", "{'filename': <'a\\nb'>}", "InvalidOption", "“filename”" },
};

/* The service, and a session that has no task at the end. */
static Fixture *
new_fixture (char **session)
{
  Fixture *fixture = fixture_new (FIXTURE_STRICT);

  *session = client_open_session (fixture->client, "bad");
  return fixture;
}

static void
assert_nothing_made (Fixture *fixture)
{
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GVariant) tasks = NULL;

  answer = client_call (fixture->client, MANAGER_PATH, "Manager", "ListTasks",
                        g_variant_new ("(a{sv}tu)", NULL, G_GUINT64_CONSTANT (0), 0));
  tasks = g_variant_get_child_value (answer, 0);
  g_assert_cmpuint (g_variant_n_children (tasks), ==, 0);
  fixture_assert_files (fixture, NULL);
}

static GVariant *
parse_options (Fixture    *fixture,
               const char *text)
{
  g_auto(GStrv) parts = g_strsplit (text, "DIR", -1);
  g_autofree char *whole = g_strjoinv (fixture->downloads, parts);

  return client_parse (whole);
}

static void
test_urls (void)
{
  g_autofree char *session = NULL;
  g_autoptr(Fixture) fixture = new_fixture (&session);
  g_autofree char *filler = g_strnfill (64 * 1024, 'x');
  g_autofree char *too_long = g_strconcat ("http://127.0.0.1/", filler, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (bad_urls); i++)
    client_create_refused (fixture->client, bad_urls[i].error, bad_urls[i].names, session,
                           bad_urls[i].url,
                           g_variant_new_parsed ("{'destination': <%s>}", fixture->downloads));
  client_create_refused (fixture->client, "InvalidUrl", "64 KiB", session, too_long, NULL);
  assert_nothing_made (fixture);
}

/* Neither the error nor the log may say it again. Without a scheme the user's name looks like one,
 * which is named. */
static void
test_password_not_repeated (void)
{
  g_autofree char *session = NULL;
  g_autoptr(Fixture) fixture = new_fixture (&session);
  static const char *const urls[] = {
    "http://anna:s3cret@127.0.0.1/", "http://anna:s3cret@/", "http://anna:s3cret@127.0.0.1:99999/",
    "http://anna:s3cret", "anna:s3cret@127.0.0.1/", "http://anna:s3cret@127.0.0.1\n",
    "http://anna:s3cret%zz@[::1/", "http://anna:s3cret@a b/",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) answer = NULL;

      answer = client_try (fixture->client, session, "Session", "CreateDownloadTask",
                           g_variant_new ("(sa{sv})", urls[i], NULL), &error);
      if (answer != NULL || strstr (error->message, "s3cret") != NULL)
        g_error ("%s: %s", urls[i], answer != NULL ? "taken" : error->message);
      if (g_str_has_prefix (urls[i], "http") && strstr (error->message, "anna") != NULL)
        g_error ("%s: %s", urls[i], error->message);
    }
  assert_nothing_made (fixture);
}

static void
test_options (void)
{
  g_autofree char *session = NULL;
  g_autoptr(Fixture) fixture = new_fixture (&session);
  g_autofree char *filler = g_strnfill (256, 'x');

  for (gsize i = 0; i < G_N_ELEMENTS (bad_options); i++)
    client_create_refused (fixture->client, bad_options[i].error, bad_options[i].names, session,
                           URL, parse_options (fixture, bad_options[i].url));
  client_create_refused (fixture->client, "InvalidOption", "255", session, URL,
                         g_variant_new_parsed ("{'filename': <%s>}", filler));
  assert_nothing_made (fixture);
}

static void
test_folder_not_writable (void)
{
  g_autofree char *session = NULL;
  g_autoptr(Fixture) fixture = NULL;

  if (geteuid () == 0)
    {
      g_test_skip ("root may write everywhere");
      return;
    }

  fixture = new_fixture (&session);
  g_assert_no_errno (g_chmod (fixture->downloads, 0500));
  client_create_refused (fixture->client, "InvalidOption", fixture->downloads, session, URL,
                         g_variant_new_parsed ("{'destination': <%s>}", fixture->downloads));
  g_assert_no_errno (g_chmod (fixture->downloads, 0700));
  assert_nothing_made (fixture);
}

/* Between the call and the run. */
static void
test_folder_goes (void)
{
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autofree char *session = NULL;
  g_autoptr(Fixture) fixture = new_fixture (&session);
  g_autofree char *url = test_server_get_url (server, "/file");
  g_autofree char *folder = fixture_get_path (fixture, "new");
  g_autofree char *path = g_build_filename (folder, "file", NULL);
  g_autofree char *task = NULL;

  gate_init (&gate, 51, SIZE, G_MAXINT64);
  test_server_add (server, "/file", gate_serve, &gate);
  g_assert_no_errno (g_mkdir (folder, 0700));
  task = client_create (fixture->client, session, url,
                        g_variant_new_parsed ("{'destination': <%s>}", folder));
  g_assert_no_errno (g_rmdir (folder));
  client_tell (fixture->client, task, "Resume");
  client_wait_failed (fixture->client, task, "NotAllowed", folder);
  fixture_assert_files (fixture, NULL);

  /* It is not lost with that. */
  g_assert_no_errno (g_mkdir (folder, 0700));
  client_tell (fixture->client, task, "Resume");
  client_wait_state (fixture->client, task, "finished");
  gate_assert_file (&gate, path);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/bad-requests/url", test_urls);
  g_test_add_func ("/bad-requests/password-is-not-repeated", test_password_not_repeated);
  g_test_add_func ("/bad-requests/options", test_options);
  g_test_add_func ("/bad-requests/folder-not-writable", test_folder_not_writable);
  g_test_add_func ("/bad-requests/folder-goes", test_folder_goes);
  return g_test_run ();
}
