/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-task"

#include "config.h"

#include "ferry-path-private.h"
#include "ferry-task-private.h"

/* @parameters: NULL: none. */
static void
ask (FerryTask           *self,
     gpointer             tag,
     const char          *method,
     GVariant            *parameters,
     const char          *reply_type,
     GCancellable        *cancellable,
     GAsyncReadyCallback  callback,
     gpointer             user_data)
{
  g_autofree char *path = ferry_path_of_task (self->number);

  ferry_link_do_async (self->link, self, tag, path, FERRY_TASK_INTERFACE, method, parameters,
                       reply_type, cancellable, callback, user_data);
}

static gboolean
end (FerryTask     *self,
     gpointer       tag,
     GAsyncResult  *result,
     GError       **error)
{
  g_autoptr(GVariant) answer = ferry_link_do_finish (self, tag, result, error);

  return answer != NULL;
}

/* Of a verb that is answered with bytes. */
static GBytes *
end_with_bytes (FerryTask     *self,
                gpointer       tag,
                GAsyncResult  *result,
                GError       **error)
{
  g_autoptr(GVariant) answer = ferry_link_do_finish (self, tag, result, error);
  g_autoptr(GVariant) bytes = answer != NULL ? g_variant_get_child_value (answer, 0) : NULL;
  gsize size;
  gconstpointer data;

  if (bytes == NULL)
    return NULL;

  data = g_variant_get_fixed_array (bytes, &size, 1);
  return g_bytes_new (data, size);
}

/**
 * ferry_task_resume_async:
 * @self: a task
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks for it to run, from suspended or failed.
 *
 * It waits until its turn comes, and goes on where it stood so far as the server’s file is still
 * the same. One that waits for more than its turn tries again now.
 *
 * Fails with %FERRY_ERROR_WRONG_STATE when it is finished or cancelled.
 */
void
ferry_task_resume_async (FerryTask           *self,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_TASK (self));

  ask (self, FERRY_TAG (ferry_task_resume_async), "Resume", NULL, "()", cancellable, callback,
       user_data);
}

/**
 * ferry_task_resume_finish:
 * @self: a task
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Task.resume_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_task_resume_finish (FerryTask     *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  return end (self, FERRY_TAG (ferry_task_resume_async), result, error);
}

/**
 * ferry_task_suspend_async:
 * @self: a task
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks for it to stop; what is here stays.
 *
 * Answered when it has stopped. Fails with %FERRY_ERROR_WRONG_STATE when it is over.
 */
void
ferry_task_suspend_async (FerryTask           *self,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_TASK (self));

  ask (self, FERRY_TAG (ferry_task_suspend_async), "Suspend", NULL, "()", cancellable, callback,
       user_data);
}

/**
 * ferry_task_suspend_finish:
 * @self: a task
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Task.suspend_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_task_suspend_finish (FerryTask     *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  return end (self, FERRY_TAG (ferry_task_suspend_async), result, error);
}

/**
 * ferry_task_cancel_async:
 * @self: a task
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks for it to end; the bytes that were fetched are deleted.
 *
 * Answered when it has stopped. Fails with %FERRY_ERROR_WRONG_STATE when it is finished.
 */
void
ferry_task_cancel_async (FerryTask           *self,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_TASK (self));

  ask (self, FERRY_TAG (ferry_task_cancel_async), "Cancel", NULL, "()", cancellable, callback,
       user_data);
}

/**
 * ferry_task_cancel_finish:
 * @self: a task
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Task.cancel_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_task_cancel_finish (FerryTask     *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  return end (self, FERRY_TAG (ferry_task_cancel_async), result, error);
}

/**
 * ferry_task_cancel_by_producing_resume_data_async:
 * @self: a task
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks for it to end, and for what its bytes can be taken up with later.
 *
 * See [method@Ferry.Session.create_download_task_with_resume_data_async]. Fails with
 * %FERRY_ERROR_WRONG_STATE when it is finished.
 */
void
ferry_task_cancel_by_producing_resume_data_async (FerryTask           *self,
                                                  GCancellable        *cancellable,
                                                  GAsyncReadyCallback  callback,
                                                  gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_TASK (self));

  ask (self, FERRY_TAG (ferry_task_cancel_by_producing_resume_data_async),
       "CancelByProducingResumeData", NULL, "(ay)", cancellable, callback, user_data);
}

/**
 * ferry_task_cancel_by_producing_resume_data_finish:
 * @self: a task
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Task.cancel_by_producing_resume_data_async].
 *
 * Returns: (transfer full): the data; empty when the bytes cannot be taken up again;
 * %NULL: it failed
 */
GBytes *
ferry_task_cancel_by_producing_resume_data_finish (FerryTask     *self,
                                                   GAsyncResult  *result,
                                                   GError       **error)
{
  return end_with_bytes (self, FERRY_TAG (ferry_task_cancel_by_producing_resume_data_async), result,
                         error);
}

/**
 * ferry_task_get_resume_data_async:
 * @self: a task
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks a failed or cancelled task for what its bytes can be taken up with.
 *
 * See [method@Ferry.Session.create_download_task_with_resume_data_async]. Fails with
 * %FERRY_ERROR_WRONG_STATE when it is neither failed nor cancelled.
 */
void
ferry_task_get_resume_data_async (FerryTask           *self,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_TASK (self));

  ask (self, FERRY_TAG (ferry_task_get_resume_data_async), "GetResumeData", NULL, "(ay)",
       cancellable, callback, user_data);
}

/**
 * ferry_task_get_resume_data_finish:
 * @self: a task
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Task.get_resume_data_async].
 *
 * Returns: (transfer full): the data; empty when the bytes cannot be taken up again;
 * %NULL: it failed
 */
GBytes *
ferry_task_get_resume_data_finish (FerryTask     *self,
                                   GAsyncResult  *result,
                                   GError       **error)
{
  return end_with_bytes (self, FERRY_TAG (ferry_task_get_resume_data_async), result, error);
}

/**
 * ferry_task_remove_async:
 * @self: a task
 * @delete_files: whether a finished file is deleted, too
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Cancels it, if it is not over, and takes it out of the list.
 *
 * Parts of files are always deleted. Answered when it is gone.
 */
void
ferry_task_remove_async (FerryTask           *self,
                         gboolean             delete_files,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_TASK (self));

  ask (self, FERRY_TAG (ferry_task_remove_async), "Remove",
       g_variant_new ("(b)", delete_files), "()", cancellable, callback, user_data);
}

/**
 * ferry_task_remove_finish:
 * @self: a task
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Task.remove_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_task_remove_finish (FerryTask     *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  return end (self, FERRY_TAG (ferry_task_remove_async), result, error);
}

/**
 * ferry_task_set_destination_async:
 * @self: a task
 * @destination: an `a{sv}`: `destination` (s), `filename` (s), `overwrite` (b), each as for
 * [method@Ferry.Session.create_download_task_async]; what is not there stays as it is
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Changes where the file will go; the bytes that are here go along.
 *
 * One that waits with %FERRY_WAIT_REASON_DISK_FULL goes on. Fails with
 * %FERRY_ERROR_INVALID_OPTION; with %FERRY_ERROR_WRONG_STATE when it runs, or is finished or
 * cancelled; with %FERRY_ERROR_DISK_FULL and %FERRY_ERROR_NOT_ALLOWED.
 */
void
ferry_task_set_destination_async (FerryTask           *self,
                                  GVariant            *destination,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_TASK (self));
  g_return_if_fail (destination != NULL);
  g_return_if_fail (g_variant_is_of_type (destination, G_VARIANT_TYPE_VARDICT));

  ask (self, FERRY_TAG (ferry_task_set_destination_async), "SetDestination",
       g_variant_new ("(@a{sv})", destination), "()", cancellable, callback, user_data);
}

/**
 * ferry_task_set_destination_finish:
 * @self: a task
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Task.set_destination_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_task_set_destination_finish (FerryTask     *self,
                                   GAsyncResult  *result,
                                   GError       **error)
{
  return end (self, FERRY_TAG (ferry_task_set_destination_async), result, error);
}

/**
 * ferry_task_set_url_async:
 * @self: a task
 * @url: the address, `http` or `https`
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Gives it another address of the same file.
 *
 * The bytes that are here are kept so far as the new server’s answer agrees. One that waits with
 * %FERRY_WAIT_REASON_NEW_URL goes on. Fails with %FERRY_ERROR_INVALID_URL, and with
 * %FERRY_ERROR_WRONG_STATE when it runs, or is finished or cancelled.
 */
void
ferry_task_set_url_async (FerryTask           *self,
                          const char          *url,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_TASK (self));
  g_return_if_fail (url != NULL);

  ask (self, FERRY_TAG (ferry_task_set_url_async), "SetUrl",
       g_variant_new ("(s)", url), "()", cancellable, callback, user_data);
}

/**
 * ferry_task_set_url_finish:
 * @self: a task
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Task.set_url_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_task_set_url_finish (FerryTask     *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  return end (self, FERRY_TAG (ferry_task_set_url_async), result, error);
}
