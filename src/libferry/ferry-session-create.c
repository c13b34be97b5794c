/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-session"

#include "config.h"

#include "ferry-pages-private.h"
#include "ferry-path-private.h"
#include "ferry-session-private.h"
#include "ferry-task-private.h"

/* What is known already is enough where the rest cannot be had: the tasks are there. */
static void
created_loaded_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) loaded = ferry_pages_load_finish (result, &error);
  GPtrArray *made = g_task_get_task_data (task);

  if (loaded == NULL)
    g_debug ("New tasks could not be looked at: %s", error->message);
  for (guint i = 0; i < made->len; i++)
    ((FerryTask *) made->pdata[i])->is_loaded = TRUE;
  g_task_return_pointer (task, g_ptr_array_ref (made), (GDestroyNotify) g_ptr_array_unref);
}

/* The tasks at @paths, in that order, are looked at, and are then the answer. */
static void
take_created (GTask     *task,
              FerryLink *link,
              GVariant  *paths)
{
  FerrySession *self = g_task_get_source_object (task);
  GPtrArray *made = g_ptr_array_new_with_free_func (g_object_unref);
  guint64 lowest = G_MAXINT64;
  guint64 highest = 0;

  for (gsize i = 0; i < g_variant_n_children (paths); i++)
    {
      g_autoptr(GVariant) path = g_variant_get_child_value (paths, i);
      guint64 number = ferry_path_parse_task (g_variant_get_string (path, NULL));
      FerryTask *created = ferry_link_take_task (link, number);

      if (created->session == 0)
        created->session = ferry_session_get_number (self);
      g_ptr_array_add (made, created);
      lowest = MIN (lowest, number);
      highest = MAX (highest, number);
    }

  g_task_set_task_data (task, made, (GDestroyNotify) g_ptr_array_unref);
  if (made->len == 0)
    g_task_return_pointer (task, g_ptr_array_ref (made), (GDestroyNotify) g_ptr_array_unref);
  else
    ferry_pages_load_async (link, ferry_session_get_number (self), NULL, highest + 1, lowest,
                            NULL, NULL, g_task_get_cancellable (task), created_loaded_cb,
                            g_object_ref (task));
}

static void
created_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = ferry_link_call_finish (FERRY_LINK (source), result, NULL, &error);
  g_autoptr(GVariant) paths = NULL;

  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  /* One path is a tuple of one; of several there is a tuple of one array. */
  paths = g_variant_is_of_type (answer, G_VARIANT_TYPE ("(ao)"))
          ? g_variant_get_child_value (answer, 0) : g_variant_ref (answer);
  take_created (task, FERRY_LINK (source), paths);
}

static void
create (FerrySession        *self,
        gpointer             tag,
        const char          *method,
        GVariant            *parameters,
        const char          *reply_type,
        GCancellable        *cancellable,
        GAsyncReadyCallback  callback,
        gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *path = ferry_path_of_session (ferry_session_get_number (self));

  g_task_set_source_tag (task, tag);
  ferry_link_call_async (ferry_session_get_link (self), path, FERRY_SESSION_INTERFACE, method,
                         parameters, reply_type, cancellable, created_cb, task);
}

static GPtrArray *
end (FerrySession  *self,
     gpointer       tag,
     GAsyncResult  *result,
     GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_task_get_source_tag (G_TASK (result)) == tag, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static FerryTask *
end_with_one (FerrySession  *self,
              gpointer       tag,
              GAsyncResult  *result,
              GError       **error)
{
  g_autoptr(GPtrArray) made = end (self, tag, result, error);

  return made != NULL ? g_object_ref (made->pdata[0]) : NULL;
}

static GVariant *
or_no_options (GVariant *options)
{
  return options != NULL ? options : g_variant_new ("a{sv}", NULL);
}

/**
 * ferry_session_create_download_task_async:
 * @self: a session
 * @url: what to fetch, `http` or `https`
 * @options: (nullable): an `a{sv}`; its keys are below
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Makes a download.
 *
 * From @callback on the task survives a crash, a logout and a power cut. It is suspended until
 * [method@Ferry.Task.resume_async], unless `start` is true.
 *
 * The keys of @options are: `destination` (s, an absolute path of a folder), `filename` (s),
 * `overwrite` (b), `start` (b: it is resumed at once), `priority` (d), `description` (s), `headers`
 * and `secret-headers` (a{ss}), `referrer` (s), `digest` (s, such as `sha-256=…`), `not-before` (x,
 * µs of Unix time), `download-limit` (t, bytes a second), `expected-size` (x), `request-timeout`
 * (u, seconds).
 *
 * Fails with %FERRY_ERROR_INVALID_URL; with %FERRY_ERROR_INVALID_OPTION, which names the option;
 * with %FERRY_ERROR_WRONG_STATE when the session takes no tasks; with %FERRY_ERROR_DISK_FULL and
 * %FERRY_ERROR_LIMIT.
 */
void
ferry_session_create_download_task_async (FerrySession        *self,
                                          const char          *url,
                                          GVariant            *options,
                                          GCancellable        *cancellable,
                                          GAsyncReadyCallback  callback,
                                          gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (url != NULL);
  g_return_if_fail (options == NULL || g_variant_is_of_type (options, G_VARIANT_TYPE_VARDICT));

  create (self, FERRY_TAG (ferry_session_create_download_task_async), "CreateDownloadTask",
          g_variant_new ("(s@a{sv})", url, or_no_options (options)), "(o)", cancellable, callback,
          user_data);
}

/**
 * ferry_session_create_download_task_finish:
 * @self: a session
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Session.create_download_task_async].
 *
 * Returns: (transfer full): the task, with its properties; %NULL: it failed
 */
FerryTask *
ferry_session_create_download_task_finish (FerrySession  *self,
                                           GAsyncResult  *result,
                                           GError       **error)
{
  return end_with_one (self, FERRY_TAG (ferry_session_create_download_task_async), result, error);
}

/**
 * ferry_session_create_download_tasks_async:
 * @self: a session
 * @downloads: an `a(sa{sv})`: for each task the address and the options, as of
 * [method@Ferry.Session.create_download_task_async]
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Makes all of the downloads or, where one cannot be made, none.
 *
 * The error says which one it is, counted from 1. This is much faster than one call for each.
 */
void
ferry_session_create_download_tasks_async (FerrySession        *self,
                                           GVariant            *downloads,
                                           GCancellable        *cancellable,
                                           GAsyncReadyCallback  callback,
                                           gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (downloads != NULL);
  g_return_if_fail (g_variant_is_of_type (downloads, G_VARIANT_TYPE ("a(sa{sv})")));

  create (self, FERRY_TAG (ferry_session_create_download_tasks_async), "CreateDownloadTasks",
          g_variant_new ("(@a(sa{sv}))", downloads), "(ao)", cancellable, callback, user_data);
}

/**
 * ferry_session_create_download_tasks_finish:
 * @self: a session
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Session.create_download_tasks_async].
 *
 * Returns: (transfer container) (element-type FerryTask): the tasks, in the same order; %NULL: it
 * failed
 */
GPtrArray *
ferry_session_create_download_tasks_finish (FerrySession  *self,
                                            GAsyncResult  *result,
                                            GError       **error)
{
  return end (self, FERRY_TAG (ferry_session_create_download_tasks_async), result, error);
}

/**
 * ferry_session_create_download_task_with_resume_data_async:
 * @self: a session
 * @data: resume data of a task of the same app, in whatever session
 * @options: (nullable): an `a{sv}`: what is to be other than it was, as of
 * [method@Ferry.Session.create_download_task_async], without `destination`
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Makes a download that takes over what a failed or cancelled task has kept.
 *
 * It has all of the settings of that task, secrets included; `start` is false unless it is given
 * here. Fails with %FERRY_ERROR_INVALID_OPTION also when @data stands for no such task.
 */
void
ferry_session_create_download_task_with_resume_data_async (FerrySession        *self,
                                                           GBytes              *data,
                                                           GVariant            *options,
                                                           GCancellable        *cancellable,
                                                           GAsyncReadyCallback  callback,
                                                           gpointer             user_data)
{
  GVariant *bytes;

  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (data != NULL);
  g_return_if_fail (options == NULL || g_variant_is_of_type (options, G_VARIANT_TYPE_VARDICT));

  bytes = g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, data, TRUE);
  create (self, FERRY_TAG (ferry_session_create_download_task_with_resume_data_async),
          "CreateDownloadTaskWithResumeData",
          g_variant_new ("(@ay@a{sv})", bytes, or_no_options (options)), "(o)", cancellable,
          callback, user_data);
}

/**
 * ferry_session_create_download_task_with_resume_data_finish:
 * @self: a session
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Session.create_download_task_with_resume_data_async].
 *
 * Returns: (transfer full): the task, with its properties; %NULL: it failed
 */
FerryTask *
ferry_session_create_download_task_with_resume_data_finish (FerrySession  *self,
                                                            GAsyncResult  *result,
                                                            GError       **error)
{
  return end_with_one (self, FERRY_TAG (ferry_session_create_download_task_with_resume_data_async),
                       result, error);
}
