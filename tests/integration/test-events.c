/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Events: in order, on disk before they are told, until they are acknowledged. */
#define G_LOG_DOMAIN "test-events"

#include "config.h"

#include <signal.h>
#include <string.h>

#include "stage.h"

#define SIZE 5000

static GVariant *
get_events (Stage   *stage,
            guint64  after,
            guint    limit)
{
  g_autoptr(GVariant) answer = client_call (stage->client, stage->session, "Session", "GetEvents",
                                            g_variant_new ("(tu)", after, limit));

  return g_variant_get_child_value (answer, 0);
}

static guint64
get_serial (GVariant *events,
            gsize     place)
{
  guint64 serial;

  g_variant_get_child (events, place, "(t&s&o@a{sv})", &serial, NULL, NULL, NULL);
  return serial;
}

static void
acknowledge (Stage   *stage,
             guint64  serial)
{
  g_autoptr(GVariant) answer = client_call (stage->client, stage->session, "Session",
                                            "AcknowledgeEvents", g_variant_new ("(t)", serial));

  g_assert_nonnull (answer);
}

static void
assert_pending (Stage *stage,
                guint  n)
{
  g_autofree char *text = g_strdup_printf ("%u", n);
  g_autoptr(GVariant) events = get_events (stage, 0, 0);

  stage_assert (stage->client, stage->session, "Session", "PendingEvents", text);
  g_assert_cmpuint (g_variant_n_children (events), ==, n);
}

static void
assert_kinds (Stage      *stage,
              const char *kinds)
{
  g_autofree char *found = stage_list_kinds (stage->client, stage->session);

  g_assert_cmpstr (found, ==, kinds);
}

/* That the event at @place is of @path, and the details are what @details says. */
static void
assert_event (Stage      *stage,
              gsize       place,
              const char *path,
              const char *details)
{
  g_autoptr(GVariant) events = stage_get_events (stage->client, stage->session);
  g_autoptr(GVariant) found = NULL;
  const char *of;

  g_variant_get_child (events, place, "(t&s&o@a{sv})", NULL, NULL, &of, &found);
  g_assert_cmpstr (of, ==, path);
  if (details != NULL)
    client_assert_value (found, details);
}

/* One that finishes, one that fails, one that is cancelled. */
static void
test_kinds (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = SIZE } };
  TestAnswer refusal = { .status = "404 Gone Fishing", .body = "" };
  g_auto(Stage) stage = { 0 };
  g_autofree char *finished = NULL;
  g_autofree char *failed = NULL;
  g_autofree char *cancelled = NULL;
  g_autofree char *details = NULL;
  g_autoptr(GVariant) events = NULL;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", test_answer, &answer);
  test_server_add (stage.server, "/gone", test_answer, &refusal);
  finished = stage_start (&stage, "/file", NULL);
  (void) stage_wait_signal (stage.client, "DidFinishEvents", stage.session, 0);  /* is enough */
  failed = stage_start (&stage, "/gone", NULL);
  client_wait_state (stage.client, failed, "failed");
  cancelled = stage_create (&stage, "/file", NULL);
  client_tell (stage.client, cancelled, "Cancel");
  while (client_count_signals (stage.client, "DidFinishEvents") < 3)
    (void) stage_wait_signal (stage.client, "DidFinishEvents", stage.session,
                              stage.client->signals->len);  /* is enough */

  assert_kinds (&stage, "finished session-finished failed session-finished cancelled "
                        "session-finished");
  details = g_strdup_printf ("{'path': <'%s/file'>}", stage.fixture->downloads);
  assert_event (&stage, 0, finished, details);
  assert_event (&stage, 1, stage.session,
                "{'finished': <uint32 1>, 'failed': <uint32 0>, 'cancelled': <uint32 0>}");
  assert_event (&stage, 2, failed, NULL);
  assert_event (&stage, 4, cancelled, "{}");
  assert_event (&stage, 5, stage.session,
                "{'finished': <uint32 0>, 'failed': <uint32 0>, 'cancelled': <uint32 1>}");
  events = get_events (&stage, 0, 0);
  for (gsize i = 1; i < g_variant_n_children (events); i++)
    g_assert_cmpuint (get_serial (events, i), >, get_serial (events, i - 1));
  assert_pending (&stage, 6);
}

/* What the signals of an end say, and in which order they come. */
static void
test_signals (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = SIZE } };
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) events = NULL;
  g_autofree char *wanted = NULL;
  g_autofree char *task = NULL;
  ClientSignal *signals[3];
  guint64 serial;
  const char *path;
  guint place;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", test_answer, &answer);
  task = stage_start (&stage, "/file", NULL);
  signals[2] = stage_wait_signal (stage.client, "DidFinishEvents", stage.session, 0);
  signals[0] = stage_wait_signal (stage.client, "DidFinishDownloading", task, 0);
  signals[1] = stage_wait_signal (stage.client, "DidComplete", task, 0);
  events = get_events (&stage, 0, 0);
  wanted = fixture_get_path (stage.fixture, "file");
  g_variant_get (signals[0]->parameters, "(t&s)", &serial, &path);
  g_assert_cmpstr (path, ==, wanted);
  g_assert_cmpuint (serial, ==, get_serial (events, 0));
  g_variant_get (signals[1]->parameters, "(t&s&s)", &serial, &path, NULL);
  g_assert_cmpstr (path, ==, "");
  g_assert_cmpuint (serial, ==, get_serial (events, 0));
  g_variant_get (signals[2]->parameters, "(t)", &serial);
  g_assert_cmpuint (serial, ==, get_serial (events, 1));

  g_assert_true (g_ptr_array_find (stage.client->signals, signals[0], &place));
  g_assert_true (stage.client->signals->pdata[place + 1] == signals[1]);
  g_assert_null (stage_find_signal (stage.client, "DidComplete", task, place + 2));
}

static void
test_failure_signals (void)
{
  TestAnswer refusal = { .status = "404 Gone Fishing", .body = "" };
  g_auto(Stage) stage = { 0 };
  g_autofree char *failed = NULL;
  g_autofree char *cancelled = NULL;
  const char *name;
  const char *message;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/gone", test_answer, &refusal);
  failed = stage_start (&stage, "/gone", NULL);
  g_variant_get (stage_wait_signal (stage.client, "DidComplete", failed, 0)->parameters, "(t&s&s)",
                 NULL, &name, &message);
  g_assert_cmpstr (name, ==, FERRY_SERVICE_ID ".Error.Server");
  g_assert_nonnull (strstr (message, "404"));
  cancelled = stage_create (&stage, "/gone", NULL);
  client_tell (stage.client, cancelled, "Cancel");
  g_variant_get (stage_wait_signal (stage.client, "DidComplete", cancelled, 0)->parameters,
                 "(t&s&s)", NULL, &name, &message);
  g_assert_cmpstr (name, ==, FERRY_SERVICE_ID ".Error.Cancelled");
  g_assert_cmpuint (client_count_signals (stage.client, "DidFinishDownloading"), ==, 0);
}

/* 2,500 ends, in pages; then all up to one in the middle are acknowledged. */
static void
test_pages (void)
{
  const guint n = 2500;
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) all = NULL;
  GVariantBuilder downloads;
  guint64 after = 0;
  guint64 middle = 0;
  guint found = 0;

  stage_init (&stage, NULL);
  g_variant_builder_init (&downloads, G_VARIANT_TYPE ("a(sa{sv})"));
  for (guint i = 0; i < n; i++)
    g_variant_builder_add (&downloads, "(sa{sv})", "http://127.0.0.1:9/", NULL);
  stage_call (stage.client, stage.session, "Session", "CreateDownloadTasks",
              g_variant_new ("(a(sa{sv}))", &downloads));
  stage_tell (stage.client, stage.session, "Session", "InvalidateAndCancel");
  (void) stage_wait_signal (stage.client, "DidBecomeInvalid", stage.session, 0);  /* is enough */

  while (found < n + 2)
    {
      g_autoptr(GVariant) page = get_events (&stage, after, found == 0 ? 0 : 900);
      gsize length = g_variant_n_children (page);

      g_assert_cmpuint (length, ==, MIN (n + 2 - found, found == 0 ? 1000 : 900));
      g_assert_cmpuint (get_serial (page, 0), >, after);
      for (gsize i = 1; i < length; i++)
        g_assert_cmpuint (get_serial (page, i), >, get_serial (page, i - 1));
      after = get_serial (page, length - 1);
      if (found == 0)
        middle = after;
      found += length;
    }
  all = get_events (&stage, after, 0);
  g_assert_cmpuint (g_variant_n_children (all), ==, 0);
  stage_assert (stage.client, stage.session, "Session", "PendingEvents", "2502");
  acknowledge (&stage, middle);
  stage_assert (stage.client, stage.session, "Session", "PendingEvents", "1502");
}

/* Up to and including; one of another session is none of ours; nothing is acknowledged twice. */
static void
test_acknowledged (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = SIZE } };
  g_auto(Stage) stage = { 0 };
  g_autoptr(GVariant) events = NULL;
  g_autofree char *mine = NULL;
  g_autofree char *other = NULL;
  guint64 last;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", test_answer, &answer);
  for (guint i = 0; i < 3; i++)
    {
      guint before = stage.client->signals->len;
      g_autofree char *task = stage_start (&stage, "/file", NULL);

      (void) stage_wait_signal (stage.client, "DidFinishEvents", NULL, before);  /* is enough */
    }
  assert_pending (&stage, 6);
  events = get_events (&stage, 0, 0);
  acknowledge (&stage, 0);
  assert_pending (&stage, 6);
  acknowledge (&stage, get_serial (events, 1));
  assert_pending (&stage, 4);
  acknowledge (&stage, get_serial (events, 0));
  assert_pending (&stage, 4);
  g_assert_cmpint (fixture_end_service (stage.fixture, SIGKILL), ==, 128 + SIGKILL);
  assert_pending (&stage, 4);
  assert_kinds (&stage, "finished session-finished finished session-finished");

  last = get_serial (events, 5);
  mine = g_steal_pointer (&stage.session);
  other = stage_open (stage.client, "other", NULL, NULL);
  stage.session = g_strdup (other);
  acknowledge (&stage, G_MAXUINT64);
  g_clear_pointer (&stage.session, g_free);
  stage.session = g_strdup (mine);
  assert_pending (&stage, 4);
  acknowledge (&stage, last);
  assert_pending (&stage, 0);
  g_assert_cmpint (fixture_end_service (stage.fixture, SIGKILL), ==, 128 + SIGKILL);
  assert_pending (&stage, 0);
}

/* They are there after a crash right after they were told, and no serial comes again. */
static void
test_survive (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = SIZE } };
  g_auto(Stage) stage = { 0 };
  guint64 last = 0;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", test_answer, &answer);
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *again = stage_open (stage.client, "stage", NULL, NULL);
      g_autofree char *task = stage_start (&stage, "/file", NULL);
      ClientSignal *signal = stage_wait_signal (stage.client, "DidComplete", task, 0);
      g_autoptr(GVariant) events = NULL;
      guint64 serial;

      g_assert_cmpint (fixture_end_service (stage.fixture, SIGKILL), ==, 128 + SIGKILL);
      g_variant_get (signal->parameters, "(t&s&s)", &serial, NULL, NULL);
      g_assert_cmpuint (serial, >, last);
      events = get_events (&stage, serial - 1, 1);
      g_assert_cmpuint (g_variant_n_children (events), ==, 1);
      g_assert_cmpuint (get_serial (events, 0), ==, serial);
      acknowledge (&stage, serial);
      last = serial;
    }
}

/* An address that has expired with bytes kept. */
static void
test_new_url (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = 300000 }, .etag = "\"a\"",
                        .cut = 200000, .end = TEST_END_STALL };
  TestAnswer whole = { .content = { .seed = 3, .size = 300000 }, .etag = "\"a\"" };
  g_auto(Stage) stage = { 0 };
  g_autofree char *url = NULL;
  g_autofree char *task = NULL;
  guint64 serial;
  g_autoptr(GVariant) events = NULL;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/old", test_answer, &answer);
  test_server_add (stage.server, "/new", test_answer, &whole);
  task = stage_start (&stage, "/old", NULL);
  client_wait_received (stage.client, task, 200000);
  client_tell (stage.client, task, "Suspend");
  answer = (TestAnswer) { .status = "410 Gone", .body = "" };
  client_tell (stage.client, task, "Resume");
  g_variant_get (stage_wait_signal (stage.client, "NeedNewUrl", task, 0)->parameters, "(t)",
                 &serial);
  client_assert_string (stage.client, task, "Reason", "new-url");
  events = get_events (&stage, 0, 0);
  g_assert_cmpuint (get_serial (events, 0), ==, serial);
  assert_kinds (&stage, "new-url");

  url = test_server_get_url (stage.server, "/new");
  stage_call (stage.client, task, "Task", "SetUrl", g_variant_new ("(s)", url));
  client_wait_state (stage.client, task, "finished");
  client_assert_string (stage.client, task, "Url", url);
  g_assert_cmpstr (stage_get_asked (&stage, 2, "Range"), ==, "bytes=200000-");
}

/* Once for all of them: when none runs, or will run by itself, any more. */
static void
test_finish_events_once (void)
{
  g_auto(Gate) gate = { 0 };
  g_auto(Stage) stage = { 0 };
  g_autofree char *suspended = NULL;

  gate_init (&gate, 4, SIZE, SIZE / 2);
  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", gate_serve, &gate);
  suspended = stage_create (&stage, "/file", NULL);
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *task = stage_start (&stage, "/file", NULL);

      g_assert_nonnull (task);
    }
  gate_wait_held (&gate, 4);
  for (guint i = 1; i < 4; i++)
    {
      gate_let_one (&gate);
      while (client_count_signals (stage.client, "DidComplete") < i)
        (void) stage_wait_signal (stage.client, "DidComplete", NULL,
                                  stage.client->signals->len);  /* is enough */
      stage_fence (stage.client);
      g_assert_cmpuint (client_count_signals (stage.client, "DidFinishEvents"), ==, 0);
    }
  gate_open (&gate);
  (void) stage_wait_signal (stage.client, "DidFinishEvents", stage.session, 0);  /* is enough */
  stage_fence (stage.client);
  g_assert_cmpuint (client_count_signals (stage.client, "DidFinishEvents"), ==, 1);
  assert_kinds (&stage, "finished finished finished finished session-finished");
  assert_event (&stage, 4, stage.session,
                "{'finished': <uint32 4>, 'failed': <uint32 0>, 'cancelled': <uint32 0>}");
}

static gboolean
has_three (Client        *client,
           gconstpointer  data)
{
  guint n = 0;

  for (guint i = 0; i < client->signals->len; i++)
    {
      ClientSignal *signal = client->signals->pdata[i];
      g_autoptr(GVariant) tasks = g_variant_get_child_value (signal->parameters, 0);

      if (g_str_equal (signal->member, "TasksRemoved"))
        n += g_variant_n_children (tasks);
    }

  return n == 3;
}

/* The list keeps three; the files stay, and the events too. */
static void
test_history (void)
{
  TestAnswer answer = { .content = { .seed = 3, .size = SIZE } };
  TestAnswer refusal = { .status = "404 Gone Fishing", .body = "" };
  g_auto(Stage) stage = { 0 };
  g_autofree char *failed = NULL;
  g_autoptr(GPtrArray) tasks = g_ptr_array_new_with_free_func (g_free);

  stage_init (&stage, NULL);
  fixture_set (stage.fixture, "history-tasks", "uint32 3");
  test_server_add (stage.server, "/file", test_answer, &answer);
  test_server_add (stage.server, "/gone", test_answer, &refusal);
  failed = stage_start (&stage, "/gone", NULL);
  client_wait_state (stage.client, failed, "failed");
  for (guint i = 0; i < 6; i++)
    {
      g_ptr_array_add (tasks, stage_start (&stage, "/file", NULL));
      (void) stage_wait_signal (stage.client, "DidComplete", tasks->pdata[i], 0);  /* is enough */
    }
  client_wait (stage.client, has_three, NULL, "the oldest three leave the list");
  for (guint i = 0; i < 3; i++)
    client_call_refused (stage.client, "NotFound", NULL, tasks->pdata[i], "Task", "Cancel", NULL);
  for (guint i = 3; i < 6; i++)
    client_assert_string (stage.client, tasks->pdata[i], "State", "finished");
  client_assert_string (stage.client, failed, "State", "failed");
  fixture_assert_files (stage.fixture, "file", "file (1)", "file (2)", "file (3)", "file (4)",
                        "file (5)", NULL);
  stage_assert (stage.client, stage.session, "Session", "PendingEvents", "14");
  stage_assert (stage.client, stage.session, "Session", "Finished", "3");
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/events/kinds", test_kinds);
  g_test_add_func ("/events/signals-of-an-end", test_signals);
  g_test_add_func ("/events/signals-of-a-failure", test_failure_signals);
  g_test_add_func ("/events/pages", test_pages);
  g_test_add_func ("/events/acknowledged", test_acknowledged);
  g_test_add_func ("/events/survive", test_survive);
  g_test_add_func ("/events/new-url", test_new_url);
  g_test_add_func ("/events/finish-once", test_finish_events_once);
  g_test_add_func ("/events/history", test_history);
  return g_test_run ();
}
