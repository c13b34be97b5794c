/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “ferry show”, with the real service. Tasks have the numbers 1, 2, 3 …, in the order in which
 * they are made. */
#define G_LOG_DOMAIN "test-cli-show"

#include "config.h"

#include <signal.h>
#include <string.h>

#include "printed.h"
#include "task-json.h"

#define SIZE 5000000

/* Wide characters, and an accent of its own. */
#define NAME "日本語e\xcc\x81.iso"

/* What killing the service ends it with. */
#define KILLED (128 + SIGKILL)

static const TestAnswer good = {
  .content = { .seed = 5, .size = SIZE }, .etag = "\"v1\"",
  .headers = "Content-Type: application/x-iso\r\nSet-Cookie: id=hush\r\n",
};

static void
show (Stage      *stage,
      const char *number,
      const char *text)
{
  g_autofree char *shown = printed_run (stage->fixture, 0, NULL, ARGUMENTS ("show", number));

  printed_assert (stage, shown, text);
}

/* What “show --json NUMBER” prints must be what the bus says. Returns it. */
static char *
read_json (Stage      *stage,
           const char *number,
           const char *path)
{
  char *text = printed_run (stage->fixture, 0, NULL, ARGUMENTS ("show", "--json", number));
  g_autoptr(JsonNode) root = task_json_parse (text);
  JsonArray *tasks = task_json_get_tasks (root);

  g_assert_cmpuint (json_array_get_length (tasks), ==, 1);
  task_json_assert (json_array_get_object_element (tasks, 0), stage->client, path, TRUE);
  task_json_assert_documented (root);
  return text;
}

static void
check_json (Stage      *stage,
            const char *number,
            const char *path)
{
  g_autofree char *text = read_json (stage, number, path);

  g_assert_cmpstr (text, !=, "");
}

/* All that can be said, and nothing that must not be. */
static void
test_finished (void)
{
  g_auto(Stage) stage = { 0 };
  g_autofree char *digest = test_content_sha256 (&good.content);
  g_autofree char *options = g_strdup_printf (
    "{'filename': <'" NAME "'>, 'digest': <'sha-256=%s'>, 'description': <'for the show'>,"
    " 'headers': <{'X-Page': 'unsaid'}>, 'secret-headers': <{'Authorization': 'hush'}>,"
    " 'referrer': <'http://me:hush@127.0.0.1/page?2'>, 'download-limit': <uint64 900000000>,"
    " 'priority': <0.75>, 'not-before': <int64 1000000000123456>}", digest);
  TestAnswer redirect = { .status = "302 Found", .headers = "Location: /good?key=2\r\n",
                          .body = "" };
  g_autofree char *task = NULL;
  g_autofree char *golden = NULL;
  g_autofree char *json = NULL;

  stage_init (&stage, "{'notify': <'none'>}");
  test_server_add (stage.server, "/good", test_answer, (gpointer) &good);
  test_server_add (stage.server, "/moved", test_answer, &redirect);
  task = stage_start (&stage, "/moved?key=1", options);
  client_wait_state (stage.client, task, "finished");

  golden = g_strdup_printf ("Number:         1\n"
                            "Name:           " NAME "\n"
                            "State:          finished\n"
                            "Address:        SERVER/moved?key=1\n"
                            "Redirected to:  SERVER/good?key=2\n"
                            "Referrer:       http://127.0.0.1/page?2\n"
                            "Headers:        X-Page\n"
                            "File:           DOWNLOADS/" NAME "\n"
                            "Size:           5.0 MB (5000000 bytes)\n"
                            "Type:           application/x-iso\n"
                            "Digest:         sha-256 %s, verified\n"
                            "Priority:       0.75\n"
                            "Limit:          900.0 MB/s\n"
                            "Not before:     DATE\n"
                            "Description:    for the show\n"
                            "Created:        DATE\n"
                            "Finished:       DATE\n"
                            "Session:        1\n"
                            "Exchange:       TIME 302, 0 bytes in TOOK, SERVER/moved?key=1\n"
                            "Exchange:       TIME 200, 5.0 MB in TOOK, SERVER/good?key=2\n",
                            digest);
  show (&stage, "1", golden);
  json = read_json (&stage, "1", task);
  g_assert_null (strstr (json, "hush"));
  g_assert_null (strstr (json, "unsaid"));
}

/* What is wrong, and what to do about it. */
static void
test_troubles (void)
{
  TestAnswer gone = { .status = "404 Not Found", .body = "no" };
  TestAnswer closed = { .status = "401 Unauthorized", .body = "no",
                        .headers = "WWW-Authenticate: Basic realm=\"x\"\r\n" };
  g_auto(Stage) stage = { 0 };
  g_autofree char *failed = NULL;
  g_autofree char *locked = NULL;
  g_autofree char *suspended = NULL;
  g_autofree char *of_locked = NULL;
  g_autofree char *of_suspended = NULL;

  stage_init (&stage, "{'notify': <'none'>}");
  test_server_add (stage.server, "/gone", test_answer, &gone);
  test_server_add (stage.server, "/closed", test_answer, &closed);
  failed = stage_start (&stage, "/gone", NULL);
  client_wait_state (stage.client, failed, "failed");
  locked = stage_start (&stage, "/closed", NULL);
  client_wait_reason (stage.client, locked, "credentials");
  suspended = stage_create (&stage, "/gone", "{'digest': <'md5=d41d8cd98f00b204e9800998ecf8427e'>,"
                                             " 'expected-size': <int64 4000>}");

  show (&stage, "#1",
        "Number:    1\n"
        "Name:      gone\n"
        "State:     failed\n"
        "Error:     the server refused (127.0.0.1 answered 404 Not Found)\n"
        "To do:     “ferry resume 1” tries again\n"
        "Address:   SERVER/gone\n"
        "Folder:    DOWNLOADS\n"
        "Size:      unknown\n"
        "Received:  0 bytes\n"
        "Priority:  0.5\n"
        "Limit:     none\n"
        "Created:   DATE\n"
        "Failed:    DATE\n"
        "Session:   1\n"
        "Exchange:  TIME 404, 2 bytes in TOOK, SERVER/gone\n");

  of_locked = printed_run (stage.fixture, 0, NULL, ARGUMENTS ("show", "2"));
  g_assert_nonnull (strstr (of_locked, "waiting: a sign-in is needed\n"));
  g_assert_nonnull (strstr (of_locked, "ferry get --header 'Authorization: …' ADDRESS"));

  show (&stage, "3",
        "Number:    3\n"
        "Name:      gone\n"
        "State:     suspended\n"
        "To do:     “ferry resume 3” lets it go on\n"
        "Address:   SERVER/gone\n"
        "Folder:    DOWNLOADS\n"
        "Size:      4.0 kB (4000 bytes)\n"
        "Received:  0 bytes, 0%\n"
        "Digest:    md5 d41d8cd98f00b204e9800998ecf8427e, not compared (weak: another file can be"
        " made to have it)\n"
        "Priority:  0.5\n"
        "Limit:     none\n"
        "Created:   DATE\n"
        "Session:   1\n");

  of_suspended = read_json (&stage, "3", suspended);
  g_assert_nonnull (of_suspended);
  check_json (&stage, "1", failed);
  check_json (&stage, "2", locked);
}

/* A running one; then the service ends, and what is here is proven to be of the same file. */
static void
test_resumed (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *running = NULL;
  g_autofree char *resumed = NULL;
  g_autofree char *json = NULL;

  gate_init (&gate, 3, SIZE, SIZE / 2);
  stage_init (&stage, "{'notify': <'none'>}");
  test_server_add (stage.server, "/file", gate_serve, &gate);
  task = stage_start (&stage, "/file", NULL);
  client_wait_received (stage.client, task, SIZE / 2);
  running = printed_run (stage.fixture, 0, NULL, ARGUMENTS ("show", "1"));
  g_assert_nonnull (strstr (running, "State:      running\n"));
  g_assert_nonnull (strstr (running, "Part file:  "));
  g_assert_nonnull (strstr (running, "Received:   2.5 MB (2500000 bytes), 50%\n"));

  client_tell (stage.client, task, "Suspend");
  gate_open (&gate);
  client_tell (stage.client, task, "Resume");
  client_wait_state (stage.client, task, "finished");
  resumed = printed_run (stage.fixture, 0, NULL, ARGUMENTS ("show", "1"));
  g_assert_nonnull (strstr (resumed, " 206, "));
  g_assert_nonnull (strstr (resumed, ", goes on, proven by its ETag, "));
  json = read_json (&stage, "1", task);
  g_assert_nonnull (strstr (json, "\"resume-basis\" : \"etag\""));
}

/* Nothing proves that all of it is here. */
static void
test_unproven (void)
{
  TestAnswer endless = { .content = { .seed = 5, .size = 5000 }, .framing = TEST_FRAMING_NONE,
                         .end = TEST_END_CLOSE };
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *text = NULL;

  stage_init (&stage, "{'notify': <'none'>}");
  test_server_add (stage.server, "/file", test_answer, &endless);
  task = stage_start (&stage, "/file", NULL);
  client_wait_state (stage.client, task, "finished");
  text = printed_run (stage.fixture, 0, NULL, ARGUMENTS ("show", "1"));
  g_assert_nonnull (strstr (text, "the server did not say how long it is, so that it may be"
                                  " incomplete\n"));
  check_json (&stage, "1", task);
}

/* Sentences are broken at the width, addresses are not. */
static void
test_terminal (void)
{
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *narrow = NULL;
  g_autofree char *wide = NULL;
  g_autoptr(Program) coloured = NULL;

  stage_init (&stage, "{'notify': <'none'>}");
  task = stage_create (&stage, "/a",
                       "{'filename': <'" NAME "'>,"
                       " 'description': <'日本語 日本語 日本語 日本語 日本語'>}");
  narrow = printed_run_at (stage.fixture, 0, 40, ARGUMENTS ("show", "1"));
  g_assert_true (g_str_has_prefix (narrow,
                                   "Number:       1\n"
                                   "Name:         日本語e.iso\n"
                                   "State:        suspended\n"
                                   "To do:        “ferry resume 1” lets it\n"
                                   "              go on\n"));
  g_assert_nonnull (strstr (narrow,
                            "Description:  日本語 日本語 日本語\n"
                            "              日本語 日本語\n"));

  wide = printed_run_at (stage.fixture, 0, 200, ARGUMENTS ("show", "1"));
  g_assert_nonnull (strstr (wide, "To do:        “ferry resume 1” lets it go on\n"));
  g_assert_nonnull (strstr (wide, "Description:  日本語 日本語 日本語 日本語 日本語\n"));

  coloured = program_new_at (200, 24, ARGUMENTS ("show", "1"), NULL);
  g_assert_cmpint (program_wait (coloured), ==, 0);
  program_wait_for_screen (coloured, 200, wide);
  g_assert_nonnull (strstr (coloured->output->str,
                            "\033[2mName:\033[0m         \033[1m" NAME "\033[0m\r\n"));
}

/* Each once, in the order asked for; those that do not exist are named. */
static void
test_several (void)
{
  g_auto(Stage) stage = { 0 };
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *text = NULL;
  g_autofree char *said = NULL;
  g_autofree char *json = NULL;
  g_autofree char *said_then = NULL;
  g_autoptr(JsonNode) root = NULL;
  const char *gap;

  stage_init (&stage, NULL);
  first = stage_create (&stage, "/a", NULL);
  second = stage_create (&stage, "/b", NULL);
  text = printed_run (stage.fixture, 1, &said, ARGUMENTS ("show", "2", "99", "1-2"));
  g_assert_cmpstr (said, ==, "ferry show: there is no transfer #99; “ferry list” shows those that"
                             " there are\n");
  g_assert_true (g_str_has_prefix (text, "Number:    2\n"));
  gap = strstr (text, "\n\n");
  g_assert_nonnull (gap);
  g_assert_true (g_str_has_prefix (gap, "\n\nNumber:    1\n"));
  g_assert_null (strstr (gap + 2, "\n\n"));

  json = printed_run (stage.fixture, 1, &said_then, ARGUMENTS ("show", "--json", "99"));
  root = task_json_parse (json);
  g_assert_cmpuint (json_array_get_length (task_json_get_tasks (root)), ==, 0);
}

static void
test_killed (void)
{
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  stage_init (&stage, NULL);
  task = stage_create (&stage, "/a", NULL);
  before = printed_run (stage.fixture, 0, NULL, ARGUMENTS ("show", "1"));
  g_assert_cmpint (fixture_end_service (stage.fixture, SIGKILL), ==, KILLED);
  after = printed_run (stage.fixture, 0, NULL, ARGUMENTS ("show", "1"));
  g_assert_cmpstr (after, ==, before);
  g_assert_cmpint (fixture_end_service (stage.fixture, SIGKILL), ==, KILLED);
  check_json (&stage, "1", task);
}

static void
test_usage (void)
{
  g_auto(Stage) stage = { 0 };
  g_autofree char *nothing = NULL;
  g_autofree char *said = NULL;
  g_autofree char *odd = NULL;
  g_autofree char *said_of_odd = NULL;
  g_autofree char *help = NULL;

  stage_init (&stage, NULL);
  nothing = printed_run (stage.fixture, 2, &said, ARGUMENTS ("show"));
  g_assert_nonnull (strstr (said, "no transfer is given"));
  odd = printed_run (stage.fixture, 2, &said_of_odd, ARGUMENTS ("show", "file.iso"));
  g_assert_nonnull (strstr (said_of_odd, "“file.iso” is no transfer"));
  help = printed_run (stage.fixture, 0, NULL, ARGUMENTS ("show", "-h"));
  g_assert_true (g_str_has_prefix (help, "Usage: ferry show"));
  printed_assert_alone ("", ARGUMENTS ("show", "1"));
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/cli-show/finished", test_finished);
  g_test_add_func ("/cli-show/troubles", test_troubles);
  g_test_add_func ("/cli-show/resumed", test_resumed);
  g_test_add_func ("/cli-show/unproven", test_unproven);
  g_test_add_func ("/cli-show/terminal", test_terminal);
  g_test_add_func ("/cli-show/several", test_several);
  g_test_add_func ("/cli-show/killed", test_killed);
  g_test_add_func ("/cli-show/usage", test_usage);
  return g_test_run ();
}
