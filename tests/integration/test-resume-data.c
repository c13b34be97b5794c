/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys of kept bytes: who gets one, what it is good for, and for how long. */
#define G_LOG_DOMAIN "test-resume-data"

#include "config.h"

#include <signal.h>
#include <string.h>

#include "stage.h"

#define SIZE (300 * 1000)
#define KEY_LENGTH 16

static GVariant *
get_key (Stage      *stage,
         const char *task,
         const char *method)
{
  g_autoptr(GVariant) answer = client_call (stage->client, task, "Task", method, NULL);

  return g_variant_get_child_value (answer, 0);
}

static void
assert_key_length (GVariant *key,
                   gsize     length)
{
  g_assert_cmpuint (g_variant_n_children (key), ==, length);
}

static GVariant *
join (GVariant   *key,
      const char *options)
{
  return g_variant_new ("(@ay@a{sv})", key, client_parse (options));
}

static char *
take_over (Stage      *stage,
           GVariant   *key,
           const char *options)
{
  g_autoptr(GVariant) answer = NULL;
  char *task;

  answer = client_call (stage->client, stage->session, "Session",
                        "CreateDownloadTaskWithResumeData", join (key, options));
  g_variant_get (answer, "(o)", &task);
  return task;
}

static void
refuse (Stage      *stage,
        const char *kind,
        const char *name,
        GVariant   *key,
        const char *options)
{
  client_call_refused (stage->client, kind, name, stage->session, "Session",
                       "CreateDownloadTaskWithResumeData", join (key, options));
}

/* A task that stopped at half of the file, and stands by itself. */
static char *
start_half (Stage      *stage,
            Gate       *gate,
            const char *options)
{
  char *task;

  gate_init (gate, 4, SIZE, SIZE / 2);
  test_server_add (stage->server, "/file", gate_serve, gate);
  task = stage_start (stage, "/file", options);
  client_wait_received (stage->client, task, SIZE / 2);
  return task;
}

static void
test_taken_over (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) key = NULL;
  g_autoptr(GVariant) same = NULL;
  g_autoptr(GVariant) gone = NULL;
  g_autofree char *old = NULL;
  g_autofree char *task = NULL;
  g_autofree char *path = NULL;

  stage_init (&stage, NULL);
  old = start_half (&stage, &gate, "{'priority': <0.75>, 'description': <'d'>, "
                                   "'secret-headers': <{'X-Key': 'k'}>}");
  key = get_key (&stage, old, "CancelByProducingResumeData");
  assert_key_length (key, KEY_LENGTH);
  client_assert_string (stage.client, old, "State", "cancelled");
  fixture_assert_files (stage.fixture, "file.part", NULL);
  same = get_key (&stage, old, "GetResumeData");
  g_assert_true (g_variant_equal (key, same));

  gate_open (&gate);
  task = take_over (&stage, key, "{'description': <'e'>}");
  client_assert_string (stage.client, task, "State", "suspended");
  client_assert_string (stage.client, task, "Description", "e");
  stage_assert (stage.client, task, "Task", "Priority", "0.75");
  g_assert_cmpint (client_get_number (stage.client, task, "BytesReceived"), ==, SIZE / 2);
  gone = get_key (&stage, old, "GetResumeData");
  assert_key_length (gone, 0);
  refuse (&stage, "InvalidOption", NULL, key, "{}");
  client_tell (stage.client, task, "Resume");
  client_wait_state (stage.client, task, "finished");
  g_assert_cmpstr (stage_get_asked (&stage, 1, "Range"), ==, "bytes=150000-");
  g_assert_cmpstr (stage_get_asked (&stage, 1, "X-Key"), ==, "k");
  path = fixture_get_path (stage.fixture, "file");
  gate_assert_file (&gate, path);
  fixture_assert_files (stage.fixture, "file", NULL);
}

/* A failed one has a key too, which is good for nothing while it runs. It survives a crash. */
static void
test_failed (void)
{
  g_auto(Gate) gate = { 0 };
  TestAnswer refusal = { .status = "400 Bad", .body = "" };
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) key = NULL;
  g_autoptr(GVariant) again = NULL;
  g_autofree char *url = NULL;
  g_autofree char *old = NULL;
  g_autofree char *task = NULL;

  stage_init (&stage, NULL);
  old = start_half (&stage, &gate, NULL);
  client_tell (stage.client, old, "Suspend");
  test_server_add (stage.server, "/bad", test_answer, &refusal);
  url = test_server_get_url (stage.server, "/bad");
  stage_call (stage.client, old, "Task", "SetUrl", g_variant_new ("(s)", url));
  client_tell (stage.client, old, "Resume");
  client_wait_failed (stage.client, old, "Server", "400");
  key = get_key (&stage, old, "GetResumeData");
  assert_key_length (key, KEY_LENGTH);
  refusal = (TestAnswer) { .status = "503 Busy", .headers = "Retry-After: 3600\r\n", .body = "" };
  client_tell (stage.client, old, "Resume");
  client_wait_reason (stage.client, old, "retry");
  refuse (&stage, "InvalidOption", NULL, key, "{}");
  refusal = (TestAnswer) { .status = "400 Bad", .body = "" };
  client_tell (stage.client, old, "Resume");
  client_wait_failed (stage.client, old, "Server", "400");
  again = get_key (&stage, old, "GetResumeData");
  assert_key_length (again, KEY_LENGTH);

  g_assert_cmpint (fixture_end_service (stage.fixture, SIGKILL), ==, 128 + SIGKILL);
  g_clear_pointer (&stage.session, g_free);
  stage.session = stage_open (stage.client, "stage", NULL, NULL);
  task = take_over (&stage, again, "{'start': <true>}");
  client_wait_failed (stage.client, task, "Server", "400");
  g_assert_cmpstr (stage_get_asked (&stage, 4, "Range"), ==, "bytes=150000-");
  gate_open (&gate);
}

/* Nothing that could be taken up. */
static void
test_empty (void)
{
  TestAnswer refusal = { .status = "404 Not Found", .body = "" };
  TestAnswer unproven = { .content = { .seed = 3, .size = SIZE }, .cut = SIZE / 2,
                          .end = TEST_END_STALL };
  g_auto(Stage) stage = { 0 };
  const char *const method = "CancelByProducingResumeData";
  g_autofree char *failed = NULL;
  g_autofree char *fresh = NULL;
  g_autofree char *running = NULL;
  g_autoptr(GVariant) of_failed = NULL;
  g_autoptr(GVariant) of_fresh = NULL;
  g_autoptr(GVariant) of_running = NULL;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/gone", test_answer, &refusal);
  test_server_add (stage.server, "/unproven", test_answer, &unproven);
  failed = stage_start (&stage, "/gone", NULL);
  client_wait_state (stage.client, failed, "failed");
  of_failed = get_key (&stage, failed, "GetResumeData");
  assert_key_length (of_failed, 0);
  fresh = stage_create (&stage, "/gone", NULL);
  of_fresh = get_key (&stage, fresh, method);
  assert_key_length (of_fresh, 0);
  client_assert_string (stage.client, fresh, "State", "cancelled");
  running = stage_start (&stage, "/unproven", NULL);
  client_wait_received (stage.client, running, SIZE / 2);
  of_running = get_key (&stage, running, method);
  assert_key_length (of_running, 0);
  fixture_assert_files (stage.fixture, NULL);
}

static void
test_states (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autofree char *running = NULL;
  g_autofree char *suspended = NULL;

  stage_init (&stage, NULL);
  running = start_half (&stage, &gate, NULL);
  suspended = stage_create (&stage, "/file", NULL);
  client_call_refused (stage.client, "WrongState", NULL, running, "Task", "GetResumeData", NULL);
  client_call_refused (stage.client, "WrongState", NULL, suspended, "Task", "GetResumeData", NULL);
  gate_open (&gate);
  client_wait_state (stage.client, running, "finished");
  client_call_refused (stage.client, "WrongState", NULL, running, "Task", "GetResumeData", NULL);
  client_call_refused (stage.client, "WrongState", NULL, running, "Task",
                       "CancelByProducingResumeData", NULL);
}

/* What is no key, or not for this app, or with options that do not fit. */
static void
test_refused (void)
{
  static const guint8 zeros[KEY_LENGTH + 1] = { 0 };
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) key = NULL;
  g_autofree char *old = NULL;
  g_autoptr(GVariant) next = NULL;
  g_autofree char *task = NULL;

  stage_init (&stage, NULL);
  old = start_half (&stage, &gate, NULL);
  key = get_key (&stage, old, "CancelByProducingResumeData");
  for (gsize n = 0; n <= sizeof zeros; n += n == 0 ? KEY_LENGTH - 1 : 1)
    refuse (&stage, "InvalidOption", NULL,
            g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, zeros, n, 1), "{}");
  refuse (&stage, "InvalidOption", "destination", key, "{'destination': <'/tmp'>}");
  refuse (&stage, "InvalidOption", "colour", key, "{'colour': <1>}");
  refuse (&stage, "InvalidOption", "priority", key, "{'priority': <2.0>}");

  g_clear_pointer (&stage.session, g_free);
  stage.session = stage_open (stage.client, "other", "{'app-id': <'org.example.Other'>}", NULL);
  refuse (&stage, "InvalidOption", NULL, key, "{}");

  /* Another session of the same app may. */
  g_clear_pointer (&stage.session, g_free);
  stage.session = stage_open (stage.client, "sister", NULL, NULL);
  task = take_over (&stage, key, "{}");
  stage_assert (stage.client, stage.session, "Session", "Suspended", "1");
  next = get_key (&stage, task, "CancelByProducingResumeData");
  g_assert_false (g_variant_equal (next, key));
  stage_tell (stage.client, stage.session, "Session", "FinishTasksAndInvalidate");
  refuse (&stage, "WrongState", NULL, next, "{}");
  client_call_refused (stage.client, "NotFound", NULL, MANAGER_PATH "/session/77", "Session",
                       "CreateDownloadTaskWithResumeData", join (key, "{}"));
  gate_open (&gate);
}

/* Of those who come at the same time one gets it. */
static void
test_at_once (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) key = NULL;
  g_autoptr(GPtrArray) answers = NULL;
  g_autofree char *old = NULL;
  guint n = 0;

  stage_init (&stage, NULL);
  old = start_half (&stage, &gate, NULL);
  key = get_key (&stage, old, "CancelByProducingResumeData");
  answers = stage_call_at_once (stage.client, 20, "WrongState InvalidOption", stage.session,
                                "Session", "CreateDownloadTaskWithResumeData", join (key, "{}"));
  for (guint i = 0; i < answers->len; i++)
    n += answers->pdata[i] != NULL;
  g_assert_cmpuint (n, ==, 1);
  stage_assert (stage.client, stage.session, "Session", "Suspended", "1");
  gate_open (&gate);
}

/* The part goes with the row, and nothing stands for it then. */
static void
test_removed (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) key = NULL;
  g_autofree char *old = NULL;

  stage_init (&stage, NULL);
  old = start_half (&stage, &gate, NULL);
  key = get_key (&stage, old, "CancelByProducingResumeData");
  stage_call (stage.client, old, "Task", "Remove", g_variant_new ("(b)", FALSE));
  fixture_assert_files (stage.fixture, NULL);
  refuse (&stage, "InvalidOption", NULL, key, "{}");
  gate_open (&gate);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/resume-data/taken-over", test_taken_over);
  g_test_add_func ("/resume-data/of-a-failed-one", test_failed);
  g_test_add_func ("/resume-data/empty", test_empty);
  g_test_add_func ("/resume-data/states", test_states);
  g_test_add_func ("/resume-data/refused", test_refused);
  g_test_add_func ("/resume-data/at-once", test_at_once);
  g_test_add_func ("/resume-data/removed", test_removed);
  return g_test_run ();
}
