/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything that can be asked of a task, in every order: §4, “One move at a time for each task: a
 * second one waits and is judged by the state it then finds.” */
#include "config.h"

#include "naive-task.h"
#include "task-bed.h"

#define STATE(name) FERRY_TASK_STATE_##name
#define REASON(name) FERRY_WAIT_REASON_##name

#define MAX_ASKS 4

/* Where a sequence begins. */
typedef struct
{
  FerryTaskState  state;
  FerryWaitReason reason;
  JobEnd          end;     /* of RUNNING */
} Start;

static const Start starts[] = {
  { STATE (SUSPENDED), REASON (NONE), END_OBEYS },
  { STATE (WAITING), REASON (QUEUE), END_OBEYS },
  { STATE (WAITING), REASON (RETRY), END_OBEYS },
  { STATE (WAITING), REASON (DISK_FULL), END_OBEYS },
  { STATE (WAITING), REASON (NEW_URL), END_OBEYS },
  { STATE (WAITING), REASON (CREDENTIALS), END_OBEYS },
  { STATE (RUNNING), REASON (NONE), END_OBEYS },
  { STATE (RUNNING), REASON (NONE), END_FINISHED },
  { STATE (RUNNING), REASON (NONE), END_FAILED },
  { STATE (RUNNING), REASON (NONE), END_DISK_FULL },
  { STATE (RUNNING), REASON (NONE), END_NEW_URL },
  { STATE (FINISHED), REASON (NONE), END_OBEYS },
  { STATE (FAILED), REASON (NONE), END_OBEYS },
  { STATE (CANCELLED), REASON (NONE), END_OBEYS },
};

static void
ask (TaskBed *bed,
     guint    what)
{
  g_auto(FerrydTaskEdit) edit = { .what = FERRYD_TASK_PRIORITY, .priority = 0.9 };

  if (what <= FERRYD_WISH_REMOVE_FILES)
    (void) task_bed_wish (bed, what);  /* the bed keeps the answer */
  else if (what == ASK_KEY)
    (void) task_bed_make_key (bed);  /* likewise */
  else
    {
      edit.url = g_strdup ("http://b.example/");
      edit.folder = g_strdup ("/new");
      if (what == ASK_URL)
        edit.what = FERRYD_TASK_URL;
      else if (what == ASK_PATH)
        edit.what = FERRYD_TASK_PATH;
      (void) task_bed_edit (bed, &edit);  /* likewise */
    }
}

static void
end_job (TaskBed *bed,
         JobEnd   end)
{
  if (end == END_OBEYS)
    fake_runner_obey (bed->runner, bed->id);
  else if (end == END_FINISHED)
    fake_runner_finish (bed->runner, bed->id);
  else if (end == END_FAILED)
    fake_runner_fail (bed->runner, bed->id, FERRYD_TRANSFER_ERROR_SERVER);
  else
    fake_runner_fail (bed->runner, bed->id, end == END_DISK_FULL ? FERRYD_TRANSFER_ERROR_DISK_FULL
                                                                 : FERRYD_TRANSFER_ERROR_NEW_URL);
}

/* Everybody answers, at any time no more than one of a task's moves being under way; the store
 * refuses its @refused-th call (from 1 on; 0: none). */
static void
let_all_answer (TaskBed *bed,
                JobEnd   end,
                guint    refused)
{
  guint n_calls = 0;

  settle ();
  while (TRUE)
    {
      guint n_saving = fake_store_get_n_waiting (bed->store);
      guint n_asking = fake_runner_get_n_waiting (bed->runner);

      g_assert_cmpuint (n_saving + n_asking, <=, 1);
      if (n_saving == 1 && ++n_calls == refused)
        fake_store_refuse (bed->store, FERRY_ERROR_DISK_FULL);
      else if (n_saving == 1)
        fake_store_answer (bed->store);
      else if (n_asking == 1)
        fake_runner_grant_next (bed->runner);
      else if (fake_runner_has_job (bed->runner, bed->id) &&
               fake_runner_get_cause (bed->runner, bed->id) != FERRYD_CAUSE_NONE)
        end_job (bed, end);
      else
        return;

      settle ();
    }
}

static void
init_bed (TaskBed     *bed,
          const Start *start,
          gboolean     keeps)
{
  FerrydTaskRow *row = make_task_row (0, "http://a.example/file", start->state, start->reason);

  if (keeps)
    give_part (row);
  task_bed_init_row (bed, row);
}

static void
check_row (TaskBed     *bed,
           const NaiveTask *naive)
{
  const FerrydTaskRow *row = ferryd_task_get_row (bed->task);

  g_assert_cmpint (row->status.state, ==, naive->state);
  g_assert_cmpint (row->status.reason, ==, naive->reason);
  g_assert_cmpint (row->resume_key != NULL, ==, naive->has_key);
  g_assert_cmpint (row->priority > 0.8, ==, naive->has_priority);
  g_assert_cmpstr (row->url, ==, naive->has_url ? "http://b.example/" : "http://a.example/file");
  g_assert_cmpstr (row->folder, ==, naive->has_moved ? "/new" : "/nowhere");
  if (naive->keeps)
    g_assert_cmpuint (row->kept->part.inode, ==, 7 + (naive->has_moved ? FAKE_MOVED_INODE : 0));
  if (naive->is_removed)
    g_assert_null (fake_store_get_task (bed->store, bed->id));
  else
    assert_saved (bed->store, bed->task);
}

static void
check_around (TaskBed     *bed,
              const NaiveTask *naive)
{
  g_autofree char *saved = list_saved_events (bed->store);

  g_assert_cmpstr (bed->events->str, ==, naive->events->str);
  g_assert_cmpstr (saved, ==, naive->events->str);
  g_assert_cmpuint (bed->n_removed, ==, naive->is_removed);
  g_assert_cmpuint (fake_runner_get_n_asked (bed->runner, FAKE_ASK_DISCARD), ==,
                    naive->n_discards);
  g_assert_cmpuint (fake_runner_get_n_asked (bed->runner, FAKE_ASK_DELETE_RESULT), ==,
                    naive->n_deletes);
  g_assert_cmpuint (fake_runner_get_n_asked (bed->runner, FAKE_ASK_MOVE), ==,
                    naive->keeps && naive->has_moved);
  g_assert_cmpint (fake_runner_has_job (bed->runner, bed->id), ==,
                   naive->state == STATE (RUNNING));
}

static void
check_sequence (const Start *start,
                gboolean     keeps,
                const guint *asks,
                guint        n)
{
  g_auto(TaskBed) bed = { NULL };
  g_autoptr(GString) events = g_string_new (NULL);
  NaiveTask naive = { start->state, start->reason, start->end, keeps, .events = events };

  init_bed (&bed, start, keeps);
  for (guint i = 0; i < n; i++)
    ask (&bed, asks[i]);
  let_all_answer (&bed, start->end, 0);

  for (guint i = 0; i < n; i++)
    g_assert_cmpint (answer_get_code (g_ptr_array_index (bed.answers, i)), ==,
                     naive_task_ask (&naive, asks[i]));
  check_row (&bed, &naive);
  check_around (&bed, &naive);
}

/* Calls @check for all sequences of @n of the first @n_asks. */
static void
walk (const Start *start,
      gboolean     keeps,
      guint        n_asks,
      guint        n,
      void (* check) (const Start *start,
                      gboolean     keeps,
                      const guint *asks,
                      guint        n))
{
  guint n_sequences = 1;

  for (guint i = 0; i < n; i++)
    n_sequences *= n_asks;

  for (guint number = 0; number < n_sequences; number++)
    {
      guint asks[MAX_ASKS];

      for (guint i = 0, rest = number; i < n; i++, rest /= n_asks)
        asks[i] = rest % n_asks;

      check (start, keeps, asks, n);
    }
}

static void
test_one_and_two (gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      walk (&starts[i], GPOINTER_TO_INT (data), N_ASKS, 1, check_sequence);
      walk (&starts[i], GPOINTER_TO_INT (data), N_ASKS, 2, check_sequence);
    }
}

static void
test_three (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    walk (&starts[i], TRUE, N_ASKS, 3, check_sequence);
}

/* Resume, Suspend, Resume, Cancel in every order is among them. */
static void
test_four (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    walk (&starts[i], FALSE, FERRYD_WISH_CANCEL + 1, 4, check_sequence);
}

/* “A commit that fails answers each waiter, and the model keeps its old state.” */
static void
check_refusals (const Start *start,
                gboolean     keeps,
                const guint *asks,
                guint        n)
{
  for (guint refused = 1; refused <= 2 * n; refused++)
    {
      g_auto(TaskBed) bed = { NULL };
      g_autofree char *saved = NULL;

      init_bed (&bed, start, keeps);
      for (guint i = 0; i < n; i++)
        ask (&bed, asks[i]);
      let_all_answer (&bed, start->end, refused);

      for (guint i = 0; i < n; i++)
        g_assert_cmpint (answer_get_code (g_ptr_array_index (bed.answers, i)), !=,
                         FERRY_ERROR_STORE);
      saved = list_saved_events (bed.store);
      g_assert_cmpstr (bed.events->str, ==, saved);
      if (bed.n_removed == 0)
        assert_saved (bed.store, bed.task);
      else
        g_assert_null (fake_store_get_task (bed.store, bed.id));
    }
}

/* A running one's end is another test's: it is told until the disk listens. */
static void
test_refusals (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++)
    {
      if (starts[i].state == STATE (RUNNING))
        continue;

      walk (&starts[i], TRUE, N_ASKS, 1, check_refusals);
      walk (&starts[i], TRUE, N_ASKS, 2, check_refusals);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_data_func ("/task-wishes/one-and-two/empty", GINT_TO_POINTER (FALSE),
                        test_one_and_two);
  g_test_add_data_func ("/task-wishes/one-and-two/keeping", GINT_TO_POINTER (TRUE),
                        test_one_and_two);
  g_test_add_func ("/task-wishes/three", test_three);
  g_test_add_func ("/task-wishes/four", test_four);
  g_test_add_func ("/task-wishes/refusals", test_refusals);

  return g_test_run ();
}
