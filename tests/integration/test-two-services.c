/* SPDX-License-Identifier: GPL-3.0-or-later */
/* There is one service for a bus, and one for a database. */
#define G_LOG_DOMAIN "test-two-services"

#include "config.h"

#include <signal.h>

#include "fixture.h"
#include "gate.h"

#define SIZE (400 * 1000)

/* A second service waits so long for the database, and then says who has it. */
#define WAIT_AT_LEAST (4 * G_TIME_SPAN_SECOND)
#define WAIT_AT_MOST (8 * G_TIME_SPAN_SECOND)

static void
ended_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  g_subprocess_wait_finish (G_SUBPROCESS (object), result, &error);
  g_assert_no_error (error);
  *(gboolean *) user_data = TRUE;
}

static gboolean
is_true (Client        *client,
         gconstpointer  data)
{
  return *(const gboolean *) data;
}

static void
test_same_bus (void)
{
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *session = client_open_session (fixture->client, "first");
  g_autofree char *url = test_server_get_url (server, "/file");
  g_autofree char *path = fixture_get_path (fixture, "file");
  g_autofree char *task = NULL;
  g_autoptr(GSubprocess) second = NULL;
  gboolean ended = FALSE;
  guint32 pid;

  gate_init (&gate, 81, SIZE, SIZE / 2);
  test_server_add (server, "/file", gate_serve, &gate);
  task = client_create (fixture->client, session, url,
                        g_variant_new_parsed ("{'destination': <%s>, 'start': <true>}",
                                              fixture->downloads));
  client_wait_received (fixture->client, task, SIZE / 2);
  pid = fixture_get_pid (fixture);

  second = fixture_spawn (fixture);
  g_subprocess_wait_async (second, NULL, ended_cb, &ended);
  client_wait (fixture->client, is_true, &ended, "the second service gives up");
  g_assert_true (g_subprocess_get_if_exited (second));
  g_assert_cmpint (g_subprocess_get_exit_status (second), !=, 0);

  g_assert_cmpuint (fixture_get_pid (fixture), ==, pid);
  client_assert_string (fixture->client, task, "State", "running");
  gate_open (&gate);
  client_wait_state (fixture->client, task, "finished");
  gate_assert_file (&gate, path);
  fixture_assert_files (fixture, "file", NULL);
  g_assert_cmpuint (test_server_get_n_requests (server), ==, 1);
}

/* Two sessions of one user, or one in a container, with the same home. */
static void
test_same_database (void)
{
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) first = fixture_new (FIXTURE_STRICT);
  g_autoptr(Fixture) second = fixture_new_with_data (FIXTURE_MAY_WARN, first->data_home);
  g_autofree char *session = client_open_session (first->client, "first");
  g_autofree char *url = test_server_get_url (server, "/file");
  g_autofree char *path = fixture_get_path (first, "file");
  g_autofree char *owner = g_strdup_printf ("process %u (ferryd)", fixture_get_pid (first));
  g_autofree char *task = NULL;
  g_autofree char *taken_over = NULL;
  gint64 began = g_get_monotonic_time ();
  gint64 waited;

  gate_init (&gate, 82, SIZE, SIZE / 2);
  test_server_add (server, "/file", gate_serve, &gate);
  task = client_create (first->client, session, url,
                        g_variant_new_parsed ("{'destination': <%s>, 'start': <true>}",
                                              first->downloads));
  client_wait_received (first->client, task, SIZE / 2);

  client_call_refused (second->client, "Store", owner, MANAGER_PATH, "Manager", "OpenSession",
                       g_variant_new ("(sa{sv})", "second", NULL));
  waited = g_get_monotonic_time () - began;
  g_assert_cmpint (waited, >=, WAIT_AT_LEAST);
  g_assert_cmpint (waited, <=, WAIT_AT_MOST);
  client_call_refused (second->client, "Store", first->database, task, "Task", "Cancel", NULL);

  /* The first has not felt it. */
  client_assert_string (first->client, task, "State", "running");
  gate_open (&gate);
  client_wait_state (first->client, task, "finished");
  gate_assert_file (&gate, path);

  /* When it has gone, a new one of the second bus has the database. */
  g_assert_cmpint (fixture_end_service (first, SIGTERM), ==, 0);
  g_assert_cmpint (fixture_end_service (second, SIGTERM), ==, 0);
  taken_over = client_open_session (second->client, "first");
  g_assert_cmpstr (taken_over, ==, session);
  client_assert_string (second->client, task, "State", "finished");
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/two-services/second-on-the-bus-gives-up", test_same_bus);
  g_test_add_func ("/two-services/second-on-the-database-says-who-has-it", test_same_database);
  return g_test_run ();
}
