/* SPDX-License-Identifier: GPL-3.0-or-later */
/* kill -9 in the middle of many checkpoints: what a worker was told is on disk, is. */
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

/* The one who is killed. */
static int
be_victim (char *path)
{
  TestStore store = { .path = path };
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GError) error = NULL;
  Worker workers[N_WORKERS];
  GThread *threads[N_WORKERS];
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
      threads[i] = g_thread_new ("worker", checkpoint_for_ever, &workers[i]);
    }
  for (guint i = 0; i < N_WORKERS; i++)
    g_thread_join (threads[i]);

  return 0;
}

/* Returns: whether there was a line */
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
  g_assert_true (task_id >= 1 && task_id <= N_WORKERS);
  last[task_id - 1] = offset;
  return TRUE;
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
      gint64 last[N_WORKERS] = { 0 };
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
          g_assert_cmpint (task->kept->part.offset, >=, last[i]);
          g_assert_cmpint (task->kept->part.offset, <=, last[i] + 1);
        }
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
    return be_victim (argv[2]);

  g_test_init (&argc, &argv, NULL);
  /* The reads above block. */
  signal (SIGALRM, on_alarm_cb);
  alarm (10 * TEST_DEADLINE_S);

  g_test_add_func ("/store/kill", test_kill);

  return g_test_run ();
}
