/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-dunst"

#include "config.h"

#include <gio/gunixinputstream.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "desk.h"
#include "desktop/notifications.h"

/* A daemon that people use, on a screen of its own. */
typedef struct
{
  GSubprocess *screen;  /* owned */
  GSubprocess *dunst;   /* owned; NULL: it was ended */
} Shell;

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"

/* Dunst offers named actions in a menu, which is a program: it gets the entries, a line each, and
 * prints the one that is chosen. */
static const char config_file[] =
  "[global]\n"
  "dmenu=%s\n"
  "history_length=20\n"
  "[urgency_normal]\n"
  "timeout=0\n";

static const char menu_script[] =
  "#!/bin/sh\n"
  "grep -F 'Show in Files' | head -n 1\n";

static Desk *desk;

/* They go when we go, however that is. */
static void
set_up_child (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static GSubprocessLauncher *
new_launcher (GSubprocessFlags flags)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);

  g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
  g_subprocess_launcher_set_child_setup (launcher, set_up_child, NULL, NULL);
  return launcher;
}

/* Returns its name. */
static char *
start_screen (Shell *self)
{
  g_autoptr(GSubprocessLauncher) launcher = new_launcher (G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                                          | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
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

static gboolean
is_on_bus (gconstpointer data)
{
  g_autoptr(GVariant) reply = NULL;

  reply = g_dbus_connection_call_sync (desk->connection, "org.freedesktop.DBus",
                                       "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                       "GetNameOwner", g_variant_new ("(s)", NAME), NULL,
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  return reply != NULL;
}

static void
start_dunst (Shell      *self,
             const char *display)
{
  g_autoptr(GSubprocessLauncher) launcher = new_launcher (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autofree char *menu = desk_get_path (desk, "menu");
  g_autofree char *config = g_strdup_printf (config_file, menu);
  g_autofree char *config_path = desk_get_path (desk, "dunstrc");
  g_autoptr(GError) error = NULL;

  desk_write (desk, "menu", menu_script, 0700);
  desk_write (desk, "dunstrc", config, 0600);
  g_subprocess_launcher_setenv (launcher, "DISPLAY", display, TRUE);
  self->dunst = g_subprocess_launcher_spawn (launcher, &error, "dunst", "-conf", config_path,
                                             NULL);
  g_assert_no_error (error);
  desk_wait (is_on_bus, NULL, "dunst is on the bus");
}

static void
end (GSubprocess **process,
     int           signal)
{
  if (*process == NULL)
    return;

  g_subprocess_send_signal (*process, signal);
  (void) g_subprocess_wait (*process, NULL, NULL);  /* how it ends does not matter */
  g_clear_object (process);
}

static void
shell_free (Shell *self)
{
  end (&self->dunst, SIGTERM);
  end (&self->screen, SIGTERM);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Shell, shell_free)

/* NULL where it is not installed, and the test is skipped. */
static Shell *
shell_new (void)
{
  g_autofree char *xvfb = g_find_program_in_path ("Xvfb");
  g_autofree char *dunst = g_find_program_in_path ("dunst");
  g_autofree char *display = NULL;
  Shell *self;

  if (xvfb == NULL || dunst == NULL)
    {
      g_test_skip ("Xvfb or dunst is not installed");
      return NULL;
    }

  self = g_new0 (Shell, 1);
  display = start_screen (self);
  start_dunst (self, display);
  return self;
}

static GVariant *
call_dunst (const char *method,
            GVariant   *parameters)
{
  g_autoptr(GError) error = NULL;
  GVariant *reply;

  reply = g_dbus_connection_call_sync (desk->connection, NAME, PATH, "org.dunstproject.cmd0",
                                       method, parameters, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                                       &error);
  g_assert_no_error (error);
  return reply;
}

static void
tell_dunst (const char *method,
            GVariant   *parameters)
{
  g_autoptr(GVariant) reply = call_dunst (method, parameters);

  g_assert_nonnull (reply);
}

static guint
get_n_displayed (void)
{
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) value = NULL;
  g_autoptr(GError) error = NULL;

  reply = g_dbus_connection_call_sync (desk->connection, NAME, PATH,
                                       "org.freedesktop.DBus.Properties", "Get",
                                       g_variant_new ("(ss)", "org.dunstproject.cmd0",
                                                      "displayedLength"),
                                       G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                                       &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(v)", &value);
  return g_variant_get_uint32 (value);
}

static gboolean
are_displayed (gconstpointer n)
{
  return get_n_displayed () == GPOINTER_TO_UINT (n);
}

static void
wait_displayed (guint n)
{
  desk_wait (are_displayed, GUINT_TO_POINTER (n), "dunst shows so many");
}

/* What was shown and is closed, as `SUMMARY: BODY` from the last one to the first. */
static char *
read_history (void)
{
  g_autoptr(GVariant) reply = call_dunst ("NotificationListHistory", NULL);
  g_autoptr(GVariant) list = g_variant_get_child_value (reply, 0);
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      g_autoptr(GVariant) one = g_variant_get_child_value (list, i);
      const char *summary;
      const char *body;

      g_assert_true (g_variant_lookup (one, "summary", "&s", &summary));
      g_assert_true (g_variant_lookup (one, "body", "&s", &body));
      g_string_append_printf (text, "%s%s: %s", i > 0 ? "; " : "", summary, body);
    }
  return g_string_free (text, FALSE);
}

static gboolean
is_none_open (gconstpointer notifier)
{
  return ferryd_notifier_get_n_open ((FerrydNotifier *) notifier) == 0;
}

static void
show (FerrydNotifier *notifier,
      const char     *summary,
      const char     *path)
{
  const char * const paths[] = { path, NULL };

  ferryd_notifier_show (notifier, 1, &(FerrydNotice) {
    .summary = summary, .body = "a<b>.txt", .file = path, .paths = paths,
  });
}

static void
test_replaced (void)
{
  g_autoptr(Shell) shell = shell_new ();
  g_autoptr(FerrydNotifier) notifier = ferryd_notifier_new (desk->connection);
  g_autofree char *history = NULL;

  if (shell == NULL)
    return;

  show (notifier, "First", "/tmp/a");
  wait_displayed (1);
  show (notifier, "Second", "/tmp/a");
  show (notifier, "Third", "/tmp/a");
  g_assert_cmpuint (ferryd_notifier_get_n_open (notifier), ==, 1);
  /* By the order of calls the third is there when a fourth, of another key, is. */
  ferryd_notifier_show (notifier, 2, &(FerrydNotice) { .summary = "Other" });
  wait_displayed (2);
  g_assert_cmpuint (ferryd_notifier_get_n_open (notifier), ==, 2);

  tell_dunst ("NotificationCloseAll", NULL);
  desk_wait (is_none_open, notifier, "they are closed");
  history = read_history ();
  g_assert_cmpstr (history, ==, "Other: ; Third: a<b>.txt");
}

static void
test_opens (void)
{
  g_autoptr(Shell) shell = shell_new ();
  g_autoptr(FerrydNotifier) notifier = ferryd_notifier_new (desk->connection);
  g_autofree char *path = desk_get_path (desk, "a.txt");
  g_autofree char *opened = NULL;

  if (shell == NULL)
    return;

  desk_write (desk, "a.txt", "text\n", 0600);
  show (notifier, "Download finished", path);
  wait_displayed (1);
  tell_dunst ("NotificationAction", g_variant_new ("(u)", 0));
  opened = desk_get_opened (desk);
  g_assert_true (g_str_has_prefix (opened, path));

  /* Dunst still shows it. */
  g_assert_cmpuint (ferryd_notifier_get_n_open (notifier), ==, 1);
  tell_dunst ("NotificationCloseLast", NULL);
  desk_wait (is_none_open, notifier, "it is closed");
}

/* There is no file manager here, so it is the folder that is opened. */
static void
test_shows (void)
{
  g_autoptr(Shell) shell = shell_new ();
  g_autoptr(FerrydNotifier) notifier = ferryd_notifier_new (desk->connection);
  g_autofree char *path = desk_get_path (desk, "a.txt");
  g_autofree char *expected = g_strconcat (desk->root, " ", NULL);
  g_autofree char *opened = NULL;

  if (shell == NULL)
    return;

  show (notifier, "Download finished", path);
  wait_displayed (1);
  tell_dunst ("ContextMenuCall", NULL);
  opened = desk_get_opened (desk);
  g_assert_cmpstr (opened, ==, expected);
}

static void
test_killed (void)
{
  g_autoptr(Shell) shell = shell_new ();
  g_autoptr(FerrydNotifier) notifier = ferryd_notifier_new (desk->connection);

  if (shell == NULL)
    return;

  show (notifier, "Download finished", "/tmp/a");
  wait_displayed (1);
  g_assert_cmpuint (ferryd_notifier_get_n_open (notifier), ==, 1);
  end (&shell->dunst, SIGKILL);
  desk_wait (is_none_open, notifier, "it is gone with its daemon");
}

int
main (int   argc,
      char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  desk = desk_new ();
  g_test_add_func ("/dunst/replaced", test_replaced);
  g_test_add_func ("/dunst/opens", test_opens);
  g_test_add_func ("/dunst/shows", test_shows);
  g_test_add_func ("/dunst/killed", test_killed);
  result = g_test_run ();
  desk_free (desk);
  return result;
}
