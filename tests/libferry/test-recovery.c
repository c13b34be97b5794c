/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes wrong while the client gets the service back. */
#define G_LOG_DOMAIN "test-recovery"

#include "config.h"

#include <signal.h>
#include <stdio.h>

#include "guest.h"

/* At a kill the shell says 128 + 9. */
#define KILLED (128 + SIGKILL)

/* Longer than a client waits before it asks once more. */
#define LONG_MS 1500

/*
 * A service that goes.
 *
 * It has the service's name, or gets it when the service ends, for so many calls. All is done in
 * the thread of its connection.
 */
typedef struct
{
  GDBusConnection *connection;  /* owned */
  guint            n_calls;     /* that it answers */
  gboolean         dies;        /* all answers are those of a bus, which tells of the end first and
                                 * then that the name has gone; otherwise they are good, and the
                                 * last comes when the name has gone */
  guint            n_answered;
} Goer;

static void
send (Goer         *self,
      GDBusMessage *message)
{
  g_autoptr(GDBusMessage) owned = message;
  g_autoptr(GError) error = NULL;

  (void) g_dbus_connection_send_message (self->connection, owned, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                         NULL, &error);  /* the error says it */
  g_assert_no_error (error);
}

static void
release (Goer *self)
{
  GDBusMessage *message = g_dbus_message_new_method_call ("org.freedesktop.DBus",
                                                          "/org/freedesktop/DBus",
                                                          "org.freedesktop.DBus", "ReleaseName");

  g_dbus_message_set_body (message, g_variant_new ("(s)", FERRY_SERVICE_ID));
  send (self, message);
}

static void
answer (Goer         *self,
        GDBusMessage *call)
{
  GDBusMessage *message = g_dbus_message_new_method_reply (call);
  const char *member = g_dbus_message_get_member (call);
  g_autofree char *path = g_strdup_printf (MANAGER_PATH "/session/%u", 70 + self->n_answered);

  if (g_str_equal (member, "OpenSession"))
    g_dbus_message_set_body (message, g_variant_new ("(ob)", path, TRUE));
  else if (g_str_equal (member, "GetAll"))
    g_dbus_message_set_body (message, g_variant_new ("(a{sv})", NULL));
  send (self, message);
}

static void
end (Goer         *self,
     GDBusMessage *call)
{
  send (self, g_dbus_message_new_method_error_literal (call, "org.freedesktop.DBus.Error.NoReply",
                                                       "Remote peer disconnected"));
}

static GDBusMessage *
on_message_cb (GDBusConnection *connection,
               GDBusMessage    *message,
               gboolean         incoming,
               gpointer         user_data)
{
  Goer *self = user_data;

  if (!incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;

  self->n_answered++;
  if (self->dies)
    end (self, message);
  if (self->n_answered == self->n_calls)
    release (self);
  if (!self->dies)
    answer (self, message);

  g_clear_object (&message);
  return NULL;
}

/* Where the service has the name this one is the next. */
static void
goer_init (Goer     *self,
           Fixture  *fixture,
           guint     n_calls,
           gboolean  dies)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;

  self->n_calls = n_calls;
  self->dies = dies;
  self->connection =
    g_dbus_connection_new_for_address_sync (fixture->address,
                                            G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                            G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                            NULL, NULL, &error);
  g_assert_no_error (error);
  (void) g_dbus_connection_add_filter (self->connection, on_message_cb, self, NULL);  /* stays */
  reply = g_dbus_connection_call_sync (self->connection, "org.freedesktop.DBus",
                                       "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                       "RequestName", g_variant_new ("(su)", FERRY_SERVICE_ID, 0),
                                       NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
}

static void
goer_clear (Goer *self)
{
  (void) g_dbus_connection_close_sync (self->connection, NULL, NULL);  /* it is open */
  g_clear_object (&self->connection);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Goer, goer_clear)

/* The client hears of it later. */
static void
kill_service (Fixture *fixture)
{
  g_assert_no_errno (kill ((pid_t) fixture_get_pid (fixture), SIGKILL));
  g_assert_cmpint (fixture_wait_end (fixture), ==, KILLED);
}

static void
on_state_cb (FerryClient *client,
             GParamSpec  *pspec,
             GString     *states)
{
  g_string_append_printf (states, "%d", ferry_client_get_state (client));
}

/* A service that ends while it is asked again, and answers that tell of it before its name goes:
 * what is held is held, and each end counts once. */
static void
test_ends_in_answers (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(FerrySession) finishing = guest_open (client, "finishing");
  g_autoptr(FerryTask) task = guest_create (finishing, "http://127.0.0.1:9/a", NULL);
  g_autoptr(FerryTask) later = NULL;
  g_autoptr(GString) states = g_string_new (NULL);
  g_auto(Answer) finished = { NULL };
  g_auto(Goer) goer = { NULL };

  ferry_session_finish_tasks_and_invalidate_async (finishing, NULL, answer_cb, &finished);
  g_assert_true (ferry_session_finish_tasks_and_invalidate_finish (finishing,
                                                                   answer_wait (&finished), NULL));
  goer_init (&goer, fixture, 3, TRUE);  /* the manager and two sessions */
  kill_service (fixture);
  g_signal_connect (client, "notify::state", G_CALLBACK (on_state_cb), states);
  guest_wait_client (client, FERRY_CLIENT_STATE_LOST);
  guest_wait_client (client, FERRY_CLIENT_STATE_CONNECTED);
  g_assert_cmpstr (states->str, ==, "32");  /* lost, connected */

  g_assert_true (ferry_session_is_attached (session));
  g_assert_true (ferry_session_is_attached (finishing));
  g_assert_cmpint (ferry_session_get_state (finishing), ==, FERRY_SESSION_STATE_FINISHING);
  later = guest_create (session, "http://127.0.0.1:9/b", NULL);
}

/* One that cannot be started is asked for once more, with all that is held. */
static void
test_starts_at_second (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autofree char *environment = g_build_filename (fixture->root, "environment", NULL);
  FILE *file = fopen (environment, "ae");

  g_assert_nonnull (file);
  g_assert_cmpint (fprintf (file, "mkdir '%s/second' && exit 1\n", fixture->root), >, 0);
  g_assert_cmpint (fclose (file), ==, 0);

  kill_service (fixture);
  guest_wait_client (client, FERRY_CLIENT_STATE_LOST);
  guest_wait_client (client, FERRY_CLIENT_STATE_CONNECTED);
  g_assert_true (ferry_session_is_attached (session));
}

/* A service answers its last calls after its name has gone. What it has given then is nothing with
 * the next one, and is asked for again. */
static void
test_opened_by_leaver (void)
{
  static const char *const members[] = { "DidComplete", NULL };
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) first = NULL;
  g_autoptr(FerrySession) second = NULL;
  g_auto(Answer) chosen = { NULL };
  g_autoptr(GError) error = NULL;
  g_auto(Goer) goer = { NULL };

  goer_init (&goer, fixture, 4, FALSE);
  first = guest_open (client, "first");  /* three calls */
  second = guest_open (client, "second");
  guest_wait_client (client, FERRY_CLIENT_STATE_CONNECTED);
  g_assert_cmpuint (ferry_session_get_number (first), <=, 2);
  g_assert_cmpuint (ferry_session_get_number (second), <=, 2);

  /* Only of who has opened it this is taken. */
  ferry_session_set_delegate_async (second, members, NULL, answer_cb, &chosen);
  (void) ferry_session_set_delegate_finish (second, answer_wait (&chosen), &error);
  g_assert_no_error (error);
}

static void
test_watched_by_leaver (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) first = NULL;
  g_autofree char *session = NULL;
  g_auto(Goer) goer = { NULL };

  goer_init (&goer, fixture, 4, FALSE);
  first = guest_open (client, "first");
  guest_watch (client);
  guest_wait_client (client, FERRY_CLIENT_STATE_CONNECTED);
  session = client_open_session (fixture->client, "theirs");
  guest_wait_length (ferry_client_get_sessions (client), 2);
}

static void
on_failed_cb (FerryClient *client,
              GParamSpec  *pspec,
              Answer      *answer)
{
  if (ferry_client_get_state (client) == FERRY_CLIENT_STATE_FAILED)
    ferry_client_connect_async (client, NULL, answer_cb, answer);
}

/* Whoever connects when told of the failure begins anew, and is not answered with it. */
static void
test_connects_at_failure (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(GError) error = NULL;
  g_auto(Answer) again = { NULL };

  g_signal_connect (client, "notify::state", G_CALLBACK (on_failed_cb), &again);
  for (guint i = 0; i < 3; i++)
    {
      if (i > 0)
        {
          guest_wait_client (client, FERRY_CLIENT_STATE_LOST);
          guest_wait_client (client, FERRY_CLIENT_STATE_CONNECTED);
        }
      kill_service (fixture);
    }
  (void) ferry_client_connect_finish (client, answer_wait (&again), &error);
  g_assert_no_error (error);
  g_assert_true (ferry_session_is_attached (session));
}

static void
on_changed_cb (FerryTask    *task,
               GParamSpec   *pspec,
               FerrySession **session)
{
  g_clear_object (session);
}

/* The session, and with it the list, are dropped by one who is told of a task while the list reads
 * what the service says of it. */
static void
test_dropped_while_read (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (client, "guest");
  g_autoptr(FerryTask) task = guest_create (session, "http://127.0.0.1:9/a", NULL);
  g_autofree char *path = g_strdup_printf (MANAGER_PATH "/task/%" G_GUINT64_FORMAT,
                                           ferry_task_get_number (task));
  g_autoptr(GVariant) answer = NULL;

  guest_wait_complete (ferry_session_get_tasks (session));
  /* Our client does nothing here: the main context is not iterated. */
  kill_service (fixture);
  answer = g_dbus_connection_call_sync (fixture->client->connection, FERRY_SERVICE_ID, path,
                                        FERRY_SERVICE_ID ".Task", "Cancel", NULL, NULL,
                                        G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_assert_nonnull (answer);

  g_signal_connect (task, "notify::state", G_CALLBACK (on_changed_cb), &session);
  guest_wait_task (task, FERRY_TASK_STATE_CANCELLED);
  g_assert_null (session);
  guest_fence (client);
}

static void
on_lost_cb (FerryClient  *client,
            GParamSpec   *pspec,
            FerryClient **owned)
{
  if (ferry_client_get_state (client) == FERRY_CLIENT_STATE_LOST)
    g_clear_object (owned);
}

/* With the client its watch ends, also while the service is away: a task that lives on does not
 * ask for the service. */
static void
test_dropped_while_lost (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(FerryClient) maker = guest_new_client (fixture);
  g_autoptr(FerryClient) client = guest_new_client (fixture);
  g_autoptr(FerrySession) session = guest_open (maker, "guest");
  g_autoptr(FerryTask) made = guest_create (session, "http://127.0.0.1:9/a", NULL);
  g_autoptr(FerryTask) task = NULL;
  g_autoptr(GError) error = NULL;
  g_auto(Answer) loaded = { NULL };

  guest_watch (client);
  ferry_client_load_task_async (client, ferry_task_get_number (made), NULL, answer_cb, &loaded);
  task = ferry_client_load_task_finish (client, answer_wait (&loaded), &error);
  g_assert_no_error (error);
  answer_clear (&loaded);
  g_clear_object (&made);
  guest_drop (&session);
  guest_drop (&maker);

  g_signal_connect (client, "notify::state", G_CALLBACK (on_lost_cb), &client);
  g_assert_cmpint (fixture_end_service (fixture, SIGKILL), ==, KILLED);
  client_pass_time (fixture->client, LONG_MS);
  g_assert_null (client);
  g_assert_cmpint (fixture_end_service (fixture, SIGKILL), ==, KILLED);
  client_pass_time (fixture->client, LONG_MS);
  g_assert_cmpuint (fixture_get_pid (fixture), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);

  g_test_add_func ("/libferry/recovery/ends-in-answers", test_ends_in_answers);
  g_test_add_func ("/libferry/recovery/starts-at-second", test_starts_at_second);
  g_test_add_func ("/libferry/recovery/opened-by-leaver", test_opened_by_leaver);
  g_test_add_func ("/libferry/recovery/watched-by-leaver", test_watched_by_leaver);
  g_test_add_func ("/libferry/recovery/connects-at-failure", test_connects_at_failure);
  g_test_add_func ("/libferry/recovery/dropped-while-read", test_dropped_while_read);
  g_test_add_func ("/libferry/recovery/dropped-while-lost", test_dropped_while_lost);

  return g_test_run ();
}
