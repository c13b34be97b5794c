/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "task-bed.h"

/* One that waits for its answer. */
typedef struct
{
  TaskBed *bed;     /* unowned */
  Answer  *answer;  /* unowned */
} Asking;

static void
answer_free (Answer *answer)
{
  g_clear_error (&answer->error);
  g_free (answer);
}

FerrydSessionRow *
make_session_row (const char *app_id,
                  const char *identifier)
{
  FerrydSessionRow *row = ferryd_session_row_new ();

  row->app_id = g_strdup (app_id);
  row->identifier = g_strdup (identifier);
  row->configuration = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  row->created = g_get_real_time ();
  return row;
}

FerrydTaskRow *
make_task_row (gint64           session_id,
               const char      *url,
               FerryTaskState   state,
               FerryWaitReason  reason)
{
  FerrydTaskRow *row = ferryd_task_row_new ();

  row->session_id = session_id;
  row->url = g_strdup (url);
  row->folder = g_strdup ("/nowhere");
  row->options = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  row->created = g_get_real_time ();
  row->status.state = state;
  row->status.reason = state == FERRY_TASK_STATE_WAITING ? reason : FERRY_WAIT_REASON_NONE;
  if (state == FERRY_TASK_STATE_FAILED)
    {
      row->status.error_name = g_strdup ("name");
      row->status.error_message = g_strdup ("message");
    }
  if (ferry_task_state_is_over (state))
    row->status.finished = row->created;

  return row;
}

static void
on_changed_cb (FerrydTask *task,
               guint       mask,
               TaskBed    *bed)
{
  g_assert_cmphex (mask, !=, 0);
  bed->changes |= mask;
  bed->n_changes++;
}

static void
on_ended_cb (FerrydRunner        *runner,
             gint64               task_id,
             const FerrydOutcome *outcome,
             TaskBed             *bed)
{
  ferryd_task_end (bed->task, outcome);
}

void
task_bed_init (TaskBed         *bed,
               FerryTaskState   state,
               FerryWaitReason  reason)
{
  FerrydSessionRow *session = make_session_row ("org.example.App", "one");
  gboolean runs = state == FERRY_TASK_STATE_RUNNING;
  FerrydTaskRow *row;

  *bed = (TaskBed) { .store = fake_store_new (), .runner = fake_runner_new () };
  bed->answers = g_ptr_array_new_with_free_func ((GDestroyNotify) answer_free);
  (void) fake_store_take_session (bed->store, session);  /* the row has it */
  bed->session = ferryd_session_new (ferryd_session_row_copy (session));

  row = make_task_row (session->id, "http://a.example/file",
                       runs ? FERRY_TASK_STATE_WAITING : state,
                       runs ? FERRY_WAIT_REASON_QUEUE : reason);
  bed->id = fake_store_take_task (bed->store, row);
  bed->task = ferryd_task_new (bed->session, ferryd_task_row_copy (row),
                               FERRYD_STORE (bed->store), FERRYD_RUNNER (bed->runner));
  g_signal_connect (bed->runner, "ended", G_CALLBACK (on_ended_cb), bed);
  if (runs)
    {
      ferryd_task_run (bed->task);
      settle_all (bed->store, bed->runner);
      g_assert_true (fake_runner_has_job (bed->runner, bed->id));
    }

  g_signal_connect (bed->task, "changed", G_CALLBACK (on_changed_cb), bed);
}

void
task_bed_clear (TaskBed *bed)
{
  if (bed->store == NULL)
    return;

  settle ();
  g_signal_handlers_disconnect_by_data (bed->runner, bed);
  g_signal_handlers_disconnect_by_data (bed->task, bed);
  g_assert_true (is_last (g_steal_pointer (&bed->task)));
  g_assert_true (is_last (g_steal_pointer (&bed->session)));
  g_assert_true (is_last (g_steal_pointer (&bed->store)));
  g_assert_true (is_last (g_steal_pointer (&bed->runner)));
  g_clear_pointer (&bed->answers, g_ptr_array_unref);
}

static void
wish_answered_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autofree Asking *asking = user_data;
  Answer *answer = asking->answer;
  gboolean is_done = ferryd_task_wish_finish (FERRYD_TASK (object), result, &answer->error);

  g_assert_false (answer->has_come);
  g_assert_cmpint (is_done, ==, answer->error == NULL);
  answer->has_come = TRUE;
  answer->order = ++asking->bed->n_answers;
}

const Answer *
task_bed_wish (TaskBed    *bed,
               FerrydWish  wish)
{
  Asking *asking = g_new0 (Asking, 1);

  asking->bed = bed;
  asking->answer = g_new0 (Answer, 1);
  g_ptr_array_add (bed->answers, asking->answer);
  ferryd_task_wish_async (bed->task, wish, wish_answered_cb, asking);
  return g_ptr_array_index (bed->answers, bed->answers->len - 1);
}

int
answer_get_code (const Answer *answer)
{
  g_assert_true (answer->has_come);
  if (answer->error == NULL)
    return -1;

  g_assert_true (answer->error->domain == FERRY_ERROR);
  return answer->error->code;
}

FerryTaskState
task_bed_get_saved_state (TaskBed *bed)
{
  return fake_store_get_status (bed->store, bed->id)->state;
}
