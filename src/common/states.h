/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a task carries. The words are those of the Task property `Kind`. */
typedef enum
{
  FERRY_TASK_KIND_DOWNLOAD,  /* download */
  FERRY_TASK_KIND_UPLOAD,    /* upload */
} FerryTaskKind;

#define FERRY_N_TASK_KINDS (FERRY_TASK_KIND_UPLOAD + 1)

/* Where a task stands. The words are those of the Task property `State`; the numbers are in
 * databases: append only. */
typedef enum
{
  FERRY_TASK_STATE_SUSPENDED,
  FERRY_TASK_STATE_WAITING,
  FERRY_TASK_STATE_RUNNING,
  FERRY_TASK_STATE_FINISHED,
  FERRY_TASK_STATE_FAILED,
  FERRY_TASK_STATE_CANCELLED,
} FerryTaskState;

#define FERRY_N_TASK_STATES (FERRY_TASK_STATE_CANCELLED + 1)

/* Why a task waits. The words are those of the Task property `Reason`; the numbers are in
 * databases: append only. */
typedef enum
{
  FERRY_WAIT_REASON_NONE,            /* (empty): it does not wait */
  FERRY_WAIT_REASON_QUEUE,
  FERRY_WAIT_REASON_HOST_LIMIT,
  FERRY_WAIT_REASON_NOT_YET,
  FERRY_WAIT_REASON_OFFLINE,
  FERRY_WAIT_REASON_CAPTIVE_PORTAL,
  FERRY_WAIT_REASON_METERED,
  FERRY_WAIT_REASON_POWER_SAVER,
  FERRY_WAIT_REASON_BATTERY,
  FERRY_WAIT_REASON_SCHEDULE,
  FERRY_WAIT_REASON_RETRY,
  FERRY_WAIT_REASON_DISK_FULL,
  FERRY_WAIT_REASON_CREDENTIALS,
  FERRY_WAIT_REASON_TRUST,
  FERRY_WAIT_REASON_NEW_URL,
  FERRY_WAIT_REASON_SOURCE_CHANGED,
  FERRY_WAIT_REASON_BODY,
} FerryWaitReason;

#define FERRY_N_WAIT_REASONS (FERRY_WAIT_REASON_BODY + 1)

/* Where a session stands. The words are those of the Session property `State`; the numbers are in
 * databases: append only. */
typedef enum
{
  FERRY_SESSION_STATE_OPEN,       /* open */
  FERRY_SESSION_STATE_FINISHING,  /* finishing: takes no more tasks */
  FERRY_SESSION_STATE_INVALID,    /* invalid: all is over, but for events to acknowledge */
} FerrySessionState;

#define FERRY_N_SESSION_STATES (FERRY_SESSION_STATE_INVALID + 1)

const char *ferry_task_kind_to_string     (FerryTaskKind kind);

gboolean    ferry_task_kind_from_string   (const char    *word,
                                           FerryTaskKind *kind);

const char *ferry_task_state_to_string    (FerryTaskState state);

gboolean    ferry_task_state_from_string  (const char     *word,
                                           FerryTaskState *state);

/* Whether a task in @state will not move any more unless somebody asks for it. */
gboolean    ferry_task_state_is_over      (FerryTaskState state);

const char *ferry_wait_reason_to_string   (FerryWaitReason reason);

const char *ferry_session_state_to_string  (FerrySessionState state);

/* Whether only a person can lift @reason; all others the machine lifts. */
gboolean    ferry_wait_reason_needs_person (FerryWaitReason reason);

G_END_DECLS
