/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All sessions and tasks, and who of them runs. */
#include "config.h"

#include "manager-bed.h"

#define STATE(name) FERRY_TASK_STATE_##name

static void
test_load (void)
{
  g_auto(ManagerBed) bed = { NULL };
  GPtrArray *tasks;

  manager_bed_init (&bed);
  for (guint state = 0; state < FERRY_N_TASK_STATES; state++)
    (void) manager_bed_store (&bed, "http://a.example/", state, FERRY_WAIT_REASON_NEW_URL);
  (void) manager_bed_store (&bed, "http://a.example/", STATE (WAITING),
                            FERRY_WAIT_REASON_DISK_FULL);
  manager_bed_load (&bed);

  tasks = ferryd_manager_get_tasks (bed.manager);
  g_assert_cmpuint (tasks->len, ==, FERRY_N_TASK_STATES + 1);
  for (guint i = 0; i < FERRY_N_TASK_STATES; i++)
    {
      FerrydTask *task = tasks->pdata[i];
      FerrydSession *session = ferryd_task_get_session (task);

      g_assert_true (manager_bed_get (&bed, i + 1) == task);
      g_assert_true (session == ferryd_manager_get_session (bed.manager, bed.session));
      if (i != STATE (RUNNING))
        g_assert_cmpint (ferryd_task_get_state (task), ==, i);
    }

  g_assert_null (ferryd_manager_get_task (bed.manager, 8));
  g_assert_null (ferryd_manager_get_session (bed.manager, 8));
  manager_bed_check (&bed);

  /* What ran goes on, and what the machine may have lifted meanwhile; nothing that needs a
   * person. */
  g_assert_cmpint (manager_bed_get_state (&bed, 1 + STATE (RUNNING)), ==, STATE (WAITING));
  settle_all (bed.store, bed.runner);
  g_assert_cmpint (manager_bed_get_state (&bed, 1 + STATE (RUNNING)), ==, STATE (RUNNING));
  g_assert_true (fake_runner_has_job (bed.runner, 1 + STATE (RUNNING)));
  g_assert_true (fake_runner_has_job (bed.runner, 1 + FERRY_N_TASK_STATES));
  g_assert_cmpuint (fake_runner_get_n_starts (bed.runner), ==, 2);
}

static void
load_refused_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  gboolean *is_done = user_data;
  g_autoptr(GError) error = NULL;

  *is_done = TRUE;
  g_assert_false (ferryd_manager_load_finish (FERRYD_MANAGER (object), result, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_STORE);
}

/* A change of folder was under way when the service was stopped: what it made, or left, is gone
 * before the task runs. */
static void
test_load_moving (void)
{
  g_auto(ManagerBed) bed = { NULL };
  FerrydTaskRow *row = make_task_row (0, "http://a.example/", FERRY_TASK_STATE_WAITING,
                                      FERRY_WAIT_REASON_QUEUE);
  g_autofree char *log = NULL;

  manager_bed_init (&bed);
  give_part (row);
  row->kept->other_folder = g_strdup ("/elsewhere");
  row->kept->other.name = g_strdup ("file.part");
  row->kept->other.inode = 8;
  (void) manager_bed_store_row (&bed, row);  /* it is the first */
  manager_bed_load (&bed);
  log = fake_runner_take_log (bed.runner);
  g_assert_nonnull (strstr (log, "forget /elsewhere file.part 8;"));
  settle ();
  g_assert_false (fake_runner_has_job (bed.runner, 1));
  fake_runner_grant (bed.runner, FAKE_ASK_FORGET);
  settle ();
  g_assert_false (fake_runner_has_job (bed.runner, 1));
  g_assert_cmpstr (fake_store_get_task (bed.store, 1)->kept->other_folder, ==, "/elsewhere");
  settle_all (bed.store, bed.runner);
  g_assert_true (fake_runner_has_job (bed.runner, 1));
  assert_saved (bed.store, manager_bed_get (&bed, 1));
  g_assert_null (fake_store_get_task (bed.store, 1)->kept->other_folder);
}

static void
test_load_refused (void)
{
  g_auto(ManagerBed) bed = { NULL };
  gboolean is_done = FALSE;

  manager_bed_init (&bed);
  ferryd_manager_load_async (bed.manager, load_refused_cb, &is_done);
  fake_store_refuse (bed.store, FERRY_ERROR_STORE);
  settle ();
  g_assert_true (is_done);
  g_assert_cmpuint (ferryd_manager_get_tasks (bed.manager)->len, ==, 0);
}

/* As many as want to, of those that were loaded. */
static void
test_load_many (void)
{
  g_auto(ManagerBed) bed = { NULL };

  manager_bed_init (&bed);
  for (guint i = 0; i < 20; i++)
    (void) manager_bed_store (&bed, i < 10 ? "http://a.example/" : "http://b.example/",
                              STATE (RUNNING), FERRY_WAIT_REASON_NONE);
  manager_bed_load (&bed);
  settle_all (bed.store, bed.runner);
  manager_bed_check (&bed);
  g_assert_cmpuint (fake_runner_count_slots (bed.runner, "a.example"), ==, 6);
  g_assert_cmpuint (fake_runner_count_slots (bed.runner, "b.example"), ==, 2);

  for (guint id = 7; id <= 10; id++)
    {
      FerrydTask *task = manager_bed_get (&bed, id);

      g_assert_cmpint (ferryd_task_get_row (task)->status.reason, ==, FERRY_WAIT_REASON_HOST_LIMIT);
      g_assert_cmpuint (ferryd_task_get_position (task), ==, id - 6);
    }
  for (guint id = 13; id <= 20; id++)
    {
      FerrydTask *task = manager_bed_get (&bed, id);

      g_assert_cmpint (ferryd_task_get_row (task)->status.reason, ==, FERRY_WAIT_REASON_QUEUE);
      g_assert_cmpuint (ferryd_task_get_position (task), ==, id - 12);
    }
}

static void
test_open_twice (void)
{
  g_auto(ManagerBed) bed = { NULL };
  Opened first, second, third;

  manager_bed_init (&bed);
  manager_bed_load (&bed);
  manager_bed_open (&bed, "org.example.App", "new", NULL, &first);
  manager_bed_open (&bed, "org.example.App", "new", NULL, &second);
  settle ();
  g_assert_cmpuint (fake_store_get_n_waiting (bed.store), ==, 1);
  g_assert_false (first.has_come);
  g_assert_false (second.has_come);

  settle_all (bed.store, bed.runner);
  g_assert_true (first.has_come && second.has_come);
  g_assert_true (first.session == second.session);
  g_assert_true (first.created);
  g_assert_false (second.created);
  g_assert_cmpint (ferryd_session_get_id (first.session), ==, 2);
  g_assert_true (ferryd_manager_get_session (bed.manager, 2) == first.session);

  manager_bed_open (&bed, "org.example.App", "new", NULL, &third);
  settle ();
  g_assert_true (third.session == first.session);
  g_assert_false (third.created);
  g_assert_cmpuint (fake_store_get_n_sessions (bed.store), ==, 2);
}

static void
test_open_stored (void)
{
  g_auto(ManagerBed) bed = { NULL };
  Opened opened;

  manager_bed_init (&bed);
  manager_bed_load (&bed);
  manager_bed_open (&bed, "org.example.App", "stored", NULL, &opened);
  settle ();
  g_assert_true (opened.session == ferryd_manager_get_session (bed.manager, bed.session));
  g_assert_false (opened.created);
  g_assert_cmpuint (fake_store_get_n_writes (bed.store), ==, 0);
}

/* Neither by the identifier, nor by any cut through both names. */
static void
test_open_other_app (void)
{
  static const char *const names[][2] = {
    { "org.example.Other", "stored" }, { "org.example.App", "stored2" },
    { "org.example.Appstored", "" }, { "", "org.example.Appstored" }, { "org.example.App", "" },
  };
  g_auto(ManagerBed) bed = { NULL };

  manager_bed_init (&bed);
  manager_bed_load (&bed);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      Opened opened;

      manager_bed_open (&bed, names[i][0], names[i][1], NULL, &opened);
      settle_all (bed.store, bed.runner);
      g_assert_true (opened.created);
      g_assert_cmpint (ferryd_session_get_id (opened.session), ==, i + 2);
      g_assert_cmpstr (ferryd_session_get_row (opened.session)->app_id, ==, names[i][0]);
      g_assert_cmpstr (ferryd_session_get_row (opened.session)->identifier, ==, names[i][1]);
    }
}

static void
test_open_refused (void)
{
  g_auto(ManagerBed) bed = { NULL };
  Opened first, second, again;

  manager_bed_init (&bed);
  manager_bed_load (&bed);
  manager_bed_open (&bed, "org.example.App", "new", NULL, &first);
  manager_bed_open (&bed, "org.example.App", "new", NULL, &second);
  fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
  settle ();
  g_assert_error (first.error, FERRY_ERROR, FERRY_ERROR_DISK_FULL);
  g_assert_error (second.error, FERRY_ERROR, FERRY_ERROR_DISK_FULL);
  g_clear_error (&first.error);
  g_clear_error (&second.error);

  manager_bed_open (&bed, "org.example.App", "new", NULL, &again);
  settle_all (bed.store, bed.runner);
  g_assert_true (again.created);
}

static void
test_add (void)
{
  g_auto(ManagerBed) bed = { NULL };
  FerrydSession *session;

  manager_bed_init (&bed);
  manager_bed_load (&bed);
  manager_bed_add (&bed, "http://a.example/1", STATE (SUSPENDED));
  manager_bed_add (&bed, "http://a.example/2", STATE (WAITING));
  settle ();
  g_assert_cmpuint (ferryd_manager_get_tasks (bed.manager)->len, ==, 0);

  settle_all (bed.store, bed.runner);
  session = ferryd_manager_get_session (bed.manager, bed.session);
  manager_bed_assert_log (&bed, "+t1;+t2;");
  g_assert_cmpuint (ferryd_session_get_tasks (session)->len, ==, 2);
  g_assert_cmpint (manager_bed_get_state (&bed, 1), ==, STATE (SUSPENDED));
  g_assert_cmpint (manager_bed_get_state (&bed, 2), ==, STATE (RUNNING));
  manager_bed_check (&bed);
}

static void
add_refused_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  gboolean *is_done = user_data;
  g_autoptr(GError) error = NULL;

  *is_done = TRUE;
  g_assert_null (ferryd_manager_add_tasks_finish (FERRYD_MANAGER (object), result, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_LIMIT);
}

static void
test_add_refused (void)
{
  g_auto(ManagerBed) bed = { NULL };
  GPtrArray *rows = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);
  gboolean is_done = FALSE;

  manager_bed_init (&bed);
  manager_bed_load (&bed);
  for (guint i = 0; i < 3; i++)
    g_ptr_array_add (rows, make_task_row (0, "http://a.example/", STATE (WAITING),
                                          FERRY_WAIT_REASON_QUEUE));
  ferryd_manager_add_tasks_async (bed.manager, manager_bed_get_session (&bed), rows, NULL,
                                  add_refused_cb, &is_done);
  fake_store_refuse (bed.store, FERRY_ERROR_LIMIT);
  settle ();
  g_assert_true (is_done);
  g_assert_cmpuint (ferryd_manager_get_tasks (bed.manager)->len, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/manager/load", test_load);
  g_test_add_func ("/manager/load-moving", test_load_moving);
  g_test_add_func ("/manager/load-refused", test_load_refused);
  g_test_add_func ("/manager/load-many", test_load_many);
  g_test_add_func ("/manager/open/twice", test_open_twice);
  g_test_add_func ("/manager/open/stored", test_open_stored);
  g_test_add_func ("/manager/open/other-app", test_open_other_app);
  g_test_add_func ("/manager/open/refused", test_open_refused);
  g_test_add_func ("/manager/add", test_add);
  g_test_add_func ("/manager/add-refused", test_add_refused);

  return g_test_run ();
}
