/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-notifications"

#include "config.h"

#include <glib/gstdio.h>

#include "desktop/notifications.h"
#include "fake-daemon.h"

/* A call that only hands on takes microseconds; one that waits for a daemon, seconds. */
#define AT_ONCE_US (200 * G_TIME_SPAN_MILLISECOND)

static const char * const all[] = { "actions", "body", "body-markup", NULL };

static Desk *desk;

typedef struct
{
  FerrydNotifier *notifier;
  guint           n;
} Open;

static gboolean
are_open (gconstpointer data)
{
  const Open *open = data;

  return ferryd_notifier_get_n_open (open->notifier) == open->n;
}

static void
wait_open (FerrydNotifier *notifier,
           guint           n)
{
  const Open open = { notifier, n };

  desk_wait (are_open, &open, "so many are open");
}

static void
turn (guint milliseconds)
{
  gint64 until = g_get_monotonic_time () + milliseconds * G_TIME_SPAN_MILLISECOND;

  while (g_get_monotonic_time () < until)
    {
      (void) g_main_context_iteration (NULL, FALSE);  /* whether it did something */
      g_usleep (1000);
    }
}

static void
show_text (FerrydNotifier *notifier,
           guint64         key,
           const char     *summary)
{
  ferryd_notifier_show (notifier, key, &(FerrydNotice) { .summary = summary });
}

static void
show_file (FerrydNotifier *notifier,
           const char     *path)
{
  const char * const paths[] = { path, NULL };

  ferryd_notifier_show (notifier, 1, &(FerrydNotice) {
    .summary = "Download finished", .file = path, .paths = paths,
  });
}

static void
on_open_changed_cb (FerrydNotifier *notifier,
                    GString        *log)
{
  g_string_append_printf (log, "%u ", ferryd_notifier_get_n_open (notifier));
}

static guint32
get_replaced (FakeDaemon *daemon,
              guint       index)
{
  guint32 id;

  g_variant_get_child (fake_daemon_get (daemon, index), 1, "u", &id);
  return id;
}

static void
test_told (void)
{
  const char * const paths[] = { "/tmp/a", "/tmp/b", NULL };
  const FerrydNotice notice = {
    .summary = "Done & <done>",
    .body = "a<b>c & d",
    .app_id = "org.example.App",
    .paths = paths,
  };
  g_autoptr(FakeDaemon) daemon = fake_daemon_new (desk, all);
  g_autoptr(FerrydNotifier) notifier = ferryd_notifier_new (desk->connection);
  g_autofree char *summary = NULL;
  g_autofree char *body = NULL;
  g_autofree char *icon = NULL;
  g_autofree char *actions = NULL;
  g_autoptr(GVariant) hints = NULL;
  const char *entry;

  ferryd_notifier_show (notifier, 7, &notice);
  summary = fake_daemon_get_text (daemon, 0, 3);
  body = fake_daemon_get_text (daemon, 0, 4);
  icon = fake_daemon_get_text (daemon, 0, 2);
  actions = fake_daemon_get_actions (daemon, 0);
  hints = g_variant_get_child_value (fake_daemon_get (daemon, 0), 6);

  g_assert_cmpstr (summary, ==, "Done & <done>");
  g_assert_cmpstr (body, ==, "a&lt;b&gt;c &amp; d");
  g_assert_cmpstr (icon, ==, "org.example.App");
  g_assert_cmpstr (actions, ==, "show Show in Files");
  g_assert_true (g_variant_lookup (hints, "desktop-entry", "&s", &entry));
  g_assert_cmpstr (entry, ==, "org.example.App");
}

/* A daemon that can do little, and a notice that asks for little. */
static void
test_plain (void)
{
  static const char * const none[] = { "body", NULL };
  g_autoptr(FakeDaemon) daemon = fake_daemon_new (desk, none);
  g_autoptr(FerrydNotifier) notifier = ferryd_notifier_new (desk->connection);
  g_autofree char *body = NULL;
  g_autofree char *no_body = NULL;
  g_autofree char *actions = NULL;
  g_autoptr(GVariant) hints = NULL;
  const char *entry;

  ferryd_notifier_show (notifier, 1, &(FerrydNotice) {
    .summary = "s", .body = "a<b>c & d", .file = "/tmp/a",
  });
  show_text (notifier, 2, "s");

  body = fake_daemon_get_text (daemon, 0, 4);
  actions = fake_daemon_get_actions (daemon, 0);
  g_assert_cmpstr (body, ==, "a<b>c & d");
  g_assert_cmpstr (actions, ==, "");

  no_body = fake_daemon_get_text (daemon, 1, 4);
  hints = g_variant_get_child_value (fake_daemon_get (daemon, 1), 6);
  g_assert_cmpstr (no_body, ==, "");
  g_assert_true (g_variant_lookup (hints, "desktop-entry", "&s", &entry));
  g_assert_cmpstr (entry, ==, FERRY_APP_ID);
}

static void
test_replaced (void)
{
  g_autoptr(FakeDaemon) daemon = fake_daemon_new (desk, all);
  g_autoptr(FerrydNotifier) notifier = ferryd_notifier_new (desk->connection);
  g_autoptr(GString) log = g_string_new (NULL);

  g_signal_connect (notifier, "open-changed", G_CALLBACK (on_open_changed_cb), log);
  show_text (notifier, 1, "one");
  show_text (notifier, 2, "other");
  show_text (notifier, 1, "one, again");
  g_assert_cmpuint (ferryd_notifier_get_n_open (notifier), ==, 2);
  g_assert_cmpuint (get_replaced (daemon, 0), ==, 0);
  g_assert_cmpuint (get_replaced (daemon, 1), ==, 0);
  g_assert_cmpuint (get_replaced (daemon, 2), ==, 1);
  turn (50);
  g_assert_cmpuint (ferryd_notifier_get_n_open (notifier), ==, 2);

  fake_daemon_close (daemon, 1);
  wait_open (notifier, 1);
  fake_daemon_close (daemon, 2);
  wait_open (notifier, 0);
  g_assert_cmpstr (log->str, ==, "1 2 1 0 ");

  /* One that is closed is not replaced, and what comes then is told of as the first one was. */
  show_text (notifier, 1, "one, anew");
  g_assert_cmpuint (get_replaced (daemon, 3), ==, 0);
  turn (50);
  fake_daemon_close (daemon, 3);
  wait_open (notifier, 0);
}

/* A shell that is not to be disturbed closes it right behind the answer. */
static void
test_closed_at_once (void)
{
  g_autoptr(FakeDaemon) daemon = fake_daemon_new (desk, all);
  g_autoptr(FerrydNotifier) notifier = ferryd_notifier_new (desk->connection);

  daemon->closes_at_once = TRUE;
  for (guint i = 0; i < 100; i++)
    {
      show_text (notifier, i % 3, "gone");
      if (i % 2 == 0)
        wait_open (notifier, 0);
    }
  wait_open (notifier, 0);
  g_assert_cmpuint (daemon->shown->len, ==, 100);
}

/* The word of the first one's end crosses the second one. */
static void
test_closed_meanwhile (void)
{
  g_autoptr(FakeDaemon) daemon = fake_daemon_new (desk, all);
  g_autoptr(FerrydNotifier) notifier = ferryd_notifier_new (desk->connection);

  show_text (notifier, 1, "one");
  fake_daemon_get (daemon, 0);
  turn (50);
  fake_daemon_close (daemon, 1);
  g_usleep (50 * G_TIME_SPAN_MILLISECOND);
  show_text (notifier, 1, "another");
  fake_daemon_get (daemon, 1);
  turn (50);
  g_assert_cmpuint (ferryd_notifier_get_n_open (notifier), ==, 1);
  g_assert_cmpuint (get_replaced (daemon, 1), ==, 0);

  fake_daemon_close (daemon, 2);
  wait_open (notifier, 0);
}

static void
test_opens (void)
{
  g_autoptr(FakeDaemon) daemon = fake_daemon_new (desk, all);
  g_autoptr(FerrydNotifier) notifier = ferryd_notifier_new (desk->connection);
  g_autofree char *path = desk_get_path (desk, "a b%20c.txt");
  g_autofree char *with_token = g_strconcat (path, " token-1", NULL);
  g_autofree char *without = g_strconcat (path, " ", NULL);
  g_autofree char *actions = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  desk_write (desk, "a b%20c.txt", "text\n", 0600);
  show_file (notifier, path);
  actions = fake_daemon_get_actions (daemon, 0);
  g_assert_cmpstr (actions, ==, "default Open, open Open, show Show in Files");
  turn (50);

  fake_daemon_choose (daemon, 1, "default", "token-1");
  first = desk_get_opened (desk);
  g_assert_cmpstr (first, ==, with_token);

  fake_daemon_choose (daemon, 1, "open", NULL);
  second = desk_get_opened (desk);
  g_assert_cmpstr (second, ==, without);

  /* It is the daemon that says when it is closed. */
  g_assert_cmpuint (ferryd_notifier_get_n_open (notifier), ==, 1);
}

static void
on_show_items_cb (GDBusConnection       *connection,
                  const char            *sender,
                  const char            *path,
                  const char            *interface,
                  const char            *method,
                  GVariant              *parameters,
                  GDBusMethodInvocation *invocation,
                  gpointer               user_data)
{
  char **shown = user_data;

  *shown = g_variant_print (parameters, FALSE);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static gboolean
is_set (gconstpointer text)
{
  return *(char * const *) text != NULL;
}

static GDBusConnection *
start_file_manager (char **shown)
{
  static const char xml[] =
    "<node><interface name='org.freedesktop.FileManager1'><method name='ShowItems'>"
    "<arg direction='in' type='as'/><arg direction='in' type='s'/>"
    "</method></interface></node>";
  static const GDBusInterfaceVTable vtable = { .method_call = on_show_items_cb };
  GDBusConnection *connection = desk_connect (desk);
  g_autoptr(GDBusNodeInfo) node = NULL;
  g_autoptr(GError) error = NULL;

  node = g_dbus_node_info_new_for_xml (xml, &error);
  g_assert_no_error (error);
  (void) g_dbus_connection_register_object (connection, "/org/freedesktop/FileManager1",
                                            node->interfaces[0], &vtable, shown, NULL,
                                            &error);  /* goes with the connection */
  g_assert_no_error (error);
  desk_own_name (connection, "org.freedesktop.FileManager1");
  return connection;
}

static void
test_shows (void)
{
  const char * const paths[] = { "/tmp/a b", "/tmp/c", NULL };
  g_autoptr(FakeDaemon) daemon = fake_daemon_new (desk, all);
  g_autoptr(FerrydNotifier) notifier = ferryd_notifier_new (desk->connection);
  g_autofree char *shown = NULL;
  g_autoptr(GDBusConnection) manager = start_file_manager (&shown);
  g_autoptr(GError) error = NULL;

  ferryd_notifier_show (notifier, 1, &(FerrydNotice) { .summary = "s", .paths = paths });
  fake_daemon_get (daemon, 0);
  turn (50);
  fake_daemon_choose (daemon, 1, "show", "token-2");
  desk_wait (is_set, &shown, "the file manager is asked");
  g_assert_cmpstr (shown, ==, "(['file:///tmp/a%20b', 'file:///tmp/c'], 'token-2')");

  /* Its answer is not to be lost, or the folder is opened. */
  g_dbus_connection_flush_sync (manager, NULL, &error);
  g_assert_no_error (error);
  turn (50);
  g_dbus_connection_close_sync (manager, NULL, &error);
  g_assert_no_error (error);
}

static void
test_shows_without_file_manager (void)
{
  g_autoptr(FakeDaemon) daemon = fake_daemon_new (desk, all);
  g_autoptr(FerrydNotifier) notifier = ferryd_notifier_new (desk->connection);
  g_autofree char *path = desk_get_path (desk, "a.txt");
  g_autofree char *expected = g_strconcat (desk->root, " token-3", NULL);
  g_autofree char *opened = NULL;

  show_file (notifier, path);
  fake_daemon_get (daemon, 0);
  turn (50);
  fake_daemon_choose (daemon, 1, "show", "token-3");
  opened = desk_get_opened (desk);
  g_assert_cmpstr (opened, ==, expected);
}

static void
test_daemon_leaves (void)
{
  FakeDaemon *daemon = fake_daemon_new (desk, all);
  g_autoptr(FerrydNotifier) notifier = ferryd_notifier_new (desk->connection);
  g_autoptr(FakeDaemon) next = NULL;

  show_text (notifier, 1, "one");
  show_text (notifier, 2, "two");
  fake_daemon_get (daemon, 1);
  turn (50);
  g_assert_cmpuint (ferryd_notifier_get_n_open (notifier), ==, 2);
  fake_daemon_free (daemon);
  wait_open (notifier, 0);

  /* What the last one called 1 may be another's here. */
  next = fake_daemon_new (desk, all);
  show_text (notifier, 1, "one");
  g_assert_cmpuint (get_replaced (next, 0), ==, 0);
  turn (50);
  g_assert_cmpuint (ferryd_notifier_get_n_open (notifier), ==, 1);
}

static void
count_message (const char     *domain,
               GLogLevelFlags  level,
               const char     *message,
               gpointer        user_data)
{
  g_atomic_int_inc ((int *) user_data);
}

static void
test_no_daemon (void)
{
  g_autoptr(FerrydNotifier) notifier = ferryd_notifier_new (desk->connection);
  int n_messages = 0;
  guint handler = g_log_set_handler ("ferryd-bubbles", G_LOG_LEVEL_MESSAGE, count_message,
                                     &n_messages);

  for (guint i = 0; i < 3; i++)
    {
      show_text (notifier, i, "nobody sees it");
      g_assert_cmpuint (ferryd_notifier_get_n_open (notifier), ==, 1);
      wait_open (notifier, 0);
    }
  g_assert_cmpint (g_atomic_int_get (&n_messages), ==, 1);

  /* One that comes later is found. */
  {
    g_autoptr(FakeDaemon) daemon = fake_daemon_new (desk, all);

    show_text (notifier, 1, "somebody sees it");
    fake_daemon_get (daemon, 0);
  }
  wait_open (notifier, 0);
  g_log_remove_handler ("ferryd-bubbles", handler);
}

static gboolean
is_thread_gone (gconstpointer data)
{
  g_autoptr(GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (tasks)) != NULL)
    {
      g_autofree char *path = g_strdup_printf ("/proc/self/task/%s/comm", name);
      g_autofree char *comm = NULL;

      if (g_file_get_contents (path, &comm, NULL, NULL)
          && g_str_has_prefix (comm, "notifications"))
        return FALSE;
    }
  return TRUE;
}

/* Neither showing nor leaving waits for it. */
static void
test_daemon_hangs (void)
{
  FakeDaemon *daemon = fake_daemon_new (desk, all);
  FerrydNotifier *notifier = ferryd_notifier_new (desk->connection);
  gint64 start;

  daemon->hangs = TRUE;
  start = g_get_monotonic_time ();
  show_text (notifier, 1, "one");
  show_text (notifier, 1, "two");
  g_assert_cmpint (g_get_monotonic_time () - start, <, AT_ONCE_US);
  fake_daemon_get (daemon, 0);
  g_assert_cmpuint (ferryd_notifier_get_n_open (notifier), ==, 1);

  start = g_get_monotonic_time ();
  g_assert_finalize_object (notifier);
  g_assert_cmpint (g_get_monotonic_time () - start, <, AT_ONCE_US);

  fake_daemon_free (daemon);
  desk_wait (is_thread_gone, NULL, "the thread ends");
  turn (50);
}

/* With a notification open: it stays with the daemon, and nobody is called any more. */
static void
test_end (void)
{
  g_autoptr(FakeDaemon) daemon = fake_daemon_new (desk, all);
  FerrydNotifier *notifier = ferryd_notifier_new (desk->connection);

  show_text (notifier, 1, "one");
  fake_daemon_get (daemon, 0);
  turn (50);
  g_assert_finalize_object (notifier);
  g_assert_true (is_thread_gone (NULL));

  fake_daemon_close (daemon, 1);
  turn (50);
}

int
main (int   argc,
      char *argv[])
{
  int result;

  g_test_init (&argc, &argv, NULL);
  desk = desk_new ();
  g_test_add_func ("/notifications/told", test_told);
  g_test_add_func ("/notifications/plain", test_plain);
  g_test_add_func ("/notifications/replaced", test_replaced);
  g_test_add_func ("/notifications/closed-at-once", test_closed_at_once);
  g_test_add_func ("/notifications/closed-meanwhile", test_closed_meanwhile);
  g_test_add_func ("/notifications/opens", test_opens);
  g_test_add_func ("/notifications/shows", test_shows);
  g_test_add_func ("/notifications/shows-without-file-manager", test_shows_without_file_manager);
  g_test_add_func ("/notifications/daemon-leaves", test_daemon_leaves);
  g_test_add_func ("/notifications/no-daemon", test_no_daemon);
  g_test_add_func ("/notifications/daemon-hangs", test_daemon_hangs);
  g_test_add_func ("/notifications/end", test_end);
  result = g_test_run ();
  desk_free (desk);
  return result;
}
