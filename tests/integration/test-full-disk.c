/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No room, for the database or for a file: it is said, and goes on when there is. */
#define G_LOG_DOMAIN "test-full-disk"

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>

#include "fixture.h"
#include "gate.h"
#include "mount.h"
#include "support/folder.h"

#define URL "http://127.0.0.1:9/file"

/* For a database of some hundred tasks, which does not need to be as large at first. */
#define SMALL (2 * 1024 * 1024)
#define LARGE (32 * 1024 * 1024)

#define FILE_SIZE (3 * 1024 * 1024)

/* More tasks than ever go into what a database of that size has left over. */
#define FAR_TOO_MANY 20000

/* Downloads that are under way when the database's disk becomes full. */
#define N_RUNNING 10

static GVariant *
new_options (Fixture *fixture)
{
  return g_variant_new_parsed ("{'destination': <%s>}", fixture->downloads);
}

static void
test_at_start (void)
{
  g_autoptr(Fixture) fixture = NULL;
  g_autofree char *filler = NULL;
  g_autofree char *session = NULL;
  g_autofree char *task = NULL;

  if (!mount_or_skip ())
    return;

  fixture = fixture_new (FIXTURE_MAY_WARN);
  filler = g_build_filename (fixture->data_home, "filler", NULL);
  mount_small (fixture->data_home, SMALL);
  mount_fill (fixture->data_home, "filler");
  client_call_refused (fixture->client, "DiskFull", fixture->database, MANAGER_PATH, "Manager",
                       "OpenSession", g_variant_new ("(sa{sv})", "full", NULL));
  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  g_assert_false (g_file_test (fixture->database, G_FILE_TEST_EXISTS));

  g_assert_no_errno (g_unlink (filler));
  session = client_open_session (fixture->client, "full");
  task = client_create (fixture->client, session, URL, new_options (fixture));
  client_assert_string (fixture->client, task, "State", "suspended");
  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  mount_end (fixture->data_home);
}

static guint
count_tasks (Fixture *fixture)
{
  guint64 before = 0;
  guint n = 0;
  gsize n_here;

  do
    {
      g_autoptr(GVariant) answer = NULL;
      g_autoptr(GVariant) tasks = NULL;
      const char *path;

      answer = client_call (fixture->client, MANAGER_PATH, "Manager", "ListTasks",
                            g_variant_new_parsed ("(@a{sv} {'properties': <@as []>}, %t, "
                                                  "uint32 0)", before));
      tasks = g_variant_get_child_value (answer, 0);
      n_here = g_variant_n_children (tasks);
      n += n_here;
      if (n_here > 0)
        {
          g_variant_get_child (tasks, n_here - 1, "(&o@a{sv})", &path, NULL);
          before = g_ascii_strtoull (strrchr (path, '/') + 1, NULL, 10);
        }
    }
  while (n_here > 0);
  return n;
}

/* What was granted is there, what was refused is not. */
static void
test_in_mid_life (void)
{
  g_autoptr(Fixture) fixture = NULL;
  g_autofree char *filler = NULL;
  g_autofree char *session = NULL;
  g_autofree char *last = NULL;
  guint n = 0;

  if (!mount_or_skip ())
    return;

  fixture = fixture_new (FIXTURE_MAY_WARN);
  filler = g_build_filename (fixture->data_home, "filler", NULL);
  mount_small (fixture->data_home, SMALL);
  session = client_open_session (fixture->client, "full");
  mount_fill (fixture->data_home, "filler");
  for (;; n++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) answer = NULL;

      g_assert_cmpuint (n, <, FAR_TOO_MANY);
      answer = client_try (fixture->client, session, "Session", "CreateDownloadTask",
                           g_variant_new ("(s@a{sv})", URL, new_options (fixture)), &error);
      if (answer == NULL)
        break;
    }
  client_create_refused (fixture->client, "DiskFull", fixture->database, session, URL,
                         new_options (fixture));
  client_call_refused (fixture->client, "DiskFull", fixture->database, MANAGER_PATH, "Manager",
                       "OpenSession", g_variant_new ("(sa{sv})", "another", NULL));
  g_assert_cmpuint (count_tasks (fixture), ==, n);

  g_assert_no_errno (g_unlink (filler));
  last = client_create (fixture->client, session, URL, new_options (fixture));
  g_assert_cmpuint (count_tasks (fixture), ==, n + 1);
  g_assert_cmpint (fixture_end_service (fixture, SIGKILL), ==, 128 + SIGKILL);
  g_assert_cmpuint (count_tasks (fixture), ==, n + 1);
  client_assert_string (fixture->client, last, "State", "suspended");
  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  mount_end (fixture->data_home);
}

/* §6: “a full disk makes the task wait (`disk-full`) and go on by itself when there is room” */
static void
test_for_file (gconstpointer data)
{
  gboolean by_itself = GPOINTER_TO_INT (data);
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = NULL;
  g_autoptr(Fixture) fixture = NULL;
  g_autofree char *session = NULL;
  g_autofree char *task = NULL;
  g_autofree char *url = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GVariant) details = NULL;
  const char *cause = NULL;

  if (!mount_or_skip ())
    return;

  gate_init (&gate, 71, FILE_SIZE, G_MAXINT64);
  server = test_server_new (NULL);
  test_server_add (server, "/file", gate_serve, &gate);
  url = test_server_get_url (server, "/file");
  fixture = fixture_new (FIXTURE_STRICT);
  path = fixture_get_path (fixture, "file");
  session = client_open_session (fixture->client, "full");
  mount_small (fixture->downloads, SMALL);
  task = client_create (fixture->client, session, url, new_options (fixture));
  client_tell (fixture->client, task, "Resume");

  /* From running it goes to waiting; between the two it waits in the queue. */
  client_wait_reason (fixture->client, task, "disk-full");
  client_assert_string (fixture->client, task, "State", "waiting");
  details = client_get (fixture->client, task, "ReasonDetails");
  g_assert_true (g_variant_lookup (details, "cause", "(&s&s)", &cause, NULL));
  g_assert_cmpstr (cause, ==, FERRY_SERVICE_ID ".Error.DiskFull");

  mount_resize (fixture->downloads, LARGE);
  if (!by_itself)
    client_tell (fixture->client, task, "Resume");
  client_wait_state (fixture->client, task, "finished");
  gate_assert_file (&gate, path);
  fixture_assert_files (fixture, "file", NULL);
  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  mount_end (fixture->downloads);
}

/* What was fetched goes along, and the old place is left as it was found. */
static void
test_moved (void)
{
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = NULL;
  g_autoptr(Fixture) fixture = NULL;
  g_autoptr(GVariant) answer = NULL;
  g_autofree char *session = NULL;
  g_autofree char *task = NULL;
  g_autofree char *url = NULL;
  g_autofree char *elsewhere = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GHashTable) files = NULL;
  const char *range;

  if (!mount_or_skip ())
    return;

  gate_init (&gate, 72, FILE_SIZE, FILE_SIZE / 2);
  server = test_server_new (NULL);
  test_server_add (server, "/file", gate_serve, &gate);
  url = test_server_get_url (server, "/file");
  fixture = fixture_new (FIXTURE_STRICT);
  elsewhere = g_build_filename (fixture->root, "elsewhere", NULL);
  path = g_build_filename (elsewhere, "file", NULL);
  g_assert_no_errno (g_mkdir (elsewhere, 0700));
  session = client_open_session (fixture->client, "full");
  mount_small (fixture->downloads, LARGE);
  task = client_create (fixture->client, session, url, new_options (fixture));
  client_tell (fixture->client, task, "Resume");
  client_wait_received (fixture->client, task, FILE_SIZE / 2);
  mount_fill (fixture->downloads, "filler");
  gate_open (&gate);
  client_wait_reason (fixture->client, task, "disk-full");

  answer = client_call (fixture->client, task, "Task", "SetDestination",
                        g_variant_new_parsed ("({'destination': <%s>},)", elsewhere));
  client_wait_state (fixture->client, task, "finished");
  client_assert_string (fixture->client, task, "Path", path);
  gate_assert_file (&gate, path);
  files = test_folder_read (elsewhere);
  g_assert_cmpuint (g_hash_table_size (files), ==, 1);
  fixture_assert_files (fixture, "filler", NULL);
  g_assert_cmpuint (test_server_get_n_requests (server), ==, 2);
  range = test_request_get_header (test_server_get_request (server, 1), "Range");
  g_assert_nonnull (range);
  g_assert_cmpint (g_ascii_strtoll (range + strlen ("bytes="), NULL, 10), >=, FILE_SIZE / 2);
  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  mount_end (fixture->downloads);
}

/* As many of its tasks run with one host as there are. */
static char *
open_wide_session (Fixture *fixture)
{
  g_autoptr(GVariant) answer = NULL;
  char *session;

  answer = client_call (fixture->client, MANAGER_PATH, "Manager", "OpenSession",
                        g_variant_new_parsed ("('full', {'max-connections-per-host': "
                                              "<uint32 16>})"));
  g_variant_get (answer, "(ob)", &session, NULL);
  return session;
}

/* Asks for tasks until the database takes no more. */
static void
create_until_refused (Fixture    *fixture,
                      const char *session)
{
  for (guint n = 0; n < FAR_TOO_MANY; n++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) answer = NULL;
      g_autofree char *kind = NULL;

      answer = client_try (fixture->client, session, "Session", "CreateDownloadTask",
                           g_variant_new ("(s@a{sv})", URL, new_options (fixture)), &error);
      if (answer != NULL)
        continue;

      kind = g_dbus_error_get_remote_error (error);
      g_assert_cmpstr (kind, ==, FERRY_SERVICE_ID ".Error.DiskFull");
      return;
    }
  g_error ("the disk does not become full");
}

/* Each has one event, and all are of their end. */
static void
assert_events (Fixture    *fixture,
               const char *session,
               char      **tasks)
{
  g_autoptr(GHashTable) finished = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GVariantIter) events = NULL;
  const char *kind;
  const char *path;

  answer = client_call (fixture->client, session, "Session", "GetEvents",
                        g_variant_new ("(tu)", G_GUINT64_CONSTANT (0), 0));
  g_variant_get (answer, "(a(tsoa{sv}))", &events);
  while (g_variant_iter_loop (events, "(t&s&o@a{sv})", NULL, &kind, &path, NULL))
    {
      if (g_str_equal (kind, "session-finished"))
        continue;

      g_assert_cmpstr (kind, ==, "finished");
      g_assert_true (g_hash_table_add (finished, g_strdup (path)));
    }
  for (guint i = 0; i < N_RUNNING; i++)
    g_assert_true (g_hash_table_remove (finished, tasks[i]));
  g_assert_cmpuint (g_hash_table_size (finished), ==, 0);
}

/* The files have room, but what becomes of them cannot be written down. */
static void
test_while_they_run (void)
{
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = NULL;
  g_autoptr(Fixture) fixture = NULL;
  g_autoptr(GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *filler = NULL;
  g_autofree char *session = NULL;
  char *tasks[N_RUNNING + 1] = { NULL };

  if (!mount_or_skip ())
    return;

  gate_init (&gate, 73, FILE_SIZE, FILE_SIZE / 2);
  server = test_server_new (NULL);
  fixture = fixture_new (FIXTURE_MAY_WARN);
  fixture_set (fixture, "max-running", "uint32 16");
  fixture_set (fixture, "max-connections-per-host", "uint32 16");
  filler = g_build_filename (fixture->data_home, "filler", NULL);
  mount_small (fixture->data_home, SMALL);
  session = open_wide_session (fixture);
  for (guint i = 0; i < N_RUNNING; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.bin", i);
      g_autofree char *path = g_strconcat ("/", name, NULL);
      g_autofree char *url = NULL;

      test_server_add (server, path, gate_serve, &gate);
      url = test_server_get_url (server, path);
      tasks[i] = client_create (fixture->client, session, url, new_options (fixture));
      client_tell (fixture->client, tasks[i], "Resume");
      g_assert_true (g_hash_table_add (names, g_steal_pointer (&name)));
    }
  gate_wait_held (&gate, N_RUNNING);

  mount_fill (fixture->data_home, "filler");
  create_until_refused (fixture, session);
  gate_open (&gate);
  client_call_refused (fixture->client, "DiskFull", NULL, session, "Session",
                       "FinishTasksAndInvalidate", NULL);
  for (guint i = 0; i < N_RUNNING; i++)
    client_wait_received (fixture->client, tasks[i], FILE_SIZE);

  g_assert_no_errno (g_unlink (filler));
  for (guint i = 0; i < N_RUNNING; i++)
    client_wait_state (fixture->client, tasks[i], "finished");
  g_assert_cmpint (fixture_end_service (fixture, SIGKILL), ==, 128 + SIGKILL);
  for (guint i = 0; i < N_RUNNING; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.bin", i);
      g_autofree char *path = fixture_get_path (fixture, name);

      client_assert_string (fixture->client, tasks[i], "State", "finished");
      gate_assert_file (&gate, path);
    }
  fixture_assert_only (fixture, names);
  assert_events (fixture, session, tasks);
  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  mount_end (fixture->data_home);
  for (guint i = 0; i < N_RUNNING; i++)
    g_clear_pointer (&tasks[i], g_free);
}

int
main (int    argc,
      char **argv)
{
  (void) mount_begin ();  /* the tests ask */
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/full-disk/database-at-start", test_at_start);
  g_test_add_func ("/full-disk/database-in-mid-life", test_in_mid_life);
  g_test_add_data_func ("/full-disk/file/resumed", GINT_TO_POINTER (FALSE), test_for_file);
  g_test_add_data_func ("/full-disk/file/by-itself", GINT_TO_POINTER (TRUE), test_for_file);
  g_test_add_func ("/full-disk/file/moved", test_moved);
  g_test_add_func ("/full-disk/database-while-they-run", test_while_they_run);
  return g_test_run ();
}
