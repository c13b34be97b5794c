/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/scheduler.h"

#define N_SNAPSHOTS 20000

/* A candidate a letter: its host is the letter's lower case; a capital runs already. What is
 * expected: `.` runs on, `+` starts, else the position in the queue or, after `h`, at its host. */
static const struct
{
  const char *name;
  const char *candidates;
  const char *expected;
} rows[] = {
  { "none", "", "" },
  { "one", "a", "+" },
  { "eight of many hosts, the ninth waits", "abcdefghi", "++++++++1" },
  { "positions rise", "abcdefghijkl", "++++++++1234" },
  { "six of a host", "aaaaaaa", "++++++h1" },
  { "another host goes past those at their host's limit", "aaaaaaaab", "++++++h1h2+" },
  { "what another's end could not help waits for its host", "aaaaaabbca", "++++++++1h1" },
  { "likewise when those behind it fill all slots", "aaaaaaabba", "++++++h1++h2" },
  { "who runs counts before who comes earlier", "aAAAAAAb", "h1......+" },
  { "who runs keeps its slot at the end of the list", "bbbAAAAAA", "++1......" },
  { "eight run", "aABCDEFGHb", "1........2" },
  { "more run than may, after redirects: none is stopped", "AAAAAAAAAb", ".........1" },
  { "seven at a host run: none is stopped", "AAAAAAAab", ".......h1+" },
  { "all run", "AB", ".." },
};

static char *
make_hosts (const char *candidates)
{
  char *hosts = g_new0 (char, 2 * strlen (candidates) + 1);

  for (gsize i = 0; candidates[i] != '\0'; i++)
    hosts[2 * i] = g_ascii_tolower (candidates[i]);

  return hosts;
}

static char *
describe (const FerrydCandidate *candidates,
          guint                  n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    {
      const FerrydCandidate *candidate = &candidates[i];

      g_assert_false (candidate->start && candidate->runs);
      g_assert_true ((candidate->reason != FERRY_WAIT_REASON_NONE) == (candidate->position != 0));
      g_assert_true ((candidate->start || candidate->runs) == (candidate->position == 0));
      if (candidate->reason == FERRY_WAIT_REASON_HOST_LIMIT)
        g_string_append_c (text, 'h');
      else if (candidate->position != 0)
        g_assert_cmpint (candidate->reason, ==, FERRY_WAIT_REASON_QUEUE);

      if (candidate->position != 0)
        g_string_append_printf (text, "%u", candidate->position);
      else
        g_string_append_c (text, candidate->start ? '+' : '.');
    }

  return g_string_free (text, FALSE);
}

static void
test_row (gconstpointer data)
{
  const char *wanted = rows[GPOINTER_TO_UINT (data)].candidates;
  guint n = (guint) strlen (wanted);
  g_autofree char *hosts = make_hosts (wanted);
  g_autofree FerrydCandidate *candidates = g_new0 (FerrydCandidate, n);
  g_autofree char *found = NULL;

  for (guint i = 0; i < n; i++)
    {
      candidates[i].host = &hosts[2 * i];
      candidates[i].runs = g_ascii_isupper (wanted[i]);
      /* What was there before must not count. */
      candidates[i].start = TRUE;
      candidates[i].reason = FERRY_WAIT_REASON_TRUST;
      candidates[i].position = 77;
    }

  ferryd_schedule (candidates, n);
  found = describe (candidates, n);
  g_assert_cmpstr (found, ==, rows[GPOINTER_TO_UINT (data)].expected);
}

/* How many hold a slot at @at's turn: all that ran, and those before it that start. @host: NULL:
 * any */
static guint
count_slots (const FerrydCandidate *candidates,
             guint                  n,
             guint                  at,
             const char            *host)
{
  guint slots = 0;

  for (guint i = 0; i < n; i++)
    {
      if (host != NULL && !g_str_equal (candidates[i].host, host))
        continue;
      if (candidates[i].runs || (i < at && candidates[i].start))
        slots++;
    }

  return slots;
}

/* @host: NULL: any */
static guint
count_waiting (const FerrydCandidate *candidates,
               guint                  until,
               FerryWaitReason        reason,
               const char            *host)
{
  guint waiting = 0;

  for (guint i = 0; i < until; i++)
    {
      if (candidates[i].reason == reason &&
          (host == NULL || g_str_equal (candidates[i].host, host)))
        waiting++;
    }

  return waiting;
}

/* The rules, word by word, counted anew for each: slow and plain. */
static void
schedule_naively (FerrydCandidate *candidates,
                  guint            n)
{
  for (guint i = 0; i < n; i++)
    {
      FerrydCandidate *candidate = &candidates[i];
      gboolean is_full = count_slots (candidates, n, i, NULL) >= 8;
      gboolean host_is_full = count_slots (candidates, n, i, candidate->host) >= 6;

      candidate->start = !candidate->runs && !is_full && !host_is_full;
      candidate->reason = FERRY_WAIT_REASON_NONE;
      candidate->position = 0;
      if (candidate->runs || candidate->start)
        continue;

      candidate->reason = host_is_full ? FERRY_WAIT_REASON_HOST_LIMIT : FERRY_WAIT_REASON_QUEUE;
      candidate->position = 1 + count_waiting (candidates, i, candidate->reason,
                                               host_is_full ? candidate->host : NULL);
    }
}

/* True of any answer, however it was found. */
static void
assert_sound (const FerrydCandidate *candidates,
              guint                  n)
{
  guint running = count_slots (candidates, n, n, NULL);
  gboolean any_starts = FALSE;

  for (guint i = 0; i < n; i++)
    {
      const FerrydCandidate *candidate = &candidates[i];
      guint at_host = count_slots (candidates, n, n, candidate->host);

      if (candidate->start)
        {
          any_starts = TRUE;
          g_assert_cmpuint (at_host, <=, 6);
        }
      /* It waits although there is room: only its host can be the reason. */
      if (!candidate->runs && !candidate->start && running < 8)
        {
          g_assert_cmpuint (at_host, >=, 6);
          g_assert_cmpint (candidate->reason, ==, FERRY_WAIT_REASON_HOST_LIMIT);
        }
      for (guint j = i + 1; j < n && !candidate->runs && !candidate->start; j++)
        g_assert_false (candidates[j].start && g_str_equal (candidates[j].host, candidate->host));
      for (guint j = i + 1; j < n && candidate->reason == FERRY_WAIT_REASON_QUEUE; j++)
        g_assert_false (candidates[j].start);
    }

  if (any_starts)
    g_assert_cmpuint (running, <=, 8);
}

static void
assert_same (const FerrydCandidate *a,
             const FerrydCandidate *b,
             guint                  n)
{
  for (guint i = 0; i < n; i++)
    {
      g_assert_true (a[i].host == b[i].host);
      g_assert_cmpint (a[i].runs, ==, b[i].runs);
      g_assert_cmpint (a[i].start, ==, b[i].start);
      g_assert_cmpint (a[i].reason, ==, b[i].reason);
      g_assert_cmpuint (a[i].position, ==, b[i].position);
    }
}

/* What starts, runs; then nothing more may start, and the others wait as before: else each decision
 * would tell all who wait of two changes. */
static void
assert_settled (const FerrydCandidate *candidates,
                guint                  n)
{
  g_autofree FerrydCandidate *later = g_new0 (FerrydCandidate, n);

  for (guint i = 0; i < n; i++)
    {
      later[i].host = candidates[i].host;
      later[i].runs = candidates[i].runs || candidates[i].start;
    }

  ferryd_schedule (later, n);
  for (guint i = 0; i < n; i++)
    {
      g_assert_false (later[i].start);
      g_assert_cmpint (later[i].reason, ==, candidates[i].reason);
      g_assert_cmpuint (later[i].position, ==, candidates[i].position);
    }
}

static void
test_random (void)
{
  static const char *const hosts[] = { "a.example", "b.example", "c.example", "d.example" };
  const char *wanted = g_getenv ("FERRY_TEST_SEED");
  guint32 seed = wanted != NULL ? (guint32) g_ascii_strtoull (wanted, NULL, 10) : g_random_int ();
  g_autoptr(GRand) random = g_rand_new_with_seed (seed);

  g_test_message ("FERRY_TEST_SEED=%u", seed);
  for (guint round = 0; round < N_SNAPSHOTS; round++)
    {
      guint n = (guint) g_rand_int_range (random, 0, 25);
      gint32 n_hosts = g_rand_int_range (random, 1, G_N_ELEMENTS (hosts) + 1);
      gint32 most = g_rand_int_range (random, 0, 14);
      g_autofree FerrydCandidate *once = g_new0 (FerrydCandidate, n);
      g_autofree FerrydCandidate *again = NULL;
      g_autofree FerrydCandidate *naive = NULL;

      for (guint i = 0; i < n; i++)
        {
          once[i].host = hosts[g_rand_int_range (random, 0, n_hosts)];
          if (most > 0 && g_rand_boolean (random))
            {
              once[i].runs = TRUE;
              most--;
            }
        }

      again = g_memdup2 (once, n * sizeof *once);
      naive = g_memdup2 (once, n * sizeof *once);
      ferryd_schedule (once, n);
      ferryd_schedule (again, n);
      schedule_naively (naive, n);
      assert_sound (once, n);
      assert_same (once, again, n);
      assert_same (once, naive, n);
      assert_settled (once, n);
    }
}

/* Equal by their letters, not by their address. */
static void
test_equal_hosts (void)
{
  char names[9][10];
  FerrydCandidate candidates[9] = { 0 };
  g_autofree char *found = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    {
      g_strlcpy (names[i], "a.example", sizeof names[i]);
      candidates[i].host = names[i];
    }

  ferryd_schedule (candidates, G_N_ELEMENTS (candidates));
  found = describe (candidates, G_N_ELEMENTS (candidates));
  g_assert_cmpstr (found, ==, "++++++h1h2h3");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/scheduler/row/%s", rows[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_row);
    }
  g_test_add_func ("/scheduler/equal-hosts", test_equal_hosts);
  g_test_add_func ("/scheduler/random", test_random);

  return g_test_run ();
}
