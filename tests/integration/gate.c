/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-gate"

#include "config.h"

#include "gate.h"
#include "support/test-bed.h"

#define PIECE (64 * 1024)

void
gate_init (Gate    *self,
           guint64  seed,
           gint64   size,
           gint64   hold_at)
{
  *self = (Gate) { .hold_at = hold_at };
  self->answer.content.seed = seed;
  self->answer.content.size = size;
  self->answer.etag = "\"gate\"";
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
}

void
gate_clear (Gate *self)
{
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
}

/* By @by, in both counts. */
static void
count (Gate *self,
       int   by)
{
  g_mutex_lock (&self->lock);
  self->n_active += by;
  self->most = MAX (self->most, self->n_active);
  g_mutex_unlock (&self->lock);

  if (self->count == NULL)
    return;

  g_mutex_lock (&self->count->lock);
  self->count->active += by;
  self->count->most = MAX (self->count->most, self->count->active);
  g_mutex_unlock (&self->count->lock);
}

static void
pass (Gate *self)
{
  gint64 deadline = g_get_monotonic_time () + 2 * TEST_DEADLINE;

  g_mutex_lock (&self->lock);
  self->n_held++;
  g_cond_broadcast (&self->changed);
  while (!self->is_open && self->tickets == 0)
    if (!g_cond_wait_until (&self->changed, &self->lock, deadline))
      g_error ("a gate was not opened");
  if (!self->is_open)
    self->tickets--;
  self->n_held--;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static void
send (Gate         *self,
      TestExchange *x,
      gint64        from,
      gint64        to)
{
  while (from < to && !x->gone)
    {
      gint64 end = MIN (to, from + PIECE);

      test_exchange_send_content (x, &self->answer.content, from, end);
      if (self->pace_ms > 0)
        test_exchange_pause (x, self->pace_ms);
      from = end;
    }
}

void
gate_serve (TestExchange *x,
            gpointer      gate)
{
  Gate *self = gate;
  gint64 size = self->answer.content.size;
  gboolean is_same = x->if_range == NULL || g_str_equal (x->if_range, self->answer.etag);
  gint64 from = x->has_range && is_same ? MIN (x->range_start, size) : 0;

  count (self, 1);
  if (self->hold_at < 0)
    pass (self);

  test_answer_head (x, &self->answer);
  test_exchange_write (x, "\r\n", 2);
  if (self->hold_at >= from && self->hold_at <= size)
    {
      send (self, x, from, self->hold_at);
      pass (self);
      from = self->hold_at;
    }
  /* Before the last bytes: with them the client may begin the next. */
  count (self, -1);
  send (self, x, from, size);
}

void
gate_wait_held (Gate  *self,
                guint  n)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE;

  g_mutex_lock (&self->lock);
  while (self->n_held < n)
    if (!g_cond_wait_until (&self->changed, &self->lock, deadline))
      g_error ("%u stand before the gate, not %u", self->n_held, n);
  g_mutex_unlock (&self->lock);
}

void
gate_open (Gate *self)
{
  g_mutex_lock (&self->lock);
  self->is_open = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

void
gate_let_one (Gate *self)
{
  g_mutex_lock (&self->lock);
  self->tickets++;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

void
gate_assert_file (Gate       *self,
                  const char *path)
{
  g_autofree char *wanted = test_content_sha256 (&self->answer.content);
  g_autofree char *found = test_file_sha256 (path);

  g_assert_cmpstr (found, ==, wanted);
}
