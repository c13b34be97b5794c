/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the shells offer after “ferry”: each shell that is here is asked, with the real service. */
#define G_LOG_DOMAIN "test-cli-completion"

#include "config.h"

#include <signal.h>
#include <string.h>

#include "command.h"
#include "stage.h"

#define SIZE (256 * 1024)

/* @line ends with a word that may be empty, or have begun. Returns what is offered for it, a line
 * each. */
typedef char *(* Complete) (Fixture    *fixture,
                            const char *line);

static char *
run_shell (Fixture           *fixture,
           const char *const *argv)
{
  g_autoptr(Command) command = command_start (fixture, argv);

  g_assert_cmpint (command_wait (command), ==, 0);
  g_assert_cmpstr (command->errors, ==, "");
  return g_steal_pointer (&command->output);
}

static char *
find_script (const char *variable,
             const char *name)
{
  const char *folder = g_getenv (variable);

  g_assert_nonnull (folder);
  return g_build_filename (folder, name, NULL);
}

static char *
complete_bash (Fixture    *fixture,
               const char *line)
{
  g_autofree char *asking = g_test_build_filename (G_TEST_DIST, "integration", "complete.bash",
                                                   NULL);
  g_autofree char *script = find_script ("COMPLETION_FOLDER", "ferry.bash");
  g_auto(GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) argv = NULL;

  g_strv_builder_add_many (builder, "bash", asking, script, NULL);
  g_strv_builder_addv (builder, (const char **) words);
  argv = g_strv_builder_end (builder);
  return run_shell (fixture, (const char *const *) argv);
}

static char *
complete_fish (Fixture    *fixture,
               const char *line)
{
  g_autofree char *script = find_script ("COMPLETION_FOLDER", "ferry.fish");
  const char *const argv[] = {
    "fish", "--no-config", "-c", "source $argv[1]; complete -C $argv[2]", script, line, NULL,
  };

  return run_shell (fixture, argv);
}

static char *
complete_zsh (Fixture    *fixture,
              const char *line)
{
  g_autofree char *asking = g_test_build_filename (G_TEST_DIST, "integration", "complete.zsh",
                                                   NULL);
  const char *const argv[] = {
    "zsh", "-f", asking, g_getenv ("COMPLETION_FOLDER"), line, NULL,
  };

  return run_shell (fixture, argv);
}

static const struct
{
  const char *name;
  Complete    complete;
  const char *described;  /* how a number is shown that can be paused */
} shells[] = {
  { "bash", complete_bash, "\n3  (running: file.bin)\n" },
  { "fish", complete_fish, "\n3\trunning: file.bin\n" },
  { "zsh", complete_zsh, "3\t3  -- running: file.bin\n" },
};

static int
compare_texts (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* What is inserted, sorted, without the slash after a folder, which readline puts there for bash;
 * descriptions, which come after a tab or two spaces, are left out. */
static char *
list_offers (const char *text)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr(GPtrArray) offers = g_ptr_array_new ();

  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *description = strstr (lines[i], "  (");

      lines[i][strcspn (lines[i], "\t")] = '\0';
      if (description != NULL)
        *description = '\0';
      if (g_str_has_suffix (lines[i], "/"))
        lines[i][strlen (lines[i]) - 1] = '\0';
      if (*lines[i] != '\0')
        g_ptr_array_add (offers, lines[i]);
    }

  g_ptr_array_sort (offers, compare_texts);
  g_ptr_array_add (offers, NULL);
  return g_strjoinv (" ", (char **) offers->pdata);
}

/* That @offers, sorted, are all that there is. */
static void
assert_offers (Fixture    *fixture,
               guint       shell,
               const char *line,
               const char *offers)
{
  g_autofree char *text = shells[shell].complete (fixture, line);
  g_autofree char *came = list_offers (text);

  if (strcmp (came, offers) != 0)
    g_error ("%s offers after “%s”:\n%s\nnot:\n%s", shells[shell].name, line, came, offers);
}

/* A finished, a failed, a running, a waiting and a suspended one: 1 to 5. */
static void
make_tasks (Stage *stage,
            Gate  *gate)
{
  g_autofree char *finished = NULL;
  g_autofree char *failed = NULL;
  g_autofree char *running = NULL;
  g_autofree char *waiting = NULL;
  g_autofree char *suspended = NULL;

  test_server_add (stage->server, "/file.bin", gate_serve, gate);
  gate_let_one (gate);
  finished = stage_start (stage, "/file.bin", NULL);
  client_wait_state (stage->client, finished, "finished");
  failed = stage_start (stage, "/none.bin", NULL);
  client_wait_state (stage->client, failed, "failed");
  running = stage_start (stage, "/file.bin", NULL);
  client_wait_received (stage->client, running, SIZE / 2);
  waiting = stage_start (stage, "/file.bin", "{'not-before': <int64 32503680000000000>}");
  client_wait_reason (stage->client, waiting, "not-yet");
  suspended = stage_create (stage, "/file.bin", NULL);
  client_assert_string (stage->client, suspended, "State", "suspended");
}

static void
assert_all_offers (Fixture *fixture,
                   guint    shell)
{
  static const struct
  {
    const char *line;
    const char *offers;
  } rows[] = {
    { "ferry p", "pause probe" },
    { "ferry help w", "watch" },
    { "ferry pause ", "3 4 all running waiting" },
    { "ferry pause 3", "3" },
    { "ferry resume ", "2 4 5 all failed suspended waiting" },
    { "ferry cancel ", "2 3 4 5 all failed running suspended waiting" },
    { "ferry remove --delete-files ",
      "1 2 3 4 5 all cancelled failed finished running suspended waiting" },
    { "ferry show ", "1 2 3 4 5 all cancelled failed finished running suspended waiting" },
    { "ferry watch ", "3 4 5 all running suspended waiting" },
    { "ferry limit ", "10M 1M 2M 500K 5M none" },
    { "ferry limit 1M ", "2 3 4 5 all failed running suspended waiting" },
    { "ferry list --st", "--state" },
    { "ferry list --state f", "failed finished" },
    { "ferry get --priority ", "high low normal" },
    { "ferry remove --d", "--delete-files" },
    { "ferry get -d fold", "folder" },
    { "ferry add -i file", "file.bin file.bin.part" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_offers (fixture, shell, rows[i].line, rows[i].offers);
}

/* For a choice among numbers there are states and names. */
static void
assert_described (Fixture *fixture,
                  guint    shell)
{
  g_autofree char *text = shells[shell].complete (fixture, "ferry pause ");

  if (strstr (text, shells[shell].described) == NULL)
    g_error ("“%s” is not in:\n%s", shells[shell].described, text);
}

static void
test_shell (gconstpointer data)
{
  guint shell = GPOINTER_TO_UINT (data);
  g_autofree char *program = g_find_program_in_path (shells[shell].name);
  g_auto(Stage) stage = { NULL };
  g_auto(Gate) gate = { 0 };
  g_autofree char *folder = NULL;

  if (program == NULL)
    {
      g_test_skip ("it is not here");
      return;
    }

  stage_init (&stage, "{'notify': <'none'>}");
  gate_init (&gate, 21, SIZE, SIZE / 2);
  make_tasks (&stage, &gate);
  folder = fixture_get_path (stage.fixture, "folder");
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  assert_all_offers (stage.fixture, shell);
  assert_described (stage.fixture, shell);

  /* It is started for this, too. */
  g_assert_cmpint (fixture_end_service (stage.fixture, SIGKILL), ==, 128 + SIGKILL);
  assert_offers (stage.fixture, shell, "ferry resume 5", "5");

  gate_open (&gate);
  stage_clear (&stage);
}

/* Where there is no service, words and nothing else are offered, without a complaint. */
static void
test_no_service (gconstpointer data)
{
  guint shell = GPOINTER_TO_UINT (data);
  g_autofree char *program = g_find_program_in_path (shells[shell].name);
  g_autoptr(Fixture) fixture = NULL;

  if (program == NULL)
    {
      g_test_skip ("it is not here");
      return;
    }

  fixture = fixture_new (FIXTURE_STRICT);
  fixture_set_environment (fixture, "wrapper", "false");
  assert_offers (fixture, shell, "ferry pause ", "all running waiting");
  assert_offers (fixture, shell, "ferry set-url ", "");
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (shells); i++)
    {
      g_autofree char *path = g_strconcat ("/integration/cli-completion/", shells[i].name, NULL);
      g_autofree char *none = g_strconcat (path, "-no-service", NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_shell);
      g_test_add_data_func (none, GUINT_TO_POINTER (i), test_no_service);
    }
  return g_test_run ();
}
