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
  fake_runner_grant (bed.runner, FAKE_ASK_DISCARD);
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

/* Everything that can be under way, and in which state it begins. */
typedef enum
{
  MOVE_SUSPEND,
  MOVE_CANCEL,
  MOVE_CANCEL_KEEPING,
  MOVE_REMOVE,
  MOVE_REMOVE_FILES,
  MOVE_PRIORITY,
  MOVE_URL,
  MOVE_PATH,
  MOVE_KEY,
  MOVE_SECRETS,
  MOVE_INVALIDATE,
  MOVE_ACKNOWLEDGE,
} Move;

static const struct
{
  Move            move;
  FerryTaskState  state;
  FerryWaitReason reason;
} moves[] = {
  { MOVE_SUSPEND, STATE (WAITING), FERRY_WAIT_REASON_TRUST },
  { MOVE_CANCEL, STATE (WAITING), FERRY_WAIT_REASON_TRUST },
  { MOVE_CANCEL_KEEPING, STATE (FAILED), FERRY_WAIT_REASON_NONE },
  { MOVE_CANCEL_KEEPING, STATE (WAITING), FERRY_WAIT_REASON_QUEUE },
  { MOVE_REMOVE, STATE (FINISHED), FERRY_WAIT_REASON_NONE },
  { MOVE_REMOVE, STATE (SUSPENDED), FERRY_WAIT_REASON_NONE },
  { MOVE_REMOVE, STATE (WAITING), FERRY_WAIT_REASON_QUEUE },
  { MOVE_REMOVE_FILES, STATE (FINISHED), FERRY_WAIT_REASON_NONE },
  { MOVE_PRIORITY, STATE (WAITING), FERRY_WAIT_REASON_QUEUE },
  { MOVE_URL, STATE (WAITING), FERRY_WAIT_REASON_NEW_URL },
  { MOVE_PATH, STATE (WAITING), FERRY_WAIT_REASON_TRUST },
  { MOVE_PATH, STATE (FAILED), FERRY_WAIT_REASON_NONE },
  { MOVE_KEY, STATE (FAILED), FERRY_WAIT_REASON_NONE },
  { MOVE_SECRETS, STATE (WAITING), FERRY_WAIT_REASON_CREDENTIALS },
  { MOVE_INVALIDATE, STATE (WAITING), FERRY_WAIT_REASON_QUEUE },
  { MOVE_INVALIDATE, STATE (SUSPENDED), FERRY_WAIT_REASON_NONE },
  { MOVE_ACKNOWLEDGE, STATE (SUSPENDED), FERRY_WAIT_REASON_NONE },
};

static void
edited_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Answer *answer = user_data;

  answer->has_come = TRUE;
  (void) ferryd_task_edit_finish (FERRYD_TASK (object), result, &answer->error);  /* it says */
}

static void
key_made_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  Answer *answer = user_data;
  g_autoptr(GBytes) key = ferryd_task_produce_resume_key_finish (FERRYD_TASK (object), result,
                                                                 &answer->error);

  answer->has_come = TRUE;
}

static void
begin_edit (ManagerBed *bed,
            Move        move,
            Answer     *answer)
{
  FerrydTaskEdit edit = { .what = FERRYD_TASK_PRIORITY, .priority = 1 };

  edit.url = (char *) "http://b.example/";
  edit.folder = (char *) "/new";
  if (move != MOVE_PRIORITY)
    edit.what = move == MOVE_URL ? FERRYD_TASK_URL : FERRYD_TASK_PATH;
  ferryd_task_edit_async (manager_bed_get (bed, 1), &edit, edited_cb, answer);
}

static void
begin_move (ManagerBed *bed,
            Move        move,
            Answer     *answer,
            Opened     *opened)
{
  static const FerrydWish wishes[] = {
    [MOVE_SUSPEND] = FERRYD_WISH_SUSPEND,
    [MOVE_CANCEL] = FERRYD_WISH_CANCEL,
    [MOVE_CANCEL_KEEPING] = FERRYD_WISH_CANCEL_KEEPING,
    [MOVE_REMOVE] = FERRYD_WISH_REMOVE,
    [MOVE_REMOVE_FILES] = FERRYD_WISH_REMOVE_FILES,
  };

  if (move <= MOVE_REMOVE_FILES)
    manager_bed_wish (bed, 1, wishes[move], answer);
  else if (move == MOVE_KEY)
    ferryd_task_produce_resume_key_async (manager_bed_get (bed, 1), key_made_cb, answer);
  else if (move == MOVE_SECRETS)
    manager_bed_open (bed, "org.example.App", "stored", "{'X-Key': 'v'}", opened);
  else if (move == MOVE_INVALIDATE)
    manager_bed_invalidate (bed, bed->session, TRUE, answer);
  else if (move == MOVE_ACKNOWLEDGE)
    manager_bed_acknowledge (bed, bed->session, 1, answer);
  else
    begin_edit (bed, move, answer);
}

/* One thing that somebody answers, or ends. Returns whether there was any. */
static gboolean
take_a_step (ManagerBed *bed)
{
  if (fake_store_get_n_waiting (bed->store) > 0)
    fake_store_answer (bed->store);
  else if (fake_runner_get_n_waiting (bed->runner) > 0)
    fake_runner_grant_next (bed->runner);
  else if (fake_runner_has_job (bed->runner, 1) &&
           fake_runner_get_cause (bed->runner, 1) != FERRYD_CAUSE_NONE)
    fake_runner_obey (bed->runner, 1);
  else
    return FALSE;

  settle ();
  return TRUE;
}

static void
check_move (guint place,
            guint n_steps)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) answer = { FALSE };
  Opened opened = { FALSE };
  FerrydTaskRow *row = make_task_row (0, "http://a.example/", moves[place].state,
                                      moves[place].reason);
  gboolean is_done;

  g_test_message ("move %u, %u steps", place, n_steps);
  manager_bed_init (&bed);
  give_part (row);
  (void) manager_bed_store_row (&bed, row);
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  begin_move (&bed, moves[place].move, &answer, &opened);
  settle ();
  for (guint i = 0; i < n_steps; i++)
    (void) take_a_step (&bed);  /* all of them, or as many as there are */
  manager_bed_leave (&bed, &is_done);
  settle ();
  while (take_a_step (&bed))
    ;

  assert_left (&bed, is_done);
  g_assert_true (answer.has_come || opened.has_come);
  if (ferryd_manager_get_task (bed.manager, 1) != NULL)
    assert_saved (bed.store, manager_bed_get (&bed, 1));
  else
    g_assert_null (fake_store_get_task (bed.store, 1));
}

/* In the midst of everything that has steps: it is done to its end, or not begun. */
static void
test_moves (void)
{
  for (guint place = 0; place < G_N_ELEMENTS (moves); place++)
    {
      for (guint n_steps = 0; n_steps < 6; n_steps++)
        check_move (place, n_steps);
    }
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
  g_test_add_func ("/leaving/moves", test_moves);

  return g_test_run ();
}
