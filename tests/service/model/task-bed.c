/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "task-bed.h"

/* One that waits for its answer. */
typedef struct
{
  TaskBed *bed;     /* unowned */
  Answer  *answer;  /* unowned */
} Asking;

void
answer_clear (Answer *answer)
{
  g_clear_error (&answer->error);
}

static void
answer_free (Answer *answer)
{
  answer_clear (answer);
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
  if (state == FERRY_TASK_STATE_RUNNING ||
      (state == FERRY_TASK_STATE_WAITING && !ferry_wait_reason_needs_person (reason)))
    row->status.clock_since = row->created;

  return row;
}

void
give_part (FerrydTaskRow *row)
{
  row->kept->part.name = g_strdup ("file.part");
  row->kept->part.inode = 7;
  row->kept->part.offset = PART_OFFSET;
  row->kept->part.total = PART_TOTAL;
  row->kept->part.etag = g_strdup ("\"a\"");
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
on_event_cb (FerrydTask        *task,
             const FerrydEvent *event,
             TaskBed           *bed)
{
  g_assert_cmpint (event->task_id, ==, bed->id);
  g_string_append_printf (bed->events, "%s %" G_GINT64_FORMAT ";", event->kind, event->serial);
}

static void
on_removed_cb (FerrydTask *task,
               TaskBed    *bed)
{
  bed->n_removed++;
}

static void
on_ended_cb (FerrydRunner        *runner,
             gint64               task_id,
             const FerrydOutcome *outcome,
             TaskBed             *bed)
{
  ferryd_task_end (bed->task, outcome);
}

static void
on_noted_cb (FerrydRunner     *runner,
             gint64            task_id,
             const FerrydKept *kept,
             TaskBed          *bed)
{
  /* Where there is an engine, it has asked the store first. */
  g_assert_true (ferryd_store_checkpoint (FERRYD_STORE (bed->store), task_id, kept, NULL));
  ferryd_task_note (bed->task, kept);
}

void
task_bed_init_row (TaskBed       *bed,
                   FerrydTaskRow *row)
{
  FerrydSessionRow *session = make_session_row ("org.example.App", "one");
  gboolean runs = row->status.state == FERRY_TASK_STATE_RUNNING;

  *bed = (TaskBed) { .store = fake_store_new (), .runner = fake_runner_new () };
  bed->answers = g_ptr_array_new_with_free_func ((GDestroyNotify) answer_free);
  bed->events = g_string_new (NULL);
  (void) fake_store_take_session (bed->store, session);  /* the row has it */
  bed->session = ferryd_session_new (ferryd_session_row_copy (session));

  row->session_id = session->id;
  if (runs)
    {
      row->status.state = FERRY_TASK_STATE_WAITING;
      row->status.reason = FERRY_WAIT_REASON_QUEUE;
    }
  bed->id = fake_store_take_task (bed->store, row);
  bed->task = ferryd_task_new (bed->session, ferryd_task_row_copy (row),
                               FERRYD_STORE (bed->store), FERRYD_RUNNER (bed->runner));
  g_signal_connect (bed->runner, "ended", G_CALLBACK (on_ended_cb), bed);
  g_signal_connect (bed->runner, "noted", G_CALLBACK (on_noted_cb), bed);
  if (runs)
    {
      ferryd_task_run (bed->task);
      settle_all (bed->store, bed->runner);
      g_assert_true (fake_runner_has_job (bed->runner, bed->id));
    }

  g_signal_connect (bed->task, "changed", G_CALLBACK (on_changed_cb), bed);
  g_signal_connect (bed->task, "event", G_CALLBACK (on_event_cb), bed);
  g_signal_connect (bed->task, "removed", G_CALLBACK (on_removed_cb), bed);
}

void
task_bed_init (TaskBed         *bed,
               FerryTaskState   state,
               FerryWaitReason  reason)
{
  task_bed_init_row (bed, make_task_row (0, "http://a.example/file", state, reason));
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
  g_string_free (g_steal_pointer (&bed->events), TRUE);
}

static void
note_answer (Asking *asking)
{
  g_assert_false (asking->answer->has_come);
  asking->answer->has_come = TRUE;
  asking->answer->order = ++asking->bed->n_answers;
}

static void
wish_answered_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autofree Asking *asking = user_data;
  Answer *answer = asking->answer;
  gboolean is_done = ferryd_task_wish_finish (FERRYD_TASK (object), result, &answer->error);

  g_assert_cmpint (is_done, ==, answer->error == NULL);
  note_answer (asking);
}

static void
edit_answered_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autofree Asking *asking = user_data;
  Answer *answer = asking->answer;
  gboolean is_done = ferryd_task_edit_finish (FERRYD_TASK (object), result, &answer->error);

  g_assert_cmpint (is_done, ==, answer->error == NULL);
  note_answer (asking);
}

static void
key_answered_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autofree Asking *asking = user_data;
  Answer *answer = asking->answer;
  g_autoptr(GBytes) key = ferryd_task_produce_resume_key_finish (FERRYD_TASK (object), result,
                                                                 &answer->error);

  g_assert_cmpint (key != NULL, ==, answer->error == NULL);
  note_answer (asking);
}

static Asking *
begin_asking (TaskBed *bed)
{
  Asking *asking = g_new0 (Asking, 1);

  asking->bed = bed;
  asking->answer = g_new0 (Answer, 1);
  g_ptr_array_add (bed->answers, asking->answer);
  return asking;
}

const Answer *
task_bed_wish (TaskBed    *bed,
               FerrydWish  wish)
{
  ferryd_task_wish_async (bed->task, wish, wish_answered_cb, begin_asking (bed));
  return g_ptr_array_index (bed->answers, bed->answers->len - 1);
}

const Answer *
task_bed_edit (TaskBed              *bed,
               const FerrydTaskEdit *edit)
{
  ferryd_task_edit_async (bed->task, edit, edit_answered_cb, begin_asking (bed));
  return g_ptr_array_index (bed->answers, bed->answers->len - 1);
}

const Answer *
task_bed_make_key (TaskBed *bed)
{
  ferryd_task_produce_resume_key_async (bed->task, key_answered_cb, begin_asking (bed));
  return g_ptr_array_index (bed->answers, bed->answers->len - 1);
}

char *
list_saved_events (FakeStore *store)
{
  GPtrArray *events = fake_store_get_events (store);
  GString *list = g_string_new (NULL);

  for (guint i = 0; i < events->len; i++)
    {
      const FerrydEvent *event = events->pdata[i];

      g_string_append_printf (list, "%s %" G_GINT64_FORMAT ";", event->kind, event->serial);
    }

  return g_string_free (list, FALSE);
}

static void
assert_same_status (const FerrydTaskStatus *a,
                    const FerrydTaskStatus *b)
{
  g_assert_cmpint (a->state, ==, b->state);
  if (ferry_wait_reason_needs_person (a->reason) || ferry_wait_reason_needs_person (b->reason))
    g_assert_cmpint (a->reason, ==, b->reason);
  g_assert_cmpstr (a->error_name, ==, b->error_name);
  g_assert_cmpstr (a->error_message, ==, b->error_message);
  g_assert_cmpint (a->finished, ==, b->finished);
  g_assert_cmpint (a->clock_used, ==, b->clock_used);
  g_assert_cmpint (a->clock_since, ==, b->clock_since);
  g_assert_cmpuint (a->attempts, ==, b->attempts);
  g_assert_cmpstr (a->digest, ==, b->digest);
}

void
assert_saved (FakeStore  *store,
              FerrydTask *task)
{
  const FerrydTaskRow *row = ferryd_task_get_row (task);
  const FerrydTaskRow *saved = fake_store_get_task (store, row->id);

  g_assert_nonnull (saved);
  assert_same_status (&row->status, &saved->status);
  g_assert_cmpstr (row->url, ==, saved->url);
  g_assert_cmpstr (row->folder, ==, saved->folder);
  g_assert_cmpfloat (row->priority, ==, saved->priority);
  g_assert_cmpstr (row->description, ==, saved->description);
  g_assert_cmpuint (row->download_limit, ==, saved->download_limit);
  g_assert_true (g_variant_equal (row->options, saved->options));
  g_assert_cmpint (row->resume_key != NULL, ==, saved->resume_key != NULL);
  if (row->resume_key != NULL)
    g_assert_true (g_bytes_equal (row->resume_key, saved->resume_key));
  g_assert_cmpstr (row->kept->part.name, ==, saved->kept->part.name);
  g_assert_cmpuint (row->kept->part.inode, ==, saved->kept->part.inode);
  g_assert_cmpint (row->kept->part.offset, ==, saved->kept->part.offset);
  g_assert_cmpstr (row->kept->file_name, ==, saved->kept->file_name);
  g_assert_cmpstr (row->kept->other_folder, ==, saved->kept->other_folder);
  g_assert_cmpstr (row->kept->other.name, ==, saved->kept->other.name);
  g_assert_cmpint (row->heir_of, ==, 0);
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
