/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "settle.h"

void
settle (void)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE_S * G_USEC_PER_SEC;

  while (g_main_context_iteration (NULL, FALSE))
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);
}

void
settle_all (FakeStore  *store,
            FakeRunner *runner)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE_S * G_USEC_PER_SEC;

  settle ();
  while (fake_store_get_n_waiting (store) > 0 || fake_runner_get_n_waiting (runner) > 0)
    {
      if (fake_store_get_n_waiting (store) > 0)
        fake_store_answer (store);
      else
        fake_runner_grant_next (runner);

      settle ();
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
}

static gboolean
on_deadline_cb (gpointer user_data)
{
  g_error ("Nothing came within %d s", TEST_DEADLINE_S);
  return G_SOURCE_REMOVE;
}

void
settle_by_clock (FakeStore *store)
{
  guint deadline = g_timeout_add_seconds (TEST_DEADLINE_S, on_deadline_cb, NULL);

  while (fake_store_get_n_waiting (store) == 0)
    (void) g_main_context_iteration (NULL, TRUE);  /* the store says what came of it */

  g_clear_handle_id (&deadline, g_source_remove);
}

gboolean
is_last (gpointer object)
{
  GObject *left = object;

  g_object_add_weak_pointer (object, (gpointer *) &left);
  g_clear_object (&object);
  return left == NULL;
}

GRand *
make_random (void)
{
  const char *wanted = g_getenv ("FERRY_TEST_SEED");
  guint32 seed = wanted != NULL ? (guint32) g_ascii_strtoull (wanted, NULL, 10) : g_random_int ();

  g_test_message ("FERRY_TEST_SEED=%u", seed);
  return g_rand_new_with_seed (seed);
}
