/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes a second: of all, of a session and of a task, from the start and while they run. */
#define G_LOG_DOMAIN "test-limits-live"

#include "config.h"

#include <signal.h>

#include "stage.h"

#define SIZE G_GINT64_CONSTANT (200 * 1000 * 1000)
#define LIMIT 1000000

/* How long the rate is measured, and how long the change before it may take to be felt. */
#define SPAN_MS 2000
#define FELT_MS 300

/* In percent. */
#define TOLERANCE 15

/* How many bytes all tasks have. */
static gint64
count_bytes (Stage *stage)
{
  g_autoptr(GVariant) list = NULL;
  g_autoptr(GVariantIter) tasks = NULL;
  GVariant *properties;
  gint64 sum = 0;

  list = client_call (stage->client, MANAGER_PATH, "Manager", "ListTasks",
                      g_variant_new ("(@a{sv}tu)",
                                     client_parse ("{'properties': <['BytesReceived']>}"),
                                     G_GUINT64_CONSTANT (0), 0));
  g_variant_get (list, "(a(oa{sv}))", &tasks);
  while (g_variant_iter_loop (tasks, "(&o@a{sv})", NULL, &properties))
    {
      gint64 received = 0;

      g_assert_true (g_variant_lookup (properties, "BytesReceived", "x", &received));
      sum += received;
    }

  return sum;
}

/* The counts are taken four times a second: from one change to another. */
static gint64
wait_for_tick (Stage  *stage,
               gint64 *at)
{
  guint before = stage->client->signals->len;

  stage_wait_signal (stage->client, "TasksChanged", stage->session, before);
  *at = g_get_monotonic_time ();
  return count_bytes (stage);
}

static void
assert_rate (Stage   *stage,
             guint64  limit)
{
  gint64 begin;
  gint64 end;
  gint64 before;
  gint64 bytes;
  double rate;

  client_pass_time (stage->client, FELT_MS);
  before = wait_for_tick (stage, &begin);
  client_pass_time (stage->client, SPAN_MS);
  bytes = wait_for_tick (stage, &end) - before;
  rate = (double) bytes * G_USEC_PER_SEC / (double) (end - begin);
  if (rate < (double) limit * (100 - TOLERANCE) / 100 ||
      rate > (double) limit * (100 + TOLERANCE) / 100)
    g_error ("%.0f bytes a second are not %" G_GUINT64_FORMAT, rate, limit);
}

static void
set_limit (Stage      *stage,
           const char *path,
           const char *interface,
           guint64     limit)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, limit);

  stage_set (stage->client, path, interface, "DownloadLimit", g_variant_new_uint64 (limit));
  stage_assert (stage->client, path, interface, "DownloadLimit", text);
}

/* Lifts the limit: what comes now is far above it. */
static void
assert_lifted (Stage      *stage,
               const char *path,
               const char *interface)
{
  gint64 before = count_bytes (stage);
  gint64 begin = g_get_monotonic_time ();

  set_limit (stage, path, interface, 0);
  while (count_bytes (stage) < before + 5 * LIMIT)
    {
      g_assert_cmpint (g_get_monotonic_time () - begin, <, 4 * G_USEC_PER_SEC);
      client_pass_time (stage->client, 50);
    }
}

/* @n downloads of more than any test fetches. */
static char *
start_some (Stage      *stage,
            TestAnswer *answer,
            guint       n,
            const char *options)
{
  char *first = NULL;

  test_server_add (stage->server, "/file", test_answer, answer);
  while (n-- > 0)
    {
      g_autofree char *task = stage_start (stage, "/file", options);

      client_wait_received (stage->client, task, 1);
      if (first == NULL)
        first = g_steal_pointer (&task);
    }

  return first;
}

/* Set while they run, changed, and lifted. */
static void
test_global (void)
{
  TestAnswer answer = { .content = { .size = SIZE }, .etag = "\"a\"" };
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;
  g_autoptr(GVariant) rate = NULL;

  stage_init (&stage, NULL);
  set_limit (&stage, MANAGER_PATH, "Manager", 5 * LIMIT);
  task = start_some (&stage, &answer, 2, NULL);
  set_limit (&stage, MANAGER_PATH, "Manager", LIMIT);
  assert_rate (&stage, LIMIT);
  rate = stage_get (stage.client, MANAGER_PATH, "Manager", "BytesPerSecondReceived");
  g_assert_cmpuint (g_variant_get_uint64 (rate), >, LIMIT / 2);
  g_assert_cmpuint (g_variant_get_uint64 (rate), <, 4 * LIMIT);
  set_limit (&stage, MANAGER_PATH, "Manager", 2 * LIMIT);
  assert_rate (&stage, 2 * LIMIT);
  assert_lifted (&stage, MANAGER_PATH, "Manager");
}

/* It is the user's setting, and outlives the service. */
static void
test_global_stays (void)
{
  g_auto(Stage) stage = { 0 };

  stage_init (&stage, NULL);
  set_limit (&stage, MANAGER_PATH, "Manager", LIMIT);
  stage_set (stage.client, MANAGER_PATH, "Manager", "UploadLimit", g_variant_new_uint64 (7));
  g_assert_cmpint (fixture_end_service (stage.fixture, SIGTERM), ==, 0);
  stage_assert (stage.client, MANAGER_PATH, "Manager", "DownloadLimit", "1000000");
  stage_assert (stage.client, MANAGER_PATH, "Manager", "UploadLimit", "7");
}

static void
test_session (void)
{
  TestAnswer answer = { .content = { .size = SIZE }, .etag = "\"a\"" };
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;

  stage_init (&stage, "{'download-limit': <uint64 1000000>}");
  task = start_some (&stage, &answer, 2, NULL);
  assert_rate (&stage, LIMIT);
}

static void
test_task (void)
{
  TestAnswer answer = { .content = { .size = SIZE }, .etag = "\"a\"" };
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;

  stage_init (&stage, NULL);
  task = start_some (&stage, &answer, 1, "{'download-limit': <uint64 1000000>}");
  assert_rate (&stage, LIMIT);
  set_limit (&stage, task, "Task", LIMIT / 2);
  assert_rate (&stage, LIMIT / 2);

  /* The strictest one holds. */
  set_limit (&stage, MANAGER_PATH, "Manager", LIMIT / 4);
  assert_rate (&stage, LIMIT / 4);
  set_limit (&stage, MANAGER_PATH, "Manager", 0);
  assert_lifted (&stage, task, "Task");
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  g_test_add_func ("/limits-live/global", test_global);
  g_test_add_func ("/limits-live/global-stays", test_global_stays);
  g_test_add_func ("/limits-live/session", test_session);
  g_test_add_func ("/limits-live/task", test_task);
  return g_test_run ();
}
