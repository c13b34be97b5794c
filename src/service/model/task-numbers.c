/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-task"

#include "config.h"

#include "model/task-private.h"

void
ferryd_task_count_kept (FerrydTask *self)
{
  const FerrydPart *part = &self->row->kept->part;
  gboolean is_finished = self->row->status.state == FERRY_TASK_STATE_FINISHED;
  gint64 received = is_finished ? part->total : part->offset;
  gint64 expected = part->total >= 0 ? part->total : self->size_hint;
  guint mask = 0;

  mask |= received != self->received ? FERRYD_TASK_CHANGE (BYTES_RECEIVED) : 0;
  mask |= expected != self->expected ? FERRYD_TASK_CHANGE (BYTES_EXPECTED) : 0;
  self->chunk = 0;
  self->received = received;
  self->expected = expected;
  self->rate = 0;
  ferryd_task_emit_changed (self, mask);
}

void
ferryd_task_begin_counting (FerrydTask *self)
{
  self->phase = FERRYD_PHASE_CONNECTING;
  self->resumed_at = -1;
  if (self->samples != NULL)
    ferryd_samples_init (self->samples);
}

void
ferryd_task_sample (FerrydTask *self)
{
  const FerrydTally *tally = ferryd_runner_get_tally (self->runner, self->row->id);
  gint64 received;
  gint64 expected;
  gint64 resumed_at;
  guint64 rate;
  FerrydPhase phase;
  guint mask = 0;

  if (tally == NULL)
    return;

  if (self->samples == NULL)
    {
      self->samples = g_new (FerrydSamples, 1);
      ferryd_samples_init (self->samples);
    }

  received = atomic_load_explicit (&tally->received, memory_order_relaxed);
  expected = atomic_load_explicit (&tally->expected, memory_order_relaxed);
  expected = expected >= 0 ? expected : self->size_hint;
  resumed_at = atomic_load_explicit (&tally->resumed_at, memory_order_relaxed);
  phase = atomic_load_explicit (&tally->phase, memory_order_relaxed);
  ferryd_samples_add (self->samples, atomic_load_explicit (&tally->moved, memory_order_relaxed));
  rate = ferryd_samples_get_rate (self->samples);

  mask |= received != self->received ? FERRYD_TASK_CHANGE (BYTES_RECEIVED) : 0;
  mask |= expected != self->expected ? FERRYD_TASK_CHANGE (BYTES_EXPECTED) : 0;
  mask |= phase != self->phase ? FERRYD_TASK_CHANGE (PHASE) : 0;
  mask |= rate != self->rate ? FERRYD_TASK_CHANGE (RATE) : 0;
  mask |= resumed_at != self->resumed_at ? FERRYD_TASK_CHANGE (RESUMED_AT) : 0;
  self->resumed_at = resumed_at;
  self->chunk = MAX (received - self->received, 0);
  self->received = received;
  self->expected = expected;
  self->phase = phase;
  self->rate = rate;
  ferryd_task_emit_changed (self, mask);
}
