/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session, its tasks, and what they tell. */
#define G_LOG_DOMAIN "test-transfer"

#include "config.h"

#include <unistd.h>

#include "guest.h"
#include "integration/gate.h"

#define SIZE (300 * 1000)
#define FORGER_SIGNALS 3

/* What a task has told. */
typedef struct
{
  guint    n_writes;
  gint64   written;
  guint    n_finished;
  guint    n_complete;
  guint64  serial;
  gboolean failed;
  guint    n_states;   /* changes of `state` */
  guint    n_events;   /* did-finish-events of the session */
} Heard;

static void
on_write_cb (FerryTask *task,
             gint64     chunk,
             gint64     total,
             gint64     expected,
             Heard     *heard)
{
  heard->n_writes++;
  heard->written += chunk;
  g_assert_cmpint (heard->written, ==, total);
  g_assert_cmpint (expected, ==, SIZE);
}

static void
on_finished_cb (FerryTask  *task,
                guint64     serial,
                const char *path,
                Heard      *heard)
{
  heard->n_finished++;
  heard->serial = serial;
  g_assert_cmpstr (path, ==, ferry_task_get_path (task));
}

static void
on_complete_cb (FerryTask    *task,
                guint64       serial,
                const GError *error,
                Heard        *heard)
{
  heard->n_complete++;
  heard->failed = error != NULL;
  if (error == NULL)
    g_assert_cmpuint (serial, ==, heard->serial);
}

static void
on_state_cb (FerryTask  *task,
             GParamSpec *pspec,
             Heard      *heard)
{
  heard->n_states++;
}

static void
on_events_cb (FerrySession *session,
              guint64       serial,
              Heard        *heard)
{
  g_assert_cmpuint (serial, >, 0);
  heard->n_events++;
}

static void
listen (FerrySession *session,
        FerryTask    *task,
        Heard        *heard)
{
  g_signal_connect (task, "did-write-data", G_CALLBACK (on_write_cb), heard);
  g_signal_connect (task, "did-finish-downloading", G_CALLBACK (on_finished_cb), heard);
  g_signal_connect (task, "did-complete", G_CALLBACK (on_complete_cb), heard);
  g_signal_connect (task, "notify::state", G_CALLBACK (on_state_cb), heard);
  g_signal_connect (session, "did-finish-events", G_CALLBACK (on_events_cb), heard);
}

static gboolean
has_finished_events (gconstpointer heard)
{
  return ((const Heard *) heard)->n_events > 0;
}

static void
choose_signals (FerrySession *session)
{
  static const char *const members[] = { "DidWriteData", "DidFinishDownloading", "DidComplete",
                                         NULL };
  g_auto(Answer) answer = { NULL };
  g_autoptr(GError) error = NULL;

  ferry_session_set_delegate_async (session, members, NULL, answer_cb, &answer);
  (void) ferry_session_set_delegate_finish (session, answer_wait (&answer), &error);
  g_assert_no_error (error);
}

static void
resume (FerryTask *task)
{
  g_auto(Answer) answer = { NULL };
  g_autoptr(GError) error = NULL;

  ferry_task_resume_async (task, NULL, answer_cb, &answer);
  (void) ferry_task_resume_finish (task, answer_wait (&answer), &error);
  g_assert_no_error (error);
}

/* What is not in lists comes when it is asked for. */
static void
assert_loaded (FerryTask  *task,
               const char *url)
{
  g_auto(Answer) answer = { NULL };
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) all = NULL;

  ferry_task_load_async (task, NULL, answer_cb, &answer);
  all = ferry_task_load_finish (task, answer_wait (&answer), &error);
  g_assert_no_error (error);
  g_assert_true (g_variant_lookup (all, "Metrics", "@aa{sv}", NULL));
  g_assert_true (g_variant_lookup (all, "Samples", "(uat)", NULL, NULL));
  g_assert_true (ferry_task_get_length_verified (task));
  g_assert_cmpstr (ferry_task_get_current_url (task), ==, url);
}

static void
assert_result (FerryTask *task)
{
  g_auto(Answer) answer = { NULL };
  g_autoptr(GError) error = NULL;
  char first;
  int file;

  ferry_task_open_result_async (task, NULL, answer_cb, &answer);
  file = ferry_task_open_result_finish (task, answer_wait (&answer), &error);
  g_assert_no_error (error);
  g_assert_cmpint (read (file, &first, 1), ==, 1);
  g_assert_no_errno (close (file));
}

static void
assert_events (FerrySession *session,
               guint         n)
{
  g_auto(Answer) answer = { NULL };
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) events = NULL;

  ferry_session_get_events_async (session, 0, 0, NULL, answer_cb, &answer);
  events = ferry_session_get_events_finish (session, answer_wait (&answer), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_variant_n_children (events), ==, n);
}

/* One that fetches a file, watching as well or not: each signal comes once. */
static void
test_file (gconstpointer watching)
{
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = NULL;
  g_autoptr(FerryTask) task = NULL;
  g_autofree char *url = test_server_get_url (server, "/file.bin");
  Heard heard = { 0 };

  gate_init (&gate, 4, SIZE, SIZE / 2);
  test_server_add (server, "/file.bin", gate_serve, &gate);
  if (watching != NULL)
    guest_watch (client);
  session = guest_open (client, "guest");
  g_assert_true (ferry_session_is_attached (session));
  g_assert_true (ferry_session_was_created (session));
  g_assert_cmpstr (ferry_session_get_identifier (session), ==, "guest");
  g_assert_cmpstr (ferry_session_get_app_id (session), !=, "");
  choose_signals (session);

  task = guest_create (session, url, guest_options (fixture, FALSE));
  g_assert_cmpint (ferry_task_get_state (task), ==, FERRY_TASK_STATE_SUSPENDED);
  g_assert_cmpstr (ferry_task_get_url (task), ==, url);
  g_assert_cmpuint (ferry_task_get_session_number (task), ==, ferry_session_get_number (session));
  g_assert_cmpint (ferry_task_get_bytes_expected_to_receive (task), ==, -1);
  g_assert_cmpint (ferry_task_get_created (task), >, 0);
  listen (session, task, &heard);

  resume (task);
  guest_wait_received (task, SIZE / 2);
  g_assert_cmpint (ferry_task_get_state (task), ==, FERRY_TASK_STATE_RUNNING);
  g_assert_cmpstr (ferry_task_get_phase (task), ==, "transferring");
  gate_open (&gate);
  guest_wait_task (task, FERRY_TASK_STATE_FINISHED);
  guest_wait (has_finished_events, &heard, "did-finish-events");
  guest_fence (client);

  g_assert_cmpuint (heard.n_complete, ==, 1);
  g_assert_cmpuint (heard.n_finished, ==, 1);
  g_assert_cmpuint (heard.n_events, ==, 1);
  g_assert_false (heard.failed);
  g_assert_cmpint (heard.written, ==, SIZE);
  /* Waiting, running, finished. */
  g_assert_cmpuint (heard.n_states, <=, 3);
  g_assert_true (ferry_task_is_over (task));
  g_assert_cmpstr (ferry_task_get_file_name (task), ==, "file.bin");
  gate_assert_file (&gate, ferry_task_get_path (task));
  assert_loaded (task, url);
  assert_result (task);
  assert_events (session, 2);

  /* One that watches holds the session as well. */
  guest_drop (&task);
  guest_drop (&client);
  guest_drop (&session);
}

/* An error of the service has its kind, and words of its own alone. */
static void
test_errors (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(FerryTask) task = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(Answer) refused = { NULL };
  g_auto(Answer) wrong = { NULL };

  ferry_session_create_download_task_async (session, "gopher://127.0.0.1/", NULL, NULL, answer_cb,
                                            &refused);
  g_assert_null (ferry_session_create_download_task_finish (session, answer_wait (&refused),
                                                            &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_URL);
  g_assert_null (strstr (error->message, "GDBus"));
  g_clear_error (&error);

  task = guest_create (session, "http://127.0.0.1:9/a", NULL);
  ferry_task_open_result_async (task, NULL, answer_cb, &wrong);
  g_assert_cmpint (ferry_task_open_result_finish (task, answer_wait (&wrong), &error), ==, -1);
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_WRONG_STATE);
}

/* Why a task has failed is an error like those of calls. */
static void
test_failure (void)
{
  static const TestAnswer gone = { .status = "404 Not Found", .body = "" };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(FerryTask) task = NULL;
  g_autofree char *url = test_server_get_url (server, "/gone");
  Heard heard = { 0 };

  test_server_add (server, "/gone", test_answer, (gpointer) &gone);
  task = guest_create (session, url, guest_options (fixture, FALSE));
  listen (session, task, &heard);
  resume (task);
  guest_wait_task (task, FERRY_TASK_STATE_FAILED);
  guest_wait (has_finished_events, &heard, "did-finish-events");
  g_assert_error (ferry_task_get_error (task), FERRY_ERROR, FERRY_ERROR_SERVER);
  g_assert_cmpuint (heard.n_complete, ==, 1);
  g_assert_true (heard.failed);
}

static void
send_forged (GDBusConnection *forger,
             const char      *to,
             FerryTask       *task)
{
  g_autofree char *path = g_strdup_printf (MANAGER_PATH "/task/%" G_GUINT64_FORMAT,
                                           ferry_task_get_number (task));
  g_autofree char *session = g_strdup_printf (MANAGER_PATH "/session/%" G_GUINT64_FORMAT,
                                              ferry_task_get_session_number (task));
  g_autoptr(GError) error = NULL;
  GVariant *changed = g_variant_new_parsed ("([(%o, {'State': <'finished'>})],)", path);

  (void) g_dbus_connection_emit_signal (forger, to, session, FERRY_SERVICE_ID ".Session",
                                        "TasksChanged", changed, &error);
  g_assert_no_error (error);
  (void) g_dbus_connection_emit_signal (forger, to, path, FERRY_SERVICE_ID ".Task", "DidComplete",
                                        g_variant_new ("(tss)", (guint64) 1, "", ""), &error);
  g_assert_no_error (error);
  (void) g_dbus_connection_emit_signal (forger, to, session, FERRY_SERVICE_ID ".Session",
                                        "TasksRemoved",
                                        g_variant_new_parsed ("([%o],)", path), &error);
  g_assert_no_error (error);
  (void) g_dbus_connection_flush_sync (forger, NULL, &error);
  g_assert_no_error (error);
}

static void
on_signal_cb (GDBusConnection *connection,
              const char      *sender,
              const char      *path,
              const char      *interface,
              const char      *member,
              GVariant        *parameters,
              gpointer         user_data)
{
  (*(guint *) user_data)++;
}

static gboolean
has_all (gconstpointer n)
{
  return *(const guint *) n == FORGER_SIGNALS;
}

/* What another program says in the service's words is not believed. */
static void
test_forged (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(Client) forger = client_new (fixture->address);
  g_autoptr(Client) bus = client_new (fixture->address);
  g_autoptr(FerryClient) client = ferry_client_new_for_connection (bus->connection);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(FerryTask) task = guest_create (session, "http://127.0.0.1:9/a", NULL);
  Heard heard = { 0 };
  guint n_came = 0;
  const char *name = g_dbus_connection_get_unique_name (bus->connection);
  guint id;

  listen (session, task, &heard);
  id = g_dbus_connection_signal_subscribe (
    bus->connection, g_dbus_connection_get_unique_name (forger->connection), NULL, NULL, NULL, NULL,
    G_DBUS_SIGNAL_FLAGS_NO_MATCH_RULE, on_signal_cb, &n_came, NULL);
  send_forged (forger->connection, name, task);
  guest_wait (has_all, &n_came, "forged signals");
  g_assert_cmpint (ferry_task_get_state (task), ==, FERRY_TASK_STATE_SUSPENDED);
  g_assert_false (ferry_task_is_removed (task));
  g_assert_cmpuint (heard.n_complete, ==, 0);
  g_dbus_connection_signal_unsubscribe (bus->connection, id);

  g_clear_object (&task);
  g_clear_object (&session);
  g_clear_object (&client);
}

static gboolean
has_limit (gconstpointer client)
{
  return ferry_client_get_download_limit ((FerryClient *) client) == 5000;
}

/* What one program sets, another that watches is told of. */
static void
test_limit (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerryClient) watcher = guest_new_client (fixture);
  g_autoptr(GError) error = NULL;
  g_auto(Answer) answer = { NULL };

  guest_watch (watcher);
  g_assert_cmpuint (ferry_client_get_download_limit (watcher), ==, 0);
  ferry_client_set_download_limit_async (client, 5000, NULL, answer_cb, &answer);
  (void) ferry_client_set_download_limit_finish (client, answer_wait (&answer), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ferry_client_get_download_limit (client), ==, 5000);
  guest_wait (has_limit, watcher, "the limit");
}

/* What only a finished task has is there as well for one who comes later, and only lists. */
static void
test_listed (void)
{
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerryClient) later = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autofree char *url = test_server_get_url (server, "/file.bin");
  g_autoptr(FerryTask) task = NULL;
  g_autoptr(FerryTask) listed = NULL;
  GListModel *list = G_LIST_MODEL (ferry_client_get_tasks (later));

  gate_init (&gate, 4, SIZE, SIZE + 1);
  test_server_add (server, "/file.bin", gate_serve, &gate);
  task = guest_create (session, url, guest_options (fixture, TRUE));
  guest_wait_task (task, FERRY_TASK_STATE_FINISHED);

  guest_watch (later);
  guest_wait_complete (FERRY_TASK_LIST (list));
  listed = g_list_model_get_item (list, 0);
  g_assert_cmpint (ferry_task_get_state (listed), ==, FERRY_TASK_STATE_FINISHED);
  g_assert_true (ferry_task_get_length_verified (listed));
  g_assert_cmpstr (ferry_task_get_mime_type (listed), ==, ferry_task_get_mime_type (task));
}

static void
on_waiting_cb (FerryTask       *task,
               FerryWaitReason  reason,
               gboolean        *retries)
{
  *retries = reason == FERRY_WAIT_REASON_RETRY;
}

static gboolean
is_true (gconstpointer flag)
{
  return *(const gboolean *) flag;
}

/* Nobody listens at the server's port. */
static void
test_waiting (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(FerryTask) task = guest_create (session, "http://127.0.0.1:9/a", NULL);
  g_autoptr(GError) error = NULL;
  g_auto(Answer) answer = { NULL };
  gboolean retries = FALSE;

  g_signal_connect (task, "is-waiting", G_CALLBACK (on_waiting_cb), &retries);
  ferry_task_resume_async (task, NULL, answer_cb, &answer);
  (void) ferry_task_resume_finish (task, answer_wait (&answer), &error);
  g_assert_no_error (error);
  guest_wait (is_true, &retries, "is-waiting");
  g_assert_cmpint (ferry_task_get_reason (task), ==, FERRY_WAIT_REASON_RETRY);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);

  g_test_add_data_func ("/libferry/transfer/file", NULL, test_file);
  g_test_add_data_func ("/libferry/transfer/file-watching", "watching", test_file);
  g_test_add_func ("/libferry/transfer/errors", test_errors);
  g_test_add_func ("/libferry/transfer/failure", test_failure);
  g_test_add_func ("/libferry/transfer/forged", test_forged);
  g_test_add_func ("/libferry/transfer/limit", test_limit);
  g_test_add_func ("/libferry/transfer/listed", test_listed);
  g_test_add_func ("/libferry/transfer/waiting", test_waiting);

  return g_test_run ();
}
