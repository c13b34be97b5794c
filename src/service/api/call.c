/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-call"

#include "config.h"

#include "api/call.h"

static void
call_free (FerrydCall *call)
{
  g_clear_object (&call->manager);
  g_clear_object (&call->clients);
  g_clear_object (&call->session);
  g_clear_object (&call->task);
  g_free (call);
}

const char *
ferryd_call_get_sender (FerrydCall *call)
{
  return g_dbus_method_invocation_get_sender (call->invocation);
}

GVariant *
ferryd_call_get_parameters (FerrydCall *call)
{
  return g_dbus_method_invocation_get_parameters (call->invocation);
}

void
ferryd_call_answer (FerrydCall *call,
                    GVariant   *value)
{
  g_dbus_method_invocation_return_value (call->invocation, value);
  call_free (call);
}

void
ferryd_call_refuse (FerrydCall *call,
                    GError     *error)
{
  g_dbus_method_invocation_take_error (call->invocation, error);
  call_free (call);
}
