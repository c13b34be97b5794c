/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-task"

#include "config.h"

#include <gio/gunixfdlist.h>

#include "ferry-pages-private.h"
#include "ferry-path-private.h"
#include "ferry-task-private.h"

static void
loaded_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  FerryTask *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = ferry_link_call_finish (FERRY_LINK (source), result, NULL, &error);
  GVariant *all;

  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  all = g_variant_get_child_value (answer, 0);
  ferry_task_update (self, all);
  g_task_return_pointer (task, all, (GDestroyNotify) g_variant_unref);
}

/**
 * ferry_task_load_async:
 * @self: a task
 * @cancellable: (nullable): ends the waiting
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks for all that the service knows of it.
 *
 * The properties of @self are up to date then, those too that lists do not ask for. Fails with
 * %FERRY_ERROR_NOT_FOUND when the service has it no more.
 */
void
ferry_task_load_async (FerryTask           *self,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  g_autofree char *path = NULL;

  g_return_if_fail (FERRY_IS_TASK (self));

  task = g_task_new (self, cancellable, callback, user_data);
  path = ferry_path_of_task (self->number);
  g_task_set_source_tag (task, FERRY_TAG (ferry_task_load_async));
  ferry_link_call_async (self->link, path, FERRY_PROPERTIES_INTERFACE, "GetAll",
                         g_variant_new ("(s)", FERRY_TASK_INTERFACE), "(a{sv})", cancellable,
                         loaded_cb, g_steal_pointer (&task));
}

/**
 * ferry_task_load_finish:
 * @self: a task
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Task.load_async].
 *
 * Returns: (transfer full): an `a{sv}`, whose keys are the Task properties of the bus, with
 * `Options`, `Response`, `Samples` and `Metrics`; %NULL: it failed
 */
GVariant *
ferry_task_load_finish (FerryTask     *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  return ferry_link_do_finish (self, FERRY_TAG (ferry_task_load_async), result, error);
}

/* What is known already is enough where the rest cannot be had. */
static void
new_one_loaded_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) loaded = ferry_pages_load_finish (result, &error);
  FerryTask *made = g_task_get_task_data (task);

  if (loaded == NULL)
    g_debug ("A new task could not be looked at: %s", error->message);
  made->is_loaded = TRUE;
  g_task_return_pointer (task, g_object_ref (made), g_object_unref);
}

static void
fetched_again_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  FerryLink *link = FERRY_LINK (source);
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = ferry_link_call_finish (link, result, NULL, &error);
  const char *path;
  guint64 number;

  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  g_variant_get (answer, "(&o)", &path);
  number = ferry_path_parse_task (path);
  g_task_set_task_data (task, ferry_link_take_task (link, number), g_object_unref);
  ferry_pages_load_async (link, 0, NULL, number + 1, number, NULL, NULL,
                          g_task_get_cancellable (task), new_one_loaded_cb, g_object_ref (task));
}

/**
 * ferry_task_fetch_again_async:
 * @self: a task
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Makes a new task in the same session with the same address, options, settings and secrets.
 *
 * Fails with %FERRY_ERROR_WRONG_STATE when it is not over, or the session takes no tasks; with
 * %FERRY_ERROR_DISK_FULL and %FERRY_ERROR_LIMIT.
 */
void
ferry_task_fetch_again_async (FerryTask           *self,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  g_autofree char *path = NULL;

  g_return_if_fail (FERRY_IS_TASK (self));

  task = g_task_new (self, cancellable, callback, user_data);
  path = ferry_path_of_task (self->number);
  g_task_set_source_tag (task, FERRY_TAG (ferry_task_fetch_again_async));
  ferry_link_call_async (self->link, path, FERRY_TASK_INTERFACE, "FetchAgain", NULL, "(o)",
                         cancellable, fetched_again_cb, g_steal_pointer (&task));
}

/**
 * ferry_task_fetch_again_finish:
 * @self: a task
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Task.fetch_again_async].
 *
 * Returns: (transfer full): the new task; %NULL: it failed
 */
FerryTask *
ferry_task_fetch_again_finish (FerryTask     *self,
                               GAsyncResult  *result,
                               GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
result_opened_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GUnixFDList) files = NULL;
  g_autoptr(GVariant) answer = ferry_link_call_finish (FERRY_LINK (source), result, &files, &error);
  int handle = -1;
  int file;

  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  g_variant_get (answer, "(h)", &handle);
  if (files == NULL || handle < 0 || handle >= g_unix_fd_list_get_length (files))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                               "The transfer service has sent no file; try again");
      return;
    }

  file = g_unix_fd_list_get (files, handle, &error);
  if (file < 0)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_int (task, file);
}

/**
 * ferry_task_open_result_async:
 * @self: a task
 * @cancellable: (nullable): ends the waiting
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Opens the finished file for reading.
 *
 * It is the file that was fetched, whatever has that name by now. Fails with
 * %FERRY_ERROR_NOT_FOUND when it is not there any more, with %FERRY_ERROR_NOT_ALLOWED when it
 * cannot be read, with %FERRY_ERROR_WRONG_STATE when the task is not finished.
 */
void
ferry_task_open_result_async (FerryTask           *self,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  g_autofree char *path = NULL;

  g_return_if_fail (FERRY_IS_TASK (self));

  task = g_task_new (self, cancellable, callback, user_data);
  path = ferry_path_of_task (self->number);
  g_task_set_source_tag (task, FERRY_TAG (ferry_task_open_result_async));
  /* The call looks at it: once there is a descriptor, somebody has to close it. */
  g_task_set_check_cancellable (task, FALSE);
  ferry_link_call_async (self->link, path, FERRY_TASK_INTERFACE, "OpenResult", NULL, "(h)",
                         cancellable, result_opened_cb, g_steal_pointer (&task));
}

/**
 * ferry_task_open_result_finish:
 * @self: a task
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Task.open_result_async].
 *
 * Returns: a file descriptor, which the caller closes; −1: it failed
 */
int
ferry_task_open_result_finish (FerryTask     *self,
                               GAsyncResult  *result,
                               GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), -1);

  return (int) g_task_propagate_int (G_TASK (result), error);
}
