/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Secrets reach the server, and nothing else: no property, signal, log, database, attribute or
 * part file. */
#define G_LOG_DOMAIN "test-secrets"

#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/xattr.h>

#include "ear.h"
#include "stage.h"

#define SIZE (300 * 1000)

/* In values only: names are no secrets. */
#define MARK "hush-"

#define SESSION_SECRETS "{'secret-headers': <{'Authorization': 'Bearer " MARK "one', " \
                        "'X-Key': '" MARK "two'}>}"
#define TASK_OPTIONS "{'secret-headers': <{'X-Token': '" MARK "three', " \
                     "'Cookie': 'a=" MARK "four'}>, " \
                     "'referrer': <'http://anna:" MARK "five@127.0.0.1/page'>}"

static void
search_bytes (const char *what,
              const char *bytes,
              gsize       length)
{
  if (memmem (bytes, length, MARK, strlen (MARK)) != NULL)
    g_error ("%s holds a secret", what);
}

static void
search_attributes (const char *path)
{
  char names[4096];
  ssize_t length = listxattr (path, names, sizeof names);

  for (ssize_t i = 0; i < length; i += (ssize_t) strlen (names + i) + 1)
    {
      char value[4096];
      ssize_t n = getxattr (path, names + i, value, sizeof value);

      if (n > 0)
        search_bytes (path, value, (gsize) n);
    }
}

/* All files below @folder, but for the pipe. */
static guint
search_folder (const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *bytes = NULL;
      gsize length;

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        n += search_folder (path);
      else if (g_file_test (path, G_FILE_TEST_IS_REGULAR) &&
               g_file_get_contents (path, &bytes, &length, NULL))
        {
          search_bytes (path, bytes, length);
          search_attributes (path);
          n++;
        }
    }

  return n;
}

/* Nothing that is on the disk, and nothing that was said on the bus. */
static void
assert_not_told (Stage *stage,
                 Ear   *ear)
{
  g_autofree char *name = g_path_get_basename (stage->fixture->database);

  g_assert_cmpstr (name, ==, "ferry.db");
  g_assert_true (g_file_test (stage->fixture->database, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (search_folder (stage->fixture->root), >, 3);
  g_assert_false (ear_has_heard (ear, stage->client, MARK));
  g_assert_true (ear_has_heard (ear, stage->client, "http://127.0.0.1/page"));  /* it hears */
}

/* Everything that can be asked. */
static void
ask_all (Stage      *stage,
         const char *task)
{
  g_autoptr(GVariant) session = NULL;
  g_autoptr(GVariant) list = NULL;
  g_autoptr(GVariant) events = stage_get_events (stage->client, stage->session);

  session = client_call (stage->client, stage->session, PROPERTIES, "GetAll",
                         g_variant_new ("(s)", FERRY_SERVICE_ID ".Session"));
  list = client_call (stage->client, MANAGER_PATH, "Manager", "ListTasks",
                      g_variant_new ("(a{sv}tu)", NULL, G_GUINT64_CONSTANT (0), 0));
  client_refresh (stage->client, task);
}

static void
watch (Client *client)
{
  g_autoptr(GVariant) answer = client_call (client, MANAGER_PATH, "Manager", "Watch",
                                            g_variant_new ("(b)", TRUE));

  g_assert_nonnull (answer);
}

static void
test_never_told (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autoptr(Ear) ear = NULL;
  g_autofree char *session = NULL;
  g_autofree char *location = NULL;
  TestAnswer redirect = { .status = "302 Found", .body = "" };
  g_autofree char *task = NULL;

  gate_init (&gate, 4, SIZE, SIZE / 2);
  gate.answer.headers = "Set-Cookie: id=" MARK "six\r\n"
                        "WWW-Authenticate: Basic realm=\"" MARK "seven\"\r\n";
  stage_init (&stage, SESSION_SECRETS);
  location = g_strdup ("Location: /file\r\nSet-Cookie: id2=" MARK "eight\r\n");
  redirect.headers = location;
  test_server_add (stage.server, "/begin", test_answer, &redirect);
  test_server_add (stage.server, "/file", gate_serve, &gate);
  ear = ear_new (stage.fixture->address);
  watch (stage.client);
  session = stage_open (stage.client, "stage", SESSION_SECRETS, NULL);

  task = stage_start (&stage, "/begin", TASK_OPTIONS);
  client_wait_received (stage.client, task, SIZE / 2);
  ask_all (&stage, task);
  assert_not_told (&stage, ear);  /* with a part file */

  gate_open (&gate);
  client_wait_state (stage.client, task, "finished");
  ask_all (&stage, task);
  assert_not_told (&stage, ear);
  g_assert_cmpstr (stage_get_asked (&stage, 1, "X-Token"), ==, MARK "three");
  g_assert_cmpstr (stage_get_asked (&stage, 1, "X-Key"), ==, MARK "two");
  g_assert_cmpstr (stage_get_asked (&stage, 1, "Authorization"), ==, "Bearer " MARK "one");

  g_assert_cmpint (fixture_end_service (stage.fixture, SIGKILL), ==, 128 + SIGKILL);
  ask_all (&stage, task);
  assert_not_told (&stage, ear);
}

/* Nor do those of a failure, of an address that is refused, or of a probe. */
static void
test_never_told_by_errors (void)
{
  TestAnswer redirect = { .status = "302 Found", .body = "" };
  g_auto(Stage) stage = { 0 };
  g_autoptr(Ear) ear = NULL;
  g_autofree char *location = NULL;
  g_autofree char *target = NULL;
  g_auto(GStrv) parts = NULL;
  TestAnswer refusal = { .status = "404 Not Found", .body = "" };
  g_autofree char *task = NULL;

  stage_init (&stage, NULL);
  ear = ear_new (stage.fixture->address);
  target = test_server_get_url (stage.server, "/gone?q");
  parts = g_strsplit (target, "//", 2);
  location = g_strdup_printf ("Location: http://anna:" MARK "nine@%s\r\n", parts[1]);
  redirect.headers = location;
  test_server_add (stage.server, "/begin", test_answer, &redirect);
  test_server_add (stage.server, "/gone", test_answer, &refusal);
  task = stage_start (&stage, "/begin", TASK_OPTIONS);
  client_wait_failed (stage.client, task, "Server", NULL);
  ask_all (&stage, task);

  client_call_refused (stage.client, "InvalidUrl", NULL, stage.session, "Session",
                       "CreateDownloadTask",
                       g_variant_new ("(sa{sv})", "http://a:" MARK "ten@127.0.0.1/", NULL));
  stage_refuse (&stage, "InvalidOption", "X-Token",
                "{'secret-headers': <{'X-Token': '" MARK "ele\\nven'}>}");
  stage_refuse (&stage, "InvalidOption", "Authorization",
                "{'headers': <{'Authorization': '" MARK "twelve'}>}");
  assert_not_told (&stage, ear);
}

/* They live in memory alone: after a crash only their owner has them. */
static void
test_after_crash (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autofree char *of_session = NULL;
  g_autofree char *of_task = NULL;
  g_autofree char *again = NULL;
  const char *wrong_header = "{'secret-headers': <{'X-Key': '" MARK "1'}>}";
  const char *all_headers = "{'secret-headers': <{'X-Key': '" MARK "2', 'X-Token': '" MARK "3'}>}";
  gboolean created;
  guint n;

  gate_init (&gate, 4, SIZE, SIZE / 2);
  stage_init (&stage, wrong_header);
  test_server_add (stage.server, "/file", gate_serve, &gate);
  of_session = stage_start (&stage, "/file", NULL);
  of_task = stage_start (&stage, "/file", "{'secret-headers': <{'X-Token': '" MARK "4'}>}");
  client_wait_received (stage.client, of_session, SIZE / 2);
  client_wait_received (stage.client, of_task, SIZE / 2);
  g_assert_cmpint (fixture_end_service (stage.fixture, SIGKILL), ==, 128 + SIGKILL);
  gate_open (&gate);

  again = stage_open (stage.client, "stage", NULL, &created);
  g_assert_false (created);
  client_wait_reason (stage.client, of_session, "credentials");
  client_wait_reason (stage.client, of_task, "credentials");
  n = test_server_get_n_requests (stage.server);
  g_assert_cmpuint (n, ==, 2);

  /* Half of what the second needs. */
  g_clear_pointer (&again, g_free);
  again = stage_open (stage.client, "stage", wrong_header, NULL);
  client_wait_state (stage.client, of_session, "finished");
  client_wait_reason (stage.client, of_task, "credentials");
  g_assert_cmpuint (test_server_get_n_requests (stage.server), ==, n + 1);

  g_clear_pointer (&again, g_free);
  again = stage_open (stage.client, "stage", all_headers, NULL);
  client_wait_state (stage.client, of_task, "finished");
  g_assert_cmpstr (stage_get_asked (&stage, n + 1, "X-Key"), ==, MARK "2");
  g_assert_cmpstr (stage_get_asked (&stage, n + 1, "X-Token"), ==, MARK "3");
}

/* A server that wants others says so; the owner gives them, and the task goes on. */
static void
refuse_the_old (TestExchange *x,
                gpointer      data)
{
  static const TestAnswer refusal = {
    .status = "401 Unauthorized", .headers = "WWW-Authenticate: Bearer\r\n", .body = "",
  };
  const char *token = test_request_get_header (x->request, "Authorization");

  if (g_strcmp0 (token, "Bearer new") == 0)
    test_answer (x, data);
  else
    test_answer (x, (gpointer) &refusal);
}

static void
test_renewed (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = 100 } };
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *again = NULL;

  stage_init (&stage, "{'secret-headers': <{'Authorization': 'Bearer old'}>}");
  test_server_add (stage.server, "/file", refuse_the_old, &answer);
  task = stage_start (&stage, "/file", NULL);
  client_wait_reason (stage.client, task, "credentials");
  g_assert_cmpuint (test_server_get_n_requests (stage.server), ==, 1);

  again = stage_open (stage.client, "stage",
                      "{'secret-headers': <{'Authorization': 'Bearer new'}>}", NULL);
  client_wait_state (stage.client, task, "finished");
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/secrets/never-told", test_never_told);
  g_test_add_func ("/secrets/never-told-by-errors", test_never_told_by_errors);
  g_test_add_func ("/secrets/after-a-crash", test_after_crash);
  g_test_add_func ("/secrets/renewed", test_renewed);
  return g_test_run ();
}
