/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-terminal"

#include "config.h"

#include <signal.h>
#include <string.h>

#include "program.h"

#define FILE_A "http://127.0.0.1/a.iso"
#define FILE_B "http://127.0.0.1/%E6%97%A5%E6%9C%AC%E8%AA%9E%E6%97%A5%E6%9C%AC%E8%AA%9E.tar.gz"


/* é once as one character, once as two of which the second takes no room. */
#define FILE_C "http://127.0.0.1/%C3%A9te%CC%81.iso"

#define RUNNING(received, rate) \
  "{'State': <'running'>, 'Reason': <''>, 'Phase': <'transferring'>," \
  " 'BytesReceived': <int64 " received ">, 'BytesExpectedToReceive': <int64 1000000>," \
  " 'Rate': <uint64 " rate ">}"
#define FINISHED(path) \
  "{'State': <'finished'>, 'Reason': <''>, 'Phase': <''>, 'Path': <'" path "'>," \
  " 'BytesReceived': <int64 1000000>, 'Rate': <uint64 0>," \
  " 'Response': <{'length-verified': <true>}>}"

#define ARGUMENTS(...) ((const char *const[]) { __VA_ARGS__, NULL })

static const char *const no_color[] = { "NO_COLOR", "1", NULL };

static FakeService *
start_service (void)
{
  FakeService *service = fake_service_new ();

  fake_service_start (service);
  return service;
}

static void
test_one (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new_at (40, 24, ARGUMENTS ("get", FILE_A), no_color);

  program_wait_for_screen (program, 40, "a.iso       waiting: in the queue (it …\n");
  fake_service_change (service, 1, RUNNING ("500000", "10000"));
  program_wait_for_screen (program, 40, "a.iso       ━━━━─────   50%   10.0 kB/s\n");
  fake_service_change (service, 1, "{'Phase': <'publishing'>}");
  program_wait_for_screen (program, 40, "a.iso       writing to the disk\n");
  fake_service_change (service, 1, FINISHED ("/home/me/a.iso"));
  g_assert_cmpint (program_wait (program), ==, 0);
  program_wait_for_screen (program, 40, "#1 finished: /home/me/a.iso (1.0 MB)\n");
}

/* Names that are cut to the same columns, whatever their characters take. */
static void
test_narrow (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new_at (40, 24, ARGUMENTS ("get", FILE_B, FILE_C), no_color);

  program_wait_for (program, program->output, "0 of 2 done");
  fake_service_change (service, 1, RUNNING ("500000", "10000"));
  fake_service_change (service, 2, RUNNING ("250000", "10000"));
  program_wait_for_screen (program, 40,
                 "日本…ar.gz   ━━━━────   50%   10.0 kB/s\n"
                 "éte.iso      ━━──────   25%   10.0 kB/s\n"
                 "0 of 2 done  ━━━─────   37%   20.0 kB/s\n");
  program_signal (program, SIGINT);
  g_assert_cmpint (program_wait (program), ==, 130);
}

/* A wide name, a total, a line that stays above, and an error among them. */
static void
test_several (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new_at (200, 24, ARGUMENTS ("get", FILE_A, FILE_B, FILE_C),
                                               no_color);

  program_wait_for (program, program->output, "0 of 3 done");
  fake_service_change (service, 1, RUNNING ("500000", "10000"));
  fake_service_change (service, 2, RUNNING ("250000", "10000"));
  fake_service_change (service, 3, "{'Reason': <'offline'>}");
  program_wait_for_screen (program, 200,
                 "a.iso                ━━━━━━━━━━━━━━━━━━━━────────────────────"
                 "   50%    1.0 MB   10.0 kB/s     0:50\n"
                 "日本語日本語.tar.gz  ━━━━━━━━━━──────────────────────────────"
                 "   25%    1.0 MB   10.0 kB/s     1:15\n"
                 "éte.iso              waiting: there is no network\n"
                 "0 of 3 done          ────────────────────────────────────────"
                 "        750.0 kB   20.0 kB/s\n");

  fake_service_change (service, 1, FINISHED ("/home/me/a.iso"));
  fake_service_change (service, 3,
                       "{'State': <'failed'>, 'Reason': <''>,"
                       " 'Error': <('" FERRY_SERVICE_ID ".Error.Network', 'x')>}");
  program_wait_for_screen (program, 200,
                 "#1 finished: /home/me/a.iso (1.0 MB)\n"
                 "#3 failed: éte.iso: the connection failed (x)\n"
                 "日本語日本語.tar.gz  ━━━━━━━━━━──────────────────────────────"
                 "   25%    1.0 MB   10.0 kB/s     1:15\n"
                 "1 of 3 done          ━━━━━━━━━━━━━━━━━━━━━━━━━───────────────"
                 "   62%    2.0 MB   10.0 kB/s     1:15\n");

  fake_service_change (service, 2, FINISHED ("/home/me/b"));
  g_assert_cmpint (program_wait (program), ==, 1);
  program_wait_for_screen (program, 200,
                 "#1 finished: /home/me/a.iso (1.0 MB)\n"
                 "#3 failed: éte.iso: the connection failed (x)\n"
                 "#2 finished: /home/me/b (1.0 MB)\n"
                 "2 of 3 transfers are finished\n");
}

/* There are more files than rows: those that run come first. */
static void
test_many (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new_at (60, 6, ARGUMENTS ("get", FILE_A, FILE_A, FILE_A,
                                                                 FILE_A, FILE_B), no_color);

  program_wait_for (program, program->output, "and 2 more");
  fake_service_change (service, 4, "{'Reason': <'retry'>}");
  fake_service_change (service, 5, RUNNING ("0", "0"));
  program_wait_for_screen (program, 60,
                 "日本語日本語.tar.gz  ───────────    0%\n"
                 "a.iso                waiting: it will soon be tried again\n"
                 "a.iso                waiting: in the queue (it is the next)\n"
                 "and 2 more\n"
                 "0 of 5 done          ───────────\n");
  program_signal (program, SIGINT);
  g_assert_cmpint (program_wait (program), ==, 130);
}

static void
test_resize (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new_at (80, 24, ARGUMENTS ("get", FILE_A), no_color);

  program_wait_for (program, program->output, "waiting");
  fake_service_change (service, 1, RUNNING ("500000", "10000"));
  program_wait_for_screen (program, 80, "a.iso       ━━━━━━━━━━━━━━━───────────────"
                 "   50%    1.0 MB   10.0 kB/s     0:50\n");
  g_string_truncate (program->output, 0);
  program_resize (program, 40, 24);
  program_wait_for (program, program->output,
                    "\033[2A\033[Ja.iso       ━━━━─────   50%   10.0 kB/s\r\n");
  program_signal (program, SIGINT);
  g_assert_cmpint (program_wait (program), ==, 130);
}

/* Ctrl-C as the terminal sends it. */
static void
test_interrupt (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new_at (80, 24, ARGUMENTS ("get", FILE_A, FILE_A), no_color);

  program_wait_for (program, program->output, "0 of 2 done");
  program_wait_for (program, program->output, "waiting: in the queue (it is the next)");
  program_type (program, "\003");
  g_assert_cmpint (program_wait (program), ==, 130);
  program_wait_for_screen (program, 80,
                 "ferry get: #1, #2 will go on without this program; “ferry list” shows how far\n");
}

static void
test_colours (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new_at (40, 24, ARGUMENTS ("get", FILE_A), NULL);

  program_wait_for (program, program->output, "\033[33mwaiting");
  fake_service_change (service, 1, RUNNING ("500000", "10000"));
  program_wait_for (program, program->output, "\033[36m━━━━\033[0m\033[2m─────\033[0m   50%");
  fake_service_change (service, 1, FINISHED ("/home/me/a.iso"));
  g_assert_cmpint (program_wait (program), ==, 0);
}

/* A terminal that can do nothing, and a narrower one that COLUMNS pretends. */
static void
test_environment (void)
{
  static const char *const dumb[] = { "TERM", "dumb", NULL };
  static const char *const narrow[] = { "COLUMNS", "20", "NO_COLOR", "1", NULL };
  static const char *const ascii[] = { "LC_ALL", "C", "NO_COLOR", "1", NULL };
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) plain = program_new_at (80, 24, ARGUMENTS ("get", FILE_A), dumb);
  g_autoptr(Program) small = program_new_at (80, 24, ARGUMENTS ("get", FILE_A), narrow);
  g_autoptr(Program) old = NULL;

  program_wait_for (small, small->output, "a.iso       waitin…\r\n");
  program_signal (small, SIGTERM);
  g_assert_cmpint (program_wait (small), ==, 143);

  program_wait_for (plain, plain->output, "waiting: a.iso: in the queue");
  program_signal (plain, SIGTERM);
  g_assert_cmpint (program_wait (plain), ==, 143);
  g_assert_null (strchr (plain->output->str, '\033'));

  old = program_new_at (40, 24, ARGUMENTS ("get", FILE_A), ascii);
  program_wait_for (old, old->output, "a.iso       waiting: in the queue (it ~\r\n");
  program_signal (old, SIGTERM);
  g_assert_cmpint (program_wait (old), ==, 143);
  g_assert_nonnull (strstr (old->output->str, "program; \"ferry list\" shows how far\r\n"));
}

/* Stopped by Ctrl-Z and continued: the shell's lines stay. */
static void
test_stop (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new_at (40, 24, ARGUMENTS ("get", FILE_A), no_color);

  program_wait_for (program, program->output, "waiting");
  program_signal (program, SIGSTOP);
  g_string_truncate (program->output, 0);
  program_signal (program, SIGCONT);
  program_wait_for (program, program->output, "a.iso       waiting: in the queue (it …\r\n");
  g_assert_cmpint (program->output->str[0], ==, 'a');
  program_signal (program, SIGINT);
  g_assert_cmpint (program_wait (program), ==, 130);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/terminal/one", test_one);
  g_test_add_func ("/cli/terminal/narrow", test_narrow);
  g_test_add_func ("/cli/terminal/several", test_several);
  g_test_add_func ("/cli/terminal/many", test_many);
  g_test_add_func ("/cli/terminal/resize", test_resize);
  g_test_add_func ("/cli/terminal/interrupt", test_interrupt);
  g_test_add_func ("/cli/terminal/colours", test_colours);
  g_test_add_func ("/cli/terminal/environment", test_environment);
  g_test_add_func ("/cli/terminal/stop", test_stop);
  return g_test_run ();
}
