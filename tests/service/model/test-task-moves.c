/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves that meet: with each other, with a job's end, with a store that fails. */
#include "config.h"

#include "task-bed.h"

#define STATE(name) FERRY_TASK_STATE_##name

/* Everybody answers; at any time no more than one of a task's moves is under way. */
static void
let_all_answer (TaskBed *bed)
{
  settle ();
  while (TRUE)
    {
      guint n_saving = fake_store_get_n_waiting (bed->store);
      guint n_discarding = fake_runner_get_n_asking (bed->runner, FAKE_ASK_DISCARD);

      g_assert_cmpuint (n_saving + n_discarding, <=, 1);
      if (n_saving == 1)
        fake_store_answer (bed->store);
      else if (n_discarding == 1)
        fake_runner_grant (bed->runner, FAKE_ASK_DISCARD);
      else if (fake_runner_has_job (bed->runner, bed->id) &&
               fake_runner_get_cause (bed->runner, bed->id) != FERRYD_CAUSE_NONE)
        fake_runner_obey (bed->runner, bed->id);
      else
        return;

      settle ();
    }
}

/* Not when the job has been told to stop, not when it has ended: when that is on disk. */
static void
test_answer_after_end (gconstpointer data)
{
  g_auto(TaskBed) bed = { NULL };
  FerrydWish wish = GPOINTER_TO_UINT (data);
  const Answer *answer;

  task_bed_init (&bed, STATE (RUNNING), FERRY_WAIT_REASON_NONE);
  answer = task_bed_wish (&bed, wish);
  settle ();
  g_assert_false (answer->has_come);
  g_assert_cmpint (ferryd_task_get_state (bed.task), ==, STATE (RUNNING));
  g_assert_true (ferryd_task_has_slot (bed.task));

  fake_runner_obey (bed.runner, bed.id);
  settle ();
  g_assert_false (answer->has_come);
  g_assert_cmpint (ferryd_task_get_state (bed.task), ==, STATE (RUNNING));
  g_assert_false (ferryd_task_has_slot (bed.task));

  fake_store_answer (bed.store);
  settle ();
  g_assert_cmpint (answer_get_code (answer), ==, -1);
  g_assert_cmpuint (fake_store_get_n_waiting (bed.store), ==, 0);
}

/* While a run is on its way to the disk, a wish waits, and then stops what has begun. */
static void
test_wish_in_run (void)
{
  g_auto(TaskBed) bed = { NULL };
  const Answer *answer;

  task_bed_init (&bed, STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  ferryd_task_run (bed.task);
  answer = task_bed_wish (&bed, FERRYD_WISH_CANCEL);
  settle ();
  g_assert_cmpuint (fake_runner_get_n_asking (bed.runner, FAKE_ASK_DISCARD), ==, 0);

  fake_store_answer (bed.store);
  settle ();
  g_assert_cmpint (fake_runner_get_cause (bed.runner, bed.id), ==, FERRYD_CAUSE_CANCEL);
  g_assert_false (answer->has_come);

  let_all_answer (&bed);
  g_assert_cmpint (answer_get_code (answer), ==, -1);
  g_assert_cmpint (ferryd_task_get_state (bed.task), ==, STATE (CANCELLED));
}

/* The scheduler's word comes late: the task does not wait any more. */
static void
test_run_behind (gconstpointer data)
{
  g_auto(TaskBed) bed = { NULL };

  task_bed_init (&bed, STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  (void) task_bed_wish (&bed, GPOINTER_TO_UINT (data));  /* the edges' test has its answer */
  ferryd_task_run (bed.task);
  let_all_answer (&bed);

  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 0);
  g_assert_false (ferryd_task_has_slot (bed.task));
  g_assert_cmpuint (fake_store_get_n_writes (bed.store), ==, 1);
}

/* A Suspend that fails is followed by the run that waited behind it. */
static void
test_run_behind_refused (void)
{
  g_auto(TaskBed) bed = { NULL };
  const Answer *answer;

  task_bed_init (&bed, STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  answer = task_bed_wish (&bed, FERRYD_WISH_SUSPEND);
  ferryd_task_run (bed.task);
  settle ();
  fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
  let_all_answer (&bed);

  g_assert_cmpint (answer_get_code (answer), ==, FERRY_ERROR_DISK_FULL);
  g_assert_cmpint (ferryd_task_get_state (bed.task), ==, STATE (RUNNING));
}

static void
test_discard_fails (void)
{
  g_auto(TaskBed) bed = { NULL };
  const Answer *answer;

  task_bed_init (&bed, STATE (FAILED), FERRY_WAIT_REASON_NONE);
  answer = task_bed_wish (&bed, FERRYD_WISH_CANCEL);
  settle ();
  fake_runner_refuse (bed.runner, FAKE_ASK_DISCARD, FERRY_ERROR_NOT_ALLOWED);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (answer), ==, -1);
  g_assert_cmpint (task_bed_get_saved_state (&bed), ==, STATE (CANCELLED));
}

/* Its file has the last name already, and only the row does not know: it is the user's. What was
 * asked behind that is done as if nothing had been. */
static void
test_cancel_of_published (void)
{
  g_auto(TaskBed) bed = { NULL };
  const Answer *cancelled, *suspended, *resumed;

  task_bed_init (&bed, STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  cancelled = task_bed_wish (&bed, FERRYD_WISH_CANCEL);
  suspended = task_bed_wish (&bed, FERRYD_WISH_SUSPEND);
  resumed = task_bed_wish (&bed, FERRYD_WISH_RESUME);
  settle ();
  g_assert_cmpuint (fake_runner_get_n_asking (bed.runner, FAKE_ASK_DISCARD), ==, 1);
  fake_runner_refuse (bed.runner, FAKE_ASK_DISCARD, FERRY_ERROR_WRONG_STATE);
  settle ();
  g_assert_cmpint (answer_get_code (cancelled), ==, FERRY_ERROR_WRONG_STATE);
  g_assert_cmpint (ferryd_task_get_state (bed.task), ==, STATE (WAITING));
  g_assert_cmpint (task_bed_get_saved_state (&bed), ==, STATE (WAITING));

  let_all_answer (&bed);
  g_assert_cmpint (answer_get_code (suspended), ==, -1);
  g_assert_cmpint (answer_get_code (resumed), ==, -1);
  g_assert_cmpuint (fake_runner_get_n_asked (bed.runner, FAKE_ASK_DISCARD), ==, 1);
}

/* The next run finds that there is nothing left to do. */
static void
test_finished_after_cancel (void)
{
  g_auto(TaskBed) bed = { NULL };
  const Answer *answer;

  task_bed_init (&bed, STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  answer = task_bed_wish (&bed, FERRYD_WISH_CANCEL);
  ferryd_task_run (bed.task);
  settle ();
  fake_runner_refuse (bed.runner, FAKE_ASK_DISCARD, FERRY_ERROR_WRONG_STATE);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (answer), ==, FERRY_ERROR_WRONG_STATE);
  g_assert_cmpint (ferryd_task_get_state (bed.task), ==, STATE (RUNNING));

  fake_runner_finish (bed.runner, bed.id);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (task_bed_get_saved_state (&bed), ==, STATE (FINISHED));
}

static void
on_changed_then_cancel_cb (FerrydTask *task,
                           guint       mask,
                           TaskBed    *bed)
{
  if ((mask & FERRYD_TASK_CHANGE (STATE)) != 0 && bed->answers->len == 1)
    (void) task_bed_wish (bed, FERRYD_WISH_CANCEL);  /* the bed keeps the answer */
}

/* Who is told of a change may ask for the next at once. */
static void
test_wish_in_signal (void)
{
  g_auto(TaskBed) bed = { NULL };
  const Answer *resumed, *cancelled;

  task_bed_init (&bed, STATE (SUSPENDED), FERRY_WAIT_REASON_NONE);
  g_signal_connect (bed.task, "changed", G_CALLBACK (on_changed_then_cancel_cb), &bed);
  resumed = task_bed_wish (&bed, FERRYD_WISH_RESUME);
  let_all_answer (&bed);
  cancelled = g_ptr_array_index (bed.answers, 1);

  g_assert_cmpint (answer_get_code (resumed), ==, -1);
  g_assert_cmpint (answer_get_code (cancelled), ==, -1);
  g_assert_cmpuint (resumed->order, <, cancelled->order);
  g_assert_cmpint (ferryd_task_get_state (bed.task), ==, STATE (CANCELLED));
}

static void
answered_then_cancel_cb (GObject      *object,
                         GAsyncResult *result,
                         gpointer      user_data)
{
  TaskBed *bed = user_data;
  g_autoptr(GError) error = NULL;

  g_assert_true (ferryd_task_wish_finish (FERRYD_TASK (object), result, &error));
  g_assert_no_error (error);
  (void) task_bed_wish (bed, FERRYD_WISH_CANCEL);  /* the bed keeps the answer */
}

/* So may who gets an answer, with others waiting or none. */
static void
test_wish_in_answer (void)
{
  for (guint n_behind = 0; n_behind < 2; n_behind++)
    {
      g_auto(TaskBed) bed = { NULL };

      task_bed_init (&bed, STATE (SUSPENDED), FERRY_WAIT_REASON_NONE);
      ferryd_task_wish_async (bed.task, FERRYD_WISH_RESUME, answered_then_cancel_cb, &bed);
      if (n_behind > 0)
        (void) task_bed_wish (&bed, FERRYD_WISH_SUSPEND);  /* the bed keeps the answer */
      let_all_answer (&bed);

      for (guint i = 0; i < bed.answers->len; i++)
        g_assert_cmpint (answer_get_code (g_ptr_array_index (bed.answers, i)), ==, -1);
      g_assert_cmpint (ferryd_task_get_state (bed.task), ==, STATE (CANCELLED));
      g_assert_cmpuint (fake_store_get_n_writes (bed.store), ==, 2 + n_behind);
      g_assert_cmpuint (fake_runner_get_n_asked (bed.runner, FAKE_ASK_DISCARD), ==, 1);
    }
}

/* A job's end is told until the disk listens; what was asked meanwhile waits for it. The one test
 * that waits for the clock: 5 s. */
static void
test_end_refused (void)
{
  g_auto(TaskBed) bed = { NULL };
  const Answer *asked_before, *asked_after;

  task_bed_init (&bed, STATE (RUNNING), FERRY_WAIT_REASON_NONE);
  asked_before = task_bed_wish (&bed, FERRYD_WISH_SUSPEND);
  fake_runner_obey (bed.runner, bed.id);
  settle ();
  g_test_expect_message ("ferryd-task", G_LOG_LEVEL_WARNING, "*task 1 *could not be written*");
  fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
  settle ();
  g_test_assert_expected_messages ();
  g_assert_cmpint (ferryd_task_get_state (bed.task), ==, STATE (RUNNING));
  asked_after = task_bed_wish (&bed, FERRYD_WISH_RESUME);
  settle ();
  g_assert_false (asked_before->has_come);
  g_assert_false (asked_after->has_come);
  g_assert_cmpuint (fake_store_get_n_waiting (bed.store), ==, 0);

  settle_by_clock (bed.store);
  fake_store_answer (bed.store);
  settle ();
  g_assert_cmpint (task_bed_get_saved_state (&bed), ==, STATE (SUSPENDED));
  let_all_answer (&bed);
  g_assert_cmpint (answer_get_code (asked_before), ==, -1);
  g_assert_cmpint (answer_get_code (asked_after), ==, -1);
  g_assert_cmpint (ferryd_task_get_state (bed.task), ==, STATE (WAITING));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/task-moves/answer-after-end/suspend",
                        GUINT_TO_POINTER (FERRYD_WISH_SUSPEND), test_answer_after_end);
  g_test_add_data_func ("/task-moves/answer-after-end/cancel",
                        GUINT_TO_POINTER (FERRYD_WISH_CANCEL), test_answer_after_end);
  g_test_add_func ("/task-moves/wish-in-run", test_wish_in_run);
  g_test_add_data_func ("/task-moves/run-behind/suspend", GUINT_TO_POINTER (FERRYD_WISH_SUSPEND),
                        test_run_behind);
  g_test_add_data_func ("/task-moves/run-behind/cancel", GUINT_TO_POINTER (FERRYD_WISH_CANCEL),
                        test_run_behind);
  g_test_add_func ("/task-moves/run-behind/refused", test_run_behind_refused);
  g_test_add_func ("/task-moves/discard-fails", test_discard_fails);
  g_test_add_func ("/task-moves/cancel-of-published", test_cancel_of_published);
  g_test_add_func ("/task-moves/finished-after-cancel", test_finished_after_cancel);
  g_test_add_func ("/task-moves/wish-in-signal", test_wish_in_signal);
  g_test_add_func ("/task-moves/wish-in-answer", test_wish_in_answer);
  g_test_add_func ("/task-moves/end-refused", test_end_refused);

  return g_test_run ();
}
