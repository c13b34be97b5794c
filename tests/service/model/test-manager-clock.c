/* SPDX-License-Identifier: GPL-3.0-or-later */
/* §4: “The resource time-out counts wall time since the first Resume, less the time suspended or
 * waiting for a person.” */
#include "config.h"

#include "manager-bed.h"

#define STATE(name) FERRY_TASK_STATE_##name
#define REASON(name) FERRY_WAIT_REASON_##name

/* s; long against what a test takes. */
#define TIMEOUT 1000
#define CONFIGURATION "{'resource-timeout': <uint64 1000>}"

/* What a machine under load may add, in s. */
#define SLACK 30

static const FerrydTaskStatus *
get_status (ManagerBed *bed)
{
  return &ferryd_task_get_row (manager_bed_get (bed, 1))->status;
}

/* A task that has used @used s, and @since s since its clock began to go again; −1: it stands. */
static void
come_to (ManagerBed      *bed,
         FerryTaskState   state,
         FerryWaitReason  reason,
         gint64           used,
         gint64           since)
{
  FerrydTaskRow *row = make_task_row (0, "http://a.example/", state, reason);

  manager_bed_init_with (bed, CONFIGURATION);
  row->status.clock_used = used * G_USEC_PER_SEC;
  row->status.clock_since = since >= 0 ? g_get_real_time () - since * G_USEC_PER_SEC : 0;
  (void) manager_bed_store_row (bed, row);
  manager_bed_load (bed);
  settle_all (bed->store, bed->runner);
}

/* A waiting task that has no time left fails, and its owner hears; no other does. */
static void
test_expiry (void)
{
  static const struct
  {
    FerryTaskState  state;
    FerryWaitReason reason;
    gint64          used;
    gint64          since;
    gboolean        expires;
  } rows[] = {
    { STATE (WAITING), REASON (RETRY), 0, TIMEOUT, TRUE },
    { STATE (WAITING), REASON (RETRY), TIMEOUT, 0, TRUE },
    { STATE (WAITING), REASON (OFFLINE), TIMEOUT / 2, TIMEOUT / 2, TRUE },
    { STATE (WAITING), REASON (QUEUE), 0, 2 * TIMEOUT, TRUE },
    { STATE (RUNNING), REASON (NONE), 0, TIMEOUT, TRUE },
    { STATE (WAITING), REASON (RETRY), TIMEOUT / 2, TIMEOUT / 4, FALSE },
    { STATE (WAITING), REASON (TRUST), 2 * TIMEOUT, -1, FALSE },
    { STATE (SUSPENDED), REASON (NONE), 2 * TIMEOUT, -1, FALSE },
    { STATE (FAILED), REASON (NONE), 2 * TIMEOUT, -1, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto(ManagerBed) bed = { NULL };

      g_test_message ("row %u", i);
      come_to (&bed, rows[i].state, rows[i].reason, rows[i].used, rows[i].since);
      if (!rows[i].expires)
        {
          manager_bed_assert_log (&bed, "");
          continue;
        }

      g_assert_cmpint (get_status (&bed)->state, ==, STATE (FAILED));
      g_assert_cmpstr (get_status (&bed)->error_name, ==, FERRY_SERVICE_ID ".Error.Timeout");
      g_assert_cmpint (get_status (&bed)->clock_since, ==, 0);
      assert_saved (bed.store, manager_bed_get (&bed, 1));
      g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 0);
      manager_bed_assert_log (&bed, "t1:failed#1;s1:session-finished#2;");
    }
}

/* Nobody need come: the time is waited for. Waits for the clock. */
static void
test_alarm (void)
{
  g_auto(ManagerBed) bed = { NULL };
  FerrydTaskRow *row = make_task_row (0, "http://a.example/", STATE (WAITING), REASON (RETRY));

  manager_bed_init_with (&bed, "{'resource-timeout': <uint64 2>}");
  row->status.retry_at = g_get_real_time () + G_TIME_SPAN_HOUR;
  row->status.clock_since = g_get_real_time () - G_USEC_PER_SEC;
  (void) manager_bed_store_row (&bed, row);
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (get_status (&bed)->state, ==, STATE (WAITING));
  settle_by_clock (bed.store);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (get_status (&bed)->state, ==, STATE (FAILED));
}

/* The disk says no: it is tried until it listens. Waits for the clock. */
static void
test_expiry_refused (void)
{
  g_auto(ManagerBed) bed = { NULL };
  FerrydTaskRow *row = make_task_row (0, "http://a.example/", STATE (WAITING), REASON (RETRY));

  manager_bed_init_with (&bed, CONFIGURATION);
  row->status.retry_at = g_get_real_time () + G_TIME_SPAN_HOUR;
  row->status.clock_since = g_get_real_time () - 2 * TIMEOUT * G_USEC_PER_SEC;
  (void) manager_bed_store_row (&bed, row);
  manager_bed_load (&bed);
  fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
  settle ();
  g_assert_cmpint (get_status (&bed)->state, ==, STATE (WAITING));
  settle_by_clock (bed.store);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (get_status (&bed)->state, ==, STATE (FAILED));
}

/* The job is told how long it has, which is what is left. */
static void
test_deadline (void)
{
  g_auto(ManagerBed) bed = { NULL };
  gint64 left;

  come_to (&bed, STATE (WAITING), REASON (QUEUE), 300, 200);
  left = fake_runner_get_orders (bed.runner, 1)->deadline - g_get_monotonic_time ();
  g_assert_cmpint (left, <=, (TIMEOUT - 500) * G_USEC_PER_SEC);
  g_assert_cmpint (left, >=, (TIMEOUT - 500 - SLACK) * G_USEC_PER_SEC);
  g_assert_cmpint (get_status (&bed)->clock_used, >=, 500 * G_USEC_PER_SEC);
  g_assert_cmpint (get_status (&bed)->clock_since, !=, 0);
}

static void
wish (ManagerBed *bed,
      FerrydWish  asked)
{
  g_auto(Answer) answer = { FALSE };

  manager_bed_wish (bed, 1, asked, &answer);
  settle ();
  if (fake_runner_has_job (bed->runner, 1) &&
      fake_runner_get_cause (bed->runner, 1) != FERRYD_CAUSE_NONE)
    fake_runner_obey (bed->runner, 1);
  settle_all (bed->store, bed->runner);
  g_assert_cmpint (answer_get_code (&answer), ==, -1);
}

/* What was used stays used over Suspend and Resume, and after a failure it is given again. */
static void
test_used (void)
{
  g_auto(ManagerBed) bed = { NULL };

  come_to (&bed, STATE (WAITING), REASON (QUEUE), 300, 200);
  wish (&bed, FERRYD_WISH_SUSPEND);
  g_assert_cmpint (get_status (&bed)->clock_used, >=, 500 * G_USEC_PER_SEC);
  g_assert_cmpint (get_status (&bed)->clock_used, <, (500 + SLACK) * G_USEC_PER_SEC);
  g_assert_cmpint (get_status (&bed)->clock_since, ==, 0);

  wish (&bed, FERRYD_WISH_RESUME);
  g_assert_cmpint (get_status (&bed)->clock_used, >=, 500 * G_USEC_PER_SEC);
  g_assert_cmpint (get_status (&bed)->clock_since, !=, 0);

  fake_runner_fail (bed.runner, 1, FERRYD_TRANSFER_ERROR_NEW_URL);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (get_status (&bed)->reason, ==, REASON (NEW_URL));
  g_assert_cmpint (get_status (&bed)->clock_since, ==, 0);

  wish (&bed, FERRYD_WISH_RESUME);
  fake_runner_fail (bed.runner, 1, FERRYD_TRANSFER_ERROR_DIGEST);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (get_status (&bed)->state, ==, STATE (FAILED));
  g_assert_cmpint (get_status (&bed)->clock_used, >=, 500 * G_USEC_PER_SEC);

  wish (&bed, FERRYD_WISH_RESUME);
  g_assert_cmpint (get_status (&bed)->clock_used, <, SLACK * G_USEC_PER_SEC);
  g_assert_true (fake_runner_has_job (bed.runner, 1));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/clock/expiry", test_expiry);
  g_test_add_func ("/clock/alarm", test_alarm);
  g_test_add_func ("/clock/expiry-refused", test_expiry_refused);
  g_test_add_func ("/clock/deadline", test_deadline);
  g_test_add_func ("/clock/used", test_used);

  return g_test_run ();
}
