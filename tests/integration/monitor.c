/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-monitor"

#include "config.h"

#include <string.h>

#include "monitor.h"

/* Takes every message away, so that GDBus answers none: the bus drops a monitor that speaks. */
static GDBusMessage *
on_message_cb (GDBusConnection *connection,
               GDBusMessage    *message,
               gboolean         incoming,
               gpointer         user_data)
{
  g_autoptr(GDBusMessage) owned = message;
  Monitor *self = user_data;
  const char *interface = g_dbus_message_get_interface (message);
  const char *receiver = g_dbus_message_get_destination (message);
  gboolean is_on;

  g_mutex_lock (&self->lock);
  is_on = self->is_on;
  if (is_on && g_dbus_message_get_message_type (message) == G_DBUS_MESSAGE_TYPE_SIGNAL &&
      interface != NULL && g_str_has_prefix (interface, FERRY_SERVICE_ID "."))
    g_ptr_array_add (self->receivers, g_strdup (receiver != NULL ? receiver : ""));
  g_mutex_unlock (&self->lock);
  return is_on ? NULL : g_steal_pointer (&owned);
}

Monitor *
monitor_new (const char *address)
{
  Monitor *self = g_new0 (Monitor, 1);
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GError) error = NULL;

  g_mutex_init (&self->lock);
  self->receivers = g_ptr_array_new_with_free_func (g_free);
  self->connection = g_dbus_connection_new_for_address_sync (
    address,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);
  g_assert_no_error (error);
  answer = g_dbus_connection_call_sync (self->connection, "org.freedesktop.DBus",
                                        "/org/freedesktop/DBus", "org.freedesktop.DBus.Monitoring",
                                        "BecomeMonitor",
                                        g_variant_new_parsed ("([%s], uint32 0)",
                                                              "type='signal'"),
                                        NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  self->is_on = TRUE;
  g_dbus_connection_add_filter (self->connection, on_message_cb, self, NULL);
  return self;
}

void
monitor_free (Monitor *self)
{
  /* Joins no thread, but no filter runs after it. */
  (void) g_dbus_connection_close_sync (self->connection, NULL, NULL);
  g_object_unref (self->connection);
  g_ptr_array_unref (self->receivers);
  g_mutex_clear (&self->lock);
  g_free (self);
}

guint
monitor_count_signals_to_name (Monitor    *self,
                               const char *unique_name)
{
  guint n = 0;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->receivers->len; i++)
    if (g_str_equal (self->receivers->pdata[i], unique_name))
      n++;
  g_mutex_unlock (&self->lock);
  return n;
}

guint
monitor_count_signals_to (Monitor *self,
                          Client  *client)
{
  return monitor_count_signals_to_name (self,
                                        g_dbus_connection_get_unique_name (client->connection));
}

guint
monitor_count_broadcasts (Monitor *self)
{
  return monitor_count_signals_to_name (self, "");
}
