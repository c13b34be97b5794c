/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-service"

#include "config.h"

#include "common/error.h"
#include "service.h"
#include "transfer.h"

#define MANAGER_INTERFACE FERRY_SERVICE_ID ".Manager"
#define SESSION_INTERFACE FERRY_SERVICE_ID ".Session"
#define TASK_INTERFACE FERRY_SERVICE_ID ".Task"

/*
 * The bus may have to start the service first, and the service to load a long list from a slow
 * disk; a new task is answered when it is on disk.
 */
#define TIMEOUT_MS (120 * 1000)

struct _FerryService
{
  GObject          parent_instance;

  GDBusConnection *connection;  /* owned */
  char            *owner;       /* owned; the unique name that has our session open. NULL: none */
  char            *session;     /* owned; its path. NULL: none was opened yet */
  guint            owner_id;    /* the subscription to changes of the name's owner */
  guint            changed_id;  /* the subscription to TasksChanged; 0: no session is open */
};

G_DEFINE_FINAL_TYPE (FerryService, ferry_service, G_TYPE_OBJECT)

enum
{
  SIGNAL_TASK_CHANGED,
  SIGNAL_LOST,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static void
close_session (FerryService *self)
{
  guint id = self->changed_id;

  g_clear_pointer (&self->owner, g_free);
  self->changed_id = 0;
  if (id != 0)
    g_dbus_connection_signal_unsubscribe (self->connection, id);
}

static void
lose (FerryService *self)
{
  if (self->owner == NULL)
    return;

  close_session (self);
  g_signal_emit (self, signals[SIGNAL_LOST], 0);
}

static void
on_owner_changed_cb (GDBusConnection *connection,
                     const char      *sender,
                     const char      *path,
                     const char      *interface,
                     const char      *signal,
                     GVariant        *parameters,
                     gpointer         user_data)
{
  FerryService *self = user_data;
  const char *new_owner;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    return;

  g_variant_get (parameters, "(&s&s&s)", NULL, NULL, &new_owner);
  if (g_strcmp0 (new_owner, self->owner) != 0)
    lose (self);
}

static void
on_tasks_changed_cb (GDBusConnection *connection,
                     const char      *sender,
                     const char      *path,
                     const char      *interface,
                     const char      *signal,
                     GVariant        *parameters,
                     gpointer         user_data)
{
  FerryService *self = user_data;
  g_autoptr(GVariantIter) iter = NULL;
  const char *task;
  GVariant *changed;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(a(oa{sv}))")))
    return;

  g_variant_get (parameters, "(a(oa{sv}))", &iter);
  while (g_variant_iter_loop (iter, "(&o@a{sv})", &task, &changed))
    g_signal_emit (self, signals[SIGNAL_TASK_CHANGED], 0, ferry_transfer_parse_number (task),
                   changed);
}

static void
call_answered_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  g_autoptr(GError) error = NULL;
  GVariant *answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (answer == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, answer, (GDestroyNotify) g_variant_unref);
}

/* To the very process that has our session open, if one has. */
static void
call (FerryService *self,
      GTask        *task,
      const char   *path,
      const char   *interface,
      const char   *method,
      GVariant     *arguments,
      const char   *answer_type)
{
  g_dbus_connection_call (self->connection, self->owner != NULL ? self->owner : FERRY_SERVICE_ID,
                          path, interface, method, arguments, G_VARIANT_TYPE (answer_type),
                          G_DBUS_CALL_FLAGS_NONE, TIMEOUT_MS, g_task_get_cancellable (task),
                          call_answered_cb, g_object_ref (task));
}

static void
session_opened_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  GDBusConnection *connection = G_DBUS_CONNECTION (source);
  g_autoptr(GTask) task = user_data;
  FerryService *self = g_task_get_source_object (task);
  g_autoptr(GDBusMessage) answer = NULL;
  g_autoptr(GError) error = NULL;
  GVariant *body;

  answer = g_dbus_connection_send_message_with_reply_finish (connection, result, &error);
  if (answer == NULL || g_dbus_message_to_gerror (answer, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  body = g_dbus_message_get_body (answer);
  if (body == NULL || !g_variant_is_of_type (body, G_VARIANT_TYPE ("(ob)")))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                               "The service answers what makes no sense");
      return;
    }

  /* The sender is known before its first signal can come: none is lost, and none is forged. */
  close_session (self);
  g_clear_pointer (&self->session, g_free);
  g_variant_get (body, "(ob)", &self->session, NULL);
  self->owner = g_strdup (g_dbus_message_get_sender (answer));
  self->changed_id = g_dbus_connection_signal_subscribe (connection, self->owner,
                                                         SESSION_INTERFACE, "TasksChanged",
                                                         self->session, NULL,
                                                         G_DBUS_SIGNAL_FLAGS_NONE,
                                                         on_tasks_changed_cb, self, NULL);
  g_task_return_boolean (task, TRUE);
}

/* GObject */

static void
ferry_service_dispose (GObject *object)
{
  FerryService *self = FERRY_SERVICE (object);

  if (self->connection != NULL)
    {
      close_session (self);
      g_dbus_connection_signal_unsubscribe (self->connection, self->owner_id);
    }
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (ferry_service_parent_class)->dispose (object);
}

static void
ferry_service_finalize (GObject *object)
{
  FerryService *self = FERRY_SERVICE (object);

  g_clear_pointer (&self->owner, g_free);
  g_clear_pointer (&self->session, g_free);

  G_OBJECT_CLASS (ferry_service_parent_class)->finalize (object);
}

static void
ferry_service_class_init (FerryServiceClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = ferry_service_dispose;
  object_class->finalize = ferry_service_finalize;

  signals[SIGNAL_TASK_CHANGED] = g_signal_new ("task-changed", G_TYPE_FROM_CLASS (class),
                                               G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                               G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_VARIANT);
  signals[SIGNAL_LOST] = g_signal_new ("lost", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                       NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferry_service_init (FerryService *self)
{
}

/**
 * ferry_service_new:
 * @connection: the session bus
 *
 * Returns: the service, which the first call starts where it does not run
 */
FerryService *
ferry_service_new (GDBusConnection *connection)
{
  FerryService *self = g_object_new (FERRY_TYPE_SERVICE, NULL);

  self->connection = g_object_ref (connection);
  self->owner_id = g_dbus_connection_signal_subscribe (connection, "org.freedesktop.DBus",
                                                       "org.freedesktop.DBus", "NameOwnerChanged",
                                                       "/org/freedesktop/DBus", FERRY_SERVICE_ID,
                                                       G_DBUS_SIGNAL_FLAGS_NONE,
                                                       on_owner_changed_cb, self, NULL);
  g_signal_connect_object (connection, "closed", G_CALLBACK (lose), self, G_CONNECT_SWAPPED);

  /* Registers the names of the errors, for answers to be of this domain. */
  (void) FERRY_ERROR;
  return self;
}

static GDBusMessage *
new_opening (const char *identifier,
             GVariant   *configuration)
{
  GDBusMessage *message = g_dbus_message_new_method_call (FERRY_SERVICE_ID, FERRY_OBJECT_PATH,
                                                          MANAGER_INTERFACE, "OpenSession");

  g_dbus_message_set_body (message, g_variant_new ("(s@a{sv})", identifier, configuration));
  return message;
}

/* With the defaults, which hold for good: another program of ours may not wait as we do. */
static void
make_session (FerryService *self,
              const char   *identifier)
{
  g_autoptr(GDBusMessage) message = new_opening (identifier,
                                                 g_variant_new_parsed ("@a{sv} {}"));
  g_autoptr(GError) error = NULL;

  g_dbus_message_set_flags (message, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
  if (!g_dbus_connection_send_message (self->connection, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE,
                                       NULL, &error))
    g_debug ("The call that follows will say so too: %s", error->message);
}

/**
 * ferry_service_open_async:
 * @self: the service
 * @identifier: the name of a session
 * @cancellable: cancels the call
 * @callback: called when the session's signals come here
 *
 * Opens the session, starting the service where needed. It may be called again after `lost`. As
 * long as we are there, no notification tells of what we tell ourselves.
 */
void
ferry_service_open_async (FerryService        *self,
                          const char          *identifier,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(GDBusMessage) message = NULL;

  g_task_set_source_tag (task, (gpointer) (guintptr) ferry_service_open_async);
  make_session (self, identifier);
  message = new_opening (identifier, g_variant_new_parsed ("{'notify': <'none'>}"));
  g_dbus_connection_send_message_with_reply (self->connection, message,
                                             G_DBUS_SEND_MESSAGE_FLAGS_NONE, TIMEOUT_MS, NULL,
                                             cancellable, session_opened_cb, task);
}

gboolean
ferry_service_open_finish (FerryService  *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * ferry_service_acknowledge:
 * @self: the service, with a session that was open
 *
 * Tells the service that all that has happened so far is known. Nobody waits for an answer.
 */
void
ferry_service_acknowledge (FerryService *self)
{
  if (self->owner == NULL)
    return;

  g_dbus_connection_call (self->connection, self->owner, self->session, SESSION_INTERFACE,
                          "AcknowledgeEvents", g_variant_new ("(t)", G_MAXUINT64), NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, TIMEOUT_MS, NULL, NULL, NULL);

  /* It is to be on its way before we leave; the bus keeps it for a service that is busy. */
  (void) g_dbus_connection_flush_sync (self->connection, NULL, NULL);
}

/**
 * ferry_service_create_async:
 * @self: the service, with an open session
 * @url: what to fetch
 * @options: a vardict as of the bus method `CreateDownloadTask`
 * @cancellable: cancels the call, not the task
 * @callback: called when the task is on disk
 *
 * Makes a download.
 */
void
ferry_service_create_async (FerryService        *self,
                            const char          *url,
                            GVariant            *options,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, (gpointer) (guintptr) ferry_service_create_async);
  call (self, task, self->session, SESSION_INTERFACE, "CreateDownloadTask",
        g_variant_new ("(s@a{sv})", url, options), "(o)");
}

/* Returns: the task's number; 0: it failed */
guint64
ferry_service_create_finish (FerryService  *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  g_autoptr(GVariant) answer = g_task_propagate_pointer (G_TASK (result), error);
  const char *path;

  if (answer == NULL)
    return 0;

  g_variant_get (answer, "(&o)", &path);
  if (ferry_transfer_parse_number (path) == 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                         "The service answers what makes no sense");
  return ferry_transfer_parse_number (path);
}

/**
 * ferry_service_read_async:
 * @self: the service
 * @number: the number of a task
 * @cancellable: cancels the call
 * @callback: called when they are here
 *
 * Reads all properties of a task.
 */
void
ferry_service_read_async (FerryService        *self,
                          guint64              number,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *path = g_strdup_printf (FERRY_OBJECT_PATH "/task/%" G_GUINT64_FORMAT, number);

  g_task_set_source_tag (task, (gpointer) (guintptr) ferry_service_read_async);
  call (self, task, path, "org.freedesktop.DBus.Properties", "GetAll",
        g_variant_new ("(s)", TASK_INTERFACE), "(a{sv})");
}

/* Returns: (transfer full): a{sv} */
GVariant *
ferry_service_read_finish (FerryService  *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_autoptr(GVariant) answer = g_task_propagate_pointer (G_TASK (result), error);

  return answer != NULL ? g_variant_get_child_value (answer, 0) : NULL;
}

/**
 * ferry_service_list_async:
 * @self: the service
 * @state: (nullable): only tasks in this state
 * @before: 0 for the newest, else the smallest number of the page before
 * @cancellable: cancels the call
 * @callback: called with a page
 *
 * Lists tasks, newest first: those of the open session, or all where none is open.
 */
void
ferry_service_list_async (FerryService        *self,
                          const char          *state,
                          guint64              before,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  gboolean open = self->session != NULL;
  GVariantDict filter;

  g_task_set_source_tag (task, (gpointer) (guintptr) ferry_service_list_async);
  g_variant_dict_init (&filter, NULL);
  if (state != NULL)
    g_variant_dict_insert (&filter, "state", "s", state);
  g_variant_dict_insert_value (&filter, "properties", ferry_transfer_list_properties ());
  call (self, task, open ? self->session : FERRY_OBJECT_PATH,
        open ? SESSION_INTERFACE : MANAGER_INTERFACE, "ListTasks",
        g_variant_new ("(@a{sv}tu)", g_variant_dict_end (&filter), before, 0), "(a(oa{sv}))");
}

/* Returns: (transfer full): a(oa{sv}) */
GVariant *
ferry_service_list_finish (FerryService  *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_autoptr(GVariant) answer = g_task_propagate_pointer (G_TASK (result), error);

  return answer != NULL ? g_variant_get_child_value (answer, 0) : NULL;
}
