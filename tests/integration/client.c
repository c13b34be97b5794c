/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-client"

#include "config.h"

#include <string.h>

#include "client.h"
#include "support/test-bed.h"

#define SIGNAL_SENDER NULL  /* each start of the service has another unique name */

static void
signal_free (gpointer data)
{
  ClientSignal *signal = data;

  g_free (signal->interface);
  g_free (signal->member);
  g_free (signal->path);
  g_variant_unref (signal->parameters);
  g_free (signal);
}

static void
note_properties (Client     *self,
                 const char *task,
                 GVariant   *properties)
{
  GHashTable *known = g_hash_table_lookup (self->tasks, task);
  GVariantIter iter;
  char *name;
  GVariant *value;

  if (known == NULL)
    {
      known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                     (GDestroyNotify) g_variant_unref);
      g_hash_table_insert (self->tasks, g_strdup (task), known);
    }

  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_next (&iter, "{sv}", &name, &value))
    g_hash_table_insert (known, name, value);
}

static void
on_signal_cb (GDBusConnection *connection,
              const char      *sender,
              const char      *path,
              const char      *interface,
              const char      *member,
              GVariant        *parameters,
              gpointer         user_data)
{
  Client *self = user_data;
  ClientSignal *signal;

  if (!g_str_has_prefix (interface, FERRY_SERVICE_ID "."))
    return;

  signal = g_new0 (ClientSignal, 1);
  signal->interface = g_strdup (interface);
  signal->member = g_strdup (member);
  signal->path = g_strdup (path);
  signal->parameters = g_variant_ref (parameters);
  g_ptr_array_add (self->signals, signal);

  if (g_str_equal (member, "TasksChanged"))
    {
      g_autoptr(GVariantIter) tasks = NULL;
      const char *task;
      GVariant *properties;

      g_variant_get (parameters, "(a(oa{sv}))", &tasks);
      while (g_variant_iter_loop (tasks, "(&o@a{sv})", &task, &properties))
        note_properties (self, task, properties);
    }
}

Client *
client_new (const char *address)
{
  Client *self = g_new0 (Client, 1);
  g_autoptr(GError) error = NULL;

  self->connection = g_dbus_connection_new_for_address_sync (
    address,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);
  g_assert_no_error (error);
  self->signals = g_ptr_array_new_with_free_func (signal_free);
  self->tasks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify) g_hash_table_unref);
  /* No sender: who has not opened a session must hear nothing, even if listening to everybody. */
  self->match = g_dbus_connection_signal_subscribe (self->connection, SIGNAL_SENDER, NULL, NULL,
                                                    NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                                    on_signal_cb, self, NULL);
  return self;
}

void
client_free (Client *self)
{
  g_dbus_connection_signal_unsubscribe (self->connection, self->match);
  /* It may be closed already: the bus is gone. */
  (void) g_dbus_connection_close_sync (self->connection, NULL, NULL);
  g_object_unref (self->connection);
  g_ptr_array_unref (self->signals);
  g_hash_table_unref (self->tasks);
  g_free (self);
}

static gboolean
on_time_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_CONTINUE;
}

void
client_wait (Client          *self,
             ClientCondition  condition,
             gconstpointer    data,
             const char      *what)
{
  gboolean too_late = FALSE;
  guint timer = g_timeout_add (TEST_DEADLINE / G_TIME_SPAN_MILLISECOND, on_time_cb, &too_late);

  while (!condition (self, data))
    {
      if (too_late)
        g_error ("waited in vain: %s", what);
      g_main_context_iteration (NULL, TRUE);
    }
  g_source_remove (timer);
}

void
client_pass_time (Client *self,
                  guint   milliseconds)
{
  gboolean over = FALSE;
  guint timer = g_timeout_add (milliseconds, on_time_cb, &over);

  while (!over)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
}

GVariant *
client_parse (const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) value = g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, &error);
  GVariantDict dict;

  g_assert_no_error (error);
  g_variant_dict_init (&dict, value);
  return g_variant_dict_end (&dict);
}

/* The order of a dictionary's keys is all one. */
static gboolean
is_same (GVariant *value,
         GVariant *wanted)
{
  if (!g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
    return g_variant_equal (value, wanted);
  if (g_variant_n_children (value) != g_variant_n_children (wanted))
    return FALSE;

  for (gsize i = 0; i < g_variant_n_children (value); i++)
    {
      g_autoptr(GVariant) mine = NULL;
      g_autoptr(GVariant) other = NULL;
      const char *key;

      g_variant_get_child (value, i, "{&sv}", &key, &mine);
      other = g_variant_lookup_value (wanted, key, NULL);
      if (other == NULL || !g_variant_equal (mine, other))
        return FALSE;
    }

  return TRUE;
}

void
client_assert_value (GVariant   *value,
                     const char *text)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) wanted = g_variant_parse (g_variant_get_type (value), text, NULL, NULL,
                                                &error);
  g_autofree char *found = g_variant_print (value, FALSE);

  g_assert_no_error (error);
  if (!is_same (value, wanted))
    g_error ("%s is not %s", found, text);
}

/* A call under way. */
typedef struct
{
  Client     *client;  /* unowned */
  const char *task;    /* unowned; whose properties are asked for. NULL: something else */
  GVariant   *answer;  /* owned */
  GError     *error;   /* owned */
  gboolean    done;
} Call;

static void
called_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  Call *call = user_data;

  call->answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, &call->error);
  call->done = TRUE;
  if (call->task != NULL && call->answer != NULL)
    {
      g_autoptr(GVariant) properties = g_variant_get_child_value (call->answer, 0);

      note_properties (call->client, call->task, properties);
    }
}

static gboolean
is_called (Client        *self,
           gconstpointer  data)
{
  return ((const Call *) data)->done;
}

static void
run_call (Call       *call,
          const char *path,
          const char *interface,
          const char *method,
          GVariant   *arguments)
{
  g_autofree char *whole = strchr (interface, '.') != NULL
                           ? g_strdup (interface)
                           : g_strconcat (FERRY_SERVICE_ID ".", interface, NULL);

  g_dbus_connection_call (call->client->connection, FERRY_SERVICE_ID, path, whole, method,
                          arguments, NULL, G_DBUS_CALL_FLAGS_NONE,
                          TEST_DEADLINE / G_TIME_SPAN_MILLISECOND, NULL, called_cb, call);
  client_wait (call->client, is_called, call, method);
}

GVariant *
client_try (Client      *self,
            const char  *path,
            const char  *interface,
            const char  *method,
            GVariant    *arguments,
            GError     **error)
{
  Call call = { .client = self };

  run_call (&call, path, interface, method, arguments);
  if (call.error != NULL)
    g_propagate_error (error, call.error);
  return call.answer;
}

GVariant *
client_call (Client     *self,
             const char *path,
             const char *interface,
             const char *method,
             GVariant   *arguments)
{
  g_autoptr(GError) error = NULL;
  GVariant *answer = client_try (self, path, interface, method, arguments, &error);

  if (answer == NULL)
    g_error ("%s of %s: %s", method, path, error->message);
  return answer;
}

void
client_call_refused (Client     *self,
                     const char *kind,
                     const char *name,
                     const char *path,
                     const char *interface,
                     const char *method,
                     GVariant   *arguments)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = client_try (self, path, interface, method, arguments, &error);
  g_autofree char *whole = strchr (kind, '.') != NULL
                           ? g_strdup (kind)
                           : g_strconcat (FERRY_SERVICE_ID ".Error.", kind, NULL);
  g_autofree char *came = error != NULL ? g_dbus_error_get_remote_error (error) : NULL;

  if (answer != NULL)
    g_error ("%s of %s went well; wanted: %s", method, path, kind);
  if (g_strcmp0 (came, whole) != 0 || (name != NULL && strstr (error->message, name) == NULL))
    g_error ("%s of %s ended with %s, “%s”; wanted: %s, “%s”", method, path, came, error->message,
             whole, name);
}

char *
client_open_session (Client     *self,
                     const char *identifier)
{
  g_autoptr(GVariant) answer = client_call (self, MANAGER_PATH, "Manager", "OpenSession",
                                            g_variant_new ("(sa{sv})", identifier, NULL));
  char *path;

  g_variant_get (answer, "(ob)", &path, NULL);
  return path;
}

static GVariant *
join_arguments (const char *url,
                GVariant   *options)
{
  return g_variant_new ("(s@a{sv})", url,
                        options != NULL ? options : g_variant_new_array (
                          G_VARIANT_TYPE ("{sv}"), NULL, 0));
}

char *
client_create (Client     *self,
               const char *session,
               const char *url,
               GVariant   *options)
{
  g_autoptr(GVariant) answer = client_call (self, session, "Session", "CreateDownloadTask",
                                            join_arguments (url, options));
  char *path;

  g_variant_get (answer, "(o)", &path);
  return path;
}

void
client_create_refused (Client     *self,
                       const char *kind,
                       const char *name,
                       const char *session,
                       const char *url,
                       GVariant   *options)
{
  client_call_refused (self, kind, name, session, "Session", "CreateDownloadTask",
                       join_arguments (url, options));
}

void
client_tell (Client     *self,
             const char *task,
             const char *verb)
{
  g_autoptr(GVariant) answer = client_call (self, task, "Task", verb, NULL);

  g_assert_nonnull (answer);
}

GVariant *
client_get (Client     *self,
            const char *task,
            const char *property)
{
  g_autoptr(GVariant) answer = client_call (self, task, PROPERTIES, "Get",
                                            g_variant_new ("(ss)", FERRY_SERVICE_ID ".Task",
                                                           property));
  GVariant *value;

  g_variant_get (answer, "(v)", &value);
  return value;
}

char *
client_get_string (Client     *self,
                   const char *task,
                   const char *property)
{
  g_autoptr(GVariant) value = client_get (self, task, property);

  return g_variant_dup_string (value, NULL);
}

gint64
client_get_number (Client     *self,
                   const char *task,
                   const char *property)
{
  g_autoptr(GVariant) value = client_get (self, task, property);

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_UINT64))
    return (gint64) g_variant_get_uint64 (value);
  return g_variant_get_int64 (value);
}

void
client_assert_string (Client     *self,
                      const char *task,
                      const char *property,
                      const char *value)
{
  g_autofree char *found = client_get_string (self, task, property);

  g_assert_cmpstr (found, ==, value);
}

void
client_refresh (Client     *self,
                const char *task)
{
  Call call = { .client = self, .task = task };

  run_call (&call, task, PROPERTIES, "GetAll", g_variant_new ("(s)", FERRY_SERVICE_ID ".Task"));
  g_assert_no_error (call.error);
  g_clear_pointer (&call.answer, g_variant_unref);
}

guint
client_count_signals (Client     *self,
                      const char *member)
{
  guint n = 0;

  for (guint i = 0; i < self->signals->len; i++)
    if (g_str_equal (((ClientSignal *) self->signals->pdata[i])->member, member))
      n++;
  return n;
}
