/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ListTasks, of the manager and of a session. */
#define G_LOG_DOMAIN "test-listing"

#include "config.h"

#include "fixture.h"
#include "gate.h"

#define SIZE 1000

/* More than one page has, see ListTasks in the XML. */
#define N_MANY 1500
#define PAGE 1000

static GVariant *
new_arguments (const char *filter,
               guint64     before,
               guint       limit)
{
  return g_variant_new ("(@a{sv}tu)", client_parse (filter), before, limit);
}

/* Returns: (transfer full): a(oa{sv}) */
static GVariant *
list (Client     *client,
      const char *session,
      const char *filter,
      guint64     before,
      guint       limit)
{
  g_autoptr(GVariant) answer = NULL;

  answer = client_call (client, session != NULL ? session : MANAGER_PATH,
                        session != NULL ? "Session" : "Manager", "ListTasks",
                        new_arguments (filter, before, limit));
  return g_variant_get_child_value (answer, 0);
}

/* The numbers of the tasks that @filter finds, in order, by spaces. */
static void
assert_found (Client     *client,
              const char *session,
              const char *filter,
              const char *numbers)
{
  g_autoptr(GVariant) tasks = list (client, session, filter, 0, 0);
  g_autoptr(GString) found = g_string_new (NULL);

  for (gsize i = 0; i < g_variant_n_children (tasks); i++)
    {
      const char *path;

      g_variant_get_child (tasks, i, "(&o@a{sv})", &path, NULL);
      g_string_append_printf (found, "%s%s", i > 0 ? " " : "", strrchr (path, '/') + 1);
    }
  if (!g_str_equal (found->str, numbers))
    g_error ("%s finds “%s”, not “%s”", filter, found->str, numbers);
}

static char *
add (Fixture    *fixture,
     const char *session,
     TestServer *server,
     const char *path,
     gboolean    start)
{
  g_autofree char *url = test_server_get_url (server, path);

  return client_create (fixture->client, session, url,
                        g_variant_new_parsed ("{'destination': <%s>, 'start': <%b>}",
                                              fixture->downloads, start));
}

static void
test_filters (void)
{
  g_auto(Gate) gate = { 0 };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  Client *client = fixture->client;
  g_autofree char *one = client_open_session (client, "one");
  g_autofree char *two = client_open_session (client, "two");
  g_autofree char *finished = NULL;
  g_autofree char *failed = NULL;
  g_autofree char *cancelled = NULL;
  g_autofree char *suspended = NULL;
  g_autofree char *url = test_server_get_url (server, "/Größe.iso");
  g_autofree char *filter = g_strdup_printf ("{'url': <'%s'>}", url);

  gate_init (&gate, 31, SIZE, G_MAXINT64);
  gate.answer.headers = "Content-Disposition: attachment; filename=Named.ISO\r\n";
  test_server_add (server, "/a", gate_serve, &gate);
  finished = add (fixture, one, server, "/a", TRUE);
  failed = add (fixture, two, server, "/nothing", TRUE);
  cancelled = add (fixture, one, server, "/c", FALSE);
  suspended = add (fixture, two, server, "/Größe.iso", FALSE);
  client_wait_state (client, finished, "finished");
  client_wait_state (client, failed, "failed");
  client_tell (client, cancelled, "Cancel");

  assert_found (client, NULL, "{}", "4 3 2 1");
  assert_found (client, one, "{}", "3 1");
  assert_found (client, two, "{}", "4 2");
  assert_found (client, NULL, "{'state': <'finished'>}", "1");
  assert_found (client, NULL, "{'state': <'failed'>}", "2");
  assert_found (client, NULL, "{'state': <'cancelled'>}", "3");
  assert_found (client, NULL, "{'state': <'suspended'>}", "4");
  assert_found (client, NULL, "{'state': <'running'>}", "");
  assert_found (client, one, "{'state': <'suspended'>}", "");
  assert_found (client, NULL, "{'kind': <'download'>}", "4 3 2 1");
  assert_found (client, NULL, "{'session': <objectpath '" MANAGER_PATH "/session/2'>}", "4 2");
  assert_found (client, one, "{'session': <objectpath '" MANAGER_PATH "/session/2'>}", "");
  assert_found (client, NULL, "{'session': <objectpath '" MANAGER_PATH "/session/9'>}", "");
  assert_found (client, NULL, filter, "4");
  assert_found (client, NULL, "{'url': <'http://127.0.0.1/'>}", "");
  assert_found (client, NULL, "{'text': <'iso'>}", "4 1");
  assert_found (client, NULL, "{'text': <'named.iso'>}", "1");
  assert_found (client, NULL, "{'text': <'GRÖSSE'>}", "4");
  assert_found (client, NULL, "{'text': <'iso'>, 'state': <'suspended'>}", "4");
  assert_found (client, NULL, "{'text': <''>}", "4 3 2 1");
}

static void
test_bad_filters (void)
{
  static const struct { const char *filter; const char *names; } rows[] = {
    { "{'colour': <'red'>}", "“colour”" },
    { "{'': <'red'>}", "“”" },
    { "{'state': <uint32 1>}", "“state”" },
    { "{'state': <'asleep'>}", "asleep" },
    { "{'state': <''>}", "“state”" },
    { "{'kind': <'torrent'>}", "torrent" },
    { "{'kind': <'Download'>}", "“kind”" },
    { "{'kind': <''>}", "“kind”" },
    { "{'kind': <uint32 0>}", "“kind”" },
    { "{'session': <'/not/a/path/by/type'>}", "“session”" },
    { "{'properties': <'Url'>}", "“properties”" },
    { "{'properties': <['Url', 'Password']>}", "Password" },
    { "{'properties': <['']>}", "“properties”" },
    { "{'text': <@ay []>}", "“text”" },
  };
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *session = client_open_session (fixture->client, "one");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      client_call_refused (fixture->client, "InvalidOption", rows[i].names, MANAGER_PATH, "Manager",
                           "ListTasks", new_arguments (rows[i].filter, 0, 0));
      client_call_refused (fixture->client, "InvalidOption", rows[i].names, session, "Session",
                           "ListTasks", new_arguments (rows[i].filter, 0, 0));
    }
}

static void
test_properties (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  Client *client = fixture->client;
  g_autofree char *session = client_open_session (client, "one");
  g_autofree char *task = add (fixture, session, server, "/a", FALSE);
  g_autoptr(GVariant) some = NULL;
  g_autoptr(GVariant) none = NULL;
  g_autoptr(GVariant) all = NULL;
  g_autoptr(GVariant) properties = NULL;
  g_autoptr(GVariant) got = NULL;
  g_autoptr(GVariant) got_properties = NULL;

  some = list (client, NULL, "{'properties': <['State', 'Kind']>}", 0, 0);
  client_assert_value (some, "[(objectpath '" MANAGER_PATH "/task/1', "
                             "{'State': <'suspended'>, 'Kind': <'download'>})]");
  none = list (client, session, "{'properties': <@as []>}", 0, 0);
  client_assert_value (none, "[(objectpath '" MANAGER_PATH "/task/1', @a{sv} {})]");

  /* Without a choice they are those of GetAll. */
  all = list (client, NULL, "{}", 0, 0);
  g_variant_get_child (all, 0, "(o@a{sv})", NULL, &properties);
  got = client_call (client, task, PROPERTIES, "GetAll",
                     g_variant_new ("(s)", FERRY_SERVICE_ID ".Task"));
  got_properties = g_variant_get_child_value (got, 0);
  g_assert_true (g_variant_equal (got_properties, properties));
}

static void
created_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = NULL;

  answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, &error);
  g_assert_no_error (error);
  g_assert_nonnull (answer);
  *(guint *) user_data += 1;
}

static gboolean
are_all_created (Client        *client,
                 gconstpointer  data)
{
  return *(const guint *) data == N_MANY;
}

/* All at once, as a program with a long list does. */
static void
create_many (Fixture    *fixture,
             const char *session)
{
  guint n = 0;

  for (guint i = 0; i < N_MANY; i++)
    {
      g_autofree char *url = g_strdup_printf ("http://127.0.0.1:9/%u", i);

      g_dbus_connection_call (fixture->client->connection, FERRY_SERVICE_ID, session,
                              FERRY_SERVICE_ID ".Session", "CreateDownloadTask",
                              g_variant_new ("(s@a{sv})", url,
                                             g_variant_new_parsed ("{'destination': <%s>}",
                                                                   fixture->downloads)),
                              NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, created_cb, &n);
    }
  client_wait (fixture->client, are_all_created, &n, "all tasks are made");
}

static guint64
read_number (GVariant *tasks,
             gsize     index)
{
  const char *path;

  g_variant_get_child (tasks, index, "(&o@a{sv})", &path, NULL);
  return g_ascii_strtoull (strrchr (path, '/') + 1, NULL, 10);
}

/* @n tasks of falling number, from @newest on. */
static void
assert_page (Client     *client,
             const char *session,
             guint64     before,
             guint       limit,
             guint       n,
             guint64     newest)
{
  g_autoptr(GVariant) tasks = list (client, session, "{'properties': <['Url']>}", before, limit);

  g_assert_cmpuint (g_variant_n_children (tasks), ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (read_number (tasks, i), ==, newest - i);
}

static void
test_pages (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  Client *client = fixture->client;
  g_autofree char *session = client_open_session (client, "many");
  g_autoptr(GHashTable) urls = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GVariant) first = NULL;
  g_autoptr(GVariant) second = NULL;
  const char *const sessions[] = { NULL, session };

  create_many (fixture, session);
  for (gsize i = 0; i < G_N_ELEMENTS (sessions); i++)
    {
      assert_page (client, sessions[i], 0, 0, PAGE, N_MANY);
      assert_page (client, sessions[i], N_MANY - PAGE + 1, 0, N_MANY - PAGE, N_MANY - PAGE);
      assert_page (client, sessions[i], 1, 0, 0, 0);
      assert_page (client, sessions[i], 2, 0, 1, 1);
      assert_page (client, sessions[i], 0, 1, 1, N_MANY);
      assert_page (client, sessions[i], 700, 7, 7, 699);
      assert_page (client, sessions[i], 0, PAGE + 1, PAGE, N_MANY);
      assert_page (client, sessions[i], 0, G_MAXUINT32, PAGE, N_MANY);
      assert_page (client, sessions[i], G_MAXUINT64, 0, PAGE, N_MANY);
    }

  /* Two pages are the whole, each task once. */
  first = list (client, NULL, "{}", 0, 0);
  second = list (client, NULL, "{}", read_number (first, PAGE - 1), 0);
  g_assert_cmpuint (g_variant_n_children (first) + g_variant_n_children (second), ==, N_MANY);
  for (guint i = 0; i < N_MANY; i++)
    {
      g_autoptr(GVariant) properties = NULL;
      char *url = NULL;

      g_variant_get_child (i < PAGE ? first : second, i < PAGE ? i : i - PAGE, "(o@a{sv})", NULL,
                           &properties);
      g_assert_true (g_variant_lookup (properties, "Url", "s", &url));
      g_assert_true (g_hash_table_add (urls, url));
    }
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/listing/filters-find-what-they-say", test_filters);
  g_test_add_func ("/listing/bad-filters-are-refused", test_bad_filters);
  g_test_add_func ("/listing/properties-are-chosen", test_properties);
  g_test_add_func ("/listing/two-pages-of-1500", test_pages);
  return g_test_run ();
}
