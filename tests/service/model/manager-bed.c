/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "manager-bed.h"
#include "model/scheduler.h"

void
manager_bed_init (ManagerBed *bed)
{
  *bed = (ManagerBed) { .store = fake_store_new (), .runner = fake_runner_new () };
  bed->session = fake_store_take_session (bed->store,
                                          make_session_row ("org.example.App", "stored"));
  bed->manager = ferryd_manager_new (FERRYD_STORE (bed->store), FERRYD_RUNNER (bed->runner));
}

static void
on_gone_cb (gpointer  user_data,
            GObject  *object)
{
  guint *n_left = user_data;

  (*n_left)--;
}

static void
watch (gpointer  object,
       guint    *n_left)
{
  (*n_left)++;
  g_object_weak_ref (object, on_gone_cb, n_left);
}

void
manager_bed_clear (ManagerBed *bed)
{
  GPtrArray *tasks;
  guint n_left = 0;

  if (bed->store == NULL)
    return;

  settle ();
  tasks = ferryd_manager_get_tasks (bed->manager);
  for (guint i = 0; i < tasks->len; i++)
    watch (tasks->pdata[i], &n_left);
  for (guint id = 1; id <= fake_store_get_n_sessions (bed->store); id++)
    {
      FerrydSession *session = ferryd_manager_get_session (bed->manager, id);

      if (session != NULL)
        watch (session, &n_left);
    }

  g_assert_true (is_last (g_steal_pointer (&bed->manager)));
  g_assert_cmpuint (n_left, ==, 0);
  g_assert_true (is_last (g_steal_pointer (&bed->store)));
  g_assert_true (is_last (g_steal_pointer (&bed->runner)));
}

gint64
manager_bed_store (ManagerBed      *bed,
                   const char      *url,
                   FerryTaskState   state,
                   FerryWaitReason  reason)
{
  return fake_store_take_task (bed->store, make_task_row (bed->session, url, state, reason));
}

static void
loaded_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  gboolean *is_done = user_data;
  g_autoptr(GError) error = NULL;

  *is_done = ferryd_manager_load_finish (FERRYD_MANAGER (object), result, &error);
  g_assert_no_error (error);
}

void
manager_bed_load (ManagerBed *bed)
{
  gboolean is_done = FALSE;

  ferryd_manager_load_async (bed->manager, loaded_cb, &is_done);
  fake_store_answer (bed->store);
  settle ();
  g_assert_true (is_done);
}

static void
task_added_cb (GObject      *object,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  FerrydTask *task = ferryd_manager_add_task_finish (FERRYD_MANAGER (object), result, &error);

  g_assert_no_error (error);
  g_assert_true (FERRYD_IS_TASK (task));
}

void
manager_bed_add (ManagerBed     *bed,
                 const char     *url,
                 FerryTaskState  state)
{
  ferryd_manager_add_task_async (bed->manager,
                                 ferryd_manager_get_session (bed->manager, bed->session),
                                 make_task_row (0, url, state, FERRY_WAIT_REASON_QUEUE),
                                 task_added_cb, NULL);
}

FerrydTask *
manager_bed_get (ManagerBed *bed,
                 gint64      task_id)
{
  FerrydTask *task = ferryd_manager_get_task (bed->manager, task_id);

  g_assert_nonnull (task);
  g_assert_cmpint (ferryd_task_get_id (task), ==, task_id);
  return task;
}

FerryTaskState
manager_bed_get_state (ManagerBed *bed,
                       gint64      task_id)
{
  return ferryd_task_get_state (manager_bed_get (bed, task_id));
}

static void
wish_answered_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  Answer *answer = user_data;

  g_assert_false (answer->has_come);
  answer->has_come = TRUE;
  (void) ferryd_task_wish_finish (FERRYD_TASK (object), result, &answer->error);  /* it says */
}

void
manager_bed_wish (ManagerBed *bed,
                  gint64      task_id,
                  FerrydWish  wish,
                  Answer     *answer)
{
  ferryd_task_wish_async (manager_bed_get (bed, task_id), wish, wish_answered_cb, answer);
}

static void
left_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      user_data)
{
  gboolean *is_done = user_data;
  g_autoptr(GError) error = NULL;

  *is_done = ferryd_manager_shut_down_finish (FERRYD_MANAGER (object), result, &error);
  g_assert_no_error (error);
}

void
manager_bed_leave (ManagerBed *bed,
                   gboolean   *is_done)
{
  *is_done = FALSE;
  ferryd_manager_shut_down_async (bed->manager, left_cb, is_done);
}

static void
check_rising (GPtrArray *tasks)
{
  for (guint i = 1; i < tasks->len; i++)
    g_assert_cmpint (ferryd_task_get_id (tasks->pdata[i - 1]), <,
                     ferryd_task_get_id (tasks->pdata[i]));
}

void
manager_bed_check (ManagerBed *bed)
{
  static const char *const hosts[] = { "a.example", "b.example", "c.example" };
  FerrydSession *session = ferryd_manager_get_session (bed->manager, bed->session);

  g_assert_cmpuint (fake_runner_count_slots (bed->runner, NULL), <=, FERRYD_MAX_RUNNING);
  for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
    g_assert_cmpuint (fake_runner_count_slots (bed->runner, hosts[i]), <=, FERRYD_MAX_PER_HOST);

  check_rising (ferryd_manager_get_tasks (bed->manager));
  check_rising (ferryd_session_get_tasks (session));
}
