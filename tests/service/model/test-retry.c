/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <locale.h>

#include "common/error.h"
#include "model/retry.h"

#define N_OUTCOMES 20000

#define NOW G_GINT64_CONSTANT (1700000000000000)

#define N_CAUSES (FERRYD_CAUSE_RESOURCE_TIMEOUT + 1)

/* The sentences of design.md: §6 "Retry", §6 "offline", §4. */
#define BACK_OFF "§6: network errors, … truncation: exponential back-off with jitter, 1 s to 4 min"
#define STATUSES "§6: 408, 425, 429, 500, 502, 503, 504: exponential back-off"
#define WON "§6: reset when bytes were won"
#define WORD "§6: Retry-After honoured in full"
#define NAMES "§6: Name not found: 5 times"
#define TLS "§6: TLS errors → trust, no retry"
#define SIGN_IN "§6: 401 after success → credentials"
#define GONE "§6: 404, 410, 403 with bytes kept → new-url"
#define OTHERS "§6: Other 4xx → failed, with the status"
#define OFFLINE "§6: a network failure while the monitor says unavailable becomes offline"
#define TOO_LONG "§6: until the resource time-out"
#define FULL "§6: a full disk makes the task wait (disk-full)"
#define PORTAL "§6: wait with captive-portal, bytes kept"
#define WRONG "§6: a wrong digest → failed"
#define DEFECT "§4: running → failed"
#define STORED "§3: a commit that fails: the model keeps its old state"

static const struct
{
  const char          *name;
  const char          *rule;
  FerrydTransferError  class;
  FerryWaitReason      reason;             /* NONE: failed */
  guint                step;               /* s; of the back-off. 0: no retry */
  guint                attempts_after;
  guint                attempts;
  guint                status;
  gint64               retry_after;        /* s; 0: nothing said */
  FerrydCause          cause;
  gboolean             won_bytes;
  gboolean             host_unknown;
  gboolean             is_offline;
} rows[] = {
  { "a first network error", BACK_OFF, FERRYD_TRANSFER_ERROR_NETWORK, FERRY_WAIT_REASON_RETRY,
    1, 1 },
  { "a second", BACK_OFF, FERRYD_TRANSFER_ERROR_NETWORK, FERRY_WAIT_REASON_RETRY, 2, 2, 1 },
  { "an eighth", BACK_OFF, FERRYD_TRANSFER_ERROR_NETWORK, FERRY_WAIT_REASON_RETRY, 128, 8, 7 },
  { "a ninth: 4 min", BACK_OFF, FERRYD_TRANSFER_ERROR_NETWORK, FERRY_WAIT_REASON_RETRY,
    240, 9, 8 },
  { "a tenth: 4 min", BACK_OFF, FERRYD_TRANSFER_ERROR_NETWORK, FERRY_WAIT_REASON_RETRY,
    240, 10, 9 },
  { "more than can be counted", BACK_OFF, FERRYD_TRANSFER_ERROR_NETWORK, FERRY_WAIT_REASON_RETRY,
    240, G_MAXUINT, G_MAXUINT },
  { "truncated", BACK_OFF, FERRYD_TRANSFER_ERROR_TRUNCATED, FERRY_WAIT_REASON_RETRY, 4, 3, 2,
    .status = 200 },
  { "no sign of life", BACK_OFF, FERRYD_TRANSFER_ERROR_NETWORK, FERRY_WAIT_REASON_RETRY, 4, 3, 2,
    .cause = FERRYD_CAUSE_REQUEST_TIMEOUT },
  { "truncated, bytes won", WON, FERRYD_TRANSFER_ERROR_TRUNCATED, FERRY_WAIT_REASON_RETRY, 1, 1, 7,
    .status = 206, .won_bytes = TRUE },
  { "no sign of life, bytes won", WON, FERRYD_TRANSFER_ERROR_NETWORK, FERRY_WAIT_REASON_RETRY,
    1, 1, G_MAXUINT, .cause = FERRYD_CAUSE_REQUEST_TIMEOUT, .won_bytes = TRUE },
  { "503", STATUSES, FERRYD_TRANSFER_ERROR_SERVER, FERRY_WAIT_REASON_RETRY, 8, 4, 3,
    .status = 503 },
  { "503 while the monitor says unavailable: it answered", OFFLINE, FERRYD_TRANSFER_ERROR_SERVER,
    FERRY_WAIT_REASON_RETRY, 8, 4, 3, .status = 503, .is_offline = TRUE },
  { "503 with a shorter Retry-After", WORD, FERRYD_TRANSFER_ERROR_SERVER, FERRY_WAIT_REASON_RETRY,
    64, 7, 6, .status = 503, .retry_after = 5 },
  { "429 with a longer Retry-After", WORD, FERRYD_TRANSFER_ERROR_SERVER, FERRY_WAIT_REASON_RETRY,
    1, 1, .status = 429, .retry_after = 120 },
  { "503 with a Retry-After of a day", WORD, FERRYD_TRANSFER_ERROR_SERVER, FERRY_WAIT_REASON_RETRY,
    240, 31, 30, .status = 503, .retry_after = 86400 },
  { "503 with a Retry-After beyond all time", WORD, FERRYD_TRANSFER_ERROR_SERVER,
    FERRY_WAIT_REASON_RETRY, 1, 1, .status = 503, .retry_after = G_MAXINT64 },
  { "a Retry-After before the connection broke", WORD, FERRYD_TRANSFER_ERROR_NETWORK,
    FERRY_WAIT_REASON_RETRY, 1, 1, .status = 302, .retry_after = 30 },
  { "404", OTHERS, FERRYD_TRANSFER_ERROR_SERVER, FERRY_WAIT_REASON_NONE, .status = 404 },
  { "404 with a Retry-After", OTHERS, FERRYD_TRANSFER_ERROR_SERVER, FERRY_WAIT_REASON_NONE,
    .attempts = 3, .status = 404, .retry_after = 5 },
  { "501", DEFECT, FERRYD_TRANSFER_ERROR_SERVER, FERRY_WAIT_REASON_NONE, .status = 501 },
  { "redirects in a circle", DEFECT, FERRYD_TRANSFER_ERROR_SERVER, FERRY_WAIT_REASON_NONE,
    .status = 302 },
  { "206 that makes no sense", DEFECT, FERRYD_TRANSFER_ERROR_SERVER, FERRY_WAIT_REASON_NONE,
    .status = 206, .won_bytes = TRUE },
  { "no HTTP at all", DEFECT, FERRYD_TRANSFER_ERROR_SERVER, FERRY_WAIT_REASON_NONE },
  { "an unknown host", NAMES, FERRYD_TRANSFER_ERROR_NETWORK, FERRY_WAIT_REASON_RETRY, 1, 1,
    .host_unknown = TRUE },
  { "an unknown host, four times", NAMES, FERRYD_TRANSFER_ERROR_NETWORK, FERRY_WAIT_REASON_RETRY,
    8, 4, 3, .host_unknown = TRUE },
  { "an unknown host, five times", NAMES, FERRYD_TRANSFER_ERROR_NETWORK, FERRY_WAIT_REASON_NONE,
    .attempts = 4, .host_unknown = TRUE },
  { "an unknown host, after many another failure", NAMES, FERRYD_TRANSFER_ERROR_NETWORK,
    FERRY_WAIT_REASON_NONE, .attempts = 40, .host_unknown = TRUE },
  { "an unknown host while offline", OFFLINE, FERRYD_TRANSFER_ERROR_NETWORK,
    FERRY_WAIT_REASON_OFFLINE, 0, 4, 4, .host_unknown = TRUE, .is_offline = TRUE },
  { "offline", OFFLINE, FERRYD_TRANSFER_ERROR_NETWORK, FERRY_WAIT_REASON_OFFLINE, 0, 3, 3,
    .is_offline = TRUE },
  { "offline for the first time", OFFLINE, FERRYD_TRANSFER_ERROR_NETWORK,
    FERRY_WAIT_REASON_OFFLINE, .is_offline = TRUE },
  { "truncated while offline", OFFLINE, FERRYD_TRANSFER_ERROR_TRUNCATED, FERRY_WAIT_REASON_OFFLINE,
    0, 3, 3, .status = 200, .retry_after = 5, .is_offline = TRUE },
  { "truncated while offline, bytes won", WON, FERRYD_TRANSFER_ERROR_TRUNCATED,
    FERRY_WAIT_REASON_OFFLINE, .attempts = 3, .status = 200, .won_bytes = TRUE,
    .is_offline = TRUE },
  { "no sign of life while offline", OFFLINE, FERRYD_TRANSFER_ERROR_NETWORK,
    FERRY_WAIT_REASON_OFFLINE, 0, 3, 3, .cause = FERRYD_CAUSE_REQUEST_TIMEOUT,
    .is_offline = TRUE },
  { "it took too long", TOO_LONG, FERRYD_TRANSFER_ERROR_NETWORK, FERRY_WAIT_REASON_NONE,
    .attempts = 2, .cause = FERRYD_CAUSE_RESOURCE_TIMEOUT },
  { "it took too long, bytes won", TOO_LONG, FERRYD_TRANSFER_ERROR_NETWORK,
    FERRY_WAIT_REASON_NONE, .cause = FERRYD_CAUSE_RESOURCE_TIMEOUT, .won_bytes = TRUE },
  { "it took too long while offline", TOO_LONG, FERRYD_TRANSFER_ERROR_NETWORK,
    FERRY_WAIT_REASON_NONE, .cause = FERRYD_CAUSE_RESOURCE_TIMEOUT, .is_offline = TRUE },
  { "it took too long and the disk is full", TOO_LONG, FERRYD_TRANSFER_ERROR_DISK_FULL,
    FERRY_WAIT_REASON_NONE, .cause = FERRYD_CAUSE_RESOURCE_TIMEOUT },
  { "trust", TLS, FERRYD_TRANSFER_ERROR_TRUST, FERRY_WAIT_REASON_TRUST, .attempts = 2 },
  { "trust while offline", TLS, FERRYD_TRANSFER_ERROR_TRUST, FERRY_WAIT_REASON_TRUST,
    .is_offline = TRUE },
  { "credentials", SIGN_IN, FERRYD_TRANSFER_ERROR_CREDENTIALS, FERRY_WAIT_REASON_CREDENTIALS,
    .attempts = 2, .status = 401, .retry_after = 5 },
  { "a new address", GONE, FERRYD_TRANSFER_ERROR_NEW_URL, FERRY_WAIT_REASON_NEW_URL,
    .attempts = 2, .status = 410 },
  { "a captive portal", PORTAL, FERRYD_TRANSFER_ERROR_CAPTIVE_PORTAL,
    FERRY_WAIT_REASON_CAPTIVE_PORTAL, .attempts = 2, .status = 200 },
  { "a full disk", FULL, FERRYD_TRANSFER_ERROR_DISK_FULL, FERRY_WAIT_REASON_DISK_FULL,
    .attempts = 2, .status = 200, .won_bytes = TRUE },
  { "it changes too fast", DEFECT, FERRYD_TRANSFER_ERROR_CHANGED, FERRY_WAIT_REASON_NONE,
    .status = 200, .won_bytes = TRUE },
  { "a wrong digest", WRONG, FERRYD_TRANSFER_ERROR_DIGEST, FERRY_WAIT_REASON_NONE, .status = 200,
    .won_bytes = TRUE },
  { "no folder", DEFECT, FERRYD_TRANSFER_ERROR_FOLDER, FERRY_WAIT_REASON_NONE },
  { "the database failed", STORED, FERRYD_TRANSFER_ERROR_STORE, FERRY_WAIT_REASON_RETRY, 2, 2, 1,
    .status = 200 },
  { "the database failed while offline", STORED, FERRYD_TRANSFER_ERROR_STORE,
    FERRY_WAIT_REASON_RETRY, 2, 2, 1, .status = 200, .is_offline = TRUE },
};

static FerrydOutcome *
new_failure (FerrydTransferError class,
             guint               status)
{
  FerrydOutcome *outcome = ferryd_outcome_new ();

  outcome->error = g_error_new_literal (FERRYD_TRANSFER_ERROR, (int) class, "It failed");
  outcome->status = status;
  return outcome;
}

/* In µs; what is beyond all time is the end of it. */
static gint64
get_time_after (gint64 now,
                gint64 s)
{
  return s > (G_MAXINT64 - now) / G_USEC_PER_SEC ? G_MAXINT64 : now + s * G_USEC_PER_SEC;
}

static void
check_row (guint  row,
           double jitter)
{
  g_autoptr(FerrydOutcome) outcome = new_failure (rows[row].class, rows[row].status);
  FerrydCircumstances circumstances = {
    .attempts = rows[row].attempts,
    .won_bytes = rows[row].won_bytes,
    .network_available = !rows[row].is_offline,
    .now = NOW,
    .jitter = jitter,
  };
  double back_off = rows[row].step * G_USEC_PER_SEC * (0.5 + jitter / 2);
  gint64 retry_at = rows[row].step > 0 ? NOW + (gint64) back_off : 0;
  FerrydRetry verdict;

  outcome->cause = rows[row].cause;
  outcome->host_unknown = rows[row].host_unknown;
  if (rows[row].retry_after > 0)
    outcome->retry_after = rows[row].retry_after;
  if (rows[row].step > 0)
    retry_at = MAX (retry_at, get_time_after (NOW, outcome->retry_after));

  verdict = ferryd_retry_judge (outcome, &circumstances);
  g_assert_cmpint (verdict.state, ==, rows[row].reason == FERRY_WAIT_REASON_NONE
                                        ? FERRY_TASK_STATE_FAILED : FERRY_TASK_STATE_WAITING);
  g_assert_cmpint (verdict.reason, ==, rows[row].reason);
  g_assert_cmpint (verdict.retry_at, ==, retry_at);
  g_assert_cmpuint (verdict.attempts, ==, rows[row].attempts_after);
}

static void
test_row (gconstpointer data)
{
  static const double jitters[] = { 0, 0.25, 0.5, 0.75 };
  guint row = GPOINTER_TO_UINT (data);

  g_test_message ("%s", rows[row].rule);
  for (guint i = 0; i < G_N_ELEMENTS (jitters); i++)
    check_row (row, jitters[i]);
}

/* Those of design.md §6, and no other. */
static void
test_statuses (void)
{
  static const gboolean passing[1000] = {
    [408] = TRUE, [425] = TRUE, [429] = TRUE, [500] = TRUE, [502] = TRUE, [503] = TRUE,
    [504] = TRUE,
  };

  for (guint status = 0; status < G_N_ELEMENTS (passing); status++)
    {
      g_autoptr(FerrydOutcome) outcome = new_failure (FERRYD_TRANSFER_ERROR_SERVER, status);
      FerrydCircumstances circumstances = { .network_available = TRUE, .now = NOW };
      FerrydRetry verdict = ferryd_retry_judge (outcome, &circumstances);

      g_assert_cmpint (verdict.state, ==, passing[status] ? FERRY_TASK_STATE_WAITING
                                                          : FERRY_TASK_STATE_FAILED);
      g_assert_cmpint (verdict.reason, ==, passing[status] ? FERRY_WAIT_REASON_RETRY
                                                           : FERRY_WAIT_REASON_NONE);
    }
}

/* One verdict's count is the next one's circumstance. */
static void
test_sequence (void)
{
  static const guint steps[] = { 1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240 };
  g_autoptr(FerrydOutcome) outcome = new_failure (FERRYD_TRANSFER_ERROR_NETWORK, 0);
  FerrydCircumstances circumstances = { .network_available = TRUE, .now = NOW };

  for (guint i = 0; i < 300; i++)
    {
      gint64 step = steps[MIN (i, G_N_ELEMENTS (steps) - 1)] * G_USEC_PER_SEC;
      FerrydRetry verdict = ferryd_retry_judge (outcome, &circumstances);

      g_assert_cmpint (verdict.retry_at - circumstances.now, ==, step / 2);
      circumstances.attempts = verdict.attempts;
      circumstances.now = verdict.retry_at;
    }

  circumstances.won_bytes = TRUE;
  g_assert_cmpuint (ferryd_retry_judge (outcome, &circumstances).attempts, ==, 1);
}

static void
test_unknown_host (void)
{
  g_autoptr(FerrydOutcome) outcome = new_failure (FERRYD_TRANSFER_ERROR_NETWORK, 0);
  FerrydCircumstances circumstances = { .network_available = TRUE, .now = NOW };
  FerrydRetry verdict;
  guint n_attempts = 0;

  outcome->host_unknown = TRUE;
  do
    {
      verdict = ferryd_retry_judge (outcome, &circumstances);
      circumstances.attempts = verdict.attempts;
      n_attempts++;
    } while (verdict.state == FERRY_TASK_STATE_WAITING);

  g_assert_cmpuint (n_attempts, ==, 5);
  /* Who resumes it begins anew. */
  g_assert_cmpuint (verdict.attempts, ==, 0);
}

static void
draw_outcome (GRand               *random,
              FerrydOutcome       *outcome,
              FerrydCircumstances *circumstances)
{
  static const gint64 afters[] = { -1, -1, 0, 1, 59, 3600, G_MAXINT64 / 1000000, G_MAXINT64 };
  static const guint attempts[] = { 0, 1, 2, 3, 4, 5, 8, 9, 31, 32, 64, G_MAXUINT };

  outcome->cause = (FerrydCause) g_rand_int_range (random, 0, N_CAUSES);
  outcome->host_unknown = g_rand_int_range (random, 0, 4) == 0;
  outcome->retry_after = afters[g_rand_int_range (random, 0, G_N_ELEMENTS (afters))];
  *circumstances = (FerrydCircumstances) {
    .attempts = attempts[g_rand_int_range (random, 0, G_N_ELEMENTS (attempts))],
    .won_bytes = g_rand_boolean (random),
    .network_available = g_rand_boolean (random),
    .now = g_rand_boolean (random) ? NOW : G_MAXINT64 - g_rand_int_range (random, 0, 1000000),
    .jitter = g_rand_boolean (random) ? g_rand_double (random) : 0.9999999999999999,
  };
}

static void
assert_retry_at (const FerrydRetry       *verdict,
                 const FerrydOutcome       *outcome,
                 const FerrydCircumstances *circumstances)
{
  double step = verdict->attempts < 9 ? (1 << (verdict->attempts - 1)) : 240;
  gint64 said = outcome->retry_after < 0
                  ? 0 : get_time_after (circumstances->now, outcome->retry_after);
  double wait = (double) (verdict->retry_at - circumstances->now) / G_USEC_PER_SEC;

  g_assert_cmpint (verdict->retry_at, >=, circumstances->now);
  g_assert_cmpint (verdict->retry_at, >=, said);
  if (verdict->retry_at == said || verdict->retry_at == G_MAXINT64)
    return;

  g_assert_cmpfloat (wait, >=, 0.5 * step);
  g_assert_cmpfloat (wait, <=, step);
}

static void
test_random (void)
{
  const char *wanted = g_getenv ("FERRY_TEST_SEED");
  guint32 seed = wanted != NULL ? (guint32) g_ascii_strtoull (wanted, NULL, 10) : g_random_int ();
  g_autoptr(GRand) random = g_rand_new_with_seed (seed);

  g_test_message ("FERRY_TEST_SEED=%u", seed);
  for (guint i = 0; i < N_OUTCOMES; i++)
    {
      FerrydTransferError class = (FerrydTransferError) (i % FERRYD_N_TRANSFER_ERRORS);
      g_autoptr(FerrydOutcome) outcome = NULL;
      FerrydCircumstances circumstances;
      FerrydRetry verdict;

      if (class == FERRYD_TRANSFER_ERROR_CANCELLED)
        continue;

      outcome = new_failure (class, (guint) g_rand_int_range (random, 395, 510));
      draw_outcome (random, outcome, &circumstances);
      verdict = ferryd_retry_judge (outcome, &circumstances);

      g_assert_true (verdict.state == FERRY_TASK_STATE_FAILED ||
                     verdict.state == FERRY_TASK_STATE_WAITING);
      g_assert_true ((verdict.state == FERRY_TASK_STATE_FAILED) ==
                     (verdict.reason == FERRY_WAIT_REASON_NONE));
      if (verdict.reason == FERRY_WAIT_REASON_RETRY)
        assert_retry_at (&verdict, outcome, &circumstances);
      else
        g_assert_cmpint (verdict.retry_at, ==, 0);
      if (circumstances.won_bytes)
        g_assert_cmpuint (verdict.attempts, <=, 1);
    }
}

static void
test_cancelled (void)
{
  g_autoptr(FerrydOutcome) outcome = new_failure (FERRYD_TRANSFER_ERROR_CANCELLED, 0);
  FerrydCircumstances circumstances = { .network_available = TRUE, .now = NOW };

  g_test_expect_message ("ferryd-retry", G_LOG_LEVEL_CRITICAL, "*CANCELLED*");
  g_assert_cmpint (ferryd_retry_judge (outcome, &circumstances).state, ==,
                   FERRY_TASK_STATE_FAILED);
  g_test_assert_expected_messages ();
}

static void
test_ends_with_network (void)
{
  for (guint code = 0; code < FERRY_N_ERRORS; code++)
    g_assert_cmpint (ferryd_retry_ends_with_network (ferry_error_get_bus_name (code)), ==,
                     code == FERRY_ERROR_NETWORK || code == FERRY_ERROR_TIMEOUT);

  g_assert_false (ferryd_retry_ends_with_network (NULL));
  g_assert_false (ferryd_retry_ends_with_network (""));
  g_assert_false (ferryd_retry_ends_with_network ("Network"));
  g_assert_false (ferryd_retry_ends_with_network ("org.freedesktop.DBus.Error.Timeout"));
}

int
main (int    argc,
      char **argv)
{
  setlocale (LC_ALL, "");  /* the sentences of the design are UTF-8 */
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/retry/row/%s", rows[i].name);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_row);
    }
  g_test_add_func ("/retry/statuses", test_statuses);
  g_test_add_func ("/retry/sequence", test_sequence);
  g_test_add_func ("/retry/unknown-host", test_unknown_host);
  g_test_add_func ("/retry/random", test_random);
  g_test_add_func ("/retry/cancelled", test_cancelled);
  g_test_add_func ("/retry/ends-with-network", test_ends_with_network);

  return g_test_run ();
}
