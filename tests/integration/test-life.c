/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The service is there for as long as it is needed, and a while more. */
#define G_LOG_DOMAIN "test-life"

#include "config.h"

#include "fixture.h"
#include "gate.h"
#include "mount.h"
#include "support/certificates.h"

#define SIZE (300 * 1000)

/* The least that the setting allows. */
#define DELAY "uint32 1"
#define DELAY_US G_TIME_SPAN_SECOND

/* Who is still there then does not leave for want of work. */
#define LONG_ENOUGH_MS 2500

/* Too small a disk for the file. */
#define SMALL_DISK (128 * 1024)

/* What the tasks of a test ask for. */
typedef struct
{
  TestServer       *server;        /* owned */
  TestCertificates *certificates;  /* owned */
  TestServer       *untrusted;     /* owned */
  Gate              gate;
  TestAnswer        file;
  TestAnswer        busy;
  TestAnswer        missing;
  TestAnswer        locked;
  TestAnswer        gone[2];       /* at first, and later */
} Peers;

/* A service in a certain situation. */
typedef struct
{
  Peers   *peers;    /* unowned */
  Fixture *fixture;  /* owned */
  Client  *visitor;  /* owned; NULL: has left */
  char    *session;  /* owned; NULL: none */
  char    *task;     /* owned; NULL: none */
  guint32  pid;
} Scene;

typedef void (* SceneFunc) (Scene *scene);

typedef struct
{
  const char *name;
  SceneFunc   prepare;
  gboolean    needs_visitor;  /* who prepares it does not leave */
  SceneFunc   release;        /* what makes it leave. NULL: it leaves without that */
} Row;

static void
serve_gone (TestExchange *x,
            gpointer      answers)
{
  test_answer (x, (TestAnswer *) answers + (x->request->nth > 1 ? 1 : 0));
}

static void
peers_init (Peers *self)
{
  *self = (Peers) {
    .file = { .content = { 31, SIZE } },
    .busy = { .status = "503 Busy", .headers = "Retry-After: 3600\r\n", .body = "later" },
    .missing = { .status = "404 Not Found", .body = "nothing" },
    .locked = { .status = "401 Unauthorized", .body = "who?",
                .headers = "WWW-Authenticate: Basic realm=\"a\"\r\n" },
    .gone = {
      { .content = { 32, SIZE }, .etag = "\"a\"", .cut = SIZE / 2, .end = TEST_END_CLOSE },
      { .status = "410 Gone", .body = "nothing" },
    },
  };
  gate_init (&self->gate, 33, SIZE, SIZE / 2);
  self->certificates = test_certificates_new ();
  self->untrusted = test_server_new (self->certificates->good);
  test_server_add (self->untrusted, "/file", test_answer, &self->file);
  self->server = test_server_new (NULL);
  test_server_add (self->server, "/gate", gate_serve, &self->gate);
  test_server_add (self->server, "/file", test_answer, &self->file);
  test_server_add (self->server, "/busy", test_answer, &self->busy);
  test_server_add (self->server, "/missing", test_answer, &self->missing);
  test_server_add (self->server, "/locked", test_answer, &self->locked);
  test_server_add (self->server, "/gone", serve_gone, self->gone);
}

static void
peers_clear (Peers *self)
{
  if (self->server == NULL)
    return;  /* the test was skipped */

  gate_open (&self->gate);
  test_server_free (self->server);
  test_server_free (self->untrusted);
  test_certificates_free (self->certificates);
  gate_clear (&self->gate);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Peers, peers_clear)

static void
scene_clear (Scene *self)
{
  g_clear_pointer (&self->visitor, client_free);
  g_clear_pointer (&self->fixture, fixture_free);
  g_clear_pointer (&self->session, g_free);
  g_clear_pointer (&self->task, g_free);
}

static void
scene_begin (Scene     *self,
             Peers     *peers,
             const Row *row)
{
  *self = (Scene) { .peers = peers, .fixture = fixture_new (FIXTURE_STRICT) };
  fixture_set (self->fixture, "idle-exit-delay", DELAY);
  self->visitor = client_new (self->fixture->address);
  row->prepare (self);
  self->pid = fixture_get_pid (self->fixture);
  if (self->pid == 0)
    g_error ("%s: it has left already", row->name);
  if (!row->needs_visitor)
    g_clear_pointer (&self->visitor, client_free);
}

static void
make_task (Scene      *self,
           TestServer *server,
           const char *path,
           const char *more)
{
  g_autofree char *url = test_server_get_url (server, path);
  g_autofree char *options = g_strdup_printf ("{'destination': <'%s'>%s}",
                                              self->fixture->downloads, more);

  if (self->session == NULL)
    self->session = client_open_session (self->visitor, "life");
  g_clear_pointer (&self->task, g_free);
  self->task = client_create (self->visitor, self->session, url, client_parse (options));
}

static void
make_started (Scene      *self,
              const char *path,
              const char *reason)
{
  make_task (self, self->peers->server, path, ", 'start': <true>");
  client_wait_reason (self->visitor, self->task, reason);
}

static void
prepare_nothing (Scene *self)
{
  self->session = client_open_session (self->visitor, "life");
}

static void
watch (Scene    *self,
       gboolean  watching)
{
  g_autoptr(GVariant) answer = NULL;

  answer = client_call (self->visitor, MANAGER_PATH, "Manager", "Watch",
                        g_variant_new ("(b)", watching));
  g_assert_nonnull (answer);
}

static void
prepare_watch (Scene *self)
{
  watch (self, TRUE);
}

static void
prepare_running (Scene *self)
{
  make_task (self, self->peers->server, "/gate", ", 'start': <true>");
  client_wait_received (self->visitor, self->task, SIZE / 2);
}

/* Behind one that runs. */
static void
prepare_queue (Scene *self)
{
  fixture_set (self->fixture, "max-running", "uint32 1");
  prepare_running (self);
  make_started (self, "/file", "queue");
}

static void
prepare_retry (Scene *self)
{
  make_started (self, "/busy", "retry");
}

static void
prepare_not_yet (Scene *self)
{
  g_autofree char *more = g_strdup_printf (", 'start': <true>, 'not-before': <int64 %"
                                           G_GINT64_FORMAT ">",
                                           g_get_real_time () + G_TIME_SPAN_HOUR);

  make_task (self, self->peers->server, "/file", more);
  client_wait_reason (self->visitor, self->task, "not-yet");
}

static void
prepare_disk_full (Scene *self)
{
  mount_small (self->fixture->downloads, SMALL_DISK);
  make_started (self, "/file", "disk-full");
}

static void
prepare_secret (Scene *self)
{
  make_task (self, self->peers->server, "/file",
             ", 'secret-headers': <{'Authorization': 'Basic YTpi'}>");
}

static void
prepare_suspended (Scene *self)
{
  make_task (self, self->peers->server, "/file", "");
}

static void
prepare_finished (Scene *self)
{
  prepare_secret (self);
  client_tell (self->visitor, self->task, "Resume");
  client_wait_state (self->visitor, self->task, "finished");
}

static void
prepare_failed (Scene *self)
{
  make_task (self, self->peers->server, "/missing", ", 'start': <true>");
  client_wait_state (self->visitor, self->task, "failed");
}

static void
prepare_credentials (Scene *self)
{
  make_started (self, "/locked", "credentials");
}

static void
prepare_new_url (Scene *self)
{
  make_started (self, "/gone", "new-url");
}

static void
prepare_trust (Scene *self)
{
  make_task (self, self->peers->untrusted, "/file", ", 'start': <true>");
  client_wait_reason (self->visitor, self->task, "trust");
}

static void
release_visitor (Scene *self)
{
  g_clear_pointer (&self->visitor, client_free);
}

/* That somebody is on the bus who has called is nothing to stay for. */
static void
release_watch (Scene *self)
{
  watch (self, FALSE);
}

static void
release_gate (Scene *self)
{
  gate_open (&self->peers->gate);
}

/* The fixture's client has opened no session. */
static void
release_task (Scene *self)
{
  client_tell (self->fixture->client, self->task, "Suspend");
}

static void
release_secret (Scene *self)
{
  client_tell (self->fixture->client, self->task, "Cancel");
}

static void
assert_stay (Scene     *scenes,
             const Row *rows,
             gsize      n)
{
  client_pass_time (scenes[0].fixture->client, LONG_ENOUGH_MS);
  for (gsize i = 0; i < n; i++)
    if (fixture_get_pid (scenes[i].fixture) != scenes[i].pid)
      g_error ("%s: it has left", rows[i].name);

  for (gsize i = 0; i < n; i++)
    rows[i].release (&scenes[i]);
  for (gsize i = 0; i < n; i++)
    {
      g_test_message ("leaves after: %s", rows[i].name);
      g_assert_cmpint (fixture_wait_end (scenes[i].fixture), ==, 0);
    }
}

/* §9: a task that runs or will run by itself, a client, a secret. All at the same time, for each is
 * a while of waiting. */
static void
test_stays (void)
{
  static const Row rows[] = {
    { "a client", prepare_nothing, TRUE, release_visitor },
    { "a watcher", prepare_watch, TRUE, release_watch },
    { "running", prepare_running, FALSE, release_gate },
    { "queue", prepare_queue, FALSE, release_gate },
    { "retry", prepare_retry, FALSE, release_task },
    { "not-yet", prepare_not_yet, FALSE, release_task },
    { "a secret", prepare_secret, FALSE, release_secret },
  };
  g_auto(Peers) peers = { 0 };
  Scene scenes[G_N_ELEMENTS (rows)];

  peers_init (&peers);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    scene_begin (&scenes[i], &peers, &rows[i]);
  assert_stay (scenes, rows, G_N_ELEMENTS (rows));
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    scene_clear (&scenes[i]);
}

static void
test_stays_for_room (void)
{
  static const Row row = { "disk-full", prepare_disk_full, FALSE, release_task };
  g_auto(Peers) peers = { 0 };
  Scene scene;

  if (!mount_or_skip ())
    return;

  peers_init (&peers);
  scene_begin (&scene, &peers, &row);
  assert_stay (&scene, &row, 1);
  mount_end (scene.fixture->downloads);
  scene_clear (&scene);
}

/* What needs a person, or nothing more, does not keep it; the next one finds it as it was. */
static void
test_leaves (void)
{
  static const Row rows[] = {
    { "suspended", prepare_suspended },
    { "finished", prepare_finished },
    { "failed", prepare_failed },
    { "credentials", prepare_credentials },
    { "new-url", prepare_new_url },
    { "trust", prepare_trust },
  };
  g_auto(Peers) peers = { 0 };
  Scene scenes[G_N_ELEMENTS (rows)];

  peers_init (&peers);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    scene_begin (&scenes[i], &peers, &rows[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *state = NULL;
      g_autofree char *reason = NULL;

      g_test_message ("leaves with: %s", rows[i].name);
      g_assert_cmpint (fixture_wait_end (scenes[i].fixture), ==, 0);
      state = client_get_string (scenes[i].fixture->client, scenes[i].task, "State");
      reason = client_get_string (scenes[i].fixture->client, scenes[i].task, "Reason");
      g_assert_cmpstr (*reason != '\0' ? reason : state, ==, rows[i].name);
      scene_clear (&scenes[i]);
    }
}

static gint64
list_sessions (Fixture *fixture)
{
  g_autoptr(GVariant) answer = NULL;

  answer = client_call (fixture->client, MANAGER_PATH, "Manager", "ListSessions", NULL);
  g_assert_nonnull (answer);
  return g_get_monotonic_time ();
}

static void
test_after_delay (void)
{
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  guint32 pid;
  gint64 last;

  fixture_set (fixture, "idle-exit-delay", DELAY);
  (void) list_sessions (fixture);  /* the next call is the last one */
  pid = fixture_get_pid (fixture);
  client_pass_time (fixture->client, DELAY_US / G_TIME_SPAN_MILLISECOND * 6 / 10);
  last = list_sessions (fixture);
  client_pass_time (fixture->client, DELAY_US / G_TIME_SPAN_MILLISECOND * 6 / 10);
  g_assert_cmpuint (fixture_get_pid (fixture), ==, pid);

  /* It counts from its answer, which is on its way to us for a moment. */
  g_assert_cmpint (fixture_wait_end (fixture), ==, 0);
  g_assert_cmpint (g_get_monotonic_time () - last, >=, DELAY_US * 9 / 10);
}

int
main (int    argc,
      char **argv)
{
  (void) mount_begin ();  /* the test asks */
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/life/leaves-after-a-while", test_after_delay);
  g_test_add_func ("/life/leaves-with", test_leaves);
  g_test_add_func ("/life/stays-for", test_stays);
  g_test_add_func ("/life/stays-for-room", test_stays_for_room);
  return g_test_run ();
}
