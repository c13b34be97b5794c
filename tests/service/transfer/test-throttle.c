/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-throttle"

#include "config.h"

#include <stdatomic.h>

#include "support/rows.h"
#include "transfer/throttle.h"

#define KIB 1024
#define MIB (1024 * 1024)

/* A worker that takes as much as it gets, until it is cancelled. */
typedef struct
{
  FerrydThrottle *throttle;     /* unowned */
  GCancellable   *cancellable;  /* unowned */
  gsize           wanted;
  gsize           most;         /* a take above it is an error */
  _Atomic gint64  taken;
  GThread        *thread;       /* owned */
} Taker;

static gpointer
take_on (gpointer data)
{
  Taker *taker = data;
  gsize n;

  while ((n = ferryd_throttle_take (taker->throttle, taker->wanted, taker->cancellable)) > 0)
    {
      g_assert_cmpuint (n, <=, taker->most);
      atomic_fetch_add (&taker->taken, n);
    }
  g_assert_true (g_cancellable_is_cancelled (taker->cancellable));
  return NULL;
}

/* Waits, on the cancellable that ends it all, for time itself: it is what is measured. */
static void
let_pass (GCancellable *cancellable,
          gint64        microseconds)
{
  gint64 end = g_get_monotonic_time () + microseconds;
  GPollFD fd;

  g_assert_true (g_cancellable_make_pollfd (cancellable, &fd));
  for (gint64 left = microseconds; left > 0; left = end - g_get_monotonic_time ())
    (void) g_poll (&fd, 1, (int) ((left + 999) / 1000));  /* the loop looks at the clock */
  g_cancellable_release_fd (cancellable);
}

static gint64
sum (const Taker *takers,
     guint        n_takers)
{
  gint64 taken = 0;

  for (guint i = 0; i < n_takers; i++)
    taken += atomic_load (&takers[i].taken);
  return taken;
}

typedef struct
{
  const char *name;
  guint       n_takers;
  guint       limits[3];   /* of the task, of the session, of all; bytes a second. 0: none */
  guint       seconds;
  guint       percent;     /* that the rate may be off */
  gboolean    slow;
} RateRow;

/*
 * issue: “Throttle chain (task → session → global) …, a read never above 100 ms worth of the limit,
 * within 5 % over 10 s”
 */
static const RateRow rates[] = {
  { "one-10-s", 1, { MIB, 0, 0 }, 10, 5, FALSE },
  { "eight-share-10-s", 8, { 0, 0, 4 * MIB }, 10, 5, TRUE },
  { "one", 1, { 512 * KIB, 0, 0 }, 2, 15, FALSE },
  { "eight-share", 8, { 0, 2 * MIB, 0 }, 2, 15, FALSE },
  { "chain-task", 1, { 256 * KIB, MIB, 8 * MIB }, 2, 15, FALSE },
  { "chain-session", 1, { 8 * MIB, 256 * KIB, MIB }, 2, 15, FALSE },
  { "chain-all", 1, { MIB, 8 * MIB, 256 * KIB }, 2, 15, FALSE },
  { "tiny", 1, { 1000, 0, 0 }, 2, 15, FALSE },
};

static void
test_rate (gconstpointer data)
{
  const RateRow *row = data;
  g_autoptr(FerrydThrottle) all = ferryd_throttle_new (NULL);
  g_autoptr(FerrydThrottle) session = ferryd_throttle_new (all);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GPtrArray) tasks = NULL;
  g_autofree Taker *takers = g_new0 (Taker, row->n_takers);
  guint strictest = G_MAXUINT;
  gint64 start;
  gint64 taken;
  gdouble seconds;
  gdouble rate;

  if (row->slow && !g_test_slow ())
    {
      g_test_skip ("takes long; run with -m slow");
      return;
    }

  tasks = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_throttle_unref);
  for (guint i = 0; i < G_N_ELEMENTS (row->limits); i++)
    if (row->limits[i] > 0)
      strictest = MIN (strictest, row->limits[i]);
  ferryd_throttle_set_limit (all, row->limits[2]);
  ferryd_throttle_set_limit (session, row->limits[1]);

  start = g_get_monotonic_time ();
  for (guint i = 0; i < row->n_takers; i++)
    {
      FerrydThrottle *task = ferryd_throttle_new (session);

      ferryd_throttle_set_limit (task, row->limits[0]);
      g_ptr_array_add (tasks, task);
      takers[i].throttle = task;
      takers[i].cancellable = cancellable;
      takers[i].wanted = MIB;
      takers[i].most = strictest / 10;
      takers[i].thread = g_thread_new ("taker", take_on, &takers[i]);
    }
  let_pass (cancellable, row->seconds * G_TIME_SPAN_SECOND);
  taken = sum (takers, row->n_takers);
  seconds = (g_get_monotonic_time () - start) / (gdouble) G_TIME_SPAN_SECOND;
  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < row->n_takers; i++)
    g_thread_join (takers[i].thread);

  rate = taken / seconds;
  g_test_message ("%.0f bytes a second of %u", rate, strictest);
  g_assert_cmpfloat (rate, >, strictest * (1 - row->percent / 100.0));
  g_assert_cmpfloat (rate, <, strictest * (1 + row->percent / 100.0));

  /* None of those who share is left out. */
  for (guint i = 0; i < row->n_takers; i++)
    g_assert_cmpint (atomic_load (&takers[i].taken), >, taken / row->n_takers / 3);
}

/* “0: none” (throttle.h) */
static void
test_no_limit (void)
{
  g_autoptr(FerrydThrottle) all = ferryd_throttle_new (NULL);
  g_autoptr(FerrydThrottle) task = ferryd_throttle_new (all);
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < 1000; i++)
    g_assert_cmpuint (ferryd_throttle_take (task, MIB, NULL), ==, MIB);
  g_assert_cmpint (g_get_monotonic_time () - start, <, G_TIME_SPAN_SECOND);
}

/*
 * “Those who wait find out within 100 ms” (throttle.h): from a limit at which nothing comes to
 * none, and back.
 */
static void
test_change (gconstpointer data)
{
  g_autoptr(FerrydThrottle) last = ferryd_throttle_new (NULL);
  g_autoptr(FerrydThrottle) session = ferryd_throttle_new (last);
  g_autoptr(FerrydThrottle) task = ferryd_throttle_new (session);
  FerrydThrottle *links[] = { task, session, last };
  FerrydThrottle *changed = links[GPOINTER_TO_UINT (data)];
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Taker taker = { .throttle = task, .cancellable = cancellable, .wanted = 64 * KIB,
                  .most = 64 * KIB };
  gint64 before;

  ferryd_throttle_set_limit (changed, 10);
  taker.thread = g_thread_new ("taker", take_on, &taker);
  let_pass (cancellable, 300 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpint (atomic_load (&taker.taken), <, 20);

  ferryd_throttle_set_limit (changed, 0);
  let_pass (cancellable, 300 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpint (atomic_load (&taker.taken), >, MIB);

  ferryd_throttle_set_limit (changed, 100 * KIB);
  let_pass (cancellable, 200 * G_TIME_SPAN_MILLISECOND);
  before = atomic_load (&taker.taken);
  let_pass (cancellable, G_TIME_SPAN_SECOND);
  g_assert_cmpint (atomic_load (&taker.taken) - before, <, 200 * KIB);
  g_assert_cmpint (atomic_load (&taker.taken) - before, >, 50 * KIB);

  g_cancellable_cancel (cancellable);
  g_thread_join (taker.thread);
}

/* “0 when cancelled”, also while it waits. */
static void
test_cancel (void)
{
  g_autoptr(FerrydThrottle) task = ferryd_throttle_new (NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  Taker taker = { .throttle = task, .cancellable = cancellable, .wanted = MIB, .most = 1 };
  gint64 start;

  ferryd_throttle_set_limit (task, 1);
  taker.thread = g_thread_new ("taker", take_on, &taker);
  let_pass (cancellable, 100 * G_TIME_SPAN_MILLISECOND);
  start = g_get_monotonic_time ();
  g_cancellable_cancel (cancellable);
  g_thread_join (taker.thread);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 500 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (ferryd_throttle_take (task, MIB, cancellable), ==, 0);
}

/* What was taken and not read is not lost. */
static void
test_give_back (void)
{
  g_autoptr(FerrydThrottle) all = ferryd_throttle_new (NULL);
  g_autoptr(FerrydThrottle) task = ferryd_throttle_new (all);
  gint64 start = g_get_monotonic_time ();

  ferryd_throttle_set_limit (all, 100 * KIB);
  for (guint i = 0; i < 100; i++)
    {
      gsize n = ferryd_throttle_take (task, MIB, NULL);

      g_assert_cmpuint (n, >, 0);
      ferryd_throttle_give_back (task, n);
    }
  g_assert_cmpint (g_get_monotonic_time () - start, <, 2 * G_TIME_SPAN_SECOND);
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (rates); i++)
    {
      g_autofree char *path = g_strconcat ("/throttle/rate/", rates[i].name, NULL);

      g_test_add_data_func (path, &rates[i], test_rate);
    }
  g_test_add_func ("/throttle/no-limit", test_no_limit);
  g_test_add_data_func ("/throttle/change/task", GUINT_TO_POINTER (0), test_change);
  g_test_add_data_func ("/throttle/change/session", GUINT_TO_POINTER (1), test_change);
  g_test_add_data_func ("/throttle/change/all", GUINT_TO_POINTER (2), test_change);
  g_test_add_func ("/throttle/cancel", test_cancel);
  g_test_add_func ("/throttle/give-back", test_give_back);
  return g_test_run ();
}
