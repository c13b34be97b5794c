/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "rows-fixture.h"

/* @text: in GVariant's text format, without a placeholder */
GVariant *
test_make_variant (const char *text)
{
  g_autoptr(GError) error = NULL;
  GVariant *variant = g_variant_parse (NULL, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return variant;
}

/* 16 bytes that begin with @number. */
GBytes *
test_make_key (guint64 number)
{
  guint64 key[2] = { number, G_MAXUINT64 };

  return g_bytes_new (key, sizeof key);
}

FerrydSessionRow *
test_make_session (const char *identifier)
{
  FerrydSessionRow *session = ferryd_session_row_new ();

  session->app_id = g_strdup ("org.example.App");
  session->identifier = g_strdup (identifier);
  session->configuration = test_make_variant ("{'max-running': <uint32 3>}");
  session->created = 1700000000000000;

  return session;
}

/* Tasks as CreateDownloadTask makes them. */
GPtrArray *
test_make_tasks (gint64 session_id,
                 guint  n)
{
  g_autoptr(GPtrArray) tasks = NULL;

  tasks = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);
  for (guint i = 0; i < n; i++)
    {
      FerrydTaskRow *task = ferryd_task_row_new ();

      task->session_id = session_id;
      task->kind = FERRY_TASK_KIND_DOWNLOAD;
      task->url = g_strdup_printf ("https://example.org/a/folder/with/a/name/file-%u.tar.gz", i);
      task->folder = g_strdup ("/home/somebody/Downloads");
      task->options = test_make_variant ("{'start': <true>, 'priority': <0.5>}");
      task->created = 1700000000000000 + i;
      task->status.state = FERRY_TASK_STATE_WAITING;
      task->status.reason = FERRY_WAIT_REASON_QUEUE;
      g_ptr_array_add (tasks, task);
    }

  return g_steal_pointer (&tasks);
}

FerrydKept *
test_make_kept (gint64 offset)
{
  g_autoptr(FerrydKept) kept = ferryd_kept_new ();

  kept->part.name = g_strdup ("file.tar.gz.part");
  kept->part.inode = 4711;
  kept->part.offset = offset;
  kept->part.total = G_MAXINT64;
  kept->part.etag = g_strdup ("\"an-etag\"");
  kept->other_folder = g_strdup ("/home/somebody/Elsewhere");
  kept->other.name = g_strdup ("file.tar.gz.part");
  kept->other.inode = 4712;
  kept->file_name = g_strdup ("file.tar.gz");

  return g_steal_pointer (&kept);
}

static void
fill_part (FerrydPart *part,
           const char *name)
{
  part->name = g_strdup (name);
  part->inode = G_MAXUINT64 - 1;
  part->offset = (G_GINT64_CONSTANT (1) << 40) + 1;
  part->total = (G_GINT64_CONSTANT (1) << 41) + 2;
  part->etag = g_strdup ("W/\"ü'; --\"");
  part->last_modified = g_strdup ("Wed, 21 Oct 2015 07:28:00 GMT");
  part->date_is_strong = TRUE;
  part->coding = g_strdup ("gzip");
  part->is_html = TRUE;
  part->refuses_ranges = TRUE;
  part->digest_field = g_strdup ("sha-256=:AAAA:");
  part->silent_end = 17;
  part->total_is_guess = TRUE;
  part->born = 1234567890123456789;
}

/* Every column of an upload that has failed. */
void
test_fill_task (FerrydTaskRow *task)
{
  FerrydTaskStatus *status = &task->status;

  task->kind = FERRY_TASK_KIND_UPLOAD;
  task->secret_names = test_make_variant ("['X-Secret', 'Cookie']");
  task->priority = 1.0 / 3;
  task->description = g_strdup ("“what it is”");
  task->download_limit = G_MAXUINT64 - 2;
  task->resume_key = test_make_key (7);
  status->state = FERRY_TASK_STATE_FAILED;
  status->reason = FERRY_WAIT_REASON_NONE;
  status->error_name = g_strdup ("org.example.Error.Name");
  status->error_message = g_strdup ("“quoted”");
  status->finished = 1700000000000001;
  status->clock_used = 1700000000000002;
  status->clock_since = 1700000000000003;
  status->retry_at = 1700000000000004;
  status->attempts = G_MAXUINT;
  status->length_verified = TRUE;
  status->digest = g_strdup ("sha-256=00ff");
  status->metrics = test_make_variant ("[{'status': <uint32 200>}, {'x': <('y', 1.5)>}]");
  fill_part (&task->kept->part, "part");
  fill_part (&task->kept->spare, "spare");
  task->kept->spare.inode = G_GUINT64_CONSTANT (1) << 63;
  fill_part (&task->kept->other, "other");
  fill_part (&task->kept->other_spare, "other spare");
  task->kept->other_folder = g_strdup ("/somewhere else");
  task->kept->file_name = g_strdup ("file name");
  task->kept->final_name = g_strdup ("file name (1)");
  task->kept->current_url = g_strdup ("https://example.org/?a=b");
  task->kept->response = test_make_variant ("{'status': <uint32 206>}");
  task->kept->started_over = 99;
}

static void
assert_same_variant (GVariant *a,
                     GVariant *b)
{
  if (a == NULL || b == NULL)
    g_assert_true (a == b);
  else
    g_assert_cmpvariant (a, b);
}

static void
assert_same_part (const FerrydPart *a,
                  const FerrydPart *b)
{
  g_assert_cmpstr (a->name, ==, b->name);
  g_assert_cmpuint (a->inode, ==, b->inode);
  g_assert_cmpint (a->offset, ==, b->offset);
  g_assert_cmpint (a->total, ==, b->total);
  g_assert_cmpstr (a->etag, ==, b->etag);
  g_assert_cmpstr (a->last_modified, ==, b->last_modified);
  g_assert_cmpint (a->date_is_strong, ==, b->date_is_strong);
  g_assert_cmpstr (a->coding, ==, b->coding);
  g_assert_cmpint (a->is_html, ==, b->is_html);
  g_assert_cmpint (a->refuses_ranges, ==, b->refuses_ranges);
  g_assert_cmpstr (a->digest_field, ==, b->digest_field);
  g_assert_cmpint (a->silent_end, ==, b->silent_end);
  g_assert_cmpint (a->born, ==, b->born);
  g_assert_cmpint (a->total_is_guess, ==, b->total_is_guess);
}

void
test_assert_same_kept (const FerrydKept *a,
                       const FerrydKept *b)
{
  assert_same_part (&a->part, &b->part);
  assert_same_part (&a->spare, &b->spare);
  g_assert_cmpstr (a->other_folder, ==, b->other_folder);
  assert_same_part (&a->other, &b->other);
  assert_same_part (&a->other_spare, &b->other_spare);
  g_assert_cmpstr (a->file_name, ==, b->file_name);
  g_assert_cmpstr (a->final_name, ==, b->final_name);
  g_assert_cmpstr (a->current_url, ==, b->current_url);
  assert_same_variant (a->response, b->response);
  g_assert_cmpint (a->started_over, ==, b->started_over);
}

void
test_assert_same_status (const FerrydTaskStatus *a,
                         const FerrydTaskStatus *b)
{
  g_assert_cmpint (a->state, ==, b->state);
  g_assert_cmpint (a->reason, ==, b->reason);
  g_assert_cmpstr (a->error_name, ==, b->error_name);
  g_assert_cmpstr (a->error_message, ==, b->error_message);
  g_assert_cmpint (a->finished, ==, b->finished);
  g_assert_cmpint (a->clock_used, ==, b->clock_used);
  g_assert_cmpint (a->clock_since, ==, b->clock_since);
  g_assert_cmpint (a->retry_at, ==, b->retry_at);
  g_assert_cmpuint (a->attempts, ==, b->attempts);
  g_assert_cmpint (a->length_verified, ==, b->length_verified);
  g_assert_cmpstr (a->digest, ==, b->digest);
  assert_same_variant (a->metrics, b->metrics);
}

static void
assert_same_key (GBytes *a,
                 GBytes *b)
{
  if (a == NULL || b == NULL)
    g_assert_true (a == b);
  else
    g_assert_true (g_bytes_equal (a, b));
}

/* All but the id. */
void
test_assert_same_task (const FerrydTaskRow *a,
                       const FerrydTaskRow *b)
{
  g_assert_cmpint (a->session_id, ==, b->session_id);
  g_assert_cmpint (a->kind, ==, b->kind);
  g_assert_cmpstr (a->url, ==, b->url);
  g_assert_cmpstr (a->folder, ==, b->folder);
  assert_same_variant (a->options, b->options);
  assert_same_variant (a->secret_names, b->secret_names);
  g_assert_cmpfloat (a->priority, ==, b->priority);
  g_assert_cmpstr (a->description, ==, b->description);
  g_assert_cmpuint (a->download_limit, ==, b->download_limit);
  assert_same_key (a->resume_key, b->resume_key);
  g_assert_cmpint (a->created, ==, b->created);
  test_assert_same_status (&a->status, &b->status);
  test_assert_same_kept (a->kept, b->kept);
}

void
test_assert_same_session (const FerrydSessionRow *a,
                          const FerrydSessionRow *b)
{
  g_assert_cmpint (a->id, ==, b->id);
  g_assert_cmpstr (a->app_id, ==, b->app_id);
  g_assert_cmpstr (a->identifier, ==, b->identifier);
  assert_same_variant (a->configuration, b->configuration);
  assert_same_variant (a->secret_names, b->secret_names);
  g_assert_cmpint (a->state, ==, b->state);
  g_assert_cmpint (a->created, ==, b->created);
  g_assert_cmpint (a->harvest.finished, ==, b->harvest.finished);
  g_assert_cmpint (a->harvest.failed, ==, b->harvest.failed);
  g_assert_cmpint (a->harvest.cancelled, ==, b->harvest.cancelled);
}

void
test_assert_same_event (const FerrydEvent *a,
                        const FerrydEvent *b)
{
  g_assert_cmpint (a->serial, ==, b->serial);
  g_assert_cmpint (a->session_id, ==, b->session_id);
  g_assert_cmpint (a->task_id, ==, b->task_id);
  g_assert_cmpstr (a->kind, ==, b->kind);
  assert_same_variant (a->details, b->details);
  g_assert_cmpint (a->created, ==, b->created);
}

/* What a load has brought is all that @rows has, in its order. */
void
test_assert_same_rows (GPtrArray *sessions,
                       GPtrArray *tasks,
                       GPtrArray *events,
                       FakeRows  *rows)
{
  guint n_sessions = 0;
  guint n_tasks = 0;

  for (guint i = 0; i < rows->sessions->len; i++)
    if (rows->sessions->pdata[i] != NULL)
      {
        g_assert_cmpuint (n_sessions, <, sessions->len);
        test_assert_same_session (sessions->pdata[n_sessions++], rows->sessions->pdata[i]);
      }
  g_assert_cmpuint (n_sessions, ==, sessions->len);

  for (guint i = 0; i < rows->tasks->len; i++)
    if (rows->tasks->pdata[i] != NULL)
      {
        g_assert_cmpuint (n_tasks, <, tasks->len);
        g_assert_cmpint (((FerrydTaskRow *) tasks->pdata[n_tasks])->id, ==, i + 1);
        test_assert_same_task (tasks->pdata[n_tasks++], rows->tasks->pdata[i]);
      }
  g_assert_cmpuint (n_tasks, ==, tasks->len);

  g_assert_cmpuint (events->len, ==, rows->events->len);
  for (guint i = 0; i < events->len; i++)
    test_assert_same_event (events->pdata[i], rows->events->pdata[i]);
}
