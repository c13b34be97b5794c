/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “ferry watch --json”, with the real service. Tasks have the numbers 1, 2, 3 …, in the order in
 * which they are made. */
#define G_LOG_DOMAIN "test-cli-watch-json"

#include "config.h"

#include <signal.h>
#include <string.h>

#include "halves.h"
#include "printed.h"
#include "task-json.h"

/* What killing the service ends it with. */
#define KILLED (128 + SIGKILL)

#define LOST "ferry watch: the transfer service has ended; asking for it again\n"
#define BACK "ferry watch: the transfer service is back\n"

static Program *
start (Halves            *scene,
       const char *const *arguments)
{
  return printed_start (scene->stage.fixture, arguments);
}

static JsonObject *
parse_line (const char  *line,
            JsonNode   **root)
{
  static const char *const keys[] = { "schema", "event", "task", NULL };

  *root = task_json_parse (line);
  task_json_assert_keys (json_node_get_object (*root), keys);
  return json_object_get_object_member (json_node_get_object (*root), "task");
}

/* A line for each change, none of them twice; the last is what the bus says. */
static void
test_chosen (void)
{
  g_auto(Halves) scene = { 0 };
  g_autofree char *task = NULL;
  g_autoptr(Program) program = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(JsonNode) first = NULL;
  g_autoptr(JsonNode) last = NULL;
  JsonObject *object;
  guint n_lines;

  halves_init (&scene);
  task = halves_start (&scene, NULL);
  program = start (&scene, ARGUMENTS ("watch", "--json", "1"));
  program_wait_for (program, program->output, "\n");
  gate_open (&scene.gate);
  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpstr (program->errors->str, ==, "");

  lines = g_strsplit (program->output->str, "\n", -1);
  n_lines = g_strv_length (lines) - 1;
  g_assert_cmpstr (lines[n_lines], ==, "");
  g_assert_cmpuint (n_lines, >=, 2);
  for (guint i = 0; i < n_lines; i++)
    {
      g_autoptr(JsonNode) root = NULL;

      object = parse_line (lines[i], &root);
      g_assert_cmpint (json_object_get_int_member (object, "number"), ==, 1);
      g_assert_cmpstr (json_object_get_string_member (json_node_get_object (root), "event"), ==,
                       i == 0 ? "present" : "changed");
      g_assert_true (i == 0 || strcmp (lines[i], lines[i - 1]) != 0);
    }

  object = parse_line (lines[0], &first);
  g_assert_cmpstr (json_object_get_string_member (object, "state"), ==, "running");
  g_assert_cmpint (json_object_get_int_member (object, "bytes-received"), ==,
                   HALVES_SIZE / 2);
  object = parse_line (lines[n_lines - 1], &last);
  task_json_assert (object, scene.stage.client, task, FALSE);
}

/* New ones, and those that go; the reader goes, too. */
static void
test_endless (void)
{
  g_auto(Halves) scene = { 0 };
  g_autofree char *old = NULL;
  g_autofree char *new = NULL;
  g_autoptr(Program) program = NULL;

  halves_init (&scene);
  old = stage_create (&scene.stage, "/file", NULL);
  program = start (&scene, ARGUMENTS ("watch", "--json"));
  program_wait_for (program, program->output, "{\"schema\":1,\"event\":\"present\",\"task\":{"
                                              "\"number\":1,");
  new = stage_create (&scene.stage, "/file", NULL);
  program_wait_for (program, program->output, "{\"schema\":1,\"event\":\"added\",\"task\":{"
                                              "\"number\":2,");
  stage_call (scene.stage.client, old, "Task", "Remove", g_variant_new ("(b)", FALSE));
  program_wait_for (program, program->output, "{\"schema\":1,\"event\":\"removed\",\"task\":{"
                                              "\"number\":1,");
  program_signal (program, SIGINT);
  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpstr (program->errors->str, ==, "");
}

static void
ended_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      has_ended)
{
  g_assert_true (g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL));
  *(gboolean *) has_ended = TRUE;
}

static gboolean
is_true (Client        *client,
         gconstpointer  value)
{
  return *(const gboolean *) value;
}

/* The reader has seen enough, such as “head”: it ends at the next change. */
static void
test_reader_gone (void)
{
  g_auto(Halves) scene = { 0 };
  g_autofree char *task = NULL;
  g_autoptr(GSubprocess) process = NULL;
  g_autofree char *line = NULL;
  gboolean has_ended = FALSE;

  halves_init (&scene);
  task = stage_create (&scene.stage, "/file", NULL);
  g_assert_true (g_setenv ("DBUS_SESSION_BUS_ADDRESS", scene.stage.fixture->address, TRUE));
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL, g_getenv ("FERRY_PROGRAM"),
                              "watch", "--json", NULL);
  g_assert_nonnull (process);
  g_subprocess_wait_async (process, NULL, ended_cb, &has_ended);
  {
    g_autoptr(GDataInputStream) output = NULL;

    output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
    line = g_data_input_stream_read_line (output, NULL, NULL, NULL);
    g_assert_nonnull (line);
  }
  stage_set (scene.stage.client, task, "Task", "Priority", g_variant_new_double (1));
  client_wait (scene.stage.client, is_true, &has_ended, "the program ends");
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 1);
}

/* As JSON: what is told of the service stands beside the output. */
static void
test_killed (void)
{
  g_auto(Halves) scene = { 0 };
  g_autofree char *task = NULL;
  g_autoptr(Program) program = NULL;
  g_auto(GStrv) lines = NULL;
  g_autoptr(JsonNode) last = NULL;
  JsonObject *object;

  halves_init (&scene);
  task = halves_start (&scene, NULL);
  program = start (&scene, ARGUMENTS ("watch", "--json", "1"));
  program_wait_for (program, program->output, "\n");
  g_assert_cmpint (fixture_end_service (scene.stage.fixture, SIGKILL), ==, KILLED);
  program_wait_for (program, program->errors, BACK);
  gate_open (&scene.gate);
  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpstr (program->errors->str, ==, LOST BACK);
  lines = g_strsplit (program->output->str, "\n", -1);
  object = parse_line (lines[g_strv_length (lines) - 2], &last);
  task_json_assert (object, scene.stage.client, task, FALSE);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/cli-watch-json/chosen", test_chosen);
  g_test_add_func ("/cli-watch-json/endless", test_endless);
  g_test_add_func ("/cli-watch-json/reader-gone", test_reader_gone);
  g_test_add_func ("/cli-watch-json/killed", test_killed);
  return g_test_run ();
}
