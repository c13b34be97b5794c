/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a session ends, what Reset does, and what comes after it. */
#define G_LOG_DOMAIN "test-session-life"

#include "config.h"

#include <signal.h>

#include "stage.h"

#define SIZE (300 * 1000)

static void
assert_state (Stage      *stage,
              const char *state)
{
  g_autofree char *text = g_strdup_printf ("'%s'", state);

  stage_assert (stage->client, stage->session, "Session", "State", text);
}

static void
watch (Client *client)
{
  stage_call (client, MANAGER_PATH, "Manager", "Watch",
              g_variant_new ("(b)", TRUE));
}

static void
assert_takes_no_task (Stage *stage)
{
  GVariantBuilder downloads;

  stage_refuse (stage, "WrongState", NULL, NULL);
  g_variant_builder_init (&downloads, G_VARIANT_TYPE ("a(sa{sv})"));
  g_variant_builder_add (&downloads, "(sa{sv})", "http://127.0.0.1:9/", NULL);
  client_call_refused (stage->client, "WrongState", NULL, stage->session, "Session",
                       "CreateDownloadTasks", g_variant_new ("(a(sa{sv}))", &downloads));
}

static void
acknowledge_all (Stage *stage)
{
  stage_call (stage->client, stage->session, "Session", "AcknowledgeEvents",
              g_variant_new ("(t)", G_MAXUINT64));
}

/* All of a session is gone, and its name is free. */
static void
assert_gone (Stage      *stage,
             const char *task)
{
  g_autoptr(GVariant) sessions = NULL;

  client_call_refused (stage->client, "NotFound", stage->session, stage->session, "Session",
                       "Reset", NULL);
  client_call_refused (stage->client, "NotFound", task, task, "Task", "Cancel", NULL);
  sessions = client_call (stage->client, MANAGER_PATH, "Manager", "ListSessions", NULL);
  client_assert_value (sessions, "(@a(osss) [],)");
}

static void
test_finish (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autofree char *running = NULL;
  g_autofree char *suspended = NULL;
  g_autofree char *kinds = NULL;
  const char *name;

  gate_init (&gate, 4, SIZE, SIZE / 2);
  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", gate_serve, &gate);
  running = stage_start (&stage, "/file", NULL);
  suspended = stage_create (&stage, "/file", NULL);
  client_wait_received (stage.client, running, SIZE / 2);
  stage_tell (stage.client, stage.session, "Session", "FinishTasksAndInvalidate");
  assert_state (&stage, "finishing");
  assert_takes_no_task (&stage);
  stage_tell (stage.client, stage.session, "Session", "FinishTasksAndInvalidate");
  assert_state (&stage, "finishing");
  client_assert_string (stage.client, running, "State", "running");

  /* That it is finishing is on disk. */
  gate_open (&gate);
  g_assert_cmpint (fixture_end_service (stage.fixture, SIGKILL), ==, 128 + SIGKILL);
  assert_state (&stage, "finishing");
  watch (stage.client);
  client_refresh (stage.client, running);
  client_wait_state (stage.client, running, "finished");
  client_tell (stage.client, suspended, "Resume");
  g_variant_get (stage_wait_signal (stage.client, "DidBecomeInvalid", stage.session, 0)->parameters,
                 "(t&s&s)", NULL, &name, NULL);
  g_assert_cmpstr (name, ==, "");
  assert_state (&stage, "invalid");
  client_assert_string (stage.client, suspended, "State", "finished");
  kinds = stage_list_kinds (stage.client, stage.session);
  g_assert_true (g_str_has_suffix (kinds, " session-finished session-invalid"));
  stage_tell (stage.client, stage.session, "Session", "FinishTasksAndInvalidate");
  stage_tell (stage.client, stage.session, "Session", "InvalidateAndCancel");
  assert_takes_no_task (&stage);

  acknowledge_all (&stage);
  (void) stage_wait_signal (stage.client, "SessionRemoved", NULL, 0);  /* is enough */
  assert_gone (&stage, running);
  fixture_assert_files (stage.fixture, "file", "file (1)", NULL);
}

static void
test_cancel (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autofree char *running = NULL;
  g_autofree char *waiting = NULL;
  g_autofree char *suspended = NULL;
  g_autofree char *kinds = NULL;
  guint removed;

  gate_init (&gate, 4, SIZE, SIZE / 2);
  stage_init (&stage, "{'max-running': <uint32 1>}");
  watch (stage.client);
  test_server_add (stage.server, "/file", gate_serve, &gate);
  running = stage_start (&stage, "/file", NULL);
  waiting = stage_start (&stage, "/file", NULL);
  suspended = stage_create (&stage, "/file", NULL);
  client_wait_received (stage.client, running, SIZE / 2);
  stage_tell (stage.client, stage.session, "Session", "InvalidateAndCancel");
  client_assert_string (stage.client, running, "State", "cancelled");
  client_assert_string (stage.client, waiting, "State", "cancelled");
  client_assert_string (stage.client, suspended, "State", "cancelled");
  stage_assert (stage.client, stage.session, "Session", "Cancelled", "3");
  fixture_assert_files (stage.fixture, NULL);
  gate_open (&gate);

  (void) stage_wait_signal (stage.client, "DidBecomeInvalid", stage.session, 0);  /* is enough */
  assert_state (&stage, "invalid");
  kinds = stage_list_kinds (stage.client, stage.session);
  g_assert_cmpstr (kinds, ==, "cancelled cancelled cancelled session-finished session-invalid");
  removed = client_count_signals (stage.client, "TasksRemoved");
  g_assert_cmpuint (removed, ==, 0);
  acknowledge_all (&stage);
  (void) stage_wait_signal (stage.client, "SessionRemoved", NULL, 0);  /* is enough */
  g_assert_nonnull (stage_find_signal (stage.client, "TasksRemoved", stage.session, 0));
  assert_gone (&stage, running);
}

/* One without tasks is invalid at once, and its name is another's, while it is still there. */
static void
test_name_again (void)
{
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *second = NULL;
  gboolean created;

  stage_init (&stage, "{'user-agent': <'first'>}");
  stage_tell (stage.client, stage.session, "Session", "FinishTasksAndInvalidate");
  (void) stage_wait_signal (stage.client, "DidBecomeInvalid", stage.session, 0);  /* is enough */
  second = stage_open (stage.client, "stage", "{'user-agent': <'second'>}", &created);
  g_assert_true (created);
  g_assert_cmpstr (second, !=, stage.session);
  stage_assert (stage.client, second, "Session", "Configuration", "{'user-agent': <'second'>}");
  stage_assert (stage.client, second, "Session", "State", "'open'");
  stage_assert (stage.client, second, "Session", "PendingEvents", "0");
  assert_state (&stage, "invalid");
  stage_assert (stage.client, stage.session, "Session", "PendingEvents", "1");

  /* The number of one that has gone is not used again. */
  acknowledge_all (&stage);
  g_clear_pointer (&second, g_free);
  second = stage_open (stage.client, "third", NULL, &created);
  g_assert_cmpstr (second, ==, MANAGER_PATH "/session/3");
}

/* While it is finishing, the name is its own. */
static void
test_finishing_keeps_name (void)
{
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *again = NULL;
  gboolean created;

  stage_init (&stage, NULL);
  task = stage_create (&stage, "/file", NULL);
  stage_tell (stage.client, stage.session, "Session", "FinishTasksAndInvalidate");
  again = stage_open (stage.client, "stage", NULL, &created);
  g_assert_false (created);
  g_assert_cmpstr (again, ==, stage.session);
  stage_tell (stage.client, stage.session, "Session", "InvalidateAndCancel");
  client_assert_string (stage.client, task, "State", "cancelled");
}

/* Cookies and connections go, the download goes on where it stood. */
static void
test_reset (void)
{
  g_auto(Gate) gate = { 0 };
  TestAnswer baker = { .content = { .seed = 3, .size = 100 },
                       .headers = "Set-Cookie: flavour=nutty\r\n" };
  g_auto(Stage) stage = { 0 };
  g_autofree char *cookie = NULL;
  g_autofree char *running = NULL;
  g_autofree char *path = NULL;
  const TestRequest *before;
  const TestRequest *after;

  gate_init (&gate, 4, SIZE, SIZE / 2);
  stage_init (&stage, "{'secret-headers': <{'X-Key': 'k'}>}");
  test_server_add (stage.server, "/cookie", test_answer, &baker);
  test_server_add (stage.server, "/file", gate_serve, &gate);
  cookie = stage_start (&stage, "/cookie", NULL);
  client_wait_state (stage.client, cookie, "finished");
  running = stage_start (&stage, "/file", NULL);
  client_wait_received (stage.client, running, SIZE / 2);
  stage_tell (stage.client, stage.session, "Session", "Reset");
  gate_open (&gate);
  client_wait_state (stage.client, running, "finished");

  before = test_server_get_request (stage.server, 1);
  after = test_server_get_request (stage.server, 2);
  g_assert_cmpstr (test_request_get_header (before, "Cookie"), ==, "flavour=nutty");
  g_assert_null (test_request_get_header (after, "Cookie"));
  g_assert_cmpstr (test_request_get_header (after, "Range"), ==, "bytes=150000-");
  g_assert_cmpstr (test_request_get_header (after, "X-Key"), ==, "k");
  g_assert_cmpuint (after->connection, !=, before->connection);
  path = fixture_get_path (stage.fixture, "file");
  gate_assert_file (&gate, path);
  assert_state (&stage, "open");
  stage_assert (stage.client, stage.session, "Session", "Finished", "2");
}

/* Connections that lie idle are closed as well. */
static void
test_reset_idle (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = 100 } };
  g_auto(Stage) stage = { 0 };

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", test_answer, &answer);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *task = stage_start (&stage, "/file", NULL);

      client_wait_state (stage.client, task, "finished");
      if (i == 1)
        {
          stage_tell (stage.client, stage.session, "Session", "Reset");
          test_server_wait_closed (stage.server);
        }
    }
  g_assert_cmpuint (test_server_get_request (stage.server, 1)->connection, ==, 1);
  g_assert_cmpuint (test_server_get_request (stage.server, 2)->connection, ==, 2);
}

/* Of those who open it at the same time one makes it; all have the same. */
static void
test_opened_at_once (void)
{
  g_auto(Stage) stage = { 0 };
  g_autoptr(GPtrArray) answers = NULL;
  guint n = 0;

  stage_init (&stage, NULL);
  answers = stage_call_at_once (stage.client, 20, NULL, MANAGER_PATH, "Manager", "OpenSession",
                                g_variant_new ("(s@a{sv})", "rush",
                                               client_parse ("{'secret-headers': "
                                                             "<{'X-Key': 'k'}>}")));
  for (guint i = 0; i < answers->len; i++)
    {
      const char *path;
      gboolean created;

      g_assert_nonnull (answers->pdata[i]);
      g_variant_get (answers->pdata[i], "(&ob)", &path, &created);
      g_assert_cmpstr (path, ==, MANAGER_PATH "/session/2");
      n += created;
    }
  g_assert_cmpuint (n, ==, 1);
}

/* Verbs that end it at the same time agree. */
static void
test_ended_at_once (void)
{
  g_auto(Stage) stage = { 0 };
  g_autoptr(GPtrArray) answers = NULL;
  g_autofree char *task = NULL;
  g_autofree char *kinds = NULL;

  stage_init (&stage, NULL);
  task = stage_create (&stage, "/file", NULL);
  answers = stage_call_at_once (stage.client, 20, NULL, stage.session, "Session",
                                "InvalidateAndCancel", g_variant_new ("()"));
  for (guint i = 0; i < answers->len; i++)
    g_assert_nonnull (answers->pdata[i]);
  (void) stage_wait_signal (stage.client, "DidBecomeInvalid", stage.session, 0);  /* is enough */
  kinds = stage_list_kinds (stage.client, stage.session);
  g_assert_cmpstr (kinds, ==, "cancelled session-finished session-invalid");
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/session-life/finish", test_finish);
  g_test_add_func ("/session-life/cancel", test_cancel);
  g_test_add_func ("/session-life/name-again", test_name_again);
  g_test_add_func ("/session-life/finishing-keeps-name", test_finishing_keeps_name);
  g_test_add_func ("/session-life/opened-at-once", test_opened_at_once);
  g_test_add_func ("/session-life/ended-at-once", test_ended_at_once);
  g_test_add_func ("/session-life/reset", test_reset);
  g_test_add_func ("/session-life/reset-idle", test_reset_idle);
  return g_test_run ();
}
