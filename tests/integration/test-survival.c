/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions, tasks and bytes outlive the service, however it ends. */
#define G_LOG_DOMAIN "test-survival"

#include "config.h"

#include <poll.h>
#include <signal.h>
#include <stdalign.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "fixture.h"
#include "gate.h"
#include "support/rows.h"

#define SIZE (3 * 1000 * 1000 + 1)

#define N_KILLS 15
#define N_BEFORE 5                        /* tasks that are there before the first kill */
#define N_FILES (N_BEFORE + N_KILLS)

/* How often a kill is aimed at the moment after the rename. */
#define N_RENAMES 8

/* At a kill the shell says 128 + 9. */
#define KILLED (128 + SIGKILL)

/* SIGTERM: checkpoint, exit 0, within 2 s (design.md §9). */
#define TERM_LIMIT (2 * G_TIME_SPAN_SECOND)

static char *
create (Fixture    *fixture,
        const char *session,
        TestServer *server,
        const char *path)
{
  g_autofree char *url = test_server_get_url (server, path);

  return client_create (fixture->client, session, url,
                        g_variant_new_parsed ("{'destination': <%s>, 'start': <true>}",
                                              fixture->downloads));
}

/* The call that wakes the service up; the session is the one that it was. */
static void
reopen (Fixture    *fixture,
        const char *session)
{
  g_autofree char *path = client_open_session (fixture->client, "survival");

  g_assert_cmpstr (path, ==, session);
}

static void
assert_file (Fixture    *fixture,
             Gate       *gate,
             const char *name)
{
  g_autofree char *path = fixture_get_path (fixture, name);

  gate_assert_file (gate, path);
}

static void
test_terminated (void)
{
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *session = client_open_session (fixture->client, "survival");
  g_autofree char *range = g_strdup_printf ("bytes=%d-", SIZE / 2);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  gint64 began;

  gate_init (&gate, 1, SIZE, SIZE / 2);
  test_server_add (server, "/a", gate_serve, &gate);
  test_server_add (server, "/b", gate_serve, &gate);
  first = create (fixture, session, server, "/a");
  second = create (fixture, session, server, "/b");
  client_wait_received (fixture->client, first, SIZE / 2);
  client_wait_received (fixture->client, second, SIZE / 2);

  began = g_get_monotonic_time ();
  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  g_assert_cmpint (g_get_monotonic_time () - began, <, TERM_LIMIT);
  fixture_assert_files (fixture, "a.part", "b.part", NULL);

  gate_open (&gate);
  reopen (fixture, session);
  client_wait_state (fixture->client, first, "finished");
  client_wait_state (fixture->client, second, "finished");
  assert_file (fixture, &gate, "a");
  assert_file (fixture, &gate, "b");
  fixture_assert_files (fixture, "a", "b", NULL);

  /* Nothing that was here was fetched again. */
  g_assert_cmpuint (test_server_get_n_requests (server), ==, 4);
  for (guint i = 2; i < 4; i++)
    g_assert_cmpstr (test_request_get_header (test_server_get_request (server, i), "Range"), ==,
                     range);
}

/* The moments, as bytes that have been sent; −1: not even the head of the answer. */
static const gint64 moments[] = { -1, 0, 1, SIZE / 2, SIZE - 1 };

static void
test_killed_at (gconstpointer data)
{
  gint64 moment = *(const gint64 *) data;
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *session = client_open_session (fixture->client, "survival");
  g_autofree char *task = NULL;

  gate_init (&gate, 2, SIZE, moment);
  test_server_add (server, "/file.bin", gate_serve, &gate);
  task = create (fixture, session, server, "/file.bin");
  gate_wait_held (&gate, 1);
  if (moment > 0)
    client_wait_received (fixture->client, task, moment);

  g_assert_cmpint (fixture_end_service (fixture, SIGKILL), ==, KILLED);
  gate_open (&gate);
  reopen (fixture, session);
  client_wait_state (fixture->client, task, "finished");
  assert_file (fixture, &gate, "file.bin");
  fixture_assert_files (fixture, "file.bin", NULL);
  g_assert_cmpuint (test_server_get_n_requests (server), ==, 2);
}

/* Waits until something in the folder that @watch is for gets a name that is no part's. */
static void
wait_for_final_name (int watch)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE;
  gboolean has_come = FALSE;

  while (!has_come)
    {
      alignas (struct inotify_event) char buffer[4096];
      struct pollfd wait = { .fd = watch, .events = POLLIN };
      gint64 left = (deadline - g_get_monotonic_time ()) / G_TIME_SPAN_MILLISECOND;
      gssize n;

      if (left <= 0 || poll (&wait, 1, (int) left) <= 0)
        g_error ("the file does not come");
      n = read (watch, buffer, sizeof buffer);
      g_assert_cmpint (n, >, 0);
      for (gssize at = 0; at < n;)
        {
          const struct inotify_event *event = (const void *) (buffer + at);

          has_come = has_come || !g_str_has_suffix (event->name, ".part");
          at += sizeof *event + event->len;
        }
    }
}

/* Between the file's last name and the row that says so: no second copy. */
static void
test_killed_after_rename (void)
{
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *session = client_open_session (fixture->client, "survival");
  g_autoptr(GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  int watch = inotify_init1 (IN_CLOEXEC);

  g_assert_no_errno (inotify_add_watch (watch, fixture->downloads, IN_MOVED_TO | IN_CREATE));
  gate_init (&gate, 6, SIZE, G_MAXINT64);
  for (guint i = 0; i < N_RENAMES; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.bin", i);
      g_autofree char *path = g_strconcat ("/", name, NULL);
      g_autofree char *task = NULL;

      test_server_add (server, path, gate_serve, &gate);
      task = create (fixture, session, server, path);
      wait_for_final_name (watch);
      g_assert_cmpint (fixture_end_service (fixture, SIGKILL), ==, KILLED);

      reopen (fixture, session);
      client_wait_state (fixture->client, task, "finished");
      client_assert_string (fixture->client, task, "FileName", name);
      assert_file (fixture, &gate, name);
      g_assert_true (g_hash_table_add (names, g_steal_pointer (&name)));
      fixture_assert_only (fixture, names);
      g_assert_cmpuint (test_server_get_n_requests (server), ==, i + 1);
    }
  g_assert_no_errno (close (watch));
}

/* What was durable is not fetched again: a checkpoint comes after each 16 MiB, though not twice in
 * a second; so these take longer. */
static void
test_killed_after_checkpoint (void)
{
  const gint64 size = 40 * 1024 * 1024;
  const gint64 half = 20 * 1024 * 1024;
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *session = client_open_session (fixture->client, "survival");
  g_autofree char *task = NULL;
  const char *range;

  gate_init (&gate, 3, size, half);
  gate.pace_ms = 4;
  test_server_add (server, "/file.bin", gate_serve, &gate);
  task = create (fixture, session, server, "/file.bin");
  client_wait_received (fixture->client, task, half);

  g_assert_cmpint (fixture_end_service (fixture, SIGKILL), ==, KILLED);
  gate.pace_ms = 0;
  gate_open (&gate);
  reopen (fixture, session);
  client_wait_state (fixture->client, task, "finished");
  assert_file (fixture, &gate, "file.bin");
  range = test_request_get_header (test_server_get_request (server, 1), "Range");
  g_assert_nonnull (range);
  g_assert_cmpint (g_ascii_strtoll (range + strlen ("bytes="), NULL, 10), >=, 16 * 1024 * 1024);
}

static GVariant *
list_all (Client *client)
{
  g_autoptr(GVariant) answer = NULL;

  answer = client_call (client, MANAGER_PATH, "Manager", "ListTasks",
                        g_variant_new_parsed ("(@a{sv} {'properties': <['Kind', 'State', 'Reason', "
                                              "'StartedOver', 'Digest', 'Options', 'Url', "
                                              "'CurrentUrl', 'FileName', 'Path', 'BytesReceived', "
                                              "'BytesExpectedToReceive', 'Response', 'Error', "
                                              "'Metrics', 'Created', 'Finished', 'Session']>}, "
                                              "uint64 0, uint32 0)"));
  return g_variant_get_child_value (answer, 0);
}

/* All that is known of tasks that do not run is the same after a crash. */
static void
test_nothing_forgotten (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Gate) slow = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  Client *client = fixture->client;
  g_autofree char *session = client_open_session (client, "survival");
  g_autofree char *finished = NULL;
  g_autofree char *failed = NULL;
  g_autofree char *cancelled = NULL;
  g_autofree char *suspended = NULL;
  g_autoptr(GVariant) before = NULL;
  g_autoptr(GVariant) after = NULL;

  gate_init (&gate, 4, SIZE, G_MAXINT64);
  gate_init (&slow, 5, SIZE, SIZE / 2);
  test_server_add (server, "/finished", gate_serve, &gate);
  test_server_add (server, "/cancelled", gate_serve, &slow);
  test_server_add (server, "/suspended", gate_serve, &slow);
  finished = create (fixture, session, server, "/finished");
  failed = create (fixture, session, server, "/not-there");
  cancelled = create (fixture, session, server, "/cancelled");
  suspended = create (fixture, session, server, "/suspended");
  client_wait_state (client, finished, "finished");
  client_wait_failed (client, failed, "Server", "404");
  client_wait_received (client, cancelled, SIZE / 2);
  client_wait_received (client, suspended, SIZE / 2);
  client_tell (client, cancelled, "Cancel");
  client_tell (client, suspended, "Suspend");
  gate_open (&slow);

  before = list_all (client);
  g_assert_cmpint (fixture_end_service (fixture, SIGKILL), ==, KILLED);
  after = list_all (client);
  if (!g_variant_equal (before, after))
    {
      g_autofree char *was = g_variant_print (before, FALSE);
      g_autofree char *is = g_variant_print (after, FALSE);

      g_error ("was:\n%s\nis:\n%s", was, is);
    }
  fixture_assert_files (fixture, "finished", "suspended.part", NULL);
  g_assert_cmpuint (test_server_get_n_requests (server), ==, 4);
}

/* A bigger one passes checkpoints, a smaller one ends between two kills. */
static gint64
choose_size (GRand *random,
             guint  i)
{
  static const gint64 most[] = { 1, 64 * 1024, 2 * 1024 * 1024, 36 * 1024 * 1024 };

  return i == 0 ? 0 : g_rand_int_range (random, 1, (gint32) most[i % G_N_ELEMENTS (most)] + 1);
}

static void
test_killed_at_random (void)
{
  g_autoptr(GRand) random = g_rand_new_with_seed (test_get_seed ());
  g_autofree Gate *gates = g_new0 (Gate, N_FILES);
  g_autoptr(GPtrArray) tasks = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  TestServer *server = test_server_new (NULL);
  Fixture *fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *session = client_open_session (fixture->client, "survival");

  for (guint i = 0; i < N_FILES; i++)
    {
      g_autofree char *path = g_strdup_printf ("/%u.bin", i);

      gate_init (&gates[i], 100 + i, choose_size (random, i), G_MAXINT64);
      gates[i].pace_ms = 1;
      test_server_add (server, path, gate_serve, &gates[i]);
      if (i >= N_BEFORE)
        {
          client_pass_time (fixture->client, g_rand_int_range (random, 0, 250));
          g_assert_cmpint (fixture_end_service (fixture, SIGKILL), ==, KILLED);
          reopen (fixture, session);
        }
      g_ptr_array_add (tasks, create (fixture, session, server, path));
      g_assert_true (g_hash_table_add (names, g_strdup (path + 1)));
    }

  for (guint i = 0; i < N_FILES; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u.bin", i);

      client_wait_state (fixture->client, tasks->pdata[i], "finished");
      client_assert_string (fixture->client, tasks->pdata[i], "FileName", name);
      assert_file (fixture, &gates[i], name);
    }
  fixture_assert_only (fixture, names);

  g_clear_pointer (&fixture, fixture_free);
  g_clear_pointer (&server, test_server_free);
  for (guint i = 0; i < N_FILES; i++)
    gate_clear (&gates[i]);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/survival/terminated-in-mid-transfer", test_terminated);
  for (gsize i = 0; i < G_N_ELEMENTS (moments); i++)
    {
      g_autofree char *path = g_strdup_printf ("/survival/killed-at/%" G_GINT64_FORMAT,
                                               moments[i]);

      g_test_add_data_func (path, &moments[i], test_killed_at);
    }
  g_test_add_func ("/survival/killed-after-checkpoint", test_killed_after_checkpoint);
  g_test_add_func ("/survival/killed-after-rename", test_killed_after_rename);
  g_test_add_func ("/survival/killed-forgets-nothing", test_nothing_forgotten);
  g_test_add_func ("/survival/killed-at-random", test_killed_at_random);
  return g_test_run ();
}
