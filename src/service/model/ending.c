/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-ending"

#include "config.h"

#include "common/error.h"
#include "model/ending.h"
#include "model/task.h"

/* Bytes; what is longer is no message for anybody. */
#define LONGEST_MESSAGE 1000

/* A clock that was set back counts nothing. */
gint64
ferryd_ending_get_clock (const FerrydTaskStatus *status,
                         gint64                  now)
{
  gint64 running = status->clock_since != 0 ? now - status->clock_since : 0;

  return status->clock_used + MAX (running, 0);
}

/* Suspended, waiting for a person, or over: the resource time-out stands still. */
static gboolean
counts_time (FerryTaskState  state,
             FerryWaitReason reason)
{
  return state == FERRY_TASK_STATE_RUNNING ||
         (state == FERRY_TASK_STATE_WAITING && !ferry_wait_reason_needs_person (reason));
}

static void
describe (const FerrydTaskStatus *status,
          FerryTaskState          state,
          FerryWaitReason         reason,
          FerrydTaskStatus       *to)
{
  gint64 now = g_get_real_time ();

  ferryd_task_status_clear (to);
  ferryd_task_status_copy (status, to);
  g_clear_pointer (&to->error_name, g_free);
  g_clear_pointer (&to->error_message, g_free);
  to->state = state;
  to->reason = reason;
  to->retry_at = 0;
  to->finished = ferry_task_state_is_over (state) ? now : 0;
  to->clock_used = ferryd_ending_get_clock (status, now);
  to->clock_since = counts_time (state, reason) ? now : 0;
}

void
ferryd_ending_describe (const FerrydTaskStatus *status,
                        FerryTaskState          state,
                        FerrydTaskStatus       *to)
{
  describe (status, state, FERRY_WAIT_REASON_NONE, to);
}

void
ferryd_ending_describe_waiting (const FerrydTaskStatus *status,
                                FerryWaitReason         reason,
                                FerrydTaskStatus       *to)
{
  describe (status, FERRY_TASK_STATE_WAITING, reason, to);
}

static FerryError
get_public_error (const FerrydOutcome *outcome)
{
  gboolean timed_out = outcome->cause == FERRYD_CAUSE_REQUEST_TIMEOUT ||
                       outcome->cause == FERRYD_CAUSE_RESOURCE_TIMEOUT;

  if (timed_out && ferryd_outcome_is (outcome, FERRYD_TRANSFER_ERROR_NETWORK))
    return FERRY_ERROR_TIMEOUT;

  return ferryd_transfer_error_get_public (outcome->error->code);
}

static void
describe_stopped (const FerrydTaskStatus *status,
                  FerrydCause             cause,
                  FerrydTaskStatus       *to)
{
  if (cause == FERRYD_CAUSE_CANCEL)
    ferryd_ending_describe (status, FERRY_TASK_STATE_CANCELLED, to);
  else if (cause == FERRYD_CAUSE_SUSPEND)
    ferryd_ending_describe (status, FERRY_TASK_STATE_SUSPENDED, to);
  else
    ferryd_ending_describe_waiting (status, FERRY_WAIT_REASON_QUEUE, to);
}

/* No line of its own, and no other direction for the text around it. */
static gboolean
is_plain (gunichar character)
{
  GUnicodeType type = g_unichar_type (character);

  return type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT &&
         type != G_UNICODE_LINE_SEPARATOR && type != G_UNICODE_PARAGRAPH_SEPARATOR;
}

/* Parts of it may be a server's words. */
static char *
make_sayable (const char *message)
{
  g_autofree char *valid = g_utf8_make_valid (message, -1);
  GString *sayable = g_string_new (NULL);

  for (const char *c = valid; *c != '\0'; c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      if (sayable->len + g_unichar_to_utf8 (character, NULL) > LONGEST_MESSAGE)
        break;
      g_string_append_unichar (sayable, is_plain (character) ? character : ' ');
    }

  return g_string_free (sayable, FALSE);
}

void
ferryd_ending_describe_problem (const FerrydTaskStatus *status,
                                FerryTaskState          state,
                                FerryWaitReason         reason,
                                const GError           *error,
                                FerrydTaskStatus       *to)
{
  describe (status, state, reason, to);
  to->error_name = g_strdup (ferry_error_get_bus_name ((FerryError) error->code));
  to->error_message = make_sayable (error->message);
}

static void
describe_error (const FerrydTaskStatus    *status,
                const FerrydOutcome       *outcome,
                const FerrydCircumstances *circumstances,
                FerrydTaskStatus          *to)
{
  FerrydRetry verdict = ferryd_retry_judge (outcome, circumstances);
  g_autoptr(GError) error = g_error_new_literal (FERRY_ERROR, get_public_error (outcome),
                                                 outcome->error->message);

  ferryd_ending_describe_problem (status, verdict.state, verdict.reason, error, to);
  to->retry_at = verdict.retry_at;
  to->attempts = verdict.attempts;
}

void
ferryd_ending_describe_outcome (const FerrydTaskStatus    *status,
                                const FerrydOutcome       *outcome,
                                const FerrydCircumstances *circumstances,
                                FerrydTaskStatus          *to)
{
  FerrydCircumstances mine = *circumstances;

  mine.attempts = status->attempts;
  if (outcome->error == NULL)
    ferryd_ending_describe (status, FERRY_TASK_STATE_FINISHED, to);
  else if (ferryd_outcome_is (outcome, FERRYD_TRANSFER_ERROR_CANCELLED))
    describe_stopped (status, outcome->cause, to);
  else
    describe_error (status, outcome, &mine, to);

  to->length_verified = outcome->error == NULL && outcome->length_verified;
  g_clear_pointer (&to->digest, g_free);
  if (outcome->has_digest)
    to->digest = ferry_digest_to_string (&outcome->digest);

  g_clear_pointer (&to->metrics, g_variant_unref);
  if (outcome->metrics != NULL)
    to->metrics = g_variant_ref (outcome->metrics);
}

static gboolean
variants_differ (GVariant *a,
                 GVariant *b)
{
  if (a == NULL || b == NULL)
    return a != b;

  return a != b && !g_variant_equal (a, b);
}

guint
ferryd_task_status_compare (const FerrydTaskStatus *a,
                            const FerrydTaskStatus *b)
{
  gboolean error_differs = g_strcmp0 (a->error_name, b->error_name) != 0 ||
                           g_strcmp0 (a->error_message, b->error_message) != 0;
  guint mask = 0;

  if (a->state != b->state)
    mask |= FERRYD_TASK_CHANGE (STATE) | FERRYD_TASK_CHANGE (PHASE) | FERRYD_TASK_CHANGE (PATH) |
            FERRYD_TASK_CHANGE (RATE);
  if (a->reason != b->reason)
    mask |= FERRYD_TASK_CHANGE (REASON) | FERRYD_TASK_CHANGE (REASON_DETAILS);
  if (error_differs)
    mask |= FERRYD_TASK_CHANGE (ERROR) | FERRYD_TASK_CHANGE (REASON_DETAILS);
  if (a->finished != b->finished)
    mask |= FERRYD_TASK_CHANGE (FINISHED);
  if (a->retry_at != b->retry_at)
    mask |= FERRYD_TASK_CHANGE (RETRY_AT) | FERRYD_TASK_CHANGE (REASON_DETAILS);
  if (g_strcmp0 (a->digest, b->digest) != 0)
    mask |= FERRYD_TASK_CHANGE (DIGEST);
  if (variants_differ (a->metrics, b->metrics))
    mask |= FERRYD_TASK_CHANGE (METRICS);
  /* How sure the length is, is told of finished ones alone. */
  if (a->length_verified != b->length_verified ||
      (a->state != b->state && (a->state == FERRY_TASK_STATE_FINISHED ||
                                b->state == FERRY_TASK_STATE_FINISHED)))
    mask |= FERRYD_TASK_CHANGE (RESPONSE);

  return mask;
}

guint
ferryd_task_kept_compare (const FerrydKept *a,
                          const FerrydKept *b)
{
  guint mask = 0;

  if (a->started_over != b->started_over)
    mask |= FERRYD_TASK_CHANGE (STARTED_OVER);
  if (g_strcmp0 (a->current_url, b->current_url) != 0)
    mask |= FERRYD_TASK_CHANGE (CURRENT_URL);
  if (g_strcmp0 (a->file_name, b->file_name) != 0 || g_strcmp0 (a->final_name, b->final_name) != 0)
    mask |= FERRYD_TASK_CHANGE (FILE_NAME);
  if (g_strcmp0 (a->part.name, b->part.name) != 0 || g_strcmp0 (a->final_name, b->final_name) != 0)
    mask |= FERRYD_TASK_CHANGE (PATH);
  if (variants_differ (a->response, b->response))
    mask |= FERRYD_TASK_CHANGE (RESPONSE);

  return mask;
}
