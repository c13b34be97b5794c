/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-manager"

#include "config.h"

#include "common/error.h"
#include "model/manager-private.h"
#include "model/session-private.h"
#include "model/task-private.h"

/* Tasks on their way to the disk. */
typedef struct
{
  FerrydSession *session;  /* owned */
  GPtrArray     *rows;     /* owned; of FerrydTaskRow */
  GPtrArray     *secrets;  /* owned; of GVariant or NULL. NULL: none has any */
  FerrydTask    *lender;   /* owned; whose part is taken over. NULL: none */
} Adding;

static void
adding_free (Adding *adding)
{
  g_clear_object (&adding->session);
  g_clear_pointer (&adding->rows, g_ptr_array_unref);
  g_clear_pointer (&adding->secrets, g_ptr_array_unref);
  g_clear_object (&adding->lender);
  g_free (adding);
}

static GPtrArray *
take_tasks (FerrydManager *self,
            Adding        *adding,
            gint64         first_id)
{
  GPtrArray *tasks = g_ptr_array_new_full (adding->rows->len, NULL);

  g_ptr_array_set_free_func (adding->rows, NULL);
  for (guint i = 0; i < adding->rows->len; i++)
    {
      FerrydTaskRow *row = adding->rows->pdata[i];

      row->id = first_id + i;
      row->heir_of = 0;
      g_clear_pointer (&row->resume_key, g_bytes_unref);
      g_ptr_array_add (tasks, ferryd_manager_take_task (self, row,
                                                        adding->secrets != NULL
                                                          ? adding->secrets->pdata[i] : NULL));
    }

  g_ptr_array_set_size (adding->rows, 0);
  return tasks;
}

static void
tasks_added_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  FerrydManager *self = g_task_get_source_object (task);
  Adding *adding = g_task_get_task_data (task);
  g_autoptr(GPtrArray) tasks = NULL;
  GError *error = NULL;
  gint64 id = ferryd_store_add_tasks_finish (FERRYD_STORE (object), result, &error);

  adding->session->n_held--;
  if (adding->lender != NULL)
    ferryd_task_end_lending (adding->lender, id != 0);
  if (id == 0)
    {
      g_task_return_error (task, error);
      ferryd_manager_settle_session (self, adding->session);
      return;
    }

  tasks = take_tasks (self, adding, id);
  g_task_return_pointer (task, g_ptr_array_ref (tasks), (GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < tasks->len; i++)
    ferryd_manager_emit (self, FERRYD_MANAGER_TASK_ADDED, tasks->pdata[i]);
  ferryd_manager_settle_session (self, adding->session);
  ferryd_manager_reschedule (self);
}

/* The task that a row inherits from must keep still, where it is, until the heir is there. */
static gboolean
borrow (FerrydManager  *self,
        Adding         *adding,
        GError        **error)
{
  const FerrydTaskRow *row = adding->rows->len > 0 ? adding->rows->pdata[0] : NULL;
  FerrydTask *lender;

  if (row == NULL || row->heir_of == 0)
    return TRUE;

  lender = ferryd_manager_get_task (self, row->heir_of);
  if (lender == NULL || lender->is_lent || ferryd_task_is_busy (lender))
    {
      g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_WRONG_STATE,
                           "What the resume data stands for is in use");
      return FALSE;
    }

  adding->lender = g_object_ref (lender);
  ferryd_task_lend (lender);
  return TRUE;
}

static gboolean
check_open (FerrydSession  *session,
            GError        **error)
{
  FerrySessionState state = session->row->state;

  if (state == FERRY_SESSION_STATE_OPEN && !session->is_closing)
    return TRUE;

  if (state == FERRY_SESSION_STATE_OPEN)
    state = FERRY_SESSION_STATE_FINISHING;
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_WRONG_STATE,
               "Session “%s” is %s and takes no more tasks", session->row->identifier,
               ferry_session_state_to_string (state));
  return FALSE;
}

void
ferryd_manager_add_tasks_async (FerrydManager       *self,
                                FerrydSession       *session,
                                GPtrArray           *rows,
                                GPtrArray           *secrets,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  Adding *adding = g_new0 (Adding, 1);
  g_autoptr(GTask) task = NULL;
  GError *error = NULL;

  g_return_if_fail (FERRYD_IS_MANAGER (self));
  g_return_if_fail (FERRYD_IS_SESSION (session));

  adding->session = g_object_ref (session);
  adding->rows = rows;
  adding->secrets = secrets;
  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, (gpointer) (guintptr) ferryd_manager_add_tasks_async);
  g_task_set_task_data (task, adding, (GDestroyNotify) adding_free);
  if (rows->len == 0 || !check_open (session, &error) || !borrow (self, adding, &error))
    {
      if (error != NULL)
        g_task_return_error (task, error);
      else
        g_task_return_pointer (task, g_ptr_array_new (), (GDestroyNotify) g_ptr_array_unref);
      return;
    }

  for (guint i = 0; i < rows->len; i++)
    ((FerrydTaskRow *) rows->pdata[i])->session_id = session->row->id;
  session->n_held++;  /* it is not over while more is on its way */
  ferryd_store_add_tasks_async (self->store, rows, tasks_added_cb, g_steal_pointer (&task));
}

GPtrArray *
ferryd_manager_add_tasks_finish (FerrydManager  *self,
                                 GAsyncResult   *result,
                                 GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ferryd_manager_fetch_again_async (FerrydManager       *self,
                                  FerrydTask          *task,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  const FerrydTaskRow *old = ferryd_task_get_row (task);
  g_autoptr(GPtrArray) rows = NULL;
  g_autoptr(GPtrArray) secrets = g_ptr_array_new ();
  FerrydTaskRow *row;
  gboolean start = FALSE;

  if (!ferry_task_state_is_over (old->status.state))
    {
      g_task_report_new_error (self, callback, user_data,
                               (gpointer) (guintptr) ferryd_manager_fetch_again_async, FERRY_ERROR,
                               FERRY_ERROR_WRONG_STATE,
                               "Task %" G_GINT64_FORMAT " is %s and cannot be fetched again",
                               old->id, ferry_task_state_to_string (old->status.state));
      return;
    }

  row = ferryd_task_row_new ();
  (void) g_variant_lookup (old->options, "start", "b", &start);  /* else it is not to start */
  (void) g_variant_lookup (old->options, "filename", "s", &row->kept->file_name);  /* else none */
  row->kind = old->kind;
  row->url = g_strdup (old->url);
  row->folder = g_strdup (old->folder);
  row->options = g_variant_ref (old->options);
  row->secret_names = old->secret_names != NULL ? g_variant_ref (old->secret_names) : NULL;
  row->priority = old->priority;
  row->description = g_strdup (old->description);
  row->download_limit = old->download_limit;
  row->created = g_get_real_time ();
  row->status.state = start ? FERRY_TASK_STATE_WAITING : FERRY_TASK_STATE_SUSPENDED;
  row->status.reason = start ? FERRY_WAIT_REASON_QUEUE : FERRY_WAIT_REASON_NONE;
  row->status.clock_since = start ? row->created : 0;

  rows = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);
  g_ptr_array_add (rows, row);
  g_ptr_array_set_free_func (secrets, (GDestroyNotify) g_variant_unref);
  if (ferryd_task_get_secrets (task) != NULL)
    g_ptr_array_add (secrets, g_variant_ref (ferryd_task_get_secrets (task)));
  ferryd_manager_add_tasks_async (self, ferryd_task_get_session (task), g_steal_pointer (&rows),
                                  secrets->len > 0 ? g_steal_pointer (&secrets) : NULL,
                                  callback, user_data);
}

/* Only in a state in which it can be taken up. */
FerrydTask *
ferryd_manager_find_resume_key (FerrydManager *self,
                                const char    *app_id,
                                GBytes        *key)
{
  GPtrArray *tasks = ferryd_registry_get_tasks (self->registry);

  for (guint i = 0; i < tasks->len; i++)
    {
      const FerrydTaskRow *row = ferryd_task_get_row (tasks->pdata[i]);
      FerrydSession *session = ferryd_task_get_session (tasks->pdata[i]);
      gboolean is_at_rest = row->status.state == FERRY_TASK_STATE_FAILED ||
                            row->status.state == FERRY_TASK_STATE_CANCELLED;

      if (is_at_rest && row->resume_key != NULL && g_bytes_equal (row->resume_key, key) &&
          g_str_equal (session->row->app_id, app_id) && ferryd_task_is_resumable (tasks->pdata[i]))
        return tasks->pdata[i];
    }

  return NULL;
}

static void
result_opened_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(GTask) answer = user_data;
  GError *error = NULL;
  int fd = ferryd_runner_open_result_finish (FERRYD_RUNNER (object), result, &error);

  if (fd < 0)
    g_task_return_error (answer, error);
  else
    g_task_return_int (answer, fd);
}

void
ferryd_manager_open_result_async (FerrydManager       *self,
                                  FerrydTask          *task,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_autoptr(GTask) answer = g_task_new (self, NULL, callback, user_data);
  FerryTaskState state = ferryd_task_get_state (task);

  g_task_set_source_tag (answer, (gpointer) (guintptr) ferryd_manager_open_result_async);
  if (state == FERRY_TASK_STATE_FINISHED)
    {
      ferryd_runner_open_result_async (self->runner, ferryd_task_get_row (task), result_opened_cb,
                                       g_steal_pointer (&answer));
      return;
    }

  g_task_return_new_error (answer, FERRY_ERROR, FERRY_ERROR_WRONG_STATE,
                           "Task %" G_GINT64_FORMAT " is %s and has no result",
                           ferryd_task_get_id (task), ferry_task_state_to_string (state));
}

int
ferryd_manager_open_result_finish (FerrydManager  *self,
                                   GAsyncResult   *result,
                                   GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), -1);

  return (int) g_task_propagate_int (G_TASK (result), error);
}

static void
probed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) answer = user_data;
  GError *error = NULL;
  GVariant *found = ferryd_runner_probe_finish (FERRYD_RUNNER (object), result, &error);

  if (found == NULL)
    g_task_return_error (answer, error);
  else
    g_task_return_pointer (answer, g_variant_take_ref (found), (GDestroyNotify) g_variant_unref);
}

void
ferryd_manager_probe_async (FerrydManager       *self,
                            const char          *url,
                            GVariant            *options,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  GTask *answer;

  g_return_if_fail (FERRYD_IS_MANAGER (self));

  answer = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (answer, (gpointer) (guintptr) ferryd_manager_probe_async);
  ferryd_runner_probe_async (self->runner, url, options, probed_cb, answer);
}

GVariant *
ferryd_manager_probe_finish (FerrydManager  *self,
                             GAsyncResult   *result,
                             GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
