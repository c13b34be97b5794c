/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-task"

#include "config.h"

#include "ferry-task-private.h"

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

/**
 * ferry_task_get_number:
 * @self: a task
 *
 * Gets the number that the service calls it by.
 *
 * It is the last part of its path on the bus, and never used again.
 *
 * Returns: the number
 */
guint64
ferry_task_get_number (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), 0);

  return self->number;
}

/**
 * ferry_task_get_session_number:
 * @self: a task
 *
 * Gets the number of the session that it belongs to.
 *
 * Returns: the number; 0: not known yet
 */
guint64
ferry_task_get_session_number (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), 0);

  return self->session;
}

/**
 * ferry_task_get_kind:
 * @self: a task
 *
 * Gets what it carries.
 *
 * Returns: the kind
 */
FerryTaskKind
ferry_task_get_kind (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), FERRY_TASK_KIND_DOWNLOAD);

  return (FerryTaskKind) self->kind;
}

/**
 * ferry_task_get_state:
 * @self: a task
 *
 * Gets where it stands.
 *
 * Returns: the state
 */
FerryTaskState
ferry_task_get_state (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), FERRY_TASK_STATE_SUSPENDED);

  return (FerryTaskState) self->state;
}

/**
 * ferry_task_get_reason:
 * @self: a task
 *
 * Gets why it waits.
 *
 * Returns: the reason; %FERRY_WAIT_REASON_NONE unless it waits
 */
FerryWaitReason
ferry_task_get_reason (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), FERRY_WAIT_REASON_NONE);

  return (FerryWaitReason) self->reason;
}

/**
 * ferry_task_get_reason_details:
 * @self: a task
 *
 * Gets more of the reason.
 *
 * The keys of the `a{sv}` are: `position` (u, its place in the line), `host` (s), `until` (x, µs of
 * Unix time), `needed-bytes` (t), `cause` ((ss)).
 *
 * Returns: (transfer none) (nullable): the details, an `a{sv}`; %NULL: there are none
 */
GVariant *
ferry_task_get_reason_details (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), NULL);

  return self->reason_details;
}

/**
 * ferry_task_get_phase:
 * @self: a task
 *
 * Gets what it does while it runs.
 *
 * Returns: `connecting`, `transferring`, `checking` or `publishing`; empty unless it runs
 */
const char *
ferry_task_get_phase (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), "");

  return or_empty (self->phase);
}

/**
 * ferry_task_get_error:
 * @self: a task
 *
 * Gets why it failed, or why it waits for somebody.
 *
 * The message is for logs.
 *
 * Returns: (transfer none) (nullable): the error; %NULL: there is none
 */
const GError *
ferry_task_get_error (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), NULL);

  return self->error;
}

/**
 * ferry_task_get_url:
 * @self: a task
 *
 * Gets the address, as given last.
 *
 * Returns: the address
 */
const char *
ferry_task_get_url (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), "");

  return or_empty (self->url);
}

/**
 * ferry_task_get_current_url:
 * @self: a task
 *
 * Gets the address after redirects.
 *
 * Lists do not ask for it: it is there when it has changed while somebody looked, and after
 * [method@Ferry.Task.load_async].
 *
 * Returns: the address; empty: not known
 */
const char *
ferry_task_get_current_url (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), "");

  return or_empty (self->current_url);
}

/**
 * ferry_task_get_file_name:
 * @self: a task
 *
 * Gets what the file is called, or is to be called.
 *
 * Returns: the name; empty: not known yet
 */
const char *
ferry_task_get_file_name (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), "");

  return or_empty (self->file_name);
}

/**
 * ferry_task_get_path:
 * @self: a task
 *
 * Gets where the bytes are: the finished file, before that the part file.
 *
 * Bytes that are not UTF-8 are percent-encoded.
 *
 * Returns: the path; empty: there is no file
 */
const char *
ferry_task_get_path (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), "");

  return or_empty (self->path);
}

/**
 * ferry_task_get_mime_type:
 * @self: a task
 *
 * Gets what the server calls the content.
 *
 * Returns: the type, such as `text/plain`; empty: not known
 */
const char *
ferry_task_get_mime_type (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), "");

  return or_empty (self->mime_type);
}

/**
 * ferry_task_get_description:
 * @self: a task
 *
 * Gets the words that the program that made it gave it.
 *
 * Returns: the words; empty: none
 */
const char *
ferry_task_get_description (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), "");

  return or_empty (self->description);
}

/**
 * ferry_task_get_bytes_received:
 * @self: a task
 *
 * Gets how many bytes of the file are here.
 *
 * Returns: bytes
 */
gint64
ferry_task_get_bytes_received (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), 0);

  return self->bytes_received;
}

/**
 * ferry_task_get_bytes_expected_to_receive:
 * @self: a task
 *
 * Gets how many bytes the whole file has.
 *
 * Returns: bytes; −1: unknown
 */
gint64
ferry_task_get_bytes_expected_to_receive (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), 0);

  return self->bytes_expected_to_receive;
}

/**
 * ferry_task_get_rate:
 * @self: a task
 *
 * Gets how fast it comes, over the last seconds.
 *
 * Returns: bytes a second; 0 unless it runs
 */
guint64
ferry_task_get_rate (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), 0);

  return self->rate;
}

/**
 * ferry_task_get_priority:
 * @self: a task
 *
 * Gets its priority: of the tasks that wait, those with more run first.
 *
 * Returns: 0 to 1
 */
double
ferry_task_get_priority (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), 0);

  return self->priority;
}

/**
 * ferry_task_get_download_limit:
 * @self: a task
 *
 * Gets how fast it may come.
 *
 * Returns: bytes a second; 0: no limit of its own
 */
guint64
ferry_task_get_download_limit (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), 0);

  return self->download_limit;
}

/**
 * ferry_task_get_not_before:
 * @self: a task
 *
 * Gets the time before which it does not run.
 *
 * Returns: µs of Unix time; 0: any time will do
 */
gint64
ferry_task_get_not_before (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), 0);

  return self->not_before;
}

/**
 * ferry_task_get_retry_at:
 * @self: a task
 *
 * Gets when it tries again, if nothing changes before.
 *
 * Returns: µs of Unix time; 0: no time is set
 */
gint64
ferry_task_get_retry_at (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), 0);

  return self->retry_at;
}

/**
 * ferry_task_get_started_over:
 * @self: a task
 *
 * Gets when bytes had to be thrown away, the file on the server having changed.
 *
 * Returns: µs of Unix time; 0: never
 */
gint64
ferry_task_get_started_over (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), 0);

  return self->started_over;
}

/**
 * ferry_task_get_created:
 * @self: a task
 *
 * Gets when it was made.
 *
 * Returns: µs of Unix time
 */
gint64
ferry_task_get_created (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), 0);

  return self->created;
}

/**
 * ferry_task_get_finished:
 * @self: a task
 *
 * Gets when it became finished, failed or cancelled.
 *
 * Returns: µs of Unix time; 0: it is not over
 */
gint64
ferry_task_get_finished (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), 0);

  return self->finished;
}

/**
 * ferry_task_get_digest:
 * @self: a task
 *
 * Gets the digest of the bytes.
 *
 * The keys of the `a{sv}` are: `algorithm` (s), `value` (s, hexadecimal), `verified` (b: the bytes
 * were compared with it), `weak` (b: MD5 and SHA-1).
 *
 * Returns: (transfer none) (nullable): the digest, an `a{sv}`; %NULL: none was asked for nor
 * announced
 */
GVariant *
ferry_task_get_digest (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), NULL);

  return self->digest;
}

/**
 * ferry_task_get_length_verified:
 * @self: a task
 *
 * Gets whether the length shows that the finished file is whole.
 *
 * Returns: whether the server announced the length, or the end was seen; %FALSE until it is
 * finished
 */
gboolean
ferry_task_get_length_verified (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), FALSE);

  return self->length_verified;
}

/**
 * ferry_task_is_over:
 * @self: a task
 *
 * Gets whether it will not move any more unless somebody asks for it.
 *
 * Returns: whether it is finished, failed or cancelled
 */
gboolean
ferry_task_is_over (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), FALSE);

  return ferry_task_state_is_over ((FerryTaskState) self->state);
}

/**
 * ferry_task_needs_person:
 * @self: a task
 *
 * Gets whether it waits for what only a person can do.
 *
 * Returns: whether a person is needed
 */
gboolean
ferry_task_needs_person (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), FALSE);

  return ferry_wait_reason_needs_person ((FerryWaitReason) self->reason);
}

/**
 * ferry_task_is_removed:
 * @self: a task
 *
 * Gets whether the service has it no more.
 *
 * Returns: whether it is gone
 */
gboolean
ferry_task_is_removed (FerryTask *self)
{
  g_return_val_if_fail (FERRY_IS_TASK (self), FALSE);

  return self->is_removed;
}
