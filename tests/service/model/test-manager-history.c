/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is over is kept for a while (“history kept by a setting”), and when the service may leave
 * (§9). */
#include "config.h"

#include <string.h>

#include "manager-bed.h"

#define STATE(name) FERRY_TASK_STATE_##name
#define REASON(name) FERRY_WAIT_REASON_##name

static const FerrydPolicy sane = { .max_running = 8, .max_per_host = 6 };

/* One that ended @days ago; returns its id. */
static gint64
store_ended (ManagerBed     *bed,
             FerryTaskState  state,
             double          days)
{
  FerrydTaskRow *row = make_task_row (0, "http://a.example/", state, REASON (NONE));

  row->status.finished = g_get_real_time () - (gint64) (days * G_TIME_SPAN_DAY);
  return manager_bed_store_row (bed, row);
}

/* The oldest go first, by count and by age; 0 is any number, and for ever. */
static void
test_prune (void)
{
  static const struct
  {
    guint       tasks;
    guint       days;
    const char *left;  /* of the ids, from 1 on */
  } policies[] = {
    { 0, 0, "123456" },  { 3, 0, "12456" }, { 2, 0, "2456" }, { 1, 0, "256" },
    { 0, 90, "123456" }, { 0, 20, "12456" }, { 0, 5, "2456" }, { 4, 3, "2456" },
    { 1, 20, "256" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      g_auto(ManagerBed) bed = { NULL };
      FerrydPolicy policy = sane;

      policy.history_tasks = policies[i].tasks;
      policy.history_days = policies[i].days;
      manager_bed_init (&bed);
      (void) store_ended (&bed, STATE (FINISHED), 10);
      (void) store_ended (&bed, STATE (FINISHED), 1);
      (void) store_ended (&bed, STATE (CANCELLED), 30);
      (void) store_ended (&bed, STATE (CANCELLED), 2);
      (void) store_ended (&bed, STATE (FAILED), 1000);  /* unfinished business */
      (void) manager_bed_store (&bed, "http://a.example/", STATE (SUSPENDED), REASON (NONE));
      ferryd_manager_set_policy (bed.manager, &policy);
      manager_bed_load (&bed);
      settle_all (bed.store, bed.runner);
      for (guint id = 1; id <= 6; id++)
        g_assert_cmpint (ferryd_manager_get_task (bed.manager, id) != NULL, ==,
                         strchr (policies[i].left, (int) ('0' + id)) != NULL);
      g_assert_cmpuint (fake_runner_get_n_asked (bed.runner, FAKE_ASK_DELETE_RESULT), ==, 0);
      g_assert_cmpuint (fake_store_get_n_tasks (bed.store), ==,
                        ferryd_manager_get_tasks (bed.manager)->len);
    }
}

/* Once for all that end in a row. Waits for the clock. */
static void
test_prune_after_end (void)
{
  g_auto(ManagerBed) bed = { NULL };
  FerrydPolicy policy = sane;

  policy.history_tasks = 1;
  manager_bed_init (&bed);
  ferryd_manager_set_policy (bed.manager, &policy);
  for (guint i = 0; i < 3; i++)
    (void) manager_bed_store (&bed, "http://a.example/", STATE (WAITING), REASON (QUEUE));
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  for (guint id = 1; id <= 3; id++)
    {
      fake_runner_finish (bed.runner, id);
      settle_all (bed.store, bed.runner);
    }
  g_assert_cmpuint (ferryd_manager_get_tasks (bed.manager)->len, ==, 3);

  settle_by_clock (bed.store);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (ferryd_manager_get_tasks (bed.manager)->len, ==, 1);
  g_assert_nonnull (ferryd_manager_get_task (bed.manager, 3));
}

/* Its events outlive a task. */
static void
test_events_stay (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) removed = { FALSE };

  manager_bed_init (&bed);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (WAITING), REASON (QUEUE));
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  fake_runner_finish (bed.runner, 1);
  settle_all (bed.store, bed.runner);
  manager_bed_wish (&bed, 1, FERRYD_WISH_REMOVE, &removed);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&removed), ==, -1);
  g_assert_null (fake_store_get_task (bed.store, 1));
  g_assert_cmpuint (ferryd_session_get_events (manager_bed_get_session (&bed))->len, ==, 2);
  g_assert_cmpuint (fake_store_get_events (bed.store)->len, ==, 2);
}

/* “no task in running, none in waiting with a reason that the machine can lift” */
static void
test_idle_states (void)
{
  for (guint state = 0; state < FERRY_N_TASK_STATES; state++)
    {
      g_auto(ManagerBed) bed = { NULL };

      if (state == STATE (WAITING))
        continue;

      manager_bed_init (&bed);
      (void) manager_bed_store (&bed, "http://a.example/", state, REASON (NONE));
      manager_bed_load (&bed);
      g_assert_cmpint (ferryd_manager_is_idle (bed.manager), ==, state != STATE (RUNNING));
      settle_all (bed.store, bed.runner);
      g_assert_cmpint (ferryd_manager_is_idle (bed.manager), ==, state != STATE (RUNNING));
    }
}

/* Ends a job so that the task waits with @reason; %FALSE: no end does. */
static gboolean
come_to_wait (ManagerBed      *bed,
              FerryWaitReason  reason)
{
  static const FerrydTransferError classes[] = {
    [REASON (OFFLINE)] = FERRYD_TRANSFER_ERROR_NETWORK,
    [REASON (CAPTIVE_PORTAL)] = FERRYD_TRANSFER_ERROR_CAPTIVE_PORTAL,
    [REASON (RETRY)] = FERRYD_TRANSFER_ERROR_NETWORK,
    [REASON (DISK_FULL)] = FERRYD_TRANSFER_ERROR_DISK_FULL,
    [REASON (CREDENTIALS)] = FERRYD_TRANSFER_ERROR_CREDENTIALS,
    [REASON (TRUST)] = FERRYD_TRANSFER_ERROR_TRUST,
    [REASON (NEW_URL)] = FERRYD_TRANSFER_ERROR_NEW_URL,
    [REASON (BODY)] = 0,
  };

  if (reason != REASON (OFFLINE) && reason != REASON (RETRY) && classes[reason] == 0)
    return FALSE;

  ferryd_manager_note_network (bed->manager, reason != REASON (OFFLINE), FALSE);
  fake_runner_fail (bed->runner, 1, classes[reason]);
  settle_all (bed->store, bed->runner);
  g_assert_cmpint (ferryd_task_get_row (manager_bed_get (bed, 1))->status.reason, ==, reason);
  return TRUE;
}

static void
test_idle_reasons (void)
{
  for (guint reason = REASON (QUEUE); reason < FERRY_N_WAIT_REASONS; reason++)
    {
      g_auto(ManagerBed) bed = { NULL };

      manager_bed_init (&bed);
      (void) manager_bed_store (&bed, "http://a.example/", STATE (WAITING), REASON (QUEUE));
      manager_bed_load (&bed);
      settle_all (bed.store, bed.runner);
      if (come_to_wait (&bed, reason))
        g_assert_cmpint (ferryd_manager_is_idle (bed.manager), ==,
                         ferry_wait_reason_needs_person (reason));
    }
}

static FerrydTaskRow *
make_later_row (void)
{
  FerrydTaskRow *row = make_task_row (0, "http://a.example/", STATE (WAITING), REASON (QUEUE));

  g_clear_pointer (&row->options, g_variant_unref);
  row->options = g_variant_ref_sink (
    g_variant_new_parsed ("{'not-before': <%x>}", g_get_real_time () + G_TIME_SPAN_HOUR));
  return row;
}

/* `not-yet` and `host-limit` are the machine's too. */
static void
test_idle_not_yet (void)
{
  g_auto(ManagerBed) bed = { NULL };

  manager_bed_init (&bed);
  (void) manager_bed_store_row (&bed, make_later_row ());
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (ferryd_task_get_row (manager_bed_get (&bed, 1))->status.reason, ==,
                   REASON (NOT_YET));
  g_assert_false (ferryd_manager_is_idle (bed.manager));
}

/* Nothing is forgotten that is on its way to the disk. */
static void
test_idle_under_way (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) resumed = { FALSE };
  g_auto(Answer) finishing = { FALSE };
  Opened opened;

  manager_bed_init (&bed);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (FAILED), REASON (NONE));
  manager_bed_load (&bed);
  g_assert_true (ferryd_manager_is_idle (bed.manager));

  manager_bed_open (&bed, "org.example.App", "new", NULL, &opened);
  g_assert_false (ferryd_manager_is_idle (bed.manager));
  settle_all (bed.store, bed.runner);
  g_assert_true (ferryd_manager_is_idle (bed.manager));

  manager_bed_wish (&bed, 1, FERRYD_WISH_CANCEL, &resumed);
  g_assert_false (ferryd_manager_is_idle (bed.manager));
  settle ();
  fake_runner_grant (bed.runner, FAKE_ASK_DISCARD);
  settle ();
  g_assert_false (ferryd_manager_is_idle (bed.manager));
  fake_store_answer (bed.store);
  settle ();
  g_assert_false (ferryd_manager_is_idle (bed.manager));  /* session-finished */
  settle_all (bed.store, bed.runner);
  g_assert_true (ferryd_manager_is_idle (bed.manager));

  manager_bed_invalidate (&bed, bed.session, FALSE, &finishing);
  g_assert_false (ferryd_manager_is_idle (bed.manager));
  settle_all (bed.store, bed.runner);
  g_assert_true (ferryd_manager_is_idle (bed.manager));
}

/* “disk-full asks statvfs every 10 s”: it goes on by itself when there is room, and not before.
 * Waits for the clock. */
static void
test_room (void)
{
  g_auto(ManagerBed) bed = { NULL };
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE_S * G_USEC_PER_SEC;

  manager_bed_init (&bed);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (WAITING), REASON (QUEUE));
  (void) manager_bed_store (&bed, "http://a.example/", STATE (WAITING), REASON (QUEUE));
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  fake_runner_fail (bed.runner, 1, FERRYD_TRANSFER_ERROR_DISK_FULL);
  fake_runner_fail (bed.runner, 2, FERRYD_TRANSFER_ERROR_DISK_FULL);
  settle_all (bed.store, bed.runner);
  while (fake_runner_get_n_asking (bed.runner, FAKE_ASK_ROOM) < 2)
    {
      (void) g_main_context_iteration (NULL, TRUE);  /* the time brings it */
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }

  fake_runner_refuse (bed.runner, FAKE_ASK_ROOM, FERRY_ERROR_DISK_FULL);
  fake_runner_grant (bed.runner, FAKE_ASK_ROOM);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (manager_bed_get_state (&bed, 1), ==, STATE (WAITING));
  g_assert_cmpint (manager_bed_get_state (&bed, 2), ==, STATE (RUNNING));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/history/prune", test_prune);
  g_test_add_func ("/history/prune-after-end", test_prune_after_end);
  g_test_add_func ("/history/events-stay", test_events_stay);
  g_test_add_func ("/idle/states", test_idle_states);
  g_test_add_func ("/idle/reasons", test_idle_reasons);
  g_test_add_func ("/idle/not-yet", test_idle_not_yet);
  g_test_add_func ("/idle/under-way", test_idle_under_way);
  g_test_add_func ("/room/looks", test_room);

  return g_test_run ();
}
