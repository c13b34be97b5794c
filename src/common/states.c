/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-states"

#include "config.h"

#include "states.h"

static const char *const kinds[] = {
  [FERRY_TASK_KIND_DOWNLOAD] = "download",
  [FERRY_TASK_KIND_UPLOAD] = "upload",
};
G_STATIC_ASSERT (G_N_ELEMENTS (kinds) == FERRY_N_TASK_KINDS);

static const char *const states[] = {
  [FERRY_TASK_STATE_SUSPENDED] = "suspended",
  [FERRY_TASK_STATE_WAITING] = "waiting",
  [FERRY_TASK_STATE_RUNNING] = "running",
  [FERRY_TASK_STATE_FINISHED] = "finished",
  [FERRY_TASK_STATE_FAILED] = "failed",
  [FERRY_TASK_STATE_CANCELLED] = "cancelled",
};
G_STATIC_ASSERT (G_N_ELEMENTS (states) == FERRY_N_TASK_STATES);

static const char *const reasons[] = {
  [FERRY_WAIT_REASON_NONE] = "",
  [FERRY_WAIT_REASON_QUEUE] = "queue",
  [FERRY_WAIT_REASON_HOST_LIMIT] = "host-limit",
  [FERRY_WAIT_REASON_NOT_YET] = "not-yet",
  [FERRY_WAIT_REASON_OFFLINE] = "offline",
  [FERRY_WAIT_REASON_CAPTIVE_PORTAL] = "captive-portal",
  [FERRY_WAIT_REASON_METERED] = "metered",
  [FERRY_WAIT_REASON_POWER_SAVER] = "power-saver",
  [FERRY_WAIT_REASON_BATTERY] = "battery",
  [FERRY_WAIT_REASON_SCHEDULE] = "schedule",
  [FERRY_WAIT_REASON_RETRY] = "retry",
  [FERRY_WAIT_REASON_DISK_FULL] = "disk-full",
  [FERRY_WAIT_REASON_CREDENTIALS] = "credentials",
  [FERRY_WAIT_REASON_TRUST] = "trust",
  [FERRY_WAIT_REASON_NEW_URL] = "new-url",
  [FERRY_WAIT_REASON_SOURCE_CHANGED] = "source-changed",
  [FERRY_WAIT_REASON_BODY] = "body",
};
G_STATIC_ASSERT (G_N_ELEMENTS (reasons) == FERRY_N_WAIT_REASONS);

static const char *const session_states[] = {
  [FERRY_SESSION_STATE_OPEN] = "open",
  [FERRY_SESSION_STATE_FINISHING] = "finishing",
  [FERRY_SESSION_STATE_INVALID] = "invalid",
};
G_STATIC_ASSERT (G_N_ELEMENTS (session_states) == FERRY_N_SESSION_STATES);

/* The place of @word in @words; −1: it is none of them. */
static int
find_word (const char *const *words,
           guint              n,
           const char        *word)
{
  for (guint i = 0; i < n; i++)
    {
      if (g_strcmp0 (words[i], word) == 0)
        return (int) i;
    }

  return -1;
}

const char *
ferry_task_kind_to_string (FerryTaskKind kind)
{
  g_return_val_if_fail ((guint) kind < FERRY_N_TASK_KINDS, NULL);

  return kinds[kind];
}

gboolean
ferry_task_kind_from_string (const char    *word,
                             FerryTaskKind *kind)
{
  int place = find_word (kinds, G_N_ELEMENTS (kinds), word);

  if (place >= 0)
    *kind = place;
  return place >= 0;
}

const char *
ferry_task_state_to_string (FerryTaskState state)
{
  g_return_val_if_fail ((guint) state < FERRY_N_TASK_STATES, NULL);

  return states[state];
}

gboolean
ferry_task_state_from_string (const char     *word,
                              FerryTaskState *state)
{
  int place = find_word (states, G_N_ELEMENTS (states), word);

  if (place >= 0)
    *state = place;
  return place >= 0;
}

gboolean
ferry_task_state_is_over (FerryTaskState state)
{
  return state == FERRY_TASK_STATE_FINISHED || state == FERRY_TASK_STATE_FAILED ||
         state == FERRY_TASK_STATE_CANCELLED;
}

const char *
ferry_wait_reason_to_string (FerryWaitReason reason)
{
  g_return_val_if_fail ((guint) reason < FERRY_N_WAIT_REASONS, NULL);

  return reasons[reason];
}

gboolean
ferry_wait_reason_needs_person (FerryWaitReason reason)
{
  return reason == FERRY_WAIT_REASON_CREDENTIALS || reason == FERRY_WAIT_REASON_TRUST ||
         reason == FERRY_WAIT_REASON_NEW_URL || reason == FERRY_WAIT_REASON_SOURCE_CHANGED ||
         reason == FERRY_WAIT_REASON_BODY;
}

const char *
ferry_session_state_to_string (FerrySessionState state)
{
  g_return_val_if_fail ((guint) state < FERRY_N_SESSION_STATES, "");

  return session_states[state];
}
