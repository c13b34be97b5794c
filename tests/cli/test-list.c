/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-list"

#include "config.h"

#include <string.h>

#include "program.h"

#define ARGUMENTS(...) ((const char *const[]) { __VA_ARGS__, NULL })

static FakeService *
start_service (void)
{
  FakeService *service = fake_service_new ();

  fake_service_start (service);
  return service;
}

static void
add_tasks (FakeService *service)
{
  (void) fake_service_add (service, "http://me:secret@127.0.0.1/dir/a%20file.iso?key=1",
                           "{'State': <'suspended'>, 'Reason': <''>}");
  (void) fake_service_add (service, "http://127.0.0.1/x",
                           "{'State': <'finished'>, 'Reason': <''>, 'FileName': <'日本語.iso'>,"
                           " 'Path': <'/home/me/日本語.iso'>, 'BytesReceived': <int64 1500>}");
  (void) fake_service_add (service, "http://127.0.0.1/y",
                           "{'State': <'running'>, 'Reason': <''>, 'FileName': <'y\ttab'>,"
                           " 'Path': <'/home/me/y.part'>, 'BytesReceived': <int64 999>,"
                           " 'BytesExpectedToReceive': <int64 1000>}");
  (void) fake_service_add (service, "http://127.0.0.1/z", "{'Reason': <'disk-full'>}");
  (void) fake_service_add (service, "http://127.0.0.1/",
                           "{'State': <'failed'>, 'Reason': <''>,"
                           " 'Error': <('" FERRY_SERVICE_ID ".Error.Server', '404')>}");
}

static void
test_script (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = NULL;

  add_tasks (service);
  program = program_new (ARGUMENTS ("list"));
  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpstr (program->errors->str, ==, "");
  g_assert_cmpstr (program->output->str, ==,
                   "5\tfailed\tServer\t0\t-\thttp://127.0.0.1/\t-\n"
                   "4\twaiting\tdisk-full\t0\t-\tz\t-\n"
                   "3\trunning\t-\t999\t1000\ty�tab\t/home/me/y.part\n"
                   "2\tfinished\t-\t1500\t-\t日本語.iso\t/home/me/日本語.iso\n"
                   "1\tsuspended\t-\t0\t-\ta file.iso\t-\n");
}

static void
test_state (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) running = NULL;
  g_autoptr(Program) cancelled = NULL;

  add_tasks (service);
  running = program_new (ARGUMENTS ("list", "--state", "running"));
  g_assert_cmpint (program_wait (running), ==, 0);
  g_assert_cmpstr (running->output->str, ==,
                   "3\trunning\t-\t999\t1000\ty�tab\t/home/me/y.part\n");

  cancelled = program_new (ARGUMENTS ("list", "--state=cancelled"));
  g_assert_cmpint (program_wait (cancelled), ==, 0);
  g_assert_cmpstr (cancelled->output->str, ==, "");
  g_assert_cmpstr (cancelled->errors->str, ==, "There are no transfers that are cancelled.\n");
}

static void
test_empty (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new (ARGUMENTS ("list"));
  g_autoptr(Program) terminal = program_new_at (80, 24, ARGUMENTS ("list"), NULL);

  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpstr (program->output->str, ==, "");
  g_assert_cmpstr (program->errors->str, ==, "There are no transfers.\n");
  g_assert_cmpint (program_wait (terminal), ==, 0);
  g_assert_cmpstr (terminal->output->str, ==, "There are no transfers.\r\n");
}

static void
test_terminal (void)
{
  static const char *const no_color[] = { "NO_COLOR", "1", NULL };
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) wide = NULL;
  g_autoptr(Program) narrow = NULL;
  g_autoptr(Program) coloured = NULL;

  add_tasks (service);
  wide = program_new_at (100, 24, ARGUMENTS ("list"), no_color);
  g_assert_cmpint (program_wait (wide), ==, 0);
  program_wait_for_screen (wide, 100,
                           "#  State                                 Size  Name\n"
                           "5  failed: the server refused                  http://127.0.0.1/\n"
                           "4  the disk is full                            z\n"
                           "3  running                      99%    1.0 kB  y�tab\n"
                           "2  finished                    100%    1.5 kB  日本語.iso\n"
                           "1  suspended                                   a file.iso\n");

  narrow = program_new_at (40, 24, ARGUMENTS ("list"), no_color);
  g_assert_cmpint (program_wait (narrow), ==, 0);
  program_wait_for_screen (narrow, 40,
                           "#  State                 Name\n"
                           "5  failed: the s…        http://….0.0.1/\n"
                           "4  the disk is f…        z\n"
                           "3  running          99%  y�tab\n"
                           "2  finished        100%  日本語.iso\n"
                           "1  suspended             a file.iso\n");

  coloured = program_new_at (100, 24, ARGUMENTS ("list"), NULL);
  g_assert_cmpint (program_wait (coloured), ==, 0);
  g_assert_nonnull (strstr (coloured->output->str, "\033[32mfinished\033[0m  "));
}

static gboolean
on_swallowed_cb (gpointer service)
{
  fake_service_replace (service);
  return G_SOURCE_REMOVE;
}

/* In a thread of GDBus: what is asked stays without an answer, as the service ends. */
static GDBusMessage *
swallow_cb (GDBusConnection *connection,
            GDBusMessage    *message,
            gboolean         incoming,
            gpointer         service)
{
  if (!incoming || g_strcmp0 (g_dbus_message_get_member (message), "ListTasks") != 0)
    return message;

  (void) g_idle_add (on_swallowed_cb, service);  /* it removes itself */
  g_clear_object (&message);
  return NULL;
}

/* The service ends when it is asked: the next one is asked again, and nothing is said of it. */
static void
test_asked_again (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = NULL;

  (void) fake_service_add (service, "http://127.0.0.1/z", "{'Reason': <'disk-full'>}");
  (void) g_dbus_connection_add_filter (service->connection, swallow_cb, service, NULL);
  program = program_new (ARGUMENTS ("list"));
  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpstr (program->errors->str, ==, "");
  g_assert_cmpstr (program->output->str, ==, "1\twaiting\tdisk-full\t0\t-\tz\t-\n");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/list/script", test_script);
  g_test_add_func ("/cli/list/state", test_state);
  g_test_add_func ("/cli/list/empty", test_empty);
  g_test_add_func ("/cli/list/terminal", test_terminal);
  g_test_add_func ("/cli/list/asked-again", test_asked_again);
  return g_test_run ();
}
