/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "model/scheduler.h"

#define N_LIVES 400
#define MAX_JOBS 80
#define MAX_SESSIONS 5
#define LAST_ARRIVAL 60
#define LONGEST 10

typedef struct
{
  char     host[4];
  guint    session;
  double   priority;
  guint    arrives;  /* tick */
  guint    left;     /* ticks that it still takes; 0: it is over */
  gboolean runs;
} Job;

/* A crowd of jobs that is worked off, tick by tick. */
typedef struct
{
  Job              jobs[MAX_JOBS];           /* in the order in which they arrive */
  guint            n_jobs;
  FerrydContender  contenders[MAX_SESSIONS];
  guint            overtaken[MAX_SESSIONS];  /* by starts of others since it had its turn */
  guint64          clock;                    /* the last `served` */
  FerrydSnapshot   snapshot;
  FerrydCandidate  candidates[MAX_JOBS];
  Job             *present[MAX_JOBS];        /* unowned; a candidate each */
} Life;

/* Both ends are among them. */
static guint
draw (GRand *random,
      guint  from,
      guint  to)
{
  return (guint) g_rand_int_range (random, (gint32) from, (gint32) to + 1);
}

static void
draw_life (Life     *life,
           GRand    *random,
           gboolean  has_priorities)
{
  guint n_sessions = draw (random, 1, MAX_SESSIONS);
  guint n_hosts = draw (random, 1, 6);
  guint arrives = 0;

  memset (life, 0, sizeof *life);
  life->n_jobs = draw (random, 1, MAX_JOBS);
  life->snapshot = (FerrydSnapshot) {
    .candidates = life->candidates,
    .contenders = life->contenders,
    .n_contenders = n_sessions,
    .max_running = draw (random, 1, 6),
    .max_per_host = draw (random, 1, 4),
  };

  for (guint i = 0; i < n_sessions; i++)
    life->contenders[i] = (FerrydContender) { .max_running = draw (random, 0, 3),
                                              .max_per_host = draw (random, 1, 4) };

  for (guint i = 0; i < life->n_jobs; i++)
    {
      Job *job = &life->jobs[i];

      arrives = MIN (arrives + draw (random, 0, 2), LAST_ARRIVAL);
      *job = (Job) {
        .session = draw (random, 0, n_sessions - 1),
        .priority = has_priorities ? draw (random, 0, 2) / 2.0 : 0.5,
        .arrives = arrives,
        .left = draw (random, 1, LONGEST),
      };
      g_snprintf (job->host, sizeof job->host, "h%u", draw (random, 1, n_hosts));
    }
}

/* Returns: whether anything is left to do, now or later */
static gboolean
work (Life  *life,
      guint  tick)
{
  guint n = 0;
  gboolean any_left = FALSE;

  for (guint i = 0; i < life->n_jobs; i++)
    {
      Job *job = &life->jobs[i];

      if (job->runs && --job->left == 0)
        job->runs = FALSE;
      any_left |= job->left > 0;
      if (job->left == 0 || job->arrives > tick)
        continue;

      life->present[n] = job;
      life->candidates[n++] = (FerrydCandidate) {
        .host = job->host,
        .session = job->session,
        .priority = job->priority,
        .runs = job->runs,
      };
    }

  life->snapshot.n_candidates = n;
  return any_left;
}

static guint
start (Life *life)
{
  guint n_starts = 0;

  for (guint i = 0; i < life->snapshot.n_candidates; i++)
    {
      if (!life->candidates[i].start)
        continue;

      g_assert_false (life->present[i]->runs);
      life->present[i]->runs = TRUE;
      life->contenders[life->present[i]->session].served = ++life->clock;
      n_starts++;
    }

  return n_starts;
}

/* @host: NULL: any; @session: MAX_SESSIONS: any */
static guint
count_running (const Life *life,
               const char *host,
               guint       session)
{
  guint running = 0;

  for (guint i = 0; i < life->snapshot.n_candidates; i++)
    {
      const Job *job = life->present[i];

      if (job->runs && (host == NULL || g_str_equal (job->host, host)) &&
          (session == MAX_SESSIONS || job->session == session))
        running++;
    }

  return running;
}

static void
assert_limits (const Life *life)
{
  for (guint i = 0; i < life->snapshot.n_candidates; i++)
    {
      const Job *job = life->present[i];
      const FerrydContender *contender = &life->contenders[job->session];

      g_assert_cmpuint (count_running (life, job->host, MAX_SESSIONS), <=,
                        life->snapshot.max_per_host);
      g_assert_cmpuint (count_running (life, job->host, job->session), <=,
                        contender->max_per_host);
      if (contender->max_running > 0)
        g_assert_cmpuint (count_running (life, NULL, job->session), <=, contender->max_running);
    }

  g_assert_cmpuint (count_running (life, NULL, MAX_SESSIONS), <=, life->snapshot.max_running);
  /* Slots are not left empty while somebody waits. */
  if (life->snapshot.n_candidates > 0)
    g_assert_cmpuint (count_running (life, NULL, MAX_SESSIONS), >, 0);
}

/* Of one session, host and priority nobody comes before one who was there earlier. */
static void
assert_order (const Life *life)
{
  for (guint i = 0; i < life->snapshot.n_candidates; i++)
    {
      const Job *job = life->present[i];

      for (guint j = i + 1; j < life->snapshot.n_candidates && !job->runs; j++)
        {
          const Job *later = life->present[j];

          g_assert_false (life->candidates[j].start && later->session == job->session &&
                          later->priority == job->priority && g_str_equal (later->host, job->host));
        }
    }
}

static gboolean
waits_for_slot (const Life *life,
                guint       session)
{
  for (guint i = 0; i < life->snapshot.n_candidates; i++)
    {
      if (life->present[i]->session == session &&
          life->candidates[i].reason == FERRY_WAIT_REASON_QUEUE)
        return TRUE;
    }

  return FALSE;
}

/* A session that has nothing running and waits for nothing but a slot is overtaken by each other
 * session once at most: that one has then been served later, or has more running. */
static void
assert_turns (Life  *life,
              guint  n_starts)
{
  for (guint i = 0; i < life->snapshot.n_contenders; i++)
    {
      if (count_running (life, NULL, i) == 0 && waits_for_slot (life, i))
        life->overtaken[i] += n_starts;
      else
        life->overtaken[i] = 0;

      g_assert_cmpuint (life->overtaken[i], <, life->snapshot.n_contenders);
    }
}

static void
live (GRand    *random,
      gboolean  has_priorities)
{
  g_autofree Life *life = g_new (Life, 1);
  guint deadline = LAST_ARRIVAL;
  guint n_starts;

  draw_life (life, random, has_priorities);
  /* One at least runs all the time: who is not served until then is never served. */
  for (guint i = 0; i < life->n_jobs; i++)
    deadline += life->jobs[i].left;

  for (guint tick = 0; work (life, tick); tick++)
    {
      g_assert_cmpuint (tick, <, deadline);
      g_assert_cmpint (ferryd_schedule (&life->snapshot), ==, 0);
      n_starts = start (life);
      assert_limits (life);
      assert_order (life);
      if (!has_priorities)
        assert_turns (life, n_starts);
    }
}

static void
test_lives (void)
{
  const char *wanted = g_getenv ("FERRY_TEST_SEED");
  guint32 seed = wanted != NULL ? (guint32) g_ascii_strtoull (wanted, NULL, 10) : g_random_int ();
  g_autoptr(GRand) random = g_rand_new_with_seed (seed);

  g_test_message ("FERRY_TEST_SEED=%u", seed);
  for (guint i = 0; i < N_LIVES; i++)
    live (random, i % 4 == 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/scheduler/lives", test_lives);

  return g_test_run ();
}
