/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * kill -9 in the middle of many checkpoints and moves: what a worker was told is on disk, is, and a
 * move and its event are both there or neither.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "common/error.h"
#include "store-fixture.h"

#define N_WORKERS 8

typedef struct
{
  FerrydStore *store;
  gint64       task_id;
} Worker;

/* Tells of each checkpoint that was answered: one write, shorter than PIPE_BUF, thus whole. */
static gpointer
checkpoint_for_ever (gpointer data)
{
  Worker *worker = data;

  for (gint64 offset = 1;; offset++)
    {
      g_autoptr(FerrydKept) kept = test_make_kept (offset);
      g_autoptr(GError) error = NULL;
      char line[64];
      int length;

      ferryd_store_checkpoint (worker->store, worker->task_id, kept, &error);
      g_assert_no_error (error);
      length = g_snprintf (line, sizeof line, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n",
                           worker->task_id, offset);
      g_assert_cmpint (write (STDOUT_FILENO, line, (gsize) length), ==, length);
    }

  return NULL;
}

typedef struct
{
  FerrydStore *store;
  gint64       task_id;
  gint64       n_moves;  /* that were answered */
} Mover;

static void move_next (Mover *self);

/* Its line is that of a task 0, with the serial. */
static void
on_moved_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  Mover *self = user_data;
  g_autoptr(GError) error = NULL;
  gint64 serial;
  char line[64];
  int length;

  ferryd_store_save_status_finish (FERRYD_STORE (source), result, &serial, &error);
  g_assert_no_error (error);
  self->n_moves++;
  g_assert_cmpint (serial, ==, self->n_moves);
  length = g_snprintf (line, sizeof line, "0 %" G_GINT64_FORMAT "\n", serial);
  g_assert_cmpint (write (STDOUT_FILENO, line, (gsize) length), ==, length);
  move_next (self);
}

/* The number of the move is in the status and in the event. */
static void
move_next (Mover *self)
{
  FerrydTaskStatus status = { FERRY_TASK_STATE_SUSPENDED };
  g_autoptr(FerrydEvent) event = ferryd_event_new (1, self->task_id, FERRYD_EVENT_NEW_URL, NULL);

  status.clock_used = self->n_moves + 1;
  event->created = self->n_moves + 1;
  ferryd_store_save_status_async (self->store, self->task_id, &status, event,
                                  on_moved_cb, self);
}

/* The one who is killed. */
G_NORETURN static void
be_victim (char *path)
{
  TestStore store = { .path = path };
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GError) error = NULL;
  Worker workers[N_WORKERS];
  Mover mover = { NULL };
  gint64 first;

  test_store_open (&store, &error);
  g_assert_no_error (error);
  tasks = test_make_tasks (test_store_add_session (&store, "one", &error), N_WORKERS);
  g_assert_no_error (error);
  first = test_store_add_tasks (&store, tasks, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < N_WORKERS; i++)
    {
      workers[i] = (Worker) { store.store, first + i };
      g_thread_unref (g_thread_new ("worker", checkpoint_for_ever, &workers[i]));
    }

  mover = (Mover) { store.store, first, 0 };
  move_next (&mover);
  for (;;)
    g_main_context_iteration (NULL, TRUE);
}

/* @last: by the id of the task; 0 is for the serials
 * Returns: whether there was a line */
static gboolean
read_answer (GDataInputStream *lines,
             gint64           *last)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  gint64 task_id, offset;

  g_assert_no_error (error);
  if (line == NULL)
    return FALSE;

  g_assert_cmpint (sscanf (line, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT, &task_id, &offset),
                   ==, 2);
  g_assert_true (task_id >= 0 && task_id <= N_WORKERS);
  last[task_id] = offset;
  return TRUE;
}

/* @last: the serial of the last move that was answered */
static void
check_moves (TestStore *store,
             gint64     last)
{
  FerrydTaskRow *task = store->tasks->pdata[0];

  g_assert_cmpuint (store->events->len, >=, last);
  g_assert_cmpuint (store->events->len, <=, last + 1);
  g_assert_cmpint (task->status.clock_used, ==, store->events->len);
  for (guint i = 0; i < store->events->len; i++)
    {
      FerrydEvent *event = store->events->pdata[i];

      g_assert_cmpint (event->serial, ==, i + 1);
      g_assert_cmpint (event->created, ==, i + 1);
    }
}

static void
test_kill (void)
{
  g_autoptr(GRand) random = test_make_random ();

  for (guint round = 0; round < (g_test_thorough () ? 100 : 10); round++)
    {
      g_auto(TestStore) store = { NULL };
      g_autoptr(GSubprocess) victim = NULL;
      g_autoptr(GDataInputStream) lines = NULL;
      g_autoptr(GError) error = NULL;
      gint64 last[N_WORKERS + 1] = { 0 };
      gint n_answers = g_rand_int_range (random, 1, 3000);

      test_store_init (&store);
      victim = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                                 "/proc/self/exe", "--victim", store.path, NULL);
      g_assert_no_error (error);
      lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (victim));

      for (gint i = 0; i < n_answers; i++)
        g_assert_true (read_answer (lines, last));
      g_subprocess_send_signal (victim, SIGKILL);
      while (read_answer (lines, last))
        ;
      g_subprocess_wait (victim, NULL, &error);
      g_assert_no_error (error);

      test_store_reopen (&store);
      g_assert_null (ferryd_database_get_moved_aside (store.database));
      g_assert_cmpuint (store.tasks->len, ==, N_WORKERS);
      for (guint i = 0; i < N_WORKERS; i++)
        {
          FerrydTaskRow *task = store.tasks->pdata[i];

          /* The one that was under way may be there too. */
          g_assert_cmpint (task->kept->part.offset, >=, last[i + 1]);
          g_assert_cmpint (task->kept->part.offset, <=, last[i + 1] + 1);
        }
      check_moves (&store, last[0]);
      g_test_message ("%d answers, %u moves", n_answers, store.events->len);
    }
}

static void
on_alarm_cb (int number)
{
  static const char text[] = "Bail out! Nothing came in time\n";

  (void) !write (STDOUT_FILENO, text, sizeof text - 1);
  _exit (1);
}

int
main (int   argc,
      char *argv[])
{
  if (argc == 3 && g_str_equal (argv[1], "--victim"))
    be_victim (argv[2]);

  g_test_init (&argc, &argv, NULL);
  /* The reads above block. */
  signal (SIGALRM, on_alarm_cb);
  alarm (10 * TEST_DEADLINE_S);

  g_test_add_func ("/store/kill", test_kill);

  return g_test_run ();
}
