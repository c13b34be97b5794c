/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "naive-scheduler.h"

#define N_SNAPSHOTS 4000
#define N_WIDE_SNAPSHOTS 3

/* A wide snapshot has more hosts and sessions than fit a byte. */
#define MAX_CANDIDATES 500
#define MAX_CONTENDERS 300
#define MAX_HOST 300

#define NOW G_GINT64_CONSTANT (1700000000000000)

/* A snapshot with room for all that it points to. */
typedef struct
{
  FerrydSnapshot  snapshot;
  FerrydCandidate candidates[MAX_CANDIDATES];
  FerrydContender contenders[MAX_CONTENDERS];
  /* A host's name for each candidate: equal by their letters, not by their address. */
  char            names[MAX_CANDIDATES][8];
} Bed;

/* A letter a candidate: its host is the lower case letter; a capital runs already. What is
 * expected: `.` runs on, `+` starts, `n` not yet, `r` retry; else the position in the queue or,
 * after `h`, at its host. */
static const struct
{
  const char      *name;
  const char      *candidates;
  const char      *expected;
  const char      *sessions;      /* a digit each. NULL: all are of the first */
  const char      *priorities;    /* a digit each. NULL: all are equal */
  const char      *times;         /* `n` not before +20, `r` retry at +10, `b` both, `o` now */
  guint            max_running;   /* 0: 8 */
  guint            max_per_host;  /* 0: 6 */
  FerrydContender  contenders[3]; /* max_per_host 0: as many as it likes */
  gint64           next;          /* from now on; 0: never */
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
  { "limits were lowered: all run on, nothing starts", "ABCd", "...1", .max_running = 2 },
  { "both are full: the host is named", "AAa", "..h1", .max_running = 2, .max_per_host = 2 },
  { "the first to take its turn is the first in the table", "abc", "+12", "012",
    .max_running = 1 },
  { "never served comes before served", "abc", "2+1", "012", .max_running = 1,
    .contenders = { { .served = 5 }, { .served = 0 }, { .served = 4 } } },
  { "fewest running comes before served longest ago", "Aabc", ".2+1", "0012", .max_running = 2,
    .contenders = { { .served = 1 }, { .served = 8 }, { .served = 9 } } },
  { "sessions take turns", "aaaabbcc", "+25614+3", "00001122", .max_running = 2,
    .contenders = { { .served = 1 }, { .served = 3 }, { .served = 2 } } },
  { "turns, with nobody served before", "abcdefghi", "+14+25+36", "000111222", .max_running = 3 },
  { "a start is later than all before", "abCd", "+2.1", "0022", .max_running = 2,
    .contenders = { { .served = 0 }, { .served = 1 }, { .served = G_MAXUINT64 } } },
  { "priority comes before the session's turn", "abcd", "21++", "0011", "1399",
    .max_running = 2 },
  { "priority comes before the order within a session", "abc", "2+1", NULL, "152",
    .max_running = 1 },
  { "turns go on over priorities", "aabb", "++12", "0101", "9551", .max_running = 2 },
  { "what runs at any priority counts for the turn", "Aab", ".1+", "001", "155",
    .max_running = 2 },
  { "a session's own limit", "abcd", "+1+2", "0011", .contenders = { { 1 }, { 1 } } },
  { "a session at its limit is no obstacle", "abcd", "+12+", "0001", .contenders = { { 1 } } },
  { "nor is a high priority at its limit", "abc", "+1+", "001", "991", .contenders = { { 1 } } },
  { "a session's own share of a host", "aaab", "+h1++", "0010",
    .contenders = { { .max_per_host = 1 } } },
  { "two sessions at their shares stand in one line", "aaaa", "+h1+h2", "0011",
    .contenders = { { .max_per_host = 1 }, { .max_per_host = 1 } } },
  { "a share is of one host", "abab", "++h1h1", .contenders = { { .max_per_host = 1 } } },
  { "a line a host, and the queue", "AABBabcbd", "....h1h1+h21", .max_running = 5,
    .max_per_host = 2 },
  { "a line does not wait for another", "ABacd", "..h112", "01001", .max_running = 2,
    .max_per_host = 1, .contenders = { { .served = 1 }, { .served = 2 } } },
  { "its time has not come", "abcd", "nrn+", .times = "nrb.", .next = 10 },
  { "not yet comes before retry", "ab", "n+", .times = "b.", .next = 20 },
  { "its time has come", "ab", "++", .times = "oo" },
  { "its time comes before its host", "Aaa", ".nh1", .times = ".n.", .max_per_host = 1,
    .next = 20 },
  { "its time comes before the queue", "Aab", ".r1", .times = ".r.", .max_running = 1,
    .next = 10 },
  { "who runs waits for no time", "Ab", ".+", .times = "b." },
};

static void
bed_copy (const Bed *from,
          Bed       *to)
{
  *to = *from;
  to->snapshot.candidates = to->candidates;
  to->snapshot.contenders = to->contenders;
}

/* What was there before must not count. */
static void
spoil (Bed *bed)
{
  for (guint i = 0; i < bed->snapshot.n_candidates; i++)
    {
      bed->candidates[i].start = TRUE;
      bed->candidates[i].reason = FERRY_WAIT_REASON_TRUST;
      bed->candidates[i].position = 77;
    }
}

static char *
describe (const Bed *bed)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < bed->snapshot.n_candidates; i++)
    {
      const FerrydCandidate *candidate = &bed->candidates[i];

      g_assert_false (candidate->start && candidate->runs);
      g_assert_true ((candidate->reason == FERRY_WAIT_REASON_NONE) ==
                     (candidate->start || candidate->runs));
      g_assert_true ((candidate->position != 0) ==
                     (candidate->reason == FERRY_WAIT_REASON_QUEUE ||
                      candidate->reason == FERRY_WAIT_REASON_HOST_LIMIT));

      if (candidate->reason == FERRY_WAIT_REASON_HOST_LIMIT)
        g_string_append_c (text, 'h');
      if (candidate->position != 0)
        g_string_append_printf (text, "%u", candidate->position);
      else if (candidate->reason == FERRY_WAIT_REASON_NOT_YET)
        g_string_append_c (text, 'n');
      else if (candidate->reason == FERRY_WAIT_REASON_RETRY)
        g_string_append_c (text, 'r');
      else
        g_string_append_c (text, candidate->start ? '+' : '.');
    }

  return g_string_free (text, FALSE);
}

static void
set_times (FerrydCandidate *candidate,
           char             times)
{
  candidate->not_before = times == 'n' || times == 'b' ? NOW + 20 : times == 'o' ? NOW : 0;
  candidate->retry_at = times == 'r' || times == 'b' ? NOW + 10 : times == 'o' ? NOW : 0;
}

static void
init_limits (Bed   *bed,
             guint  n_candidates,
             guint  n_contenders,
             guint  max_running,
             guint  max_per_host)
{
  memset (bed, 0, sizeof *bed);
  bed->snapshot = (FerrydSnapshot) {
    .candidates = bed->candidates,
    .n_candidates = n_candidates,
    .contenders = bed->contenders,
    .n_contenders = n_contenders,
    .max_running = max_running,
    .max_per_host = max_per_host,
    .now = NOW,
  };
}

static void
test_row (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  guint n = (guint) strlen (rows[row].candidates);
  g_autofree Bed *bed = g_new (Bed, 1);
  g_autofree char *found = NULL;
  gint64 next;

  init_limits (bed, n, G_N_ELEMENTS (rows[row].contenders),
               rows[row].max_running > 0 ? rows[row].max_running : 8,
               rows[row].max_per_host > 0 ? rows[row].max_per_host : 6);
  for (guint i = 0; i < G_N_ELEMENTS (rows[row].contenders); i++)
    {
      bed->contenders[i] = rows[row].contenders[i];
      if (bed->contenders[i].max_per_host == 0)
        bed->contenders[i].max_per_host = G_MAXUINT;
    }

  for (guint i = 0; i < n; i++)
    {
      FerrydCandidate *candidate = &bed->candidates[i];

      bed->names[i][0] = g_ascii_tolower (rows[row].candidates[i]);
      candidate->host = bed->names[i];
      candidate->runs = g_ascii_isupper (rows[row].candidates[i]);
      if (rows[row].sessions != NULL)
        candidate->session = (guint) (rows[row].sessions[i] - '0');
      if (rows[row].priorities != NULL)
        candidate->priority = (rows[row].priorities[i] - '0') / 10.0;
      if (rows[row].times != NULL)
        set_times (candidate, rows[row].times[i]);
    }

  spoil (bed);
  next = ferryd_schedule (&bed->snapshot);
  found = describe (bed);
  g_assert_cmpstr (found, ==, rows[row].expected);
  g_assert_cmpint (next, ==, rows[row].next > 0 ? NOW + rows[row].next : 0);
}

static GRand *
make_random (void)
{
  const char *wanted = g_getenv ("FERRY_TEST_SEED");
  guint32 seed = wanted != NULL ? (guint32) g_ascii_strtoull (wanted, NULL, 10) : g_random_int ();

  g_test_message ("FERRY_TEST_SEED=%u", seed);
  return g_rand_new_with_seed (seed);
}

/* Both ends are among them. */
static guint
draw (GRand *random,
      guint  from,
      guint  to)
{
  return (guint) g_rand_int_range (random, (gint32) from, (gint32) to + 1);
}

static double
draw_priority (GRand *random)
{
  static const double usual[] = { 0.5, 0.5, 0.5, 0, -0.0, 1, 0.25, -1 };

  return draw (random, 0, 9) > 0 ? usual[draw (random, 0, G_N_ELEMENTS (usual) - 1)]
                                 : g_rand_double_range (random, -2, 2);
}

static void
draw_candidate (Bed   *bed,
                GRand *random,
                guint  i,
                guint  most_hosts)
{
  FerrydCandidate *candidate = &bed->candidates[i];

  g_snprintf (bed->names[i], sizeof bed->names[i], "h%u", draw (random, 1, most_hosts));
  candidate->host = bed->names[i];
  candidate->session = draw (random, 0, bed->snapshot.n_contenders - 1);
  candidate->priority = draw_priority (random);
  candidate->runs = draw (random, 0, 3) == 0;
  if (draw (random, 0, 5) == 0)
    candidate->not_before = NOW + draw (random, 0, 40) - 20;
  if (draw (random, 0, 5) == 0)
    candidate->retry_at = NOW + draw (random, 0, 40) - 20;
}

static void
draw_bed (Bed   *bed,
          GRand *random,
          guint  n_candidates,
          guint  n_contenders,
          guint  most_hosts)
{
  init_limits (bed, n_candidates, n_contenders, draw (random, 1, n_candidates + 4),
               draw (random, 1, 6));
  for (guint i = 0; i < n_contenders; i++)
    bed->contenders[i] = (FerrydContender) {
      .max_running = draw (random, 0, 5),
      .max_per_host = draw (random, 1, 6),
      .served = draw (random, 0, n_contenders),
    };
  for (guint i = 0; i < n_candidates; i++)
    draw_candidate (bed, random, i, most_hosts);
}

static void
assert_same (const Bed *a,
             const Bed *b)
{
  g_autofree char *described_a = describe (a);
  g_autofree char *described_b = describe (b);

  g_assert_cmpstr (described_a, ==, described_b);
}

/* What starts, runs; then nothing more may start, and the others wait as before: else each decision
 * would tell all who wait of two changes. @naive: knows in which order they were served */
static void
assert_settled (const Bed *naive,
                gint64     next)
{
  g_autofree Bed *later = g_new (Bed, 1);

  bed_copy (naive, later);
  spoil (later);
  for (guint i = 0; i < naive->snapshot.n_candidates; i++)
    later->candidates[i].runs |= naive->candidates[i].start;

  g_assert_cmpint (ferryd_schedule (&later->snapshot), ==, next);
  for (guint i = 0; i < naive->snapshot.n_candidates; i++)
    {
      g_assert_false (later->candidates[i].start);
      g_assert_cmpint (later->candidates[i].reason, ==, naive->candidates[i].reason);
      g_assert_cmpuint (later->candidates[i].position, ==, naive->candidates[i].position);
    }
}

/* Until @next the answer stays, and then it is another one. */
static void
assert_next (const Bed *decided,
             gint64     next)
{
  g_autofree Bed *later = g_new (Bed, 1);
  g_autofree char *before = describe (decided);
  g_autofree char *then = NULL;

  bed_copy (decided, later);
  later->snapshot.now = next > 0 ? next - 1 : G_MAXINT64;
  (void) ferryd_schedule (&later->snapshot);  /* the answer is what counts */
  assert_same (decided, later);
  if (next == 0)
    return;

  later->snapshot.now = next;
  (void) ferryd_schedule (&later->snapshot);  /* likewise */
  then = describe (later);
  g_assert_cmpstr (before, !=, then);
}

/* Where no two sessions are alike their order in the table says nothing. */
static void
assert_order_is_nothing (const Bed *fresh,
                         GRand     *random)
{
  g_autofree Bed *straight = g_new (Bed, 1);
  g_autofree Bed *turned = g_new (Bed, 1);
  guint n = fresh->snapshot.n_contenders;
  guint turn = draw (random, 0, n - 1);

  bed_copy (fresh, straight);
  for (guint i = 0; i < n; i++)
    straight->contenders[i].served = straight->contenders[i].served * n + i;
  bed_copy (straight, turned);
  for (guint i = 0; i < n; i++)
    turned->contenders[n - 1 - (i + turn) % n] = straight->contenders[i];
  for (guint i = 0; i < fresh->snapshot.n_candidates; i++)
    turned->candidates[i].session = n - 1 - (straight->candidates[i].session + turn) % n;

  g_assert_cmpint (ferryd_schedule (&straight->snapshot), ==, ferryd_schedule (&turned->snapshot));
  assert_same (straight, turned);
}

static void
check_random (GRand *random,
              guint  n_candidates,
              guint  n_contenders,
              guint  most_hosts)
{
  g_autofree Bed *fresh = g_new (Bed, 1);
  g_autofree Bed *once = g_new (Bed, 1);
  g_autofree Bed *again = g_new (Bed, 1);
  g_autofree Bed *naive = g_new (Bed, 1);
  gint64 next;

  draw_bed (fresh, random, n_candidates, n_contenders, most_hosts);
  spoil (fresh);
  bed_copy (fresh, once);
  bed_copy (fresh, again);
  bed_copy (fresh, naive);

  next = ferryd_schedule (&once->snapshot);
  g_assert_cmpint (next, ==, ferryd_schedule (&again->snapshot));
  assert_same (once, again);
  g_assert_cmpint (next, ==, naive_schedule (&naive->snapshot));
  assert_same (once, naive);
  g_assert_cmpmem (once->contenders, sizeof once->contenders,
                   fresh->contenders, sizeof fresh->contenders);
  assert_settled (naive, next);
  assert_next (once, next);
  assert_order_is_nothing (fresh, random);
}

static void
test_random (void)
{
  g_autoptr(GRand) random = make_random ();

  for (guint i = 0; i < N_SNAPSHOTS; i++)
    check_random (random, draw (random, 0, 24), draw (random, 1, 4), draw (random, 1, 5));
  for (guint i = 0; i < N_WIDE_SNAPSHOTS; i++)
    check_random (random, MAX_CANDIDATES, MAX_CONTENDERS, MAX_HOST);
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
  g_test_add_func ("/scheduler/random", test_random);

  return g_test_run ();
}
