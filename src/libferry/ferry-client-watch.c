/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-client"

#include "config.h"

#include "ferry-client-private.h"
#include "ferry-path-private.h"
#include "ferry-session-private.h"
#include "ferry-task-list-private.h"

/* Where it is, or is to be. Returns whether it is. */
static gboolean
find_session (FerryClient *self,
              guint64      number,
              guint       *position)
{
  GListModel *sessions = G_LIST_MODEL (self->sessions);
  guint n = g_list_model_get_n_items (sessions);

  for (*position = 0; *position < n; (*position)++)
    {
      g_autoptr(FerrySession) session = g_list_model_get_item (sessions, *position);

      if (ferry_session_get_number (session) >= number)
        return ferry_session_get_number (session) == number;
    }

  return FALSE;
}

static void
insert_session (FerryClient  *self,
                FerrySession *session)
{
  guint position;

  if (!find_session (self, ferry_session_get_number (session), &position))
    g_list_store_insert (self->sessions, position, session);
}

static void
added_session_told_cb (GObject      *source,
                       GAsyncResult *result,
                       gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  FerryClient *self = g_task_get_source_object (task);
  FerrySession *session = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = ferry_link_call_finish (FERRY_LINK (source), result, NULL, &error);
  g_autoptr(GVariant) known = answer != NULL ? g_variant_get_child_value (answer, 0) : NULL;

  /* It may be gone again. */
  if (known != NULL)
    {
      ferry_session_update (session, known);
      insert_session (self, session);
    }
  g_task_return_boolean (task, known != NULL);
}

void
ferry_client_add_session (FerryClient *self,
                          guint64      number)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, NULL, NULL);
  g_autofree char *path = ferry_path_of_session (number);
  FerryLink *link = self->link;

  g_task_set_source_tag (task, FERRY_TAG (ferry_client_add_session));
  g_task_set_task_data (task, ferry_link_take_session (link, number), g_object_unref);
  ferry_link_call_async (link, path, FERRY_PROPERTIES_INTERFACE, "GetAll",
                         g_variant_new ("(s)", FERRY_SESSION_INTERFACE), "(a{sv})", NULL,
                         added_session_told_cb, g_steal_pointer (&task));
}

void
ferry_client_remove_session (FerryClient *self,
                             guint64      number)
{
  g_autoptr(FerrySession) session = NULL;
  guint position;

  if (!find_session (self, number, &position))
    return;

  session = g_list_model_get_item (G_LIST_MODEL (self->sessions), position);
  g_list_store_remove (self->sessions, position);
  ferry_session_set_state (session, FERRY_SESSION_STATE_INVALID);
}

/* Returns: (transfer full) */
static FerrySession *
take_listed_session (FerryClient *self,
                     GVariant    *listed)
{
  FerrySession *session;
  const char *path;
  const char *app_id;
  const char *identifier;
  const char *state;
  g_autoptr(GVariant) known = NULL;
  GVariantDict dict;

  g_variant_get (listed, "(&o&s&s&s)", &path, &app_id, &identifier, &state);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "AppId", "s", app_id);
  g_variant_dict_insert (&dict, "Identifier", "s", identifier);
  g_variant_dict_insert (&dict, "State", "s", state);
  known = g_variant_ref_sink (g_variant_dict_end (&dict));

  session = ferry_link_take_session (self->link,
                                     ferry_path_parse_session (path));
  ferry_session_update (session, known);
  return session;
}

static void
take_sessions (FerryClient *self,
               GVariant    *listed)
{
  GListStore *store = self->sessions;
  GListModel *model = G_LIST_MODEL (store);
  g_autoptr(GPtrArray) there = g_ptr_array_new_with_free_func (g_object_unref);
  guint64 above = G_MAXUINT64;

  for (gsize i = 0; i < g_variant_n_children (listed); i++)
    {
      g_autoptr(GVariant) one = g_variant_get_child_value (listed, i);

      g_ptr_array_add (there, take_listed_session (self, one));
    }

  /* One that has come back under another number is taken out as well, and put where it belongs. */
  for (guint i = g_list_model_get_n_items (model); i > 0; i--)
    {
      g_autoptr(FerrySession) session = g_list_model_get_item (model, i - 1);
      gboolean is_there = g_ptr_array_find (there, session, NULL);

      if (is_there && ferry_session_get_number (session) < above)
        {
          above = ferry_session_get_number (session);
          continue;
        }

      g_list_store_remove (store, i - 1);
      if (!is_there)
        ferry_session_set_state (session, FERRY_SESSION_STATE_INVALID);
    }
  for (guint i = 0; i < there->len; i++)
    insert_session (self, there->pdata[i]);
}

static void
sessions_listed_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  FerryClient *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = ferry_link_call_finish (FERRY_LINK (source), result, NULL, &error);
  g_autoptr(GVariant) listed = NULL;

  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  listed = g_variant_get_child_value (answer, 0);
  take_sessions (self, listed);
  g_task_return_boolean (task, TRUE);
}

void
ferry_client_load_sessions (FerryClient         *self,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, FERRY_TAG (ferry_client_load_sessions));
  ferry_link_call_async (self->link, FERRY_OBJECT_PATH, FERRY_MANAGER_INTERFACE,
                         "ListSessions", NULL, "(a(osss))", cancellable, sessions_listed_cb, task);
}

gboolean
ferry_client_load_sessions_end (FerryClient   *self,
                                GAsyncResult  *result,
                                GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
sessions_loaded_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;

  if (!ferry_client_load_sessions_end (FERRY_CLIENT (source), result, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
watched_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  FerryLink *link = FERRY_LINK (source);
  g_autoptr(GTask) task = user_data;
  FerryClient *self = g_task_get_source_object (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = ferry_link_call_finish (link, result, NULL, &error);

  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  ferry_link_note_watched (link, GPOINTER_TO_UINT (g_task_get_task_data (task)));
  if (self->tasks != NULL)
    ferry_task_list_load (self->tasks);
  ferry_client_load_sessions (self, g_task_get_cancellable (task), sessions_loaded_cb,
                              g_object_ref (task));
}

/**
 * ferry_client_watch_async:
 * @self: a client
 * @cancellable: (nullable): ends the waiting; what was asked for is not undone
 * @callback: called with the answer
 * @user_data: for @callback
 *
 * Asks to be told of all sessions and tasks that this program may see.
 *
 * From @callback on [method@Ferry.Client.get_sessions] is complete and follows the service, and
 * [method@Ferry.Client.get_tasks] loads and follows it. The service stays for as long as the client
 * lives.
 */
void
ferry_client_watch_async (FerryClient         *self,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  GTask *task;

  g_return_if_fail (FERRY_IS_CLIENT (self));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, FERRY_TAG (ferry_client_watch_async));
  g_task_set_task_data (task, GUINT_TO_POINTER (ferry_link_get_losses (self->link)), NULL);
  ferry_link_call_async (self->link, FERRY_OBJECT_PATH, FERRY_MANAGER_INTERFACE,
                         "Watch", g_variant_new ("(b)", TRUE), "()", cancellable, watched_cb, task);
}

/**
 * ferry_client_watch_finish:
 * @self: a client
 * @result: what the callback got
 * @error: why it failed
 *
 * Ends [method@Ferry.Client.watch_async].
 *
 * Returns: whether it watches
 */
gboolean
ferry_client_watch_finish (FerryClient   *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
