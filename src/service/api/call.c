/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-call"

#include "config.h"

#include <gio/gunixfdlist.h>

#include "api/call.h"

static void
call_free (FerrydCall *call)
{
  if (call->holds)
    ferryd_clients_release (call->clients, call->session);
  g_clear_object (&call->manager);
  g_clear_object (&call->clients);
  g_clear_object (&call->gauges);
  g_clear_object (&call->task);
  g_clear_object (&call->session);
  ferryd_traffic_end (call->traffic);
  g_clear_object (&call->traffic);
  g_free (call);
}

FerrydCall *
ferryd_call_new (GDBusMethodInvocation *invocation,
                 FerrydManager         *manager,
                 FerrydClients         *clients,
                 FerrydGauges          *gauges,
                 FerrydTraffic         *traffic)
{
  FerrydCall *call = g_new0 (FerrydCall, 1);

  call->invocation = invocation;
  call->manager = g_object_ref (manager);
  call->clients = g_object_ref (clients);
  call->gauges = g_object_ref (gauges);
  call->traffic = g_object_ref (traffic);
  ferryd_traffic_begin (traffic);
  return call;
}

void
ferryd_call_drop (FerrydCall *call)
{
  g_clear_object (&call->invocation);
  call_free (call);
}

void
ferryd_call_hold (FerrydCall *call)
{
  g_return_if_fail (call->session != NULL && !call->holds);

  call->holds = TRUE;
  ferryd_clients_hold (call->clients, call->session);
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
ferryd_call_answer_with_fd (FerrydCall *call,
                            int         descriptor)
{
  g_autoptr(GUnixFDList) list = g_unix_fd_list_new_from_array (&descriptor, 1);

  g_dbus_method_invocation_return_value_with_unix_fd_list (call->invocation,
                                                           g_variant_new ("(h)", 0), list);
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

void
ferryd_call_answer_done (FerrydCall *call,
                         gboolean    is_done,
                         GError     *error)
{
  if (is_done)
    ferryd_call_answer (call, NULL);
  else
    ferryd_call_refuse (call, error);
}
