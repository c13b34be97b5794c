/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-link"

#include "config.h"

#include <string.h>

#include "ferry-link-inside-private.h"
#include "ferry-path-private.h"
#include "ferry-session-private.h"
#include "ferry-task-private.h"

G_DEFINE_FINAL_TYPE (FerryLink, ferry_link, G_TYPE_OBJECT)

typedef enum { PROP_STATE = 1 } FerryLinkProperty;
static GParamSpec *properties[PROP_STATE + 1];

static guint signals[FERRY_LINK_N_SIGNALS];

void
ferry_link_emit (FerryLink       *self,
                 FerryLinkSignal  signal,
                 gpointer         argument)
{
  if (signal == FERRY_LINK_WATCHED)
    g_signal_emit (self, signals[signal], 0);
  else if (signal == FERRY_LINK_SESSION_ADDED || signal == FERRY_LINK_SESSION_REMOVED)
    g_signal_emit (self, signals[signal], 0, *(guint64 *) argument);
  else
    g_signal_emit (self, signals[signal], 0, argument);
}

gboolean
ferry_link_has_lists (FerryLink *self)
{
  return g_signal_has_handler_pending (self, signals[FERRY_LINK_TASKS_ARRIVED], 0, TRUE);
}

void
ferry_link_set_state (FerryLink        *self,
                      FerryClientState  state)
{
  if (state != FERRY_CLIENT_STATE_FAILED)
    g_clear_error (&self->error);
  if (self->state == state)
    return;

  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

static void
on_closed_cb (GDBusConnection *connection,
              gboolean         remote_vanished,
              GError          *error,
              gpointer         user_data)
{
  FerryLink *self = user_data;
  g_autoptr(FerryLink) kept = g_object_ref (self);

  g_clear_pointer (&self->owner, g_free);
  self->watching = FALSE;
  ferry_link_fail (kept, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                                              "The session bus has ended; log in again, and start "
                                              "this program again"));
}

static void
use_connection (FerryLink       *self,
                GDBusConnection *connection)
{
  self->connection = g_object_ref (connection);
  g_signal_connect_object (connection, "closed", G_CALLBACK (on_closed_cb), self, 0);
  if (!g_dbus_connection_is_closed (connection))
    ferry_link_subscribe (self);
}

static void
fail_to_open (FerryLink    *self,
              const GError *error)
{
  g_autoptr(GError) explained = NULL;

  self->is_opening = FALSE;
  explained = g_error_new (error->domain, error->code,
                           "There is no session bus (%s); log in to a desktop session, or use "
                           "dbus-run-session", error->message);
  ferry_link_settle (self, FERRY_CLIENT_STATE_DISCONNECTED, explained);
}

static void
connection_opened_cb (GObject      *source,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  g_autoptr(FerryLink) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GDBusConnection) connection = g_dbus_connection_new_for_address_finish (result, &error);

  if (connection == NULL)
    {
      fail_to_open (self, error);
      return;
    }

  self->is_opening = FALSE;
  /* Who has asked for it may have given up; and subscribing on one that has ended is an error to
   * GDBus. */
  if (!ferry_link_is_needed (self) || g_dbus_connection_is_closed (connection))
    {
      g_autoptr(GError) ended = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CLOSED,
                                                     "it ended at once");

      g_dbus_connection_close (connection, NULL, NULL, NULL);
      fail_to_open (self, ended);
      return;
    }

  self->is_ours = TRUE;
  use_connection (self, connection);
  ferry_link_begin_attempt (self);
}

/* Where there is no bus yet, this starts one, and waits. */
static void
find_bus_in_thread (GTask        *task,
                    gpointer      source,
                    gpointer      data,
                    GCancellable *cancellable)
{
  g_autoptr(GError) error = NULL;
  char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, cancellable, &error);

  if (address == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, address, g_free);
}

static void
bus_found_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  FerryLink *self = FERRY_LINK (source);
  g_autoptr(GError) error = NULL;
  g_autofree char *address = g_task_propagate_pointer (G_TASK (result), &error);

  if (address == NULL)
    {
      fail_to_open (self, error);
      return;
    }

  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                     G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, NULL, connection_opened_cb, g_object_ref (self));
}

/* One of its own: the service lets a session go when the connection that has opened it ends, and
 * the program's own may outlive us. */
static void
open_connection (FerryLink *self)
{
  g_autoptr(GTask) task = g_task_new (self, NULL, bus_found_cb, NULL);

  self->is_opening = TRUE;
  g_task_set_source_tag (task, FERRY_TAG (open_connection));
  g_task_run_in_thread (task, find_bus_in_thread);
}

/* --- GObject --- */

static void
ferry_link_get_property (GObject    *object,
                         guint       id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  FerryLink *self = FERRY_LINK (object);

  if (id == PROP_STATE)
    g_value_set_enum (value, self->state);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ferry_link_dispose (GObject *object)
{
  FerryLink *self = FERRY_LINK (object);

  ferry_link_stop_retry (self);
  if (self->connection != NULL)
    {
      ferry_link_unsubscribe (self);
      g_signal_handlers_disconnect_by_data (self->connection, self);
      if (self->is_ours)
        g_dbus_connection_close (self->connection, NULL, NULL, NULL);
    }
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (ferry_link_parent_class)->dispose (object);
}

static void
ferry_link_finalize (GObject *object)
{
  FerryLink *self = FERRY_LINK (object);

  /* All of them hold us. */
  g_assert (g_hash_table_size (self->sessions) == 0);
  g_assert (g_hash_table_size (self->tasks) == 0);
  g_assert (g_queue_is_empty (&self->connecting));

  g_hash_table_unref (self->sessions);
  g_hash_table_unref (self->tasks);
  g_hash_table_unref (self->arrivals);
  g_free (self->owner);
  g_clear_error (&self->error);
  g_clear_error (&self->attempt_error);

  G_OBJECT_CLASS (ferry_link_parent_class)->finalize (object);
}

static void
ferry_link_class_init (FerryLinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  static const struct
  {
    const char *name;
    GType       type;
  } arguments[] = {
    [FERRY_LINK_MANAGER_CHANGED] = { "manager-changed", G_TYPE_VARIANT },
    [FERRY_LINK_WATCHED] = { "watched", G_TYPE_NONE },
    [FERRY_LINK_SESSION_ADDED] = { "session-added", G_TYPE_UINT64 },
    [FERRY_LINK_SESSION_REMOVED] = { "session-removed", G_TYPE_UINT64 },
    [FERRY_LINK_TASKS_ARRIVED] = { "tasks-arrived", G_TYPE_POINTER },
    [FERRY_LINK_TASKS_REMOVED] = { "tasks-removed", G_TYPE_POINTER },
  };

  object_class->get_property = ferry_link_get_property;
  object_class->dispose = ferry_link_dispose;
  object_class->finalize = ferry_link_finalize;

  properties[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, FERRY_TYPE_CLIENT_STATE,
                       FERRY_CLIENT_STATE_DISCONNECTED,
                       G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  for (guint i = 0; i < FERRY_LINK_N_SIGNALS; i++)
    signals[i] = g_signal_new (arguments[i].name, FERRY_TYPE_LINK, G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE,
                               arguments[i].type != G_TYPE_NONE ? 1 : 0, arguments[i].type);

  /* GDBus knows our errors from now on. */
  (void) ferry_error_quark ();
}

static void
ferry_link_init (FerryLink *self)
{
  self->sessions = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->tasks = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->arrivals = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  g_queue_init (&self->connecting);
}

FerryLink *
ferry_link_new (GDBusConnection *connection)
{
  FerryLink *self = g_object_new (FERRY_TYPE_LINK, NULL);

  if (connection != NULL)
    use_connection (self, connection);
  return self;
}

FerryClientState
ferry_link_get_state (FerryLink *self)
{
  return self->state;
}

const GError *
ferry_link_get_error (FerryLink *self)
{
  return self->error;
}

gboolean
ferry_link_is_watching (FerryLink *self)
{
  return self->watching;
}

void
ferry_link_connect_async (FerryLink           *self,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  gboolean is_new = self->state == FERRY_CLIENT_STATE_DISCONNECTED ||
                    self->state == FERRY_CLIENT_STATE_FAILED;

  g_task_set_source_tag (task, FERRY_TAG (ferry_link_connect_async));
  if (g_task_return_error_if_cancelled (task))
    return;

  if (self->connection != NULL && g_dbus_connection_is_closed (self->connection))
    {
      if (self->error == NULL)
        on_closed_cb (self->connection, FALSE, NULL, self);
      g_task_return_error (task, g_error_copy (self->error));
      return;
    }
  if (self->state == FERRY_CLIENT_STATE_CONNECTED)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  ferry_link_add_waiter (self, task);
  if (!is_new)
    return;

  memset (self->failures, 0, sizeof self->failures);
  ferry_link_set_state (self, FERRY_CLIENT_STATE_CONNECTING);
  if (self->connection != NULL)
    ferry_link_begin_attempt (self);
  else if (!self->is_opening)
    open_connection (self);
}

gboolean
ferry_link_connect_finish (FerryLink     *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

guint
ferry_link_get_losses (FerryLink *self)
{
  return self->losses;
}

void
ferry_link_note_held (FerryLink *self,
                      guint      losses)
{
  if (losses != self->losses)
    ferry_link_recover (self);
  else if (self->state == FERRY_CLIENT_STATE_DISCONNECTED && self->owner != NULL)
    ferry_link_set_state (self, FERRY_CLIENT_STATE_CONNECTED);
}

void
ferry_link_note_watched (FerryLink *self,
                         guint      losses)
{
  self->wants_watch = TRUE;
  self->watching = losses == self->losses;
  ferry_link_note_held (self, losses);
}

gboolean
ferry_link_drop_watch (FerryLink *self)
{
  gboolean wanted = self->wants_watch;

  self->wants_watch = FALSE;
  self->watching = FALSE;
  return wanted;
}

void
ferry_link_remember_session (FerryLink    *self,
                             FerrySession *session)
{
  g_hash_table_replace (self->sessions, (gpointer) ferry_session_get_key (session), session);
}

FerrySession *
ferry_link_take_session (FerryLink *self,
                         guint64    number)
{
  FerrySession *session = g_hash_table_lookup (self->sessions, &number);

  if (session != NULL)
    return g_object_ref (session);

  session = ferry_session_new (self, number);
  ferry_link_remember_session (self, session);
  return session;
}

FerryTask *
ferry_link_find_task (FerryLink *self,
                      guint64    number)
{
  return g_hash_table_lookup (self->tasks, &number);
}

FerryTask *
ferry_link_take_task (FerryLink *self,
                      guint64    number)
{
  FerryTask *task = ferry_link_find_task (self, number);

  if (task != NULL)
    return g_object_ref (task);

  task = ferry_task_new (self, number);
  g_hash_table_insert (self->tasks, &task->number, task);
  return task;
}

void
ferry_link_forget_session (FerryLink    *self,
                           FerrySession *session)
{
  const guint64 *number = ferry_session_get_key (session);

  if (g_hash_table_lookup (self->sessions, number) == session)
    (void) g_hash_table_remove (self->sessions, number);  /* it is there */
}

void
ferry_link_forget_task (FerryLink *self,
                        FerryTask *task)
{
  (void) g_hash_table_remove (self->tasks, &task->number);  /* it is there */
}
