/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “ferry watch”, with the real service. Tasks have the numbers 1, 2, 3 …, in the order in which
 * they are made. */
#define G_LOG_DOMAIN "test-cli-watch"

#include "config.h"

#include <signal.h>
#include <string.h>

#include "halves.h"
#include "printed.h"

#define NAME "日本語.iso"

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

/* Several at once: it ends with the last of them. */
static void
test_chosen (void)
{
  g_auto(Halves) scene = { 0 };
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;
  g_autoptr(Program) program = NULL;

  halves_init (&scene);
  first = halves_start (&scene, "{'filename': <'" NAME "'>}");
  second = halves_start (&scene, NULL);
  third = stage_create (&scene.stage, "/file", NULL);
  program = start (&scene, ARGUMENTS ("watch", "1", "2"));
  program_wait_for (program, program->output, "#1 50%: " NAME ", 1.0 MB of 2.0 MB");
  program_wait_for (program, program->output, "#2 50%: file, 1.0 MB of 2.0 MB");
  gate_let_one (&scene.gate);
  program_wait_for (program, program->output, " finished: ");
  g_assert_false (program->exited);
  gate_open (&scene.gate);
  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpstr (program->errors->str, ==, "");
  g_assert_nonnull (strstr (program->output->str, "#1 finished: "));
  g_assert_nonnull (strstr (program->output->str, "/" NAME " (2.0 MB)\n"));
  g_assert_nonnull (strstr (program->output->str, "#2 finished: "));
  g_assert_null (strstr (program->output->str, "#3"));
}

/* Those that are over are told at once, with what is known of them; “all” is what is not over. */
static void
test_over (void)
{
  g_auto(Halves) scene = { 0 };
  g_autofree char *finished = NULL;
  g_autofree char *failed = NULL;
  g_autofree char *first = NULL;
  g_autofree char *both = NULL;
  g_autofree char *said = NULL;
  g_autofree char *none = NULL;
  g_autofree char *said_of_none = NULL;

  halves_init (&scene);
  gate_open (&scene.gate);
  finished = stage_start (&scene.stage, "/file", NULL);
  client_wait_state (scene.stage.client, finished, "finished");
  failed = stage_start (&scene.stage, "/gone", NULL);
  client_wait_state (scene.stage.client, failed, "failed");

  first = printed_run (scene.stage.fixture, 0, NULL, ARGUMENTS ("watch", "1"));
  printed_assert (&scene.stage, first, "#1 finished: DOWNLOADS/file (2.0 MB)\n");

  both = printed_run (scene.stage.fixture, 1, &said, ARGUMENTS ("watch", "1-2"));
  g_assert_cmpstr (both, ==, first);
  g_assert_true (g_str_has_prefix (said, "#2 failed: gone: the server refused ("));
  g_assert_true (g_str_has_suffix (said, "; “ferry show 2” tells what to do\n"));

  none = printed_run (scene.stage.fixture, 0, &said_of_none, ARGUMENTS ("watch", "all"));
  g_assert_cmpstr (none, ==, "");
  g_assert_cmpstr (said_of_none, ==, "There are no such transfers.\n");
}

/* Each of these ends it with 1. */
static void
test_failures (void)
{
  g_auto(Halves) scene = { 0 };
  g_autofree char *cancelled = NULL;
  g_autofree char *removed = NULL;
  g_autoptr(Program) of_cancelled = NULL;
  g_autoptr(Program) of_removed = NULL;
  g_autofree char *missing = NULL;
  g_autofree char *said = NULL;

  halves_init (&scene);
  cancelled = halves_start (&scene, NULL);
  of_cancelled = start (&scene, ARGUMENTS ("watch", "all"));
  program_wait_for (of_cancelled, of_cancelled->output, "#1 50%");
  client_tell (scene.stage.client, cancelled, "Cancel");
  g_assert_cmpint (program_wait (of_cancelled), ==, 1);
  g_assert_cmpstr (of_cancelled->errors->str, ==, "#1 cancelled: file\n");

  removed = stage_create (&scene.stage, "/file", NULL);
  of_removed = start (&scene, ARGUMENTS ("watch", "#2"));
  program_wait_for (of_removed, of_removed->output, "#2 suspended: file\n");
  stage_call (scene.stage.client, removed, "Task", "Remove", g_variant_new ("(b)", FALSE));
  g_assert_cmpint (program_wait (of_removed), ==, 1);

  missing = printed_run (scene.stage.fixture, 1, &said, ARGUMENTS ("watch", "99"));
  g_assert_cmpstr (said, ==, "ferry watch: there is no transfer #99; “ferry list” shows those that"
                             " there are\n");
}

/* Without a choice it goes on, with new ones, until it is interrupted. */
static void
test_endless (void)
{
  g_auto(Halves) scene = { 0 };
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autoptr(Program) program = NULL;

  halves_init (&scene);
  program = start (&scene, ARGUMENTS ("watch"));
  program_wait_for (program, program->errors, "No transfer is under way");
  first = stage_create (&scene.stage, "/file", NULL);
  program_wait_for (program, program->output, "#1 suspended: file\n");
  gate_open (&scene.gate);
  client_tell (scene.stage.client, first, "Resume");
  program_wait_for (program, program->output, "#1 finished: ");
  second = stage_start (&scene.stage, "/gone", NULL);
  program_wait_for (program, program->errors, "#2 failed: gone: ");
  client_tell (scene.stage.client, second, "Cancel");
  program_wait_for (program, program->errors, "#2 cancelled: gone\n");
  stage_call (scene.stage.client, second, "Task", "Remove", g_variant_new ("(b)", FALSE));
  program_wait_for (program, program->output, "#2 removed: gone\n");
  program_signal (program, SIGINT);
  g_assert_cmpint (program_wait (program), ==, 0);
}

/* Ctrl-C on a terminal, and by a signal; the transfer goes on. */
static void
test_interrupted (void)
{
  g_auto(Halves) scene = { 0 };
  g_autofree char *task = NULL;
  g_autoptr(Program) typed = NULL;
  g_autoptr(Program) signalled = NULL;
  g_autoptr(Program) terminated = NULL;

  halves_init (&scene);
  task = halves_start (&scene, NULL);
  typed = printed_start_at (scene.stage.fixture, 80, ARGUMENTS ("watch", "1"));
  program_wait_for (typed, typed->output, "50%");
  program_type (typed, "\003");
  g_assert_cmpint (program_wait (typed), ==, 130);

  signalled = start (&scene, ARGUMENTS ("watch", "1"));
  program_wait_for (signalled, signalled->output, "50%");
  program_signal (signalled, SIGINT);
  g_assert_cmpint (program_wait (signalled), ==, 130);
  g_assert_cmpstr (signalled->errors->str, ==,
                   "ferry watch: interrupted; the transfers go on without it\n");

  terminated = start (&scene, ARGUMENTS ("watch"));
  program_wait_for (terminated, terminated->output, "50%");
  program_signal (terminated, SIGTERM);
  g_assert_cmpint (program_wait (terminated), ==, 143);

  gate_open (&scene.gate);
  client_wait_state (scene.stage.client, task, "finished");
}

/* A bar each, aligned; what stays is what became of them. */
static void
check_terminal (guint       columns,
                const char *bars)
{
  g_auto(Halves) scene = { 0 };
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *end = NULL;
  g_autoptr(Program) program = NULL;

  halves_init (&scene);
  first = stage_create (&scene.stage, "/file", "{'filename': <'" NAME "'>}");
  second = stage_create (&scene.stage, "/file", NULL);
  program = printed_start_at (scene.stage.fixture, columns, ARGUMENTS ("watch", "1", "2"));
  program_wait_for_screen (program, columns, bars);
  gate_open (&scene.gate);
  client_tell (scene.stage.client, first, "Resume");
  client_wait_state (scene.stage.client, first, "finished");
  client_tell (scene.stage.client, second, "Cancel");
  g_assert_cmpint (program_wait (program), ==, 1);
  g_assert_nonnull (strstr (program->output->str, "#2 cancelled: file\r\n"));
  g_assert_nonnull (strstr (program->output->str, "#1 finished: "));
}

static void
test_terminal (void)
{
  check_terminal (40,
                  "日本語.iso   suspended\n"
                  "file         suspended\n"
                  "0 of 2 done  ────────\n");
  check_terminal (200,
                  "日本語.iso         suspended\n"
                  "file               suspended\n"
                  "0 of 2 done        ────────────────────────────────────────         0 bytes\n");
}

/* One that needs somebody is not over: it is told of, and waited for. */
static void
test_needs_person (void)
{
  TestAnswer closed = { .status = "401 Unauthorized", .body = "no",
                        .headers = "WWW-Authenticate: Basic realm=\"x\"\r\n" };
  g_auto(Halves) scene = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *url = NULL;
  g_autoptr(Program) program = NULL;

  halves_init (&scene);
  gate_open (&scene.gate);
  test_server_add (scene.stage.server, "/closed", test_answer, &closed);
  task = stage_start (&scene.stage, "/closed", NULL);
  client_wait_reason (scene.stage.client, task, "credentials");
  program = start (&scene, ARGUMENTS ("watch", "1"));
  program_wait_for (program, program->errors, "#1 needs you: closed: a sign-in is needed");
  program_wait_for (program, program->errors, "; “ferry show 1” tells what to do\n");
  url = test_server_get_url (scene.stage.server, "/file");
  stage_call (scene.stage.client, task, "Task", "SetUrl", g_variant_new ("(s)", url));
  client_tell (scene.stage.client, task, "Resume");
  g_assert_cmpint (program_wait (program), ==, 0);
}

/* The service ends before it is asked, and while it is watched; the file is whole. */
static void
test_killed (void)
{
  g_auto(Halves) scene = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *path = NULL;
  g_autoptr(Program) program = NULL;

  halves_init (&scene);
  task = halves_start (&scene, NULL);
  g_assert_cmpint (fixture_end_service (scene.stage.fixture, SIGKILL), ==, KILLED);
  program = start (&scene, ARGUMENTS ("watch", "1"));
  program_wait_for (program, program->output, "#1 50%: ");
  g_assert_cmpint (fixture_end_service (scene.stage.fixture, SIGKILL), ==, KILLED);
  program_wait_for (program, program->errors, LOST);
  program_wait_for (program, program->errors, BACK);
  gate_open (&scene.gate);
  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpstr (program->errors->str, ==, LOST BACK);
  g_assert_nonnull (strstr (program->output->str, "#1 finished: "));
  path = fixture_get_path (scene.stage.fixture, "file");
  gate_assert_file (&scene.gate, path);
}

/* A service that ends again and again is given up, and what is there is said. */
static void
test_killed_again (void)
{
  g_auto(Halves) scene = { 0 };
  g_autofree char *task = NULL;
  g_autoptr(Program) program = NULL;

  halves_init (&scene);
  task = stage_create (&scene.stage, "/file", NULL);
  program = start (&scene, ARGUMENTS ("watch"));
  program_wait_for (program, program->output, "#1 suspended");
  for (guint i = 0; i < 2; i++)
    {
      g_assert_cmpint (fixture_end_service (scene.stage.fixture, SIGKILL), ==, KILLED);
      program_wait_for (program, program->errors, BACK);
      g_assert_cmpstr (program->errors->str, ==, LOST BACK);
      g_string_truncate (program->errors, 0);
    }
  g_assert_cmpint (fixture_end_service (scene.stage.fixture, SIGKILL), ==, KILLED);
  g_assert_cmpint (program_wait (program), ==, 3);
  g_assert_true (g_str_has_prefix (program->errors->str,
                                   "ferry watch: the transfer service has failed 3 times within a"
                                   " minute"));
}

/* There is nobody to be asked for the service any more. */
static void
test_bus_ends (void)
{
  g_auto(Halves) scene = { 0 };
  g_autofree char *task = NULL;
  g_autoptr(Program) program = NULL;

  halves_init (&scene);
  task = stage_create (&scene.stage, "/file", NULL);
  program = start (&scene, ARGUMENTS ("watch", "1"));
  program_wait_for (program, program->output, "#1 suspended");
  g_subprocess_send_signal (scene.stage.fixture->bus, SIGTERM);
  g_assert_cmpint (program_wait (program), ==, 3);
  g_assert_true (g_str_has_suffix (program->errors->str,
                                   "ferry watch: the session bus has ended; log in again\n"));
  g_assert_cmpint (fixture_wait_end (scene.stage.fixture), >=, 0);
}

static void
test_usage (void)
{
  g_auto(Stage) stage = { 0 };
  g_autofree char *odd = NULL;
  g_autofree char *said = NULL;
  g_autofree char *help = NULL;

  stage_init (&stage, NULL);
  odd = printed_run (stage.fixture, 2, &said, ARGUMENTS ("watch", "0"));
  g_assert_nonnull (strstr (said, "“0” is no transfer"));
  help = printed_run (stage.fixture, 0, NULL, ARGUMENTS ("watch", "--help"));
  g_assert_true (g_str_has_prefix (help, "Usage: ferry watch"));
  printed_assert_alone ("", ARGUMENTS ("watch"));
  printed_assert_alone ("", ARGUMENTS ("watch", "1", "--json"));
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/cli-watch/chosen", test_chosen);
  g_test_add_func ("/cli-watch/over", test_over);
  g_test_add_func ("/cli-watch/failures", test_failures);
  g_test_add_func ("/cli-watch/endless", test_endless);
  g_test_add_func ("/cli-watch/interrupted", test_interrupted);
  g_test_add_func ("/cli-watch/terminal", test_terminal);
  g_test_add_func ("/cli-watch/needs-person", test_needs_person);
  g_test_add_func ("/cli-watch/killed", test_killed);
  g_test_add_func ("/cli-watch/killed-again", test_killed_again);
  g_test_add_func ("/cli-watch/bus-ends", test_bus_ends);
  g_test_add_func ("/cli-watch/usage", test_usage);
  return g_test_run ();
}
