/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-retry"

#include "config.h"

#include "common/error.h"
#include "model/retry.h"

/* The step of the first retry and of all late ones, in s: short enough for a hiccup, long enough
 * for a server in trouble. */
#define FIRST_STEP_S 1
#define LAST_STEP_S 240

/* So often the name of a host may be unknown: a name server can be wrong for a moment, but most
 * such names have a letter too many. */
#define MAX_UNKNOWN_HOST 5

/* What a task does after an error of each class; NONE: it has failed. */
static const FerryWaitReason reasons[] = {
  [FERRYD_TRANSFER_ERROR_NETWORK] = FERRY_WAIT_REASON_RETRY,
  [FERRYD_TRANSFER_ERROR_TRUNCATED] = FERRY_WAIT_REASON_RETRY,
  [FERRYD_TRANSFER_ERROR_SERVER] = FERRY_WAIT_REASON_RETRY,  /* with some statuses only */
  [FERRYD_TRANSFER_ERROR_TRUST] = FERRY_WAIT_REASON_TRUST,
  [FERRYD_TRANSFER_ERROR_CREDENTIALS] = FERRY_WAIT_REASON_CREDENTIALS,
  [FERRYD_TRANSFER_ERROR_NEW_URL] = FERRY_WAIT_REASON_NEW_URL,
  [FERRYD_TRANSFER_ERROR_CAPTIVE_PORTAL] = FERRY_WAIT_REASON_CAPTIVE_PORTAL,
  [FERRYD_TRANSFER_ERROR_DISK_FULL] = FERRY_WAIT_REASON_DISK_FULL,
  [FERRYD_TRANSFER_ERROR_CHANGED] = FERRY_WAIT_REASON_NONE,
  [FERRYD_TRANSFER_ERROR_DIGEST] = FERRY_WAIT_REASON_NONE,
  [FERRYD_TRANSFER_ERROR_CANCELLED] = FERRY_WAIT_REASON_NONE,
  [FERRYD_TRANSFER_ERROR_FOLDER] = FERRY_WAIT_REASON_NONE,
  [FERRYD_TRANSFER_ERROR_STORE] = FERRY_WAIT_REASON_RETRY,   /* it may come back */
};
G_STATIC_ASSERT (G_N_ELEMENTS (reasons) == FERRYD_N_TRANSFER_ERRORS);

/* Statuses that tell of a moment, not of the address: RFC 9110 §15.5.9 and §15.6, RFC 8470 §5.2,
 * RFC 6585 §4. */
static gboolean
passes (guint status)
{
  static const guint passing[] = { 408, 425, 429, 500, 502, 503, 504 };

  for (guint i = 0; i < G_N_ELEMENTS (passing); i++)
    {
      if (status == passing[i])
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_about_network (const FerrydOutcome *outcome)
{
  return ferryd_outcome_is (outcome, FERRYD_TRANSFER_ERROR_NETWORK) ||
         ferryd_outcome_is (outcome, FERRYD_TRANSFER_ERROR_TRUNCATED);
}

static FerryWaitReason
get_reason (const FerrydOutcome       *outcome,
            const FerrydCircumstances *circumstances)
{
  if (outcome->cause == FERRYD_CAUSE_RESOURCE_TIMEOUT)
    return FERRY_WAIT_REASON_NONE;
  if (is_about_network (outcome) && !circumstances->network_available)
    return FERRY_WAIT_REASON_OFFLINE;
  if (ferryd_outcome_is (outcome, FERRYD_TRANSFER_ERROR_SERVER) && !passes (outcome->status))
    return FERRY_WAIT_REASON_NONE;

  return reasons[outcome->error->code];
}

/* µs: half of the step, and a random part of its other half, so that those who failed together
 * do not come back together. The step is 1 s after the first failure and doubles with each. */
static gint64
get_back_off (guint  attempts,
              double jitter)
{
  gint64 step = FIRST_STEP_S * G_USEC_PER_SEC;

  for (guint i = 1; i < attempts && step < LAST_STEP_S * G_USEC_PER_SEC; i++)
    step *= 2;

  step = MIN (step, LAST_STEP_S * G_USEC_PER_SEC);
  return step / 2 + (gint64) (jitter * (double) (step / 2));
}

/* The server's word may be of any size. */
static gint64
get_retry_at (const FerrydOutcome       *outcome,
              const FerrydCircumstances *circumstances,
              guint                      attempts)
{
  gint64 wait = get_back_off (attempts, circumstances->jitter);
  gint64 most = G_MAXINT64 - circumstances->now;

  if (outcome->retry_after > most / G_USEC_PER_SEC)
    return G_MAXINT64;

  wait = MAX (wait, outcome->retry_after * G_USEC_PER_SEC);
  return wait < most ? circumstances->now + wait : G_MAXINT64;
}

FerrydRetry
ferryd_retry_judge (const FerrydOutcome       *outcome,
                    const FerrydCircumstances *circumstances)
{
  FerrydRetry verdict = { .state = FERRY_TASK_STATE_FAILED, .reason = FERRY_WAIT_REASON_NONE };
  guint before = circumstances->won_bytes ? 0 : circumstances->attempts;
  guint attempts = before < G_MAXUINT ? before + 1 : before;
  FerryWaitReason reason;

  g_return_val_if_fail (outcome->error != NULL, verdict);
  g_return_val_if_fail (outcome->error->domain == FERRYD_TRANSFER_ERROR, verdict);
  g_return_val_if_fail (!ferryd_outcome_is (outcome, FERRYD_TRANSFER_ERROR_CANCELLED), verdict);
  g_return_val_if_fail (circumstances->now >= 0, verdict);
  g_return_val_if_fail (circumstances->jitter >= 0 && circumstances->jitter < 1, verdict);

  reason = get_reason (outcome, circumstances);
  if (reason == FERRY_WAIT_REASON_RETRY && outcome->host_unknown && attempts >= MAX_UNKNOWN_HOST)
    reason = FERRY_WAIT_REASON_NONE;
  if (reason == FERRY_WAIT_REASON_NONE)
    return verdict;

  verdict.state = FERRY_TASK_STATE_WAITING;
  verdict.reason = reason;
  /* Without a network it was no attempt. After all other waits something has changed, and the
   * count begins anew. */
  if (reason == FERRY_WAIT_REASON_OFFLINE)
    verdict.attempts = before;
  if (reason == FERRY_WAIT_REASON_RETRY)
    {
      verdict.attempts = attempts;
      verdict.retry_at = get_retry_at (outcome, circumstances, attempts);
    }

  return verdict;
}

gboolean
ferryd_retry_ends_with_network (const char *error_name)
{
  FerryError code;

  return ferry_error_from_bus_name (error_name, &code) &&
         (code == FERRY_ERROR_NETWORK || code == FERRY_ERROR_TIMEOUT);
}
