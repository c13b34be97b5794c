/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>

#include "store-fixture.h"

static void
remove_tree (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_tree (child);
      else
        g_assert_no_errno (g_unlink (child));
    }

  g_assert_no_errno (g_rmdir (path));
}

void
test_store_init (TestStore *self)
{
  g_autoptr(GError) error = NULL;

  *self = (TestStore) { NULL };
  self->folder = g_dir_make_tmp ("ferry-store-XXXXXX", &error);
  g_assert_no_error (error);
  self->path = g_build_filename (self->folder, "ferry", "ferry.db", NULL);
}

static void
forget_rows (TestStore *self)
{
  g_clear_pointer (&self->sessions, g_ptr_array_unref);
  g_clear_pointer (&self->tasks, g_ptr_array_unref);
}

void
test_store_clear (TestStore *self)
{
  if (self->folder == NULL)
    return;

  if (self->database != NULL)
    test_store_close (self);
  forget_rows (self);
  remove_tree (self->folder);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->path, g_free);
}

void
test_take_result_cb (GObject      *source,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  GAsyncResult **place = user_data;

  g_assert_null (*place);
  *place = g_object_ref (result);
}

static gboolean
on_deadline_cb (gpointer user_data)
{
  g_error ("Nothing came within %d s", TEST_DEADLINE_S);
  return G_SOURCE_REMOVE;
}

/* Returns: (transfer none): what the callback put there */
GAsyncResult *
test_wait_for (GAsyncResult **result)
{
  guint deadline = g_timeout_add_seconds (TEST_DEADLINE_S, on_deadline_cb, NULL);

  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (deadline);

  return *result;
}

gboolean
test_store_open (TestStore  *self,
                 GError    **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  if (self->database == NULL)
    self->database = ferryd_database_new (self->path);
  self->store = FERRYD_STORE (self->database);
  forget_rows (self);

  ferryd_store_load_async (self->store, NULL, test_take_result_cb, &result);

  return ferryd_store_load_finish (self->store, test_wait_for (&result), &self->sessions,
                                   &self->tasks, error);
}

static void
assert_finalized (TestStore *self)
{
  gpointer weak = self->database;

  g_object_add_weak_pointer (weak, &weak);
  g_clear_object (&self->database);
  self->store = NULL;
  /* An idle source may hold the last reference for a turn. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (weak);
}

void
test_store_close (TestStore *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GAsyncResult) result = NULL;

  ferryd_store_close_async (self->store, test_take_result_cb, &result);
  ferryd_store_close_finish (self->store, test_wait_for (&result), &error);
  g_assert_no_error (error);
  g_clear_object (&result);
  assert_finalized (self);
}

/* Without a close before. */
void
test_store_drop (TestStore *self)
{
  assert_finalized (self);
}

void
test_store_reopen (TestStore *self)
{
  g_autoptr(GError) error = NULL;

  if (self->database != NULL)
    test_store_close (self);
  test_store_open (self, &error);
  g_assert_no_error (error);
}

/* @text: in GVariant's text format, without a placeholder */
GVariant *
test_make_variant (const char *text)
{
  g_autoptr(GError) error = NULL;
  GVariant *variant = g_variant_parse (NULL, text, NULL, NULL, &error);

  g_assert_no_error (error);
  return variant;
}

/* The seed of all that is random in this run, from the environment where it says so; printed. */
GRand *
test_make_random (void)
{
  const char *wanted = g_getenv ("FERRY_TEST_SEED");
  guint32 seed = wanted != NULL ? (guint32) g_ascii_strtoull (wanted, NULL, 10) : g_random_int ();

  g_test_message ("FERRY_TEST_SEED=%u", seed);
  return g_rand_new_with_seed (seed);
}

gint64
test_store_add_session (TestStore   *self,
                        const char  *identifier,
                        GError     **error)
{
  g_autoptr(FerrydSessionRow) session = ferryd_session_row_new ();
  g_autoptr(GAsyncResult) result = NULL;

  session->app_id = g_strdup ("org.example.App");
  session->identifier = g_strdup (identifier);
  session->configuration = test_make_variant ("{'max-running': <uint32 3>}");
  session->created = 1700000000000000;
  ferryd_store_add_session_async (self->store, session, test_take_result_cb, &result);

  return ferryd_store_add_session_finish (self->store, test_wait_for (&result), error);
}

gint64
test_store_add_tasks (TestStore  *self,
                      GPtrArray  *tasks,
                      GError    **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  ferryd_store_add_tasks_async (self->store, tasks, test_take_result_cb, &result);

  return ferryd_store_add_tasks_finish (self->store, test_wait_for (&result), error);
}

gboolean
test_store_save_status (TestStore               *self,
                        gint64                   task_id,
                        const FerrydTaskStatus  *status,
                        GError                 **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  ferryd_store_save_status_async (self->store, task_id, status, test_take_result_cb, &result);

  return ferryd_store_save_status_finish (self->store, test_wait_for (&result), error);
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
  kept->file_name = g_strdup ("file.tar.gz");

  return g_steal_pointer (&kept);
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
  g_assert_cmpint (a->first_resumed, ==, b->first_resumed);
  g_assert_cmpint (a->length_verified, ==, b->length_verified);
  g_assert_cmpstr (a->digest, ==, b->digest);
  assert_same_variant (a->metrics, b->metrics);
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
  g_assert_cmpint (a->created, ==, b->created);
  test_assert_same_status (&a->status, &b->status);
  test_assert_same_kept (a->kept, b->kept);
}

/* The database's folder has @name in it and nothing else; %NULL: nothing at all. */
void
test_assert_alone (TestStore  *self,
                   const char *name)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *found;

  g_assert_nonnull (dir);
  found = g_dir_read_name (dir);
  g_assert_cmpstr (found, ==, name);
  if (found != NULL)
    g_assert_null (g_dir_read_name (dir));
}
