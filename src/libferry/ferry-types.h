/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "common/error.h"
#include "common/states.h"

G_BEGIN_DECLS

/**
 * FerryClientState:
 * @FERRY_CLIENT_STATE_DISCONNECTED: nothing was asked of the service yet, or nothing is held there
 * @FERRY_CLIENT_STATE_CONNECTING: the service is being started, or asked for the first time
 * @FERRY_CLIENT_STATE_CONNECTED: the service is there, and all that is held there is up to date
 * @FERRY_CLIENT_STATE_LOST: the service has ended; it has been asked for again
 * @FERRY_CLIENT_STATE_FAILED: the bus has ended, or the service ended again and again; nobody asks
 * for it any more, see [property@Ferry.Client:error]
 *
 * Where a client stands with the service.
 */
typedef enum
{
  FERRY_CLIENT_STATE_DISCONNECTED,
  FERRY_CLIENT_STATE_CONNECTING,
  FERRY_CLIENT_STATE_CONNECTED,
  FERRY_CLIENT_STATE_LOST,
  FERRY_CLIENT_STATE_FAILED,
} FerryClientState;

typedef struct _FerryClient FerryClient;
typedef struct _FerrySession FerrySession;
typedef struct _FerryTask FerryTask;
typedef struct _FerryTaskList FerryTaskList;

#define FERRY_TYPE_CLIENT_STATE (ferry_client_state_get_type ())
GType ferry_client_state_get_type  (void);

#define FERRY_TYPE_ERROR (ferry_error_get_type ())
GType ferry_error_get_type         (void);

#define FERRY_TYPE_SESSION_STATE (ferry_session_state_get_type ())
GType ferry_session_state_get_type (void);

#define FERRY_TYPE_TASK_KIND (ferry_task_kind_get_type ())
GType ferry_task_kind_get_type     (void);

#define FERRY_TYPE_TASK_STATE (ferry_task_state_get_type ())
GType ferry_task_state_get_type    (void);

#define FERRY_TYPE_WAIT_REASON (ferry_wait_reason_get_type ())
GType ferry_wait_reason_get_type   (void);

G_END_DECLS
