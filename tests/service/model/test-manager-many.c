/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two thousand tasks, whose events come in any order. */
#include "config.h"

#include "manager-bed.h"

#define N_TASKS 2000
#define MAX_STEPS (200 * N_TASKS)

#define STATE(name) FERRY_TASK_STATE_##name

static const char *const urls[] = {
  "http://a.example/file", "http://b.example/file", "http://c.example/file",
};

static const char *const hosts[] = { "a.example", "b.example", "c.example" };

typedef struct
{
  ManagerBed  bed;
  GRand      *random;   /* owned */
  guint       n_added;
  gboolean    is_calm;  /* nobody interferes any more */
} Crowd;

static gint64
pick_job (Crowd *crowd)
{
  g_autoptr(GArray) jobs = fake_runner_get_jobs (crowd->bed.runner);

  if (jobs->len == 0)
    return 0;

  return g_array_index (jobs, gint64, g_rand_int_range (crowd->random, 0, (gint32) jobs->len));
}

static void
end_a_job (Crowd *crowd)
{
  FakeRunner *runner = crowd->bed.runner;
  gint64 id = pick_job (crowd);

  if (id == 0)
    return;

  if (fake_runner_get_cause (runner, id) != FERRYD_CAUSE_NONE)
    fake_runner_obey (runner, id);
  else if (g_rand_int_range (crowd->random, 0, 10) == 0)
    fake_runner_end (runner, id, fake_outcome_new (FERRYD_TRANSFER_ERROR_NETWORK,
                                                   FERRYD_CAUSE_NONE));
  else
    fake_runner_finish (runner, id);
}

/* A redirect before the answer: the host is another from now on. It leads where there is room, as
 * the limits hold for what starts, not for where it is led. */
static void
redirect_a_job (Crowd *crowd)
{
  gint64 id = pick_job (crowd);

  if (id != 0 && fake_runner_count_slots (crowd->bed.runner, "d.example") < 6)
    fake_runner_note (crowd->bed.runner, id, "http://d.example/file");
}

static void
write_a_job (Crowd *crowd)
{
  gint64 id = pick_job (crowd);

  if (id != 0)
    fake_runner_write (crowd->bed.runner, id);
}

static void
wish_answered_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  if (!ferryd_task_wish_finish (FERRYD_TASK (object), result, &error))
    g_assert_error (error, FERRY_ERROR, FERRY_ERROR_WRONG_STATE);
}

static void
interfere (Crowd *crowd)
{
  GPtrArray *tasks = ferryd_manager_get_tasks (crowd->bed.manager);
  FerrydTask *task;

  if (tasks->len == 0)
    return;

  task = tasks->pdata[g_rand_int_range (crowd->random, 0, (gint32) tasks->len)];
  ferryd_task_wish_async (task, g_rand_boolean (crowd->random) ? FERRYD_WISH_SUSPEND
                                                               : FERRYD_WISH_RESUME,
                          wish_answered_cb, NULL);
}

static void
add_some (Crowd *crowd)
{
  guint n = MIN (N_TASKS - crowd->n_added, 20);

  for (guint i = 0; i < n; i++)
    manager_bed_add (&crowd->bed, urls[g_rand_int_range (crowd->random, 0, G_N_ELEMENTS (urls))],
                     STATE (WAITING));
  crowd->n_added += n;
}

static void
take_a_step (Crowd *crowd)
{
  switch (g_rand_int_range (crowd->random, 0, 10))
    {
    case 0:
      add_some (crowd);
      break;

    case 1:
    case 2:
      end_a_job (crowd);
      break;

    case 3:
      write_a_job (crowd);
      break;

    case 4:
      redirect_a_job (crowd);
      break;

    case 5:
      if (!crowd->is_calm)
        interfere (crowd);
      break;

    case 6:
      (void) g_main_context_iteration (NULL, FALSE);  /* a turn, or none */
      break;

    default:
      if (fake_store_get_n_waiting (crowd->bed.store) > 0)
        fake_store_answer (crowd->bed.store);
      break;
    }
}

/* Whoever was suspended, or is to try again later, is asked to go on now. Returns whether all are
 * finished. */
static gboolean
resume_all (Crowd *crowd)
{
  GPtrArray *tasks = ferryd_manager_get_tasks (crowd->bed.manager);
  gboolean is_all = crowd->n_added == N_TASKS && tasks->len == N_TASKS;

  for (guint i = 0; i < tasks->len; i++)
    {
      const FerrydTaskStatus *status = &ferryd_task_get_row (tasks->pdata[i])->status;

      g_assert_cmpint (status->state, !=, STATE (FAILED));
      is_all = is_all && status->state == STATE (FINISHED);
      if (status->state == STATE (SUSPENDED) || status->reason == FERRY_WAIT_REASON_RETRY)
        ferryd_task_wish_async (tasks->pdata[i], FERRYD_WISH_RESUME, wish_answered_cb, NULL);
    }

  return is_all;
}

static void
test_many (void)
{
  g_autoptr(GRand) random = make_random ();
  Crowd crowd = { .random = random };
  gboolean is_all = FALSE;
  gboolean is_done;

  manager_bed_init (&crowd.bed);
  manager_bed_load (&crowd.bed);
  for (guint step = 0; !is_all; step++)
    {
      g_assert_cmpuint (step, <, MAX_STEPS);
      take_a_step (&crowd);
      g_assert_cmpuint (fake_runner_count_slots (crowd.bed.runner, NULL), <=, 8);
      for (guint i = 0; i < G_N_ELEMENTS (hosts); i++)
        g_assert_cmpuint (fake_runner_count_slots (crowd.bed.runner, hosts[i]), <=, 6);

      crowd.is_calm = crowd.n_added == N_TASKS;
      if (step % 1000 == 999)
        {
          settle ();
          manager_bed_check (&crowd.bed);
          if (crowd.is_calm)
            is_all = resume_all (&crowd);
        }
    }

  g_assert_cmpuint (fake_runner_count_slots (crowd.bed.runner, NULL), ==, 0);
  for (guint id = 1; id <= N_TASKS; id++)
    g_assert_cmpint (fake_store_get_status (crowd.bed.store, id)->state, ==, STATE (FINISHED));

  manager_bed_leave (&crowd.bed, &is_done);
  settle_all (crowd.bed.store, crowd.bed.runner);
  g_assert_true (is_done);
  manager_bed_clear (&crowd.bed);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/many/random", test_many);

  return g_test_run ();
}
