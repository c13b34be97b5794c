/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Runs a command beside the real service on a bus of its own and a server, and ends as it does:
 * `host COMMAND ARGUMENT…`. The command finds them by its environment: the bus as every program
 * does, the server's address in FERRY_TEST_SERVER, an empty folder in FERRY_TEST_FOLDER; files go
 * to HOME where nobody says otherwise. When it has ended, the service must have nothing to
 * complain of.
 */
#define G_LOG_DOMAIN "bindings-host"

#include "config.h"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

#include "integration/fixture.h"
#include "support/answer.h"
#include "support/test-bed.h"

#define SIZE 300000

/* A file, one that comes in part, an answer that is none, and an address without any. */
static TestAnswer file = { .content = { .seed = 1, .size = SIZE }, .etag = "\"1\"" };
static TestAnswer held = { .content = { .seed = 2, .size = SIZE }, .etag = "\"2\"",
                           .cut = SIZE / 3, .end = TEST_END_STALL };
static TestAnswer missing = { .status = "404 Not Found", .body = "There is no such file." };

static void
set_up_child (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* The command may have killed services; one that ended by itself ended well. */
static void
take_ends (Fixture *fixture)
{
  struct pollfd wait = { .fd = fixture->exits, .events = POLLIN };

  while (poll (&wait, 1, 0) > 0)
    {
      int status = fixture_wait_end (fixture);

      if (status != 0)
        g_assert_cmpint (status, ==, 128 + SIGKILL);
    }
}

static int
run (Fixture     *fixture,
     TestServer  *server,
     const char **command)
{
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr(GSubprocess) process = NULL;
  g_autofree char *url = test_server_get_url (server, "");
  g_autoptr(GError) error = NULL;

  g_subprocess_launcher_setenv (launcher, "HOME", fixture->home, TRUE);
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", fixture->address, TRUE);
  g_subprocess_launcher_setenv (launcher, "FERRY_TEST_SERVER", url, TRUE);
  g_subprocess_launcher_setenv (launcher, "FERRY_TEST_FOLDER", fixture->downloads, TRUE);
  g_subprocess_launcher_set_child_setup (launcher, set_up_child, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, command, &error);
  g_assert_no_error (error);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
  return g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process)
                                              : 128 + g_subprocess_get_term_sig (process);
}

int
main (int    argc,
      char **argv)
{
  int one = 1;
  int status;
  char *own[] = { argv[0], NULL };
  char **words = own;
  g_autoptr(TestServer) server = NULL;
  g_autoptr(Fixture) fixture = NULL;

  g_return_val_if_fail (argc > 1, 2);

  fixture_init_tests (&one, &words);
  server = test_server_new (NULL);
  test_server_add (server, "/file", test_answer, &file);
  test_server_add (server, "/held", test_answer, &held);
  test_server_add (server, "/missing", test_answer, &missing);
  fixture = fixture_new (FIXTURE_STRICT);
  status = run (fixture, server, (const char **) argv + 1);
  take_ends (fixture);
  return status;
}
