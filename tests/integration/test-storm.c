/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several clients steer the same tasks at the same time, without waiting for answers. */
#define G_LOG_DOMAIN "test-storm"

#include "config.h"

#include <signal.h>

#include "fixture.h"
#include "gate.h"
#include "support/rows.h"

#define SIZE (600 * 1000)
#define N_TASKS 12
#define N_ROUNDS 25
#define N_CALLS 20  /* in a round */

/* Answers that came, and those that may come: a verb, or WrongState. */
typedef struct
{
  guint answers;
  guint calls;
} Tally;

static void
told_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = NULL;
  g_autofree char *name = NULL;
  Tally *tally = user_data;

  answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, &error);
  tally->answers++;
  if (answer != NULL)
    return;

  name = g_dbus_error_get_remote_error (error);
  g_assert_cmpstr (name, ==, FERRY_SERVICE_ID ".Error.WrongState");
}

static gboolean
are_all_answered (Client        *client,
                  gconstpointer  data)
{
  const Tally *tally = data;

  return tally->answers == tally->calls;
}

static void
tell (Client     *client,
      const char *task,
      const char *verb,
      Tally      *tally)
{
  g_dbus_connection_call (client->connection, FERRY_SERVICE_ID, task, FERRY_SERVICE_ID ".Task",
                          verb, NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, told_cb, tally);
  tally->calls++;
}

static void
let_it_blow (Client    *clients[2],
             GPtrArray *tasks,
             GRand     *random)
{
  static const char *const verbs[] = { "Resume", "Suspend", "Resume", "Suspend", "Resume" };
  Tally tally = { 0 };

  for (guint i = 0; i < N_ROUNDS; i++)
    {
      for (guint j = 0; j < N_CALLS; j++)
        tell (clients[g_rand_int_range (random, 0, 2)],
              tasks->pdata[g_rand_int_range (random, 0, N_TASKS)],
              verbs[g_rand_int_range (random, 0, G_N_ELEMENTS (verbs))], &tally);
      client_pass_time (clients[0], g_rand_int_range (random, 0, 30));
    }
  client_wait (clients[0], are_all_answered, &tally, "all verbs are answered");
}

static void
run_storm (gboolean cancels)
{
  g_autoptr(GRand) random = g_rand_new_with_seed (test_get_seed ());
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autoptr(Client) other = client_new (fixture->address);
  Client *clients[2] = { fixture->client, other };
  g_autofree char *session = client_open_session (clients[0], "storm");
  g_autofree char *same = client_open_session (clients[1], "storm");
  g_autoptr(GPtrArray) tasks = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  Tally last = { 0 };

  g_assert_cmpstr (same, ==, session);
  gate_init (&gate, 91, SIZE, G_MAXINT64);
  gate.pace_ms = 20;
  for (guint i = 0; i < N_TASKS; i++)
    {
      g_autofree char *path = g_strdup_printf ("/%u", i);
      g_autofree char *url = test_server_get_url (server, path);

      test_server_add (server, path, gate_serve, &gate);
      g_ptr_array_add (tasks,
                       client_create (clients[0], session, url,
                                      g_variant_new_parsed ("{'destination': <%s>, "
                                                            "'start': <%b>}", fixture->downloads,
                                                            i % 2 == 0)));
      g_assert_true (g_hash_table_add (names, g_strdup (path + 1)));
    }

  let_it_blow (clients, tasks, random);
  /* To the end, from wherever they stand. Of two that cancel, one finds that it is done. */
  for (guint i = 0; i < N_TASKS; i++)
    {
      tell (clients[0], tasks->pdata[i], cancels ? "Cancel" : "Resume", &last);
      tell (clients[1], tasks->pdata[i], cancels ? "Cancel" : "Resume", &last);
    }
  client_wait (clients[0], are_all_answered, &last, "the last verbs are answered");

  for (guint i = 0; i < N_TASKS; i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);
      g_autofree char *path = fixture_get_path (fixture, name);
      g_autofree char *state = NULL;

      if (!cancels)
        client_wait_state (clients[0], tasks->pdata[i], "finished");
      state = client_get_string (clients[0], tasks->pdata[i], "State");
      if (g_str_equal (state, "finished"))
        {
          gate_assert_file (&gate, path);
          continue;
        }
      g_assert_cmpstr (state, ==, "cancelled");
      g_assert_true (g_hash_table_remove (names, name));
    }
  fixture_assert_only (fixture, names);
}

static void
test_all_finish (void)
{
  run_storm (FALSE);
}

static void
test_all_cancelled (void)
{
  run_storm (TRUE);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/storm/all-finish", test_all_finish);
  g_test_add_func ("/storm/all-cancelled", test_all_cancelled);
  return g_test_run ();
}
