/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The service goes while it is called: each call is answered, by it or by the next one. */
#define G_LOG_DOMAIN "test-leaving"

#include "config.h"

#include <signal.h>

#include "fixture.h"
#include "support/test-bed.h"

#define URL "http://127.0.0.1:9/file"

#define N_ROUNDS 20

/* Calls on their way when the signal comes, and sent right after it. */
#define N_BEFORE 3
#define N_AFTER 3

/* The answers that are waited for, and all that have come. */
typedef struct
{
  GHashTable *tasks;   /* owned; set of paths */
  guint       n_sent;
  guint       n_come;
} Replies;

static void
created_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  Replies *replies = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = NULL;
  char *path;

  answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, &error);
  g_assert_no_error (error);
  g_variant_get (answer, "(o)", &path);
  if (!g_hash_table_add (replies->tasks, path))
    g_error ("one more task is %s", path);
  replies->n_come++;
}

static void
send_creations (Fixture    *fixture,
                const char *session,
                guint       n,
                Replies    *replies)
{
  for (guint i = 0; i < n; i++)
    {
      g_dbus_connection_call (fixture->client->connection, FERRY_SERVICE_ID, session,
                              FERRY_SERVICE_ID ".Session", "CreateDownloadTask",
                              g_variant_new ("(s@a{sv})", URL,
                                             g_variant_new_parsed ("{'destination': <%s>}",
                                                                   fixture->downloads)),
                              G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE,
                              TEST_DEADLINE / G_TIME_SPAN_MILLISECOND, NULL, created_cb, replies);
      replies->n_sent++;
    }
}

static gboolean
have_all_come (Client        *client,
               gconstpointer  data)
{
  const Replies *replies = data;

  return replies->n_come == replies->n_sent;
}

/* That the session has the tasks of which we were told, and no others. */
static void
assert_listed (Fixture    *fixture,
               const char *session,
               GHashTable *tasks)
{
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GVariantIter) listed = NULL;
  const char *path;
  guint n = 0;

  answer = client_call (fixture->client, session, "Session", "ListTasks",
                        g_variant_new ("(a{sv}tu)", NULL, G_GUINT64_CONSTANT (0), 0));
  g_variant_get (answer, "(a(oa{sv}))", &listed);
  while (g_variant_iter_loop (listed, "(&o@a{sv})", &path, NULL))
    {
      if (!g_hash_table_contains (tasks, path))
        g_error ("nobody was told of %s", path);
      n++;
    }
  g_assert_cmpuint (n, ==, g_hash_table_size (tasks));
}

/* Of each round, one service at least; each new one leaves as it should. */
static void
test_terminated_while_called (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *session = client_open_session (fixture->client, "leaving");
  g_autoptr(GHashTable) tasks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Replies replies = { .tasks = tasks };

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      guint32 pid = fixture_get_pid (fixture);

      g_assert_cmpuint (pid, !=, 0);
      send_creations (fixture, session, i % 2 == 0 ? N_BEFORE : 0, &replies);
      g_assert_no_errno (kill ((pid_t) pid, SIGTERM));
      send_creations (fixture, session, N_AFTER, &replies);
      client_wait (fixture->client, have_all_come, &replies, "answers of a service that leaves");
      g_assert_cmpint (fixture_wait_end (fixture), ==, 0);
      assert_listed (fixture, session, tasks);  /* and brings the next one, if none is there yet */
    }
}

/* The answer is that of the call, not the bus's word that somebody has gone. */
static void
test_called_after_release (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *session = client_open_session (fixture->client, "leaving");
  g_autoptr(GHashTable) tasks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Replies replies = { .tasks = tasks };

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      guint32 pid = fixture_get_pid (fixture);

      g_assert_no_errno (kill ((pid_t) pid, SIGTERM));
      while (fixture_get_pid (fixture) == pid)
        send_creations (fixture, session, 1, &replies);
      send_creations (fixture, session, 1, &replies);
      client_wait (fixture->client, have_all_come, &replies, "answers of a service that leaves");
      g_assert_cmpint (fixture_wait_end (fixture), ==, 0);
      assert_listed (fixture, session, tasks);
    }
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/leaving/terminated-while-called", test_terminated_while_called);
  g_test_add_func ("/leaving/called-after-release", test_called_after_release);
  return g_test_run ();
}
