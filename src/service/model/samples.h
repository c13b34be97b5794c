/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How often the counters of what runs are looked at. */
#define FERRYD_TICK_MS 250

#define FERRYD_MAX_SAMPLES 240

/* Looks over which a rate is taken: three seconds' worth. */
#define FERRYD_RATE_TICKS 12

/* How fast bytes came: the rate now, and the whole run at a glance. A value. */
typedef struct
{
  guint64 last;                          /* the counter at the last tick */
  guint   recent[FERRYD_RATE_TICKS];     /* bytes of the last ticks, a ring */
  guint   n_recent;                      /* ticks so far */
  guint   step_ticks;                    /* ticks that a sample spans */
  guint   ticks_in_last;                 /* of the sample that is being filled */
  guint   n_samples;
  guint64 samples[FERRYD_MAX_SAMPLES];   /* bytes */
} FerrydSamples;

void      ferryd_samples_init     (FerrydSamples *samples);

/* Once a tick: @counter only grows. */
void      ferryd_samples_add      (FerrydSamples *samples,
                                   guint64        counter);

/* Bytes a second. */
guint64   ferryd_samples_get_rate (const FerrydSamples *samples);

/* Returns: (floating): (uat), the step in ms and the bytes of each */
GVariant *ferryd_samples_describe (const FerrydSamples *samples);

G_END_DECLS
