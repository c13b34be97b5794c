/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thousand tasks that are asked for anything at random moments around the ends of their jobs,
 * while the disk fails now and then: state, row and events agree. */
#include "config.h"

#include "manager-bed.h"
#include "naive-task.h"

#define N_TASKS 1000
#define N_STEPS 60000

/* Of a hundred answers of the store, so many are refusals. */
#define REFUSALS 3

#define STATE(name) FERRY_TASK_STATE_##name

typedef struct
{
  ManagerBed  bed;
  GRand      *random;              /* owned */
  GString    *told[N_TASKS + 1];   /* owned; “KIND SERIAL;” by the id of the task */
  guint       n_asked;
  guint       n_answered;
} Crowd;

static guint
draw (Crowd *crowd,
      guint  n)
{
  return (guint) g_rand_int_range (crowd->random, 0, (gint32) n);
}

static void
note_answer (Crowd        *crowd,
             const GError *error)
{
  gboolean is_expected = error == NULL ||
                         g_error_matches (error, FERRY_ERROR, FERRY_ERROR_WRONG_STATE) ||
                         g_error_matches (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND) ||
                         g_error_matches (error, FERRY_ERROR, FERRY_ERROR_NOT_ALLOWED) ||
                         g_error_matches (error, FERRY_ERROR, FERRY_ERROR_DISK_FULL);

  if (!is_expected)
    g_assert_no_error (error);
  crowd->n_answered++;
}

static void
wish_answered_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  (void) ferryd_task_wish_finish (FERRYD_TASK (object), result, &error);  /* the error says */
  note_answer (user_data, error);
}

static void
edit_answered_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  (void) ferryd_task_edit_finish (FERRYD_TASK (object), result, &error);  /* likewise */
  note_answer (user_data, error);
}

static void
key_answered_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) key = ferryd_task_produce_resume_key_finish (FERRYD_TASK (object), result,
                                                                 &error);

  note_answer (user_data, error);
}

static void
edit (Crowd      *crowd,
      FerrydTask *task,
      guint       ask)
{
  g_auto(FerrydTaskEdit) asked = { .what = FERRYD_TASK_PRIORITY };

  asked.priority = g_rand_double (crowd->random);
  asked.url = g_strdup_printf ("http://new%u.example/", draw (crowd, 100));
  asked.folder = g_strdup_printf ("/new%u", draw (crowd, 100));
  if (ask == ASK_URL)
    asked.what = FERRYD_TASK_URL;
  else if (ask == ASK_PATH)
    asked.what = FERRYD_TASK_PATH;
  ferryd_task_edit_async (task, &asked, edit_answered_cb, crowd);
}

static void
ask (Crowd *crowd)
{
  FerrydTask *task = ferryd_manager_get_task (crowd->bed.manager, 1 + draw (crowd, N_TASKS));
  guint what = draw (crowd, N_ASKS);

  if (task == NULL)
    return;
  /* Most are to stay for a while. */
  if ((what == FERRYD_WISH_REMOVE || what == FERRYD_WISH_REMOVE_FILES) && draw (crowd, 8) != 0)
    what = FERRYD_WISH_RESUME;

  crowd->n_asked++;
  if (what <= FERRYD_WISH_REMOVE_FILES)
    ferryd_task_wish_async (task, what, wish_answered_cb, crowd);
  else if (what == ASK_KEY)
    ferryd_task_produce_resume_key_async (task, key_answered_cb, crowd);
  else
    edit (crowd, task, what);
}

static void
end_a_job (Crowd *crowd)
{
  static const FerrydTransferError classes[] = {
    FERRYD_TRANSFER_ERROR_NETWORK, FERRYD_TRANSFER_ERROR_DIGEST, FERRYD_TRANSFER_ERROR_NEW_URL,
    FERRYD_TRANSFER_ERROR_DISK_FULL,
  };
  FakeRunner *runner = crowd->bed.runner;
  g_autoptr(GArray) jobs = fake_runner_get_jobs (runner);
  gint64 id;

  if (jobs->len == 0)
    return;

  id = g_array_index (jobs, gint64, draw (crowd, jobs->len));
  if (fake_runner_get_cause (runner, id) != FERRYD_CAUSE_NONE && draw (crowd, 3) != 0)
    fake_runner_obey (runner, id);
  else if (draw (crowd, 2) == 0)
    fake_runner_finish (runner, id);
  else
    fake_runner_fail (runner, id, classes[draw (crowd, G_N_ELEMENTS (classes))]);
}

static void
let_store_answer (Crowd *crowd)
{
  if (fake_store_get_n_waiting (crowd->bed.store) == 0)
    return;

  if (draw (crowd, 100) < REFUSALS)
    fake_store_refuse (crowd->bed.store, FERRY_ERROR_DISK_FULL);
  else
    fake_store_answer (crowd->bed.store);
}

static void
let_runner_answer (Crowd *crowd)
{
  static const FerryError errors[FAKE_N_ASKS] = {
    [FAKE_ASK_DISCARD] = FERRY_ERROR_WRONG_STATE,
    [FAKE_ASK_DELETE_RESULT] = FERRY_ERROR_NOT_ALLOWED,
    [FAKE_ASK_MOVE] = FERRY_ERROR_DISK_FULL,
    [FAKE_ASK_ROOM] = FERRY_ERROR_DISK_FULL,
  };
  FakeAsk kind = draw (crowd, FAKE_N_ASKS);

  if (fake_runner_get_n_asking (crowd->bed.runner, kind) == 0)
    return;

  if (draw (crowd, 10) == 0)
    fake_runner_refuse (crowd->bed.runner, kind, errors[kind]);
  else
    fake_runner_grant (crowd->bed.runner, kind);
}

static void
take_a_step (Crowd *crowd)
{
  guint step = draw (crowd, 20);

  if (step < 3)
    ask (crowd);
  else if (step < 5)
    end_a_job (crowd);
  else if (step < 12)
    let_store_answer (crowd);
  else if (step < 16)
    let_runner_answer (crowd);
  else
    (void) g_main_context_iteration (NULL, FALSE);  /* a turn, or none */
}

/* Whether a move is under way, or a job that was told to stop has not. */
static gboolean
is_restless (Crowd *crowd)
{
  g_autoptr(GArray) jobs = fake_runner_get_jobs (crowd->bed.runner);
  GPtrArray *tasks = ferryd_manager_get_tasks (crowd->bed.manager);

  for (guint i = 0; i < jobs->len; i++)
    {
      if (fake_runner_get_cause (crowd->bed.runner, g_array_index (jobs, gint64, i)) !=
          FERRYD_CAUSE_NONE)
        return TRUE;
    }
  for (guint i = 0; i < tasks->len; i++)
    {
      if (ferryd_task_is_busy (tasks->pdata[i]) &&
          !fake_runner_has_job (crowd->bed.runner, ferryd_task_get_id (tasks->pdata[i])))
        return TRUE;
    }

  return crowd->n_answered < crowd->n_asked;
}

static void
obey_all (Crowd *crowd)
{
  g_autoptr(GArray) jobs = fake_runner_get_jobs (crowd->bed.runner);

  for (guint i = 0; i < jobs->len; i++)
    {
      gint64 id = g_array_index (jobs, gint64, i);

      if (fake_runner_get_cause (crowd->bed.runner, id) != FERRYD_CAUSE_NONE)
        fake_runner_obey (crowd->bed.runner, id);
    }
}

/* Nobody asks any more, all answer well, and what waits for another try at the disk gets it. */
static void
come_to_rest (Crowd *crowd)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE_S * G_USEC_PER_SEC;

  settle_all (crowd->bed.store, crowd->bed.runner);
  while (is_restless (crowd))
    {
      obey_all (crowd);
      (void) g_main_context_iteration (NULL, TRUE);  /* a tick at least: something runs */
      settle_all (crowd->bed.store, crowd->bed.runner);
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    }
}

static void
on_task_event_cb (FerrydManager     *manager,
                  FerrydTask        *task,
                  const FerrydEvent *event,
                  Crowd             *crowd)
{
  g_string_append_printf (crowd->told[event->task_id], "%s %" G_GINT64_FORMAT ";", event->kind,
                          event->serial);
}

/* What was told is on disk, all of it and nothing else. */
static void
check_events (Crowd *crowd)
{
  GPtrArray *events = fake_store_get_events (crowd->bed.store);
  g_autoptr(GPtrArray) saved = g_ptr_array_new ();

  for (guint id = 0; id <= N_TASKS; id++)
    g_ptr_array_add (saved, g_string_new (NULL));
  for (guint i = 0; i < events->len; i++)
    {
      const FerrydEvent *event = events->pdata[i];

      g_string_append_printf (saved->pdata[event->task_id], "%s %" G_GINT64_FORMAT ";",
                              event->kind, event->serial);
    }

  for (guint id = 0; id <= N_TASKS; id++)
    {
      if (id > 0)
        g_assert_cmpstr (crowd->told[id]->str, ==, ((GString *) saved->pdata[id])->str);
      g_string_free (saved->pdata[id], TRUE);
    }
}

/* The last thing that was told of a task is what it is. */
static void
check_last_event (Crowd      *crowd,
                  FerrydTask *task)
{
  static const char *const kinds[FERRY_N_TASK_STATES] = {
    [STATE (FINISHED)] = "finished",
    [STATE (FAILED)] = "failed",
    [STATE (CANCELLED)] = "cancelled",
  };
  g_auto(GStrv) told = g_strsplit (crowd->told[ferryd_task_get_id (task)]->str, ";", 0);
  guint n = g_strv_length (told);
  const char *kind = kinds[ferryd_task_get_state (task)];

  if (kind != NULL)
    g_assert_true (n >= 2 && g_str_has_prefix (told[n - 2], kind));
}

static void
check_tasks (Crowd *crowd)
{
  for (guint id = 1; id <= N_TASKS; id++)
    {
      FerrydTask *task = ferryd_manager_get_task (crowd->bed.manager, id);

      if (task == NULL)
        {
          g_assert_null (fake_store_get_task (crowd->bed.store, id));
          continue;
        }

      assert_saved (crowd->bed.store, task);
      check_last_event (crowd, task);
      g_assert_cmpint (fake_runner_has_job (crowd->bed.runner, id), ==,
                       ferryd_task_get_state (task) == STATE (RUNNING));
    }
}

/* Every end is in the sum of one `session-finished`, once. */
static void
check_harvest (Crowd *crowd)
{
  static const char *const kinds[] = { "finished", "failed", "cancelled" };
  GPtrArray *events = fake_store_get_events (crowd->bed.store);

  for (guint k = 0; k < G_N_ELEMENTS (kinds); k++)
    {
      guint n_ends = 0;
      guint sum = 0;
      guint told = 0;

      for (guint i = 0; i < events->len; i++)
        {
          const FerrydEvent *event = events->pdata[i];

          n_ends += g_str_equal (event->kind, kinds[k]);
          if (event->task_id == 0 && g_variant_lookup (event->details, kinds[k], "u", &told))
            sum += told;
        }
      g_assert_cmpuint (sum, ==, n_ends);
    }
}

static void
init_crowd (Crowd *crowd)
{
  FerrydPolicy policy = { .max_running = N_TASKS, .max_per_host = N_TASKS };

  manager_bed_init (&crowd->bed);
  ferryd_manager_set_policy (crowd->bed.manager, &policy);
  for (guint id = 1; id <= N_TASKS; id++)
    {
      g_autofree char *url = g_strdup_printf ("http://host%u.example/", id);
      FerrydTaskRow *row = make_task_row (0, url, STATE (WAITING), FERRY_WAIT_REASON_QUEUE);

      crowd->told[id] = g_string_new (NULL);
      if (id % 2 == 0)
        give_part (row);
      (void) manager_bed_store_row (&crowd->bed, row);
    }
  g_signal_connect (crowd->bed.manager, "task-event", G_CALLBACK (on_task_event_cb), crowd);
  manager_bed_load (&crowd->bed);
  settle_all (crowd->bed.store, crowd->bed.runner);
  g_assert_cmpuint (fake_runner_get_n_starts (crowd->bed.runner), ==, N_TASKS);
}

static void
remove_all (Crowd *crowd)
{
  GPtrArray *tasks = ferryd_manager_get_tasks (crowd->bed.manager);

  for (guint i = 0; i < tasks->len; i++)
    {
      crowd->n_asked++;
      ferryd_task_wish_async (tasks->pdata[i], FERRYD_WISH_REMOVE, wish_answered_cb, crowd);
    }
}

/* A job's end that could not be written is warned of: here that is no failure. */
static void
on_warning_cb (const char     *domain,
               GLogLevelFlags  level,
               const char     *message,
               gpointer        user_data)
{
  g_test_message ("%s", message);
}

static gboolean
on_fatal_cb (const char     *domain,
             GLogLevelFlags  level,
             const char     *message,
             gpointer        user_data)
{
  return (level & G_LOG_LEVEL_MASK) != G_LOG_LEVEL_WARNING;
}

static void
test_moments (void)
{
  g_autoptr(GRand) random = make_random ();
  Crowd crowd = { .random = random };
  gboolean is_done;

  g_log_set_handler ("ferryd-task", G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL, on_warning_cb, NULL);
  g_test_log_set_fatal_handler (on_fatal_cb, NULL);
  init_crowd (&crowd);
  for (guint i = 0; i < N_STEPS; i++)
    take_a_step (&crowd);
  come_to_rest (&crowd);
  check_events (&crowd);
  check_tasks (&crowd);

  remove_all (&crowd);
  come_to_rest (&crowd);
  g_assert_cmpuint (fake_store_get_n_tasks (crowd.bed.store), ==, 0);
  g_assert_cmpuint (ferryd_manager_get_tasks (crowd.bed.manager)->len, ==, 0);
  while (!ferryd_manager_is_idle (crowd.bed.manager))
    {
      settle_by_clock (crowd.bed.store);
      settle_all (crowd.bed.store, crowd.bed.runner);
    }
  check_events (&crowd);
  check_harvest (&crowd);

  manager_bed_leave (&crowd.bed, &is_done);
  settle_all (crowd.bed.store, crowd.bed.runner);
  g_assert_true (is_done);
  g_assert_cmpuint (fake_store_get_n_late (crowd.bed.store), ==, 0);
  manager_bed_clear (&crowd.bed);
  for (guint id = 1; id <= N_TASKS; id++)
    g_string_free (crowd.told[id], TRUE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/moments/random", test_moments);

  return g_test_run ();
}
