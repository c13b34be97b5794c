/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-samples"

#include "config.h"

#include "model/samples.h"

void
ferryd_samples_init (FerrydSamples *samples)
{
  *samples = (FerrydSamples) { .step_ticks = 1 };
}

/* Neighbours become one, and each step twice as long: the whole run stays in sight. */
static void
merge_neighbours (FerrydSamples *samples)
{
  samples->n_samples = FERRYD_MAX_SAMPLES / 2;
  for (guint i = 0; i < samples->n_samples; i++)
    samples->samples[i] = samples->samples[2 * i] + samples->samples[2 * i + 1];

  samples->step_ticks *= 2;
}

void
ferryd_samples_add (FerrydSamples *samples,
                    guint64        counter)
{
  guint64 moved = counter - samples->last;

  samples->last = counter;
  samples->recent[samples->n_recent % FERRYD_RATE_TICKS] = (guint) MIN (moved, G_MAXUINT);
  samples->n_recent++;

  if (samples->ticks_in_last == 0 || samples->ticks_in_last == samples->step_ticks)
    {
      if (samples->n_samples == FERRYD_MAX_SAMPLES)
        merge_neighbours (samples);
      samples->samples[samples->n_samples++] = 0;
      samples->ticks_in_last = 0;
    }

  samples->samples[samples->n_samples - 1] += moved;
  samples->ticks_in_last++;
}

guint64
ferryd_samples_get_rate (const FerrydSamples *samples)
{
  guint n = MIN (samples->n_recent, FERRYD_RATE_TICKS);
  guint64 moved = 0;

  if (n == 0)
    return 0;

  for (guint i = 0; i < n; i++)
    moved += samples->recent[i];

  return moved * 1000 / (n * FERRYD_TICK_MS);
}

GVariant *
ferryd_samples_describe (const FerrydSamples *samples)
{
  return g_variant_new ("(u@at)", samples->step_ticks * FERRYD_TICK_MS,
                        g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, samples->samples,
                                                   samples->n_samples, sizeof (guint64)));
}
