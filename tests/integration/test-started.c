/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Started without a call: the service does what is left to do, or leaves at once. */
#define G_LOG_DOMAIN "test-started"

#include "config.h"

#include <signal.h>

#include "fixture.h"
#include "gate.h"
#include "support/test-bed.h"

#define SIZE (300 * 1000)

/* A service that leaves at once does so long before the while that it comes with. */
#define AT_ONCE (20 * G_TIME_SPAN_SECOND)

/* For one that would leave at once to be gone. */
#define LONG_ENOUGH_MS 1000

static void
start_by_name (Fixture *fixture)
{
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GError) error = NULL;

  answer = g_dbus_connection_call_sync (fixture->client->connection, "org.freedesktop.DBus",
                                        "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                        "StartServiceByName",
                                        g_variant_new ("(su)", FERRY_SERVICE_ID, 0), NULL,
                                        G_DBUS_CALL_FLAGS_NONE,
                                        TEST_DEADLINE / G_TIME_SPAN_MILLISECOND, NULL, &error);
  g_assert_no_error (error);
}

/* As a desktop does when somebody logs in. */
static void
start_by_entry (Fixture *fixture)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (
    G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autoptr(GKeyFile) entry = g_key_file_new ();
  g_autoptr(GSubprocess) shell = NULL;
  g_autofree char *command = NULL;
  g_autoptr(GError) error = NULL;

  g_key_file_load_from_file (entry, g_getenv ("AUTOSTART_ENTRY"), G_KEY_FILE_NONE, &error);
  g_assert_no_error (error);
  command = g_key_file_get_string (entry, "Desktop Entry", "Exec", &error);
  g_assert_no_error (error);
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", fixture->address, TRUE);
  shell = g_subprocess_launcher_spawn (launcher, &error, "/bin/sh", "-c", command, NULL);
  g_assert_no_error (error);
  g_subprocess_wait_check (shell, NULL, &error);
  g_assert_no_error (error);
}

typedef void (* Start) (Fixture *fixture);

typedef struct
{
  const char *name;
  Start       start;
} Way;

static const Way ways[] = {
  { "by-name", start_by_name },
  { "by-autostart", start_by_entry },
};

static void
test_started_for_nothing (gconstpointer data)
{
  const Way *way = data;
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  gint64 began = g_get_monotonic_time ();

  way->start (fixture);
  g_assert_cmpint (fixture_wait_end (fixture), ==, 0);
  g_assert_cmpint (g_get_monotonic_time () - began, <, AT_ONCE);
}

/* Nobody calls it: it does what is to be done, and leaves. */
static void
test_started_for_task (gconstpointer data)
{
  const Way *way = data;
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *session = client_open_session (fixture->client, "started");
  g_autofree char *url = test_server_get_url (server, "/file");
  g_autofree char *path = fixture_get_path (fixture, "file");
  g_autofree char *task = NULL;

  gate_init (&gate, 71, SIZE, SIZE / 2);
  test_server_add (server, "/file", gate_serve, &gate);
  task = client_create (fixture->client, session, url,
                        g_variant_new_parsed ("{'destination': <%s>, 'start': <true>}",
                                              fixture->downloads));
  client_wait_received (fixture->client, task, SIZE / 2);
  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);

  way->start (fixture);
  gate_wait_held (&gate, 2);
  client_pass_time (fixture->client, LONG_ENOUGH_MS);
  g_assert_cmpuint (fixture_get_pid (fixture), !=, 0);
  gate_open (&gate);
  g_assert_cmpint (fixture_wait_end (fixture), ==, 0);
  gate_assert_file (&gate, path);
  fixture_assert_files (fixture, "file", NULL);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autofree char *nothing = g_strconcat ("/started/for-nothing/", ways[i].name, NULL);
      g_autofree char *task = g_strconcat ("/started/for-task/", ways[i].name, NULL);

      g_test_add_data_func (nothing, &ways[i], test_started_for_nothing);
      g_test_add_data_func (task, &ways[i], test_started_for_task);
    }
  return g_test_run ();
}
