/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-client"

#include "config.h"

#include "ferry-client-private.h"
#include "ferry-pages-private.h"
#include "ferry-path-private.h"
#include "ferry-task-private.h"

static void
tasks_listed_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  GPtrArray *tasks = ferry_pages_load_finish (result, &error);

  if (tasks == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, tasks, (GDestroyNotify) g_ptr_array_unref);
}

/**
 * ferry_client_list_tasks_async:
 * @self: a client
 * @filter: (nullable): an `a{sv}`: which tasks; all conditions must hold
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks for tasks of all sessions that this program may see.
 *
 * The keys of @filter are: `state` (s), `kind` (s), `session` (o, a path on the bus), `url` (s,
 * exactly), `text` (s, somewhere in the file name or the address). Without a watch the tasks are
 * followed only where their session is attached. Fails with %FERRY_ERROR_INVALID_OPTION.
 */
void
ferry_client_list_tasks_async (FerryClient         *self,
                               GVariant            *filter,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  GTask *task;

  g_return_if_fail (FERRY_IS_CLIENT (self));
  g_return_if_fail (filter == NULL || g_variant_is_of_type (filter, G_VARIANT_TYPE_VARDICT));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, FERRY_TAG (ferry_client_list_tasks_async));
  ferry_pages_load_async (self->link, 0, filter, 0, 0, NULL, NULL, cancellable,
                          tasks_listed_cb, task);
}

/**
 * ferry_client_list_tasks_finish:
 * @self: a client
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Client.list_tasks_async].
 *
 * Returns: (transfer container) (element-type FerryTask): the tasks, newest first; %NULL: it
 * failed
 */
GPtrArray *
ferry_client_list_tasks_finish (FerryClient   *self,
                                GAsyncResult  *result,
                                GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
task_loaded_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  FerryLink *link = FERRY_LINK (source);
  g_autoptr(GTask) task = user_data;
  const guint64 *number = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = ferry_link_call_finish (link, result, NULL, &error);
  g_autoptr(GVariant) known = NULL;
  FerryTask *loaded;

  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  known = g_variant_get_child_value (answer, 0);
  loaded = ferry_link_take_task (link, *number);
  ferry_task_update (loaded, known);
  g_task_return_pointer (task, loaded, g_object_unref);
}

/**
 * ferry_client_load_task_async:
 * @self: a client
 * @number: the number of a task
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks for a task by its number.
 *
 * Fails with %FERRY_ERROR_NOT_FOUND when there is none that this program may see.
 */
void
ferry_client_load_task_async (FerryClient         *self,
                              guint64              number,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autofree char *path = NULL;
  GTask *task;

  g_return_if_fail (FERRY_IS_CLIENT (self));

  path = ferry_path_of_task (number);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, FERRY_TAG (ferry_client_load_task_async));
  g_task_set_task_data (task, g_memdup2 (&number, sizeof number), g_free);
  ferry_link_call_async (self->link, path, FERRY_PROPERTIES_INTERFACE, "GetAll",
                         g_variant_new ("(s)", FERRY_TASK_INTERFACE), "(a{sv})", cancellable,
                         task_loaded_cb, task);
}

/**
 * ferry_client_load_task_finish:
 * @self: a client
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Client.load_task_async].
 *
 * Returns: (transfer full): the task, with all of its properties; %NULL: it failed
 */
FerryTask *
ferry_client_load_task_finish (FerryClient   *self,
                               GAsyncResult  *result,
                               GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * ferry_client_probe_async:
 * @self: a client
 * @url: what to ask about, `http` or `https`
 * @options: (nullable): an `a{sv}`: how to ask
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks the server what a download would bring.
 *
 * Nothing is stored. The keys of @options are: `headers`, `secret-headers` (a{ss}), `user-agent`,
 * `tls-ca`, `redirects`, `referrer` (s), `allow-insecure-redirect` (b), `request-timeout` (u,
 * seconds).
 *
 * Fails with %FERRY_ERROR_INVALID_URL, %FERRY_ERROR_INVALID_OPTION, %FERRY_ERROR_NETWORK,
 * %FERRY_ERROR_TIMEOUT, %FERRY_ERROR_SERVER, %FERRY_ERROR_CREDENTIALS, %FERRY_ERROR_TRUST and
 * %FERRY_ERROR_LIMIT.
 */
void
ferry_client_probe_async (FerryClient         *self,
                          const char          *url,
                          GVariant            *options,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  GVariant *given;

  g_return_if_fail (FERRY_IS_CLIENT (self));
  g_return_if_fail (url != NULL);
  g_return_if_fail (options == NULL || g_variant_is_of_type (options, G_VARIANT_TYPE_VARDICT));

  given = options != NULL ? options : g_variant_new ("a{sv}", NULL);
  ferry_link_do_async (self->link, self, FERRY_TAG (ferry_client_probe_async),
                       FERRY_OBJECT_PATH, FERRY_MANAGER_INTERFACE, "Probe",
                       g_variant_new ("(s@a{sv})", url, given), "(a{sv})", cancellable, callback,
                       user_data);
}

/**
 * ferry_client_probe_finish:
 * @self: a client
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Client.probe_async].
 *
 * Returns: (transfer full): an `a{sv}`: `file-name` (s), `size` (x, bytes; −1: unknown),
 * `mime-type` (s), `resumable` (b), `current-url` (s), `validator` (s); %NULL: it failed
 */
GVariant *
ferry_client_probe_finish (FerryClient   *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_autoptr(GVariant) answer = ferry_link_do_finish (self, FERRY_TAG (ferry_client_probe_async),
                                                     result, error);

  return answer != NULL ? g_variant_get_child_value (answer, 0) : NULL;
}

static void
limit_set_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  FerryLink *link = FERRY_LINK (source);
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = ferry_link_call_finish (link, result, NULL, &error);

  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  /* Who does not watch is not told. */
  ferry_client_take_manager (g_task_get_source_object (task), g_task_get_task_data (task));
  g_task_return_boolean (task, TRUE);
}

static void
set_limit (FerryClient         *self,
           gpointer             tag,
           const char          *property,
           guint64              bytes_per_second,
           GCancellable        *cancellable,
           GAsyncReadyCallback  callback,
           gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, property, "t", bytes_per_second);
  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, g_variant_ref_sink (g_variant_dict_end (&dict)),
                        (GDestroyNotify) g_variant_unref);
  ferry_link_call_async (self->link, FERRY_OBJECT_PATH,
                         FERRY_PROPERTIES_INTERFACE, "Set",
                         g_variant_new ("(ssv)", FERRY_MANAGER_INTERFACE, property,
                                        g_variant_new_uint64 (bytes_per_second)),
                         "()", cancellable, limit_set_cb, task);
}

/**
 * ferry_client_set_download_limit_async:
 * @self: a client
 * @bytes_per_second: what all of them together may receive; 0: no limit
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Sets how fast all downloads together may be.
 *
 * It is the user’s setting, and stays. Fails with %FERRY_ERROR_NOT_ALLOWED where it is locked.
 */
void
ferry_client_set_download_limit_async (FerryClient         *self,
                                       guint64              bytes_per_second,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_CLIENT (self));

  set_limit (self, FERRY_TAG (ferry_client_set_download_limit_async), "DownloadLimit",
             bytes_per_second, cancellable, callback, user_data);
}

/**
 * ferry_client_set_download_limit_finish:
 * @self: a client
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Client.set_download_limit_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_client_set_download_limit_finish (FerryClient   *self,
                                        GAsyncResult  *result,
                                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_client_set_upload_limit_async:
 * @self: a client
 * @bytes_per_second: what all of them together may send; 0: no limit
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Sets how fast all uploads together may be.
 *
 * It is the user’s setting, and stays. Fails with %FERRY_ERROR_NOT_ALLOWED where it is locked.
 */
void
ferry_client_set_upload_limit_async (FerryClient         *self,
                                     guint64              bytes_per_second,
                                     GCancellable        *cancellable,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_CLIENT (self));

  set_limit (self, FERRY_TAG (ferry_client_set_upload_limit_async), "UploadLimit", bytes_per_second,
             cancellable, callback, user_data);
}

/**
 * ferry_client_set_upload_limit_finish:
 * @self: a client
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Client.set_upload_limit_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_client_set_upload_limit_finish (FerryClient   *self,
                                      GAsyncResult  *result,
                                      GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
