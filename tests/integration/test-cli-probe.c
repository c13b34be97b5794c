/* SPDX-License-Identifier: GPL-3.0-or-later */
/* “ferry probe”, with the real service. */
#define G_LOG_DOMAIN "test-cli-probe"

#include "config.h"

#include <signal.h>
#include <string.h>

#include "printed.h"
#include "task-json.h"

#define SIZE 5000000

/* What killing the service ends it with. */
#define KILLED (128 + SIGKILL)

/* A server with a good file, one that moved to it, one of which nothing is told, and two
 * refusals. */
typedef struct
{
  Stage  stage;
  char  *good;    /* owned; their addresses */
  char  *moved;   /* owned */
  char  *bare;    /* owned */
  char  *gone;    /* owned */
  char  *closed;  /* owned */
} Scene;

/* HEAD has the head alone. */
static void
serve_head (TestExchange *x,
            gpointer      answer)
{
  test_answer_head (x, answer);
  test_exchange_write (x, "\r\n", 2);
}

static void
scene_init (Scene *self)
{
  static const TestAnswer good = {
    .content = { .seed = 5, .size = SIZE }, .etag = "\"v1\"",
    .headers = "Content-Type: application/x-iso\r\nAccept-Ranges: bytes\r\n"
               "Content-Disposition: attachment; filename=\"a b.iso\"\r\n",
  };
  static const TestAnswer moved = { .status = "302 Found", .headers = "Location: /good?key=2\r\n",
                                    .body = "" };
  static const TestAnswer bare = { .framing = TEST_FRAMING_CHUNKED,
                                   .headers = "Accept-Ranges: none\r\n" };
  static const TestAnswer gone = { .status = "404 Not Found", .body = "" };
  static const TestAnswer closed = { .status = "401 Unauthorized", .body = "",
                                     .headers = "WWW-Authenticate: Basic realm=\"x\"\r\n" };

  stage_init (&self->stage, NULL);
  test_server_add (self->stage.server, "/good", serve_head, (gpointer) &good);
  test_server_add (self->stage.server, "/moved", serve_head, (gpointer) &moved);
  test_server_add (self->stage.server, "/bare", serve_head, (gpointer) &bare);
  test_server_add (self->stage.server, "/gone", serve_head, (gpointer) &gone);
  test_server_add (self->stage.server, "/closed", serve_head, (gpointer) &closed);
  self->good = test_server_get_url (self->stage.server, "/good");
  self->moved = test_server_get_url (self->stage.server, "/moved?key=1");
  self->bare = test_server_get_url (self->stage.server, "/bare");
  self->gone = test_server_get_url (self->stage.server, "/gone");
  self->closed = test_server_get_url (self->stage.server, "/closed");
}

static void
scene_clear (Scene *self)
{
  stage_clear (&self->stage);
  g_clear_pointer (&self->good, g_free);
  g_clear_pointer (&self->moved, g_free);
  g_clear_pointer (&self->bare, g_free);
  g_clear_pointer (&self->gone, g_free);
  g_clear_pointer (&self->closed, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

static void
test_text (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *text = NULL;

  scene_init (&scene);
  text = printed_run (scene.stage.fixture, 0, NULL, ARGUMENTS ("probe", scene.moved, scene.bare));
  printed_assert (&scene.stage, text,
                  "Address:        SERVER/moved?key=1\n"
                  "Redirected to:  SERVER/good?key=2\n"
                  "Name:           a b.iso\n"
                  "Size:           5.0 MB (5000000 bytes)\n"
                  "Type:           application/x-iso\n"
                  "Resumable:      yes\n"
                  "Version:        \"v1\"\n"
                  "\n"
                  "Address:    SERVER/bare\n"
                  "Name:       bare\n"
                  "Size:       unknown\n"
                  "Resumable:  no; after an interruption it begins anew\n");
}

/* The others are asked all the same. */
static void
test_refusals (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *text = NULL;
  g_autofree char *said = NULL;
  g_autofree char *server = NULL;
  g_auto(GStrv) lines = NULL;

  scene_init (&scene);
  text = printed_run (scene.stage.fixture, 1, &said,
                      ARGUMENTS ("probe", scene.gone, scene.good, scene.closed));
  printed_assert (&scene.stage, text,
                  "Address:    SERVER/good\n"
                  "Name:       a b.iso\n"
                  "Size:       5.0 MB (5000000 bytes)\n"
                  "Type:       application/x-iso\n"
                  "Resumable:  yes\n"
                  "Version:    \"v1\"\n");

  lines = g_strsplit (said, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 3);
  server = g_strdup_printf ("ferry probe: %s: the server refused (", scene.gone);
  g_assert_true (g_str_has_prefix (lines[0], server));
  g_assert_true (g_str_has_suffix (lines[0], "; check the address"));
  g_assert_nonnull (strstr (lines[1], "a sign-in is needed"));
  g_assert_true (g_str_has_suffix (lines[1], "; give one with --header='Authorization: …'"));
}

static void
assert_string (JsonObject *object,
               const char *key,
               const char *value)
{
  g_assert_true (json_object_has_member (object, key));
  if (value == NULL)
    g_assert_true (json_object_get_null_member (object, key));
  else
    g_assert_cmpstr (json_object_get_string_member (object, key), ==, value);
}

static void
test_json (void)
{
  static const char *const keys[] = {
    "url", "error", "current-url", "file-name", "size", "mime-type", "resumable", "validator", NULL,
  };
  g_auto(Scene) scene = { 0 };
  g_autofree char *text = NULL;
  g_autofree char *said = NULL;
  g_autofree char *target = NULL;
  g_autoptr(JsonNode) root = NULL;
  JsonArray *probes;
  JsonObject *probe;

  scene_init (&scene);
  target = test_server_get_url (scene.stage.server, "/good?key=2");
  text = printed_run (scene.stage.fixture, 1, &said,
                      ARGUMENTS ("probe", "--json", scene.moved, scene.bare, scene.gone));
  root = task_json_parse (text);
  task_json_assert_documented (root);
  probes = json_object_get_array_member (json_node_get_object (root), "probes");
  g_assert_cmpuint (json_array_get_length (probes), ==, 3);
  for (guint i = 0; i < 3; i++)
    task_json_assert_keys (json_array_get_object_element (probes, i), keys);

  probe = json_array_get_object_element (probes, 0);
  assert_string (probe, "url", scene.moved);
  assert_string (probe, "current-url", target);
  assert_string (probe, "file-name", "a b.iso");
  assert_string (probe, "mime-type", "application/x-iso");
  assert_string (probe, "validator", "\"v1\"");
  assert_string (probe, "error", NULL);
  g_assert_cmpint (json_object_get_int_member (probe, "size"), ==, SIZE);
  g_assert_true (json_object_get_boolean_member (probe, "resumable"));

  probe = json_array_get_object_element (probes, 1);
  assert_string (probe, "size", NULL);
  assert_string (probe, "mime-type", NULL);
  assert_string (probe, "validator", NULL);
  g_assert_false (json_object_get_boolean_member (probe, "resumable"));

  probe = json_array_get_object_element (probes, 2);
  assert_string (probe, "current-url", NULL);
  assert_string (probe, "resumable", NULL);
  assert_string (json_object_get_object_member (probe, "error"), "kind", "Server");
}

/* They arrive; that one is a secret does not matter here, it is not told either. */
static void
test_headers (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *text = NULL;
  g_autofree char *bad = NULL;
  g_autofree char *said = NULL;

  scene_init (&scene);
  text = printed_run (scene.stage.fixture, 0, NULL,
                      ARGUMENTS ("probe", "--header", "X-A: one", scene.good,
                                 "--header=authorization: hush"));
  g_assert_null (strstr (text, "hush"));
  g_assert_cmpstr (stage_get_asked (&scene.stage, 0, "X-A"), ==, "one");
  g_assert_cmpstr (stage_get_asked (&scene.stage, 0, "Authorization"), ==, "hush");

  bad = printed_run (scene.stage.fixture, 2, &said,
                     ARGUMENTS ("probe", "--header", "Range: bytes=0-", scene.good));
  g_assert_nonnull (strstr (said, "the header “Range” is for the transfer service alone"));
  g_assert_cmpuint (test_server_get_n_requests (scene.stage.server), ==, 1);
}

/* What is typed may hold a password. */
static void
test_usage (void)
{
  static const struct
  {
    const char *arguments[4];
    const char *said;
  } rows[] = {
    { { "probe" }, "no address is given" },
    { { "probe", "http://127.0.0.1/", "ftp://me:hush@127.0.0.1/" }, "address 2: " },
    { { "probe", "http://me:hush@127.0.0.1/" }, "address 1: " },
    { { "probe", "--hraeder=hush" }, "unknown option “--hraeder”" },
  };
  g_auto(Scene) scene = { 0 };
  g_autofree char *help = NULL;

  scene_init (&scene);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *said = NULL;
      g_autofree char *text = printed_run (scene.stage.fixture, 2, &said, rows[i].arguments);

      g_assert_cmpstr (text, ==, "");
      g_assert_nonnull (strstr (said, rows[i].said));
      g_assert_null (strstr (said, "hush"));
    }

  help = printed_run (scene.stage.fixture, 0, NULL, ARGUMENTS ("probe", "--help"));
  g_assert_true (g_str_has_prefix (help, "Usage: ferry probe"));
  printed_assert_alone ("", ARGUMENTS ("probe", scene.good));
}

static void
test_killed (void)
{
  g_auto(Scene) scene = { 0 };
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  scene_init (&scene);
  before = printed_run (scene.stage.fixture, 0, NULL, ARGUMENTS ("probe", scene.good));
  g_assert_cmpint (fixture_end_service (scene.stage.fixture, SIGKILL), ==, KILLED);
  after = printed_run (scene.stage.fixture, 0, NULL, ARGUMENTS ("probe", scene.good));
  g_assert_cmpstr (after, ==, before);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/cli-probe/text", test_text);
  g_test_add_func ("/cli-probe/refusals", test_refusals);
  g_test_add_func ("/cli-probe/json", test_json);
  g_test_add_func ("/cli-probe/headers", test_headers);
  g_test_add_func ("/cli-probe/usage", test_usage);
  g_test_add_func ("/cli-probe/killed", test_killed);
  return g_test_run ();
}
