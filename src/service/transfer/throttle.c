/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-throttle"

#include "config.h"

#include <stdatomic.h>

#include "transfer/throttle.h"

/* A take is at most this part of a second's worth: the rate stays even, and a new limit is felt
 * soon. */
#define SLICES_A_SECOND 10

/* Time that a late sleeper may catch up. Without it each oversleep lowers the rate; with more an
 * idle transfer would burst. */
#define CATCH_UP_US (G_USEC_PER_SEC / SLICES_A_SECOND)

struct _FerrydThrottle
{
  gatomicrefcount  refs;
  FerrydThrottle  *behind;  /* owned; NULL at the end of the chain */

  GMutex           mutex;   /* guards the three below */
  _Atomic guint64  limit;   /* bytes a second; 0: none. Written under the mutex alone */
  double           free_at; /* monotonic µs at which all that was taken is paid for */
  guint            changes; /* of the limit, so that those who wait by an old one notice */
};

FerrydThrottle *
ferryd_throttle_new (FerrydThrottle *behind)
{
  FerrydThrottle *self = g_new0 (FerrydThrottle, 1);

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->mutex);
  self->behind = behind != NULL ? ferryd_throttle_ref (behind) : NULL;
  return self;
}

FerrydThrottle *
ferryd_throttle_ref (FerrydThrottle *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
ferryd_throttle_unref (FerrydThrottle *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  g_clear_pointer (&self->behind, ferryd_throttle_unref);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

void
ferryd_throttle_set_limit (FerrydThrottle *self,
                           guint64         limit)
{
  g_mutex_lock (&self->mutex);
  atomic_store_explicit (&self->limit, limit, memory_order_relaxed);
  self->free_at = (double) g_get_monotonic_time ();
  self->changes++;
  g_mutex_unlock (&self->mutex);
}

static guint64
get_limit (const FerrydThrottle *link)
{
  return atomic_load_explicit (&link->limit, memory_order_relaxed);
}

/* The common case, on the way of every read: it must cost nothing. */
static gboolean
is_unlimited (const FerrydThrottle *self)
{
  for (const FerrydThrottle *link = self; link != NULL; link = link->behind)
    {
      if (get_limit (link) != 0)
        return FALSE;
    }

  return TRUE;
}

/* The most that one read may take by the strictest limit of the chain. */
static gsize
largest_take (FerrydThrottle *self,
              gsize           wanted)
{
  for (FerrydThrottle *link = self; link != NULL; link = link->behind)
    {
      guint64 limit = get_limit (link);

      if (limit != 0)
        wanted = MIN (wanted, MAX (limit / SLICES_A_SECOND, 1));
    }

  return wanted;
}

/* Takes @amount of one link; returns when it may be used. */
static double
reserve (FerrydThrottle *link,
         gsize           amount,
         double          now)
{
  double start = now;
  guint64 limit;

  g_mutex_lock (&link->mutex);
  limit = get_limit (link);
  if (limit != 0)
    {
      start = MAX (link->free_at, now - CATCH_UP_US);
      link->free_at = start + amount * (double) G_USEC_PER_SEC / limit;
    }
  g_mutex_unlock (&link->mutex);

  return start;
}

/* How often the limits of the chain have changed. */
static guint
count_changes (FerrydThrottle *self)
{
  guint changes = 0;

  for (FerrydThrottle *link = self; link != NULL; link = link->behind)
    {
      g_mutex_lock (&link->mutex);
      changes += link->changes;
      g_mutex_unlock (&link->mutex);
    }

  return changes;
}

/* Sleeps in steps of a slice, so that a limit that was raised in the meantime is felt. */
static gboolean
wait_until (FerrydThrottle *self,
            double          start,
            guint           changes,
            GCancellable   *cancellable)
{
  GPollFD wake;
  gboolean has_fd = g_cancellable_make_pollfd (cancellable, &wake);
  double now;

  while ((now = (double) g_get_monotonic_time ()) < start && count_changes (self) == changes &&
         !g_cancellable_is_cancelled (cancellable))
    {
      double left = MIN (start - now, (double) CATCH_UP_US);

      /* the loop asks what woke us */
      (void) g_poll (&wake, has_fd ? 1 : 0, (int) (left / 1000) + 1);
    }

  if (has_fd)
    g_cancellable_release_fd (cancellable);

  return !g_cancellable_is_cancelled (cancellable);
}

gsize
ferryd_throttle_take (FerrydThrottle *self,
                      gsize           wanted,
                      GCancellable   *cancellable)
{
  guint changes;
  gsize amount;
  double now;
  double start;

  if (is_unlimited (self))
    return g_cancellable_is_cancelled (cancellable) ? 0 : wanted;

  changes = count_changes (self);
  amount = largest_take (self, wanted);
  now = (double) g_get_monotonic_time ();
  start = now;
  for (FerrydThrottle *link = self; link != NULL; link = link->behind)
    {
      double usable = reserve (link, amount, now);

      start = MAX (start, usable);
    }

  if (!wait_until (self, start, changes, cancellable))
    {
      ferryd_throttle_give_back (self, amount);
      return 0;
    }

  return amount;
}

void
ferryd_throttle_give_back (FerrydThrottle *self,
                           gsize           unused)
{
  for (FerrydThrottle *link = self; link != NULL; link = link->behind)
    {
      guint64 limit = get_limit (link);

      if (limit == 0 || unused == 0)
        continue;

      g_mutex_lock (&link->mutex);
      link->free_at -= unused * (double) G_USEC_PER_SEC / limit;
      g_mutex_unlock (&link->mutex);
    }
}
