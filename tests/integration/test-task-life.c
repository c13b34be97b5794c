/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of a task: what each does in each state, and where it is refused. */
#define G_LOG_DOMAIN "test-task-life"

#include "config.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "stage.h"
#include "support/test-bed.h"

#define SIZE (300 * 1000)

/* A task of each kind, behind a gate. */
typedef struct
{
  Stage       stage;
  Gate        gate;
  TestAnswer  refusal;
  char       *suspended;  /* owned, as all that follow */
  char       *not_yet;    /* waits */
  char       *running;
  char       *finished;
  char       *failed;
  char       *cancelled;
} Cast;

static void
cast_init (Cast *self)
{
  TestAnswer *refusal = &self->refusal;

  gate_init (&self->gate, 4, SIZE, SIZE / 2);
  *refusal = (TestAnswer) { .status = "404 Not Found", .body = "" };
  stage_init (&self->stage, NULL);
  test_server_add (self->stage.server, "/file", gate_serve, &self->gate);
  test_server_add (self->stage.server, "/gone", test_answer, refusal);
  self->finished = stage_start (&self->stage, "/file", NULL);
  gate_let_one (&self->gate);
  client_wait_state (self->stage.client, self->finished, "finished");
  self->running = stage_start (&self->stage, "/file", NULL);
  client_wait_received (self->stage.client, self->running, SIZE / 2);
  self->suspended = stage_create (&self->stage, "/file", NULL);
  self->not_yet = stage_start (&self->stage, "/file",
                               "{'not-before': <int64 9000000000000000>}");
  client_wait_reason (self->stage.client, self->not_yet, "not-yet");
  self->failed = stage_start (&self->stage, "/gone", NULL);
  client_wait_failed (self->stage.client, self->failed, "Server", "404");
  self->cancelled = stage_create (&self->stage, "/file", NULL);
  client_tell (self->stage.client, self->cancelled, "Cancel");
}

static void
cast_clear (Cast *self)
{
  gate_open (&self->gate);
  stage_clear (&self->stage);
  gate_clear (&self->gate);
  g_clear_pointer (&self->suspended, g_free);
  g_clear_pointer (&self->not_yet, g_free);
  g_clear_pointer (&self->running, g_free);
  g_clear_pointer (&self->finished, g_free);
  g_clear_pointer (&self->failed, g_free);
  g_clear_pointer (&self->cancelled, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Cast, cast_clear)

static void
refuse (Cast       *self,
        const char *task,
        const char *verb,
        GVariant   *arguments)
{
  client_call_refused (self->stage.client, "WrongState", NULL, task, "Task", verb, arguments);
}

static void
assert_state (Cast       *self,
              const char *task,
              const char *state)
{
  client_assert_string (self->stage.client, task, "State", state);
}

static void
test_resume (void)
{
  g_auto(Cast) cast = { 0 };

  cast_init (&cast);
  refuse (&cast, cast.finished, "Resume", NULL);
  refuse (&cast, cast.cancelled, "Resume", NULL);
  client_tell (cast.stage.client, cast.running, "Resume");
  assert_state (&cast, cast.running, "running");
  g_assert_cmpuint (test_server_get_n_requests (cast.stage.server), ==, 3);
  client_tell (cast.stage.client, cast.not_yet, "Resume");
  client_assert_string (cast.stage.client, cast.not_yet, "Reason", "not-yet");

  cast.refusal = cast.gate.answer;
  gate_open (&cast.gate);
  client_tell (cast.stage.client, cast.suspended, "Resume");
  client_wait_state (cast.stage.client, cast.suspended, "finished");
  client_tell (cast.stage.client, cast.failed, "Resume");
  client_refresh (cast.stage.client, cast.failed);
  client_wait_state (cast.stage.client, cast.failed, "finished");
  stage_assert (cast.stage.client, cast.failed, "Task", "Error", "('', '')");
}

static void
test_suspend (void)
{
  g_auto(Cast) cast = { 0 };

  cast_init (&cast);
  refuse (&cast, cast.finished, "Suspend", NULL);
  refuse (&cast, cast.failed, "Suspend", NULL);
  refuse (&cast, cast.cancelled, "Suspend", NULL);
  client_tell (cast.stage.client, cast.suspended, "Suspend");
  assert_state (&cast, cast.suspended, "suspended");
  client_tell (cast.stage.client, cast.not_yet, "Suspend");
  assert_state (&cast, cast.not_yet, "suspended");
  client_assert_string (cast.stage.client, cast.not_yet, "Reason", "");
  client_tell (cast.stage.client, cast.running, "Suspend");
  assert_state (&cast, cast.running, "suspended");
  g_assert_cmpint (client_get_number (cast.stage.client, cast.running, "BytesReceived"), ==,
                   SIZE / 2);
}

static void
test_cancel (void)
{
  g_auto(Cast) cast = { 0 };

  cast_init (&cast);
  refuse (&cast, cast.finished, "Cancel", NULL);
  client_tell (cast.stage.client, cast.cancelled, "Cancel");
  client_tell (cast.stage.client, cast.suspended, "Cancel");
  client_tell (cast.stage.client, cast.not_yet, "Cancel");
  client_tell (cast.stage.client, cast.failed, "Cancel");
  client_tell (cast.stage.client, cast.running, "Cancel");
  stage_assert (cast.stage.client, cast.stage.session, "Session", "Cancelled", "5");
  stage_assert (cast.stage.client, cast.stage.session, "Session", "Failed", "0");
  fixture_assert_files (cast.stage.fixture, "file", NULL);
}

static void
remove_task (Cast       *self,
             const char *task,
             gboolean    with_file)
{
  stage_call (self->stage.client, task, "Task", "Remove",
              g_variant_new ("(b)", with_file));
  client_call_refused (self->stage.client, "NotFound", task, task, "Task", "Remove",
                       g_variant_new ("(b)", with_file));
}

static void
test_remove (void)
{
  g_auto(Cast) cast = { 0 };
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) list = NULL;

  cast_init (&cast);
  second = stage_start (&cast.stage, "/file", "{'filename': <'second'>}");
  third = stage_start (&cast.stage, "/file", "{'filename': <'third'>}");
  gate_wait_held (&cast.gate, 3);
  gate_let_one (&cast.gate);
  gate_let_one (&cast.gate);
  gate_let_one (&cast.gate);
  client_wait_state (cast.stage.client, second, "finished");
  client_wait_state (cast.stage.client, third, "finished");
  client_wait_state (cast.stage.client, cast.running, "finished");
  fixture_assert_files (cast.stage.fixture, "file", "file (1)", "second", "third", NULL);

  remove_task (&cast, cast.finished, FALSE);
  remove_task (&cast, second, TRUE);
  fixture_assert_files (cast.stage.fixture, "file", "file (1)", "third", NULL);

  /* Another's file under the name stays. */
  path = fixture_get_path (cast.stage.fixture, "third");
  g_assert_no_errno (g_remove (path));
  g_assert_true (g_file_set_contents (path, "mine", -1, &error));
  remove_task (&cast, third, TRUE);
  fixture_assert_files (cast.stage.fixture, "file", "file (1)", "third", NULL);

  remove_task (&cast, cast.running, TRUE);
  remove_task (&cast, cast.suspended, TRUE);
  remove_task (&cast, cast.not_yet, FALSE);
  remove_task (&cast, cast.failed, FALSE);
  remove_task (&cast, cast.cancelled, FALSE);
  fixture_assert_files (cast.stage.fixture, "file", "third", NULL);
  list = client_call (cast.stage.client, MANAGER_PATH, "Manager", "ListTasks",
                      g_variant_new ("(a{sv}tu)", NULL, G_GUINT64_CONSTANT (0), 0));
  client_assert_value (list, "(@a(oa{sv}) [],)");
}

/* One that runs is cancelled first. Its event stays. */
static void
test_remove_running (void)
{
  g_auto(Cast) cast = { 0 };
  g_autoptr(GVariant) events = NULL;
  g_autofree char *kinds = NULL;

  cast_init (&cast);
  stage_call (cast.stage.client, cast.stage.session, "Session",
              "AcknowledgeEvents", g_variant_new ("(t)", G_MAXUINT64));
  remove_task (&cast, cast.running, FALSE);
  fixture_assert_files (cast.stage.fixture, "file", NULL);
  kinds = stage_list_kinds (cast.stage.client, cast.stage.session);
  g_assert_true (g_str_has_prefix (kinds, "cancelled"));
}

static void
test_fetch_again (void)
{
  g_auto(Cast) cast = { 0 };
  const char *again[3];
  g_autofree char *original = NULL;

  cast_init (&cast);
  again[0] = cast.finished;
  again[1] = cast.failed;
  again[2] = cast.cancelled;
  refuse (&cast, cast.running, "FetchAgain", NULL);
  refuse (&cast, cast.suspended, "FetchAgain", NULL);
  refuse (&cast, cast.not_yet, "FetchAgain", NULL);
  original = stage_create (&cast.stage, "/file",
                           "{'headers': <{'X-A': 'a'}>, 'secret-headers': <{'X-Key': 'k'}>, "
                           "'priority': <0.75>, 'description': <'d'>, 'filename': <'n'>}");
  stage_set (cast.stage.client, original, "Task", "Description", g_variant_new_string ("e"));
  client_tell (cast.stage.client, original, "Cancel");
  gate_open (&cast.gate);
  for (guint i = 0; i < G_N_ELEMENTS (again) + 1; i++)
    {
      const char *old = i < G_N_ELEMENTS (again) ? again[i] : original;
      g_autoptr(GVariant) answer = client_call (cast.stage.client, old, "Task", "FetchAgain", NULL);
      g_autoptr(GVariant) options = client_get (cast.stage.client, old, "Options");
      g_autofree char *text = g_variant_print (options, TRUE);
      g_autofree char *url = client_get_string (cast.stage.client, old, "Url");
      const char *task;

      g_variant_get (answer, "(&o)", &task);
      client_assert_string (cast.stage.client, task, "Url", url);
      stage_assert (cast.stage.client, task, "Task", "Options", text);
      if (i != 3)
        continue;

      assert_state (&cast, task, "suspended");
      client_assert_string (cast.stage.client, task, "Description", "e");
      stage_assert (cast.stage.client, task, "Task", "Priority", "0.75");
      client_tell (cast.stage.client, task, "Resume");
      client_wait_state (cast.stage.client, task, "finished");
      client_assert_string (cast.stage.client, task, "FileName", "n");
    }

  stage_tell (cast.stage.client, cast.stage.session, "Session", "FinishTasksAndInvalidate");
  refuse (&cast, cast.finished, "FetchAgain", NULL);
}

/* With the secrets of the old one, which nobody can read. */
static void
test_fetch_again_secrets (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = 100 } };
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) made = NULL;
  g_autofree char *task = NULL;
  const char *again;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", test_answer, &answer);
  task = stage_start (&stage, "/file", "{'secret-headers': <{'Authorization': 'Bearer x'}>}");
  client_wait_state (stage.client, task, "finished");
  made = client_call (stage.client, task, "Task", "FetchAgain", NULL);
  g_variant_get (made, "(&o)", &again);
  client_wait_state (stage.client, again, "finished");
  g_assert_cmpstr (stage_get_asked (&stage, 1, "Authorization"), ==, "Bearer x");
}

static GVariant *
to_folder (const char *folder)
{
  return g_variant_new ("(@a{sv})", g_variant_new_parsed ("{'destination': <%s>}", folder));
}

/* What is left of it in the old folder goes behind the answer, and nobody tells of that. */
static void
wait_gone (Client     *client,
           const char *path)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE;

  while (g_file_test (path, G_FILE_TEST_EXISTS))
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("“%s” stays", path);
      client_pass_time (client, 1);
    }
}

static void
test_set_destination (void)
{
  g_auto(Cast) cast = { 0 };
  Client *client;
  g_autofree char *folder = NULL;
  g_autofree char *part = NULL;
  g_autofree char *path = NULL;

  cast_init (&cast);
  client = cast.stage.client;
  folder = g_build_filename (cast.stage.fixture->root, "elsewhere", NULL);
  g_assert_no_errno (g_mkdir (folder, 0700));
  refuse (&cast, cast.running, "SetDestination", to_folder (folder));
  refuse (&cast, cast.finished, "SetDestination", to_folder (folder));
  refuse (&cast, cast.cancelled, "SetDestination", to_folder (folder));
  client_call_refused (client, "InvalidOption", "colour", cast.suspended, "Task", "SetDestination",
                       g_variant_new ("(@a{sv})", client_parse ("{'colour': <1>}")));
  client_call_refused (client, "InvalidOption", "priority", cast.suspended, "Task",
                       "SetDestination",
                       g_variant_new ("(@a{sv})", client_parse ("{'priority': <0.5>}")));
  client_call_refused (client, "InvalidOption", "a/b", cast.suspended, "Task", "SetDestination",
                       g_variant_new ("(@a{sv})", client_parse ("{'filename': <'a/b'>}")));
  client_call_refused (client, "InvalidOption", "/not/there", cast.suspended, "Task",
                       "SetDestination", to_folder ("/not/there"));

  client_tell (client, cast.running, "Suspend");
  part = client_get_string (client, cast.running, "Path");
  g_assert_true (g_file_test (part, G_FILE_TEST_EXISTS));
  stage_call (client, cast.running, "Task", "SetDestination",
              g_variant_new_parsed ("({'destination': <%s>, "
                                    "'filename': <'moved'>},)", folder));
  wait_gone (client, part);
  gate_open (&cast.gate);
  client_tell (client, cast.running, "Resume");
  client_wait_state (client, cast.running, "finished");
  path = g_build_filename (folder, "moved", NULL);
  client_assert_string (client, cast.running, "Path", path);
  gate_assert_file (&cast.gate, path);
  g_assert_cmpstr (stage_get_asked (&cast.stage, 3, "Range"), ==, "bytes=150000-");
  fixture_assert_files (cast.stage.fixture, "file", NULL);

  /* What is not named stays as it is; what is shows. */
  stage_call (client, cast.suspended, "Task", "SetDestination",
              g_variant_new ("(@a{sv})",
                             client_parse ("{'overwrite': <true>}")));
  g_clear_pointer (&path, g_free);
  path = g_strdup_printf ("{'destination': <'%s'>, 'overwrite': <true>}",
                          cast.stage.fixture->downloads);
  stage_assert (client, cast.suspended, "Task", "Options", path);
  client_tell (client, cast.suspended, "Resume");
  client_wait_state (client, cast.suspended, "finished");
  fixture_assert_files (cast.stage.fixture, "file", NULL);
}

static void
test_set_url (void)
{
  g_auto(Cast) cast = { 0 };
  g_autofree char *url = NULL;
  g_autofree char *path = NULL;
  Client *client;

  cast_init (&cast);
  client = cast.stage.client;
  test_server_add (cast.stage.server, "/mirror", gate_serve, &cast.gate);
  url = test_server_get_url (cast.stage.server, "/mirror");
  refuse (&cast, cast.running, "SetUrl", g_variant_new ("(s)", url));
  refuse (&cast, cast.finished, "SetUrl", g_variant_new ("(s)", url));
  refuse (&cast, cast.cancelled, "SetUrl", g_variant_new ("(s)", url));
  client_call_refused (client, "InvalidUrl", NULL, cast.suspended, "Task", "SetUrl",
                       g_variant_new ("(s)", "ftp://127.0.0.1/"));
  client_call_refused (client, "InvalidUrl", NULL, cast.suspended, "Task", "SetUrl",
                       g_variant_new ("(s)", "http://a:b@127.0.0.1/"));

  client_tell (client, cast.running, "Suspend");
  stage_call (client, cast.running, "Task", "SetUrl",
              g_variant_new ("(s)", url));
  client_assert_string (client, cast.running, "Url", url);
  gate_open (&cast.gate);
  client_tell (client, cast.running, "Resume");
  client_wait_state (client, cast.running, "finished");
  g_assert_cmpstr (test_server_get_request (cast.stage.server, 3)->target, ==, "/mirror");
  g_assert_cmpstr (stage_get_asked (&cast.stage, 3, "Range"), ==, "bytes=150000-");
  path = client_get_string (client, cast.running, "Path");
  gate_assert_file (&cast.gate, path);

  /* A failed one stays failed until it is resumed. */
  stage_call (client, cast.failed, "Task", "SetUrl", g_variant_new ("(s)", url));
  assert_state (&cast, cast.failed, "failed");
  client_tell (client, cast.failed, "Resume");
  client_refresh (client, cast.failed);
  client_wait_state (client, cast.failed, "finished");
}

static void
test_open_result (void)
{
  g_auto(Cast) cast = { 0 };
  const char *others[5];
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GUnixFDList) list = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;
  g_autofree char *through = NULL;
  int descriptor;

  cast_init (&cast);
  others[0] = cast.suspended;
  others[1] = cast.not_yet;
  others[2] = cast.running;
  others[3] = cast.failed;
  others[4] = cast.cancelled;
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    refuse (&cast, others[i], "OpenResult", NULL);

  answer = g_dbus_connection_call_with_unix_fd_list_sync (cast.stage.client->connection,
                                                          FERRY_SERVICE_ID, cast.finished,
                                                          FERRY_SERVICE_ID ".Task", "OpenResult",
                                                          NULL, G_VARIANT_TYPE ("(h)"),
                                                          G_DBUS_CALL_FLAGS_NONE,
                                                          TEST_DEADLINE / G_TIME_SPAN_MILLISECOND,
                                                          NULL, &list, NULL, &error);
  g_assert_no_error (error);
  descriptor = g_unix_fd_list_get (list, 0, &error);
  g_assert_no_error (error);
  through = g_strdup_printf ("/proc/self/fd/%d", descriptor);
  gate_assert_file (&cast.gate, through);
  g_assert_cmpint (fcntl (descriptor, F_GETFL) & O_ACCMODE, ==, O_RDONLY);
  g_assert_no_errno (close (descriptor));

  /* Another file is there; then none. */
  path = client_get_string (cast.stage.client, cast.finished, "Path");
  g_assert_no_errno (g_remove (path));
  client_call_refused (cast.stage.client, "NotFound", NULL, cast.finished, "Task", "OpenResult",
                       NULL);
  g_assert_true (g_file_set_contents (path, "other", -1, NULL));
  client_call_refused (cast.stage.client, "NotFound", NULL, cast.finished, "Task", "OpenResult",
                       NULL);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/task-life/resume", test_resume);
  g_test_add_func ("/task-life/suspend", test_suspend);
  g_test_add_func ("/task-life/cancel", test_cancel);
  g_test_add_func ("/task-life/remove", test_remove);
  g_test_add_func ("/task-life/remove-running", test_remove_running);
  g_test_add_func ("/task-life/fetch-again", test_fetch_again);
  g_test_add_func ("/task-life/fetch-again-secrets", test_fetch_again_secrets);
  g_test_add_func ("/task-life/set-destination", test_set_destination);
  g_test_add_func ("/task-life/set-url", test_set_url);
  g_test_add_func ("/task-life/open-result", test_open_result);
  return g_test_run ();
}
