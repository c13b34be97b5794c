/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who calls, and when. */
#define G_LOG_DOMAIN "test-callers"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"

#define NOT_ALLOWED FERRY_SERVICE_ID ".Error.NotAllowed"

/* Where SQLite puts its locks, by its file format: 512 bytes from here. */
#define LOCK_START 0x40000000
#define LOCK_LENGTH 512

/* Well below the 5 s after which the service gives up, well above the time it takes to start. */
#define LOCKED_MS 1000

/* What a program that lives in @root hears from the service. */
static char *
call_from (Fixture    *fixture,
           const char *root)
{
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) error = NULL;
  char *output = NULL;

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error,
                              g_getenv ("SANDBOXED_PROGRAM"), fixture->address, root, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error));
  g_assert_no_error (error);
  return output;
}

static gboolean
skip_without_chroot (void)
{
  if (geteuid () == 0)
    return FALSE;

  g_test_skip ("only root can give a program another root folder");
  return TRUE;
}

typedef struct
{
  const char *name;
  const char *info;   /* what stands in .flatpak-info. NULL: see @make */
  int      (* make) (const char *path);
  const char *answer; /* it begins so */
  const char *names;  /* and names this */
} Root;

static int
make_folder (const char *path)
{
  return g_mkdir (path, 0700);
}

static int
make_link (const char *path)
{
  return symlink ("elsewhere", path);
}

static int
make_nothing (const char *path)
{
  return 0;
}

static const Root roots[] = {
  { "flatpak", "[Application]\nname=org.example.App\n", NULL, NOT_ALLOWED, "org.example.App" },
  { "flatpak-without-name", "[Instance]\n", NULL, NOT_ALLOWED, "" },
  { "flatpak-without-sense", "\x01\xff[[", NULL, NOT_ALLOWED, "" },
  { "folder-in-its-place", NULL, make_folder, NOT_ALLOWED, "" },
  { "link-in-its-place", NULL, make_link, NOT_ALLOWED, "" },
  /* The counter-test: another root alone is no sandbox. */
  { "host", NULL, make_nothing, "answered", "" },
};

static void
test_root (gconstpointer data)
{
  const Root *row = data;
  g_autoptr(Fixture) fixture = NULL;
  g_autofree char *root = NULL;
  g_autofree char *path = NULL;
  g_autofree char *answer = NULL;

  if (skip_without_chroot ())
    return;

  fixture = fixture_new (FIXTURE_STRICT);
  root = g_build_filename (fixture->root, "sandbox", NULL);
  path = g_build_filename (root, ".flatpak-info", NULL);
  g_assert_no_errno (g_mkdir (root, 0700));
  if (row->info != NULL)
    g_assert_true (g_file_set_contents (path, row->info, -1, NULL));
  else
    g_assert_no_errno (row->make (path));

  answer = call_from (fixture, root);
  if (!g_str_has_prefix (answer, row->answer) || strstr (answer, row->names) == NULL)
    g_error ("the service answered: %s", answer);
}

static int
lock_database (Fixture *fixture)
{
  struct flock lock = {
    .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_START, .l_len = LOCK_LENGTH,
  };
  int fd = open (fixture->database, O_RDWR | O_CLOEXEC);

  g_assert_no_errno (fd);
  g_assert_no_errno (fcntl (fd, F_OFD_SETLK, &lock));
  return fd;
}

static void
answered_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GError) error = NULL;

  answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, &error);
  g_assert_no_error (error);
  g_assert_nonnull (answer);
  *(guint *) user_data += 1;
}

static gboolean
has_three (Client        *client,
           gconstpointer  data)
{
  return *(const guint *) data == 3;
}

/* Calls of all kinds, on objects that only the store knows, before it is read. */
static void
test_calls_wait_for_store (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  Client *client = fixture->client;
  g_autofree char *session = client_open_session (client, "early");
  g_autofree char *task = NULL;
  guint n_answers = 0;
  int lock;

  task = client_create (client, session, "http://127.0.0.1:9/file",
                        g_variant_new_parsed ("{'destination': <%s>}", fixture->downloads));
  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  lock = lock_database (fixture);

  g_dbus_connection_call (client->connection, FERRY_SERVICE_ID, task, PROPERTIES, "Get",
                          g_variant_new ("(ss)", FERRY_SERVICE_ID ".Task", "Url"), NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, answered_cb, &n_answers);
  g_dbus_connection_call (client->connection, FERRY_SERVICE_ID, session,
                          FERRY_SERVICE_ID ".Session", "ListTasks",
                          g_variant_new ("(a{sv}tu)", NULL, G_GUINT64_CONSTANT (0), 0), NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, answered_cb, &n_answers);
  g_dbus_connection_call (client->connection, FERRY_SERVICE_ID, task, FERRY_SERVICE_ID ".Task",
                          "Suspend", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, answered_cb,
                          &n_answers);
  client_pass_time (client, LOCKED_MS);
  g_assert_cmpuint (n_answers, ==, 0);
  g_assert_cmpuint (fixture_get_pid (fixture), !=, 0);

  g_assert_no_errno (close (lock));
  client_wait (client, has_three, &n_answers, "the answers");
}

static void
test_terminated_while_loading (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_MAY_WARN);
  g_autofree char *session = client_open_session (fixture->client, "early");
  g_autoptr(GVariant) answer = NULL;
  gint64 began;
  int lock;

  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  lock = lock_database (fixture);
  /* GDBus answers this without the store, but for a subtree only once the main loop runs. */
  answer = client_call (fixture->client, MANAGER_PATH "/task/1",
                        "org.freedesktop.DBus.Introspectable", "Introspect", NULL);
  g_assert_nonnull (answer);

  began = g_get_monotonic_time ();
  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 2 * G_TIME_SPAN_SECOND);
  g_assert_no_errno (close (lock));
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (roots); i++)
    {
      g_autofree char *path = g_strconcat ("/callers/root/", roots[i].name, NULL);

      g_test_add_data_func (path, &roots[i], test_root);
    }
  g_test_add_func ("/callers/calls-wait-for-the-store", test_calls_wait_for_store);
  g_test_add_func ("/callers/terminated-while-loading", test_terminated_while_loading);
  return g_test_run ();
}
