/* SPDX-License-Identifier: GPL-3.0-or-later */
/* No room, for the database or for a file: it is said, and goes on when there is. */
#define G_LOG_DOMAIN "test-full-disk"

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>

#include "fixture.h"
#include "gate.h"
#include "mount.h"

#define URL "http://127.0.0.1:9/file"

/* For a database of some hundred tasks, which does not need to be as large at first. */
#define SMALL (2 * 1024 * 1024)
#define LARGE (32 * 1024 * 1024)

#define FILE_SIZE (3 * 1024 * 1024)

/* More tasks than ever go into what a database of that size has left over. */
#define FAR_TOO_MANY 20000

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
  return g_test_run ();
}
