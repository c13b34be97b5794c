/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one door: which objects there are, and what may be done to them. */
#define G_LOG_DOMAIN "test-door"

#include "config.h"

#include "fixture.h"

#define BAD_ARGUMENTS "org.freedesktop.DBus.Error.InvalidArgs"
#define SESSION_IFACE FERRY_SERVICE_ID ".Session"
#define TASK_IFACE FERRY_SERVICE_ID ".Task"

/* One session and one suspended task, both of number 1. */
typedef struct
{
  Fixture *fixture;  /* owned */
  Client  *client;   /* the fixture's */
  char    *session;  /* owned */
  char    *task;     /* owned */
} Room;

static void
room_init (Room *self)
{
  self->fixture = fixture_new (FIXTURE_STRICT);
  self->client = self->fixture->client;
  self->session = client_open_session (self->client, "door");
  self->task = client_create (self->client, self->session, "http://127.0.0.1:9/file",
                              g_variant_new_parsed ("{'destination': <%s>}",
                                                    self->fixture->downloads));
  g_assert_cmpstr (self->session, ==, MANAGER_PATH "/session/1");
  g_assert_cmpstr (self->task, ==, MANAGER_PATH "/task/1");
}

static void
room_clear (Room *self)
{
  g_clear_pointer (&self->fixture, fixture_free);
  g_clear_pointer (&self->session, g_free);
  g_clear_pointer (&self->task, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Room, room_clear)

/* Last parts of paths that name nothing. What D-Bus itself does not take for a path, like "+1",
 * cannot be sent. */
static const char *const strangers[] = {
  "2", "99", "0", "00", "01", "1x", "x1", "_1", "1_", "0x1",
  "4294967297",                  /* 2³² + 1 */
  "9223372036854775807",
  "9223372036854775808",
  "18446744073709551617",        /* 2⁶⁴ + 1 */
  "99999999999999999999999999",
};

static void
assert_no_task (Client     *client,
                const char *path)
{
  static const char *const verbs[] = { "Resume", "Suspend", "Cancel" };

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    client_call_refused (client, "NotFound", path, path, "Task", verbs[i], NULL);
  client_call_refused (client, "NotFound", path, path, PROPERTIES, "GetAll",
                       g_variant_new ("(s)", TASK_IFACE));
  client_call_refused (client, "NotFound", path, path, PROPERTIES, "Get",
                       g_variant_new ("(ss)", TASK_IFACE, "Url"));
}

static void
assert_no_session (Client     *client,
                   const char *path)
{
  client_create_refused (client, "NotFound", path, path, "http://127.0.0.1/", NULL);
  client_call_refused (client, "NotFound", path, path, "Session", "ListTasks",
                       g_variant_new ("(a{sv}tu)", NULL, G_GUINT64_CONSTANT (0), 0));
  client_call_refused (client, "NotFound", path, path, PROPERTIES, "GetAll",
                       g_variant_new ("(s)", SESSION_IFACE));
}

static void
test_strangers (void)
{
  g_auto(Room) room = { 0 };

  room_init (&room);
  for (gsize i = 0; i < G_N_ELEMENTS (strangers); i++)
    {
      g_autofree char *task = g_strconcat (MANAGER_PATH "/task/", strangers[i], NULL);
      g_autofree char *session = g_strconcat (MANAGER_PATH "/session/", strangers[i], NULL);

      assert_no_task (room.client, task);
      assert_no_session (room.client, session);
    }
  client_assert_string (room.client, room.task, "State", "suspended");
}

/* Where no object of ours can be, GDBus answers; it must not say more than that. */
static void
test_other_paths (void)
{
  static const char *const paths[] = {
    "/", MANAGER_PATH "/task", MANAGER_PATH "/session", MANAGER_PATH "/task/1/1",
    MANAGER_PATH "/session/1/1", MANAGER_PATH "/tasks/1", "/io/github/ferryapp/Ferry",
    "/org/freedesktop/DBus",
  };
  g_auto(Room) room = { 0 };

  room_init (&room);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      client_call_refused (room.client, "org.freedesktop.DBus.Error.UnknownMethod", NULL, paths[i],
                           "Task", "Cancel", NULL);
      client_call_refused (room.client, "org.freedesktop.DBus.Error.UnknownMethod", NULL, paths[i],
                           "Manager", "ListTasks",
                           g_variant_new ("(a{sv}tu)", NULL, G_GUINT64_CONSTANT (0), 0));
    }
  client_assert_string (room.client, room.task, "State", "suspended");
}

/* A verb of one kind of object is none of another. */
static void
test_other_interfaces (void)
{
  g_auto(Room) room = { 0 };

  room_init (&room);
  client_call_refused (room.client, "org.freedesktop.DBus.Error.UnknownMethod", NULL, room.session,
                       "Task", "Cancel", NULL);
  client_call_refused (room.client, "org.freedesktop.DBus.Error.UnknownMethod", NULL, room.task,
                       "Session", "CreateDownloadTask", g_variant_new ("(sa{sv})", "x", NULL));
  client_call_refused (room.client, "org.freedesktop.DBus.Error.UnknownMethod", NULL, room.task,
                       "Task", "Explode", NULL);
  client_call_refused (room.client, BAD_ARGUMENTS, NULL, room.task, PROPERTIES, "Get",
                       g_variant_new ("(ss)", TASK_IFACE, "Password"));
  client_call_refused (room.client, BAD_ARGUMENTS, NULL, room.task, PROPERTIES, "Get",
                       g_variant_new ("(ss)", SESSION_IFACE, "Url"));
}

static void
test_arguments (void)
{
  g_auto(Room) room = { 0 };
  const char *missing = MANAGER_PATH "/task/99";

  room_init (&room);
  client_call_refused (room.client, BAD_ARGUMENTS, NULL, room.task, "Task", "Cancel",
                       g_variant_new ("(s)", "now"));
  client_call_refused (room.client, BAD_ARGUMENTS, NULL, missing, "Task", "Cancel",
                       g_variant_new ("(s)", "now"));
  client_call_refused (room.client, BAD_ARGUMENTS, NULL, room.session, "Session",
                       "CreateDownloadTask", g_variant_new ("(s)", "http://127.0.0.1/"));
  client_call_refused (room.client, BAD_ARGUMENTS, NULL, room.session, "Session",
                       "CreateDownloadTask", g_variant_new ("(ss)", "http://127.0.0.1/", ""));
  client_call_refused (room.client, BAD_ARGUMENTS, NULL, MANAGER_PATH, "Manager", "OpenSession",
                       g_variant_new ("(sa{ss})", "x", NULL));
  client_call_refused (room.client, BAD_ARGUMENTS, NULL, MANAGER_PATH, "Manager", "OpenSession",
                       NULL);
  client_call_refused (room.client, BAD_ARGUMENTS, NULL, MANAGER_PATH, "Manager", "ListTasks",
                       g_variant_new ("(a{sv}uu)", NULL, 0, 0));
  client_assert_string (room.client, room.task, "State", "suspended");
}

/* What `Set` answers, so that it can be compared. */
static char *
try_set (Client     *client,
         const char *path,
         const char *property,
         GVariant   *value)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = NULL;
  g_autofree char *name = NULL;

  answer = client_try (client, path, PROPERTIES, "Set",
                       g_variant_new ("(ssv)", TASK_IFACE, property, value), &error);
  g_assert_null (answer);
  name = g_dbus_error_get_remote_error (error);
  g_dbus_error_strip_remote_error (error);
  return g_strconcat (name, " ", error->message, NULL);
}

static gboolean
is_writable (const char *property)
{
  return g_str_equal (property, "Priority") || g_str_equal (property, "Description") ||
         g_str_equal (property, "DownloadLimit");
}

static void
test_set_refused (void)
{
  g_auto(Room) room = { 0 };
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GVariantIter) iter = NULL;
  const char *name;
  GVariant *value;
  guint n = 0;

  room_init (&room);
  answer = client_call (room.client, room.task, PROPERTIES, "GetAll",
                        g_variant_new ("(s)", TASK_IFACE));
  g_variant_get (answer, "(a{sv})", &iter);
  while (g_variant_iter_loop (iter, "{&sv}", &name, &value))
    {
      g_autofree char *nowhere = try_set (room.client, MANAGER_PATH "/task/99", name, value);
      g_autofree char *here = NULL;

      n++;
      if (is_writable (name))
        {
          g_assert_true (g_str_has_prefix (nowhere, FERRY_SERVICE_ID ".Error.NotFound "));
          continue;
        }

      /* It tells nobody whether there is such a task. */
      here = try_set (room.client, room.task, name, value);
      g_assert_cmpstr (here, ==, nowhere);
    }
  g_assert_cmpuint (n, ==, 27);  /* the properties that the XML has */
}

static char *
introspect (Client     *client,
            const char *path)
{
  g_autoptr(GVariant) answer = client_call (client, path, "org.freedesktop.DBus.Introspectable",
                                            "Introspect", NULL);
  char *xml;

  g_variant_get (answer, "(s)", &xml);
  return xml;
}

static void
assert_same_xml (Client     *client,
                 const char *kind,
                 const char *interface)
{
  g_autofree char *path = g_strdup_printf (MANAGER_PATH "/%s/1", kind);
  g_autofree char *existing = introspect (client, path);

  g_assert_nonnull (strstr (existing, interface));
  for (gsize i = 0; i < G_N_ELEMENTS (strangers); i++)
    {
      g_autofree char *other = g_strdup_printf (MANAGER_PATH "/%s/%s", kind, strangers[i]);
      g_autofree char *xml = introspect (client, other);

      g_assert_cmpstr (xml, ==, existing);
    }
}

static void
test_introspection (void)
{
  g_auto(Room) room = { 0 };
  g_autofree char *root = NULL;
  g_autofree char *tasks = NULL;

  room_init (&room);
  assert_same_xml (room.client, "task", "\"" TASK_IFACE "\"");
  assert_same_xml (room.client, "session", "\"" SESSION_IFACE "\"");

  /* Nor do the folders list what is in them. */
  tasks = introspect (room.client, MANAGER_PATH "/task");
  g_assert_null (strstr (tasks, "<node name="));
  root = introspect (room.client, MANAGER_PATH);
  g_assert_nonnull (strstr (root, "\"" FERRY_SERVICE_ID ".Manager\""));
}

static void
test_nameless_interface (void)
{
  g_auto(Room) room = { 0 };
  g_autoptr(GVariant) here = NULL;
  g_autoptr(GVariant) nowhere = NULL;

  room_init (&room);
  here = client_try (room.client, room.task, PROPERTIES, "GetAll", g_variant_new ("(s)", ""), NULL);
  nowhere = client_try (room.client, MANAGER_PATH "/task/99", PROPERTIES, "GetAll",
                        g_variant_new ("(s)", ""), NULL);
  g_assert_true ((here == NULL) == (nowhere == NULL));
  g_assert_true (here == NULL || g_variant_equal (here, nowhere));
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/door/what-never-was-is-not-found", test_strangers);
  g_test_add_func ("/door/no-object-elsewhere", test_other_paths);
  g_test_add_func ("/door/verbs-stay-with-their-objects", test_other_interfaces);
  g_test_add_func ("/door/wrong-arguments-are-refused", test_arguments);
  g_test_add_func ("/door/what-is-not-writable-cannot-be-set", test_set_refused);
  g_test_add_func ("/door/introspection-tells-nothing", test_introspection);
  g_test_add_func ("/door/nameless-interface-tells-nothing", test_nameless_interface);
  return g_test_run ();
}
