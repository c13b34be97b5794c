/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-engine"

#include "config.h"

#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "engine-stand.h"
#include "support/certificates.h"
#include "support/folder.h"
#include "versions.h"

static const TestAnswer whole = { .content = V1, .etag = ONE };

static GVariant *
parse (const char *text)
{
  return g_variant_ref_sink (g_variant_new_parsed (text));
}

#define HEADERS_OF_SESSION \
  "{'headers': <{'X-One': 'session', 'X-Two': 'session', 'X-Three': 'session', " \
  "'X-Four': 'session'}>, 'user-agent': <'Session/1'>}"
#define HEADERS_OF_TASK \
  "{'headers': <{'x-three': 'task', 'x-four': 'task'}>, " \
  "'referrer': <'http://example.org/page'>}"

/* issue 3: headers of the session, its secret ones, the task's, its secret ones; the later wins. */
static void
test_headers (void)
{
  g_auto(EngineStand) stand = { 0 };
  g_autofree char *url = NULL;
  g_autoptr(FerrydTaskRow) task = NULL;
  g_autoptr(GVariant) session_secrets = parse ("{'X-TWO': 'session secret'}");
  g_autoptr(GVariant) task_secrets = parse ("{'X-Four': 'task secret', 'Cookie': 'a=b'}");
  FerrydOrders orders = { .session_secrets = session_secrets, .task_secrets = task_secrets };
  const TestRequest *request;

  engine_stand_init (&stand, NULL, HEADERS_OF_SESSION);
  test_server_add (stand.server, "/file.bin", test_answer, (gpointer) &whole);
  url = test_server_get_url (stand.server, "/file.bin");
  task = engine_stand_add_task (&stand, 0, url, HEADERS_OF_TASK);
  ferryd_runner_start (stand.engine, stand.sessions[0], task, &orders);
  engine_stand_wait (&stand);
  engine_stand_assert_finished (&stand);
  request = test_server_get_request (stand.server, 0);
  g_assert_cmpstr (test_request_get_header (request, "X-One"), ==, "session");
  g_assert_cmpstr (test_request_get_header (request, "X-Two"), ==, "session secret");
  g_assert_cmpstr (test_request_get_header (request, "X-Three"), ==, "task");
  g_assert_cmpstr (test_request_get_header (request, "X-Four"), ==, "task secret");
  g_assert_cmpstr (test_request_get_header (request, "Cookie"), ==, "a=b");
  g_assert_cmpstr (test_request_get_header (request, "User-Agent"), ==, "Session/1");
  g_assert_cmpstr (test_request_get_header (request, "Referer"), ==, "http://example.org/page");
}

static void
stall (TestExchange *x,
       gpointer      data)
{
  test_exchange_stall (x);
}

/* issue 3: the task option `request-timeout`, else the session's. */
static void
test_request_timeout (gconstpointer data)
{
  g_auto(EngineStand) stand = { 0 };
  g_autofree char *url = NULL;
  gint64 began = g_get_monotonic_time ();
  gboolean by_task = GPOINTER_TO_INT (data);

  engine_stand_init (&stand, NULL, by_task ? "{'request-timeout': <uint32 60>}"
                                    : "{'request-timeout': <uint32 1>}");
  test_server_add (stand.server, "/file.bin", stall, NULL);
  url = test_server_get_url (stand.server, "/file.bin");
  engine_stand_fetch (&stand, 0, url, by_task ? "{'request-timeout': <uint32 1>}" : "{}");
  g_assert_cmpint (stand.cause, ==, FERRYD_CAUSE_REQUEST_TIMEOUT);
  g_assert_cmpint (g_get_monotonic_time () - began, <, 10 * G_TIME_SPAN_SECOND);
}

static gboolean
on_time_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
let_pass (EngineStand *stand,
          guint  milliseconds)
{
  stand->is_late = FALSE;
  g_timeout_add (milliseconds, on_time_cb, &stand->is_late);
  while (!stand->is_late)
    g_main_context_iteration (NULL, TRUE);
}

/* issue 3: “limits (global, session, task)”, of jobs that run. */
static void
test_limits (void)
{
  g_auto(EngineStand) stand = { 0 };
  g_autofree char *url = NULL;
  g_autoptr(FerrydTaskRow) task = NULL;

  engine_stand_init (&stand, NULL, "{}");
  test_server_add (stand.server, "/file.bin", test_answer, (gpointer) &whole);
  url = test_server_get_url (stand.server, "/file.bin");
  task = engine_stand_add_task (&stand, 0, url, "{}");
  task->download_limit = 1000;
  ferryd_runner_set_limit (stand.engine, 1000);
  engine_stand_start (&stand, 0, task);
  let_pass (&stand, 300);
  g_assert_null (stand.outcome);
  ferryd_runner_set_limit (stand.engine, 0);
  let_pass (&stand, 300);
  g_assert_null (stand.outcome);
  ferryd_runner_set_task_limit (stand.engine, task->id, 0);
  engine_stand_wait (&stand);
  engine_stand_assert_finished (&stand);
}

static void
test_session_limit (void)
{
  g_auto(EngineStand) stand = { 0 };
  g_autofree char *url = NULL;
  g_autoptr(FerrydTaskRow) task = NULL;

  engine_stand_init (&stand, NULL, "{'download-limit': <uint64 1000>}");
  test_server_add (stand.server, "/file.bin", test_answer, (gpointer) &whole);
  url = test_server_get_url (stand.server, "/file.bin");
  task = engine_stand_add_task (&stand, 0, url, "{}");
  engine_stand_start (&stand, 0, task);
  let_pass (&stand, 500);
  g_assert_null (stand.outcome);
  ferryd_runner_stop (stand.engine, task->id, FERRYD_CAUSE_RESTART);
  engine_stand_wait (&stand);
  g_assert_cmpint (stand.cause, ==, FERRYD_CAUSE_RESTART);
}

/* @data: where to */
static void
redirect (TestExchange *x,
          gpointer      data)
{
  test_exchange_printf (x, "HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n",
                        (const char *) data);
}

static void
test_redirected (void)
{
  g_auto(EngineStand) stand = { 0 };
  g_autofree char *url = NULL;
  g_autofree char *target = NULL;
  g_autofree char *told = NULL;

  engine_stand_init (&stand, NULL, "{}");
  target = test_server_get_url (stand.server, "/file.bin?q=1");
  told = g_strdup_printf ("302 %s\n", target);
  test_server_add (stand.server, "/first", redirect, (gpointer) "/file.bin?q=1");
  test_server_add (stand.server, "/file.bin", test_answer, (gpointer) &whole);
  url = test_server_get_url (stand.server, "/first");
  engine_stand_fetch (&stand, 0, url, "{}");
  engine_stand_assert_finished (&stand);
  g_assert_cmpstr (stand.redirects->str, ==, told);
}

/* runner.h: “forgets the session's cookies and connections; its jobs … end with those that they
 * have” */
static void
test_reset (void)
{
  g_auto(EngineStand) stand = { 0 };
  g_autofree char *url = NULL;
  g_autofree char *slow = NULL;
  g_autoptr(FerrydTaskRow) task = NULL;
  TestAnswer answer = { .content = V1, .headers = "Set-Cookie: a=b; Path=/\r\n" };

  engine_stand_init (&stand, NULL, "{}");
  test_server_add (stand.server, "/file.bin", test_answer, &answer);
  test_server_add (stand.server, "/slow", stall, NULL);
  url = test_server_get_url (stand.server, "/file.bin");
  slow = test_server_get_url (stand.server, "/slow");
  for (guint i = 0; i < 2; i++)
    engine_stand_fetch (&stand, 0, url, "{}");
  g_assert_cmpstr (test_request_get_header (test_server_get_request (stand.server, 1), "Cookie"),
                   ==, "a=b");

  task = engine_stand_add_task (&stand, 0, slow, "{}");
  engine_stand_start (&stand, 0, task);
  let_pass (&stand, 100);
  ferryd_runner_stop (stand.engine, task->id, FERRYD_CAUSE_CANCEL);
  ferryd_runner_reset_session (stand.engine, stand.sessions[0]->id);
  engine_stand_wait (&stand);
  test_server_wait_closed (stand.server);

  engine_stand_fetch (&stand, 0, url, "{}");
  engine_stand_assert_finished (&stand);
  g_assert_null (test_request_get_header (test_server_get_request (stand.server, 3), "Cookie"));
}

/* HSTS learnt in one session holds in the other one at once (RFC 6797 knows no sessions). */
static void
test_hsts (void)
{
  g_autoptr(TestCertificates) certificates = test_certificates_new ();
  g_auto(EngineStand) stand = { 0 };
  g_autofree char *configuration = g_strdup_printf ("{'tls-ca': <'%s'>}", certificates->ca_path);
  g_autofree char *url = NULL;
  g_autofree char *safe = NULL;
  g_autofree char *plain = NULL;
  TestAnswer answer = { .content = V1,
                        .headers = "Strict-Transport-Security: max-age=1000\r\n" };

  engine_stand_init (&stand, certificates->good, configuration);
  test_server_add (stand.server, "/file.bin", test_answer, &answer);
  url = test_server_get_url (stand.server, "/file.bin");
  safe = g_strconcat ("https://localhost", strrchr (url, ':'), NULL);
  plain = g_strconcat ("http://localhost", strrchr (url, ':'), NULL);
  engine_stand_fetch (&stand, 1, plain, "{}");
  g_assert_nonnull (stand.error);
  engine_stand_fetch (&stand, 0, safe, "{}");
  engine_stand_assert_finished (&stand);
  engine_stand_fetch (&stand, 1, plain, "{}");
  engine_stand_assert_finished (&stand);
}

/* The way of a file through the runner: opened, deleted, and no more. */
static void
test_result (void)
{
  g_auto(EngineStand) stand = { 0 };
  g_autofree char *url = NULL;
  g_autoptr(FerrydTaskRow) task = NULL;

  engine_stand_init (&stand, NULL, "{}");
  test_server_add (stand.server, "/file.bin", test_answer, (gpointer) &whole);
  url = test_server_get_url (stand.server, "/file.bin");
  task = engine_stand_add_task (&stand, 0, url, "{}");
  engine_stand_start (&stand, 0, task);
  engine_stand_wait (&stand);
  engine_stand_assert_finished (&stand);
  ferryd_kept_free (task->kept);
  task->kept = ferryd_kept_copy (stand.kept);

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(GAsyncResult) opened = NULL;
      g_autoptr(GAsyncResult) deleted = NULL;
      g_autoptr(GError) error = NULL;
      int fd;

      ferryd_runner_open_result_async (stand.engine, task, engine_result_cb, &opened);
      engine_wait_for ((gpointer *) &opened);
      fd = ferryd_runner_open_result_finish (stand.engine, opened, &error);
      if (i == 0)
        g_assert_no_errno (close (fd));
      else
        g_assert_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);

      ferryd_runner_delete_result_async (stand.engine, task, engine_result_cb, &deleted);
      engine_wait_for ((gpointer *) &deleted);
      g_assert_true (ferryd_runner_delete_result_finish (stand.engine, deleted, NULL));
    }
}

static void
on_noted_cb (FerrydRunner     *runner,
             gint64            task_id,
             const FerrydKept *kept,
             FerrydTaskRow    *task)
{
  g_assert_cmpint (task_id, ==, task->id);
  ferryd_kept_free (task->kept);
  task->kept = ferryd_kept_copy (kept);
}

/* What a task keeps, in another folder and back in none. */
static void
test_move (void)
{
  g_auto(EngineStand) stand = { 0 };
  g_autofree char *url = NULL;
  g_autofree char *folder = test_folder_new ();
  g_autoptr(FerrydTaskRow) task = NULL;
  g_autoptr(FerrydKept) moved = NULL;
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GHashTable) files = NULL;
  g_autoptr(GError) error = NULL;
  TestAnswer answer = { .content = V1, .etag = ONE, .cut = CUT };

  engine_stand_init (&stand, NULL, "{}");
  test_server_add (stand.server, "/file.bin", test_answer, &answer);
  url = test_server_get_url (stand.server, "/file.bin");
  task = engine_stand_add_task (&stand, 0, url, "{}");
  engine_stand_start (&stand, 0, task);
  engine_stand_wait (&stand);
  ferryd_kept_free (task->kept);
  task->kept = ferryd_kept_copy (stand.kept);
  g_assert_cmpint (task->kept->part.offset, ==, CUT);

  g_signal_connect (stand.engine, "noted", G_CALLBACK (on_noted_cb), task);
  ferryd_runner_move_async (stand.engine, task, folder, engine_result_cb, &result);
  engine_wait_for ((gpointer *) &result);
  moved = ferryd_runner_move_finish (stand.engine, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (task->kept->other_folder, ==, folder);
  g_assert_cmpstr (task->kept->other.name, ==, moved->part.name);
  g_clear_object (&result);
  ferryd_runner_forget_async (stand.engine, task, engine_result_cb, &result);
  engine_wait_for ((gpointer *) &result);
  g_assert_true (ferryd_runner_forget_finish (stand.engine, result));
  files = test_folder_read (folder);
  g_assert_cmpuint (g_hash_table_size (files), ==, 0);
  test_folder_remove (folder);
}

/* Of eight and no more at once, with the options that it has. */
static void
test_probe (void)
{
  g_auto(EngineStand) stand = { 0 };
  g_autofree char *url = NULL;
  g_autofree char *slow = NULL;
  g_autoptr(GVariant) options = parse ("{'request-timeout': <uint32 1>, 'headers': <{'X-A': 'b'}>, "
                                       "'secret-headers': <{'Authorization': 'c'}>, "
                                       "'user-agent': <'Probe/1'>}");
  GAsyncResult *results[9] = { NULL };
  g_autoptr(GAsyncResult) last = NULL;
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GError) error = NULL;
  const TestRequest *request;

  engine_stand_init (&stand, NULL, "{}");
  test_server_add (stand.server, "/file.bin", test_answer, (gpointer) &whole);
  test_server_add (stand.server, "/slow", stall, NULL);
  url = test_server_get_url (stand.server, "/file.bin");
  slow = test_server_get_url (stand.server, "/slow");
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    ferryd_runner_probe_async (stand.engine, slow, options, engine_result_cb, &results[i]);
  for (guint i = 0; i < G_N_ELEMENTS (results); i++)
    {
      int expected = i < 8 ? FERRY_ERROR_TIMEOUT : FERRY_ERROR_LIMIT;

      engine_wait_for ((gpointer *) &results[i]);
      g_assert_null (ferryd_runner_probe_finish (stand.engine, results[i], &error));
      g_assert_error (error, FERRY_ERROR, expected);
      g_clear_error (&error);
      g_clear_object (&results[i]);
    }

  ferryd_runner_probe_async (stand.engine, url, options, engine_result_cb, &last);
  engine_wait_for ((gpointer *) &last);
  answer = ferryd_runner_probe_finish (stand.engine, last, &error);
  g_assert_no_error (error);
  request = test_server_get_request (stand.server, test_server_get_n_requests (stand.server) - 1);
  g_assert_cmpstr (test_request_get_header (request, "X-A"), ==, "b");
  g_assert_cmpstr (test_request_get_header (request, "Authorization"), ==, "c");
  g_assert_cmpstr (test_request_get_header (request, "User-Agent"), ==, "Probe/1");
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  g_test_add_func ("/engine/headers", test_headers);
  g_test_add_data_func ("/engine/request-timeout/session", GINT_TO_POINTER (FALSE),
                        test_request_timeout);
  g_test_add_data_func ("/engine/request-timeout/task", GINT_TO_POINTER (TRUE),
                        test_request_timeout);
  g_test_add_func ("/engine/limits", test_limits);
  g_test_add_func ("/engine/session-limit", test_session_limit);
  g_test_add_func ("/engine/redirected", test_redirected);
  g_test_add_func ("/engine/reset", test_reset);
  g_test_add_func ("/engine/hsts", test_hsts);
  g_test_add_func ("/engine/result", test_result);
  g_test_add_func ("/engine/move", test_move);
  g_test_add_func ("/engine/probe", test_probe);
  return g_test_run ();
}
