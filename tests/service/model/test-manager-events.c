/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “Events are rows with a serial before they are signalled, until acknowledged” (§5, `GetEvents`,
 * `DidFinishEvents`). */
#include "config.h"

#include "manager-bed.h"

#define STATE(name) FERRY_TASK_STATE_##name

/* How a job ends, and what its owner hears. */
typedef struct
{
  FerrydTransferError  code;
  const char          *event;  /* NULL: none */
  const char          *error;  /* in its details. NULL: none */
} End;

static const End ends[] = {
  { FERRYD_TRANSFER_ERROR_NETWORK, NULL, NULL },
  { FERRYD_TRANSFER_ERROR_TRUNCATED, NULL, NULL },
  { FERRYD_TRANSFER_ERROR_SERVER, "failed", "Server" },
  { FERRYD_TRANSFER_ERROR_TRUST, NULL, NULL },
  { FERRYD_TRANSFER_ERROR_CREDENTIALS, NULL, NULL },
  { FERRYD_TRANSFER_ERROR_NEW_URL, "new-url", "Server" },
  { FERRYD_TRANSFER_ERROR_CAPTIVE_PORTAL, NULL, NULL },
  { FERRYD_TRANSFER_ERROR_DISK_FULL, NULL, NULL },
  { FERRYD_TRANSFER_ERROR_CHANGED, "failed", "Changed" },
  { FERRYD_TRANSFER_ERROR_DIGEST, "failed", "Digest" },
  { FERRYD_TRANSFER_ERROR_FOLDER, "failed", "NotAllowed" },
  { FERRYD_TRANSFER_ERROR_STORE, NULL, NULL },
};

static GPtrArray *
get_pending (ManagerBed *bed)
{
  return ferryd_session_get_events (manager_bed_get_session (bed));
}

static void
come_to_running (ManagerBed *bed,
                 guint       n)
{
  manager_bed_init (bed);
  for (guint i = 0; i < n; i++)
    (void) manager_bed_store (bed, "http://a.example/", STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  manager_bed_load (bed);
  settle_all (bed->store, bed->runner);
  g_assert_cmpuint (fake_runner_get_n_starts (bed->runner), ==, n);
}

static void
check_end (const End *end)
{
  g_auto(ManagerBed) bed = { NULL };
  GPtrArray *events;

  come_to_running (&bed, 1);
  events = fake_store_get_events (bed.store);
  fake_runner_fail (bed.runner, 1, end->code);
  settle ();
  g_assert_cmpuint (events->len, ==, 0);
  g_assert_cmpuint (get_pending (&bed)->len, ==, 0);
  manager_bed_assert_log (&bed, "");

  fake_store_answer (bed.store);
  settle ();
  g_assert_cmpuint (events->len, ==, end->event != NULL);
  g_assert_cmpuint (get_pending (&bed)->len, ==, end->event != NULL);
  if (end->event != NULL)
    {
      const FerrydEvent *event = get_pending (&bed)->pdata[0];
      const FerrydEvent *saved = events->pdata[0];
      g_autofree char *wanted = g_strconcat (FERRY_SERVICE_ID ".Error.", end->error, NULL);
      const char *name = NULL;
      const char *message = NULL;

      g_assert_cmpstr (event->kind, ==, end->event);
      g_assert_cmpint (event->serial, ==, 1);
      g_assert_true (g_variant_lookup (event->details, "error", "(&s&s)", &name, &message));
      g_assert_cmpstr (name, ==, wanted);
      g_assert_cmpstr (saved->kind, ==, end->event);
      g_assert_true (g_variant_equal (saved->details, event->details));
    }
  settle_all (bed.store, bed.runner);
}

static void
test_ends (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    check_end (&ends[i]);
}

/* With the path, which is text, whatever the bytes of the file's name are. */
static void
test_finished (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_autoptr(FerrydKept) kept = ferryd_kept_new ();
  const FerrydEvent *event;
  const char *path;

  come_to_running (&bed, 1);
  kept->final_name = g_strdup ("na\xefve");
  ferryd_runner_emit_noted (FERRYD_RUNNER (bed.runner), 1, kept);
  fake_runner_finish (bed.runner, 1);
  settle_all (bed.store, bed.runner);
  manager_bed_assert_log (&bed, "t1:finished#1;s1:session-finished#2;");
  event = get_pending (&bed)->pdata[0];
  g_assert_true (g_variant_lookup (event->details, "path", "&s", &path));
  g_assert_true (g_str_has_prefix (path, "/nowhere/na"));
  g_assert_true (g_utf8_validate (path, -1, NULL));
}

/* Both or nothing: what could not be written is not told. Waits for the clock. */
static void
test_refused (void)
{
  g_auto(ManagerBed) bed = { NULL };

  come_to_running (&bed, 1);
  fake_runner_finish (bed.runner, 1);
  settle ();
  g_test_expect_message ("ferryd-task", G_LOG_LEVEL_WARNING, "*could not be written*");
  fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
  settle ();
  g_test_assert_expected_messages ();
  manager_bed_assert_log (&bed, "");
  g_assert_cmpuint (get_pending (&bed)->len, ==, 0);

  settle_by_clock (bed.store);
  settle_all (bed.store, bed.runner);
  manager_bed_assert_log (&bed, "t1:finished#1;s1:session-finished#2;");
}

/* Written once, when nothing moves on by itself any more. */
static void
test_session_finished (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) cancelled = { FALSE };
  const FerrydEvent *event;
  guint finished, failed, n_cancelled;

  manager_bed_init (&bed);
  for (guint i = 0; i < 5; i++)
    (void) manager_bed_store (&bed, "http://a.example/", STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (SUSPENDED), FERRY_WAIT_REASON_NONE);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (WAITING), FERRY_WAIT_REASON_TRUST);
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  manager_bed_assert_log (&bed, "");

  fake_runner_finish (bed.runner, 1);
  fake_runner_finish (bed.runner, 2);
  fake_runner_fail (bed.runner, 3, FERRYD_TRANSFER_ERROR_DIGEST);
  manager_bed_wish (&bed, 4, FERRYD_WISH_CANCEL, &cancelled);
  fake_runner_obey (bed.runner, 4);
  settle_all (bed.store, bed.runner);
  manager_bed_assert_log (&bed, "t1:finished#1;t2:finished#2;t3:failed#3;t4:cancelled#4;");

  /* One that the machine will lift is waited for. */
  fake_runner_fail (bed.runner, 5, FERRYD_TRANSFER_ERROR_DISK_FULL);
  settle_all (bed.store, bed.runner);
  manager_bed_assert_log (&bed, "");
  g_clear_error (&cancelled.error);
  cancelled.has_come = FALSE;
  manager_bed_wish (&bed, 5, FERRYD_WISH_SUSPEND, &cancelled);
  settle_all (bed.store, bed.runner);
  manager_bed_assert_log (&bed, "s1:session-finished#5;");

  event = get_pending (&bed)->pdata[4];
  g_assert_true (g_variant_lookup (event->details, "finished", "u", &finished));
  g_assert_true (g_variant_lookup (event->details, "failed", "u", &failed));
  g_assert_true (g_variant_lookup (event->details, "cancelled", "u", &n_cancelled));
  g_assert_cmpuint (finished, ==, 2);
  g_assert_cmpuint (failed, ==, 1);
  g_assert_cmpuint (n_cancelled, ==, 1);
}

static void
assert_harvest (const FerrydEvent *event,
                guint              wanted)
{
  guint finished;

  g_assert_cmpstr (event->kind, ==, FERRYD_EVENT_SESSION_FINISHED);
  g_assert_true (g_variant_lookup (event->details, "finished", "u", &finished));
  g_assert_cmpuint (finished, ==, wanted);
}

/* Each tells of those since the one before. */
static void
test_session_finished_again (void)
{
  g_auto(ManagerBed) bed = { NULL };

  come_to_running (&bed, 2);
  fake_runner_finish (bed.runner, 1);
  fake_runner_finish (bed.runner, 2);
  settle_all (bed.store, bed.runner);
  manager_bed_add (&bed, "http://a.example/", STATE (WAITING));
  settle_all (bed.store, bed.runner);
  fake_runner_finish (bed.runner, 3);
  settle_all (bed.store, bed.runner);
  manager_bed_assert_log (&bed, "t1:finished#1;t2:finished#2;s1:session-finished#3;+t3;"
                                "t3:finished#4;s1:session-finished#5;");
  assert_harvest (get_pending (&bed)->pdata[2], 2);
  assert_harvest (get_pending (&bed)->pdata[4], 1);
}

/* One whose end comes to the disk while another is being told is told the next time. */
static void
test_end_while_telling (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) cancelled = { FALSE };

  manager_bed_init (&bed);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (FAILED), FERRY_WAIT_REASON_NONE);
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  fake_runner_finish (bed.runner, 1);
  manager_bed_wish (&bed, 2, FERRYD_WISH_CANCEL, &cancelled);
  settle ();
  fake_runner_grant (bed.runner, FAKE_ASK_DISCARD);
  settle ();
  fake_store_answer (bed.store);
  settle ();
  g_assert_cmpuint (fake_store_get_n_waiting (bed.store), ==, 2);
  settle_all (bed.store, bed.runner);
  manager_bed_assert_log (&bed, "t1:finished#1;t2:cancelled#2;s1:session-finished#3;"
                                "s1:session-finished#4;");
  assert_harvest (get_pending (&bed)->pdata[2], 1);
  assert_harvest (get_pending (&bed)->pdata[3], 0);
}

/* A session that nothing has ended in says nothing: not when it is loaded, not when a task of it
 * is suspended or removed. */
static void
test_untouched (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) suspended = { FALSE };
  g_auto(Answer) removed = { FALSE };

  manager_bed_init (&bed);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (FINISHED), FERRY_WAIT_REASON_NONE);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (WAITING), FERRY_WAIT_REASON_RETRY);
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  manager_bed_wish (&bed, 2, FERRYD_WISH_SUSPEND, &suspended);
  settle ();
  fake_runner_obey (bed.runner, 2);
  manager_bed_wish (&bed, 1, FERRYD_WISH_REMOVE, &removed);
  settle_all (bed.store, bed.runner);
  manager_bed_assert_log (&bed, "-t1;");
}

/* Waits for the clock. */
static void
test_session_finished_refused (void)
{
  g_auto(ManagerBed) bed = { NULL };

  come_to_running (&bed, 1);
  fake_runner_finish (bed.runner, 1);
  settle ();
  fake_store_answer (bed.store);
  settle ();
  fake_store_refuse (bed.store, FERRY_ERROR_STORE);
  settle ();
  manager_bed_assert_log (&bed, "t1:finished#1;");
  g_assert_false (ferryd_manager_is_idle (bed.manager));
  g_assert_cmpuint (fake_store_get_n_waiting (bed.store), ==, 0);

  settle_by_clock (bed.store);
  settle_all (bed.store, bed.runner);
  manager_bed_assert_log (&bed, "s1:session-finished#2;");
  assert_harvest (get_pending (&bed)->pdata[1], 1);
}

static void
store_event (ManagerBed *bed,
             gint64      task_id,
             const char *kind)
{
  (void) fake_store_take_event (bed->store, ferryd_event_new (bed->session, task_id, kind, NULL));
}

/* So many have finished since it was last told, before the service began. */
static void
store_harvest (ManagerBed *bed,
               int         finished)
{
  FerrydSessionRow *row = (FerrydSessionRow *) fake_store_get_session (bed->store, bed->session);

  row->harvest.finished = finished;
}

/* Pending ones are there again, and an end that no `session-finished` has followed is told. */
static void
test_load (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) answer = { FALSE };

  manager_bed_init (&bed);
  for (guint i = 0; i < 3; i++)
    (void) manager_bed_store (&bed, "http://a.example/", STATE (FINISHED), FERRY_WAIT_REASON_NONE);
  store_event (&bed, 1, "finished");
  store_event (&bed, 0, "session-finished");
  store_event (&bed, 2, "finished");
  store_event (&bed, 3, "finished");
  store_harvest (&bed, 2);
  manager_bed_load (&bed);
  g_assert_cmpuint (get_pending (&bed)->len, ==, 4);
  settle_all (bed.store, bed.runner);
  manager_bed_assert_log (&bed, "s1:session-finished#5;");
  assert_harvest (get_pending (&bed)->pdata[4], 2);
  for (guint i = 0; i < 5; i++)
    g_assert_cmpint (((FerrydEvent *) get_pending (&bed)->pdata[i])->serial, ==, i + 1);
}

static void
test_load_told (void)
{
  g_auto(ManagerBed) bed = { NULL };

  manager_bed_init (&bed);
  store_event (&bed, 1, "finished");
  store_event (&bed, 0, "session-finished");
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  manager_bed_assert_log (&bed, "");
}

/* The same where its owner has acknowledged all that ended. */
static void
test_load_acknowledged (void)
{
  g_auto(ManagerBed) bed = { NULL };

  manager_bed_init (&bed);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (FINISHED), FERRY_WAIT_REASON_NONE);
  store_harvest (&bed, 1);
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  manager_bed_assert_log (&bed, "s1:session-finished#1;");
  assert_harvest (get_pending (&bed)->pdata[0], 1);
  g_assert_cmpint (fake_store_get_session (bed.store, bed.session)->harvest.finished, ==, 0);
}

/* One that finished before the service ended, and was acknowledged, is counted with one after. */
static void
test_load_between (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) answer = { FALSE };

  come_to_running (&bed, 2);
  fake_runner_finish (bed.runner, 1);
  settle_all (bed.store, bed.runner);
  manager_bed_acknowledge (&bed, bed.session, 1, &answer);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (fake_store_get_events (bed.store)->len, ==, 0);
  manager_bed_assert_log (&bed, "t1:finished#1;");

  manager_bed_restart (&bed);
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  manager_bed_assert_log (&bed, "");
  fake_runner_finish (bed.runner, 2);
  settle_all (bed.store, bed.runner);
  manager_bed_assert_log (&bed, "t2:finished#2;s1:session-finished#3;");
  assert_harvest (get_pending (&bed)->pdata[1], 2);
}

/* “AcknowledgeEvents (all up to and including)” */
static void
test_acknowledge (void)
{
  static const struct
  {
    gint64 serial;
    guint  n_left;
  } cases[] = { { 0, 4 }, { 2, 2 }, { 1, 2 }, { 3, 1 }, { 99, 0 }, { 99, 0 } };
  g_auto(ManagerBed) bed = { NULL };

  come_to_running (&bed, 3);
  for (guint id = 1; id <= 3; id++)
    fake_runner_finish (bed.runner, id);
  settle_all (bed.store, bed.runner);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto(Answer) answer = { FALSE };
      guint before = get_pending (&bed)->len;

      manager_bed_acknowledge (&bed, bed.session, cases[i].serial, &answer);
      settle ();
      g_assert_false (answer.has_come);
      g_assert_cmpuint (get_pending (&bed)->len, ==, before);
      settle_all (bed.store, bed.runner);
      g_assert_cmpint (answer_get_code (&answer), ==, -1);
      g_assert_cmpuint (get_pending (&bed)->len, ==, cases[i].n_left);
      g_assert_cmpuint (fake_store_get_events (bed.store)->len, ==, cases[i].n_left);
    }
}

static void
test_acknowledge_refused (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) answer = { FALSE };

  come_to_running (&bed, 1);
  fake_runner_finish (bed.runner, 1);
  settle_all (bed.store, bed.runner);
  manager_bed_acknowledge (&bed, bed.session, 2, &answer);
  fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
  settle ();
  g_assert_cmpint (answer_get_code (&answer), ==, FERRY_ERROR_DISK_FULL);
  g_assert_cmpuint (get_pending (&bed)->len, ==, 2);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/events/ends", test_ends);
  g_test_add_func ("/events/finished", test_finished);
  g_test_add_func ("/events/refused", test_refused);
  g_test_add_func ("/events/session-finished", test_session_finished);
  g_test_add_func ("/events/session-finished-again", test_session_finished_again);
  g_test_add_func ("/events/end-while-telling", test_end_while_telling);
  g_test_add_func ("/events/untouched", test_untouched);
  g_test_add_func ("/events/session-finished-refused", test_session_finished_refused);
  g_test_add_func ("/events/load", test_load);
  g_test_add_func ("/events/load-told", test_load_told);
  g_test_add_func ("/events/load-acknowledged", test_load_acknowledged);
  g_test_add_func ("/events/load-between", test_load_between);
  g_test_add_func ("/events/acknowledge", test_acknowledge);
  g_test_add_func ("/events/acknowledge-refused", test_acknowledge_refused);

  return g_test_run ();
}
