/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-session"

#include "config.h"

#include "ferry-path-private.h"
#include "ferry-session-private.h"

/* @parameters: NULL: none. */
static void
ask (FerrySession        *self,
     gpointer             tag,
     const char          *method,
     GVariant            *parameters,
     GCancellable        *cancellable,
     GAsyncReadyCallback  callback,
     gpointer             user_data)
{
  g_autofree char *path = ferry_path_of_session (ferry_session_get_number (self));

  ferry_link_do_async (ferry_session_get_link (self), self, tag, path, FERRY_SESSION_INTERFACE,
                       method, parameters, "()", cancellable, callback, user_data);
}

static gboolean
end (FerrySession  *self,
     gpointer       tag,
     GAsyncResult  *result,
     GError       **error)
{
  g_autoptr(GVariant) answer = ferry_link_do_finish (self, tag, result, error);

  return answer != NULL;
}

static void
delegate_set_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = ferry_link_call_finish (FERRY_LINK (source), result, NULL, &error);

  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  /* A service that comes back is told so again. */
  ferry_session_note_delegate (g_task_get_source_object (task), g_task_get_task_data (task));
  g_task_return_boolean (task, TRUE);
}

/**
 * ferry_session_set_delegate_async:
 * @self: a session that this program has opened
 * @members: (array zero-terminated=1): the names of the signals of tasks on the bus, such as
 * `DidWriteData`
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Chooses which signals its tasks have in this program.
 *
 * Before, they have all but [signal@Ferry.Task::did-write-data]; with an empty list they have none.
 * Properties change all the same. Fails with %FERRY_ERROR_INVALID_OPTION when there is no such
 * signal, with %FERRY_ERROR_WRONG_STATE when the session is not attached.
 */
void
ferry_session_set_delegate_async (FerrySession        *self,
                                  const char *const   *members,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data)
{
  g_autoptr(GTask) task = NULL;
  g_autofree char *path = NULL;

  g_return_if_fail (FERRY_IS_SESSION (self));
  g_return_if_fail (members != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  path = ferry_path_of_session (ferry_session_get_number (self));
  g_task_set_source_tag (task, FERRY_TAG (ferry_session_set_delegate_async));
  g_task_set_task_data (task, g_strdupv ((char **) members), (GDestroyNotify) g_strfreev);
  ferry_link_call_async (ferry_session_get_link (self), path, FERRY_SESSION_INTERFACE,
                         "SetDelegate", g_variant_new ("(^as)", members), "()", cancellable,
                         delegate_set_cb, g_steal_pointer (&task));
}

/**
 * ferry_session_set_delegate_finish:
 * @self: a session
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Session.set_delegate_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_session_set_delegate_finish (FerrySession  *self,
                                   GAsyncResult  *result,
                                   GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_session_get_events_async:
 * @self: a session
 * @after: only events whose serial is above it; 0: all
 * @limit: at most so many; 0, and all above 1000, mean 1000
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks for what has happened and was not acknowledged yet.
 *
 * Events are on disk before anything is signalled, and stay until
 * [method@Ferry.Session.acknowledge_events_async].
 */
void
ferry_session_get_events_async (FerrySession        *self,
                                guint64              after,
                                guint                limit,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_autofree char *path = NULL;

  g_return_if_fail (FERRY_IS_SESSION (self));

  path = ferry_path_of_session (ferry_session_get_number (self));
  ferry_link_do_async (ferry_session_get_link (self), self,
                       FERRY_TAG (ferry_session_get_events_async), path, FERRY_SESSION_INTERFACE,
                       "GetEvents", g_variant_new ("(tu)", after, limit), "(a(tsoa{sv}))",
                       cancellable, callback, user_data);
}

/**
 * ferry_session_get_events_finish:
 * @self: a session
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Session.get_events_async].
 *
 * Returns: (transfer full): an `a(tsoa{sv})`, oldest first: the serial, the kind (`finished`,
 * `failed`, `cancelled`, `new-url`, `session-finished` or `session-invalid`), the path of the task
 * or the session on the bus, and details; %NULL: it failed
 */
GVariant *
ferry_session_get_events_finish (FerrySession  *self,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  g_autoptr(GVariant) answer = ferry_link_do_finish (self,
                                                     FERRY_TAG (ferry_session_get_events_async),
                                                     result, error);

  return answer != NULL ? g_variant_get_child_value (answer, 0) : NULL;
}

/**
 * ferry_session_acknowledge_events_async:
 * @self: a session
 * @serial: of the last event that is not needed any more
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Drops all events of the session up to and including @serial.
 *
 * A session that is %FERRY_SESSION_STATE_INVALID goes with its last event, and its tasks go with
 * it; finished files stay.
 */
void
ferry_session_acknowledge_events_async (FerrySession        *self,
                                        guint64              serial,
                                        GCancellable        *cancellable,
                                        GAsyncReadyCallback  callback,
                                        gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_SESSION (self));

  ask (self, FERRY_TAG (ferry_session_acknowledge_events_async), "AcknowledgeEvents",
       g_variant_new ("(t)", serial), cancellable, callback, user_data);
}

/**
 * ferry_session_acknowledge_events_finish:
 * @self: a session
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Session.acknowledge_events_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_session_acknowledge_events_finish (FerrySession  *self,
                                         GAsyncResult  *result,
                                         GError       **error)
{
  return end (self, FERRY_TAG (ferry_session_acknowledge_events_async), result, error);
}

static void
invalidated_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  FerrySession *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = ferry_link_call_finish (FERRY_LINK (source), result, NULL, &error);

  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  /* That it is invalid the service signals, but not this. */
  if (ferry_session_get_state (self) == FERRY_SESSION_STATE_OPEN)
    ferry_session_set_state (self, FERRY_SESSION_STATE_FINISHING);
  g_task_return_boolean (task, TRUE);
}

static void
invalidate (FerrySession        *self,
            gpointer             tag,
            const char          *method,
            GCancellable        *cancellable,
            GAsyncReadyCallback  callback,
            gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *path = ferry_path_of_session (ferry_session_get_number (self));

  g_task_set_source_tag (task, tag);
  ferry_link_call_async (ferry_session_get_link (self), path, FERRY_SESSION_INTERFACE, method,
                         NULL, "()", cancellable, invalidated_cb, task);
}

/**
 * ferry_session_finish_tasks_and_invalidate_async:
 * @self: a session
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks for it to take no more tasks, and to become invalid when those that it has are over.
 *
 * Answered when it is %FERRY_SESSION_STATE_FINISHING.
 */
void
ferry_session_finish_tasks_and_invalidate_async (FerrySession        *self,
                                                 GCancellable        *cancellable,
                                                 GAsyncReadyCallback  callback,
                                                 gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_SESSION (self));

  invalidate (self, FERRY_TAG (ferry_session_finish_tasks_and_invalidate_async),
              "FinishTasksAndInvalidate", cancellable, callback, user_data);
}

/**
 * ferry_session_finish_tasks_and_invalidate_finish:
 * @self: a session
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Session.finish_tasks_and_invalidate_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_session_finish_tasks_and_invalidate_finish (FerrySession  *self,
                                                  GAsyncResult  *result,
                                                  GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_session_invalidate_and_cancel_async:
 * @self: a session
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks for it to take no more tasks, and cancels those that are not over.
 *
 * Answered when they are.
 */
void
ferry_session_invalidate_and_cancel_async (FerrySession        *self,
                                           GCancellable        *cancellable,
                                           GAsyncReadyCallback  callback,
                                           gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_SESSION (self));

  invalidate (self, FERRY_TAG (ferry_session_invalidate_and_cancel_async), "InvalidateAndCancel",
              cancellable, callback, user_data);
}

/**
 * ferry_session_invalidate_and_cancel_finish:
 * @self: a session
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Session.invalidate_and_cancel_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_session_invalidate_and_cancel_finish (FerrySession  *self,
                                            GAsyncResult  *result,
                                            GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_session_reset_async:
 * @self: a session
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Forgets its cookies and closes its connections.
 *
 * Running tasks begin again, where they stood. Tasks, events and secret headers stay.
 */
void
ferry_session_reset_async (FerrySession        *self,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  g_return_if_fail (FERRY_IS_SESSION (self));

  ask (self, FERRY_TAG (ferry_session_reset_async), "Reset", NULL, cancellable, callback,
       user_data);
}

/**
 * ferry_session_reset_finish:
 * @self: a session
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Session.reset_async].
 *
 * Returns: whether it was done
 */
gboolean
ferry_session_reset_finish (FerrySession  *self,
                            GAsyncResult  *result,
                            GError       **error)
{
  return end (self, FERRY_TAG (ferry_session_reset_async), result, error);
}
