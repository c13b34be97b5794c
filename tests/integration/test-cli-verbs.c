/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verbs of the terminal that act, with the real service. */
#define G_LOG_DOMAIN "test-cli-verbs"

#include "config.h"

#include <string.h>

#include "cli-scene.h"

/* @states: of the tasks, in order, by spaces */
static void
assert_states (Scene      *self,
               const char *states)
{
  g_auto(GStrv) words = g_strsplit (states, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    client_assert_string (self->stage.client, self->tasks[i], "State", words[i]);
}

static void
finish (Scene *self,
        guint  index)
{
  gate_let_one (&self->gate);
  client_tell (self->stage.client, self->tasks[index], "Resume");
  client_wait_state (self->stage.client, self->tasks[index], "finished");
}

/* Each verb, from the state that it is for. */
static void
test_acts (void)
{
  g_auto(Scene) scene = { 0 };

  scene_init (&scene);
  scene_expect (&scene, "ferry resume 1 #2", 0, "#1 resumed: a.bin\n#2 resumed: b.bin\n", "");
  client_wait_received (scene.stage.client, scene.tasks[0], SCENE_SIZE / 2);
  client_wait_received (scene.stage.client, scene.tasks[1], SCENE_SIZE / 2);

  scene_expect (&scene, "ferry pause 2 1", 0, "#2 paused: b.bin\n#1 paused: a.bin\n", "");
  assert_states (&scene, "suspended suspended suspended");

  scene_expect (&scene, "ferry cancel 1-2", 0, "#1 cancelled: a.bin\n#2 cancelled: b.bin\n", "");
  assert_states (&scene, "cancelled cancelled suspended");
  fixture_assert_files (scene.stage.fixture, NULL);

  scene_expect (&scene, "ferry remove 2 3 2", 0, "#2 removed: b.bin\n#3 removed: c.bin\n", "");
  client_call_refused (scene.stage.client, "NotFound", "", scene.tasks[1], "Task", "Suspend",
                       NULL);
  assert_states (&scene, "cancelled");
}

/* What cannot be done is said, with what to do, and the rest is done. */
static void
test_refusals (void)
{
  g_auto(Scene) scene = { 0 };

  scene_init (&scene);
  finish (&scene, 0);
  scene_expect (&scene, "ferry pause 1 2 99 3", 1, "#2 paused: b.bin\n#3 paused: c.bin\n",
                "ferry pause: #1 (a.bin) is finished already\n"
                "ferry pause: #99 does not exist; “ferry list” shows the transfers\n");
  scene_expect (&scene, "ferry resume 1", 1, "", "ferry resume: #1 (a.bin) is finished already\n");
  scene_expect (&scene, "ferry cancel 1", 1, "",
                "ferry cancel: #1 (a.bin) is finished already; “ferry remove --delete-files”"
                " deletes the file\n");
  scene_expect (&scene, "ferry set-url 1 http://127.0.0.1:9/x", 1, "",
                "ferry set-url: #1 (a.bin) is finished already\n");
  scene_expect (&scene, "ferry cancel 2", 0, "#2 cancelled: b.bin\n", "");
  scene_expect (&scene, "ferry resume 2", 1, "",
                "ferry resume: #2 (b.bin) was cancelled; “ferry get” downloads it anew\n");
  scene_expect (&scene, "ferry pause cancelled", 1, "",
                "ferry pause: #2 (b.bin) was cancelled already\n");
  scene_expect (&scene, "ferry remove 50-60", 1, "",
                "ferry remove: #50 does not exist; “ferry list” shows the transfers\n"
                "ferry remove: #60 does not exist; “ferry list” shows the transfers\n");
  assert_states (&scene, "finished cancelled suspended");
}

/* What “all” is, and a state; of a word the newest is the first. */
static void
test_words (void)
{
  g_auto(Scene) scene = { 0 };

  scene_init (&scene);
  scene_expect (&scene, "ferry pause all", 0, "There is nothing to pause.\n", "");
  scene_expect (&scene, "ferry remove all", 0, "There is nothing to remove.\n", "");
  scene_expect (&scene, "ferry resume failed", 0, "There is nothing to resume.\n", "");

  finish (&scene, 0);
  scene_expect (&scene, "ferry resume all", 0, "#3 resumed: c.bin\n#2 resumed: b.bin\n", "");
  client_wait_received (scene.stage.client, scene.tasks[1], SCENE_SIZE / 2);
  client_wait_received (scene.stage.client, scene.tasks[2], SCENE_SIZE / 2);
  scene_expect (&scene, "ferry pause running", 0, "#3 paused: c.bin\n#2 paused: b.bin\n", "");
  scene_expect (&scene, "ferry resume 2", 0, "#2 resumed: b.bin\n", "");
  scene_expect (&scene, "ferry pause all", 0, "#2 paused: b.bin\n", "");
  scene_expect (&scene, "ferry cancel 3", 0, "#3 cancelled: c.bin\n", "");
  assert_states (&scene, "finished suspended cancelled");

  scene_expect (&scene, "ferry remove all", 0, "#3 removed: c.bin\n#1 removed: a.bin\n", "");
  scene_expect (&scene, "ferry cancel 2 all", 0, "#2 cancelled: b.bin\n", "");
  fixture_assert_files (scene.stage.fixture, "a.bin", NULL);
  scene_expect (&scene, "ferry remove cancelled", 0, "#2 removed: b.bin\n", "");
  scene_expect (&scene, "ferry remove 1-3", 1, "",
                "ferry remove: #1 does not exist; “ferry list” shows the transfers\n"
                "ferry remove: #3 does not exist; “ferry list” shows the transfers\n");
}

/* One that failed is tried again, and “remove all” spares what is not over. */
static void
test_failed (void)
{
  g_auto(Scene) scene = { 0 };
  const TestAnswer answer = { .content = { 12, SCENE_SIZE } };
  g_autofree char *task = NULL;

  scene_init (&scene);
  task = stage_start (&scene.stage, "/none.bin", NULL);
  client_wait_failed (scene.stage.client, task, "Server", NULL);
  scene_expect (&scene, "ferry pause failed", 1, "",
                "ferry pause: #4 (none.bin) has failed already; “ferry resume” tries it again\n");
  scene_expect (&scene, "ferry cancel all", 0,
                "#3 cancelled: c.bin\n#2 cancelled: b.bin\n#1 cancelled: a.bin\n", "");
  client_assert_string (scene.stage.client, task, "State", "failed");

  test_server_add (scene.stage.server, "/none.bin", test_answer, (gpointer) &answer);
  scene_expect (&scene, "ferry resume failed", 0, "#4 resumed: none.bin\n", "");
  client_wait_state (scene.stage.client, task, "finished");
}

static void
test_delete_files (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *path = NULL;

  scene_init (&scene);
  finish (&scene, 0);
  finish (&scene, 1);
  fixture_assert_files (scene.stage.fixture, "a.bin", "b.bin", NULL);
  scene_expect (&scene, "ferry remove --delete-files 1 3", 0,
                "#1 removed with its file: a.bin\n#3 removed: c.bin\n", "");
  fixture_assert_files (scene.stage.fixture, "b.bin", NULL);

  path = fixture_get_path (scene.stage.fixture, "b.bin");
  g_assert_true (g_file_set_contents (path, "mine", -1, NULL));
  scene_expect (&scene, "ferry remove 2 --delete-files", 0,
                "#2 removed, but not its file, which has changed since: b.bin\n", "");
  fixture_assert_files (scene.stage.fixture, "b.bin", NULL);
}

static void
test_set_url (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *line = NULL;
  g_autofree char *url = NULL;

  scene_init (&scene);
  url = test_server_get_url (scene.stage.server, "/c.bin");
  line = g_strdup_printf ("ferry set-url #1 %s", url);
  client_tell (scene.stage.client, scene.tasks[0], "Resume");
  client_wait_received (scene.stage.client, scene.tasks[0], SCENE_SIZE / 2);
  scene_expect (&scene, line, 1, "",
                "ferry set-url: #1 (a.bin) is running; stop it first with “ferry pause”\n");
  scene_expect (&scene, "ferry pause 1", 0, NULL, "");
  scene_expect (&scene, line, 0, "#1 has the new address: a.bin\n", "");
  client_assert_string (scene.stage.client, scene.tasks[0], "Url", url);
  scene_expect (&scene, "ferry set-url 99 http://127.0.0.1:9/x", 1, "",
                "ferry set-url: #99 does not exist; “ferry list” shows the transfers\n");
}

static void
test_limit (void)
{
  g_auto(Scene) scene = { 0 };
  Client *client;

  scene_init (&scene);
  client = scene.stage.client;
  scene_expect (&scene, "ferry limit", 0,
                "All downloads together: not limited\nAll uploads together: not limited\n", "");
  scene_expect (&scene, "ferry limit 1.5MB/s", 0, "All downloads together: limited to 1.5 MB/s\n",
                "");
  stage_assert (client, MANAGER_PATH, "Manager", "DownloadLimit", "uint64 1500000");
  scene_expect (&scene, "ferry limit --upload 2Ki", 0,
                "All uploads together: limited to 2.0 kB/s\n", "");
  stage_assert (client, MANAGER_PATH, "Manager", "UploadLimit", "uint64 2048");
  scene_expect (&scene, "ferry limit", 0,
                "All downloads together: limited to 1.5 MB/s\n"
                "All uploads together: limited to 2.0 kB/s\n", "");
  scene_expect (&scene, "ferry limit none", 0, "All downloads together: not limited\n", "");
  stage_assert (client, MANAGER_PATH, "Manager", "DownloadLimit", "uint64 0");

  scene_expect (&scene, "ferry limit 500K 1 3", 0,
                "#1 limited to 500.0 kB/s: a.bin\n#3 limited to 500.0 kB/s: c.bin\n", "");
  stage_assert (client, scene.tasks[0], "Task", "DownloadLimit", "uint64 500000");
  stage_assert (client, scene.tasks[1], "Task", "DownloadLimit", "uint64 0");
  scene_expect (&scene, "ferry limit none all 99", 1,
                "#3 not limited: c.bin\n#2 not limited: b.bin\n#1 not limited: a.bin\n",
                "ferry limit: #99 does not exist; “ferry list” shows the transfers\n");
  stage_assert (client, scene.tasks[0], "Task", "DownloadLimit", "uint64 0");
}

/* More than are in flight at once, each answered once, in order. */
static void
test_many (void)
{
  const guint n = 200;
  g_auto(Stage) stage = { NULL };
  g_autoptr(GString) output = g_string_new (NULL);

  stage_init (&stage, "{'notify': <'none'>}");
  for (guint i = 1; i <= n; i++)
    {
      g_autofree char *path = stage_create (&stage, "/x.bin", NULL);

      g_assert_nonnull (path);
      g_string_append_printf (output, "#%u cancelled: x.bin\n", i);
    }

  command_expect (stage.fixture, "ferry cancel 1-200", 0, output->str, "");
  command_expect (stage.fixture, "ferry remove all", 0, NULL, "");
  command_expect (stage.fixture, "ferry remove all", 0, "There is nothing to remove.\n", "");
}

/* A service that cannot be started is told once, whatever the number of tasks. */
static void
test_no_service (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  static const char *const lines[] = {
    "ferry pause 1 2 3", "ferry resume all", "ferry cancel failed", "ferry remove 1-3",
    "ferry set-url 1 http://127.0.0.1:9/x", "ferry limit", "ferry limit 1M", "ferry limit 1M 1",
  };

  fixture_set_environment (fixture, "wrapper", "false");
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      const char *const argv[] = { "sh", "-c", lines[i], NULL };
      g_autoptr(Command) command = command_start (fixture, argv);

      g_assert_cmpint (command_wait (command), ==, 3);
      g_assert_cmpstr (command->output, ==, "");
      g_assert_nonnull (strstr (command->errors, ": the transfer service cannot be started ("));
      g_assert_cmpuint (strlen (strchr (command->errors, '\n')), ==, 1);
      g_assert_cmpint (fixture_wait_end (fixture), !=, 0);
    }
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/integration/cli-verbs/acts", test_acts);
  g_test_add_func ("/integration/cli-verbs/refusals", test_refusals);
  g_test_add_func ("/integration/cli-verbs/words", test_words);
  g_test_add_func ("/integration/cli-verbs/failed", test_failed);
  g_test_add_func ("/integration/cli-verbs/delete-files", test_delete_files);
  g_test_add_func ("/integration/cli-verbs/set-url", test_set_url);
  g_test_add_func ("/integration/cli-verbs/limit", test_limit);
  g_test_add_func ("/integration/cli-verbs/many", test_many);
  g_test_add_func ("/integration/cli-verbs/no-service", test_no_service);
  return g_test_run ();
}
