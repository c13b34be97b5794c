/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The properties of all three objects: their types, what they say through a life, and Set. */
#define G_LOG_DOMAIN "test-properties"

#include "config.h"

#include <signal.h>
#include <string.h>

#include "stage.h"

#define SIZE (2 * 1000 * 1000)

static GVariant *
get_all (Client     *client,
         const char *path,
         const char *interface)
{
  g_autofree char *whole = g_strconcat (FERRY_SERVICE_ID ".", interface, NULL);
  g_autoptr(GVariant) answer = client_call (client, path, PROPERTIES, "GetAll",
                                            g_variant_new ("(s)", whole));

  return g_variant_get_child_value (answer, 0);
}

/* GetAll and each Get agree, and with what the XML says. */
static void
assert_complete (Client     *client,
                 const char *path,
                 const char *interface)
{
  g_autofree char *whole = g_strconcat (FERRY_SERVICE_ID ".", interface, NULL);
  g_autoptr(GDBusNodeInfo) node = stage_introspect (client, path);
  GDBusInterfaceInfo *info = g_dbus_node_info_lookup_interface (node, whole);
  g_autoptr(GVariant) all = get_all (client, path, interface);
  guint n = 0;

  g_assert_nonnull (info);
  for (; info->properties[n] != NULL; n++)
    {
      const char *name = info->properties[n]->name;
      g_autoptr(GVariant) among = g_variant_lookup_value (all, name, NULL);
      g_autoptr(GVariant) value = stage_get (client, path, interface, name);

      if (among == NULL || !g_variant_equal (among, value))
        g_error ("%s differs", name);
      g_assert_cmpstr (g_variant_get_type_string (value), ==, info->properties[n]->signature);
    }
  g_assert_cmpuint (g_variant_n_children (all), ==, n);
}

static void
test_complete (void)
{
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;

  stage_init (&stage, NULL);
  task = stage_create (&stage, "/file", NULL);
  assert_complete (stage.client, MANAGER_PATH, "Manager");
  assert_complete (stage.client, stage.session, "Session");
  assert_complete (stage.client, task, "Task");
  stage_assert (stage.client, MANAGER_PATH, "Manager", "Version", "1");
  stage_assert (stage.client, MANAGER_PATH, "Manager", "Capabilities",
                "['download', 'probe', 'resume-data', 'secret-headers', 'events', 'limits']");
  stage_assert (stage.client, MANAGER_PATH, "Manager", "BytesPerSecondSent", "0");
}

static void
test_life (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *url = NULL;
  g_autofree char *part = NULL;
  g_autofree char *path = NULL;
  gint64 begin = g_get_real_time ();
  gint64 finished;

  gate_init (&gate, 4, SIZE, SIZE / 2);
  gate.answer.headers = "Content-Type: image/png\r\nSet-Cookie: a=b\r\n"
                        "WWW-Authenticate: Basic realm=\"x\"\r\n";
  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", gate_serve, &gate);
  url = test_server_get_url (stage.server, "/file");
  part = fixture_get_path (stage.fixture, "file.part");
  path = fixture_get_path (stage.fixture, "file");

  task = stage_create (&stage, "/file", NULL);
  client_assert_string (stage.client, task, "Kind", "download");
  client_assert_string (stage.client, task, "State", "suspended");
  client_assert_string (stage.client, task, "Reason", "");
  client_assert_string (stage.client, task, "Phase", "");
  client_assert_string (stage.client, task, "Url", url);
  client_assert_string (stage.client, task, "CurrentUrl", "");
  client_assert_string (stage.client, task, "FileName", "");
  client_assert_string (stage.client, task, "Path", "");
  client_assert_string (stage.client, task, "Session", stage.session);
  stage_assert (stage.client, task, "Task", "Priority", "0.5");
  stage_assert (stage.client, task, "Task", "Response", "{}");
  stage_assert (stage.client, task, "Task", "Digest", "{}");
  stage_assert (stage.client, task, "Task", "Error", "('', '')");
  g_assert_cmpint (client_get_number (stage.client, task, "BytesReceived"), ==, 0);
  g_assert_cmpint (client_get_number (stage.client, task, "BytesExpectedToReceive"), ==, -1);
  g_assert_cmpint (client_get_number (stage.client, task, "Created"), >=, begin);
  g_assert_cmpint (client_get_number (stage.client, task, "Finished"), ==, 0);

  client_tell (stage.client, task, "Resume");
  client_wait_received (stage.client, task, SIZE / 2);
  client_assert_string (stage.client, task, "Phase", "transferring");
  client_assert_string (stage.client, task, "CurrentUrl", url);
  client_assert_string (stage.client, task, "FileName", "file");
  client_assert_string (stage.client, task, "Path", part);
  g_assert_cmpint (client_get_number (stage.client, task, "BytesExpectedToReceive"), ==, SIZE);
  g_assert_cmpint (client_get_number (stage.client, task, "Rate"), >, 0);
  stage_assert (stage.client, stage.session, "Session", "Running", "1");

  gate_open (&gate);
  client_wait_state (stage.client, task, "finished");
  client_assert_string (stage.client, task, "Phase", "");
  client_assert_string (stage.client, task, "Path", path);
  g_assert_cmpint (client_get_number (stage.client, task, "BytesReceived"), ==, SIZE);
  g_assert_cmpint (client_get_number (stage.client, task, "Rate"), ==, 0);
  finished = client_get_number (stage.client, task, "Finished");
  g_assert_cmpint (finished, >=, client_get_number (stage.client, task, "Created"));
  g_assert_cmpint (finished, <=, g_get_real_time ());
  stage_assert (stage.client, stage.session, "Session", "Running", "0");
  stage_assert (stage.client, stage.session, "Session", "Finished", "1");
}

/* What a finished task says of its answer, its exchanges and its course. */
static void
test_answer_told (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = SIZE }, .etag = "\"a\"",
                        .headers = "Content-Type: image/png\r\nSet-Cookie: a=b\r\nX-B: c\r\n"
                                   "WWW-Authenticate: Basic realm=\"x\"\r\n" };
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *url = NULL;
  g_autofree char *shown = NULL;
  g_autoptr(GVariant) response = NULL;
  g_autoptr(GVariant) metrics = NULL;
  g_autoptr(GVariant) exchange = NULL;
  g_autoptr(GVariant) samples = NULL;
  g_autoptr(GVariantIter) steps = NULL;
  const char *text;
  guint status;
  guint step;
  gboolean verified;
  guint64 n;
  guint64 sum = 0;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", test_answer, &answer);
  task = stage_start (&stage, "/file", NULL);
  client_wait_state (stage.client, task, "finished");
  response = client_get (stage.client, task, "Response");
  g_assert_true (g_variant_lookup (response, "status", "u", &status));
  g_assert_cmpuint (status, ==, 200);
  g_assert_true (g_variant_lookup (response, "mime-type", "&s", &text));
  g_assert_cmpstr (text, ==, "image/png");
  g_assert_true (g_variant_lookup (response, "length-verified", "b", &verified));
  g_assert_true (verified);
  shown = g_variant_print (response, FALSE);
  g_assert_nonnull (strstr (shown, "('X-B', 'c')"));
  g_assert_null (strstr (shown, "Set-Cookie"));
  g_assert_null (strstr (shown, "WWW-Authenticate"));

  metrics = client_get (stage.client, task, "Metrics");
  g_assert_cmpuint (g_variant_n_children (metrics), ==, 1);
  exchange = g_variant_get_child_value (metrics, 0);
  url = test_server_get_url (stage.server, "/file");
  g_assert_true (g_variant_lookup (exchange, "url", "&s", &text));
  g_assert_cmpstr (text, ==, url);
  g_assert_true (g_variant_lookup (exchange, "status", "u", &status));
  g_assert_cmpuint (status, ==, 200);
  g_assert_true (g_variant_lookup (exchange, "body-bytes", "t", &n));
  g_assert_cmpuint (n, ==, SIZE);
  g_assert_true (g_variant_lookup (exchange, "header-bytes", "t", &n));
  g_assert_cmpuint (n, >, 0);
  g_assert_true (g_variant_lookup (exchange, "duration", "t", &n));

  samples = client_get (stage.client, task, "Samples");
  g_variant_get (samples, "(uat)", &step, &steps);
  g_assert_cmpuint (step, >, 0);
  g_assert_cmpuint (g_variant_iter_n_children (steps), <=, 240);
  while (g_variant_iter_next (steps, "t", &n))
    sum += n;
  g_assert_cmpuint (sum, ==, SIZE);
}

static void
refuse_set (Client     *client,
            const char *kind,
            const char *path,
            const char *interface,
            const char *property,
            GVariant   *value)
{
  g_autofree char *whole = g_strconcat (FERRY_SERVICE_ID ".", interface, NULL);

  client_call_refused (client, kind, NULL, path, PROPERTIES, "Set",
                       g_variant_new ("(ssv)", whole, property, value));
}

/* They are on disk when the answer comes. */
static void
test_set (void)
{
  g_auto(Stage) stage = { 0 };
  g_autofree char *long_text = g_strnfill (4097, 'x');
  g_autofree char *task = NULL;
  const char *const wrong_type = "org.freedesktop.DBus.Error.InvalidArgs";
  ClientSignal *signal;

  stage_init (&stage, NULL);
  task = stage_create (&stage, "/file", NULL);
  stage_set (stage.client, task, "Task", "Priority", g_variant_new_double (1));
  signal = stage_wait_signal (stage.client, "TasksChanged", stage.session, 0);
  g_assert_nonnull (signal);
  stage_set (stage.client, task, "Task", "Description", g_variant_new_string ("größe\n"));
  stage_set (stage.client, task, "Task", "DownloadLimit", g_variant_new_uint64 (G_MAXUINT64));
  refuse_set (stage.client, "InvalidOption", task, "Task", "Priority", g_variant_new_double (1.01));
  refuse_set (stage.client, "InvalidOption", task, "Task", "Priority", g_variant_new_double (-1));
  refuse_set (stage.client, "InvalidOption", task, "Task", "Priority",
              g_variant_new_double (g_ascii_strtod ("nan", NULL)));
  refuse_set (stage.client, "InvalidOption", task, "Task", "Description",
              g_variant_new_string (long_text));
  refuse_set (stage.client, wrong_type, task, "Task", "Priority", g_variant_new_string ("1"));
  refuse_set (stage.client, wrong_type, task, "Task", "DownloadLimit", g_variant_new_uint32 (1));
  refuse_set (stage.client, wrong_type, MANAGER_PATH, "Manager", "DownloadLimit",
              g_variant_new_uint32 (1));

  g_assert_cmpint (fixture_end_service (stage.fixture, SIGKILL), ==, 128 + SIGKILL);
  stage_assert (stage.client, task, "Task", "Priority", "1.0");
  client_assert_string (stage.client, task, "Description", "größe\n");
  stage_assert (stage.client, task, "Task", "DownloadLimit", "18446744073709551615");
  stage_set (stage.client, task, "Task", "Description", g_variant_new_string (""));
  client_assert_string (stage.client, task, "Description", "");
}

/* In every state. */
static void
test_set_anywhere (void)
{
  static const char *const verbs[] = { "Resume", "Suspend", "Cancel" };
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;

  gate_init (&gate, 4, SIZE, SIZE / 2);
  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", gate_serve, &gate);
  task = stage_create (&stage, "/file", NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      client_tell (stage.client, task, verbs[i]);
      stage_set (stage.client, task, "Task", "Description", g_variant_new_string (verbs[i]));
      client_assert_string (stage.client, task, "Description", verbs[i]);
    }
  gate_open (&gate);
}

/* What is told of a change, and what never is. */
static void
test_changes_told (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;

  gate_init (&gate, 4, SIZE, SIZE / 2);
  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", gate_serve, &gate);
  task = stage_start (&stage, "/file", NULL);
  client_wait_received (stage.client, task, SIZE / 2);
  gate_open (&gate);
  client_wait_state (stage.client, task, "finished");
  (void) stage_wait_signal (stage.client, "DidFinishEvents", stage.session, 0);  /* is enough */
  for (guint i = 0; i < stage.client->signals->len; i++)
    {
      ClientSignal *signal = stage.client->signals->pdata[i];
      g_autofree char *text = g_variant_print (signal->parameters, FALSE);

      g_assert_false (g_str_equal (signal->member, "PropertiesChanged"));
      g_assert_null (strstr (text, "'Samples'"));
      g_assert_null (strstr (text, "'Metrics'"));
    }
}

static void
on_changed_cb (GDBusConnection *connection,
               const char      *sender,
               const char      *path,
               const char      *interface,
               const char      *member,
               GVariant        *parameters,
               gpointer         user_data)
{
  g_autoptr(GVariant) changed = NULL;
  const char *of;

  g_variant_get (parameters, "(&s@a{sv}as)", &of, &changed, NULL);
  g_assert_cmpstr (of, ==, FERRY_SERVICE_ID ".Manager");
  g_hash_table_add (user_data, g_variant_print (changed, FALSE));
}

static gboolean
has_all (Client        *client,
         gconstpointer  data)
{
  static const char *const wanted[] = {
    "'Running': <uint32 1>", "'Running': <uint32 0>", "'Waiting': <uint32 1>",
    "'DownloadLimit': <uint64 12345>", "'BytesPerSecondReceived'",
  };
  g_autofree gpointer *told = g_hash_table_get_keys_as_array ((GHashTable *) data, NULL);
  guint n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (wanted); i++)
    {
      gpointer *text = told;

      while (*text != NULL && strstr (*text, wanted[i]) == NULL)
        text++;
      n += *text != NULL;
    }

  return n == G_N_ELEMENTS (wanted);
}

/* PropertiesChanged of the Manager, for those who watch. */
static void
test_manager_changes (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autoptr(GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *task = NULL;
  g_autofree char *waiting = NULL;
  guint match;

  gate_init (&gate, 4, SIZE, SIZE / 2);
  stage_init (&stage, "{'max-running': <uint32 1>}");
  test_server_add (stage.server, "/file", gate_serve, &gate);
  match = g_dbus_connection_signal_subscribe (stage.client->connection, NULL, PROPERTIES,
                                              "PropertiesChanged", MANAGER_PATH, NULL,
                                              G_DBUS_SIGNAL_FLAGS_NONE, on_changed_cb, told, NULL);
  stage_call (stage.client, MANAGER_PATH, "Manager", "Watch",
              g_variant_new ("(b)", TRUE));
  task = stage_start (&stage, "/file", NULL);
  client_wait_received (stage.client, task, SIZE / 2);
  waiting = stage_start (&stage, "/file", NULL);
  client_wait_reason (stage.client, waiting, "queue");
  stage_set (stage.client, MANAGER_PATH, "Manager", "DownloadLimit", g_variant_new_uint64 (12345));
  client_tell (stage.client, waiting, "Cancel");
  client_tell (stage.client, task, "Cancel");
  client_wait (stage.client, has_all, told, "all changes");
  g_dbus_connection_signal_unsubscribe (stage.client->connection, match);
  gate_open (&gate);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/properties/complete", test_complete);
  g_test_add_func ("/properties/life", test_life);
  g_test_add_func ("/properties/answer", test_answer_told);
  g_test_add_func ("/properties/set", test_set);
  g_test_add_func ("/properties/set-anywhere", test_set_anywhere);
  g_test_add_func ("/properties/changes", test_changes_told);
  g_test_add_func ("/properties/manager-changes", test_manager_changes);
  return g_test_run ();
}
