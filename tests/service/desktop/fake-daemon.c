/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-fake-daemon"

#include "config.h"

#include "fake-daemon.h"

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"

static const char interface_xml[] =
  "<node><interface name='" NAME "'>"
  "<method name='GetCapabilities'><arg direction='out' type='as'/></method>"
  "<method name='GetServerInformation'>"
  "<arg direction='out' type='s'/><arg direction='out' type='s'/>"
  "<arg direction='out' type='s'/><arg direction='out' type='s'/></method>"
  "<method name='Notify'>"
  "<arg direction='in' type='s'/><arg direction='in' type='u'/><arg direction='in' type='s'/>"
  "<arg direction='in' type='s'/><arg direction='in' type='s'/><arg direction='in' type='as'/>"
  "<arg direction='in' type='a{sv}'/><arg direction='in' type='i'/>"
  "<arg direction='out' type='u'/></method>"
  "</interface></node>";

static void
emit (FakeDaemon *self,
      const char *signal,
      GVariant   *parameters)
{
  g_autoptr(GError) error = NULL;

  g_dbus_connection_emit_signal (self->connection, NULL, PATH, NAME, signal, parameters, &error);
  g_assert_no_error (error);
}

static void
answer_notify (FakeDaemon            *self,
               GDBusMethodInvocation *invocation,
               GVariant              *parameters)
{
  guint32 id;

  g_variant_get_child (parameters, 1, "u", &id);
  g_ptr_array_add (self->shown, g_variant_ref (parameters));
  if (self->hangs)
    {
      g_ptr_array_add (self->hanging, invocation);
      return;
    }

  if (id == 0)
    id = ++self->last_id;
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", id));
  if (self->closes_at_once)
    fake_daemon_close (self, id);
}

static void
on_call_cb (GDBusConnection       *connection,
            const char            *sender,
            const char            *path,
            const char            *interface,
            const char            *method,
            GVariant              *parameters,
            GDBusMethodInvocation *invocation,
            gpointer               user_data)
{
  FakeDaemon *self = user_data;

  if (g_str_equal (method, "Notify"))
    answer_notify (self, invocation, parameters);
  else if (g_str_equal (method, "GetCapabilities"))
    g_dbus_method_invocation_return_value (invocation,
                                           g_variant_new ("(^as)", self->capabilities));
  else
    g_dbus_method_invocation_return_value (invocation,
                                           g_variant_new ("(ssss)", "fake", "Ferry", "1", "1.2"));
}

static const GDBusInterfaceVTable vtable = { .method_call = on_call_cb };

FakeDaemon *
fake_daemon_new (Desk               *desk,
                 const char * const *capabilities)
{
  FakeDaemon *self = g_new0 (FakeDaemon, 1);
  g_autoptr(GDBusNodeInfo) node = NULL;
  g_autoptr(GError) error = NULL;

  self->capabilities = capabilities;
  self->shown = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  self->hanging = g_ptr_array_new ();
  self->connection = desk_connect (desk);
  node = g_dbus_node_info_new_for_xml (interface_xml, &error);
  g_assert_no_error (error);
  self->object = g_dbus_connection_register_object (self->connection, PATH, node->interfaces[0],
                                                    &vtable, self, NULL, &error);
  g_assert_no_error (error);
  desk_own_name (self->connection, NAME);
  return self;
}

void
fake_daemon_free (FakeDaemon *self)
{
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < self->hanging->len; i++)
    g_dbus_method_invocation_return_dbus_error (self->hanging->pdata[i], NAME ".Gone", "gone");
  g_assert_true (g_dbus_connection_unregister_object (self->connection, self->object));
  g_dbus_connection_flush_sync (self->connection, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_close_sync (self->connection, NULL, &error);
  g_assert_no_error (error);
  g_object_unref (self->connection);
  g_ptr_array_unref (self->hanging);
  g_ptr_array_unref (self->shown);
  g_free (self);
}

typedef struct
{
  FakeDaemon *daemon;
  guint       n;
} Count;

static gboolean
has_so_many (gconstpointer data)
{
  const Count *count = data;

  return count->daemon->shown->len >= count->n;
}

GVariant *
fake_daemon_get (FakeDaemon *self,
                 guint       index)
{
  const Count count = { self, index + 1 };

  desk_wait (has_so_many, &count, "the daemon is told");
  return self->shown->pdata[index];
}

char *
fake_daemon_get_text (FakeDaemon *self,
                      guint       index,
                      guint       argument)
{
  char *text;

  g_variant_get_child (fake_daemon_get (self, index), argument, "s", &text);
  return text;
}

char *
fake_daemon_get_actions (FakeDaemon *self,
                         guint       index)
{
  g_auto(GStrv) actions = NULL;
  GString *text = g_string_new (NULL);

  g_variant_get_child (fake_daemon_get (self, index), 5, "^as", &actions);
  for (guint i = 0; actions[i] != NULL; i += 2)
    g_string_append_printf (text, "%s%s %s", i > 0 ? ", " : "", actions[i], actions[i + 1]);
  return g_string_free (text, FALSE);
}

void
fake_daemon_close (FakeDaemon *self,
                   guint32     id)
{
  emit (self, "NotificationClosed", g_variant_new ("(uu)", id, 2));
}

void
fake_daemon_choose (FakeDaemon *self,
                    guint32     id,
                    const char *action,
                    const char *token)
{
  if (token != NULL)
    emit (self, "ActivationToken", g_variant_new ("(us)", id, token));
  emit (self, "ActionInvoked", g_variant_new ("(us)", id, action));
}
