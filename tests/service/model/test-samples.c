/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/samples.h"

/* The counter after each tick, and the rate then. */
static const struct
{
  const char *name;
  guint64     counters[16];
  guint       n;
  guint64     rate;
} rows[] = {
  { "no tick", { 0 }, 0, 0 },
  { "nothing moves", { 0, 0, 0 }, 3, 0 },
  { "the first tick counts alone", { 1000 }, 1, 4000 },
  { "the mean of those that were", { 1000, 1000 }, 2, 2000 },
  { "steady", { 1000, 2000, 3000, 4000 }, 4, 4000 },
  { "twelve are three seconds", { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3000 }, 12, 1000 },
  { "the thirteenth pushes out the first",
    { 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000 }, 13, 0 },
  { "the twelfth holds the first still",
    { 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000 }, 12, 1000 },
};

static void
test_rate (gconstpointer data)
{
  guint row = GPOINTER_TO_UINT (data);
  FerrydSamples samples;

  ferryd_samples_init (&samples);
  for (guint i = 0; i < rows[row].n; i++)
    ferryd_samples_add (&samples, rows[row].counters[i]);

  g_assert_cmpuint (ferryd_samples_get_rate (&samples), ==, rows[row].rate);
}

static guint64
sum_up (const FerrydSamples *samples)
{
  guint64 sum = 0;

  for (guint i = 0; i < samples->n_samples; i++)
    sum += samples->samples[i];

  return sum;
}

/* Sample i is what came in the ticks that it spans, however often neighbours were merged. */
static void
assert_steps (const FerrydSamples *samples,
              const guint64       *moved,
              guint                n_ticks)
{
  g_assert_cmpuint (samples->n_samples, ==,
                    (n_ticks + samples->step_ticks - 1) / samples->step_ticks);
  for (guint i = 0; i < samples->n_samples; i++)
    {
      guint64 sum = 0;

      for (guint j = i * samples->step_ticks; j < MIN ((i + 1) * samples->step_ticks, n_ticks); j++)
        sum += moved[j];

      g_assert_cmpuint (samples->samples[i], ==, sum);
    }
}

static void
test_merging (void)
{
  const guint n_ticks = 240 * 16 + 7;
  g_autofree guint64 *moved = g_new0 (guint64, n_ticks);
  FerrydSamples samples;
  guint64 counter = 0;

  ferryd_samples_init (&samples);
  for (guint i = 0; i < n_ticks; i++)
    {
      guint step = 1;

      moved[i] = (i * 7919) % 1000;
      counter += moved[i];
      ferryd_samples_add (&samples, counter);

      while (240 * step < i + 1)
        step *= 2;
      g_assert_cmpuint (samples.step_ticks, ==, step);
      g_assert_cmpuint (samples.n_samples, <=, 240);
      g_assert_cmpuint (sum_up (&samples), ==, counter);
      assert_steps (&samples, moved, i + 1);
    }
}

static void
test_describe (void)
{
  g_autoptr(GVariant) none = NULL;
  g_autoptr(GVariant) some = NULL;
  g_autoptr(GVariant) list = NULL;
  FerrydSamples samples;
  guint64 sample;
  guint step;

  ferryd_samples_init (&samples);
  none = g_variant_ref_sink (ferryd_samples_describe (&samples));
  g_assert_cmpstr (g_variant_get_type_string (none), ==, "(uat)");
  g_variant_get (none, "(u@at)", &step, &list);
  g_assert_cmpuint (step, ==, 250);
  g_assert_cmpuint (g_variant_n_children (list), ==, 0);
  g_clear_pointer (&list, g_variant_unref);

  for (guint i = 0; i < 241; i++)
    ferryd_samples_add (&samples, 10 * (i + 1));
  some = g_variant_ref_sink (ferryd_samples_describe (&samples));
  g_variant_get (some, "(u@at)", &step, &list);
  g_assert_cmpuint (step, ==, 500);
  g_assert_cmpuint (g_variant_n_children (list), ==, 121);
  g_variant_get_child (list, 0, "t", &sample);
  g_assert_cmpuint (sample, ==, 20);
  g_variant_get_child (list, 120, "t", &sample);
  g_assert_cmpuint (sample, ==, 10);
}

/* A whole disk in one tick: what is shown must not wrap around. */
static void
test_jump (void)
{
  const guint64 jump = G_GUINT64_CONSTANT (1) << 40;
  FerrydSamples samples;

  ferryd_samples_init (&samples);
  ferryd_samples_add (&samples, 100);
  ferryd_samples_add (&samples, 100 + jump);
  g_assert_cmpuint (sum_up (&samples), ==, 100 + jump);
  g_assert_cmpuint (samples.samples[1], ==, jump);
  g_assert_cmpuint (ferryd_samples_get_rate (&samples), >=, G_MAXUINT);
  g_assert_cmpuint (ferryd_samples_get_rate (&samples), <=, 2 * jump);

  for (guint i = 0; i < 12; i++)
    ferryd_samples_add (&samples, 100 + jump);
  g_assert_cmpuint (ferryd_samples_get_rate (&samples), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/samples/rate/%s", rows[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_rate);
    }
  g_test_add_func ("/samples/merging", test_merging);
  g_test_add_func ("/samples/describe", test_describe);
  g_test_add_func ("/samples/jump", test_jump);

  return g_test_run ();
}
