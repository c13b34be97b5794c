/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The threads of the jobs: nobody waits for one, and one that is done takes the next. */
#include "config.h"

#include <unistd.h>

#include "transfer/crew.h"

#define N_TOGETHER 16
#define N_ROUNDS 20
/* One may not have come to rest yet when the next is wanted. Few: the kernel's numbers of threads
 * begin anew after some ten thousand. */
#define MAX_TRIES 1000

#define DEADLINE_US (20 * G_USEC_PER_SEC)

/* Where those of a round meet. */
typedef struct
{
  GMutex   mutex;
  GCond    changed;
  guint    n_here;
  guint    n_done;
  pid_t    last;    /* the thread that was there */
} Meeting;

static void
meet_cb (gpointer data)
{
  Meeting *meeting = data;
  gint64 end = g_get_monotonic_time () + DEADLINE_US;

  g_mutex_lock (&meeting->mutex);
  meeting->n_here++;
  g_cond_broadcast (&meeting->changed);
  while (meeting->n_here < N_TOGETHER)
    g_assert_true (g_cond_wait_until (&meeting->changed, &meeting->mutex, end));
  meeting->n_done++;
  g_cond_broadcast (&meeting->changed);
  g_mutex_unlock (&meeting->mutex);
}

static void
wait_for_done (Meeting *meeting,
               guint    n)
{
  gint64 end = g_get_monotonic_time () + DEADLINE_US;

  g_mutex_lock (&meeting->mutex);
  while (meeting->n_done < n)
    g_assert_true (g_cond_wait_until (&meeting->changed, &meeting->mutex, end));
  g_mutex_unlock (&meeting->mutex);
}

/* Those of the next round come while those of the last are idle, on their way there, or gone. */
static void
test_together (void)
{
  g_autoptr(FerrydCrew) crew = ferryd_crew_new ();

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      Meeting meeting = { 0 };

      for (guint i = 0; i < N_TOGETHER; i++)
        ferryd_crew_run (crew, meet_cb, &meeting);
      wait_for_done (&meeting, N_TOGETHER);
    }
}

static void
say_who_cb (gpointer data)
{
  Meeting *meeting = data;

  g_mutex_lock (&meeting->mutex);
  meeting->last = gettid ();
  meeting->n_done++;
  g_cond_broadcast (&meeting->changed);
  g_mutex_unlock (&meeting->mutex);
}

static void
test_again (void)
{
  g_autoptr(FerrydCrew) crew = ferryd_crew_new ();
  g_autoptr(GHashTable) threads = g_hash_table_new (NULL, NULL);
  Meeting meeting = { 0 };
  guint n = 0;

  while (n == g_hash_table_size (threads))
    {
      g_assert_cmpuint (n, <, MAX_TRIES);
      ferryd_crew_run (crew, say_who_cb, &meeting);
      wait_for_done (&meeting, ++n);
      g_hash_table_add (threads, GINT_TO_POINTER (meeting.last));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/crew/together", test_together);
  g_test_add_func ("/crew/again", test_again);

  return g_test_run ();
}
