/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Trying again, the network, and the time that a task has as a whole (§4, §6 “Retry”). */
#include "config.h"

#include "manager-bed.h"

#define STATE(name) FERRY_TASK_STATE_##name
#define BUS_ERROR(name) FERRY_SERVICE_ID ".Error." name

static const FerrydTaskStatus *
get_status (ManagerBed *bed,
            gint64      id)
{
  return &ferryd_task_get_row (manager_bed_get (bed, id))->status;
}

static void
come_to_running (ManagerBed *bed,
                 const char *configuration)
{
  manager_bed_init_with (bed, configuration);
  (void) manager_bed_store (bed, "http://a.example/", STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  manager_bed_load (bed);
  settle_all (bed->store, bed->runner);
  g_assert_true (fake_runner_has_job (bed->runner, 1));
}

/* A task that waits for another try at @retry_at, for an error. */
static FerrydTaskRow *
make_retry_row (gint64      retry_at,
                const char *error_name)
{
  FerrydTaskRow *row = make_task_row (0, "http://a.example/", STATE (WAITING),
                                      FERRY_WAIT_REASON_RETRY);

  row->status.retry_at = retry_at;
  row->status.attempts = 3;
  row->status.error_name = g_strdup (error_name);
  row->status.error_message = g_strdup ("message");
  return row;
}

/* “exponential back-off …, 1 s to 4 min, reset when bytes were won”: the alarm goes by itself.
 * Waits for the clock. */
static void
test_retry (void)
{
  g_auto(ManagerBed) bed = { NULL };
  gint64 before = g_get_real_time ();

  come_to_running (&bed, NULL);
  fake_runner_fail (bed.runner, 1, FERRYD_TRANSFER_ERROR_NETWORK);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (get_status (&bed, 1)->state, ==, STATE (WAITING));
  g_assert_cmpint (get_status (&bed, 1)->reason, ==, FERRY_WAIT_REASON_RETRY);
  g_assert_cmpuint (get_status (&bed, 1)->attempts, ==, 1);
  g_assert_cmpint (get_status (&bed, 1)->retry_at, >=, before);
  g_assert_cmpint (get_status (&bed, 1)->retry_at, <=, g_get_real_time () + G_USEC_PER_SEC);
  assert_saved (bed.store, manager_bed_get (&bed, 1));
  g_assert_cmpint (fake_store_get_status (bed.store, 1)->retry_at, ==,
                   get_status (&bed, 1)->retry_at);
  g_assert_false (ferryd_manager_is_idle (bed.manager));

  settle_by_clock (bed.store);
  g_assert_cmpint (g_get_real_time (), >=, get_status (&bed, 1)->retry_at);
  settle_all (bed.store, bed.runner);
  g_assert_true (fake_runner_has_job (bed.runner, 1));
  g_assert_cmpint (get_status (&bed, 1)->retry_at, ==, 0);
}

static void
test_attempts (void)
{
  static const struct
  {
    gboolean wins;
    guint    attempts;
  } runs[] = { { FALSE, 1 }, { FALSE, 2 }, { FALSE, 3 }, { TRUE, 1 }, { FALSE, 2 } };
  g_auto(ManagerBed) bed = { NULL };

  come_to_running (&bed, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      if (runs[i].wins)
        atomic_store (&fake_runner_get_counters (bed.runner, 1)->moved, 1);
      fake_runner_fail (bed.runner, 1, FERRYD_TRANSFER_ERROR_NETWORK);
      settle_all (bed.store, bed.runner);
      g_assert_cmpuint (get_status (&bed, 1)->attempts, ==, runs[i].attempts);

      /* The network changes: no need to wait. */
      ferryd_manager_note_network (bed.manager, TRUE, FALSE);
      settle_all (bed.store, bed.runner);
      g_assert_true (fake_runner_has_job (bed.runner, 1));
    }
}

/* Whoever asks for it now, gets it now, and the count begins anew. */
static void
test_resume_now (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) answer = { FALSE };

  manager_bed_init (&bed);
  (void) manager_bed_store_row (&bed, make_retry_row (g_get_real_time () + G_TIME_SPAN_HOUR,
                                                      BUS_ERROR ("Server")));
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  g_assert_false (fake_runner_has_job (bed.runner, 1));

  manager_bed_wish (&bed, 1, FERRYD_WISH_RESUME, &answer);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&answer), ==, -1);
  g_assert_true (fake_runner_has_job (bed.runner, 1));
  g_assert_cmpuint (get_status (&bed, 1)->attempts, ==, 0);
}

/* A time that is ahead still holds after a restart, with its error; one that is over does not. */
static void
test_load (void)
{
  g_auto(ManagerBed) bed = { NULL };
  gint64 ahead = g_get_real_time () + G_TIME_SPAN_HOUR;

  manager_bed_init (&bed);
  (void) manager_bed_store_row (&bed, make_retry_row (ahead, BUS_ERROR ("Server")));
  (void) manager_bed_store_row (&bed, make_retry_row (g_get_real_time () - 1,
                                                      BUS_ERROR ("Server")));
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  g_assert_false (fake_runner_has_job (bed.runner, 1));
  g_assert_cmpint (get_status (&bed, 1)->retry_at, ==, ahead);
  g_assert_cmpint (get_status (&bed, 1)->reason, ==, FERRY_WAIT_REASON_RETRY);
  g_assert_cmpuint (get_status (&bed, 1)->attempts, ==, 3);
  g_assert_cmpstr (get_status (&bed, 1)->error_name, ==, BUS_ERROR ("Server"));
  g_assert_true (fake_runner_has_job (bed.runner, 2));
}

/* What waits, and which word of the monitor's lets it go on. */
static const struct
{
  FerryWaitReason  reason;
  const char      *error_name;
  gboolean         available;
  gboolean         behind_portal;
  gboolean         goes_on;
} words[] = {
  { FERRY_WAIT_REASON_OFFLINE, BUS_ERROR ("Network"), TRUE, FALSE, TRUE },
  { FERRY_WAIT_REASON_OFFLINE, BUS_ERROR ("Network"), TRUE, TRUE, TRUE },
  { FERRY_WAIT_REASON_OFFLINE, BUS_ERROR ("Network"), FALSE, FALSE, FALSE },
  { FERRY_WAIT_REASON_CAPTIVE_PORTAL, BUS_ERROR ("Network"), TRUE, FALSE, TRUE },
  { FERRY_WAIT_REASON_CAPTIVE_PORTAL, BUS_ERROR ("Network"), TRUE, TRUE, FALSE },
  { FERRY_WAIT_REASON_CAPTIVE_PORTAL, BUS_ERROR ("Network"), FALSE, FALSE, FALSE },
  { FERRY_WAIT_REASON_RETRY, BUS_ERROR ("Network"), TRUE, FALSE, TRUE },
  { FERRY_WAIT_REASON_RETRY, BUS_ERROR ("Timeout"), TRUE, FALSE, TRUE },
  { FERRY_WAIT_REASON_RETRY, BUS_ERROR ("Network"), FALSE, FALSE, FALSE },
  { FERRY_WAIT_REASON_RETRY, BUS_ERROR ("Server"), TRUE, FALSE, FALSE },
  { FERRY_WAIT_REASON_RETRY, BUS_ERROR ("Store"), TRUE, FALSE, FALSE },
  { FERRY_WAIT_REASON_TRUST, BUS_ERROR ("Trust"), TRUE, FALSE, FALSE },
  { FERRY_WAIT_REASON_DISK_FULL, BUS_ERROR ("DiskFull"), TRUE, FALSE, FALSE },
};

/* The class of error that makes a task wait for @reason. */
static FerrydTransferError
get_class (FerryWaitReason  reason,
           const char      *error_name)
{
  if (reason == FERRY_WAIT_REASON_CAPTIVE_PORTAL)
    return FERRYD_TRANSFER_ERROR_CAPTIVE_PORTAL;
  if (reason == FERRY_WAIT_REASON_TRUST)
    return FERRYD_TRANSFER_ERROR_TRUST;
  if (reason == FERRY_WAIT_REASON_DISK_FULL)
    return FERRYD_TRANSFER_ERROR_DISK_FULL;
  if (g_str_equal (error_name, BUS_ERROR ("Store")))
    return FERRYD_TRANSFER_ERROR_STORE;

  return g_str_equal (error_name, BUS_ERROR ("Server")) ? FERRYD_TRANSFER_ERROR_SERVER
                                                        : FERRYD_TRANSFER_ERROR_NETWORK;
}

/* “a network failure while it says unavailable becomes offline and is tried again on its
 * change”; “at once when the network comes back” */
static void
test_words (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_auto(ManagerBed) bed = { NULL };
      gboolean is_offline = words[i].reason == FERRY_WAIT_REASON_OFFLINE;
      FerrydTransferError code = get_class (words[i].reason, words[i].error_name);
      FerrydOutcome *outcome = fake_outcome_new (code, FERRYD_CAUSE_NONE);

      g_test_message ("row %u", i);
      come_to_running (&bed, NULL);
      ferryd_manager_note_network (bed.manager, !is_offline,
                                   words[i].reason == FERRY_WAIT_REASON_CAPTIVE_PORTAL);
      outcome->status = code == FERRYD_TRANSFER_ERROR_SERVER ? 503 : 0;
      if (g_str_equal (words[i].error_name, BUS_ERROR ("Timeout")))
        outcome->cause = FERRYD_CAUSE_REQUEST_TIMEOUT;
      fake_runner_end (bed.runner, 1, outcome);
      settle_all (bed.store, bed.runner);
      g_assert_cmpint (get_status (&bed, 1)->reason, ==, words[i].reason);
      g_assert_cmpstr (get_status (&bed, 1)->error_name, ==, words[i].error_name);

      ferryd_manager_note_network (bed.manager, words[i].available, words[i].behind_portal);
      settle_all (bed.store, bed.runner);
      g_assert_cmpint (fake_runner_has_job (bed.runner, 1), ==, words[i].goes_on);
    }
}

/* “the monitor never stops an attempt (a LAN needs no default route)” */
static void
test_start_unavailable (void)
{
  g_auto(ManagerBed) bed = { NULL };

  come_to_running (&bed, NULL);
  ferryd_manager_note_network (bed.manager, FALSE, FALSE);
  manager_bed_add (&bed, "http://a.example/", STATE (WAITING));
  settle_all (bed.store, bed.runner);
  g_assert_true (fake_runner_has_job (bed.runner, 2));
  g_assert_cmpint (fake_runner_get_cause (bed.runner, 1), ==, FERRYD_CAUSE_NONE);
}

/* “going on within a second of the network's return”: a job that has been silent talks to nobody;
 * one that waits for the disk, or has all its bytes, does not talk. */
static void
test_silent_jobs (void)
{
  static const struct
  {
    FerrydPhase phase;
    gint64      silent_s;  /* −1: it is not the server that is waited for */
    gboolean    restarts;
  } jobs[] = {
    { FERRYD_PHASE_CONNECTING, 5, TRUE },     { FERRYD_PHASE_TRANSFERRING, 5, TRUE },
    { FERRYD_PHASE_TRANSFERRING, 0, FALSE },  { FERRYD_PHASE_TRANSFERRING, -1, FALSE },
    { FERRYD_PHASE_CHECKING, 5, FALSE },      { FERRYD_PHASE_PUBLISHING, 5, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (jobs); i++)
    {
      g_auto(ManagerBed) bed = { NULL };
      gint64 active_at = g_get_monotonic_time () - jobs[i].silent_s * G_USEC_PER_SEC;
      FerrydTally *tally;

      come_to_running (&bed, NULL);
      tally = fake_runner_get_counters (bed.runner, 1);
      atomic_store (&tally->phase, jobs[i].phase);
      atomic_store (&tally->active_at, jobs[i].silent_s >= 0 ? active_at : 0);
      ferryd_manager_note_network (bed.manager, FALSE, FALSE);
      g_assert_cmpint (fake_runner_get_cause (bed.runner, 1), ==, FERRYD_CAUSE_NONE);
      ferryd_manager_note_network (bed.manager, TRUE, FALSE);
      g_assert_cmpint (fake_runner_get_cause (bed.runner, 1), ==,
                       jobs[i].restarts ? FERRYD_CAUSE_RESTART : FERRYD_CAUSE_NONE);
      if (!jobs[i].restarts)
        continue;

      fake_runner_obey (bed.runner, 1);
      settle_all (bed.store, bed.runner);
      g_assert_true (fake_runner_has_job (bed.runner, 1));
    }
}

/* A change without a break: a job gets time to show that it lives. Waits for the clock. */
static void
test_doubtful_job (void)
{
  g_auto(ManagerBed) bed = { NULL };
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE_S * G_USEC_PER_SEC;
  FerrydTally *tally;

  come_to_running (&bed, NULL);
  manager_bed_add (&bed, "http://b.example/", STATE (WAITING));
  settle_all (bed.store, bed.runner);
  tally = fake_runner_get_counters (bed.runner, 1);
  atomic_store (&tally->active_at, g_get_monotonic_time () - G_USEC_PER_SEC);
  tally = fake_runner_get_counters (bed.runner, 2);
  ferryd_manager_note_network (bed.manager, TRUE, FALSE);
  ferryd_tally_touch (tally);
  g_assert_cmpint (fake_runner_get_cause (bed.runner, 1), ==, FERRYD_CAUSE_NONE);

  while (fake_runner_get_cause (bed.runner, 1) == FERRYD_CAUSE_NONE)
    {
      (void) g_main_context_iteration (NULL, TRUE);  /* a tick, or the time */
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
  g_assert_cmpint (fake_runner_get_cause (bed.runner, 1), ==, FERRYD_CAUSE_RESTART);
  g_assert_cmpint (fake_runner_get_cause (bed.runner, 2), ==, FERRYD_CAUSE_NONE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/network/retry", test_retry);
  g_test_add_func ("/network/attempts", test_attempts);
  g_test_add_func ("/network/resume-now", test_resume_now);
  g_test_add_func ("/network/load", test_load);
  g_test_add_func ("/network/words", test_words);
  g_test_add_func ("/network/start-unavailable", test_start_unavailable);
  g_test_add_func ("/network/silent-jobs", test_silent_jobs);
  g_test_add_func ("/network/doubtful-job", test_doubtful_job);

  return g_test_run ();
}
