/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-link"

#include "config.h"

#include <gio/gunixfdlist.h>

#include "ferry-link-inside-private.h"

/* A new task is answered when it is on disk; the bus may have to start the service first. */
#define TIMEOUT_MS (120 * 1000)

/* What is asked. */
typedef struct
{
  char        *path;        /* owned */
  const char  *interface;   /* static */
  const char  *method;      /* static */
  GVariant    *parameters;  /* owned. NULL: none */
  const char  *reply_type;  /* static */
  GUnixFDList *files;       /* owned; came with the answer. NULL: none did */
} Call;

static void
call_free (Call *call)
{
  g_free (call->path);
  g_clear_pointer (&call->parameters, g_variant_unref);
  g_clear_object (&call->files);
  g_free (call);
}

static const char *
find_plain_words (const GError *error)
{
  if (error->domain == G_DBUS_ERROR)
    {
      if (error->code == G_DBUS_ERROR_SERVICE_UNKNOWN ||
          error->code == G_DBUS_ERROR_NAME_HAS_NO_OWNER)
        return "The session bus knows of no transfer service; install Ferry completely, and if you "
               "have just done so, log in again";
      if (error->code == G_DBUS_ERROR_NO_REPLY)
        return "The transfer service ended before it answered; look whether it was done, and try "
               "again";
      if (error->code == G_DBUS_ERROR_TIMEOUT || error->code == G_DBUS_ERROR_TIMED_OUT)
        return "The transfer service could not be started in time; try again";
    }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return "The transfer service does not answer; end the program “ferryd”, and try again";
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return "The session bus has ended; log in again, and start this program again";

  return NULL;
}

void
ferry_link_clean_error (GError **error)
{
  const char *words = find_plain_words (*error);

  (void) g_dbus_error_strip_remote_error (*error);  /* not all come from afar */
  if (words != NULL)
    {
      g_clear_pointer (&(*error)->message, g_free);
      (*error)->message = g_strdup (words);
    }
}

static void
answered_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  GVariant *answer = g_dbus_connection_call_with_unix_fd_list_finish (G_DBUS_CONNECTION (source),
                                                                      &call->files, result, &error);

  if (answer == NULL)
    {
      ferry_link_clean_error (&error);
      g_task_return_error (task, g_steal_pointer (&error));
    }
  else
    g_task_return_pointer (task, answer, (GDestroyNotify) g_variant_unref);
}

static void
send_call (FerryLink *self,
           GTask     *task)
{
  const Call *call = g_task_get_task_data (task);
  /* How long a server may take is in the options. */
  int timeout = g_str_equal (call->method, "Probe") ? G_MAXINT : TIMEOUT_MS;

  g_dbus_connection_call_with_unix_fd_list (self->connection, FERRY_SERVICE_ID, call->path,
                                            call->interface, call->method, call->parameters,
                                            G_VARIANT_TYPE (call->reply_type),
                                            G_DBUS_CALL_FLAGS_NONE, timeout, NULL,
                                            g_task_get_cancellable (task), answered_cb,
                                            g_object_ref (task));
}

static void
connected_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  FerryLink *self = FERRY_LINK (source);
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;

  if (!ferry_link_connect_finish (self, result, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    send_call (self, task);
}

void
ferry_link_call_async (FerryLink           *self,
                       const char          *path,
                       const char          *interface,
                       const char          *method,
                       GVariant            *parameters,
                       const char          *reply_type,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  Call *call = g_new0 (Call, 1);

  call->path = g_strdup (path);
  call->interface = interface;
  call->method = method;
  call->parameters = parameters != NULL ? g_variant_ref_sink (parameters) : NULL;
  call->reply_type = reply_type;
  g_task_set_source_tag (task, FERRY_TAG (ferry_link_call_async));
  g_task_set_task_data (task, call, (GDestroyNotify) call_free);

  /* A service that is on its way is asked at once: the bus keeps the order. */
  if (self->state == FERRY_CLIENT_STATE_FAILED)
    g_task_return_error (task, g_error_copy (self->error));
  else if (self->state == FERRY_CLIENT_STATE_CONNECTED || self->state == FERRY_CLIENT_STATE_LOST)
    send_call (self, task);
  else
    ferry_link_connect_async (self, cancellable, connected_cb, g_object_ref (task));
}

GVariant *
ferry_link_call_finish (FerryLink     *self,
                        GAsyncResult  *result,
                        GUnixFDList  **files,
                        GError       **error)
{
  Call *call = g_task_get_task_data (G_TASK (result));

  if (files != NULL)
    *files = g_steal_pointer (&call->files);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
done_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  GVariant *answer = ferry_link_call_finish (FERRY_LINK (source), result, NULL, &error);

  if (answer == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, answer, (GDestroyNotify) g_variant_unref);
}

void
ferry_link_do_async (FerryLink           *self,
                     gpointer             source,
                     gpointer             tag,
                     const char          *path,
                     const char          *interface,
                     const char          *method,
                     GVariant            *parameters,
                     const char          *reply_type,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  GTask *task = g_task_new (source, cancellable, callback, user_data);

  g_task_set_source_tag (task, tag);
  ferry_link_call_async (self, path, interface, method, parameters, reply_type, cancellable,
                         done_cb, task);
}

GVariant *
ferry_link_do_finish (gpointer       source,
                      gpointer       tag,
                      GAsyncResult  *result,
                      GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, source), NULL);
  g_return_val_if_fail (g_task_get_source_tag (G_TASK (result)) == tag, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
