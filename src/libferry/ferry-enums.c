/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-enums"

#include "config.h"

#include "ferry-types.h"

/* By hand, for the nicks to be the words of the bus. */
#define VALUE(name, nick) { name, #name, nick }

static const GEnumValue client_states[] = {
  VALUE (FERRY_CLIENT_STATE_DISCONNECTED, "disconnected"),
  VALUE (FERRY_CLIENT_STATE_CONNECTING, "connecting"),
  VALUE (FERRY_CLIENT_STATE_CONNECTED, "connected"),
  VALUE (FERRY_CLIENT_STATE_LOST, "lost"),
  VALUE (FERRY_CLIENT_STATE_FAILED, "failed"),
  { 0 },
};

static const GEnumValue errors[] = {
  VALUE (FERRY_ERROR_INVALID_OPTION, "invalid-option"),
  VALUE (FERRY_ERROR_INVALID_URL, "invalid-url"),
  VALUE (FERRY_ERROR_WRONG_STATE, "wrong-state"),
  VALUE (FERRY_ERROR_NOT_FOUND, "not-found"),
  VALUE (FERRY_ERROR_NOT_ALLOWED, "not-allowed"),
  VALUE (FERRY_ERROR_LIMIT, "limit"),
  VALUE (FERRY_ERROR_DISK_FULL, "disk-full"),
  VALUE (FERRY_ERROR_TARGET_EXISTS, "target-exists"),
  VALUE (FERRY_ERROR_CREDENTIALS, "credentials"),
  VALUE (FERRY_ERROR_TRUST, "trust"),
  VALUE (FERRY_ERROR_SERVER, "server"),
  VALUE (FERRY_ERROR_NETWORK, "network"),
  VALUE (FERRY_ERROR_TIMEOUT, "timeout"),
  VALUE (FERRY_ERROR_DIGEST, "digest"),
  VALUE (FERRY_ERROR_CHANGED, "changed"),
  VALUE (FERRY_ERROR_SOURCE_CHANGED, "source-changed"),
  VALUE (FERRY_ERROR_CANCELLED, "cancelled"),
  VALUE (FERRY_ERROR_STORE, "store"),
  { 0 },
};
G_STATIC_ASSERT (G_N_ELEMENTS (errors) == FERRY_N_ERRORS + 1);

static const GEnumValue session_states[] = {
  VALUE (FERRY_SESSION_STATE_OPEN, "open"),
  VALUE (FERRY_SESSION_STATE_FINISHING, "finishing"),
  VALUE (FERRY_SESSION_STATE_INVALID, "invalid"),
  { 0 },
};
G_STATIC_ASSERT (G_N_ELEMENTS (session_states) == FERRY_N_SESSION_STATES + 1);

static const GEnumValue task_kinds[] = {
  VALUE (FERRY_TASK_KIND_DOWNLOAD, "download"),
  VALUE (FERRY_TASK_KIND_UPLOAD, "upload"),
  { 0 },
};
G_STATIC_ASSERT (G_N_ELEMENTS (task_kinds) == FERRY_N_TASK_KINDS + 1);

static const GEnumValue task_states[] = {
  VALUE (FERRY_TASK_STATE_SUSPENDED, "suspended"),
  VALUE (FERRY_TASK_STATE_WAITING, "waiting"),
  VALUE (FERRY_TASK_STATE_RUNNING, "running"),
  VALUE (FERRY_TASK_STATE_FINISHED, "finished"),
  VALUE (FERRY_TASK_STATE_FAILED, "failed"),
  VALUE (FERRY_TASK_STATE_CANCELLED, "cancelled"),
  { 0 },
};
G_STATIC_ASSERT (G_N_ELEMENTS (task_states) == FERRY_N_TASK_STATES + 1);

static const GEnumValue wait_reasons[] = {
  VALUE (FERRY_WAIT_REASON_NONE, "none"),
  VALUE (FERRY_WAIT_REASON_QUEUE, "queue"),
  VALUE (FERRY_WAIT_REASON_HOST_LIMIT, "host-limit"),
  VALUE (FERRY_WAIT_REASON_NOT_YET, "not-yet"),
  VALUE (FERRY_WAIT_REASON_OFFLINE, "offline"),
  VALUE (FERRY_WAIT_REASON_CAPTIVE_PORTAL, "captive-portal"),
  VALUE (FERRY_WAIT_REASON_METERED, "metered"),
  VALUE (FERRY_WAIT_REASON_POWER_SAVER, "power-saver"),
  VALUE (FERRY_WAIT_REASON_BATTERY, "battery"),
  VALUE (FERRY_WAIT_REASON_SCHEDULE, "schedule"),
  VALUE (FERRY_WAIT_REASON_RETRY, "retry"),
  VALUE (FERRY_WAIT_REASON_DISK_FULL, "disk-full"),
  VALUE (FERRY_WAIT_REASON_CREDENTIALS, "credentials"),
  VALUE (FERRY_WAIT_REASON_TRUST, "trust"),
  VALUE (FERRY_WAIT_REASON_NEW_URL, "new-url"),
  VALUE (FERRY_WAIT_REASON_SOURCE_CHANGED, "source-changed"),
  VALUE (FERRY_WAIT_REASON_BODY, "body"),
  { 0 },
};
G_STATIC_ASSERT (G_N_ELEMENTS (wait_reasons) == FERRY_N_WAIT_REASONS + 1);

static GType
get_type_once (gsize            *type,
               const char       *name,
               const GEnumValue *values)
{
  if (g_once_init_enter (type))
    g_once_init_leave (type, g_enum_register_static (name, values));

  return *type;
}

GType
ferry_client_state_get_type (void)
{
  static gsize type = 0;

  return get_type_once (&type, "FerryClientState", client_states);
}

GType
ferry_error_get_type (void)
{
  static gsize type = 0;

  return get_type_once (&type, "FerryError", errors);
}

GType
ferry_session_state_get_type (void)
{
  static gsize type = 0;

  return get_type_once (&type, "FerrySessionState", session_states);
}

GType
ferry_task_kind_get_type (void)
{
  static gsize type = 0;

  return get_type_once (&type, "FerryTaskKind", task_kinds);
}

GType
ferry_task_state_get_type (void)
{
  static gsize type = 0;

  return get_type_once (&type, "FerryTaskState", task_states);
}

GType
ferry_wait_reason_get_type (void)
{
  static gsize type = 0;

  return get_type_once (&type, "FerryWaitReason", wait_reasons);
}
