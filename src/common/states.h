/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerryTaskKind:
 * @FERRY_TASK_KIND_DOWNLOAD: `download`
 * @FERRY_TASK_KIND_UPLOAD: `upload`
 *
 * What a task carries. The words are those of the Task property `Kind` on the bus.
 */
typedef enum
{
  FERRY_TASK_KIND_DOWNLOAD,
  FERRY_TASK_KIND_UPLOAD,
} FerryTaskKind;

/**
 * FERRY_N_TASK_KINDS: (skip)
 *
 * How many kinds there are.
 */
#define FERRY_N_TASK_KINDS (FERRY_TASK_KIND_UPLOAD + 1)

/* The numbers of the next three are in databases: append only. */

/**
 * FerryTaskState:
 * @FERRY_TASK_STATE_SUSPENDED: it does not run until somebody says so
 * @FERRY_TASK_STATE_WAITING: it runs when its time has come, see [enum@Ferry.WaitReason]
 * @FERRY_TASK_STATE_RUNNING: its bytes are coming
 * @FERRY_TASK_STATE_FINISHED: the file is there
 * @FERRY_TASK_STATE_FAILED: it came to nothing; it may be resumed
 * @FERRY_TASK_STATE_CANCELLED: somebody did not want it any more
 *
 * Where a task stands. The words are those of the Task property `State` on the bus.
 */
typedef enum
{
  FERRY_TASK_STATE_SUSPENDED,
  FERRY_TASK_STATE_WAITING,
  FERRY_TASK_STATE_RUNNING,
  FERRY_TASK_STATE_FINISHED,
  FERRY_TASK_STATE_FAILED,
  FERRY_TASK_STATE_CANCELLED,
} FerryTaskState;

/**
 * FERRY_N_TASK_STATES: (skip)
 *
 * How many states of a task there are.
 */
#define FERRY_N_TASK_STATES (FERRY_TASK_STATE_CANCELLED + 1)

/**
 * FerryWaitReason:
 * @FERRY_WAIT_REASON_NONE: it does not wait
 * @FERRY_WAIT_REASON_QUEUE: too many run
 * @FERRY_WAIT_REASON_HOST_LIMIT: too many run with this host
 * @FERRY_WAIT_REASON_NOT_YET: the time that was set for it has not come
 * @FERRY_WAIT_REASON_OFFLINE: there is no network
 * @FERRY_WAIT_REASON_CAPTIVE_PORTAL: a sign-in page of the network is in the way
 * @FERRY_WAIT_REASON_METERED: the network costs by the byte
 * @FERRY_WAIT_REASON_POWER_SAVER: the machine saves power
 * @FERRY_WAIT_REASON_BATTERY: the battery is low
 * @FERRY_WAIT_REASON_SCHEDULE: it is not the time of day for it
 * @FERRY_WAIT_REASON_RETRY: it failed, and tries again later
 * @FERRY_WAIT_REASON_DISK_FULL: there is no room; it goes on when there is
 * @FERRY_WAIT_REASON_CREDENTIALS: a person has to sign in
 * @FERRY_WAIT_REASON_TRUST: a person has to judge the server's certificate
 * @FERRY_WAIT_REASON_NEW_URL: the address has expired, a person has to find another
 * @FERRY_WAIT_REASON_SOURCE_CHANGED: the local file has changed, a person has to say what holds
 * @FERRY_WAIT_REASON_BODY: what is to be sent is not there any more, a person has to give it again
 *
 * Why a task waits. The words are those of the Task property `Reason` on the bus.
 */
typedef enum
{
  FERRY_WAIT_REASON_NONE,
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

/**
 * FERRY_N_WAIT_REASONS: (skip)
 *
 * How many reasons there are.
 */
#define FERRY_N_WAIT_REASONS (FERRY_WAIT_REASON_BODY + 1)

/**
 * FerrySessionState:
 * @FERRY_SESSION_STATE_OPEN: it takes tasks
 * @FERRY_SESSION_STATE_FINISHING: it takes no more tasks
 * @FERRY_SESSION_STATE_INVALID: all is over, but for events to acknowledge
 *
 * Where a session stands. The words are those of the Session property `State` on the bus.
 */
typedef enum
{
  FERRY_SESSION_STATE_OPEN,
  FERRY_SESSION_STATE_FINISHING,
  FERRY_SESSION_STATE_INVALID,
} FerrySessionState;

/**
 * FERRY_N_SESSION_STATES: (skip)
 *
 * How many states of a session there are.
 */
#define FERRY_N_SESSION_STATES (FERRY_SESSION_STATE_INVALID + 1)

/**
 * ferry_task_kind_to_string:
 * @kind: a kind
 *
 * Gives the word of a kind.
 *
 * Returns: the word
 */
const char *ferry_task_kind_to_string     (FerryTaskKind kind);

/**
 * ferry_task_kind_from_string:
 * @word: (nullable): any word
 * @kind: (out): its kind; untouched where it is none
 *
 * Finds the kind of a word.
 *
 * Returns: whether @word is that of a kind
 */
gboolean    ferry_task_kind_from_string   (const char    *word,
                                           FerryTaskKind *kind);

/**
 * ferry_task_state_to_string:
 * @state: a state
 *
 * Gives the word of a state.
 *
 * Returns: the word
 */
const char *ferry_task_state_to_string    (FerryTaskState state);

/**
 * ferry_task_state_from_string:
 * @word: (nullable): any word
 * @state: (out): its state; untouched where it is none
 *
 * Finds the state of a word.
 *
 * Returns: whether @word is that of a state
 */
gboolean    ferry_task_state_from_string  (const char     *word,
                                           FerryTaskState *state);

/**
 * ferry_task_state_is_over:
 * @state: a state
 *
 * Tells whether a task in @state will not move any more unless somebody asks for it.
 *
 * Returns: whether it is `finished`, `failed` or `cancelled`
 */
gboolean    ferry_task_state_is_over      (FerryTaskState state);

/**
 * ferry_wait_reason_to_string:
 * @reason: a reason
 *
 * Gives the word of a reason.
 *
 * Returns: the word; empty: it does not wait
 */
const char *ferry_wait_reason_to_string   (FerryWaitReason reason);

/**
 * ferry_session_state_to_string:
 * @state: a state
 *
 * Gives the word of a state.
 *
 * Returns: the word
 */
const char *ferry_session_state_to_string  (FerrySessionState state);

/**
 * ferry_wait_reason_needs_person:
 * @reason: a reason
 *
 * Tells whether only a person can lift @reason; all others the machine lifts.
 *
 * Returns: whether a person is needed
 */
gboolean    ferry_wait_reason_needs_person (FerryWaitReason reason);

G_END_DECLS
