/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-get"

#include "config.h"

#include <signal.h>
#include <string.h>

#include "program.h"

#define FILE_A "http://127.0.0.1/a.iso"
#define FILE_B "http://127.0.0.1/b.iso"

#define RUNNING(received, rate) \
  "{'State': <'running'>, 'Reason': <''>, 'Phase': <'transferring'>, 'FileName': <'a.iso'>," \
  " 'BytesReceived': <int64 " received ">, 'BytesExpectedToReceive': <int64 1000000>," \
  " 'Rate': <uint64 " rate ">}"
#define FINISHED(name) \
  "{'State': <'finished'>, 'Reason': <''>, 'Phase': <''>, 'FileName': <'" name "'>," \
  " 'Path': <'/home/me/" name "'>, 'BytesReceived': <int64 1000000>," \
  " 'BytesExpectedToReceive': <int64 1000000>, 'Rate': <uint64 0>}"
#define FAILED(kind, message) \
  "{'State': <'failed'>, 'Reason': <''>," \
  " 'Error': <('" FERRY_SERVICE_ID ".Error." kind "', '" message "')>}"

#define ARGUMENTS(...) ((const char *const[]) { __VA_ARGS__, NULL })

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
  g_autoptr(Program) program = program_new (ARGUMENTS ("get", FILE_A));

  program_wait_for_tasks (program, service, 1);
  fake_service_change (service, 1, RUNNING ("0", "0"));
  fake_service_change (service, 1, RUNNING ("50000", "50000"));
  fake_service_change (service, 1, RUNNING ("250000", "250000"));
  fake_service_change (service, 1, RUNNING ("290000", "250000"));
  fake_service_change (service, 1, RUNNING ("999999", "1"));
  fake_service_change (service, 1, FINISHED ("a.iso"));
  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpstr (program->errors->str, ==, "");
  g_assert_cmpstr (program->output->str, ==,
                   "#1 started: http://127.0.0.1/a.iso\n"
                   "#1 25%: a.iso, 250.0 kB of 1.0 MB, 250.0 kB/s, 0:03 left\n"
                   "#1 99%: a.iso, 1000.0 kB of 1.0 MB, 1 byte/s, 0:01 left\n"
                   "#1 finished: /home/me/a.iso (1.0 MB)\n");
}

/* Made as it comes, for others who open it; the second call is for as long as we are there. */
static void
test_session (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new (ARGUMENTS ("get", FILE_A));
  const char *opened;

  program_wait_for_tasks (program, service, 1);
  fake_service_change (service, 1, FINISHED ("a.iso"));
  g_assert_cmpint (program_wait (program), ==, 0);
  opened = strstr (service->log->str, "OpenSession ('ferry-cli', {})\n");
  g_assert_nonnull (opened);
  g_assert_nonnull (strstr (opened, "OpenSession ('ferry-cli', {'notify': <'none'>})\n"));
  program_wait_for_log (program, service, "AcknowledgeEvents");
}

/* The finish comes before the program knows the number, or while it reads the task. */
static void
test_finish_at_once (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = NULL;

  service->on_created = FINISHED ("a.iso");
  program = program_new (ARGUMENTS ("get", FILE_A));
  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpstr (program->output->str, ==, "#1 finished: /home/me/a.iso (1.0 MB)\n");
}

static void
test_proof (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new (ARGUMENTS ("get", FILE_A, FILE_B));

  program_wait_for_tasks (program, service, 2);
  fake_service_change (service, 1, "{'Digest': <{'algorithm': <'sha-256'>, 'verified': <true>}>}");
  fake_service_change (service, 1, FINISHED ("a.iso"));
  fake_service_change (service, 2, "{'Response': <{'length-verified': <false>}>}");
  fake_service_change (service, 2, FINISHED ("b.iso"));
  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpstr (program->output->str, ==,
                   "#1 finished: /home/me/a.iso (1.0 MB, sha-256 verified)\n"
                   "#2 finished: /home/me/b.iso (1.0 MB; the server did not say how long it is, so"
                   " that it may be incomplete)\n"
                   "2 of 2 transfers are finished\n");
}

static void
test_failure (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new (ARGUMENTS ("get", FILE_A, FILE_B));

  program_wait_for_tasks (program, service, 2);
  fake_service_change (service, 1, FAILED ("Server", "404 Not\\nFound"));
  fake_service_change (service, 2, FINISHED ("b.iso"));
  g_assert_cmpint (program_wait (program), ==, 1);
  g_assert_cmpstr (program->output->str, ==,
                   "#2 finished: /home/me/b.iso (1.0 MB)\n"
                   "1 of 2 transfers are finished\n");
  g_assert_cmpstr (program->errors->str, ==,
                   "#1 failed: a.iso: the server refused (404 Not�Found)\n");
}

static void
test_cancelled (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new (ARGUMENTS ("get", FILE_A));

  program_wait_for_tasks (program, service, 1);
  fake_service_change (service, 1, "{'State': <'cancelled'>, 'Reason': <''>}");
  g_assert_cmpint (program_wait (program), ==, 1);
  g_assert_cmpstr (program->errors->str, ==, "#1 cancelled: a.iso\n");
}

static void
test_refused (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = NULL;

  service->refuse = "Limit";
  program = program_new (ARGUMENTS ("get", FILE_A));
  g_assert_cmpint (program_wait (program), ==, 1);
  g_assert_cmpstr (program->output->str, ==, "");
  g_assert_cmpstr (program->errors->str, ==,
                   "ferry get: a.iso was not begun: there are too many transfers"
                   " (The test wants it so)\n");
}

/* Of several none is begun; the one that is to blame is named by its place. */
static void
test_refused_list (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) named = NULL;
  g_autoptr(Program) listed = NULL;
  g_autoptr(Program) unnamed = NULL;

  service->refuse = "InvalidOption";
  service->refuse_place = 2;
  named = program_new (ARGUMENTS ("get", FILE_A, FILE_B));
  g_assert_cmpint (program_wait (named), ==, 1);
  g_assert_cmpstr (named->errors->str, ==,
                   "ferry get: nothing was begun: address 2 (b.iso): an option cannot be used"
                   " (The test wants it so)\n");

  listed = program_new_fed (ARGUMENTS ("add", "-i", "-"), FILE_A "\n\n" FILE_B "\n");
  g_assert_cmpint (program_wait (listed), ==, 1);
  g_assert_cmpstr (listed->errors->str, ==,
                   "ferry add: nothing was begun: standard input:3 (b.iso): an option cannot be"
                   " used (The test wants it so)\n");

  service->refuse = "Limit";
  service->refuse_place = 0;
  unnamed = program_new (ARGUMENTS ("get", FILE_A, FILE_B));
  g_assert_cmpint (program_wait (unnamed), ==, 1);
  g_assert_cmpstr (unnamed->errors->str, ==,
                   "ferry get: nothing was begun: there are too many transfers (The test wants it"
                   " so)\n");
  g_assert_cmpuint (service->tasks->len, ==, 0);
}

/* It waits for those that go on, and leaves the others. */
static void
test_needs_person (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new (ARGUMENTS ("get", FILE_A, FILE_B));

  program_wait_for_tasks (program, service, 2);
  fake_service_change (service, 1,
                       "{'Reason': <'credentials'>,"
                       " 'Error': <('" FERRY_SERVICE_ID ".Error.Credentials', '401 “x”')>}");
  program_wait_for (program, program->errors, "needs you");
  fake_service_change (service, 2, FINISHED ("b.iso"));
  g_assert_cmpint (program_wait (program), ==, 1);
  g_assert_cmpstr (program->errors->str, ==,
                   "#1 needs you: a.iso: a sign-in is needed (401 “x”); “ferry get” cannot do that,"
                   " the transfer stays in the list\n");
}

/* What the machine lifts by itself is told, and waited for. */
static void
test_waiting (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new (ARGUMENTS ("get", FILE_A));

  program_wait_for (program, program->output,
                    "#1 waiting: a.iso: in the queue (it is the next)\n");
  fake_service_change (service, 1, "{'Reason': <'disk-full'>}");
  program_wait_for (program, program->output, "#1 waiting: a.iso: the disk is full\n");
  fake_service_change (service, 1, "{'State': <'suspended'>, 'Reason': <''>}");
  program_wait_for (program, program->output, "#1 suspended: a.iso\n");
  fake_service_change (service, 1, FINISHED ("a.iso"));
  g_assert_cmpint (program_wait (program), ==, 0);
}

static void
test_interrupt (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new (ARGUMENTS ("get", FILE_A, FILE_B));

  program_wait_for_tasks (program, service, 2);
  fake_service_change (service, 1, FINISHED ("a.iso"));
  fake_service_change (service, 2, RUNNING ("0", "0"));
  program_wait_for (program, program->output, "#2 started");
  program_signal (program, SIGINT);
  g_assert_cmpint (program_wait (program), ==, 130);
  g_assert_cmpstr (program->errors->str, ==,
                   "ferry get: #2 will go on without this program; “ferry list” shows how far\n");
}

/* What was asked for may come into being: the program stays to name it. */
static void
test_interrupt_early (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = NULL;

  service->keep_creations = TRUE;
  program = program_new (ARGUMENTS ("get", FILE_A));
  program_wait_for_log (program, service, "CreateDownloadTasks");
  program_signal (program, SIGTERM);
  fake_service_answer (service);
  g_assert_cmpint (program_wait (program), ==, 143);
  g_assert_nonnull (strstr (program->errors->str, "#1 will go on"));
}

/* Says what it has handed over, and leaves; who waits then is told by a notification. */
static void
test_add (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new (ARGUMENTS ("add", FILE_A, FILE_B));

  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpstr (program->errors->str, ==, "");
  g_assert_cmpstr (program->output->str, ==,
                   "#1 a.iso: waiting: in the queue (it is the next)\n"
                   "#2 b.iso: waiting: in the queue (it is the next)\n");
  g_assert_nonnull (strstr (service->log->str, "OpenSession ('ferry-cli', {})\n"));
  g_assert_null (strstr (service->log->str, "notify"));
  g_assert_null (strstr (service->log->str, "AcknowledgeEvents"));
}

static void
test_options (void)
{
  static const struct
  {
    const char *arguments[6];
    const char *calls[4];   /* what is to be in the call */
  } rows[] = {
    { { "get", FILE_A, "-d", "/tmp" },
      { "('" FILE_A "', {", "'destination': <'/tmp'>", "'start': <true>" } },
    { { "get", "-d/usr/../tmp", FILE_A }, { "'destination': <'/tmp'>" } },
    { { "get", "--directory=/tmp", "--", FILE_A }, { "'destination': <'/tmp'>" } },
    { { "get", "-o", "/tmp/x y", FILE_A },
      { "'destination': <'/tmp'>", "'filename': <'x y'>", "'overwrite': <true>" } },
    { { "get", "-o-x", FILE_A }, { "'filename': <'-x'>" } },
    { { "get", "--digest", "md5=d41d8cd98f00b204e9800998ecf8427e", FILE_A },
      { "'digest': <'md5=d41d8cd98f00b204e9800998ecf8427e'>" } },
    { { "get", "http://127.0.0.1/a?key" }, { "('http://127.0.0.1/a?key', {" } },
    { { "get", "--header", "X: 1", "-HCookie: k=v", FILE_A },
      { "'headers': <{'X': '1'}>", "'secret-headers': <{'Cookie': 'k=v'}>" } },
    { { "get", "--limit=2M", "--priority", "low", FILE_A },
      { "'download-limit': <uint64 2000000>", "'priority': <0.25>" } },
    { { "add", "--priority", "0.9", "--limit=2Ki", FILE_A },
      { "'download-limit': <uint64 2048>", "'priority': <0.9" } },
    { { "add", "--at", "2999-12-31T22:30:00Z", FILE_A },
      { "'not-before': <int64 32503674600000000>" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(FakeService) service = start_service ();
      g_autoptr(Program) program = NULL;

      service->on_created = FINISHED ("a.iso");
      program = program_new (rows[i].arguments);
      g_assert_cmpint (program_wait (program), ==, 0);
      for (guint j = 0; rows[i].calls[j] != NULL; j++)
        {
          if (strstr (service->log->str, rows[i].calls[j]) == NULL)
            g_error ("“%s” is not in:\n%s", rows[i].calls[j], service->log->str);
        }
    }
}

/* They are made in one call. */
static void
test_many (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = NULL;
  const char *arguments[302] = { "get" };

  for (guint i = 1; i < 301; i++)
    arguments[i] = FILE_A;
  service->on_created = FINISHED ("a.iso");
  program = program_new (arguments);
  g_assert_cmpint (program_wait (program), ==, 0);
  g_assert_cmpuint (service->tasks->len, ==, 300);
  g_assert_null (strstr (strstr (service->log->str, "CreateDownloadTasks") + 1, "CreateDownload"));
  g_assert_null (strstr (program->output->str, "incomplete"));
  g_assert_true (g_str_has_suffix (program->output->str, "\n300 of 300 transfers are finished\n"));
}

static void
test_secrets (void)
{
  g_autoptr(FakeService) service = start_service ();
  g_autoptr(Program) program = program_new (ARGUMENTS ("get", "http://127.0.0.1/a?key"));

  program_wait_for_tasks (program, service, 1);
  fake_service_change (service, 1, RUNNING ("0", "0"));
  fake_service_change (service, 1, FAILED ("Network", ""));
  g_assert_cmpint (program_wait (program), ==, 1);
  g_assert_cmpstr (program->output->str, ==, "#1 started: http://127.0.0.1/a\n");
  g_assert_cmpstr (program->errors->str, ==, "#1 failed: a.iso: the connection failed\n");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/get/one", test_one);
  g_test_add_func ("/cli/get/session", test_session);
  g_test_add_func ("/cli/get/finish-at-once", test_finish_at_once);
  g_test_add_func ("/cli/get/proof", test_proof);
  g_test_add_func ("/cli/get/failure", test_failure);
  g_test_add_func ("/cli/get/cancelled", test_cancelled);
  g_test_add_func ("/cli/get/refused", test_refused);
  g_test_add_func ("/cli/get/refused-list", test_refused_list);
  g_test_add_func ("/cli/get/needs-person", test_needs_person);
  g_test_add_func ("/cli/get/waiting", test_waiting);
  g_test_add_func ("/cli/get/interrupt", test_interrupt);
  g_test_add_func ("/cli/get/interrupt-early", test_interrupt_early);
  g_test_add_func ("/cli/get/add", test_add);
  g_test_add_func ("/cli/get/options", test_options);
  g_test_add_func ("/cli/get/many", test_many);
  g_test_add_func ("/cli/get/secrets", test_secrets);
  return g_test_run ();
}
