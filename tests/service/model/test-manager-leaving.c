/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shutting down: nothing begins, nothing that ends is forgotten, the store closes last. */
#include "config.h"

#include "manager-bed.h"

#define STATE(name) FERRY_TASK_STATE_##name

static void
come_to (ManagerBed     *bed,
         FerryTaskState  state,
         guint           n)
{
  manager_bed_init (bed);
  for (guint i = 0; i < n; i++)
    (void) manager_bed_store (bed, i % 2 == 0 ? "http://a.example/" : "http://b.example/", state,
                              FERRY_WAIT_REASON_QUEUE);
  manager_bed_load (bed);
  settle_all (bed->store, bed->runner);
}

/* Nothing was asked of the store after it was told to close. */
static void
assert_left (ManagerBed *bed,
             gboolean    is_done)
{
  g_assert_true (is_done);
  g_assert_true (fake_store_is_closing (bed->store));
  g_assert_cmpuint (fake_store_get_n_late (bed->store), ==, 0);
  g_assert_cmpuint (fake_runner_count_slots (bed->runner, NULL), ==, 0);
}

static void
test_idle (void)
{
  g_auto(ManagerBed) bed = { NULL };
  gboolean is_done;

  come_to (&bed, STATE (SUSPENDED), 3);
  manager_bed_leave (&bed, &is_done);
  settle ();
  g_assert_true (fake_store_is_closing (bed.store));
  g_assert_false (is_done);

  settle_all (bed.store, bed.runner);
  assert_left (&bed, is_done);
}

static void
test_running (void)
{
  g_auto(ManagerBed) bed = { NULL };
  gboolean is_done;

  come_to (&bed, STATE (WAITING), 10);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 8);
  manager_bed_leave (&bed, &is_done);
  settle_all (bed.store, bed.runner);
  g_assert_false (fake_store_is_closing (bed.store));

  for (guint id = 1; id <= 8; id++)
    {
      g_assert_cmpint (fake_runner_get_cause (bed.runner, id), ==, FERRYD_CAUSE_SHUTDOWN);
      /* One was quicker. */
      if (id == 5)
        fake_runner_finish (bed.runner, id);
      else
        fake_runner_obey (bed.runner, id);
      settle ();
      g_assert_false (fake_store_is_closing (bed.store));
    }

  settle_all (bed.store, bed.runner);
  assert_left (&bed, is_done);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 8);
  for (guint id = 1; id <= 10; id++)
    g_assert_cmpint (fake_store_get_status (bed.store, id)->state, ==,
                     id == 5 ? STATE (FINISHED) : STATE (WAITING));
}

/* Written, not yet published: its end is waited for. */
static void
test_written (void)
{
  g_auto(ManagerBed) bed = { NULL };
  gboolean is_done;

  come_to (&bed, STATE (WAITING), 1);
  fake_runner_write (bed.runner, 1);
  manager_bed_leave (&bed, &is_done);
  settle_all (bed.store, bed.runner);
  g_assert_false (fake_store_is_closing (bed.store));

  fake_runner_finish (bed.runner, 1);
  settle_all (bed.store, bed.runner);
  assert_left (&bed, is_done);
  g_assert_cmpint (fake_store_get_status (bed.store, 1)->state, ==, STATE (FINISHED));
}

/* Decided, but not begun: whatever begins yet is stopped at once, and nothing else begins. */
static void
test_run_being_saved (void)
{
  g_auto(ManagerBed) bed = { NULL };
  gboolean is_done;

  manager_bed_init (&bed);
  for (guint i = 0; i < 10; i++)
    (void) manager_bed_store (&bed, "http://a.example/", STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  manager_bed_load (&bed);
  g_assert_cmpuint (fake_store_get_n_waiting (bed.store), ==, 6);
  manager_bed_leave (&bed, &is_done);
  settle ();
  g_assert_false (fake_store_is_closing (bed.store));

  settle_all (bed.store, bed.runner);
  for (guint id = 1; id <= 10; id++)
    {
      if (!fake_runner_has_job (bed.runner, id))
        continue;

      g_assert_cmpint (fake_runner_get_cause (bed.runner, id), ==, FERRYD_CAUSE_SHUTDOWN);
      fake_runner_obey (bed.runner, id);
      settle_all (bed.store, bed.runner);
    }

  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), <=, 6);
  assert_left (&bed, is_done);
  for (guint id = 1; id <= 10; id++)
    g_assert_cmpint (fake_store_get_status (bed.store, id)->state, ==, STATE (WAITING));
}

/* What comes after the decision to leave does not run. */
static void
test_late_wish (void)
{
  g_auto(ManagerBed) bed = { NULL };
  Answer resumed = { FALSE };
  gboolean is_done;

  come_to (&bed, STATE (WAITING), 1);
  manager_bed_add (&bed, "http://b.example/", STATE (SUSPENDED));
  settle_all (bed.store, bed.runner);
  manager_bed_leave (&bed, &is_done);
  manager_bed_wish (&bed, 2, FERRYD_WISH_RESUME, &resumed);
  manager_bed_add (&bed, "http://c.example/", STATE (WAITING));
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&resumed), ==, -1);

  fake_runner_obey (bed.runner, 1);
  settle_all (bed.store, bed.runner);
  assert_left (&bed, is_done);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 1);
  g_assert_cmpint (fake_store_get_status (bed.store, 2)->state, ==, STATE (WAITING));
}

/* A decided run that cannot be written down holds nobody up. */
static void
test_run_refused (void)
{
  g_auto(ManagerBed) bed = { NULL };
  gboolean is_done;

  manager_bed_init (&bed);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  manager_bed_load (&bed);
  manager_bed_leave (&bed, &is_done);
  fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
  settle_all (bed.store, bed.runner);
  assert_left (&bed, is_done);
}

/* Its bytes are gone already: that it is cancelled is to be on disk before the store closes. */
static void
test_cancel_under_way (void)
{
  g_auto(ManagerBed) bed = { NULL };
  Answer cancelled = { FALSE };
  gboolean is_done;

  come_to (&bed, STATE (FAILED), 1);
  manager_bed_wish (&bed, 1, FERRYD_WISH_CANCEL, &cancelled);
  settle ();
  manager_bed_leave (&bed, &is_done);
  settle ();
  fake_runner_answer_discard (bed.runner, TRUE);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&cancelled), ==, -1);
  assert_left (&bed, is_done);
  g_assert_cmpint (fake_store_get_status (bed.store, 1)->state, ==, STATE (CANCELLED));
}

/* A wish that waits for a job which was told to stop for the shutdown comes true all the same. */
static void
test_wish_on_running (gconstpointer data)
{
  g_auto(ManagerBed) bed = { NULL };
  FerrydWish wish = GPOINTER_TO_UINT (data);
  Answer answer = { FALSE };
  gboolean is_done;

  come_to (&bed, STATE (WAITING), 1);
  manager_bed_leave (&bed, &is_done);
  manager_bed_wish (&bed, 1, wish, &answer);
  fake_runner_obey (bed.runner, 1);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&answer), ==, -1);
  assert_left (&bed, is_done);
  g_assert_cmpint (fake_store_get_status (bed.store, 1)->state, ==,
                   wish == FERRYD_WISH_CANCEL ? STATE (CANCELLED) : STATE (SUSPENDED));
}

/* The next start takes up what the row calls running: no reason to wait for a disk that fails. */
static void
test_end_refused (void)
{
  g_auto(ManagerBed) bed = { NULL };
  gboolean is_done;

  come_to (&bed, STATE (WAITING), 1);
  manager_bed_leave (&bed, &is_done);
  fake_runner_obey (bed.runner, 1);
  settle ();
  g_test_expect_message ("ferryd-task", G_LOG_LEVEL_WARNING, "*could not be written*");
  fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
  settle_all (bed.store, bed.runner);
  g_test_assert_expected_messages ();
  assert_left (&bed, is_done);
  g_assert_cmpint (fake_store_get_status (bed.store, 1)->state, ==, STATE (RUNNING));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/leaving/idle", test_idle);
  g_test_add_func ("/leaving/running", test_running);
  g_test_add_func ("/leaving/written", test_written);
  g_test_add_func ("/leaving/run-being-saved", test_run_being_saved);
  g_test_add_func ("/leaving/late-wish", test_late_wish);
  g_test_add_func ("/leaving/run-refused", test_run_refused);
  g_test_add_func ("/leaving/cancel-under-way", test_cancel_under_way);
  g_test_add_data_func ("/leaving/wish-on-running/suspend", GUINT_TO_POINTER (FERRYD_WISH_SUSPEND),
                        test_wish_on_running);
  g_test_add_data_func ("/leaving/wish-on-running/cancel", GUINT_TO_POINTER (FERRYD_WISH_CANCEL),
                        test_wish_on_running);
  g_test_add_func ("/leaving/end-refused", test_end_refused);

  return g_test_run ();
}
