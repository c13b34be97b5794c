/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-ending"

#include "config.h"

#include "common/error.h"
#include "model/ending.h"
#include "model/task.h"

/* Bytes; what is longer is no message for anybody. */
#define LONGEST_MESSAGE 1000

/* A reason to wait for what stands in the way of each class; NONE: it failed. */
static const FerryWaitReason reasons[] = {
  [FERRYD_TRANSFER_ERROR_NETWORK] = FERRY_WAIT_REASON_NONE,
  [FERRYD_TRANSFER_ERROR_TRUNCATED] = FERRY_WAIT_REASON_NONE,
  [FERRYD_TRANSFER_ERROR_SERVER] = FERRY_WAIT_REASON_NONE,
  [FERRYD_TRANSFER_ERROR_TRUST] = FERRY_WAIT_REASON_NONE,
  [FERRYD_TRANSFER_ERROR_CREDENTIALS] = FERRY_WAIT_REASON_NONE,
  [FERRYD_TRANSFER_ERROR_NEW_URL] = FERRY_WAIT_REASON_NEW_URL,
  [FERRYD_TRANSFER_ERROR_CAPTIVE_PORTAL] = FERRY_WAIT_REASON_CAPTIVE_PORTAL,
  [FERRYD_TRANSFER_ERROR_DISK_FULL] = FERRY_WAIT_REASON_DISK_FULL,
  [FERRYD_TRANSFER_ERROR_CHANGED] = FERRY_WAIT_REASON_NONE,
  [FERRYD_TRANSFER_ERROR_DIGEST] = FERRY_WAIT_REASON_NONE,
  [FERRYD_TRANSFER_ERROR_CANCELLED] = FERRY_WAIT_REASON_NONE,
  [FERRYD_TRANSFER_ERROR_FOLDER] = FERRY_WAIT_REASON_NONE,
  [FERRYD_TRANSFER_ERROR_STORE] = FERRY_WAIT_REASON_NONE,
};
G_STATIC_ASSERT (G_N_ELEMENTS (reasons) == FERRYD_N_TRANSFER_ERRORS);

void
ferryd_ending_describe (const FerrydTaskStatus *status,
                        FerryTaskState          state,
                        FerrydTaskStatus       *to)
{
  ferryd_task_status_clear (to);
  ferryd_task_status_copy (status, to);
  g_clear_pointer (&to->error_name, g_free);
  g_clear_pointer (&to->error_message, g_free);
  to->state = state;
  to->reason = FERRY_WAIT_REASON_NONE;
  to->finished = ferry_task_state_is_over (state) ? g_get_real_time () : 0;
}

void
ferryd_ending_describe_waiting (const FerrydTaskStatus *status,
                                FerryWaitReason         reason,
                                FerrydTaskStatus       *to)
{
  ferryd_ending_describe (status, FERRY_TASK_STATE_WAITING, to);
  to->reason = reason;
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

static void
describe_error (const FerrydTaskStatus *status,
                const FerrydOutcome    *outcome,
                FerrydTaskStatus       *to)
{
  FerryWaitReason reason = reasons[outcome->error->code];

  if (reason != FERRY_WAIT_REASON_NONE)
    ferryd_ending_describe_waiting (status, reason, to);
  else
    ferryd_ending_describe (status, FERRY_TASK_STATE_FAILED, to);

  to->error_name = g_strdup (ferry_error_get_bus_name (get_public_error (outcome)));
  to->error_message = make_sayable (outcome->error->message);
}

void
ferryd_ending_describe_outcome (const FerrydTaskStatus *status,
                                const FerrydOutcome    *outcome,
                                FerrydTaskStatus       *to)
{
  if (outcome->error == NULL)
    ferryd_ending_describe (status, FERRY_TASK_STATE_FINISHED, to);
  else if (ferryd_outcome_is (outcome, FERRYD_TRANSFER_ERROR_CANCELLED))
    describe_stopped (status, outcome->cause, to);
  else
    describe_error (status, outcome, to);

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
  if (g_strcmp0 (a->digest, b->digest) != 0)
    mask |= FERRYD_TASK_CHANGE (DIGEST);
  if (variants_differ (a->metrics, b->metrics))
    mask |= FERRYD_TASK_CHANGE (METRICS);
  if (a->length_verified != b->length_verified)
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
