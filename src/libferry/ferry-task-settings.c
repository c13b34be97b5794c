/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-task"

#include "config.h"

#include "ferry-path-private.h"
#include "ferry-task-private.h"

static gboolean
end (FerryTask     *self,
     gpointer       tag,
     GAsyncResult  *result,
     GError       **error)
{
  g_autoptr(GVariant) answer = ferry_link_do_finish (self, tag, result, error);

  return answer != NULL;
}

/* Sets a property of the service's object. */
static void
set (FerryTask           *self,
     gpointer             tag,
     const char          *property,
     GVariant            *value,
     GCancellable        *cancellable,
     GAsyncReadyCallback  callback,
     gpointer             user_data)
{
  g_autofree char *path = ferry_path_of_task (self->number);

  ferry_link_do_async (self->link, self, tag, path, FERRY_PROPERTIES_INTERFACE, "Set",
                       g_variant_new ("(ssv)", FERRY_TASK_INTERFACE, property, value), "()",
                       cancellable, callback, user_data);
}

/**
 * ferry_task_set_priority_async:
 * @self: a task
 * @priority: 0 to 1
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Sets its priority: of the tasks that wait, those with more run first.
 *
 * It never stops one that runs. Answered when it is on disk.
 */
void
ferry_task_set_priority_async (FerryTask           *self,
                               double               priority,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_TASK (self));

  set (self, FERRY_TAG (ferry_task_set_priority_async), "Priority", g_variant_new_double (priority),
       cancellable, callback, user_data);
}

/**
 * ferry_task_set_priority_finish:
 * @self: a task
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Task.set_priority_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_task_set_priority_finish (FerryTask     *self,
                                GAsyncResult  *result,
                                GError       **error)
{
  return end (self, FERRY_TAG (ferry_task_set_priority_async), result, error);
}

/**
 * ferry_task_set_description_async:
 * @self: a task
 * @description: words of the program, at most 4096 bytes
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Sets the words that the program has for it.
 *
 * Answered when they are on disk.
 */
void
ferry_task_set_description_async (FerryTask           *self,
                                  const char          *description,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_TASK (self));
  g_return_if_fail (description != NULL);

  set (self, FERRY_TAG (ferry_task_set_description_async), "Description",
       g_variant_new_string (description), cancellable, callback, user_data);
}

/**
 * ferry_task_set_description_finish:
 * @self: a task
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Task.set_description_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_task_set_description_finish (FerryTask     *self,
                                   GAsyncResult  *result,
                                   GError       **error)
{
  return end (self, FERRY_TAG (ferry_task_set_description_async), result, error);
}

/**
 * ferry_task_set_download_limit_async:
 * @self: a task
 * @bytes_per_second: how fast it may come; 0: no limit of its own
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Sets how fast it may come.
 *
 * It holds at once. Answered when it is on disk.
 */
void
ferry_task_set_download_limit_async (FerryTask           *self,
                                     guint64              bytes_per_second,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_TASK (self));

  set (self, FERRY_TAG (ferry_task_set_download_limit_async), "DownloadLimit",
       g_variant_new_uint64 (bytes_per_second), cancellable, callback, user_data);
}

/**
 * ferry_task_set_download_limit_finish:
 * @self: a task
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Task.set_download_limit_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_task_set_download_limit_finish (FerryTask     *self,
                                      GAsyncResult  *result,
                                      GError       **error)
{
  return end (self, FERRY_TAG (ferry_task_set_download_limit_async), result, error);
}
