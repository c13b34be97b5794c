/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a task counts: while it runs by its job's counters, else by what is on disk. */
#include "config.h"

#include "task-bed.h"

#define STATE(name) FERRY_TASK_STATE_##name

static void
suspend (TaskBed *bed)
{
  (void) task_bed_wish (bed, FERRYD_WISH_SUSPEND);  /* the bed keeps the answer */
  settle ();
  fake_runner_obey (bed->runner, bed->id);
  settle_all (bed->store, bed->runner);
  g_assert_cmpint (ferryd_task_get_state (bed->task), ==, STATE (SUSPENDED));
}

static void
test_numbers_of_end (void)
{
  g_auto(TaskBed) bed = { NULL };
  g_autoptr(FerrydKept) kept = ferryd_kept_new ();
  FerrydTally *tally;

  task_bed_init (&bed, STATE (RUNNING), FERRY_WAIT_REASON_NONE);
  tally = fake_runner_get_counters (bed.runner, bed.id);
  atomic_store (&tally->received, 700);
  atomic_store (&tally->expected, 1000);
  atomic_store (&tally->moved, 700);
  ferryd_task_sample (bed.task);
  g_assert_cmpint (ferryd_task_get_received (bed.task), ==, 700);
  g_assert_cmpint (ferryd_task_get_expected (bed.task), ==, 1000);
  g_assert_cmpuint (ferryd_task_get_rate (bed.task), ==, 2800);
  g_assert_cmphex (bed.changes, ==,
                   FERRYD_TASK_CHANGE (BYTES_RECEIVED) | FERRYD_TASK_CHANGE (BYTES_EXPECTED) |
                   FERRYD_TASK_CHANGE (RATE));

  /* Only what is on disk counts when the job is no more. */
  kept->part.offset = 600;
  kept->part.total = 1000;
  ferryd_task_note (bed.task, kept);
  suspend (&bed);
  g_assert_cmpint (ferryd_task_get_received (bed.task), ==, 600);
  g_assert_cmpint (ferryd_task_get_expected (bed.task), ==, 1000);
  g_assert_cmpuint (ferryd_task_get_rate (bed.task), ==, 0);
}

/* Leaves a job that has just begun, the second of its task. */
static FerrydTally *
come_to_second_run (TaskBed *bed)
{
  FerrydTally *tally;

  task_bed_init (bed, STATE (RUNNING), FERRY_WAIT_REASON_NONE);
  tally = fake_runner_get_counters (bed->runner, bed->id);
  atomic_store (&tally->moved, 1000000);
  atomic_store (&tally->phase, FERRYD_PHASE_TRANSFERRING);
  ferryd_task_sample (bed->task);
  suspend (bed);
  (void) task_bed_wish (bed, FERRYD_WISH_RESUME);  /* the bed keeps the answer */
  settle_all (bed->store, bed->runner);
  ferryd_task_run (bed->task);
  settle_all (bed->store, bed->runner);
  return fake_runner_get_counters (bed->runner, bed->id);
}

/* Before the first look at its counters too. */
static void
test_second_phase (void)
{
  g_auto(TaskBed) bed = { NULL };

  (void) come_to_second_run (&bed);  /* its counters are another test's */
  g_assert_cmpint (ferryd_task_get_phase (bed.task), ==, FERRYD_PHASE_CONNECTING);
}

/* They begin at 0 again: no four gigabytes come from nowhere. */
static void
test_second_counters (void)
{
  g_auto(TaskBed) bed = { NULL };
  FerrydTally *tally = come_to_second_run (&bed);
  const FerrydSamples *samples;
  guint64 sum = 0;

  ferryd_task_sample (bed.task);
  g_assert_cmpuint (ferryd_task_get_rate (bed.task), <=, 4000000);
  atomic_store (&tally->moved, 500);
  ferryd_task_sample (bed.task);
  g_assert_cmpuint (ferryd_task_get_rate (bed.task), <=, 4000000);

  samples = ferryd_task_get_samples (bed.task);
  for (guint i = 0; i < samples->n_samples; i++)
    {
      g_assert_cmpuint (samples->samples[i], <=, 1000000);
      sum += samples->samples[i];
    }
  g_assert_cmpuint (sum, >=, 500);
  g_assert_cmpuint (sum, <=, 1000500);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/task-numbers/end", test_numbers_of_end);
  g_test_add_func ("/task-numbers/second-run/phase", test_second_phase);
  g_test_add_func ("/task-numbers/second-run/counters", test_second_counters);

  return g_test_run ();
}
