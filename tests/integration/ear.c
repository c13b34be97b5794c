/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-ear"

#include "config.h"

#include <string.h>

#include "ear.h"
#include "support/test-bed.h"

/* Takes every message away, so that GDBus answers none: the bus drops a monitor that speaks. */
static GDBusMessage *
on_message_cb (GDBusConnection *connection,
               GDBusMessage    *message,
               gboolean         incoming,
               gpointer         user_data)
{
  g_autoptr(GDBusMessage) owned = message;
  Ear *self = user_data;
  gboolean is_on;

  g_mutex_lock (&self->lock);
  is_on = self->is_on;
  if (is_on && g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    {
      g_autofree char *text = g_dbus_message_print (message, 0);

      g_string_append (self->heard, text);
    }
  g_mutex_unlock (&self->lock);
  return is_on ? NULL : g_steal_pointer (&owned);
}

Ear *
ear_new (const char *address)
{
  Ear *self = g_new0 (Ear, 1);
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GError) error = NULL;

  g_mutex_init (&self->lock);
  self->heard = g_string_new (NULL);
  self->connection = g_dbus_connection_new_for_address_sync (
    address,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);
  g_assert_no_error (error);
  answer = g_dbus_connection_call_sync (self->connection, "org.freedesktop.DBus",
                                        "/org/freedesktop/DBus", "org.freedesktop.DBus.Monitoring",
                                        "BecomeMonitor", g_variant_new ("(asu)", NULL, 0), NULL,
                                        G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  self->is_on = TRUE;
  g_dbus_connection_add_filter (self->connection, on_message_cb, self, NULL);
  return self;
}

void
ear_free (Ear *self)
{
  /* Joins no thread, but no filter runs after it. */
  (void) g_dbus_connection_close_sync (self->connection, NULL, NULL);
  g_object_unref (self->connection);
  g_string_free (self->heard, TRUE);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
is_in (Ear        *self,
       const char *text)
{
  gboolean found;

  g_mutex_lock (&self->lock);
  found = strstr (self->heard->str, text) != NULL;
  g_mutex_unlock (&self->lock);
  return found;
}

gboolean
ear_has_heard (Ear        *self,
               Client     *client,
               const char *text)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE;
  g_autofree char *token = g_uuid_string_random ();
  g_autofree char *name = g_strconcat ("x.", token, NULL);
  g_autoptr(GVariant) answer = NULL;

  /* The bus says this name in its refusal; what was said before has been heard then. */
  answer = g_dbus_connection_call_sync (client->connection, "org.freedesktop.DBus",
                                        "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                        "GetNameOwner", g_variant_new ("(s)", name), NULL,
                                        G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_assert_null (answer);
  while (!is_in (self, token))
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("the bus was not heard");
      g_usleep (G_TIME_SPAN_MILLISECOND);
    }

  return is_in (self, text);
}
