/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-times"

#include "config.h"

#include "support/yard.h"
#include "transfer/throttle.h"
#include "versions.h"

static void
say_nothing (TestExchange *x,
             gpointer      data)
{
  test_exchange_stall (x);
}

static const TestAnswer whole = { .content = V1, .etag = ONE };
static const TestAnswer halted = { .content = V1, .etag = ONE, .cut = CUT, .end = TEST_END_STALL };

typedef struct
{
  const char  *name;
  TestBehave   behave;
  gpointer     data;
  guint        request_timeout;  /* s; the task's own */
  guint        deadline;         /* ms from the start; 0: none */
  FerrydCause  cause;
  guint        session;          /* s; the session's. 0: far more than all others */
} TimeRow;

/*
 * §3 rule 11: “a task's own, the resource time-out … are one timer on the main thread that cancels
 * with a cause”
 */
static const TimeRow times[] = {
  { "request, no answer", say_nothing, NULL, 1, 0, FERRYD_CAUSE_REQUEST_TIMEOUT },
  { "request, body stops", test_answer, (gpointer) &halted, 1, 0, FERRYD_CAUSE_REQUEST_TIMEOUT },
  { "resource, no answer", say_nothing, NULL, 0, 300, FERRYD_CAUSE_RESOURCE_TIMEOUT },
  { "resource, body stops", test_answer, (gpointer) &halted, 0, 300,
    FERRYD_CAUSE_RESOURCE_TIMEOUT },
  { "resource first", test_answer, (gpointer) &halted, 5, 300, FERRYD_CAUSE_RESOURCE_TIMEOUT },
  { "request first", test_answer, (gpointer) &halted, 1, 20000, FERRYD_CAUSE_REQUEST_TIMEOUT },
  { "larger, no answer", say_nothing, NULL, 3, 0, FERRYD_CAUSE_REQUEST_TIMEOUT, 1 },
  { "larger, body stops", test_answer, (gpointer) &halted, 3, 0, FERRYD_CAUSE_REQUEST_TIMEOUT, 1 },
  { "the session's, no answer", say_nothing, NULL, 0, 0, FERRYD_CAUSE_REQUEST_TIMEOUT, 1 },
  { "the session's, body stops", test_answer, (gpointer) &halted, 0, 0,
    FERRYD_CAUSE_REQUEST_TIMEOUT, 1 },
};

static void
test_time (gconstpointer data)
{
  const TimeRow *row = data;
  g_auto(TestYard) yard = { 0 };
  TestErrand errand = { 0 };
  FerrydPlan *plan;
  gint64 began = g_get_monotonic_time ();
  guint request = row->request_timeout != 0 ? row->request_timeout : row->session;
  gint64 due = row->cause == FERRYD_CAUSE_REQUEST_TIMEOUT
               ? request * G_TIME_SPAN_SECOND : row->deadline * 1000;

  test_yard_init (&yard, row->session != 0 ? row->session : 60);
  test_server_add (yard.server, "/file.bin", row->behave, row->data);
  plan = test_yard_plan (&yard, "/file.bin");
  plan->request_timeout = row->request_timeout;
  plan->deadline = row->deadline > 0 ? began + row->deadline * 1000 : 0;
  test_yard_start (&yard, &errand, plan);
  test_yard_wait (&yard);
  g_assert_nonnull (errand.outcome->error);
  g_assert_cmpint (errand.outcome->cause, ==, row->cause);
  g_assert_cmpint (errand.ended - began, >=, due);
  g_assert_cmpint (errand.ended - began, <, due + 5 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (errand.outcome->kept->part.offset, ==, row->behave == test_answer ? CUT : 0);
  test_errand_clear (&errand);
}

/* A connection that one task's patience was set for serves another, which has its own. */
static void
test_time_of_the_next (void)
{
  g_auto(TestYard) yard = { 0 };
  TestErrand errands[2] = { 0 };
  gint64 began;

  test_yard_init (&yard, 60);
  test_server_add (yard.server, "/file.bin", test_answer, (gpointer) &whole);
  test_server_add (yard.server, "/nothing", say_nothing, NULL);
  for (guint i = 0; i < 2; i++)
    {
      FerrydPlan *plan = test_yard_plan (&yard, i == 0 ? "/file.bin" : "/nothing");

      plan->request_timeout = i == 0 ? 1 : 3;
      began = g_get_monotonic_time ();
      test_yard_start (&yard, &errands[i], plan);
      test_yard_wait (&yard);
    }

  g_assert_no_error (errands[0].outcome->error);
  g_assert_cmpint (errands[1].outcome->cause, ==, FERRYD_CAUSE_REQUEST_TIMEOUT);
  g_assert_cmpint (errands[1].ended - began, >=, 3 * G_TIME_SPAN_SECOND);
  g_assert_cmpint (errands[1].ended - began, <, 8 * G_TIME_SPAN_SECOND);
  g_assert_cmpuint (test_server_get_n_connections (yard.server), ==, 1);
  test_errand_clear (&errands[0]);
  test_errand_clear (&errands[1]);
}

typedef struct
{
  FerrydThrottle *throttle;  /* unowned */
  guint64         limit;
} Change;

static gboolean
on_change_cb (gpointer user_data)
{
  Change *change = user_data;

  ferryd_throttle_set_limit (change->throttle, change->limit);
  return G_SOURCE_REMOVE;
}

#define N_SHARERS 4

/*
 * throttle.h: “Those who wait find out within 100 ms”: running jobs, at each link of the chain. At
 * a byte a second the last of them would wait for seconds.
 */
static void
test_limit_changes (gconstpointer data)
{
  g_auto(TestYard) yard = { 0 };
  TestErrand errands[N_SHARERS] = { 0 };
  g_autoptr(FerrydThrottle) all = ferryd_throttle_new (NULL);
  g_autoptr(FerrydThrottle) session = ferryd_throttle_new (all);
  g_autoptr(FerrydThrottle) task = ferryd_throttle_new (session);
  FerrydThrottle *links[] = { task, session, all };
  Change change = { links[GPOINTER_TO_UINT (data)], 0 };
  gint64 began = g_get_monotonic_time ();

  test_yard_init (&yard, 60);
  test_server_add (yard.server, "/file.bin", test_answer, (gpointer) &whole);
  ferryd_throttle_set_limit (change.throttle, 1);
  for (guint i = 0; i < N_SHARERS; i++)
    {
      FerrydPlan *plan = test_yard_plan (&yard, "/file.bin");

      plan->throttle = ferryd_throttle_ref (task);
      test_yard_start (&yard, &errands[i], plan);
    }
  g_timeout_add (500, on_change_cb, &change);
  test_yard_wait (&yard);
  for (guint i = 0; i < N_SHARERS; i++)
    {
      g_assert_no_error (errands[i].outcome->error);
      g_assert_cmpint (errands[i].ended - began, >=, 500 * G_TIME_SPAN_MILLISECOND);
      g_assert_cmpint (errands[i].ended - began, <, 2500 * G_TIME_SPAN_MILLISECOND);
      test_errand_clear (&errands[i]);
    }
}

/* A store, or a disk, that is busy. */
static gboolean
checkpoint_slowly (const FerrydPlan  *plan,
                   const FerrydKept  *kept,
                   GError           **error)
{
  g_usleep (1500 * G_TIME_SPAN_MILLISECOND);
  return TRUE;
}

/* tally.h: it is the server's silence that counts, not ours. */
static void
test_own_turn (void)
{
  g_auto(TestYard) yard = { 0 };
  TestErrand errand = { 0 };
  FerrydPlan *plan;

  test_yard_init (&yard, 60);
  test_server_add (yard.server, "/file.bin", test_answer, (gpointer) &whole);
  plan = test_yard_plan (&yard, "/file.bin");
  plan->request_timeout = 1;
  plan->checkpoint = checkpoint_slowly;
  test_yard_start (&yard, &errand, plan);
  test_yard_wait (&yard);
  g_assert_no_error (errand.outcome->error);
  g_assert_cmpint (errand.outcome->cause, ==, FERRYD_CAUSE_NONE);
  test_errand_clear (&errand);
}

/* Waiting for one's own limit is a sign of life: a slow limit is no time-out. */
static void
test_limit_is_no_timeout (void)
{
  g_auto(TestYard) yard = { 0 };
  TestErrand errand = { 0 };
  FerrydPlan *plan;
  TestAnswer small = { .content = { 1, 6000 } };
  g_autoptr(FerrydThrottle) throttle = ferryd_throttle_new (NULL);

  test_yard_init (&yard, 60);
  test_server_add (yard.server, "/file.bin", test_answer, &small);
  ferryd_throttle_set_limit (throttle, 3000);
  plan = test_yard_plan (&yard, "/file.bin");
  plan->throttle = ferryd_throttle_ref (throttle);
  plan->request_timeout = 1;
  test_yard_start (&yard, &errand, plan);
  test_yard_wait (&yard);
  g_assert_no_error (errand.outcome->error);
  test_errand_clear (&errand);
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (times); i++)
    {
      g_autofree char *path = g_strconcat ("/times/", times[i].name, NULL);

      g_test_add_data_func (g_strdelimit (path, " '", '-'), &times[i], test_time);
    }
  g_test_add_func ("/times/of-the-next", test_time_of_the_next);
  g_test_add_data_func ("/times/limit-changes/task", GUINT_TO_POINTER (0), test_limit_changes);
  g_test_add_data_func ("/times/limit-changes/session", GUINT_TO_POINTER (1), test_limit_changes);
  g_test_add_data_func ("/times/limit-changes/all", GUINT_TO_POINTER (2), test_limit_changes);
  g_test_add_func ("/times/own-turn", test_own_turn);
  g_test_add_func ("/times/limit-is-no-time-out", test_limit_is_no_timeout);
  return g_test_run ();
}
