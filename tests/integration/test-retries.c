/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fails for a moment is tried again: when, how often, and what is told meanwhile. */
#define G_LOG_DOMAIN "test-retries"

#include "config.h"

#include <string.h>

#include "stage.h"
#include "support/test-bed.h"

#define SIZE (300 * 1000)
#define CUT (200 * 1000)

/* The first back-off is half a second to one, the second one to two. */
#define FIRST_STEP (G_USEC_PER_SEC / 2)

/* Answers of which each is given once, and the last for ever; and when they were asked for. */
typedef struct
{
  const TestAnswer *answers;
  guint             n;
  gint64            asked[16];  /* monotonic µs */
} Series;

static void
serve_series (TestExchange *x,
              gpointer      data)
{
  Series *series = data;
  guint nth = x->request->nth - 1;

  g_assert_cmpuint (nth, <, G_N_ELEMENTS (series->asked));
  series->asked[nth] = g_get_monotonic_time ();
  test_answer (x, (gpointer) &series->answers[MIN (nth, series->n - 1)]);
}

/* The cause in @details, whose error must be @kind. */
static void
assert_cause (GVariant   *details,
              const char *kind)
{
  g_autofree char *whole = g_strconcat (FERRY_SERVICE_ID ".Error.", kind, NULL);
  const char *found;

  g_assert_true (g_variant_lookup (details, "cause", "(&s&s)", &found, NULL));
  g_assert_cmpstr (found, ==, whole);
}

/* Waits for `retry`; all that is said of it agrees. */
static void
wait_for_retry (Stage      *stage,
                const char *task,
                const char *kind)
{
  g_autoptr(GVariant) details = NULL;
  gint64 until;

  client_wait_reason (stage->client, task, "retry");
  until = stage_get_until (stage->client, task);
  g_assert_cmpint (client_get_number (stage->client, task, "RetryAt"), ==, until);
  g_assert_cmpint (until, >, g_get_real_time () - 60 * G_USEC_PER_SEC);
  details = client_get (stage->client, task, "ReasonDetails");
  assert_cause (details, kind);
}

/* How many signals of @task said so. */
static guint
count_waits (Client     *client,
             const char *task,
             const char *reason)
{
  guint n = 0;

  for (guint i = 0; i < client->signals->len; i++)
    {
      ClientSignal *signal = client->signals->pdata[i];
      const char *said;

      if (!g_str_equal (signal->member, "IsWaiting") || !g_str_equal (signal->path, task))
        continue;
      g_variant_get (signal->parameters, "(&s)", &said);
      if (g_str_equal (said, reason))
        n++;
    }

  return n;
}

/* Two failures of a kind, then the file. */
typedef struct
{
  const char *name;
  TestAnswer  failure;
  const char *kind;
  gint64      least;     /* µs from the first attempt to the second */
} Row;

#define GOOD { .content = { .seed = 6, .size = SIZE }, .etag = "\"a\"" }

static const Row rows[] = {
  { "503", { .status = "503 Busy", .body = "" }, "Server", FIRST_STEP },
  { "503-retry-after", { .status = "503 Busy", .headers = "Retry-After: 2\r\n", .body = "" },
    "Server", 2 * G_USEC_PER_SEC },
  { "429-retry-after", { .status = "429 Slowly", .headers = "Retry-After: 1\r\n", .body = "" },
    "Server", G_USEC_PER_SEC },
  { "500", { .status = "500 Oops", .body = "" }, "Server", FIRST_STEP },
  { "502", { .status = "502 Bad Gateway", .body = "" }, "Server", FIRST_STEP },
  { "504", { .status = "504 Gateway Timeout", .body = "" }, "Server", FIRST_STEP },
  { "408", { .status = "408 Request Timeout", .body = "" }, "Server", FIRST_STEP },
  { "425", { .status = "425 Too Early", .body = "" }, "Server", FIRST_STEP },
  { "reset", { .content = { .seed = 6, .size = SIZE }, .etag = "\"a\"", .cut = 1,
               .end = TEST_END_RESET }, "Network", FIRST_STEP },
};

static void
test_tried_again (gconstpointer data)
{
  const Row *row = data;
  const TestAnswer answers[] = { row->failure, GOOD };
  Series series = { answers, G_N_ELEMENTS (answers), { 0 } };
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", serve_series, &series);
  task = stage_start (&stage, "/file", NULL);
  wait_for_retry (&stage, task, row->kind);
  client_assert_string (stage.client, task, "State", "waiting");
  client_wait_state (stage.client, task, "finished");
  g_assert_cmpuint (test_server_get_n_requests (stage.server), ==, 2);
  g_assert_cmpint (series.asked[1] - series.asked[0], >=, row->least);
  g_assert_cmpint (series.asked[1] - series.asked[0], <, row->least + 5 * G_USEC_PER_SEC);
  g_assert_cmpuint (count_waits (stage.client, task, "retry"), ==, 1);
  stage_assert (stage.client, task, "Task", "Error", "('', '')");
  g_assert_cmpint (client_get_number (stage.client, task, "RetryAt"), ==, 0);
  stage_assert (stage.client, task, "Task", "ReasonDetails", "{}");
}

/* Each failure in a row takes longer; one that had won bytes begins anew, where it stood. */
static void
test_truncated (void)
{
  const TestAnswer cut = { .content = { .seed = 6, .size = SIZE }, .etag = "\"a\"", .cut = CUT,
                           .end = TEST_END_CLOSE };
  const TestAnswer busy = { .status = "503 Busy", .body = "" };
  const TestAnswer answers[] = { busy, busy, cut, GOOD };
  Series series = { answers, G_N_ELEMENTS (answers), { 0 } };
  g_auto(Stage) stage = { 0 };
  g_autofree char *wanted = test_content_sha256 (&cut.content);
  g_autofree char *path = NULL;
  g_autofree char *found = NULL;
  g_autofree char *task = NULL;
  gint64 offset;

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", serve_series, &series);
  task = stage_start (&stage, "/file", NULL);
  client_wait_state (stage.client, task, "finished");
  g_assert_cmpuint (test_server_get_n_requests (stage.server), ==, 4);
  g_assert_cmpint (series.asked[1] - series.asked[0], >=, FIRST_STEP);
  g_assert_cmpint (series.asked[2] - series.asked[1], >=, 2 * FIRST_STEP);
  g_assert_cmpint (series.asked[3] - series.asked[2], >=, FIRST_STEP);
  g_assert_cmpint (series.asked[3] - series.asked[2], <, 2 * FIRST_STEP + G_USEC_PER_SEC);
  g_assert_cmpuint (count_waits (stage.client, task, "retry"), ==, 3);
  g_assert_cmpstr (stage_get_asked (&stage, 3, "Range"), ==, "bytes=200000-");
  g_variant_get (stage_wait_signal (stage.client, "DidResumeAtOffset", task, 0)->parameters,
                 "(xx)", &offset, NULL);
  g_assert_cmpint (offset, ==, CUT);
  path = fixture_get_path (stage.fixture, "file");
  found = test_file_sha256 (path);
  g_assert_cmpstr (found, ==, wanted);
}

/* Nobody listens, until somebody does. */
static void
test_server_comes (void)
{
  g_auto(Stage) stage = { 0 };
  g_autoptr(GSocketAddress) any = g_inet_socket_address_new_from_string ("127.0.0.1", 0);
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GSocketAddress) bound = NULL;
  g_autoptr(GSocketConnection) connection = NULL;
  g_autoptr(GError) error = NULL;
  static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n"
                               "Connection: close\r\n\r\nok";
  g_autoptr(GSocket) peer = NULL;
  g_autofree char *url = NULL;
  g_autofree char *task = NULL;

  /* Bound and not listening: the port is refused, and nobody else gets it. */
  socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_assert_true (g_socket_bind (socket, any, FALSE, NULL));
  bound = g_socket_get_local_address (socket, NULL);
  stage_init (&stage, NULL);
  url = g_strdup_printf ("http://127.0.0.1:%u/file",
                         g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  task = stage_start_url (&stage, url, NULL);
  wait_for_retry (&stage, task, "Network");

  g_assert_true (g_socket_listen (socket, NULL));
  g_socket_set_timeout (socket, TEST_DEADLINE / G_USEC_PER_SEC);
  peer = g_socket_accept (socket, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_socket_send (peer, answer, strlen (answer), NULL, &error), ==,
                   (gssize) strlen (answer));
  client_wait_state (stage.client, task, "finished");
}

/* `Resume` does not wait for the time. */
static void
test_resumed_now (void)
{
  const TestAnswer answers[] = {
    { .status = "503 Busy", .headers = "Retry-After: 3600\r\n", .body = "" }, GOOD,
  };
  Series series = { answers, G_N_ELEMENTS (answers), { 0 } };
  g_auto(Stage) stage = { 0 };
  g_autofree char *task = NULL;
  gint64 now = g_get_real_time ();

  stage_init (&stage, NULL);
  test_server_add (stage.server, "/file", serve_series, &series);
  task = stage_start (&stage, "/file", NULL);
  wait_for_retry (&stage, task, "Server");
  g_assert_cmpint (stage_get_until (stage.client, task), >=, now + 3600 * G_TIME_SPAN_SECOND);
  client_tell (stage.client, task, "Resume");
  client_wait_state (stage.client, task, "finished");
}

/* What is no moment's trouble fails at once. */
static void
test_fails_at_once (void)
{
  static const char *const statuses[] = {
    "400 No", "403 No", "404 No", "410 No", "501 No", "505 No",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      TestAnswer refusal = { .status = statuses[i], .body = "" };
      g_auto(Stage) stage = { 0 };
      g_autofree char *task = NULL;

      stage_init (&stage, NULL);
      test_server_add (stage.server, "/file", test_answer, &refusal);
      task = stage_start (&stage, "/file", NULL);
      client_wait_failed (stage.client, task, "Server", "No");
      g_assert_cmpuint (test_server_get_n_requests (stage.server), ==, 1);
      g_assert_cmpint (client_get_number (stage.client, task, "Finished"), >, 0);
    }
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/retries/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_tried_again);
    }
  g_test_add_func ("/retries/truncated", test_truncated);
  g_test_add_func ("/retries/server-comes", test_server_comes);
  g_test_add_func ("/retries/resumed-now", test_resumed_now);
  g_test_add_func ("/retries/fails-at-once", test_fails_at_once);
  return g_test_run ();
}
