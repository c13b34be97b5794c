/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "common/error.h"
#include "model/ending.h"
#include "model/task.h"

#define N_CAUSES (FERRYD_CAUSE_RESOURCE_TIMEOUT + 1)

/* In bytes; the last character may be over. */
#define LONGEST_MESSAGE 1000

/* µs of the resource time-out: used up before, and in the run that ends. */
#define CLOCK_USED (7 * G_USEC_PER_SEC)
#define CLOCK_RUNNING (5 * G_USEC_PER_SEC)

#define BUS_ERROR(name) FERRY_SERVICE_ID ".Error." name

/* What those outside are told of each class. */
static const char *const error_names[] = {
  [FERRYD_TRANSFER_ERROR_NETWORK] = BUS_ERROR ("Network"),
  [FERRYD_TRANSFER_ERROR_TRUNCATED] = BUS_ERROR ("Network"),
  [FERRYD_TRANSFER_ERROR_SERVER] = BUS_ERROR ("Server"),
  [FERRYD_TRANSFER_ERROR_TRUST] = BUS_ERROR ("Trust"),
  [FERRYD_TRANSFER_ERROR_CREDENTIALS] = BUS_ERROR ("Credentials"),
  [FERRYD_TRANSFER_ERROR_NEW_URL] = BUS_ERROR ("Server"),
  [FERRYD_TRANSFER_ERROR_CAPTIVE_PORTAL] = BUS_ERROR ("Network"),
  [FERRYD_TRANSFER_ERROR_DISK_FULL] = BUS_ERROR ("DiskFull"),
  [FERRYD_TRANSFER_ERROR_CHANGED] = BUS_ERROR ("Changed"),
  [FERRYD_TRANSFER_ERROR_DIGEST] = BUS_ERROR ("Digest"),
  [FERRYD_TRANSFER_ERROR_CANCELLED] = NULL,
  [FERRYD_TRANSFER_ERROR_FOLDER] = BUS_ERROR ("NotAllowed"),
  [FERRYD_TRANSFER_ERROR_STORE] = BUS_ERROR ("Store"),
};
G_STATIC_ASSERT (G_N_ELEMENTS (error_names) == FERRYD_N_TRANSFER_ERRORS);

/* Where a stopped job leaves its task. */
static const FerryTaskState stopped[] = {
  [FERRYD_CAUSE_NONE] = FERRY_TASK_STATE_WAITING,
  [FERRYD_CAUSE_SUSPEND] = FERRY_TASK_STATE_SUSPENDED,
  [FERRYD_CAUSE_CANCEL] = FERRY_TASK_STATE_CANCELLED,
  [FERRYD_CAUSE_SHUTDOWN] = FERRY_TASK_STATE_WAITING,
  [FERRYD_CAUSE_RESTART] = FERRY_TASK_STATE_WAITING,
  [FERRYD_CAUSE_REQUEST_TIMEOUT] = FERRY_TASK_STATE_WAITING,
  [FERRYD_CAUSE_RESOURCE_TIMEOUT] = FERRY_TASK_STATE_WAITING,
};
G_STATIC_ASSERT (G_N_ELEMENTS (stopped) == N_CAUSES);

static GVariant *
new_metrics (const char *text)
{
  return g_variant_ref_sink (g_variant_new_parsed ("[{'address': <%s>}]", text));
}

/* With all that an earlier run could have left. */
static void
init_running (FerrydTaskStatus *status)
{
  *status = (FerrydTaskStatus) {
    .state = FERRY_TASK_STATE_RUNNING,
    .error_name = g_strdup ("old name"),
    .error_message = g_strdup ("old message"),
    .finished = 17,
    .clock_used = CLOCK_USED,
    .clock_since = g_get_real_time () - CLOCK_RUNNING,
    .retry_at = 31,
    .attempts = 3,
    .length_verified = TRUE,
    .digest = g_strdup ("old digest"),
    .metrics = new_metrics ("old"),
  };
}

static FerrydOutcome *
new_failure (FerrydTransferError code,
             FerrydCause         cause)
{
  FerrydOutcome *outcome = ferryd_outcome_new ();

  outcome->error = g_error_new (FERRYD_TRANSFER_ERROR, (int) code, "message of %d", (int) code);
  outcome->cause = cause;
  outcome->length_verified = TRUE;  /* says nothing of a failure */
  outcome->metrics = new_metrics ("new");
  return outcome;
}

static void
assert_finished_time (const FerrydTaskStatus *status,
                      gint64                  before)
{
  if (!ferry_task_state_is_over (status->state))
    {
      g_assert_cmpint (status->finished, ==, 0);
      return;
    }

  g_assert_cmpint (status->finished, >=, before);
  g_assert_cmpint (status->finished, <=, g_get_real_time ());
}

/* §4: “The resource time-out counts wall time since the first Resume, less the time suspended or
 * waiting for a person.” */
static void
assert_clock (const FerrydTaskStatus *status,
              gint64                  before)
{
  gboolean goes = status->state == FERRY_TASK_STATE_RUNNING ||
                  (status->state == FERRY_TASK_STATE_WAITING &&
                   !ferry_wait_reason_needs_person (status->reason));
  gint64 now = g_get_real_time ();

  g_assert_cmpint (status->clock_used, >=, CLOCK_USED + CLOCK_RUNNING);
  g_assert_cmpint (status->clock_used, <=, CLOCK_USED + CLOCK_RUNNING + now - before);
  g_assert_cmpint (status->clock_since != 0, ==, goes);
  if (goes)
    {
      g_assert_cmpint (status->clock_since, >=, before);
      g_assert_cmpint (status->clock_since, <=, now);
    }
}

static void
check_failure (FerrydTransferError code,
               FerrydCause         cause)
{
  g_auto(FerrydTaskStatus) from = { 0 };
  g_auto(FerrydTaskStatus) to = { 0 };
  g_autoptr(FerrydOutcome) outcome = new_failure (code, cause);
  gboolean is_stopped = code == FERRYD_TRANSFER_ERROR_CANCELLED;
  gboolean timed_out = code == FERRYD_TRANSFER_ERROR_NETWORK &&
                       (cause == FERRYD_CAUSE_REQUEST_TIMEOUT ||
                        cause == FERRYD_CAUSE_RESOURCE_TIMEOUT);
  gint64 before = g_get_real_time ();
  FerrydCircumstances circumstances = {
    .attempts = 99,  /* the status knows better */
    .network_available = TRUE,
    .now = before,
    .jitter = 0.5,
  };
  FerrydRetry verdict = { .state = FERRY_TASK_STATE_FAILED };
  FerryTaskState state;

  g_test_message ("class %s, cause %d", ferryd_transfer_error_get_nick (code), (int) cause);
  init_running (&from);
  if (!is_stopped)
    {
      FerrydCircumstances known = circumstances;

      known.attempts = from.attempts;
      verdict = ferryd_retry_judge (outcome, &known);
    }
  state = is_stopped ? stopped[cause] : verdict.state;
  to.error_name = g_strdup ("to be overwritten, not leaked");
  to.metrics = new_metrics ("likewise");
  ferryd_ending_describe_outcome (&from, outcome, &circumstances, &to);

  g_assert_cmpint (to.state, ==, state);
  if (!is_stopped)
    {
      g_assert_cmpint (to.reason, ==, verdict.reason);
      g_assert_cmpint (to.retry_at, ==, verdict.retry_at);
      g_assert_cmpuint (to.attempts, ==, verdict.attempts);
    }
  else
    g_assert_cmpint (to.reason, ==, state == FERRY_TASK_STATE_WAITING ? FERRY_WAIT_REASON_QUEUE
                                                                      : FERRY_WAIT_REASON_NONE);
  g_assert_cmpstr (to.error_name, ==, timed_out ? BUS_ERROR ("Timeout") : error_names[code]);
  g_assert_cmpstr (to.error_message, ==, is_stopped ? NULL : outcome->error->message);
  assert_finished_time (&to, before);
  assert_clock (&to, before);
  g_assert_false (to.length_verified);
  g_assert_null (to.digest);
  g_assert_true (g_variant_equal (to.metrics, outcome->metrics));

  /* The model's own is a value still. */
  g_assert_cmpint (from.state, ==, FERRY_TASK_STATE_RUNNING);
  g_assert_cmpstr (from.error_name, ==, "old name");
}

static void
test_failures (void)
{
  for (guint code = 0; code < FERRYD_N_TRANSFER_ERRORS; code++)
    {
      for (guint cause = 0; cause < N_CAUSES; cause++)
        check_failure (code, cause);
    }
}

static void
check_message (const char *message,
               const char *wanted)
{
  g_auto(FerrydTaskStatus) from = { 0 };
  g_auto(FerrydTaskStatus) to = { 0 };
  g_autoptr(FerrydOutcome) outcome = new_failure (FERRYD_TRANSFER_ERROR_SERVER, FERRYD_CAUSE_NONE);
  FerrydCircumstances circumstances = { .network_available = TRUE };

  g_clear_pointer (&outcome->error->message, g_free);
  outcome->error->message = g_strdup (message);
  init_running (&from);
  ferryd_ending_describe_outcome (&from, outcome, &circumstances, &to);

  if (wanted != NULL)
    g_assert_cmpstr (to.error_message, ==, wanted);
  g_assert_true (g_utf8_validate (to.error_message, -1, NULL));
  g_assert_cmpuint (strlen (to.error_message), <=, LONGEST_MESSAGE);
  for (const char *c = to.error_message; *c != '\0'; c = g_utf8_next_char (c))
    g_assert_false (g_unichar_iscntrl (g_utf8_get_char (c)));
}

/* What a server says is bytes; what the bus carries is text. */
static void
test_messages (void)
{
  g_autofree char *long_ascii = g_strnfill (5000, 'x');
  g_autofree char *long_bytes = g_strnfill (5000, '\xe9');
  g_autofree char *long_controls = g_strnfill (5000, '\x07');

  check_message ("a.example answered 404 Introuvable", "a.example answered 404 Introuvable");
  check_message ("404 Größe", "404 Größe");
  check_message ("404 Introuvabl\xe9\x07 x", "404 Introuvabl\xef\xbf\xbd  x");
  check_message ("a\r\nb\x1b[31mc\x7f\xc2\x85" "d", "a  b [31mc  d");
  check_message ("\xff\xfe\xc0\x80\xed\xa0\x80", NULL);
  check_message ("", "");
  check_message (long_ascii, NULL);
  check_message (long_bytes, NULL);
  check_message (long_controls, NULL);
}

/* Told to stop or not: a file that is published is finished. */
static void
test_finished (void)
{
  for (guint i = 0; i < 4 * N_CAUSES; i++)
    {
      g_auto(FerrydTaskStatus) from = { 0 };
      g_auto(FerrydTaskStatus) to = { 0 };
      g_autoptr(FerrydOutcome) outcome = ferryd_outcome_new ();
      FerrydCircumstances circumstances = { .network_available = TRUE };
      gint64 before = g_get_real_time ();

      init_running (&from);
      outcome->cause = i % N_CAUSES;
      outcome->length_verified = i / N_CAUSES % 2 == 1;
      outcome->has_digest = i / N_CAUSES / 2 == 1;
      outcome->digest.algorithm = FERRY_DIGEST_SHA_256;
      ferryd_ending_describe_outcome (&from, outcome, &circumstances, &to);

      g_assert_cmpint (to.state, ==, FERRY_TASK_STATE_FINISHED);
      g_assert_cmpint (to.reason, ==, FERRY_WAIT_REASON_NONE);
      g_assert_null (to.error_name);
      g_assert_null (to.error_message);
      g_assert_cmpint (to.length_verified, ==, outcome->length_verified);
      g_assert_null (to.metrics);
      assert_finished_time (&to, before);
      if (outcome->has_digest)
        g_assert_true (g_str_has_prefix (to.digest, "sha-256=0000"));
      else
        g_assert_null (to.digest);
    }
}

static void
test_states (void)
{
  for (guint state = 0; state < FERRY_N_TASK_STATES; state++)
    {
      g_auto(FerrydTaskStatus) from = { 0 };
      g_auto(FerrydTaskStatus) to = { 0 };
      gint64 before = g_get_real_time ();

      init_running (&from);
      from.reason = FERRY_WAIT_REASON_DISK_FULL;
      ferryd_ending_describe (&from, state, &to);
      g_assert_cmpint (to.state, ==, state);
      g_assert_cmpint (to.reason, ==, FERRY_WAIT_REASON_NONE);
      g_assert_null (to.error_name);
      g_assert_null (to.error_message);
      g_assert_cmpint (to.retry_at, ==, 0);
      assert_clock (&to, before);
      g_assert_cmpstr (to.digest, ==, "old digest");
      assert_finished_time (&to, before);
    }

  for (guint reason = 0; reason < FERRY_N_WAIT_REASONS; reason++)
    {
      g_auto(FerrydTaskStatus) from = { 0 };
      g_auto(FerrydTaskStatus) to = { 0 };
      gint64 before = g_get_real_time ();

      init_running (&from);
      ferryd_ending_describe_waiting (&from, reason, &to);
      g_assert_cmpint (to.state, ==, FERRY_TASK_STATE_WAITING);
      g_assert_cmpint (to.reason, ==, reason);
      assert_clock (&to, before);
      g_assert_cmpint (to.finished, ==, 0);
    }
}

/* A clock that was set back, or stands, counts nothing; all else is wall time. */
static void
test_clock (void)
{
  static const struct
  {
    gint64 used;
    gint64 since;
    gint64 now;
    gint64 wanted;
  } cases[] = {
    { 0, 0, 1000, 0 },       { 70, 0, 1000, 70 },     { 0, 400, 1000, 600 },
    { 70, 400, 1000, 670 },  { 70, 1000, 1000, 70 },  { 70, 1400, 1000, 70 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      FerrydTaskStatus status = { .clock_used = cases[i].used, .clock_since = cases[i].since };

      g_assert_cmpint (ferryd_ending_get_clock (&status, cases[i].now), ==, cases[i].wanted);
    }
}

static void
test_problem (void)
{
  g_auto(FerrydTaskStatus) from = { 0 };
  g_auto(FerrydTaskStatus) to = { 0 };
  g_autoptr(GError) error = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_TIMEOUT, "too\nlong");
  gint64 before = g_get_real_time ();

  init_running (&from);
  ferryd_ending_describe_problem (&from, FERRY_TASK_STATE_FAILED, FERRY_WAIT_REASON_NONE, error,
                                  &to);
  g_assert_cmpint (to.state, ==, FERRY_TASK_STATE_FAILED);
  g_assert_cmpstr (to.error_name, ==, BUS_ERROR ("Timeout"));
  g_assert_cmpstr (to.error_message, ==, "too long");
  assert_finished_time (&to, before);
  assert_clock (&to, before);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/ending/failures", test_failures);
  g_test_add_func ("/ending/messages", test_messages);
  g_test_add_func ("/ending/finished", test_finished);
  g_test_add_func ("/ending/states", test_states);
  g_test_add_func ("/ending/clock", test_clock);
  g_test_add_func ("/ending/problem", test_problem);

  return g_test_run ();
}
