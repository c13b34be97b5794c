/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-fixture"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "support/folder.h"
#include "support/rows.h"

/* Only our service can be activated; the monitoring of messages is for tests that look at them. The
 * limits are those of a session bus as it comes. */
static const char bus_config[] =
  "<busconfig>"
  "<type>session</type>"
  "<listen>unix:path=%s/bus</listen>"
  "<auth>EXTERNAL</auth>"
  "<servicedir>%s/services</servicedir>"
  "<policy context=\"default\">"
  "<allow send_destination=\"*\" eavesdrop=\"true\"/>"
  "<allow eavesdrop=\"true\"/>"
  "<allow own=\"*\"/>"
  "</policy>"
  "<limit name=\"max_incoming_bytes\">1000000000</limit>"
  "<limit name=\"max_outgoing_bytes\">1000000000</limit>"
  "<limit name=\"max_message_size\">1000000000</limit>"
  "<limit name=\"max_replies_per_connection\">50000</limit>"
  "</busconfig>";

static const char service_file[] =
  "[D-BUS Service]\n"
  "Name=" FERRY_SERVICE_ID "\n"
  "Exec=\"%s/start\"\n";

/* What the service says once where no daemon shows notifications, as in most tests. */
#define NO_DAEMON "There are no notifications, for no daemon shows them"

/* The bus keeps the exit status to itself; this tells us, and does not wait for us if we are gone.
 * The shell's own word of a kill is not the service's. The bus must hear of a failure: it waits
 * long for one that has ended well to take its name. */
static const char start_script[] =
  "#!/bin/sh\n"
  ". '%s/environment'\n"
  "(exec $wrapper \"$FERRYD_PROGRAM\" 2>>'%s') 2>/dev/null\n"
  "status=$?\n"
  "echo \"$status\" 1<>'%s/exits'\n"
  "exit \"$status\"\n";

void
fixture_init_tests (int    *argc,
                    char ***argv)
{
  test_init (argc, argv);
  if (g_getenv ("FERRYD_PROGRAM") == NULL)
    g_error ("FERRYD_PROGRAM does not say which service is to be tested");
}

/* The bus goes when we go, however that is; the service goes with the bus. */
static void
set_up_child (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static GSubprocessLauncher *
new_launcher (Fixture          *self,
              GSubprocessFlags  flags)
{
  static const char *const gone[] = {
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY",
    "NO_PROXY", "SOUP_FORCE_HTTP1", "DBUS_STARTER_ADDRESS", "DBUS_STARTER_BUS_TYPE", "DISPLAY",
    "WAYLAND_DISPLAY", "G_MESSAGES_DEBUG",
  };
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);
  g_autofree char *run = g_build_filename (self->root, "run", NULL);
  g_autofree char *config = g_build_filename (self->root, "config", NULL);
  g_autofree char *cache = g_build_filename (self->root, "cache", NULL);
  g_autofree char *state = g_build_filename (self->root, "state", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (gone); i++)
    g_subprocess_launcher_unsetenv (launcher, gone[i]);
  g_subprocess_launcher_setenv (launcher, "HOME", self->home, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", self->data_home, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_RUNTIME_DIR", run, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CONFIG_HOME", config, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CACHE_HOME", cache, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", state, TRUE);
  g_subprocess_launcher_setenv (launcher, "GSETTINGS_BACKEND", "keyfile", TRUE);
  if ((self->flags & FIXTURE_MAY_WARN) != 0)
    g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
  g_subprocess_launcher_set_child_setup (launcher, set_up_child, NULL, NULL);
  return launcher;
}

/* Without the end of the line. */
static char *
read_line (int         fd,
           const char *whose)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE;
  g_autoptr(GString) line = g_string_new (NULL);
  char c = '\0';

  while (c != '\n')
    {
      struct pollfd wait = { .fd = fd, .events = POLLIN };
      gint64 left = (deadline - g_get_monotonic_time ()) / G_TIME_SPAN_MILLISECOND;

      if (left <= 0 || poll (&wait, 1, (int) left) <= 0 || read (fd, &c, 1) != 1)
        g_error ("waited in vain: %s", whose);
      if (c != '\n')
        g_string_append_c (line, c);
    }
  return g_string_free (g_steal_pointer (&line), FALSE);
}

static char *
make_folder (Fixture    *self,
             const char *name)
{
  char *path = g_build_filename (self->root, name, NULL);

  g_assert_no_errno (g_mkdir (path, 0700));
  return path;
}

static void
write_file (Fixture    *self,
            const char *name,
            const char *text,
            int         mode)
{
  g_autofree char *path = g_build_filename (self->root, name, NULL);
  g_autoptr(GError) error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, mode, &error);
  g_assert_no_error (error);
}

static void
write_files (Fixture *self)
{
  static const char *const folders[] = { "run", "config", "cache", "state", "services" };
  g_autofree char *config = g_strdup_printf (bus_config, self->root, self->root);
  g_autofree char *service = g_strdup_printf (service_file, self->root);
  g_autofree char *start = g_strdup_printf (start_script, self->root, self->log, self->root);
  g_autofree char *exits = g_build_filename (self->root, "exits", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = make_folder (self, folders[i]);

      g_assert_nonnull (folder);
    }
  write_file (self, "bus.conf", config, 0600);
  write_file (self, "services/" FERRY_SERVICE_ID ".service", service, 0600);
  write_file (self, "start", start, 0700);
  write_file (self, "log", "", 0600);
  write_file (self, "environment", "wrapper=\n", 0600);

  /* For both ways: it does not end when a writer goes, and no writer waits for us. */
  g_assert_no_errno (mkfifo (exits, 0600));
  self->exits = open (exits, O_RDWR | O_CLOEXEC);
  g_assert_no_errno (self->exits);
}

static void
start_bus (Fixture *self)
{
  g_autofree char *config = g_strdup_printf ("--config-file=%s/bus.conf", self->root);
  /* It complains of a limit on descriptors that an ordinary user cannot raise. */
  GSubprocessFlags flags = G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE;
  g_autoptr(GSubprocessLauncher) launcher = new_launcher (self, flags);
  g_autoptr(GError) error = NULL;
  GInputStream *output;

  self->bus = g_subprocess_launcher_spawn (launcher, &error, "dbus-daemon", config, "--nofork",
                                           "--nopidfile", "--print-address=1", NULL);
  g_assert_no_error (error);
  output = g_subprocess_get_stdout_pipe (self->bus);
  self->address = read_line (g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (output)),
                             "the bus's address");
}

void
fixture_set_environment (Fixture    *self,
                         const char *name,
                         const char *value)
{
  g_autofree char *path = g_build_filename (self->root, "environment", NULL);
  g_autofree char *quoted = g_shell_quote (value);
  g_autofree char *line = g_strdup_printf ("export %s=%s\n", name, quoted);
  FILE *file = fopen (path, "ae");

  g_assert_nonnull (file);
  g_assert_cmpint (fputs (line, file), >=, 0);
  g_assert_cmpint (fclose (file), ==, 0);
}

void
fixture_set (Fixture    *self,
             const char *key,
             const char *value)
{
  g_autofree char *path = g_build_filename (self->root, "config", "glib-2.0", "settings",
                                            "keyfile", NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr(GKeyFile) settings = g_key_file_new ();
  g_autoptr(GError) error = NULL;

  g_assert_no_errno (g_mkdir_with_parents (folder, 0700));
  (void) g_key_file_load_from_file (settings, path, G_KEY_FILE_NONE, NULL);  /* none is empty */
  g_key_file_set_value (settings, "io/github/ferryapp/Ferry", key, value);
  (void) g_key_file_save_to_file (settings, path, &error);
  g_assert_no_error (error);
}

Fixture *
fixture_new_with_data (FixtureFlags  flags,
                       const char   *data_home)
{
  Fixture *self = g_new0 (Fixture, 1);

  self->flags = flags;
  self->root = test_folder_new ();
  self->home = make_folder (self, "home");
  self->downloads = make_folder (self, "downloads");
  self->data_home = data_home != NULL ? g_strdup (data_home) : make_folder (self, "data");
  self->database = g_build_filename (self->data_home, "ferry", "ferry.db", NULL);
  self->log = g_build_filename (self->root, "log", NULL);
  write_files (self);
  start_bus (self);
  self->client = client_new (self->address);
  return self;
}

Fixture *
fixture_new (FixtureFlags flags)
{
  return fixture_new_with_data (flags, NULL);
}

/* One with nothing to do may leave by itself, at this very moment. */
static void
end_last_service (Fixture *self)
{
  guint32 pid = fixture_get_pid (self);

  if (pid == 0)
    return;

  if (kill ((pid_t) pid, SIGTERM) != 0)
    g_assert_cmpint (errno, ==, ESRCH);
  g_assert_cmpint (fixture_wait_end (self), ==, 0);
}

void
fixture_free (Fixture *self)
{
  g_autofree char *log = NULL;

  end_last_service (self);
  log = fixture_read_log (self);
  if ((self->flags & FIXTURE_MAY_WARN) == 0 && *log != '\0')
    g_error ("the service complained: %s", log);

  client_free (self->client);
  g_subprocess_send_signal (self->bus, SIGTERM);
  (void) g_subprocess_wait (self->bus, NULL, NULL);  /* how it ends does not matter */
  g_object_unref (self->bus);
  (void) close (self->exits);  /* a pipe that nobody writes to any more */
  test_folder_remove (self->root);

  g_free (self->root);
  g_free (self->home);
  g_free (self->data_home);
  g_free (self->database);
  g_free (self->downloads);
  g_free (self->log);
  g_free (self->address);
  g_free (self);
}

static GVariant *
ask_bus (Fixture    *self,
         const char *method)
{
  return g_dbus_connection_call_sync (self->client->connection, "org.freedesktop.DBus",
                                      "/org/freedesktop/DBus", "org.freedesktop.DBus", method,
                                      g_variant_new ("(s)", FERRY_SERVICE_ID), NULL,
                                      G_DBUS_CALL_FLAGS_NONE,
                                      TEST_DEADLINE / G_TIME_SPAN_MILLISECOND, NULL, NULL);
}

guint32
fixture_get_pid (Fixture *self)
{
  g_autoptr(GVariant) answer = ask_bus (self, "GetConnectionUnixProcessID");
  guint32 pid = 0;

  if (answer != NULL)
    g_variant_get (answer, "(u)", &pid);
  return pid;
}

static void
on_owner_changed_cb (GDBusConnection *connection,
                     const char      *sender,
                     const char      *path,
                     const char      *interface,
                     const char      *member,
                     GVariant        *parameters,
                     gpointer         user_data)
{
  const char *now;

  g_variant_get (parameters, "(&s&s&s)", NULL, NULL, &now);
  if (*now == '\0')
    *(gboolean *) user_data = TRUE;
}

static gboolean
is_true (Client        *client,
         gconstpointer  data)
{
  return *(const gboolean *) data;
}

int
fixture_wait_end (Fixture *self)
{
  g_autofree char *status = read_line (self->exits, "the service's end");

  return (int) g_ascii_strtoll (status, NULL, 10);
}

int
fixture_end_service (Fixture *self,
                     int      signal)
{
  GDBusConnection *connection = self->client->connection;
  gboolean gone = FALSE;
  guint match = g_dbus_connection_signal_subscribe (connection, "org.freedesktop.DBus",
                                                    "org.freedesktop.DBus", "NameOwnerChanged",
                                                    "/org/freedesktop/DBus", FERRY_SERVICE_ID,
                                                    G_DBUS_SIGNAL_FLAGS_NONE, on_owner_changed_cb,
                                                    &gone, NULL);
  guint32 pid = fixture_get_pid (self);
  int status;

  g_assert_cmpuint (pid, !=, 0);
  g_assert_no_errno (kill ((pid_t) pid, signal));
  status = fixture_wait_end (self);
  client_wait (self->client, is_true, &gone, "the service's name is free");
  g_dbus_connection_signal_unsubscribe (connection, match);
  return status;
}

GSubprocess *
fixture_spawn (Fixture *self)
{
  g_autoptr(GSubprocessLauncher) launcher = new_launcher (self, G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr(GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", self->address, TRUE);
  process = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("FERRYD_PROGRAM"), NULL);
  g_assert_no_error (error);
  return process;
}

char *
fixture_read_log (Fixture *self)
{
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  GString *rest = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  g_file_get_contents (self->log, &text, NULL, &error);
  g_assert_no_error (error);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (*lines[i] != '\0' && strstr (lines[i], NO_DAEMON) == NULL)
      g_string_append_printf (rest, "%s\n", lines[i]);
  return g_string_free (rest, FALSE);
}

void
fixture_assert_only (Fixture    *self,
                     GHashTable *names)
{
  g_autoptr(GHashTable) files = test_folder_read (self->downloads);
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_hash_table_remove (files, name))
      g_error ("“%s” is missing", (char *) name);

  g_hash_table_iter_init (&iter, files);
  if (g_hash_table_iter_next (&iter, &name, NULL))
    g_error ("“%s” lies about", (char *) name);
}

void
fixture_assert_files (Fixture *self,
                      ...)
{
  g_autoptr(GHashTable) set = g_hash_table_new (g_str_hash, g_str_equal);
  const char *name;
  va_list names;

  va_start (names, self);
  while ((name = va_arg (names, const char *)) != NULL)
    g_hash_table_add (set, (gpointer) name);
  va_end (names);
  fixture_assert_only (self, set);
}

char *
fixture_get_path (Fixture    *self,
                  const char *name)
{
  return g_build_filename (self->downloads, name, NULL);
}
