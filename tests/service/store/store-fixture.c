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
  g_clear_pointer (&self->events, g_ptr_array_unref);
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
                                   &self->tasks, &self->events, error);
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
test_store_add_session_row (TestStore               *self,
                            const FerrydSessionRow  *session,
                            GError                 **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  ferryd_store_add_session_async (self->store, session, test_take_result_cb, &result);

  return ferryd_store_add_session_finish (self->store, test_wait_for (&result), error);
}

gint64
test_store_add_session (TestStore   *self,
                        const char  *identifier,
                        GError     **error)
{
  g_autoptr(FerrydSessionRow) session = test_make_session (identifier);

  return test_store_add_session_row (self, session, error);
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

/* @event: (nullable)
 * @serial: (out) (nullable) */
gboolean
test_store_save_move (TestStore               *self,
                      gint64                   task_id,
                      const FerrydTaskStatus  *status,
                      const FerrydEvent       *event,
                      gint64                  *serial,
                      GError                 **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  ferryd_store_save_status_async (self->store, task_id, status, event,
                                  test_take_result_cb, &result);

  return ferryd_store_save_status_finish (self->store, test_wait_for (&result), serial, error);
}

gboolean
test_store_save_status (TestStore               *self,
                        gint64                   task_id,
                        const FerrydTaskStatus  *status,
                        GError                 **error)
{
  return test_store_save_move (self, task_id, status, NULL, NULL, error);
}

gboolean
test_store_save_task (TestStore            *self,
                      const FerrydTaskRow  *task,
                      gboolean              with_kept,
                      GError              **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  ferryd_store_save_task_async (self->store, task, with_kept, test_take_result_cb, &result);

  return ferryd_store_save_task_finish (self->store, test_wait_for (&result), error);
}

gboolean
test_store_remove_tasks (TestStore     *self,
                         const gint64  *ids,
                         guint          n,
                         GError       **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  ferryd_store_remove_tasks_async (self->store, ids, n, test_take_result_cb, &result);

  return ferryd_store_remove_tasks_finish (self->store, test_wait_for (&result), error);
}

/* @event: (nullable)
 * @serial: (out) (nullable) */
gboolean
test_store_save_session (TestStore               *self,
                         const FerrydSessionRow  *session,
                         const FerrydEvent       *event,
                         gint64                  *serial,
                         GError                 **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  ferryd_store_save_session_async (self->store, session, event, test_take_result_cb, &result);

  return ferryd_store_save_session_finish (self->store, test_wait_for (&result), serial, error);
}

gboolean
test_store_remove_session (TestStore  *self,
                           gint64      session_id,
                           GError    **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  ferryd_store_remove_session_async (self->store, session_id, test_take_result_cb, &result);

  return ferryd_store_remove_session_finish (self->store, test_wait_for (&result), error);
}

gboolean
test_store_acknowledge (TestStore  *self,
                        gint64      session_id,
                        gint64      serial,
                        GError    **error)
{
  g_autoptr(GAsyncResult) result = NULL;

  ferryd_store_acknowledge_async (self->store, session_id, serial, test_take_result_cb, &result);

  return ferryd_store_acknowledge_finish (self->store, test_wait_for (&result), error);
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
