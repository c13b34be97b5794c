/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-client"

#include "config.h"

#include "ferry-client-private.h"
#include "ferry-pages-private.h"
#include "ferry-path-private.h"
#include "ferry-session-private.h"
#include "ferry-task-private.h"

static void
connected_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;

  if (!ferry_link_connect_finish (FERRY_LINK (source), result, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

/**
 * ferry_client_connect_async:
 * @self: a client
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Starts the service, if it does not run, and learns what it can do.
 *
 * Other calls do this by themselves. After a failure it begins anew.
 */
void
ferry_client_connect_async (FerryClient         *self,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  GTask *task;

  g_return_if_fail (FERRY_IS_CLIENT (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, FERRY_TAG (ferry_client_connect_async));
  ferry_link_connect_async (self->link, cancellable, connected_cb, task);
}

/**
 * ferry_client_connect_finish:
 * @self: a client
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Client.connect_async].
 *
 * Returns: whether the service is there
 */
gboolean
ferry_client_connect_finish (FerryClient   *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* A session that is being opened. */
typedef struct
{
  char         *identifier;     /* owned */
  GVariant     *configuration;  /* owned */
  guint         losses;         /* of the link, before the service was asked */
  FerrySession *session;        /* owned. NULL: the service has not answered yet */
} Opening;

static void
opening_free (Opening *opening)
{
  g_free (opening->identifier);
  g_variant_unref (opening->configuration);
  g_clear_object (&opening->session);
  g_free (opening);
}

/* It is open in any case; where the service has gone again, it will be once more. */
static void
opened_session_told_cb (GObject      *source,
                        GAsyncResult *result,
                        gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Opening *opening = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = ferry_link_call_finish (FERRY_LINK (source), result, NULL, &error);
  g_autoptr(GVariant) known = answer != NULL ? g_variant_get_child_value (answer, 0) : NULL;

  if (known != NULL)
    ferry_session_update (opening->session, known);
  g_task_return_pointer (task, g_steal_pointer (&opening->session), g_object_unref);
}

static void
session_opened_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  FerryLink *link = FERRY_LINK (source);
  g_autoptr(GTask) task = user_data;
  Opening *opening = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = ferry_link_call_finish (link, result, NULL, &error);
  const char *path;
  gboolean created;

  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  g_variant_get (answer, "(&ob)", &path, &created);
  opening->session = ferry_link_take_session (link, ferry_path_parse_session (path));
  ferry_session_note_opened (opening->session, opening->identifier, opening->configuration,
                             created, opening->losses);
  ferry_link_call_async (link, path, FERRY_PROPERTIES_INTERFACE, "GetAll",
                         g_variant_new ("(s)", FERRY_SESSION_INTERFACE), "(a{sv})",
                         g_task_get_cancellable (task), opened_session_told_cb,
                         g_object_ref (task));
}

/**
 * ferry_client_open_session_async:
 * @self: a client
 * @identifier: a name that the program chooses, 1 to 255 bytes, without control characters
 * @configuration: (nullable): an `a{sv}`: how the session behaves; fixed when it is made
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Opens the session of this name, or makes it, and attaches the program to it.
 *
 * Sessions outlive their programs: what the last run left is there, see
 * [method@Ferry.Session.was_created] and [method@Ferry.Session.get_events_async].
 *
 * The keys of @configuration are: `app-id` (s), `request-timeout` (u, seconds), `resource-timeout`
 * (t, seconds), `max-connections-per-host` (u), `max-running` (u), `headers` and `secret-headers`
 * (a{ss}), `user-agent` (s), `destination` (s, an absolute path of a folder), `cookies` (s:
 * `session` or `none`), `tls-ca` (s), `redirects` (s: `follow`, `same-origin` or `none`),
 * `allow-insecure-redirect` (b), `resume-unproven` (b), `download-limit` (t, bytes a second) and
 * `notify` (s: `finish`, `each` or `none`).
 *
 * Fails with %FERRY_ERROR_INVALID_OPTION, which names the option; with %FERRY_ERROR_DISK_FULL and
 * %FERRY_ERROR_LIMIT.
 */
void
ferry_client_open_session_async (FerryClient         *self,
                                 const char          *identifier,
                                 GVariant            *configuration,
                                 GCancellable        *cancellable,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  Opening *opening;
  GTask *task;

  g_return_if_fail (FERRY_IS_CLIENT (self));
  g_return_if_fail (identifier != NULL);
  g_return_if_fail (configuration == NULL ||
                    g_variant_is_of_type (configuration, G_VARIANT_TYPE_VARDICT));

  opening = g_new0 (Opening, 1);
  opening->identifier = g_strdup (identifier);
  opening->configuration = g_variant_ref_sink (configuration != NULL
                                               ? configuration : g_variant_new ("a{sv}", NULL));
  opening->losses = ferry_link_get_losses (self->link);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, FERRY_TAG (ferry_client_open_session_async));
  g_task_set_task_data (task, opening, (GDestroyNotify) opening_free);
  ferry_link_call_async (self->link, FERRY_OBJECT_PATH, FERRY_MANAGER_INTERFACE,
                         "OpenSession",
                         g_variant_new ("(s@a{sv})", identifier, opening->configuration), "(ob)",
                         cancellable, session_opened_cb, task);
}

/**
 * ferry_client_open_session_finish:
 * @self: a client
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Client.open_session_async].
 *
 * Returns: (transfer full): the session; %NULL: it failed
 */
FerrySession *
ferry_client_open_session_finish (FerryClient   *self,
                                  GAsyncResult  *result,
                                  GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
