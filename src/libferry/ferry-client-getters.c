/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-client"

#include "config.h"

#include "ferry-client-private.h"
#include "ferry-task-list-private.h"

/**
 * ferry_client_get_state:
 * @self: a client
 *
 * Gets where it stands with the service.
 *
 * Returns: the state
 */
FerryClientState
ferry_client_get_state (FerryClient *self)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), FERRY_CLIENT_STATE_DISCONNECTED);

  return ferry_link_get_state (self->link);
}

/**
 * ferry_client_get_error:
 * @self: a client
 *
 * Gets why the state is %FERRY_CLIENT_STATE_FAILED.
 *
 * Returns: (nullable): the error; %NULL in all other states
 */
const GError *
ferry_client_get_error (FerryClient *self)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), NULL);

  return ferry_link_get_error (self->link);
}

/**
 * ferry_client_get_sessions:
 * @self: a client
 *
 * Gets the sessions that this program may see, oldest first.
 *
 * It is empty until the client watches, and follows the service then.
 *
 * Returns: (transfer none): a model of [class@Ferry.Session]
 */
GListModel *
ferry_client_get_sessions (FerryClient *self)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), NULL);

  return G_LIST_MODEL (self->sessions);
}

/**
 * ferry_client_get_tasks:
 * @self: a client
 *
 * Gets the tasks of all sessions that this program may see, newest first.
 *
 * It is empty until the client watches. Then, from the first call of this on, it loads and follows
 * the service: see [property@Ferry.TaskList:complete].
 *
 * Returns: (transfer none): the list
 */
FerryTaskList *
ferry_client_get_tasks (FerryClient *self)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), NULL);

  if (self->tasks == NULL)
    {
      self->tasks = ferry_task_list_new (self->link, 0);
      ferry_task_list_load (self->tasks);
    }

  return self->tasks;
}

/**
 * ferry_client_get_version:
 * @self: a client
 *
 * Gets the version of the service’s interface.
 *
 * Returns: the version; 0: not known before the client is connected
 */
guint
ferry_client_get_version (FerryClient *self)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), 0);

  return self->version;
}

/**
 * ferry_client_get_capabilities:
 * @self: a client
 *
 * Gets what the service can do, in the words of the bus.
 *
 * Returns: (transfer none) (array zero-terminated=1): the words, such as `download`
 */
const char * const *
ferry_client_get_capabilities (FerryClient *self)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), NULL);

  return (const char * const *) self->capabilities;
}

/**
 * ferry_client_get_bytes_per_second_received:
 * @self: a client
 *
 * Gets what all tasks together receive.
 *
 * It is followed while the client watches, as are the next three.
 *
 * Returns: bytes a second, over the last seconds
 */
guint64
ferry_client_get_bytes_per_second_received (FerryClient *self)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), 0);

  return self->received;
}

/**
 * ferry_client_get_bytes_per_second_sent:
 * @self: a client
 *
 * Gets what all tasks together send.
 *
 * Returns: bytes a second, over the last seconds
 */
guint64
ferry_client_get_bytes_per_second_sent (FerryClient *self)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), 0);

  return self->sent;
}

/**
 * ferry_client_get_running:
 * @self: a client
 *
 * Gets how many tasks run.
 *
 * Returns: the number, of all sessions
 */
guint
ferry_client_get_running (FerryClient *self)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), 0);

  return self->running;
}

/**
 * ferry_client_get_waiting:
 * @self: a client
 *
 * Gets how many tasks wait, for whatever reason.
 *
 * Returns: the number, of all sessions
 */
guint
ferry_client_get_waiting (FerryClient *self)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), 0);

  return self->waiting;
}

/**
 * ferry_client_get_download_limit:
 * @self: a client
 *
 * Gets what all downloads together may receive.
 *
 * Returns: bytes a second; 0: no limit
 */
guint64
ferry_client_get_download_limit (FerryClient *self)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), 0);

  return self->download_limit;
}

/**
 * ferry_client_get_upload_limit:
 * @self: a client
 *
 * Gets what all uploads together may send.
 *
 * Returns: bytes a second; 0: no limit
 */
guint64
ferry_client_get_upload_limit (FerryClient *self)
{
  g_return_val_if_fail (FERRY_IS_CLIENT (self), 0);

  return self->upload_limit;
}
