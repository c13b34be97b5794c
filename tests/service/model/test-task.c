/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One move at a time, each on disk before it is true. */
#include "config.h"

#include "task-bed.h"

#define N_WISHES (FERRYD_WISH_CANCEL + 1)

typedef enum
{
  REFUSED,   /* WrongState, nothing written */
  NOTHING,   /* well, nothing written */
  SAVED,     /* well, when it is on disk */
  STOPPED,   /* well, when the job has ended and that is on disk */
} Way;

typedef struct
{
  Way            way;
  FerryTaskState to;
} Edge;

#define STATE(name) FERRY_TASK_STATE_##name

/* The table of the states, by what somebody can ask. */
static const Edge edges[FERRY_N_TASK_STATES][N_WISHES] = {
  [STATE (SUSPENDED)] = {
    [FERRYD_WISH_RESUME] = { SAVED, STATE (WAITING) },
    [FERRYD_WISH_SUSPEND] = { NOTHING, STATE (SUSPENDED) },
    [FERRYD_WISH_CANCEL] = { SAVED, STATE (CANCELLED) },
  },
  [STATE (WAITING)] = {
    [FERRYD_WISH_RESUME] = { SAVED, STATE (WAITING) },  /* nothing, where it is queued already */
    [FERRYD_WISH_SUSPEND] = { SAVED, STATE (SUSPENDED) },
    [FERRYD_WISH_CANCEL] = { SAVED, STATE (CANCELLED) },
  },
  [STATE (RUNNING)] = {
    [FERRYD_WISH_RESUME] = { NOTHING, STATE (RUNNING) },
    [FERRYD_WISH_SUSPEND] = { STOPPED, STATE (SUSPENDED) },
    [FERRYD_WISH_CANCEL] = { STOPPED, STATE (CANCELLED) },
  },
  [STATE (FINISHED)] = {
    [FERRYD_WISH_RESUME] = { REFUSED, STATE (FINISHED) },
    [FERRYD_WISH_SUSPEND] = { REFUSED, STATE (FINISHED) },
    [FERRYD_WISH_CANCEL] = { REFUSED, STATE (FINISHED) },
  },
  [STATE (FAILED)] = {
    [FERRYD_WISH_RESUME] = { SAVED, STATE (WAITING) },
    [FERRYD_WISH_SUSPEND] = { REFUSED, STATE (FAILED) },
    [FERRYD_WISH_CANCEL] = { SAVED, STATE (CANCELLED) },
  },
  [STATE (CANCELLED)] = {
    [FERRYD_WISH_RESUME] = { REFUSED, STATE (CANCELLED) },
    [FERRYD_WISH_SUSPEND] = { REFUSED, STATE (CANCELLED) },
    [FERRYD_WISH_CANCEL] = { NOTHING, STATE (CANCELLED) },
  },
};

static gboolean
is_queued (FerryTaskState  state,
           FerryWaitReason reason)
{
  return state == STATE (WAITING) &&
         (reason == FERRY_WAIT_REASON_QUEUE || reason == FERRY_WAIT_REASON_HOST_LIMIT ||
          reason == FERRY_WAIT_REASON_NOT_YET);
}

static Edge
get_edge (FerryTaskState  state,
          FerryWaitReason reason,
          FerrydWish      wish)
{
  Edge edge = edges[state][wish];

  if (wish == FERRYD_WISH_RESUME && is_queued (state, reason))
    edge.way = NOTHING;

  return edge;
}

static void
assert_unmoved (TaskBed         *bed,
                FerryTaskState   state,
                FerryWaitReason  reason)
{
  const FerrydTaskStatus *status = &ferryd_task_get_row (bed->task)->status;

  g_assert_cmpint (status->state, ==, state);
  g_assert_cmpint (status->reason, ==, state == STATE (WAITING) ? reason : FERRY_WAIT_REASON_NONE);
  g_assert_cmpint (task_bed_get_saved_state (bed), ==, state);
  g_assert_cmphex (bed->changes & FERRYD_TASK_CHANGE (STATE), ==, 0);
}

/* Up to where the store has been asked to write the move down. */
static void
come_to_the_disk (TaskBed        *bed,
                  Way             way,
                  FerryTaskState  to)
{
  settle ();
  if (way == STOPPED)
    {
      g_assert_cmpuint (fake_store_get_n_waiting (bed->store), ==, 0);
      g_assert_cmpint (fake_runner_get_cause (bed->runner, bed->id), ==,
                       to == STATE (CANCELLED) ? FERRYD_CAUSE_CANCEL : FERRYD_CAUSE_SUSPEND);
      fake_runner_obey (bed->runner, bed->id);
    }
  else if (to == STATE (CANCELLED))
    {
      /* The bytes go first. */
      g_assert_cmpuint (fake_store_get_n_waiting (bed->store), ==, 0);
      g_assert_cmpuint (fake_runner_get_n_asking (bed->runner, FAKE_ASK_DISCARD), ==, 1);
      fake_runner_grant (bed->runner, FAKE_ASK_DISCARD);
    }

  settle ();
  g_assert_cmpuint (fake_store_get_n_waiting (bed->store), ==, 1);
}

static void
check_edge (FerryTaskState  state,
            FerryWaitReason reason,
            FerrydWish      wish)
{
  g_auto(TaskBed) bed = { NULL };
  Edge edge = get_edge (state, reason, wish);
  const FerrydTaskStatus *status;
  const Answer *answer;
  guint n_writes;

  g_test_message ("%s %s, wish %d", ferry_task_state_to_string (state),
                  ferry_wait_reason_to_string (reason), (int) wish);
  task_bed_init (&bed, state, reason);
  n_writes = fake_store_get_n_writes (bed.store);
  answer = task_bed_wish (&bed, wish);
  if (edge.way == NOTHING || edge.way == REFUSED)
    {
      settle ();
      g_assert_cmpint (answer_get_code (answer), ==,
                       edge.way == REFUSED ? FERRY_ERROR_WRONG_STATE : -1);
      g_assert_cmpuint (fake_store_get_n_writes (bed.store), ==, n_writes);
      g_assert_cmpuint (fake_runner_get_n_asked (bed.runner, FAKE_ASK_DISCARD), ==, 0);
      assert_unmoved (&bed, state, reason);
      return;
    }

  come_to_the_disk (&bed, edge.way, edge.to);
  g_assert_false (answer->has_come);
  assert_unmoved (&bed, state, reason);

  fake_store_answer (bed.store);
  settle ();
  status = &ferryd_task_get_row (bed.task)->status;
  g_assert_cmpint (answer_get_code (answer), ==, -1);
  g_assert_cmpint (status->state, ==, edge.to);
  g_assert_cmpint (status->reason, ==, edge.to == STATE (WAITING) ? FERRY_WAIT_REASON_QUEUE
                                                                  : FERRY_WAIT_REASON_NONE);
  g_assert_cmpint (task_bed_get_saved_state (&bed), ==, edge.to);
  g_assert_cmpuint (fake_store_get_n_writes (bed.store), ==, n_writes + 1);
  g_assert_cmpint ((bed.changes & FERRYD_TASK_CHANGE (STATE)) != 0, ==, state != edge.to);
  g_assert_null (status->error_name);
  g_assert_cmpint (status->finished != 0, ==, edge.to == STATE (CANCELLED));
  g_assert_cmpint (status->clock_since != 0, ==, wish == FERRYD_WISH_RESUME);
  g_assert_cmpint (status->retry_at, ==, 0);
}

/* Calls @check for each state, waiting ones with each reason, and each wish. */
static void
walk (void (* check) (FerryTaskState  state,
                      FerryWaitReason reason,
                      FerrydWish      wish))
{
  for (guint state = 0; state < FERRY_N_TASK_STATES; state++)
    {
      guint n_reasons = state == STATE (WAITING) ? FERRY_N_WAIT_REASONS : 2;

      for (guint reason = FERRY_WAIT_REASON_QUEUE; reason < n_reasons; reason++)
        {
          for (guint wish = 0; wish < N_WISHES; wish++)
            check (state, reason, wish);
        }
    }
}

static void
test_edges (void)
{
  walk (check_edge);
}

/* The disk says no: the old state stands, and the next wish is none the worse for it. */
static void
check_refused_save (FerryTaskState  state,
                    FerryWaitReason reason,
                    FerrydWish      wish)
{
  g_auto(TaskBed) bed = { NULL };
  Edge edge = get_edge (state, reason, wish);
  const Answer *answer, *next;

  if (edge.way != SAVED)
    return;

  task_bed_init (&bed, state, reason);
  answer = task_bed_wish (&bed, wish);
  next = task_bed_wish (&bed, wish);
  come_to_the_disk (&bed, edge.way, edge.to);
  fake_store_refuse (bed.store, FERRY_ERROR_DISK_FULL);
  settle ();
  g_assert_cmpint (answer_get_code (answer), ==, FERRY_ERROR_DISK_FULL);
  assert_unmoved (&bed, state, reason);
  g_assert_cmpint (ferryd_task_get_row (bed.task)->status.error_name != NULL, ==,
                   state == STATE (FAILED));
  g_assert_false (next->has_come);

  settle_all (bed.store, bed.runner);
  g_assert_cmpint (answer_get_code (next), ==, -1);
  g_assert_cmpint (ferryd_task_get_state (bed.task), ==, edge.to);
}

static void
test_refused_saves (void)
{
  walk (check_refused_save);
}

static void
test_run (void)
{
  g_auto(TaskBed) bed = { NULL };

  task_bed_init (&bed, STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  g_assert_true (ferryd_task_wants_slot (bed.task));
  ferryd_task_run (bed.task);
  settle ();
  g_assert_true (ferryd_task_has_slot (bed.task));
  g_assert_false (ferryd_task_wants_slot (bed.task));
  assert_unmoved (&bed, STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  g_assert_false (fake_runner_has_job (bed.runner, bed.id));

  fake_store_answer (bed.store);
  settle ();
  g_assert_cmpint (ferryd_task_get_state (bed.task), ==, STATE (RUNNING));
  g_assert_cmpint (task_bed_get_saved_state (&bed), ==, STATE (RUNNING));
  g_assert_true (fake_runner_has_job (bed.runner, bed.id));
  g_assert_true (ferryd_task_has_slot (bed.task));

  ferryd_task_note_written (bed.task);
  g_assert_false (ferryd_task_has_slot (bed.task));
  g_assert_cmpint (ferryd_task_get_state (bed.task), ==, STATE (RUNNING));
}

static void
test_run_refused (void)
{
  g_auto(TaskBed) bed = { NULL };

  task_bed_init (&bed, STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  ferryd_task_run (bed.task);
  settle ();
  fake_store_refuse (bed.store, FERRY_ERROR_STORE);
  settle ();
  assert_unmoved (&bed, STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  g_assert_false (fake_runner_has_job (bed.runner, bed.id));
}

/* What waits for something else than a slot does not take one. */
static void
test_wants_slot (void)
{
  for (guint reason = FERRY_WAIT_REASON_QUEUE; reason < FERRY_N_WAIT_REASONS; reason++)
    {
      g_auto(TaskBed) bed = { NULL };

      task_bed_init (&bed, STATE (WAITING), reason);
      g_assert_cmpint (ferryd_task_wants_slot (bed.task), ==,
                       is_queued (STATE (WAITING), reason) || reason == FERRY_WAIT_REASON_RETRY);
    }

  for (guint state = 0; state < FERRY_N_TASK_STATES; state++)
    {
      g_auto(TaskBed) bed = { NULL };

      if (state == STATE (WAITING))
        continue;

      task_bed_init (&bed, state, FERRY_WAIT_REASON_NONE);
      g_assert_false (ferryd_task_wants_slot (bed.task));
      g_assert_cmpint (ferryd_task_has_slot (bed.task), ==, state == STATE (RUNNING));
    }
}

static void
test_queued (void)
{
  g_auto(TaskBed) bed = { NULL };

  task_bed_init (&bed, STATE (WAITING), FERRY_WAIT_REASON_QUEUE);
  ferryd_task_set_queued (bed.task, FERRY_WAIT_REASON_HOST_LIMIT, 3);
  g_assert_cmpuint (ferryd_task_get_position (bed.task), ==, 3);
  g_assert_cmpint (ferryd_task_get_row (bed.task)->status.reason, ==, FERRY_WAIT_REASON_HOST_LIMIT);
  g_assert_cmphex (bed.changes, ==,
                   FERRYD_TASK_CHANGE (REASON) | FERRYD_TASK_CHANGE (REASON_DETAILS));
  g_assert_cmpuint (fake_store_get_n_writes (bed.store), ==, 0);

  (void) task_bed_wish (&bed, FERRYD_WISH_SUSPEND);  /* test_edges has its answer */
  settle_all (bed.store, bed.runner);
  g_assert_cmpuint (ferryd_task_get_position (bed.task), ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/task/edges", test_edges);
  g_test_add_func ("/task/refused-saves", test_refused_saves);
  g_test_add_func ("/task/run", test_run);
  g_test_add_func ("/task/run-refused", test_run_refused);
  g_test_add_func ("/task/wants-slot", test_wants_slot);
  g_test_add_func ("/task/queued", test_queued);

  return g_test_run ();
}
