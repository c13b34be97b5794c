/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “ferry get” and “ferry add” against the real service, which may be killed in front of them. */
#define G_LOG_DOMAIN "test-cli-get"

#include "config.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

#include "command.h"
#include "gate.h"
#include "stage.h"
#include "support/test-bed.h"

#define SIZE (300 * 1000)
#define HALF (150 * 1000)

#define ARGUMENTS(...) ((const char *const[]) { "ferry", __VA_ARGS__, NULL })

/* The service, and a server with a file that comes as far as the test lets it. */
typedef struct
{
  TestServer *server;   /* owned */
  Gate        gate;     /* of a.iso */
  Fixture    *fixture;  /* owned */
  char       *url;      /* owned; of a.iso */
} Scene;

static void
scene_init (Scene  *self,
            gint64  hold_at)
{
  gate_init (&self->gate, 7, SIZE, hold_at);
  self->server = test_server_new (NULL);
  test_server_add (self->server, "/a.iso", gate_serve, &self->gate);
  self->fixture = fixture_new (FIXTURE_STRICT);
  self->url = test_server_get_url (self->server, "/a.iso");
}

static void
scene_clear (Scene *self)
{
  gate_open (&self->gate);
  fixture_free (self->fixture);
  test_server_free (self->server);
  gate_clear (&self->gate);
  g_clear_pointer (&self->url, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

/* For its signals to come to the test. */
static void
open_session (Scene *self)
{
  g_autofree char *session = client_open_session (self->fixture->client, "ferry-cli");
}

/* All tasks there are: a(oa{sv}) */
static GVariant *
list_tasks (Scene *self)
{
  g_autoptr(GVariant) answer = client_call (self->fixture->client, MANAGER_PATH, "Manager",
                                            "ListTasks",
                                            g_variant_new ("(@a{sv}tu)", client_parse ("{}"),
                                                           (guint64) 0, 0));

  return g_variant_get_child_value (answer, 0);
}

static guint
count_tasks (Scene *self)
{
  g_autoptr(GVariant) tasks = list_tasks (self);

  return (guint) g_variant_n_children (tasks);
}

static char *
get_task_path (guint number)
{
  return g_strdup_printf (MANAGER_PATH "/task/%u", number);
}

static void
assert_whole (Scene      *self,
              const char *name)
{
  g_autofree char *path = fixture_get_path (self->fixture, name);

  gate_assert_file (&self->gate, path);
}

static void
assert_ended (Command    *command,
              int         status,
              const char *errors)
{
  int came = command_wait (command);

  if (came != status)
    g_error ("it ended with %d:\n%s%s", came, command->output, command->errors);
  if (errors != NULL)
    g_assert_cmpstr (command->errors, ==, errors);
}

static void
test_whole (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(Command) command = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *path = NULL;

  scene_init (&scene, SIZE + 1);
  command = command_start (scene.fixture, ARGUMENTS ("get", scene.url));
  assert_ended (command, 0, "");
  path = fixture_get_path (scene.fixture, "a.iso");
  expected = g_strdup_printf ("#1 finished: %s (300.0 kB)\n", path);
  g_assert_true (g_str_has_suffix (command->output, expected));
  assert_whole (&scene, "a.iso");
}

/* In the middle: the file is whole, and there is one of it. */
static void
test_killed (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(Command) command = NULL;

  scene_init (&scene, HALF);
  command = command_start (scene.fixture, ARGUMENTS ("get", scene.url));
  gate_wait_held (&scene.gate, 1);
  (void) fixture_end_service (scene.fixture, SIGKILL);    /* by that signal */
  gate_wait_held (&scene.gate, 2);
  gate_open (&scene.gate);
  assert_ended (command, 0,
                "ferry get: the transfer service has ended; asking for it again\n"
                "ferry get: the transfer service is back\n");
  g_assert_nonnull (strstr (command->output, "#1 finished: "));
  assert_whole (&scene, "a.iso");
  fixture_assert_files (scene.fixture, "a.iso", NULL);
  g_assert_cmpuint (count_tasks (&scene), ==, 1);
}

/* It ends again and again: then we leave, and what was begun goes on. */
static void
test_three_kills (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(Command) command = NULL;
  g_autofree char *task = get_task_path (1);

  scene_init (&scene, HALF);
  command = command_start (scene.fixture, ARGUMENTS ("get", scene.url));
  for (guint i = 0; i < 3; i++)
    {
      gate_wait_held (&scene.gate, i + 1);
      (void) fixture_end_service (scene.fixture, SIGKILL);    /* by that signal */
    }

  assert_ended (command, 3, NULL);
  g_assert_nonnull (strstr (command->errors, "ferry get: the transfer service has failed 3 times"
                            " within a minute, and is not asked for again"));
  g_assert_nonnull (strstr (command->errors, "; #1 will go on when it runs again\n"));

  gate_open (&scene.gate);
  g_assert_cmpuint (count_tasks (&scene), ==, 1);
  open_session (&scene);
  client_wait_state (scene.fixture->client, task, "finished");
  assert_whole (&scene, "a.iso");
}

/* A service that was killed before, or that is there and does not answer before it dies. */
static void
test_killed_before (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(Command) get = NULL;
  g_autoptr(Command) add = NULL;

  scene_init (&scene, SIZE + 1);
  g_assert_cmpuint (count_tasks (&scene), ==, 0);
  (void) fixture_end_service (scene.fixture, SIGKILL);    /* by that signal */
  get = command_start (scene.fixture, ARGUMENTS ("get", scene.url));
  assert_ended (get, 0, "");
  assert_whole (&scene, "a.iso");

  (void) fixture_end_service (scene.fixture, SIGKILL);
  add = command_start (scene.fixture, ARGUMENTS ("add", "-o", "b.iso", scene.url));
  assert_ended (add, 0, "");
  g_assert_cmpuint (count_tasks (&scene), ==, 2);
}

/* The transfer goes on without us. */
static void
test_interrupt (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(Command) command = NULL;
  g_autofree char *task = get_task_path (1);

  scene_init (&scene, HALF);
  command = command_start (scene.fixture, ARGUMENTS ("get", scene.url));
  gate_wait_held (&scene.gate, 1);
  g_subprocess_send_signal (command->process, SIGINT);
  assert_ended (command, 130,
                "ferry get: #1 will go on without this program; “ferry list” shows how far\n");
  open_session (&scene);
  gate_open (&scene.gate);
  client_wait_state (scene.fixture->client, task, "finished");
  assert_whole (&scene, "a.iso");
}

/* One that the server does not have, and one whose digest is another. */
static void
test_failure (void)
{
  static const TestAnswer missing = { .status = "404 Not Found", .body = "" };
  g_auto(Scene) scene = { 0 };
  g_autoptr(Command) none = NULL;
  g_autoptr(Command) wrong = NULL;
  g_autofree char *url = NULL;

  scene_init (&scene, SIZE + 1);
  test_server_add (scene.server, "/none", test_answer, (gpointer) &missing);
  url = test_server_get_url (scene.server, "/none");
  none = command_start (scene.fixture, ARGUMENTS ("get", url, scene.url));
  assert_ended (none, 1, NULL);
  g_assert_true (g_str_has_prefix (none->errors, "#1 failed: none: the server refused ("));
  g_assert_true (g_str_has_suffix (none->output, "\n1 of 2 transfers are finished\n"));

  wrong = command_start (scene.fixture,
                         ARGUMENTS ("get", "--digest=md5=d41d8cd98f00b204e9800998ecf8427e",
                                    "-o", "b.iso", scene.url));
  assert_ended (wrong, 1, NULL);
  g_assert_true (g_str_has_prefix (wrong->errors, "#3 failed: b.iso: the bytes are not those of"
                                   " the digest"));
  fixture_assert_files (scene.fixture, "a.iso", NULL);
}

static const char *
get_asked (Scene      *self,
           const char *header)
{
  guint n = test_server_get_n_requests (self->server);

  return test_request_get_header (test_server_get_request (self->server, n - 1), header);
}

/* All options, as the service has them, and the requests with them; no secret can be read. */
static void
test_add (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(Command) command = NULL;
  g_autoptr(Command) later = NULL;
  g_autofree char *first = get_task_path (1);
  g_autofree char *second = get_task_path (2);
  g_autoptr(GVariant) options = NULL;
  g_autofree char *text = NULL;
  gint64 begin;

  scene_init (&scene, HALF);
  command = command_start (scene.fixture,
                           ARGUMENTS ("add", "--priority=high", "--limit", "100M", "-H",
                                      "Authorization: Bearer word", "--header=X-One: 1",
                                      scene.url));
  assert_ended (command, 0, "");
  g_assert_true (g_str_has_prefix (command->output, "#1 a.iso: "));
  gate_wait_held (&scene.gate, 1);
  stage_assert (scene.fixture->client, first, "Task", "Priority", "0.75");
  stage_assert (scene.fixture->client, first, "Task", "DownloadLimit", "uint64 100000000");
  options = client_get (scene.fixture->client, first, "Options");
  text = g_variant_print (options, FALSE);
  g_assert_nonnull (strstr (text, "'headers': <{'X-One': '1'}>"));
  g_assert_null (strstr (text, "word"));

  begin = g_get_real_time () + 2 * G_TIME_SPAN_HOUR;
  later = command_start (scene.fixture, ARGUMENTS ("add", "--at", "+2h", scene.url));
  assert_ended (later, 0, "");
  g_assert_true (g_str_has_prefix (later->output, "#2 a.iso: waiting: it is to begin in 1:59:"));
  g_assert_cmpint (client_get_number (scene.fixture->client, second, "NotBefore"), >=,
                   begin - G_USEC_PER_SEC);

  open_session (&scene);
  gate_open (&scene.gate);
  client_wait_state (scene.fixture->client, first, "finished");
  g_assert_cmpstr (get_asked (&scene, "Authorization"), ==, "Bearer word");
  g_assert_cmpstr (get_asked (&scene, "X-One"), ==, "1");
}

/* The list that a person has of aria2. */
static void
test_list (void)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(Command) command = NULL;
  g_autofree char *list = NULL;
  g_autofree char *path = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *inside = NULL;
  g_autofree char *sum = NULL;
  g_autofree char *notice = NULL;

  scene_init (&scene, SIZE + 1);
  folder = g_build_filename (scene.fixture->home, "inside", NULL);
  inside = g_build_filename (folder, "c.iso", NULL);
  path = g_build_filename (scene.fixture->home, "list", NULL);
  sum = test_content_sha256 (&scene.gate.answer.content);
  g_assert_no_errno (g_mkdir (folder, 0700));
  list = g_strdup_printf ("# files\n%s\n\n%s\t%s\n  out=b.iso\n  checksum=sha-256=%s\n%s\n"
                          "  dir=%s\n  out=c.iso\n  referer=http://127.0.0.1/page\n", scene.url,
                          scene.url, scene.url, sum, scene.url, folder);
  g_assert_true (g_file_set_contents (path, list, -1, NULL));
  command = command_start (scene.fixture, ARGUMENTS ("get", "-i", path));
  notice = g_strdup_printf ("ferry get: %s:4: of several addresses of one file only the first is"
                            " used\n", path);
  assert_ended (command, 0, notice);
  g_assert_nonnull (strstr (command->output, "b.iso (300.0 kB, sha-256 verified)\n"));
  fixture_assert_files (scene.fixture, "a.iso", "b.iso", NULL);
  assert_whole (&scene, "a.iso");
  assert_whole (&scene, "b.iso");
  gate_assert_file (&scene.gate, inside);
  g_assert_cmpuint (count_tasks (&scene), ==, 3);
}

/* As a person sees it: in a terminal that `script` makes, 40 columns wide. */
static void
test_script (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *program = g_find_program_in_path ("script");
  g_autoptr(Command) command = NULL;
  g_autofree char *line = NULL;

  if (program == NULL)
    {
      g_test_skip ("script is not installed");
      return;
    }

  /* Slowly, for the bar to be drawn. */
  scene_init (&scene, SIZE + 1);
  scene.gate.pace_ms = 200;
  line = g_strdup_printf ("env TERM=xterm COLUMNS=40 NO_COLOR=1 ferry get '%s'", scene.url);
  command = command_start (scene.fixture,
                           (const char *const[]) { "script", "-qec", line, "/dev/null", NULL });
  assert_ended (command, 0, NULL);
  g_assert_nonnull (strstr (command->output, "a.iso       ━"));
  g_assert_nonnull (strstr (command->output, "\033[1A\033[J"));
  g_assert_nonnull (strstr (command->output, "#1 finished: "));
  assert_whole (&scene, "a.iso");
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/cli-get/whole", test_whole);
  g_test_add_func ("/cli-get/killed", test_killed);
  g_test_add_func ("/cli-get/three-kills", test_three_kills);
  g_test_add_func ("/cli-get/killed-before", test_killed_before);
  g_test_add_func ("/cli-get/interrupt", test_interrupt);
  g_test_add_func ("/cli-get/failure", test_failure);
  g_test_add_func ("/cli-get/add", test_add);
  g_test_add_func ("/cli-get/list", test_list);
  g_test_add_func ("/cli-get/script", test_script);
  return g_test_run ();
}
