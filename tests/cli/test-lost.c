/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-lost"

#include "config.h"

#include <string.h>

#include "program.h"

#define FILE_A "http://127.0.0.1/a.iso"
#define FILE_B "http://127.0.0.1/b.iso?key"

#define FINISHED \
  "{'State': <'finished'>, 'Reason': <''>, 'Path': <'/home/me/x'>, 'BytesReceived': <int64 5>}"

#define ARGUMENTS(...) ((const char *const[]) { __VA_ARGS__, NULL })

/* It dies and comes back, with one transfer finished in between. */
static void
test_restart (void)
{
  g_autoptr(FakeService) service = fake_service_new ();
  g_autoptr(Program) program = NULL;

  fake_service_start (service);
  (void) fake_service_add (service, "http://127.0.0.1/old", NULL);
  program = program_new (ARGUMENTS ("get", FILE_A, FILE_B));
  program_wait_for_tasks (program, service, 3);
  fake_service_stop (service);
  program_wait_for (program, program->errors, "has ended; asking for it again\n");
  fake_service_change (service, 2, FINISHED);
  fake_service_start (service);
  program_wait_for (program, program->errors, "the transfer service is back\n");
  program_wait_for (program, program->output, "#2 finished: /home/me/x (5 bytes)\n");
  fake_service_change (service, 3, FINISHED);
  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpuint (service->tasks->len, ==, 3);
}

/* It dies after it has made two tasks, and before it has said so. */
static void
test_unanswered (void)
{
  g_autoptr(FakeService) service = fake_service_new ();
  g_autoptr(Program) program = NULL;

  service->keep_creations = TRUE;
  fake_service_start (service);
  program = program_new (ARGUMENTS ("get", FILE_A, FILE_A));
  program_wait_for_log (program, service, "CreateDownloadTasks");
  fake_service_stop (service);
  g_ptr_array_set_size (service->kept, 0);
  program_wait_for (program, program->errors, "has ended; asking for it again\n");
  fake_service_start (service);
  program_wait_for (program, program->errors, "is back\n");
  fake_service_change (service, 2, FINISHED);
  fake_service_change (service, 1, FINISHED);
  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpuint (service->tasks->len, ==, 2);
  g_assert_true (g_str_has_prefix (program->output->str, "#2 finished: "));
}

/* It dies before it has made any: then they are asked for again. */
static void
test_unmade (void)
{
  g_autoptr(FakeService) service = fake_service_new ();
  g_autoptr(Program) program = NULL;

  service->keep_creations = TRUE;
  fake_service_start (service);
  (void) fake_service_add (service, FILE_A, "{'Created': <int64 1>}");
  program = program_new (ARGUMENTS ("add", FILE_A, FILE_B));
  program_wait_for_log (program, service, "CreateDownloadTasks");
  fake_service_stop (service);
  g_ptr_array_set_size (service->kept, 0);
  g_ptr_array_set_size (service->tasks, 1);
  service->keep_creations = FALSE;
  program_wait_for (program, program->errors,
                    "ferry add: the transfer service has ended; asking for it again\n");
  fake_service_start (service);
  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpuint (service->tasks->len, ==, 3);
  g_assert_true (g_str_has_prefix (program->output->str, "#2 a.iso: waiting: "));
  g_assert_nonnull (strstr (program->output->str, "\n#3 b.iso: waiting: "));
}

/* A task that is not in the list any more was removed by somebody. */
static void
test_removed (void)
{
  g_autoptr(FakeService) service = fake_service_new ();
  g_autoptr(Program) program = NULL;

  fake_service_start (service);
  program = program_new (ARGUMENTS ("get", FILE_A));
  program_wait_for_tasks (program, service, 1);
  fake_service_stop (service);
  g_ptr_array_set_size (service->tasks, 0);
  program_wait_for (program, program->errors, "has ended");
  fake_service_start (service);
  g_assert_cmpint (program_wait (program), ==, 1);
  g_assert_cmpstr (program->errors->str, ==,
                   "ferry get: the transfer service has ended; asking for it again\n"
                   "#1 cancelled: a.iso\n"
                   "ferry get: the transfer service is back\n");
}

static void
test_gone (void)
{
  g_autoptr(FakeService) service = fake_service_new ();
  g_autoptr(Program) program = NULL;

  fake_service_start (service);
  program = program_new (ARGUMENTS ("get", FILE_A));
  program_wait_for_tasks (program, service, 1);
  fake_service_stop (service);
  g_assert_cmpint (program_wait (program), ==, 3);
  g_assert_cmpstr (program->errors->str, ==,
                   "ferry get: the transfer service has ended; asking for it again\n"
                   "ferry get: the transfer service has failed 3 times within a minute, and is not"
                   " asked for again (The session bus knows of no transfer service; install Ferry"
                   " completely, and if you have just done so, log in again); the log of the"
                   " session says why; #1 will go on when it runs again\n");
}

/* It comes back without our session: nobody would tell us of what we wait for. */
static void
test_shut (void)
{
  g_autoptr(FakeService) service = fake_service_new ();
  g_autoptr(Program) program = NULL;

  fake_service_start (service);
  program = program_new (ARGUMENTS ("get", FILE_A));
  program_wait_for_tasks (program, service, 1);
  service->refuse_session = "DiskFull";
  fake_service_replace (service);
  g_assert_cmpint (program_wait (program), ==, 3);
  g_assert_cmpstr (program->errors->str, ==,
                   "ferry get: the transfer service has ended; asking for it again\n"
                   "ferry get: the disk is full (The test wants it so); #1 will go on when it runs"
                   " again\n");
}

/* It comes back each time, only to end again. */
static void
test_again_and_again (void)
{
  g_autoptr(FakeService) service = fake_service_new ();
  g_autoptr(Program) program = NULL;

  fake_service_start (service);
  program = program_new (ARGUMENTS ("get", FILE_A));
  program_wait_for_tasks (program, service, 1);
  for (guint i = 0; i < 2; i++)
    {
      fake_service_replace (service);
      program_wait_for (program, program->errors, "is back");
      g_string_truncate (program->errors, 0);
    }

  fake_service_replace (service);
  g_assert_cmpint (program_wait (program), ==, 3);
  g_assert_cmpstr (program->errors->str, ==,
                   "ferry get: the transfer service has failed 3 times within a minute, and is not"
                   " asked for again (it ended each time); the log of the session says why; #1 will"
                   " go on when it runs again\n");
}

static void
test_no_service (void)
{
  g_autoptr(FakeService) service = fake_service_new ();
  g_autoptr(Program) get = program_new (ARGUMENTS ("get", FILE_A));
  g_autoptr(Program) list = program_new (ARGUMENTS ("list"));

  g_assert_cmpint (program_wait (get), ==, 3);
  g_assert_cmpint (program_wait (list), ==, 3);
  g_assert_cmpstr (get->errors->str, ==,
                   "ferry get: the session bus knows of no transfer service; install Ferry"
                   " completely, and if you have just done so, log in again\n");
  g_assert_true (g_str_has_prefix (list->errors->str, "ferry list: the session bus knows of no"));
  g_assert_cmpstr (get->output->str, ==, "");
  g_assert_cmpstr (list->output->str, ==, "");
}

/* The bus itself ends in mid-wait. */
static void
test_bus_ends (void)
{
  g_autoptr(FakeService) service = fake_service_new ();
  g_autoptr(Program) program = NULL;

  fake_service_start (service);
  program = program_new (ARGUMENTS ("get", FILE_A));
  program_wait_for_tasks (program, service, 1);
  fake_service_stop (service);
  g_test_dbus_stop (service->bus);
  g_assert_cmpint (program_wait (program), ==, 3);
  g_assert_true (g_str_has_suffix (program->errors->str,
                                   "\nferry get: the session bus has ended; log in again; #1 will"
                                   " go on when it runs again\n"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/lost/restart", test_restart);
  g_test_add_func ("/cli/lost/unanswered", test_unanswered);
  g_test_add_func ("/cli/lost/unmade", test_unmade);
  g_test_add_func ("/cli/lost/removed", test_removed);
  g_test_add_func ("/cli/lost/gone", test_gone);
  g_test_add_func ("/cli/lost/shut", test_shut);
  g_test_add_func ("/cli/lost/again-and-again", test_again_and_again);
  g_test_add_func ("/cli/lost/no-service", test_no_service);
  g_test_add_func ("/cli/lost/bus-ends", test_bus_ends);
  return g_test_run ();
}
