/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A person is told what has become of the transfers: once, in a few words, and with a way to the
 * files. */
#define G_LOG_DOMAIN "test-notifications"

#include "config.h"

#include "gate.h"
#include "shell.h"
#include "support/test-bed.h"

#define SIZE 30000

/* Who is still there then does not leave for want of work: its while is a second. */
#define LONG_ENOUGH_MS 2500

/* A command that ends in the moment of the last file could be too late for its own wish. */
#define N_COMMANDS 30

/* Arguments of Notify, by their places. */
enum { REPLACES = 1, SUMMARY = 3, BODY, ACTIONS, HINTS };

/* A service with something to fetch, and whoever shows what it says. */
typedef struct
{
  Fixture    *fixture;  /* owned */
  TestServer *server;   /* owned */
  TestAnswer  file;
  TestAnswer  missing;
  Shell      *shell;    /* owned; NULL: nobody */
} Scene;

static void
scene_init (Scene    *self,
            gboolean  has_shell)
{
  *self = (Scene) {
    .fixture = fixture_new (FIXTURE_STRICT),
    .file = { .content = { 61, SIZE } },
    .missing = { .status = "404 Not Found", .body = "nothing" },
  };
  fixture_set (self->fixture, "idle-exit-delay", "uint32 1");
  self->server = test_server_new (NULL);
  test_server_add (self->server, "/a.bin", test_answer, &self->file);
  test_server_add (self->server, "/b.bin", test_answer, &self->file);
  test_server_add (self->server, "/missing", test_answer, &self->missing);
  if (has_shell)
    self->shell = shell_new (self->fixture);
}

static void
scene_clear (Scene *self)
{
  g_clear_pointer (&self->shell, shell_free);
  g_clear_pointer (&self->fixture, fixture_free);
  g_clear_pointer (&self->server, test_server_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

static gboolean
have_ended (Client        *client,
            gconstpointer  data)
{
  return client_count_signals (client, "DidFinishEvents") > 0;
}

/* @paths: of the downloads, which all begin at the same time, each after a space. Leaves when they
 * have all ended; the events say so. */
static void
download (Scene      *self,
          const char *identifier,
          const char *configuration,
          const char *paths)
{
  g_autoptr(Client) visitor = client_new (self->fixture->address);
  g_auto(GStrv) each = g_strsplit (paths, " ", -1);
  g_autoptr(GVariant) opened = NULL;
  g_autoptr(GVariant) made = NULL;
  GVariantBuilder downloads;
  const char *session;

  opened = client_call (visitor, MANAGER_PATH, "Manager", "OpenSession",
                        g_variant_new ("(s@a{sv})", identifier, client_parse (configuration)));
  g_variant_get (opened, "(&ob)", &session, NULL);
  g_variant_builder_init (&downloads, G_VARIANT_TYPE ("a(sa{sv})"));
  for (guint i = 0; each[i] != NULL; i++)
    {
      g_autofree char *url = test_server_get_url (self->server, each[i]);

      g_variant_builder_add (&downloads, "(s@a{sv})", url,
                             g_variant_new_parsed ("{'destination': <%s>, 'start': <true>}",
                                                   self->fixture->downloads));
    }
  made = client_call (visitor, session, "Session", "CreateDownloadTasks",
                      g_variant_new ("(a(sa{sv}))", &downloads));
  client_wait (visitor, have_ended, NULL, "all downloads have ended");
}

static char *
get_text (Scene *self,
          guint  index,
          gsize  place)
{
  char *text;

  g_variant_get_child (shell_get (self->shell, index), place, "s", &text);
  return text;
}

/* `KEY, KEY` */
static char *
get_actions (Scene *self,
             guint  index)
{
  g_auto(GStrv) actions = NULL;
  GString *text = g_string_new (NULL);

  g_variant_get_child (shell_get (self->shell, index), ACTIONS, "^as", &actions);
  for (guint i = 0; actions[i] != NULL; i += 2)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", actions[i]);
  return g_string_free (text, FALSE);
}

static guint32
get_replaced (Scene *self,
              guint  index)
{
  guint32 id;

  g_variant_get_child (shell_get (self->shell, index), REPLACES, "u", &id);
  return id;
}

static void
assert_text (Scene      *self,
             guint       index,
             gsize       place,
             const char *wanted)
{
  g_autofree char *text = get_text (self, index, place);

  g_assert_cmpstr (text, ==, wanted);
}

static void
assert_hint (Scene      *self,
             guint       index,
             const char *wanted)
{
  g_autoptr(GVariant) hints = g_variant_get_child_value (shell_get (self->shell, index), HINTS);
  const char *entry = NULL;

  g_assert_true (g_variant_lookup (hints, "desktop-entry", "&s", &entry));
  g_assert_cmpstr (entry, ==, wanted);
}

static gboolean
is_shown (Client        *client,
          gconstpointer  shown)
{
  return *(GVariant * const *) shown != NULL;
}

static void
assert_shown (Fixture  *fixture,
              GVariant *shown)
{
  g_auto(GStrv) uris = NULL;

  g_variant_get (shown, "(^as&s)", &uris, NULL);
  g_assert_cmpuint (g_strv_length (uris), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *path = fixture_get_path (fixture, i == 0 ? "a.bin" : "b.bin");
      g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);

      g_assert_true (g_strv_contains ((const char * const *) uris, uri));
    }
}

/* Of three downloads: one notification, which keeps the service there for as long as it is open. */
static void
test_finish (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(GVariant) shown = NULL;
  g_autofree char *actions = NULL;
  guint32 pid;

  if (!shell_or_skip ())
    return;

  scene_init (&scene, TRUE);
  shell_play_file_manager (scene.shell, &shown);
  download (&scene, "three", "{'app-id': <'org.example.App'>}", "/a.bin /missing /b.bin");
  shell_wait_displayed (scene.shell, 1);
  assert_text (&scene, 0, SUMMARY, "2 downloads finished, 1 failed");
  assert_text (&scene, 0, BODY, "");
  assert_hint (&scene, 0, "org.example.App");
  g_assert_cmpuint (get_replaced (&scene, 0), ==, 0);
  actions = get_actions (&scene, 0);
  g_assert_cmpstr (actions, ==, "show");

  pid = fixture_get_pid (scene.fixture);
  client_pass_time (scene.fixture->client, LONG_ENOUGH_MS);
  g_assert_cmpuint (pid, !=, 0);
  g_assert_cmpuint (fixture_get_pid (scene.fixture), ==, pid);

  shell_choose_show (scene.shell);
  client_wait (scene.fixture->client, is_shown, &shown, "the file manager is asked");
  assert_shown (scene.fixture, shown);
  shell_close_all (scene.shell);
  g_assert_cmpint (fixture_wait_end (scene.fixture), ==, 0);
  g_assert_cmpuint (shell_count (scene.shell), ==, 1);
}

static void
test_open (void)
{
  gint64 deadline = g_get_monotonic_time () + TEST_DEADLINE;
  g_auto(Scene) scene = { 0 };
  g_autofree char *note = NULL;
  g_autofree char *path = NULL;
  g_autofree char *opened = NULL;
  g_autofree char *actions = NULL;

  if (!shell_or_skip ())
    return;

  scene_init (&scene, TRUE);
  note = shell_install_opener (scene.shell);
  path = fixture_get_path (scene.fixture, "a.bin");
  download (&scene, "one", "{}", "/a.bin");
  shell_wait_displayed (scene.shell, 1);
  assert_text (&scene, 0, SUMMARY, "Download finished");
  assert_text (&scene, 0, BODY, "a.bin");
  assert_hint (&scene, 0, FERRY_APP_ID);
  actions = get_actions (&scene, 0);
  g_assert_cmpstr (actions, ==, "default, open, show");

  shell_click (scene.shell);
  while (!g_file_get_contents (note, &opened, NULL, NULL))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      client_pass_time (scene.fixture->client, 20);
    }
  g_assert_cmpstr (opened, ==, path);
  shell_close_all (scene.shell);
  g_assert_cmpint (fixture_wait_end (scene.fixture), ==, 0);
}

/* What is new takes the place of what is old. */
static void
test_again (void)
{
  g_auto(Scene) scene = { 0 };

  if (!shell_or_skip ())
    return;

  scene_init (&scene, TRUE);
  download (&scene, "again", "{}", "/a.bin");
  shell_wait_displayed (scene.shell, 1);
  download (&scene, "again", "{}", "/missing /missing");
  assert_text (&scene, 1, SUMMARY, "2 downloads failed");
  g_assert_cmpuint (get_replaced (&scene, 1), !=, 0);
  shell_wait_displayed (scene.shell, 1);
  download (&scene, "another", "{}", "/b.bin");
  shell_wait_displayed (scene.shell, 2);
  g_assert_cmpuint (get_replaced (&scene, 2), ==, 0);
}

static void
test_each (void)
{
  g_auto(Scene) scene = { 0 };
  guint n_failed = 0;

  if (!shell_or_skip ())
    return;

  scene_init (&scene, TRUE);
  download (&scene, "each", "{'notify': <'each'>}", "/a.bin /missing /b.bin");
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *summary = get_text (&scene, i, SUMMARY);

      g_assert_cmpint (get_replaced (&scene, i) != 0, ==, i > 0);
      if (g_str_equal (summary, "Download failed"))
        n_failed++;
      else
        g_assert_cmpstr (summary, ==, "Download finished");
    }
  g_assert_cmpuint (n_failed, ==, 1);
  shell_wait_displayed (scene.shell, 1);
  g_assert_cmpuint (shell_count (scene.shell), ==, 3);
}

static void
test_none (void)
{
  g_auto(Scene) scene = { 0 };

  if (!shell_or_skip ())
    return;

  scene_init (&scene, TRUE);
  download (&scene, "none", "{'notify': <'none'>}", "/a.bin /missing");
  /* Here is nobody any more, but what the session was made with holds. */
  download (&scene, "then", "{}", "/missing");
  assert_text (&scene, 0, SUMMARY, "Download failed");
  shell_wait_displayed (scene.shell, 1);
  g_assert_cmpuint (shell_count (scene.shell), ==, 1);
}

static GSubprocess *
run_command (Scene      *self,
             const char *url)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (
    G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr(GError) error = NULL;
  GSubprocess *command;

  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", self->fixture->address,
                                TRUE);
  command = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("FERRY_PROGRAM"), "get", "-d",
                                         self->fixture->downloads, url, NULL);
  g_assert_no_error (error);
  return command;
}

/* “`ferry get` sets `none` while it waits”: what it has said itself need not be said again. */
static void
test_command (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *url = NULL;

  if (!shell_or_skip ())
    return;

  scene_init (&scene, TRUE);
  url = test_server_get_url (scene.server, "/a.bin");
  for (guint i = 0; i < N_COMMANDS; i++)
    {
      g_autoptr(GSubprocess) command = run_command (&scene, url);
      g_autoptr(GError) error = NULL;

      g_subprocess_wait_check (command, NULL, &error);
      g_assert_no_error (error);
    }

  download (&scene, "then", "{}", "/missing");
  assert_text (&scene, 0, SUMMARY, "Download failed");
  shell_wait_displayed (scene.shell, 1);
  g_assert_cmpuint (shell_count (scene.shell), ==, 1);
}

/* Where it does not wait any more, somebody else has to say it. */
static void
test_command_gone (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Scene) scene = { 0 };
  g_autoptr(GSubprocess) command = NULL;
  g_autofree char *url = NULL;

  if (!shell_or_skip ())
    return;

  gate_init (&gate, 62, SIZE, SIZE / 2);
  scene_init (&scene, TRUE);
  test_server_add (scene.server, "/gate.bin", gate_serve, &gate);
  url = test_server_get_url (scene.server, "/gate.bin");
  command = run_command (&scene, url);
  gate_wait_held (&gate, 1);
  g_subprocess_force_exit (command);
  (void) g_subprocess_wait (command, NULL, NULL);  /* it was killed */
  gate_open (&gate);
  assert_text (&scene, 0, BODY, "gate.bin");
}

static guint
count_complaints (Fixture *fixture)
{
  g_autofree char *log = NULL;
  g_auto(GStrv) parts = NULL;
  g_autoptr(GError) error = NULL;

  g_file_get_contents (fixture->log, &log, NULL, &error);
  g_assert_no_error (error);
  parts = g_strsplit (log, "no daemon shows", -1);
  return g_strv_length (parts) - 1;
}

static void
test_no_daemon (void)
{
  g_auto(Scene) scene = { 0 };

  scene_init (&scene, FALSE);
  download (&scene, "one", "{}", "/a.bin");
  download (&scene, "two", "{'notify': <'each'>}", "/b.bin /missing");
  g_assert_cmpint (fixture_wait_end (scene.fixture), ==, 0);
  g_assert_cmpuint (count_complaints (scene.fixture), ==, 1);
  fixture_assert_files (scene.fixture, "a.bin", "b.bin", NULL);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/notifications/finish", test_finish);
  g_test_add_func ("/notifications/open", test_open);
  g_test_add_func ("/notifications/again", test_again);
  g_test_add_func ("/notifications/each", test_each);
  g_test_add_func ("/notifications/none", test_none);
  g_test_add_func ("/notifications/command", test_command);
  g_test_add_func ("/notifications/command-gone", test_command_gone);
  g_test_add_func ("/notifications/no-daemon", test_no_daemon);
  return g_test_run ();
}
