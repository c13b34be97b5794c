/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-properties"

#include "config.h"

#include "api/edits.h"
#include "api/properties.h"
#include "api/snapshot.h"

static GVariant *
get_identifier (FerrydSession *session)
{
  return g_variant_new_string (ferryd_session_get_row (session)->identifier);
}

static GVariant *
get_app_id (FerrydSession *session)
{
  return g_variant_new_string (ferryd_session_get_row (session)->app_id);
}

static GVariant *
get_state (FerrydSession *session)
{
  FerrySessionState state = ferryd_session_get_state (session);

  return g_variant_new_string (ferry_session_state_to_string (state));
}

static GVariant *
get_configuration (FerrydSession *session)
{
  return g_variant_ref (ferryd_session_get_row (session)->configuration);
}

static GVariant *
get_pending_events (FerrydSession *session)
{
  return g_variant_new_uint64 (ferryd_session_get_events (session)->len);
}

static const struct
{
  const char     *name;
  GVariant       *(* get) (FerrydSession *session);  /* NULL: a count */
  FerryTaskState  state;  /* of the tasks that are counted */
} session_properties[] = {
  { "Identifier", get_identifier },
  { "AppId", get_app_id },
  { "State", get_state },
  { "Configuration", get_configuration },
  { "PendingEvents", get_pending_events },
  { "Suspended", NULL, FERRY_TASK_STATE_SUSPENDED },
  { "Waiting", NULL, FERRY_TASK_STATE_WAITING },
  { "Running", NULL, FERRY_TASK_STATE_RUNNING },
  { "Finished", NULL, FERRY_TASK_STATE_FINISHED },
  { "Failed", NULL, FERRY_TASK_STATE_FAILED },
  { "Cancelled", NULL, FERRY_TASK_STATE_CANCELLED },
};

static GVariant *
read_session_property (FerrydSession *session,
                       guint          i)
{
  if (session_properties[i].get != NULL)
    return session_properties[i].get (session);

  return g_variant_new_uint32 (ferryd_session_count (session, session_properties[i].state));
}

static GVariant *
get_session_property (FerrydSession *session,
                      const char    *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (session_properties); i++)
    {
      if (g_str_equal (session_properties[i].name, name))
        return read_session_property (session, i);
    }

  return NULL;
}

static GVariant *
get_session_properties (FerrydSession *session)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  for (guint i = 0; i < G_N_ELEMENTS (session_properties); i++)
    {
      g_autoptr(GVariant) value = g_variant_take_ref (read_session_property (session, i));

      g_variant_builder_add (&builder, "{sv}", session_properties[i].name, value);
    }

  return g_variant_builder_end (&builder);
}

static void
answer_get_all (FerrydCall *call)
{
  GVariant *all;

  if (call->task != NULL)
    all = ferryd_snapshot_get_all (call->task);
  else if (call->session != NULL)
    all = get_session_properties (call->session);
  else
    all = ferryd_gauges_get_all (call->gauges);

  ferryd_call_answer (call, g_variant_new ("(@a{sv})", all));
}

static void
refuse_property (FerrydCall *call,
                 const char *name)
{
  ferryd_call_refuse (call, g_error_new (G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                                         "There is no property “%s” to be used so", name));
}

static void
answer_get (FerrydCall *call)
{
  g_autoptr(GVariant) value = NULL;
  GVariant *found;
  const char *name;

  g_variant_get (ferryd_call_get_parameters (call), "(&s&s)", NULL, &name);
  if (call->task != NULL)
    found = ferryd_snapshot_get (call->task, name);
  else if (call->session != NULL)
    found = get_session_property (call->session, name);
  else
    found = ferryd_gauges_get (call->gauges, name);

  if (found == NULL)
    {
      refuse_property (call, name);
      return;
    }

  value = g_variant_take_ref (found);
  ferryd_call_answer (call, g_variant_new ("(v)", value));
}

static void
answer_set (FerrydCall *call)
{
  g_autoptr(GVariant) value = NULL;
  const char *name;
  gboolean is_set;
  GError *error = NULL;

  g_variant_get (ferryd_call_get_parameters (call), "(&s&sv)", NULL, &name, &value);
  if (call->task != NULL)
    {
      ferryd_edits_set_property (call, name, value);
      return;
    }
  if (call->session != NULL)
    {
      refuse_property (call, name);
      return;
    }

  is_set = ferryd_gauges_set (call->gauges, name, value, &error);
  ferryd_call_answer_done (call, is_set, error);
}

void
ferryd_properties_answer (FerrydCall *call)
{
  const char *method = g_dbus_method_invocation_get_method_name (call->invocation);

  if (g_str_equal (method, "GetAll"))
    answer_get_all (call);
  else if (g_str_equal (method, "Get"))
    answer_get (call);
  else
    answer_set (call);
}
