/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “ferry list” and “ferry version”, with the real service. Tasks have the numbers 1, 2, 3 …, in the
 * order in which they are made. */
#define G_LOG_DOMAIN "test-cli-list"

#include "config.h"

#include <signal.h>
#include <string.h>

#include "printed.h"
#include "task-json.h"

#define SIZE 5000000

/* Wide characters, and an accent of its own: 23 columns. */
#define NAME "日本語日本語日本語e\xcc\x81.iso"

/* What killing the service ends it with. */
#define KILLED (128 + SIGKILL)

/* One of each: finished, failed, suspended, and one that waits. */
typedef struct
{
  Stage      stage;
  TestAnswer good;
  TestAnswer bad;
  char      *tasks[4];  /* owned */
} Scene;

static void
scene_init (Scene *self)
{
  self->good = (TestAnswer) { .content = { .seed = 5, .size = SIZE }, .etag = "\"v1\"" };
  self->bad = (TestAnswer) { .status = "404 Not Found", .body = "no" };
  stage_init (&self->stage, "{'notify': <'none'>}");
  test_server_add (self->stage.server, "/good", test_answer, &self->good);
  test_server_add (self->stage.server, "/bad.bin", test_answer, &self->bad);

  self->tasks[0] = stage_start (&self->stage, "/good", "{'filename': <'" NAME "'>}");
  client_wait_state (self->stage.client, self->tasks[0], "finished");
  self->tasks[1] = stage_start (&self->stage, "/bad.bin", NULL);
  client_wait_state (self->stage.client, self->tasks[1], "failed");
  self->tasks[2] = stage_create (&self->stage, "/good?key=1",
                                 "{'description': <'for\\u202ethe\\u0085show\\u001f\"'>,"
                                 " 'expected-size': <int64 1500>, 'priority': <0.25>}");
  self->tasks[3] = stage_start (&self->stage, "/later%20on.tar.gz",
                                "{'not-before': <int64 4102444800123456>,"
                                " 'download-limit': <uint64 2000>}");
  client_wait_reason (self->stage.client, self->tasks[3], "not-yet");
}

static void
scene_clear (Scene *self)
{
  stage_clear (&self->stage);
  for (guint i = 0; i < G_N_ELEMENTS (self->tasks); i++)
    g_clear_pointer (&self->tasks[i], g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

static const char golden[] =
  "4\twaiting\tnot-yet\t0\t-\tlater on.tar.gz\t-\n"
  "3\tsuspended\t-\t0\t1500\tgood\t-\n"
  "2\tfailed\tServer\t0\t-\tbad.bin\t-\n"
  "1\tfinished\t-\t5000000\t5000000\t" NAME "\tDOWNLOADS/" NAME "\n";

static void
test_script (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *all = NULL;
  g_autofree char *failed = NULL;
  g_autofree char *none = NULL;
  g_autofree char *said = NULL;

  scene_init (&scene);
  all = printed_run (scene.stage.fixture, 0, NULL, ARGUMENTS ("list"));
  printed_assert (&scene.stage, all, golden);

  failed = printed_run (scene.stage.fixture, 0, NULL, ARGUMENTS ("list", "--state", "failed"));
  g_assert_cmpstr (failed, ==, "2\tfailed\tServer\t0\t-\tbad.bin\t-\n");

  none = printed_run (scene.stage.fixture, 0, &said, ARGUMENTS ("list", "--state=running"));
  g_assert_cmpstr (none, ==, "");
  g_assert_cmpstr (said, ==, "There are no transfers that are running.\n");
}

/* The columns stand below each other, whatever the characters. */
static void
test_terminal (void)
{
  static const char *const environment[] = { "COLUMNS", "40", NULL };
  g_auto(Scene) scene = { 0 };
  g_autofree char *narrow = NULL;
  g_autofree char *wide = NULL;
  g_autoptr(Program) coloured = NULL;

  scene_init (&scene);
  narrow = printed_run_at (scene.stage.fixture, 0, 40, ARGUMENTS ("list"));
  g_assert_cmpstr (narrow, ==,
                   "#  State                 Name\n"
                   "4  it is to begi…        later on.tar.gz\n"
                   "3  suspended         0%  good\n"
                   "2  failed: the s…        bad.bin\n"
                   "1  finished        100%  日本語…語e.iso\n");

  wide = printed_run_at (scene.stage.fixture, 0, 200, ARGUMENTS ("list"));
  g_assert_cmpstr (wide, ==,
                   "#  State                                 Size  Name\n"
                   "4  it is to begin in > 300 d                   later on.tar.gz\n"
                   "3  suspended                     0%    1.5 kB  good\n"
                   "2  failed: the server refused                  bad.bin\n"
                   "1  finished                    100%    5.0 MB  日本語日本語日本語e.iso\n");

  coloured = program_new_at (200, 24, ARGUMENTS ("list"), environment);
  g_assert_cmpint (program_wait (coloured), ==, 0);
  program_wait_for_screen (coloured, 200, narrow);
  g_assert_nonnull (strstr (coloured->output->str, "\033[32mfinished\033[0m "));
}

static void
assert_json (Scene      *scene,
             const char *text)
{
  g_autoptr(JsonNode) root = task_json_parse (text);
  JsonArray *tasks = task_json_get_tasks (root);

  g_assert_cmpuint (json_array_get_length (tasks), ==, G_N_ELEMENTS (scene->tasks));
  for (guint i = 0; i < G_N_ELEMENTS (scene->tasks); i++)
    task_json_assert (json_array_get_object_element (tasks, G_N_ELEMENTS (scene->tasks) - 1 - i),
                      scene->stage.client, scene->tasks[i], FALSE);
}

/* All of it, against what the bus says. */
static void
test_json (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *all = NULL;
  g_autofree char *none = NULL;
  g_autoptr(JsonNode) empty = NULL;

  scene_init (&scene);
  all = printed_run (scene.stage.fixture, 0, NULL, ARGUMENTS ("list", "--json"));
  assert_json (&scene, all);

  /* What would act on a terminal is escaped, the rest is as it is. */
  g_assert_nonnull (strstr (all, "\"for\\u202ethe\\u0085show\\u001f\\\"\""));
  g_assert_nonnull (strstr (all, "\"file-name\" : \"" NAME "\""));
  g_assert_nonnull (strstr (all, "\"not-before\" : \"2100-01-01T00:00:00.123456Z\""));

  none = printed_run (scene.stage.fixture, 0, NULL,
                      ARGUMENTS ("list", "--json", "--state=running"));
  empty = task_json_parse (none);
  g_assert_cmpuint (json_array_get_length (task_json_get_tasks (empty)), ==, 0);
}

/* In whatever locale: JSON is UTF-8. */
static void
test_locale (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *json = NULL;
  g_autofree char *text = NULL;

  scene_init (&scene);
  g_assert_true (g_setenv ("LC_ALL", "C", TRUE));
  json = printed_run (scene.stage.fixture, 0, NULL, ARGUMENTS ("list", "--json"));
  text = printed_run (scene.stage.fixture, 0, NULL, ARGUMENTS ("list", "--state=finished"));
  g_assert_true (g_setenv ("LC_ALL", "C.UTF-8", TRUE));
  assert_json (&scene, json);
  g_assert_true (g_str_is_ascii (text));
}

/* A page of the bus has 1000. */
static void
test_many (void)
{
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) answer = NULL;
  g_autofree char *text = NULL;
  GVariantBuilder downloads;

  stage_init (&stage, "{'notify': <'none'>}");
  g_variant_builder_init (&downloads, G_VARIANT_TYPE ("a(sa{sv})"));
  for (guint i = 0; i < 2500; i++)
    g_variant_builder_add (&downloads, "(sa{sv})", "http://127.0.0.1/x", NULL);
  answer = client_call (stage.client, stage.session, "Session", "CreateDownloadTasks",
                        g_variant_new ("(a(sa{sv}))", &downloads));
  text = printed_run (stage.fixture, 0, NULL, ARGUMENTS ("list"));
  for (guint i = 2500; i > 0; i--)
    {
      g_autofree char *line = g_strdup_printf ("%u\tsuspended\t-\t0\t-\tx\t-\n", i);

      g_assert_true (g_str_has_prefix (text, line));
      memmove (text, text + strlen (line), strlen (text + strlen (line)) + 1);
    }
  g_assert_cmpstr (text, ==, "");
}

/* A service that has just begun may not have looked at what waits yet. */
static void
assert_after_start (Scene      *scene,
                    const char *text)
{
  g_autoptr(GString) settled = g_string_new (text);

  (void) g_string_replace (settled, "waiting\tqueue", "waiting\tnot-yet", 0);
  printed_assert (&scene->stage, settled->str, golden);
}

static void
test_killed (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *script = NULL;
  g_autofree char *json = NULL;
  g_autoptr(JsonNode) root = NULL;
  JsonArray *tasks;

  scene_init (&scene);
  g_assert_cmpint (fixture_end_service (scene.stage.fixture, SIGKILL), ==, KILLED);
  script = printed_run (scene.stage.fixture, 0, NULL, ARGUMENTS ("list"));
  assert_after_start (&scene, script);

  g_assert_cmpint (fixture_end_service (scene.stage.fixture, SIGKILL), ==, KILLED);
  json = printed_run (scene.stage.fixture, 0, NULL,
                      ARGUMENTS ("list", "--json", "--state=finished"));
  root = task_json_parse (json);
  tasks = task_json_get_tasks (root);
  g_assert_cmpuint (json_array_get_length (tasks), ==, 1);
  task_json_assert (json_array_get_object_element (tasks, 0), scene.stage.client, scene.tasks[0],
                    FALSE);
}

/* It is asked, does not answer, and ends: the next one does. */
static void
test_killed_while_asked (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(Program) program = NULL;
  guint32 pid;

  scene_init (&scene);
  pid = fixture_get_pid (scene.stage.fixture);
  g_assert_no_errno (kill ((pid_t) pid, SIGSTOP));
  program = printed_start (scene.stage.fixture, ARGUMENTS ("list"));
  client_pass_time (scene.stage.client, 300);
  g_assert_cmpint (fixture_end_service (scene.stage.fixture, SIGKILL), ==, KILLED);
  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpstr (program->errors->str, ==, "");
  assert_after_start (&scene, program->output->str);
}

static void
test_version (void)
{
  g_auto(Stage) stage = { 0 };
  g_autofree char *text = NULL;
  g_autofree char *extra = NULL;
  g_autofree char *said = NULL;

  stage_init (&stage, NULL);
  g_assert_cmpint (fixture_end_service (stage.fixture, SIGKILL), ==, KILLED);
  text = printed_run (stage.fixture, 0, NULL, ARGUMENTS ("version"));
  g_assert_cmpstr (text, ==,
                   "ferry " FERRY_VERSION "\n"
                   "transfer service: interface 1\n"
                   "capabilities: download, probe, resume-data, secret-headers, events, limits\n");

  extra = printed_run (stage.fixture, 2, &said, ARGUMENTS ("version", "x"));
  g_assert_cmpstr (extra, ==, "");
  printed_assert_alone ("ferry " FERRY_VERSION "\n", ARGUMENTS ("version"));
}

static void
test_usage (void)
{
  static const struct
  {
    const char *arguments[4];
    const char *said;
  } rows[] = {
    { { "list", "--state", "going" }, "STATE is suspended, waiting, running, finished, failed or" },
    { { "list", "--state" }, "the option --state needs a value" },
    { { "list", "7" }, "it takes options only" },
    { { "list", "--jsno" }, "unknown option “--jsno”" },
  };
  g_auto(Stage) stage = { 0 };
  g_autofree char *help = NULL;

  stage_init (&stage, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *said = NULL;
      g_autofree char *text = printed_run (stage.fixture, 2, &said, rows[i].arguments);

      g_assert_cmpstr (text, ==, "");
      g_assert_nonnull (strstr (said, rows[i].said));
      g_assert_nonnull (strstr (said, "“ferry list --help” tells how to use it"));
    }

  help = printed_run (stage.fixture, 0, NULL, ARGUMENTS ("list", "--help"));
  g_assert_true (g_str_has_prefix (help, "Usage: ferry list"));
}

/* There is no bus; there is one, and the service does not start. */
static void
test_no_service (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *text = NULL;
  g_autofree char *said = NULL;

  printed_assert_alone ("", ARGUMENTS ("list"));
  printed_assert_alone ("", ARGUMENTS ("list", "--json"));

  fixture_set_environment (fixture, "wrapper", "false");
  text = printed_run (fixture, 3, &said, ARGUMENTS ("list"));
  g_assert_cmpstr (text, ==, "");
  g_assert_nonnull (strstr (said, "the transfer service cannot be started"));
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/cli-list/script", test_script);
  g_test_add_func ("/cli-list/terminal", test_terminal);
  g_test_add_func ("/cli-list/json", test_json);
  g_test_add_func ("/cli-list/locale", test_locale);
  g_test_add_func ("/cli-list/many", test_many);
  g_test_add_func ("/cli-list/killed", test_killed);
  g_test_add_func ("/cli-list/killed-while-asked", test_killed_while_asked);
  g_test_add_func ("/cli-list/version", test_version);
  g_test_add_func ("/cli-list/usage", test_usage);
  g_test_add_func ("/cli-list/no-service", test_no_service);
  return g_test_run ();
}
