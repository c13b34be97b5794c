/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-shell"

#include "config.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>

#include "shell.h"
#include "support/test-bed.h"

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"
#define FILE_MANAGER "org.freedesktop.FileManager1"

/* How often the daemon is asked for what it has no signal for. */
#define TURN_MS 20

/* Dunst offers named actions in a menu, which is a program: it gets the entries, a line each, and
 * prints the one that is chosen. */
static const char config_file[] =
  "[global]\n"
  "dmenu=%s\n"
  "[urgency_normal]\n"
  "timeout=0\n";

static const char menu_script[] =
  "#!/bin/sh\n"
  "grep -F 'Show in Files' | head -n 1\n";

/* Renamed into place, for nobody to read half of it. */
static const char opener_script[] =
  "#!/bin/sh\n"
  "printf '%s' \"$1\" >\"$0.new\"\n"
  "mv \"$0.new\" \"$0.opened\"\n";

static const char opener_entry[] =
  "[Desktop Entry]\n"
  "Type=Application\n"
  "Name=Opener\n"
  "Exec=%s %%f\n"
  "MimeType=application/octet-stream;\n";

static const char opener_default[] =
  "[Default Applications]\n"
  "application/octet-stream=opener.desktop\n";

gboolean
shell_or_skip (void)
{
  g_autofree char *xvfb = g_find_program_in_path ("Xvfb");
  g_autofree char *dunst = g_find_program_in_path ("dunst");

  if (xvfb == NULL || dunst == NULL)
    g_test_skip ("Xvfb or dunst is not installed");
  return xvfb != NULL && dunst != NULL;
}

/* They go when we go, however that is. */
static void
set_up_child (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static GSubprocessLauncher *
new_launcher (GSubprocessFlags flags)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags
                                                             | G_SUBPROCESS_FLAGS_STDERR_SILENCE);

  g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
  g_subprocess_launcher_set_child_setup (launcher, set_up_child, NULL, NULL);
  return launcher;
}

/* Returns its name. */
static char *
start_screen (Shell *self)
{
  g_autoptr(GSubprocessLauncher) launcher = new_launcher (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr(GDataInputStream) lines = NULL;
  g_autofree char *number = NULL;
  g_autoptr(GError) error = NULL;

  self->screen = g_subprocess_launcher_spawn (launcher, &error, "Xvfb", "-displayfd", "1",
                                              "-screen", "0", "800x600x24", "-nolisten", "tcp",
                                              NULL);
  g_assert_no_error (error);
  lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->screen));
  number = g_data_input_stream_read_line (lines, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (number);
  return g_strconcat (":", number, NULL);
}

static char *
write_file (Shell      *self,
            const char *name,
            const char *text,
            int         mode)
{
  char *path = g_build_filename (self->fixture->root, name, NULL);
  g_autoptr(GError) error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, mode, &error);
  g_assert_no_error (error);
  return path;
}

typedef gboolean (* Reached) (Shell *self,
                              guint  n);

static void
wait_until (Shell      *self,
            Reached     reached,
            guint       n,
            const char *what)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE;

  while (!reached (self, n))
    {
      if (g_get_monotonic_time () > deadline)
        g_error ("waited in vain: %s", what);
      client_pass_time (self->fixture->client, TURN_MS);
    }
}

static gboolean
is_on_bus (Shell *self,
           guint  n)
{
  g_autoptr(GVariant) reply = NULL;

  reply = g_dbus_connection_call_sync (self->fixture->client->connection, "org.freedesktop.DBus",
                                       "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                       "GetNameOwner", g_variant_new ("(s)", NAME), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  return reply != NULL;
}

static void
start_dunst (Shell      *self,
             const char *display)
{
  g_autoptr(GSubprocessLauncher) launcher = new_launcher (G_SUBPROCESS_FLAGS_NONE);
  g_autofree char *menu = write_file (self, "menu", menu_script, 0700);
  g_autofree char *text = g_strdup_printf (config_file, menu);
  g_autofree char *config = write_file (self, "dunstrc", text, 0600);
  g_autoptr(GError) error = NULL;

  g_subprocess_launcher_setenv (launcher, "HOME", self->fixture->home, TRUE);
  g_subprocess_launcher_setenv (launcher, "DISPLAY", display, TRUE);
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", self->fixture->address,
                                TRUE);
  self->dunst = g_subprocess_launcher_spawn (launcher, &error, "dunst", "-conf", config, NULL);
  g_assert_no_error (error);
  wait_until (self, is_on_bus, 0, "dunst is on the bus");
}

/* Takes every message away, so that GDBus answers none: the bus drops a monitor that speaks. */
static GDBusMessage *
on_message_cb (GDBusConnection *connection,
               GDBusMessage    *message,
               gboolean         incoming,
               gpointer         user_data)
{
  g_autoptr(GDBusMessage) owned = message;
  Shell *self = user_data;
  gboolean is_on;

  g_mutex_lock (&self->lock);
  is_on = self->is_on;
  if (is_on && g_strcmp0 (g_dbus_message_get_member (message), "Notify") == 0)
    g_ptr_array_add (self->shown, g_variant_ref (g_dbus_message_get_body (message)));
  g_mutex_unlock (&self->lock);
  return is_on ? NULL : g_steal_pointer (&owned);
}

static void
start_spy (Shell *self)
{
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GError) error = NULL;

  self->spy = g_dbus_connection_new_for_address_sync (
    self->fixture->address,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);
  g_assert_no_error (error);
  answer = g_dbus_connection_call_sync (self->spy, "org.freedesktop.DBus",
                                        "/org/freedesktop/DBus", "org.freedesktop.DBus.Monitoring",
                                        "BecomeMonitor",
                                        g_variant_new_parsed ("([%s], uint32 0)",
                                                              "type='method_call',interface='"
                                                              NAME "',member='Notify'"),
                                        NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  self->is_on = TRUE;
  g_dbus_connection_add_filter (self->spy, on_message_cb, self, NULL);
}

static void
on_show_cb (GDBusConnection       *connection,
            const char            *sender,
            const char            *path,
            const char            *interface,
            const char            *method,
            GVariant              *parameters,
            GDBusMethodInvocation *invocation,
            gpointer               user_data)
{
  GVariant **shown = user_data;

  *shown = g_variant_ref (parameters);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static const GDBusInterfaceVTable file_manager_vtable = { .method_call = on_show_cb };

Shell *
shell_new (Fixture *fixture)
{
  Shell *self = g_new0 (Shell, 1);
  g_autofree char *display = NULL;

  self->fixture = fixture;
  self->shown = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  g_mutex_init (&self->lock);
  display = start_screen (self);
  start_spy (self);
  start_dunst (self, display);
  return self;
}

static void
end (GSubprocess **process)
{
  g_subprocess_send_signal (*process, SIGTERM);
  (void) g_subprocess_wait (*process, NULL, NULL);  /* how it ends does not matter */
  g_clear_object (process);
}

void
shell_free (Shell *self)
{
  end (&self->dunst);
  end (&self->screen);
  /* Joins no thread, but no filter runs after it. */
  (void) g_dbus_connection_close_sync (self->spy, NULL, NULL);
  g_object_unref (self->spy);
  g_ptr_array_unref (self->shown);
  g_mutex_clear (&self->lock);
  g_free (self);
}

guint
shell_count (Shell *self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->shown->len;
  g_mutex_unlock (&self->lock);
  return n;
}

static gboolean
has_more_than (Shell *self,
               guint  n)
{
  return shell_count (self) > n;
}

GVariant *
shell_get (Shell *self,
           guint  index)
{
  GVariant *arguments;

  wait_until (self, has_more_than, index, "the daemon is told");
  g_mutex_lock (&self->lock);
  arguments = self->shown->pdata[index];
  g_mutex_unlock (&self->lock);
  return arguments;
}

static void
tell_dunst (Shell      *self,
            const char *method,
            GVariant   *parameters)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;

  reply = g_dbus_connection_call_sync (self->fixture->client->connection, NAME, PATH,
                                       "org.dunstproject.cmd0", method, parameters, NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
}

static gboolean
are_displayed (Shell *self,
               guint  n)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  reply = g_dbus_connection_call_sync (self->fixture->client->connection, NAME, PATH,
                                       "org.freedesktop.DBus.Properties", "Get",
                                       g_variant_new ("(ss)", "org.dunstproject.cmd0",
                                                      "displayedLength"),
                                       G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                                       &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(v)", &value);
  return g_variant_get_uint32 (value) == n;
}

void
shell_wait_displayed (Shell *self,
                      guint  n)
{
  wait_until (self, are_displayed, n, "so many are on the screen");
}

void
shell_click (Shell *self)
{
  tell_dunst (self, "NotificationAction", g_variant_new ("(u)", 0));
}

void
shell_choose_show (Shell *self)
{
  tell_dunst (self, "ContextMenuCall", NULL);
}

void
shell_close_all (Shell *self)
{
  tell_dunst (self, "NotificationCloseAll", NULL);
}

void
shell_play_file_manager (Shell     *self,
                         GVariant **shown)
{
  GDBusConnection *connection = self->fixture->client->connection;
  g_autoptr(GDBusNodeInfo) node = NULL;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;

  node = g_dbus_node_info_new_for_xml ("<node><interface name='" FILE_MANAGER "'>"
                                       "<method name='ShowItems'><arg type='as'/><arg type='s'/>"
                                       "</method></interface></node>", &error);
  g_assert_no_error (error);
  g_dbus_connection_register_object (connection, "/org/freedesktop/FileManager1",
                                     node->interfaces[0], &file_manager_vtable, shown, NULL,
                                     &error);
  g_assert_no_error (error);
  reply = g_dbus_connection_call_sync (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", FILE_MANAGER, 0), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
}

char *
shell_install_opener (Shell *self)
{
  g_autofree char *opener = write_file (self, "opener", opener_script, 0700);
  g_autofree char *text = g_strdup_printf (opener_entry, opener);
  g_autofree char *applications = g_build_filename (self->fixture->data_home, "applications",
                                                    NULL);
  g_autofree char *entry = g_build_filename (applications, "opener.desktop", NULL);
  g_autofree char *defaults = write_file (self, "config/mimeapps.list", opener_default, 0600);
  g_autoptr(GError) error = NULL;

  g_assert_no_errno (g_mkdir_with_parents (applications, 0700));
  g_file_set_contents (entry, text, -1, &error);
  g_assert_no_error (error);
  return g_strconcat (opener, ".opened", NULL);
}
