/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client outlives the service. */
#define G_LOG_DOMAIN "test-loss"

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdio.h>

#include "guest.h"
#include "integration/gate.h"

#define SIZE (300 * 1000)

/* At a kill the shell says 128 + 9. */
#define KILLED (128 + SIGKILL)

/* Longer than a client waits before it asks once more. */
#define LONG_MS 1500

/* Each start of the service is a line in a file from now on. */
static void
count_starts (Fixture *fixture)
{
  g_autofree char *environment = g_build_filename (fixture->root, "environment", NULL);
  FILE *file = fopen (environment, "ae");

  g_assert_nonnull (file);
  g_assert_cmpint (fprintf (file, "echo start >>'%s/starts'\n", fixture->root), >, 0);
  g_assert_cmpint (fclose (file), ==, 0);
}

static void
assert_starts (Fixture *fixture,
               guint    n)
{
  g_autofree char *path = g_build_filename (fixture->root, "starts", NULL);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(GError) error = NULL;

  (void) g_file_get_contents (path, &text, NULL, &error);  /* the error says it */
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines) - 1, ==, n);
}

/* Until the client has noticed as well. */
static void
kill_service (Fixture     *fixture,
              FerryClient *client)
{
  g_assert_cmpint (fixture_end_service (fixture, SIGKILL), ==, KILLED);
  guest_fence (client);
  guest_wait_client (client, FERRY_CLIENT_STATE_CONNECTED);
}

/* Our client hears of it later. */
static void
kill_service_at_once (Fixture *fixture)
{
  g_assert_no_errno (kill ((pid_t) fixture_get_pid (fixture), SIGKILL));
  g_assert_cmpint (fixture_wait_end (fixture), ==, KILLED);
}

/* Another program asks while our client does nothing: the main context is not iterated. */
static void
ask_elsewhere (Fixture    *fixture,
               const char *path,
               const char *interface,
               const char *method,
               GVariant   *arguments)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer =
    g_dbus_connection_call_sync (fixture->client->connection, FERRY_SERVICE_ID, path, interface,
                                 method, arguments, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                                 &error);

  g_assert_no_error (error);
  g_assert_nonnull (answer);
}

static void
count (guint *n)
{
  (*n)++;
}

static gboolean
is_counted (gconstpointer n)
{
  return *(const guint *) n > 0;
}

static void
on_state_cb (FerryClient *client,
             GParamSpec  *pspec,
             GString     *states)
{
  g_string_append_printf (states, "%d", ferry_client_get_state (client));
}

/* A task goes on, a list is compared, and a removal that nobody could signal is found out. */
static void
test_killed (void)
{
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(FerryTask) task = NULL;
  g_autoptr(FerryTask) single = NULL;
  g_autoptr(GPtrArray) more = NULL;
  g_autoptr(GString) states = g_string_new (NULL);
  g_autofree char *url = test_server_get_url (server, "/file.bin");
  g_auto(Replay) replay = { NULL };
  GListModel *list;

  gate_init (&gate, 4, SIZE, SIZE / 2);
  test_server_add (server, "/file.bin", gate_serve, &gate);
  task = guest_create (session, url, guest_options (fixture, TRUE));
  more = guest_create_many (session, 3);
  list = G_LIST_MODEL (ferry_session_get_tasks (session));
  guest_wait_complete (FERRY_TASK_LIST (list));
  guest_wait_received (task, SIZE / 2);

  g_signal_connect (client, "notify::state", G_CALLBACK (on_state_cb), states);
  replay_init (&replay, list);
  kill_service (fixture, client);
  g_assert_cmpstr (states->str, ==, "32");  /* lost, connected */
  g_assert_no_error (ferry_client_get_error (client));
  guest_wait_complete (FERRY_TASK_LIST (list));

  /* All of them are there, and are the objects that they were. */
  g_assert_cmpuint (replay.n_told, ==, 0);
  g_assert_true (ferry_session_is_attached (session));
  single = guest_create (session, "http://127.0.0.1:9/single", NULL);
  guest_wait_length (list, 5);
  gate_open (&gate);
  guest_wait_task (task, FERRY_TASK_STATE_FINISHED);
  gate_assert_file (&gate, ferry_task_get_path (task));
}

/* What happened while the client was deaf is found out: another has removed a task as soon as the
 * service was back. */
static void
test_removed_meanwhile (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(GPtrArray) made = guest_create_many (session, 3);
  g_autofree char *path = g_strdup_printf (MANAGER_PATH "/task/%" G_GUINT64_FORMAT,
                                           ferry_task_get_number (made->pdata[1]));
  GListModel *list = G_LIST_MODEL (ferry_session_get_tasks (session));

  guest_wait_complete (FERRY_TASK_LIST (list));
  kill_service_at_once (fixture);
  ask_elsewhere (fixture, path, FERRY_SERVICE_ID ".Task", "Remove", g_variant_new ("(b)", FALSE));

  guest_wait_length (list, 2);
  guest_wait_complete (FERRY_TASK_LIST (list));
  g_assert_true (ferry_task_is_removed (made->pdata[1]));
  g_assert_false (ferry_task_is_removed (made->pdata[0]));
}

/* The same of tasks that are in no list. */
static void
test_unlisted (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(GPtrArray) made = guest_create_many (session, 2);
  g_autofree char *removed = g_strdup_printf (MANAGER_PATH "/task/%" G_GUINT64_FORMAT,
                                              ferry_task_get_number (made->pdata[0]));
  g_autofree char *cancelled = g_strdup_printf (MANAGER_PATH "/task/%" G_GUINT64_FORMAT,
                                                ferry_task_get_number (made->pdata[1]));

  kill_service_at_once (fixture);
  ask_elsewhere (fixture, removed, FERRY_SERVICE_ID ".Task", "Remove",
                 g_variant_new ("(b)", FALSE));
  ask_elsewhere (fixture, cancelled, FERRY_SERVICE_ID ".Task", "Cancel", NULL);

  guest_wait_task (made->pdata[1], FERRY_TASK_STATE_CANCELLED);
  guest_fence (client);
  g_assert_true (ferry_task_is_removed (made->pdata[0]));
}

static gboolean
is_usual (gconstpointer task)
{
  FerryTask *self = (FerryTask *) task;
  double priority = ferry_task_get_priority (self);

  return *ferry_task_get_description (self) == '\0' && priority > 0.4 && priority < 0.6;
}

/* What has become empty meanwhile, or usual otherwise, becomes so here. */
static void
test_emptied (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(FerryTask) task =
    guest_create (session, "http://127.0.0.1:9/a",
                  client_parse ("{'description': <'words'>, 'priority': <0.9>}"));
  g_autofree char *path = g_strdup_printf (MANAGER_PATH "/task/%" G_GUINT64_FORMAT,
                                           ferry_task_get_number (task));

  guest_wait_complete (ferry_session_get_tasks (session));
  g_assert_cmpstr (ferry_task_get_description (task), ==, "words");
  kill_service_at_once (fixture);
  ask_elsewhere (fixture, path, PROPERTIES, "Set",
                 g_variant_new ("(ssv)", FERRY_SERVICE_ID ".Task", "Description",
                                g_variant_new_string ("")));
  ask_elsewhere (fixture, path, PROPERTIES, "Set",
                 g_variant_new ("(ssv)", FERRY_SERVICE_ID ".Task", "Priority",
                                g_variant_new_double (0.5)));
  guest_wait (is_usual, task, "usual values");
}

/* A watch is renewed: what others make afterwards is seen. */
static void
test_watch_renewed (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autofree char *session = client_open_session (fixture->client, "theirs");
  g_autofree char *task = NULL;
  GListModel *tasks = G_LIST_MODEL (ferry_client_get_tasks (client));

  guest_watch (client);
  kill_service (fixture, client);
  task = client_create (fixture->client, session, "http://127.0.0.1:9/a", client_parse ("{}"));
  guest_wait_length (tasks, 1);
  g_assert_cmpuint (g_list_model_get_n_items (ferry_client_get_sessions (client)), ==, 1);
}

/* What was chosen with SetDelegate holds with the next service as well. */
static void
test_delegate_renewed (void)
{
  static const char *const members[] = { "DidWriteData", NULL };
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(FerryTask) task = NULL;
  g_autofree char *url = test_server_get_url (server, "/file.bin");
  g_auto(Answer) answer = { NULL };
  guint n_writes = 0;

  gate_init (&gate, 4, SIZE, SIZE / 2);
  test_server_add (server, "/file.bin", gate_serve, &gate);
  ferry_session_set_delegate_async (session, members, NULL, answer_cb, &answer);
  g_assert_true (ferry_session_set_delegate_finish (session, answer_wait (&answer), NULL));
  kill_service (fixture, client);

  task = guest_create (session, url, guest_options (fixture, TRUE));
  g_signal_connect_swapped (task, "did-write-data", G_CALLBACK (count), &n_writes);
  gate_open (&gate);
  guest_wait (is_counted, &n_writes, "did-write-data");
}

static gboolean
is_invalid (gconstpointer session)
{
  return ferry_session_get_state ((FerrySession *) session) == FERRY_SESSION_STATE_INVALID;
}

/* One that takes no more tasks is attached again all the same; one that has become invalid is not:
 * its name would make another. */
static void
test_finishing (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) finishing = guest_open (client, "finishing");
  g_autoptr(FerrySession) invalid = guest_open (client, "invalid");
  g_autoptr(FerryTask) task = guest_create (finishing, "http://127.0.0.1:9/a", NULL);
  guint64 number = ferry_session_get_number (finishing);
  g_auto(Answer) first = { NULL };
  g_auto(Answer) second = { NULL };

  ferry_session_finish_tasks_and_invalidate_async (finishing, NULL, answer_cb, &first);
  g_assert_true (ferry_session_finish_tasks_and_invalidate_finish (finishing, answer_wait (&first),
                                                                   NULL));
  ferry_session_invalidate_and_cancel_async (invalid, NULL, answer_cb, &second);
  g_assert_true (ferry_session_invalidate_and_cancel_finish (invalid, answer_wait (&second), NULL));
  guest_wait (is_invalid, invalid, "an invalid session");
  g_assert_false (ferry_session_is_attached (invalid));

  kill_service (fixture, client);
  g_assert_cmpint (ferry_session_get_state (finishing), ==, FERRY_SESSION_STATE_FINISHING);
  g_assert_true (ferry_session_is_attached (finishing));
  g_assert_cmpuint (ferry_session_get_number (finishing), ==, number);
  guest_watch (client);
  g_assert_cmpuint (g_list_model_get_n_items (ferry_client_get_sessions (client)), ==, 2);
}

/* A call that is under way when the service ends is answered, one way or the other. */
static void
test_in_flight (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(FerryTask) task = guest_create (session, "http://127.0.0.1:9/a", NULL);
  g_autoptr(GError) error = NULL;
  g_auto(Answer) stopped = { NULL };
  g_auto(Answer) next = { NULL };
  guint32 pid = fixture_get_pid (fixture);

  /* It has it, and cannot answer. */
  g_assert_no_errno (kill ((pid_t) pid, SIGSTOP));
  ferry_task_load_async (task, NULL, answer_cb, &stopped);
  client_pass_time (fixture->client, 100);
  g_assert_cmpint (fixture_end_service (fixture, SIGKILL), ==, KILLED);
  g_assert_null (ferry_task_load_finish (task, answer_wait (&stopped), &error));
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY);
  g_assert_nonnull (strstr (error->message, "ended before it answered"));
  g_clear_error (&error);

  /* The next one is asked at once. */
  ferry_task_set_description_async (task, "words", NULL, answer_cb, &next);
  (void) ferry_task_set_description_finish (task, answer_wait (&next), &error);
  g_assert_no_error (error);
}

/* Three ends within a minute are enough. */
static void
test_three_kills (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = NULL;
  g_autoptr(FerryTask) task = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(Answer) refused = { NULL };
  g_auto(Answer) again = { NULL };

  count_starts (fixture);
  session = guest_open (client, "guest");
  task = guest_create (session, "http://127.0.0.1:9/a", NULL);
  for (guint i = 0; i < 2; i++)
    kill_service (fixture, client);
  g_assert_cmpint (fixture_end_service (fixture, SIGKILL), ==, KILLED);
  guest_wait_client (client, FERRY_CLIENT_STATE_FAILED);
  g_assert_error (ferry_client_get_error (client), G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);

  /* Nobody asks for it any more, neither by itself nor for a verb. */
  ferry_task_resume_async (task, NULL, answer_cb, &refused);
  g_assert_false (ferry_task_resume_finish (task, answer_wait (&refused), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED);
  g_clear_error (&error);
  client_pass_time (fixture->client, LONG_MS);
  g_assert_cmpuint (fixture_get_pid (fixture), ==, 0);
  assert_starts (fixture, 3);

  /* Unless the program says so. */
  ferry_client_connect_async (client, NULL, answer_cb, &again);
  (void) ferry_client_connect_finish (client, answer_wait (&again), &error);
  g_assert_no_error (error);
  g_assert_cmpint (ferry_client_get_state (client), ==, FERRY_CLIENT_STATE_CONNECTED);
  g_assert_no_error (ferry_client_get_error (client));
}

/* Who holds nothing does not ask for it again. */
static void
test_nothing_held (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(GError) error = NULL;
  g_auto(Answer) answer = { NULL };

  count_starts (fixture);
  ferry_client_connect_async (client, NULL, answer_cb, &answer);
  (void) ferry_client_connect_finish (client, answer_wait (&answer), &error);
  g_assert_no_error (error);
  g_assert_cmpint (ferry_client_get_state (client), ==, FERRY_CLIENT_STATE_CONNECTED);
  g_assert_cmpuint (ferry_client_get_version (client), ==, 1);
  g_assert_true (g_strv_contains (ferry_client_get_capabilities (client), "download"));

  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  guest_wait_client (client, FERRY_CLIENT_STATE_DISCONNECTED);
  client_pass_time (fixture->client, LONG_MS);
  assert_starts (fixture, 1);
}

/* The end of the bus is the end. */
static void
test_bus_ended (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  /* GDBus complains in the service as well, of what it was about to send. */
  g_autoptr(Fixture) other = fixture_new (FIXTURE_MAY_WARN);
  g_autoptr(FerryClient) client = guest_new_client (other);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(GError) error = NULL;
  g_auto(Answer) stopped = { NULL };
  g_auto(Answer) later = { NULL };
  g_auto(Answer) again = { NULL };

  g_dbus_connection_set_exit_on_close (other->client->connection, FALSE);
  ferry_session_get_events_async (session, 0, 0, NULL, answer_cb, &stopped);
  g_subprocess_send_signal (other->bus, SIGKILL);
  (void) fixture_wait_end (other);  /* the service goes with the bus, well or not */
  guest_wait_client (client, FERRY_CLIENT_STATE_FAILED);
  g_assert_error (ferry_client_get_error (client), G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_assert_nonnull (strstr (ferry_client_get_error (client)->message, "bus has ended"));

  (void) answer_wait (&stopped);  /* however it ended */
  ferry_session_reset_async (session, NULL, answer_cb, &later);
  g_assert_false (ferry_session_reset_finish (session, answer_wait (&later), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&error);
  ferry_client_connect_async (client, NULL, answer_cb, &again);
  g_assert_false (ferry_client_connect_finish (client, answer_wait (&again), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED);

  answer_clear (&stopped);
  answer_clear (&later);
  answer_clear (&again);
  guest_drop (&session);
  guest_drop (&client);
}

/* Nothing is installed that the bus could start. */
static void
test_no_service (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *service = g_build_filename (fixture->root, "services",
                                               FERRY_SERVICE_ID ".service", NULL);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(GError) error = NULL;
  g_auto(Answer) reloaded = { NULL };
  g_auto(Answer) answer = { NULL };

  g_assert_no_errno (g_unlink (service));
  g_dbus_connection_call (fixture->client->connection, "org.freedesktop.DBus",
                          "/org/freedesktop/DBus", "org.freedesktop.DBus", "ReloadConfig", NULL,
                          NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, answer_cb, &reloaded);
  (void) answer_wait (&reloaded);  /* the error of what follows says it */

  ferry_client_connect_async (client, NULL, answer_cb, &answer);
  g_assert_false (ferry_client_connect_finish (client, answer_wait (&answer), &error));
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN);
  g_assert_nonnull (strstr (error->message, "install Ferry"));
  g_assert_cmpint (ferry_client_get_state (client), ==, FERRY_CLIENT_STATE_DISCONNECTED);
}

static void
test_no_bus (void)
{
  g_autoptr(FerryClient) client = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(Answer) answer = { NULL };

  g_assert_true (g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE));
  client = ferry_client_new ();
  ferry_client_connect_async (client, NULL, answer_cb, &answer);
  g_assert_false (ferry_client_connect_finish (client, answer_wait (&answer), &error));
  g_assert_nonnull (strstr (error->message, "no session bus"));
  answer_clear (&answer);
  guest_drop (&client);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);

  g_test_add_func ("/libferry/loss/killed", test_killed);
  g_test_add_func ("/libferry/loss/removed-meanwhile", test_removed_meanwhile);
  g_test_add_func ("/libferry/loss/unlisted", test_unlisted);
  g_test_add_func ("/libferry/loss/emptied", test_emptied);
  g_test_add_func ("/libferry/loss/watch-renewed", test_watch_renewed);
  g_test_add_func ("/libferry/loss/delegate-renewed", test_delegate_renewed);
  g_test_add_func ("/libferry/loss/finishing", test_finishing);
  g_test_add_func ("/libferry/loss/in-flight", test_in_flight);
  g_test_add_func ("/libferry/loss/three-kills", test_three_kills);
  g_test_add_func ("/libferry/loss/nothing-held", test_nothing_held);
  g_test_add_func ("/libferry/loss/bus-ended", test_bus_ended);
  g_test_add_func ("/libferry/loss/no-service", test_no_service);
  g_test_add_func ("/libferry/loss/no-bus", test_no_bus);

  return g_test_run ();
}
