/* SPDX-License-Identifier: GPL-3.0-or-later */
/* §5: “Resume data is a random 128-bit key of a row of the same app, and nothing else.” The task
 * that it makes takes over what the old one keeps. */
#include "config.h"

#include "manager-bed.h"

#define STATE(name) FERRY_TASK_STATE_##name

static GBytes *
new_key (guint8 byte)
{
  guint8 bytes[16] = { byte };

  return g_bytes_new (bytes, sizeof bytes);
}

/* A task that keeps something under a key. */
static void
come_to_lender (ManagerBed     *bed,
                FerryTaskState  state)
{
  FerrydTaskRow *row = make_task_row (0, "http://a.example/", state, FERRY_WAIT_REASON_QUEUE);

  manager_bed_init (bed);
  give_part (row);
  row->resume_key = new_key (1);
  (void) manager_bed_store_row (bed, row);
  manager_bed_load (bed);
  settle_all (bed->store, bed->runner);
}

static void
added_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  Answer *answer = user_data;
  g_autoptr(GPtrArray) tasks = ferryd_manager_add_tasks_finish (FERRYD_MANAGER (object), result,
                                                                &answer->error);

  g_assert_false (answer->has_come);
  answer->has_come = TRUE;
  g_assert_cmpint (tasks != NULL, ==, answer->error == NULL);
}

static void
add_heir (ManagerBed *bed,
          Answer     *answer)
{
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);
  FerrydTaskRow *row = make_task_row (0, "http://a.example/", STATE (WAITING),
                                      FERRY_WAIT_REASON_QUEUE);

  give_part (row);
  row->heir_of = 1;
  row->resume_key = new_key (1);
  g_ptr_array_add (rows, row);
  ferryd_manager_add_tasks_async (bed->manager, manager_bed_get_session (bed), rows, NULL, added_cb,
                                  answer);
}

/* Only in failed and cancelled, and only for the app whose it is. */
static void
test_find (void)
{
  for (guint state = 0; state < FERRY_N_TASK_STATES; state++)
    {
      g_auto(ManagerBed) bed = { NULL };
      g_autoptr(GBytes) key = new_key (1);
      g_autoptr(GBytes) other = new_key (2);
      g_autoptr(GBytes) empty = g_bytes_new_static ("", 0);
      gboolean is_found = state == STATE (FAILED) || state == STATE (CANCELLED);

      come_to_lender (&bed, state);
      g_assert_true (ferryd_manager_find_resume_key (bed.manager, "org.example.App", key) ==
                     (is_found ? manager_bed_get (&bed, 1) : NULL));
      g_assert_null (ferryd_manager_find_resume_key (bed.manager, "org.example.Other", key));
      g_assert_null (ferryd_manager_find_resume_key (bed.manager, "org.example.App", other));
      g_assert_null (ferryd_manager_find_resume_key (bed.manager, "org.example.App", empty));
    }
}

static void
test_taken (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) added = { FALSE };
  g_auto(Answer) removed = { FALSE };
  g_autoptr(GBytes) key = new_key (1);
  const FerrydTaskRow *row;

  come_to_lender (&bed, STATE (FAILED));
  add_heir (&bed, &added);
  manager_bed_wish (&bed, 1, FERRYD_WISH_REMOVE, &removed);
  settle ();
  g_assert_cmpuint (fake_runner_get_n_waiting (bed.runner), ==, 0);
  g_assert_cmpuint (fake_store_get_n_waiting (bed.store), ==, 1);

  fake_store_answer (bed.store);
  settle ();
  g_assert_cmpint (answer_get_code (&added), ==, -1);
  row = ferryd_task_get_row (manager_bed_get (&bed, 1));
  g_assert_null (row->kept->part.name);
  g_assert_null (row->resume_key);
  g_assert_cmpint (ferryd_task_get_received (manager_bed_get (&bed, 1)), ==, 0);
  assert_saved (bed.store, manager_bed_get (&bed, 1));
  g_assert_null (ferryd_manager_find_resume_key (bed.manager, "org.example.App", key));
  row = ferryd_task_get_row (manager_bed_get (&bed, 2));
  g_assert_cmpstr (row->kept->part.name, ==, "file.part");
  g_assert_null (row->resume_key);

  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&removed), ==, -1);
  g_assert_null (ferryd_manager_get_task (bed.manager, 1));
  g_assert_true (fake_runner_has_job (bed.runner, 2));
  assert_saved (bed.store, manager_bed_get (&bed, 2));
}

/* The disk says no: it is the old one's still, and what was asked of that meanwhile is done. */
static void
test_refused (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) added = { FALSE };
  g_auto(Answer) again = { FALSE };
  g_auto(Answer) resumed = { FALSE };
  g_autoptr(GBytes) key = new_key (1);

  come_to_lender (&bed, STATE (FAILED));
  add_heir (&bed, &added);
  settle ();
  fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
  settle ();
  g_assert_cmpint (answer_get_code (&added), ==, FERRY_ERROR_DISK_FULL);
  assert_saved (bed.store, manager_bed_get (&bed, 1));
  g_assert_nonnull (ferryd_manager_find_resume_key (bed.manager, "org.example.App", key));

  add_heir (&bed, &again);
  manager_bed_wish (&bed, 1, FERRYD_WISH_RESUME, &resumed);
  settle ();
  fake_store_refuse (bed.store, FERRY_ERROR_STORE);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&again), ==, FERRY_ERROR_STORE);
  g_assert_cmpint (answer_get_code (&resumed), ==, -1);
  g_assert_true (fake_runner_has_job (bed.runner, 1));
}

/* One at a time: neither twice, nor while the old one moves. */
static void
test_in_use (void)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) first = { FALSE };
  g_auto(Answer) second = { FALSE };
  g_auto(Answer) third = { FALSE };
  g_auto(Answer) cancelled = { FALSE };

  come_to_lender (&bed, STATE (FAILED));
  manager_bed_wish (&bed, 1, FERRYD_WISH_CANCEL_KEEPING, &cancelled);
  add_heir (&bed, &first);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&first), ==, FERRY_ERROR_WRONG_STATE);
  g_assert_cmpint (answer_get_code (&cancelled), ==, -1);

  add_heir (&bed, &second);
  add_heir (&bed, &third);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&second), ==, -1);
  g_assert_cmpint (answer_get_code (&third), ==, FERRY_ERROR_WRONG_STATE);
  g_assert_cmpuint (ferryd_manager_get_tasks (bed.manager)->len, ==, 2);
}

/* The service leaves meanwhile: what waits for the heir is answered, and the store closes. */
static void
test_leaving (gconstpointer data)
{
  g_auto(ManagerBed) bed = { NULL };
  g_auto(Answer) added = { FALSE };
  g_auto(Answer) suspended = { FALSE };
  gboolean is_refused = GPOINTER_TO_INT (data);
  gboolean is_done;

  come_to_lender (&bed, STATE (CANCELLED));
  add_heir (&bed, &added);
  manager_bed_wish (&bed, 1, FERRYD_WISH_SUSPEND, &suspended);
  manager_bed_leave (&bed, &is_done);
  settle ();
  if (is_refused)
    fake_store_refuse (bed.store, FERRY_ERROR_STORE);
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (&added), ==, is_refused ? FERRY_ERROR_STORE : -1);
  g_assert_cmpint (answer_get_code (&suspended), ==, FERRY_ERROR_WRONG_STATE);
  g_assert_true (is_done);
  g_assert_cmpuint (fake_store_get_n_late (bed.store), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/heirs/find", test_find);
  g_test_add_func ("/heirs/taken", test_taken);
  g_test_add_func ("/heirs/refused", test_refused);
  g_test_add_func ("/heirs/in-use", test_in_use);
  g_test_add_data_func ("/heirs/leaving/taken", GINT_TO_POINTER (FALSE), test_leaving);
  g_test_add_data_func ("/heirs/leaving/refused", GINT_TO_POINTER (TRUE), test_leaving);

  return g_test_run ();
}
