/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-desk"

#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "desk.h"
#include "support/folder.h"

/* Renamed into place, for nobody to read half of it. */
static const char script[] =
  "#!/bin/sh\n"
  "printf '%s %s' \"$1\" \"$XDG_ACTIVATION_TOKEN\" >\"$0.new\"\n"
  "mv \"$0.new\" \"$0.opened\"\n";

static const char desktop_file[] =
  "[Desktop Entry]\n"
  "Type=Application\n"
  "Name=Opener\n"
  "Exec=%s %%f\n"
  "MimeType=text/plain;application/octet-stream;inode/directory;\n";

/* Where the data base of types is not installed, a text is a heap of bytes. */
static const char defaults[] =
  "[Default Applications]\n"
  "text/plain=opener.desktop\n"
  "application/octet-stream=opener.desktop\n"
  "inode/directory=opener.desktop\n";

static const char service_file[] =
  "[D-BUS Service]\n"
  "Name=" FERRY_SERVICE_ID "\n"
  "Exec=%s service\n";

static void
set_folder (Desk       *self,
            const char *variable,
            const char *name)
{
  g_autofree char *path = desk_get_path (self, name);

  g_assert_no_errno (g_mkdir_with_parents (path, 0700));
  g_assert_true (g_setenv (variable, path, TRUE));
}

static void
write_files (Desk *self)
{
  g_autofree char *opener = desk_get_path (self, "opener");
  g_autofree char *application = g_strdup_printf (desktop_file, opener);
  g_autofree char *service = g_strdup_printf (service_file, opener);
  g_autofree char *applications = desk_get_path (self, "data/applications");
  g_autofree char *services = desk_get_path (self, "services");

  g_assert_no_errno (g_mkdir (applications, 0700));
  g_assert_no_errno (g_mkdir (services, 0700));
  desk_write (self, "opener", script, 0700);
  desk_write (self, "data/applications/opener.desktop", application, 0600);
  desk_write (self, "config/mimeapps.list", defaults, 0600);
  desk_write (self, "services/" FERRY_SERVICE_ID ".service", service, 0600);
}

Desk *
desk_new (void)
{
  Desk *self = g_new0 (Desk, 1);
  g_autofree char *services = NULL;
  g_autoptr(GError) error = NULL;

  self->root = test_folder_new ();
  set_folder (self, "HOME", "home");
  set_folder (self, "XDG_CONFIG_HOME", "config");
  set_folder (self, "XDG_DATA_HOME", "data");
  set_folder (self, "XDG_CACHE_HOME", "cache");
  set_folder (self, "XDG_RUNTIME_DIR", "run");
  write_files (self);

  services = desk_get_path (self, "services");
  self->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_add_service_dir (self->bus, services);
  g_test_dbus_up (self->bus);
  self->connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_assert_no_error (error);
  g_dbus_connection_set_exit_on_close (self->connection, FALSE);
  return self;
}

void
desk_free (Desk *self)
{
  g_object_unref (self->connection);
  /* It complains when somebody still has the connection. */
  g_test_dbus_down (self->bus);
  g_object_unref (self->bus);
  test_folder_remove (self->root);
  g_free (self->root);
  g_free (self);
}

GDBusConnection *
desk_connect (Desk *self)
{
  g_autoptr(GError) error = NULL;
  GDBusConnection *connection;

  connection = g_dbus_connection_new_for_address_sync (
    g_test_dbus_get_bus_address (self->bus),
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);
  g_assert_no_error (error);
  return connection;
}

void
desk_own_name (GDBusConnection *connection,
               const char      *name)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;
  guint32 answer;

  reply = g_dbus_connection_call_sync (connection, "org.freedesktop.DBus",
                                       "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                       "RequestName", g_variant_new ("(su)", name, 0),
                                       G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                                       &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(u)", &answer);
  g_assert_cmpuint (answer, ==, 1);
}

char *
desk_get_path (Desk       *self,
               const char *name)
{
  return g_build_filename (self->root, name, NULL);
}

void
desk_write (Desk       *self,
            const char *name,
            const char *text,
            int         mode)
{
  g_autofree char *path = desk_get_path (self, name);
  g_autoptr(GError) error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, mode, &error);
  g_assert_no_error (error);
}

static gboolean
is_there (gconstpointer path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

char *
desk_get_opened (Desk *self)
{
  g_autofree char *path = desk_get_path (self, "opener.opened");
  g_autoptr(GError) error = NULL;
  char *text;

  desk_wait (is_there, path, "the application is started");
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  g_assert_no_errno (g_unlink (path));
  return text;
}

static gboolean
on_turn_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

void
desk_wait (DeskReached    reached,
           gconstpointer  data,
           const char    *what)
{
  gint64 deadline = g_get_monotonic_time () + DESK_DEADLINE_S * G_USEC_PER_SEC;
  /* What is waited for may not wake the loop. */
  guint turn = g_timeout_add (20, on_turn_cb, NULL);

  while (!reached (data))
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("waited in vain: %s", what);
      (void) g_main_context_iteration (NULL, TRUE);  /* whether it did something */
    }
  g_source_remove (turn);
}
