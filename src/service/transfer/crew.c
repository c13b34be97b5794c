/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-crew"

#include "config.h"

#include "transfer/crew.h"

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

/* The next small file follows at once, or not for a while. */
#define STAY_US (100 * G_TIME_SPAN_MILLISECOND)

typedef struct
{
  FerrydCrew     *crew;  /* owned */
  FerrydCrewFunc  function;
  gpointer        data;  /* unowned */
} Errand;

struct _FerrydCrew
{
  gatomicrefcount  refs;

  GMutex           mutex;    /* guards the rest */
  GCond            arrived;  /* something waits */
  GQueue           waiting;  /* of Errand, owned: not more than threads are idle */
  guint            n_idle;
};

static void
errand_free (Errand *errand)
{
  g_clear_pointer (&errand->crew, ferryd_crew_unref);
  g_free (errand);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Errand, errand_free)

FerrydCrew *
ferryd_crew_new (void)
{
  FerrydCrew *self = g_new0 (FerrydCrew, 1);

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->arrived);
  g_queue_init (&self->waiting);
  return self;
}

FerrydCrew *
ferryd_crew_ref (FerrydCrew *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
ferryd_crew_unref (FerrydCrew *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  g_assert (self->waiting.length == 0);
  g_cond_clear (&self->arrived);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/* NULL: nothing came. */
static Errand *
wait_for_errand (FerrydCrew *self)
{
  gint64 end = g_get_monotonic_time () + STAY_US;
  gboolean in_time = TRUE;
  Errand *errand;

  g_mutex_lock (&self->mutex);
  self->n_idle++;
  while (self->waiting.length == 0 && in_time)
    in_time = g_cond_wait_until (&self->arrived, &self->mutex, end);
  errand = g_queue_pop_head (&self->waiting);
  self->n_idle--;
  g_mutex_unlock (&self->mutex);

  return errand;
}

static gpointer
run_thread (gpointer user_data)
{
  Errand *next = user_data;
  g_autoptr(FerrydCrew) crew = ferryd_crew_ref (next->crew);

  while (next != NULL)
    {
      g_autoptr(Errand) errand = next;

#ifdef __SANITIZE_THREAD__
      __tsan_acquire (errand);
#endif
      errand->function (errand->data);
      next = wait_for_errand (crew);
    }

  return NULL;
}

void
ferryd_crew_run (FerrydCrew     *self,
                 FerrydCrewFunc  function,
                 gpointer        data)
{
  Errand *errand = g_new0 (Errand, 1);
  gboolean taken;

  errand->crew = ferryd_crew_ref (self);
  errand->function = function;
  errand->data = data;
#ifdef __SANITIZE_THREAD__
  __tsan_release (errand);
#endif

  g_mutex_lock (&self->mutex);
  taken = self->n_idle > self->waiting.length;
  if (taken)
    g_queue_push_tail (&self->waiting, errand);
  g_mutex_unlock (&self->mutex);

  if (taken)
    g_cond_signal (&self->arrived);
  else
    g_thread_unref (g_thread_new ("ferryd-job", run_thread, errand));
}
