/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who gets a slot, and when another does. */
#include "config.h"

#include "manager-bed.h"
#include "model/scheduler.h"

#define STATE(name) FERRY_TASK_STATE_##name

/* Ten tasks that wait, each with a host of its own, ids from 1 on: eight get slots. */
static void
come_to_ten (ManagerBed *bed)
{
  manager_bed_init (bed);
  for (guint i = 0; i < 10; i++)
    {
      g_autofree char *url = g_strdup_printf ("http://host%u.example/", i);

      (void) manager_bed_store (bed, url, STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
    }
  manager_bed_load (bed);
}

static void
test_next_at_end (void)
{
  g_auto(ManagerBed) bed = { NULL };

  come_to_ten (&bed);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 8);
  g_assert_cmpuint (ferryd_task_get_position (manager_bed_get (&bed, 9)), ==, 1);
  g_assert_cmpuint (ferryd_task_get_position (manager_bed_get (&bed, 10)), ==, 2);

  fake_runner_finish (bed.runner, 3);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (manager_bed_get_state (&bed, 3), ==, STATE (FINISHED));
  g_assert_true (fake_runner_has_job (bed.runner, 9));
  g_assert_false (fake_runner_has_job (bed.runner, 10));
  g_assert_cmpuint (ferryd_task_get_position (manager_bed_get (&bed, 9)), ==, 0);
  g_assert_cmpuint (ferryd_task_get_position (manager_bed_get (&bed, 10)), ==, 1);
}

/* It waits for the disk, no longer for the network. */
static void
test_next_at_written (void)
{
  g_auto(ManagerBed) bed = { NULL };

  come_to_ten (&bed);
  settle_all (bed.store, bed.runner);
  fake_runner_write (bed.runner, 1);
  fake_runner_write (bed.runner, 2);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 10);
  g_assert_cmpint (manager_bed_get_state (&bed, 1), ==, STATE (RUNNING));
  manager_bed_check (&bed);
}

/* A disk that does not keep up: each that waits for it keeps a thread. */
static void
test_publishing_limit (void)
{
  g_auto(ManagerBed) bed = { NULL };
  const guint before = FERRYD_MAX_PUBLISHING - 1 + BED_MAX_RUNNING;

  manager_bed_init (&bed);
  for (guint i = 0; i < before + 10; i++)
    {
      g_autofree char *url = g_strdup_printf ("http://host%u.example/", i);

      (void) manager_bed_store (&bed, url, STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
    }
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);

  /* Up to the last but one, each lets the next start. */
  for (guint id = 1; id <= FERRYD_MAX_PUBLISHING; id++)
    {
      g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, BED_MAX_RUNNING + id - 1);
      fake_runner_write (bed.runner, id);
      settle_all (bed.store, bed.runner);
    }
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, before);

  /* Those that run already are let be; they come on top, and start nobody. */
  fake_runner_write (bed.runner, FERRYD_MAX_PUBLISHING + 1);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, before);
  fake_runner_finish (bed.runner, 1);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, before);

  /* Below the limit, all the slots that became free are given. */
  fake_runner_finish (bed.runner, 2);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, before + 2);
  g_assert_cmpuint (fake_runner_count_slots (bed.runner, NULL), ==, BED_MAX_RUNNING);
  manager_bed_check (&bed);
}

static void
test_next_at_suspend (void)
{
  g_auto(ManagerBed) bed = { NULL };
  Answer answer = { FALSE };

  come_to_ten (&bed);
  settle_all (bed.store, bed.runner);
  manager_bed_wish (&bed, 1, FERRYD_WISH_SUSPEND, &answer);
  settle_all (bed.store, bed.runner);
  g_assert_false (fake_runner_has_job (bed.runner, 9));

  fake_runner_obey (bed.runner, 1);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&answer), ==, -1);
  g_assert_true (fake_runner_has_job (bed.runner, 9));
}

/* A redirect counts where it leads: that host's limit holds from then on. */
static void
test_redirected (void)
{
  g_auto(ManagerBed) bed = { NULL };

  manager_bed_init (&bed);
  for (guint i = 0; i < 6; i++)
    (void) manager_bed_store (&bed, i == 0 ? "http://b.example/" : "http://a.example/",
                              STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 6);

  fake_runner_note (bed.runner, 1, "http://a.example/there");
  g_assert_cmpstr (ferryd_task_get_host (manager_bed_get (&bed, 1)), ==, "a.example");
  manager_bed_add (&bed, "http://a.example/", STATE (WAITING));
  settle_all (bed.store, bed.runner);
  g_assert_false (fake_runner_has_job (bed.runner, 7));
  g_assert_cmpint (ferryd_task_get_row (manager_bed_get (&bed, 7))->status.reason, ==,
                   FERRY_WAIT_REASON_HOST_LIMIT);

  /* And where it led away from, one more may run. */
  fake_runner_note (bed.runner, 2, "http://c.example/");
  settle_all (bed.store, bed.runner);
  g_assert_true (fake_runner_has_job (bed.runner, 7));
  manager_bed_check (&bed);
}

/* The same host, however its name is written. */
static void
test_host_letters (void)
{
  g_auto(ManagerBed) bed = { NULL };

  manager_bed_init (&bed);
  for (guint i = 0; i < 8; i++)
    (void) manager_bed_store (&bed, i % 2 == 0 ? "http://a.example/" : "http://A.Example/",
                              STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 6);
}

static void
count_reasons_cb (FerrydManager *manager,
                  FerrydTask    *task,
                  guint          mask,
                  guint         *n_reasons)
{
  if ((mask & FERRYD_TASK_CHANGE (STATE)) == 0 && (mask & FERRYD_TASK_CHANGE (REASON)) != 0)
    (*n_reasons)++;
}

/* Who waits on is not told of it again and again. */
static void
test_quiet_queue (void)
{
  g_auto(ManagerBed) bed = { NULL };
  guint n_reasons = 0;

  manager_bed_init (&bed);
  for (guint i = 0; i < 30; i++)
    (void) manager_bed_store (&bed, i < 20 ? "http://a.example/" : "http://b.example/",
                              STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  g_signal_connect (bed.manager, "task-changed", G_CALLBACK (count_reasons_cb), &n_reasons);
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (n_reasons, <=, 14);

  n_reasons = 0;
  for (guint id = 21; id < 28; id++)
    {
      fake_runner_finish (bed.runner, id);
      settle_all (bed.store, bed.runner);
      g_assert_cmpint (manager_bed_get_state (&bed, id), ==, STATE (FINISHED));
    }
  g_assert_cmpuint (n_reasons, ==, 0);
}

/* Suspended and resumed while it gets its slot: between the two another may have got it. */
static void
test_slot_lost (void)
{
  g_auto(ManagerBed) bed = { NULL };
  Answer suspended = { FALSE };
  Answer resumed = { FALSE };

  manager_bed_init (&bed);
  for (guint i = 0; i < 7; i++)
    {
      g_autofree char *url = g_strdup_printf ("http://host%u.example/", i);

      (void) manager_bed_store (&bed, url, STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
    }
  (void) manager_bed_store (&bed, "http://a.example/", STATE (SUSPENDED), FERRY_WAIT_REASON_NONE);
  (void) manager_bed_store (&bed, "http://b.example/", STATE (SUSPENDED), FERRY_WAIT_REASON_NONE);
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 7);

  /* 8 and 9 begin to wait; 8 leaves at once and comes again, all before it could run. */
  manager_bed_wish (&bed, 8, FERRYD_WISH_RESUME, &resumed);
  fake_store_answer (bed.store);
  while (!resumed.has_come)
    (void) g_main_context_iteration (NULL, FALSE);  /* no turn more: the decision is still out */
  resumed = (Answer) { FALSE };
  manager_bed_wish (&bed, 8, FERRYD_WISH_SUSPEND, &suspended);
  manager_bed_wish (&bed, 8, FERRYD_WISH_RESUME, &resumed);
  manager_bed_add (&bed, "http://c.example/", STATE (WAITING));
  settle ();

  while (fake_store_get_n_waiting (bed.store) > 0)
    {
      fake_store_answer (bed.store);
      settle ();
      manager_bed_check (&bed);
    }
  g_assert_true (suspended.has_come && resumed.has_come);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 8);
}

/* The store failed once: nobody need come to have the task tried again. Waits for the clock. */
static void
test_run_refused (void)
{
  g_auto(ManagerBed) bed = { NULL };

  manager_bed_init (&bed);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  manager_bed_load (&bed);
  settle ();
  fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
  settle ();
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 0);

  settle_by_clock (bed.store);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/slots/next-at-end", test_next_at_end);
  g_test_add_func ("/slots/next-at-written", test_next_at_written);
  g_test_add_func ("/slots/publishing-limit", test_publishing_limit);
  g_test_add_func ("/slots/next-at-suspend", test_next_at_suspend);
  g_test_add_func ("/slots/redirected", test_redirected);
  g_test_add_func ("/slots/host-letters", test_host_letters);
  g_test_add_func ("/slots/quiet-queue", test_quiet_queue);
  g_test_add_func ("/slots/slot-lost", test_slot_lost);
  g_test_add_func ("/slots/run-refused", test_run_refused);

  return g_test_run ();
}
