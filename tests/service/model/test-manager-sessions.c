/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of a session: open, finishing, invalid, gone. §5: “FinishTasksAndInvalidate()”,
 * “InvalidateAndCancel()”, “State (open, finishing, invalid)”. */
#include "config.h"

#include "manager-bed.h"

#define STATE(name) FERRY_TASK_STATE_##name
#define SESSION(name) FERRY_SESSION_STATE_##name

static void
assert_state (ManagerBed        *bed,
              FerrySessionState  state)
{
  g_assert_cmpint (ferryd_session_get_state (manager_bed_get_session (bed)), ==, state);
  g_assert_cmpint (fake_store_get_session (bed->store, bed->session)->state, ==, state);
}

static void
come_to (ManagerBed     *bed,
         FerryTaskState  state)
{
  manager_bed_init (bed);
  (void) manager_bed_store (bed, "http://a.example/", state, FERRY_WAIT_REASON_QUEUE);
  manager_bed_load (bed);
  settle_all (bed->store, bed->runner);
}

static void
test_finish_empty (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) answer = { FALSE };

  manager_bed_init (&bed);
  manager_bed_load (&bed);
  manager_bed_invalidate (&bed, bed.session, FALSE, &answer);
  settle ();
  g_assert_false (answer.has_come);
  assert_state (&bed, SESSION (OPEN));

  fake_store_answer (bed.store);
  settle ();
  g_assert_cmpint (answer_get_code (&answer), ==, -1);
  assert_state (&bed, SESSION (FINISHING));
  manager_bed_assert_log (&bed, "");

  settle_all (bed.store, bed.runner);
  assert_state (&bed, SESSION (INVALID));
  manager_bed_assert_log (&bed, "s1:session-invalid#1;");
}

/* What is there goes on, and is waited for, whoever it is that can move it. */
static void
test_finish_with_tasks (gconstpointer data)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) answer = { FALSE };
  g_auto(Answer) cancelled = { FALSE };
  FerryTaskState state = GPOINTER_TO_INT (data);

  come_to (&bed, state);
  manager_bed_invalidate (&bed, bed.session, FALSE, &answer);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&answer), ==, -1);
  assert_state (&bed, SESSION (FINISHING));
  manager_bed_assert_log (&bed, "");

  if (state == STATE (WAITING))
    {
      fake_runner_finish (bed.runner, 1);
      settle_all (bed.store, bed.runner);
      manager_bed_assert_log (&bed, "t1:finished#1;s1:session-finished#2;s1:session-invalid#3;");
    }
  else
    {
      manager_bed_wish (&bed, 1, FERRYD_WISH_CANCEL, &cancelled);
      settle_all (bed.store, bed.runner);
      manager_bed_assert_log (&bed, "t1:cancelled#1;s1:session-finished#2;s1:session-invalid#3;");
    }
  assert_state (&bed, SESSION (INVALID));
}

static void
added_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  Answer *answer = user_data;
  g_autoptr(GPtrArray) tasks = ferryd_manager_add_tasks_finish (FERRYD_MANAGER (object), result,
                                                                &answer->error);

  answer->has_come = TRUE;
  g_assert_cmpint (tasks != NULL, ==, answer->error == NULL);
}

static void
add (ManagerBed *bed,
     Answer     *answer)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);

  g_ptr_array_add (rows, make_task_row (0, "http://a.example/", STATE (WAITING),
                                        FERRY_WAIT_REASON_QUEUE));
  ferryd_manager_add_tasks_async (bed->manager, manager_bed_get_session (bed), rows, NULL, added_cb,
                                  answer);
}

/* A session that is to end takes no more tasks; the row that was on its way before is there. */
static void
test_no_new_tasks (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) answer = { FALSE };
  g_auto(Answer) before = { FALSE };
  g_auto(Answer) finishing = { FALSE };
  g_auto(Answer) invalid = { FALSE };

  manager_bed_init (&bed);
  manager_bed_load (&bed);
  add (&bed, &before);
  manager_bed_invalidate (&bed, bed.session, TRUE, &answer);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&before), ==, -1);
  g_assert_false (answer.has_come && fake_runner_has_job (bed.runner, 1));
  add (&bed, &finishing);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&finishing), ==, FERRY_ERROR_WRONG_STATE);

  if (fake_runner_has_job (bed.runner, 1))
    fake_runner_obey (bed.runner, 1);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&answer), ==, -1);
  g_assert_cmpint (manager_bed_get_state (&bed, 1), ==, STATE (CANCELLED));
  assert_state (&bed, SESSION (INVALID));
  add (&bed, &invalid);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&invalid), ==, FERRY_ERROR_WRONG_STATE);
}

/* The answer comes when all is cancelled, one that was quicker having finished. */
static void
test_cancel (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) answer = { FALSE };

  manager_bed_init (&bed);
  for (guint state = 0; state < FERRY_N_TASK_STATES; state++)
    (void) manager_bed_store (&bed, "http://a.example/", state, FERRY_WAIT_REASON_TRUST);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 2);

  manager_bed_invalidate (&bed, bed.session, TRUE, &answer);
  settle_all (bed.store, bed.runner);
  g_assert_false (answer.has_come);
  g_assert_cmpint (fake_runner_get_cause (bed.runner, 3), ==, FERRYD_CAUSE_CANCEL);
  fake_runner_obey (bed.runner, 3);
  settle_all (bed.store, bed.runner);
  g_assert_false (answer.has_come);
  fake_runner_finish (bed.runner, 7);
  settle_all (bed.store, bed.runner);

  g_assert_cmpint (answer_get_code (&answer), ==, -1);
  assert_state (&bed, SESSION (INVALID));
  for (guint id = 1; id <= 3; id++)
    g_assert_cmpint (manager_bed_get_state (&bed, id), ==, STATE (CANCELLED));
  g_assert_cmpint (manager_bed_get_state (&bed, 4), ==, STATE (FINISHED));
  g_assert_cmpint (manager_bed_get_state (&bed, 5), ==, STATE (FAILED));
  g_assert_cmpint (manager_bed_get_state (&bed, 6), ==, STATE (CANCELLED));
  g_assert_cmpint (manager_bed_get_state (&bed, 7), ==, STATE (FINISHED));
}

/* One that is being removed meanwhile is no failure: it is over too. */
static void
test_cancel_while_removing (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) answer = { FALSE };
  g_auto(Answer) removed = { FALSE };

  come_to (&bed, STATE (SUSPENDED));
  manager_bed_wish (&bed, 1, FERRYD_WISH_REMOVE, &removed);
  manager_bed_invalidate (&bed, bed.session, TRUE, &answer);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&removed), ==, -1);
  g_assert_cmpint (answer_get_code (&answer), ==, -1);
  assert_state (&bed, SESSION (INVALID));
}

/* “A commit that fails answers each waiter, and the model keeps its old state.” Nobody need come
 * to have the end of the session tried again. Waits for the clock. */
static void
test_refused (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) first = { FALSE };
  g_auto(Answer) second = { FALSE };
  g_auto(Answer) third = { FALSE };

  manager_bed_init (&bed);
  manager_bed_load (&bed);
  manager_bed_invalidate (&bed, bed.session, FALSE, &first);
  manager_bed_invalidate (&bed, bed.session, TRUE, &second);
  fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
  fake_store_refuse (bed.store, FERRY_ERROR_STORE);
  settle ();
  g_assert_cmpint (answer_get_code (&first), ==, FERRY_ERROR_DISK_FULL);
  g_assert_cmpint (answer_get_code (&second), ==, FERRY_ERROR_STORE);
  assert_state (&bed, SESSION (OPEN));

  manager_bed_invalidate (&bed, bed.session, FALSE, &third);
  fake_store_answer (bed.store);
  settle ();
  g_assert_cmpint (answer_get_code (&third), ==, -1);
  assert_state (&bed, SESSION (FINISHING));
  settle_by_clock (bed.store);
  settle_all (bed.store, bed.runner);
  assert_state (&bed, SESSION (INVALID));
}

static void
come_to_invalid (ManagerBed     *bed,
                 FerryTaskState  state)
{
  g_auto(Answer) answer = { FALSE };

  come_to (bed, state);
  manager_bed_invalidate (bed, bed->session, TRUE, &answer);
  settle_all (bed->store, bed->runner);
  assert_state (bed, SESSION (INVALID));
  g_assert_cmpint (answer_get_code (&answer), ==, -1);
}

/* “identifier: unique for its app ID, but among the invalid” */
static void
test_name_is_free (void)
{
  g_auto(ManagerBed) bed = { NULL };
  Opened opened;

  come_to_invalid (&bed, STATE (FINISHED));
  manager_bed_open (&bed, "org.example.App", "stored", NULL, &opened);
  settle_all (bed.store, bed.runner);
  g_assert_true (opened.created);
  g_assert_cmpint (ferryd_session_get_id (opened.session), ==, 2);
  g_assert_nonnull (manager_bed_get_session (&bed));

  manager_bed_open (&bed, "org.example.App", "stored", NULL, &opened);
  settle ();
  g_assert_false (opened.created);
  g_assert_cmpint (ferryd_session_get_id (opened.session), ==, 2);
}

/* “An invalid session goes with its last one”, and its tasks with it. */
static void
test_last_acknowledge (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) answer = { FALSE };

  come_to_invalid (&bed, STATE (SUSPENDED));
  manager_bed_assert_log (&bed, "t1:cancelled#1;s1:session-finished#2;s1:session-invalid#3;");
  manager_bed_acknowledge (&bed, bed.session, 2, &answer);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&answer), ==, -1);
  g_assert_nonnull (manager_bed_get_session (&bed));
  g_assert_cmpuint (ferryd_session_get_events (manager_bed_get_session (&bed))->len, ==, 1);
  manager_bed_assert_log (&bed, "");

  manager_bed_acknowledge (&bed, bed.session, 3, &answer);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&answer), ==, -1);
  manager_bed_assert_log (&bed, "-t1;-s1;");
  g_assert_null (manager_bed_get_session (&bed));
  g_assert_null (fake_store_get_session (bed.store, bed.session));
  g_assert_cmpuint (fake_store_get_n_tasks (bed.store), ==, 0);
  g_assert_cmpuint (ferryd_manager_get_tasks (bed.manager)->len, ==, 0);
}

/* The service was killed between the last acknowledgement and the session's going. */
static void
test_load_invalid (void)
{
  g_auto(ManagerBed) bed = { NULL };
  FerrydSessionRow *row = make_session_row ("org.example.App", "gone");

  manager_bed_init (&bed);
  row->state = SESSION (INVALID);
  (void) fake_store_take_task (bed.store, make_task_row (fake_store_take_session (bed.store, row),
                                                         "http://a.example/", STATE (FINISHED),
                                                         FERRY_WAIT_REASON_NONE));
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  g_assert_null (ferryd_manager_get_session (bed.manager, 2));
  g_assert_null (fake_store_get_session (bed.store, 2));
  g_assert_cmpuint (fake_store_get_n_tasks (bed.store), ==, 0);
}

/* Finishing still, and nothing to wait for: the end is written now. */
static void
test_load_finishing (void)
{
  g_auto(ManagerBed) bed = { NULL };
  FerrydSessionRow *row = make_session_row ("org.example.App", "ends");

  manager_bed_init (&bed);
  row->state = SESSION (FINISHING);
  (void) fake_store_take_session (bed.store, row);
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (fake_store_get_session (bed.store, 2)->state, ==, SESSION (INVALID));
  manager_bed_assert_log (&bed, "s2:session-invalid#1;");
}

/* A failed task of a session that is no more cannot be tried again. */
static void
test_resume_in_invalid (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) resumed = { FALSE };

  come_to_invalid (&bed, STATE (FAILED));
  manager_bed_wish (&bed, 1, FERRYD_WISH_RESUME, &resumed);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&resumed), ==, FERRY_ERROR_WRONG_STATE);
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 0);
}

/* Whatever is under way when the last event is acknowledged: it ends, and nothing is left. */
static void
check_going (FerrydWish wish,
             guint      n_steps)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) acknowledged = { FALSE };
  g_auto(Answer) early = { FALSE };
  g_auto(Answer) late = { FALSE };
  GPtrArray *events;

  come_to_invalid (&bed, STATE (FAILED));
  events = fake_store_get_events (bed.store);
  manager_bed_wish (&bed, 1, wish, &early);
  settle ();
  for (guint i = 0; i < n_steps; i++)
    {
      if (fake_runner_get_n_waiting (bed.runner) > 0)
        fake_runner_grant_next (bed.runner);
      else if (fake_store_get_n_waiting (bed.store) > 0)
        fake_store_answer (bed.store);
      settle ();
    }

  manager_bed_acknowledge (&bed, bed.session,
                           ((FerrydEvent *) events->pdata[events->len - 1])->serial,
                           &acknowledged);
  settle ();
  while (fake_store_get_n_waiting (bed.store) > 1)
    {
      fake_store_answer (bed.store);
      settle ();
    }
  if (ferryd_manager_get_task (bed.manager, 1) != NULL)
    manager_bed_wish (&bed, 1, wish, &late);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&acknowledged), ==, -1);
  g_assert_true (early.has_come);

  /* Another event may have come after the one that was acknowledged. */
  if (manager_bed_get_session (&bed) != NULL)
    {
      g_auto(Answer) last = { FALSE };

      manager_bed_acknowledge (&bed, bed.session, G_MAXINT64, &last);
      settle_all (bed.store, bed.runner);
      g_assert_cmpint (answer_get_code (&last), ==, -1);
    }
  g_assert_null (manager_bed_get_session (&bed));
  g_assert_cmpuint (fake_store_get_n_tasks (bed.store), ==, 0);
}

static void
test_going (void)
{
  for (guint wish = FERRYD_WISH_RESUME; wish <= FERRYD_WISH_REMOVE_FILES; wish++)
    {
      for (guint n_steps = 0; n_steps < 4; n_steps++)
        check_going (wish, n_steps);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sessions/finish/empty", test_finish_empty);
  g_test_add_data_func ("/sessions/finish/running", GINT_TO_POINTER (STATE (WAITING)),
                        test_finish_with_tasks);
  g_test_add_data_func ("/sessions/finish/suspended", GINT_TO_POINTER (STATE (SUSPENDED)),
                        test_finish_with_tasks);
  g_test_add_func ("/sessions/no-new-tasks", test_no_new_tasks);
  g_test_add_func ("/sessions/cancel", test_cancel);
  g_test_add_func ("/sessions/cancel-while-removing", test_cancel_while_removing);
  g_test_add_func ("/sessions/refused", test_refused);
  g_test_add_func ("/sessions/name-is-free", test_name_is_free);
  g_test_add_func ("/sessions/last-acknowledge", test_last_acknowledge);
  g_test_add_func ("/sessions/load/invalid", test_load_invalid);
  g_test_add_func ("/sessions/load/finishing", test_load_finishing);
  g_test_add_func ("/sessions/resume-in-invalid", test_resume_in_invalid);
  g_test_add_func ("/sessions/going", test_going);

  return g_test_run ();
}
