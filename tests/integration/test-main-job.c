/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A URL becomes a verified file: the way through the whole house. */
#define G_LOG_DOMAIN "test-main-job"

#include "config.h"

#include <glib/gstdio.h>

#include "fixture.h"
#include "gate.h"

#define SIZE (1000 * 1000 + 7)

/* One file on a server, the service, and a session. */
typedef struct
{
  Gate        gate;
  TestServer *server;   /* owned */
  Fixture    *fixture;  /* owned */
  Client     *client;   /* the fixture's */
  char       *session;  /* owned */
  char       *url;      /* owned */
} Job;

static void
job_init (Job    *self,
          gint64  hold_at)
{
  gate_init (&self->gate, 42, SIZE, hold_at);
  self->gate.answer.headers = "Content-Type: application/x-test\r\n";
  self->server = test_server_new (NULL);
  test_server_add (self->server, "/a/file.bin", gate_serve, &self->gate);
  self->url = test_server_get_url (self->server, "/a/file.bin");
  self->fixture = fixture_new (FIXTURE_STRICT);
  self->client = self->fixture->client;
  self->session = client_open_session (self->client, "main");
}

static void
job_clear (Job *self)
{
  gate_open (&self->gate);
  g_clear_pointer (&self->fixture, fixture_free);
  g_clear_pointer (&self->server, test_server_free);
  gate_clear (&self->gate);
  g_clear_pointer (&self->session, g_free);
  g_clear_pointer (&self->url, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Job, job_clear)

static char *
create (Job        *self,
        const char *more)
{
  g_autofree char *quoted = g_strdup_printf ("{'destination': <'%s'>%s}",
                                             self->fixture->downloads, more);

  return client_create (self->client, self->session, self->url, client_parse (quoted));
}

static void
assert_file (Job        *self,
             const char *name)
{
  g_autofree char *path = fixture_get_path (self->fixture, name);

  gate_assert_file (&self->gate, path);
}

static void
assert_exchange (GVariant   *metrics,
                 const char *url)
{
  g_autoptr(GVariant) exchange = g_variant_get_child_value (metrics, 0);
  const char *text = NULL;
  guint32 status = 0;
  guint64 bytes = 0;

  g_assert_true (g_variant_lookup (exchange, "url", "&s", &text));
  g_assert_cmpstr (text, ==, url);
  g_assert_true (g_variant_lookup (exchange, "status", "u", &status));
  g_assert_cmpuint (status, ==, 200);
  g_assert_true (g_variant_lookup (exchange, "body-bytes", "t", &bytes));
  g_assert_cmpuint (bytes, ==, SIZE);
}

static void
test_finished (void)
{
  g_auto(Job) job = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GVariant) response = NULL;
  g_autoptr(GVariant) metrics = NULL;
  g_autoptr(GVariant) error = NULL;
  gboolean verified = FALSE;
  const char *type = NULL;
  guint32 status = 0;
  gint64 created;

  job_init (&job, G_MAXINT64);
  path = fixture_get_path (job.fixture, "file.bin");
  task = create (&job, ", 'start': <true>");
  client_wait_state (job.client, task, "finished");

  assert_file (&job, "file.bin");
  fixture_assert_files (job.fixture, "file.bin", NULL);
  client_assert_string (job.client, task, "Kind", "download");
  client_assert_string (job.client, task, "Reason", "");
  client_assert_string (job.client, task, "Phase", "");
  client_assert_string (job.client, task, "Url", job.url);
  client_assert_string (job.client, task, "CurrentUrl", job.url);
  client_assert_string (job.client, task, "FileName", "file.bin");
  client_assert_string (job.client, task, "Path", path);
  client_assert_string (job.client, task, "Session", job.session);
  g_assert_cmpint (client_get_number (job.client, task, "BytesReceived"), ==, SIZE);
  g_assert_cmpint (client_get_number (job.client, task, "BytesExpectedToReceive"), ==, SIZE);
  g_assert_cmpint (client_get_number (job.client, task, "Rate"), ==, 0);
  g_assert_cmpint (client_get_number (job.client, task, "StartedOver"), ==, 0);
  created = client_get_number (job.client, task, "Created");
  g_assert_cmpint (created, >, g_get_real_time () - G_TIME_SPAN_HOUR);
  g_assert_cmpint (client_get_number (job.client, task, "Finished"), >=, created);

  response = client_get (job.client, task, "Response");
  g_assert_true (g_variant_lookup (response, "length-verified", "b", &verified));
  g_assert_true (verified);
  g_assert_true (g_variant_lookup (response, "status", "u", &status));
  g_assert_cmpuint (status, ==, 200);
  g_assert_true (g_variant_lookup (response, "mime-type", "&s", &type));
  g_assert_cmpstr (type, ==, "application/x-test");
  metrics = client_get (job.client, task, "Metrics");
  g_assert_cmpuint (g_variant_n_children (metrics), ==, 1);
  assert_exchange (metrics, job.url);
  error = client_get (job.client, task, "Error");
  client_assert_value (error, "('', '')");

  /* It is over. */
  client_call_refused (job.client, "WrongState", NULL, task, "Task", "Resume", NULL);
  client_call_refused (job.client, "WrongState", NULL, task, "Task", "Suspend", NULL);
  client_call_refused (job.client, "WrongState", NULL, task, "Task", "Cancel", NULL);
  assert_file (&job, "file.bin");
}

static void
test_created_suspended (void)
{
  g_auto(Job) job = { 0 };
  g_autofree char *task = NULL;

  job_init (&job, G_MAXINT64);
  task = create (&job, "");
  client_assert_string (job.client, task, "State", "suspended");
  client_tell (job.client, task, "Suspend");
  client_assert_string (job.client, task, "State", "suspended");
  g_assert_cmpuint (test_server_get_n_requests (job.server), ==, 0);
  fixture_assert_files (job.fixture, NULL);

  client_tell (job.client, task, "Resume");
  client_wait_state (job.client, task, "finished");
  assert_file (&job, "file.bin");
}

static void
test_suspend_resume (void)
{
  const gint64 half = SIZE / 2;
  g_auto(Job) job = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *range = g_strdup_printf ("bytes=%" G_GINT64_FORMAT "-", half);
  const TestRequest *second;

  job_init (&job, half);
  task = create (&job, ", 'start': <true>");
  client_wait_received (job.client, task, half);
  client_assert_string (job.client, task, "State", "running");
  client_assert_string (job.client, task, "Phase", "transferring");
  client_tell (job.client, task, "Resume");

  client_tell (job.client, task, "Suspend");
  client_assert_string (job.client, task, "State", "suspended");
  client_assert_string (job.client, task, "Phase", "");
  g_assert_cmpint (client_get_number (job.client, task, "BytesReceived"), ==, half);
  g_assert_cmpint (client_get_number (job.client, task, "BytesExpectedToReceive"), ==, SIZE);
  g_assert_cmpint (client_get_number (job.client, task, "Finished"), ==, 0);
  fixture_assert_files (job.fixture, "file.bin.part", NULL);

  gate_open (&job.gate);
  client_tell (job.client, task, "Resume");
  client_wait_state (job.client, task, "finished");
  assert_file (&job, "file.bin");
  fixture_assert_files (job.fixture, "file.bin", NULL);
  second = test_server_get_request (job.server, 1);
  g_assert_cmpstr (test_request_get_header (second, "Range"), ==, range);
  g_assert_cmpstr (test_request_get_header (second, "If-Range"), ==, "\"gate\"");
  g_assert_cmpuint (test_server_get_n_requests (job.server), ==, 2);
}

static void
test_cancel (gconstpointer data)
{
  const char *from = data;
  g_auto(Job) job = { 0 };
  g_autofree char *task = NULL;
  gboolean with_part = !g_str_has_prefix (from, "created");

  job_init (&job, SIZE / 2);
  task = create (&job, with_part ? ", 'start': <true>" : "");
  if (with_part)
    client_wait_received (job.client, task, SIZE / 2);
  if (g_str_equal (from, "suspended"))
    client_tell (job.client, task, "Suspend");

  client_tell (job.client, task, "Cancel");
  client_assert_string (job.client, task, "State", "cancelled");
  client_assert_string (job.client, task, "Path", "");
  g_assert_cmpint (client_get_number (job.client, task, "BytesReceived"), ==, 0);
  g_assert_cmpint (client_get_number (job.client, task, "Finished"), >, 0);
  fixture_assert_files (job.fixture, NULL);

  client_tell (job.client, task, "Cancel");
  client_call_refused (job.client, "WrongState", NULL, task, "Task", "Resume", NULL);
  client_call_refused (job.client, "WrongState", NULL, task, "Task", "Suspend", NULL);
}

static void
assert_digest (Job        *job,
               const char *task,
               gboolean    verified,
               gboolean    weak)
{
  g_autoptr(GVariant) digest = client_get (job->client, task, "Digest");
  gboolean is;

  g_assert_true (g_variant_lookup (digest, "verified", "b", &is));
  g_assert_cmpint (is, ==, verified);
  g_assert_true (g_variant_lookup (digest, "weak", "b", &is));
  g_assert_cmpint (is, ==, weak);
}

static void
test_digest (void)
{
  g_auto(Job) job = { 0 };
  g_autofree char *sha256 = NULL;
  g_autofree char *right = NULL;
  g_autofree char *good = NULL;
  g_autofree char *bad = NULL;
  g_autofree char *weak = NULL;

  job_init (&job, G_MAXINT64);
  sha256 = test_content_sha256 (&job.gate.answer.content);
  right = g_strdup_printf (", 'start': <true>, 'digest': <'sha-256=%s'>", sha256);
  good = create (&job, right);
  client_wait_state (job.client, good, "finished");
  assert_digest (&job, good, TRUE, FALSE);
  assert_file (&job, "file.bin");

  sha256[0] = sha256[0] == '0' ? '1' : '0';
  g_clear_pointer (&right, g_free);
  right = g_strdup_printf (", 'start': <true>, 'filename': <'bad'>, 'digest': <'sha-256=%s'>",
                           sha256);
  bad = create (&job, right);
  client_wait_failed (job.client, bad, "Digest", NULL);
  assert_digest (&job, bad, FALSE, FALSE);
  g_assert_cmpint (client_get_number (job.client, bad, "BytesReceived"), ==, 0);

  weak = create (&job, ", 'start': <true>, 'filename': <'bad'>, "
                       "'digest': <'md5=00000000000000000000000000000000'>");
  client_wait_failed (job.client, weak, "Digest", NULL);
  assert_digest (&job, weak, FALSE, TRUE);
  fixture_assert_files (job.fixture, "file.bin", NULL);
}

static void
test_same_name (void)
{
  g_auto(Job) job = { 0 };
  g_autoptr(GPtrArray) tasks = g_ptr_array_new_with_free_func (g_free);

  job_init (&job, SIZE / 2);
  for (guint i = 0; i < 3; i++)
    g_ptr_array_add (tasks, create (&job, ", 'start': <true>"));
  gate_wait_held (&job.gate, 3);
  gate_open (&job.gate);
  for (guint i = 0; i < 3; i++)
    client_wait_state (job.client, tasks->pdata[i], "finished");

  fixture_assert_files (job.fixture, "file.bin", "file (1).bin", "file (2).bin", NULL);
  assert_file (&job, "file.bin");
  assert_file (&job, "file (1).bin");
  assert_file (&job, "file (2).bin");
}

static void
test_overwrite (void)
{
  g_auto(Job) job = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;

  job_init (&job, SIZE / 2);
  path = fixture_get_path (job.fixture, "mine.bin");
  g_assert_true (g_file_set_contents (path, "before", -1, NULL));
  task = create (&job, ", 'start': <true>, 'filename': <'mine.bin'>, 'overwrite': <true>");
  client_wait_received (job.client, task, SIZE / 2);

  /* The old one stays until the new one is whole. */
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "before");
  gate_open (&job.gate);
  client_wait_state (job.client, task, "finished");
  assert_file (&job, "mine.bin");
  fixture_assert_files (job.fixture, "mine.bin", NULL);
}

static void
test_default_folder (void)
{
  g_auto(Job) job = { 0 };
  g_autofree char *folder = NULL;
  g_autofree char *at_home = NULL;
  g_autofree char *in_downloads = NULL;
  g_autofree char *settings = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  job_init (&job, G_MAXINT64);
  at_home = g_build_filename (job.fixture->home, "file.bin", NULL);
  first = client_create (job.client, job.session, job.url,
                         g_variant_new_parsed ("{'start': <true>}"));
  client_wait_state (job.client, first, "finished");
  gate_assert_file (&job.gate, at_home);

  /* Where the user has one; it is read at the start. */
  g_assert_cmpint (fixture_end_service (job.fixture, SIGTERM), ==, 0);
  settings = g_build_filename (job.fixture->root, "config", "user-dirs.dirs", NULL);
  folder = g_build_filename (job.fixture->home, "Fetched", NULL);
  in_downloads = g_build_filename (folder, "file.bin", NULL);
  g_assert_no_errno (g_mkdir (folder, 0700));
  g_assert_true (g_file_set_contents (settings, "XDG_DOWNLOAD_DIR=\"$HOME/Fetched\"\n", -1, NULL));
  g_clear_pointer (&job.session, g_free);
  job.session = client_open_session (job.client, "main");
  second = client_create (job.client, job.session, job.url,
                          g_variant_new_parsed ("{'start': <true>}"));
  client_wait_state (job.client, second, "finished");
  gate_assert_file (&job.gate, in_downloads);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/main-job/url-becomes-a-verified-file", test_finished);
  g_test_add_func ("/main-job/created-suspended-runs-after-resume", test_created_suspended);
  g_test_add_func ("/main-job/resume-goes-on-where-suspend-stopped", test_suspend_resume);
  g_test_add_data_func ("/main-job/cancel-leaves-nothing/running", "running", test_cancel);
  g_test_add_data_func ("/main-job/cancel-leaves-nothing/suspended", "suspended", test_cancel);
  g_test_add_data_func ("/main-job/cancel-leaves-nothing/never-run", "created", test_cancel);
  g_test_add_func ("/main-job/digest-decides", test_digest);
  g_test_add_func ("/main-job/taken-name-gets-a-number", test_same_name);
  g_test_add_func ("/main-job/overwrite-replaces-at-the-end", test_overwrite);
  g_test_add_func ("/main-job/default-folder-is-the-users", test_default_folder);
  return g_test_run ();
}
