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
  *call->in_flight -= 1;
  g_clear_pointer (&call->in_flight, g_rc_box_release);
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
ferryd_call_make_utf8 (GError *error)
{
  g_autofree char *message = error->message;

  error->message = g_utf8_make_valid (message, -1);
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
  ferryd_call_make_utf8 (error);
  g_dbus_method_invocation_take_error (call->invocation, error);
  call_free (call);
}
