/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-manager-verbs"

#include "config.h"

#include "api/call.h"
#include "api/listing.h"
#include "api/options.h"
#include "api/snapshot.h"
#include "common/error.h"

#define MAX_IDENTIFIER 255

static const FerrydOption configuration_keys[] = {
  { "app-id", "s" },
};

static gboolean
check_identifier (const char  *identifier,
                  GError     **error)
{
  gsize length = strlen (identifier);
  const char *problem = NULL;

  if (length == 0)
    problem = "is empty";
  else if (length > MAX_IDENTIFIER)
    problem = "is longer than 255 bytes";

  for (const char *c = identifier; *c != '\0' && problem == NULL; c = g_utf8_next_char (c))
    {
      if (g_unichar_iscntrl (g_utf8_get_char (c)))
        problem = "has control characters";
    }

  if (problem != NULL)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION, "The session identifier %s",
                 problem);
  return problem == NULL;
}

static gboolean
read_configuration (GVariant    *configuration,
                    const char **app_id,
                    GError     **error)
{
  *app_id = FERRY_APP_ID;
  if (!ferryd_options_check (configuration, configuration_keys, G_N_ELEMENTS (configuration_keys),
                             error))
    return FALSE;

  (void) g_variant_lookup (configuration, "app-id", "&s", app_id);  /* else it is Ferry's own */
  if (g_application_id_is_valid (*app_id))
    return TRUE;

  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION, "“app-id”: “%s” is no app ID",
               *app_id);
  return FALSE;
}

static void
session_opened_cb (GObject      *object,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  FerrydCall *call = user_data;
  g_autofree char *path = NULL;
  FerrydSession *session;
  gboolean created;
  GError *error = NULL;

  session = ferryd_manager_open_session_finish (FERRYD_MANAGER (object), result, &created, &error);
  if (session == NULL)
    {
      ferryd_call_refuse (call, error);
      return;
    }

  ferryd_clients_attach (call->clients, ferryd_call_get_sender (call), session);
  path = ferryd_snapshot_get_session_path (session);
  ferryd_call_answer (call, g_variant_new ("(ob)", path, created));
}

static void
open_session_verb (FerrydCall *call)
{
  g_autoptr(GVariant) configuration = NULL;
  const char *identifier;
  const char *app_id;
  GError *error = NULL;

  g_variant_get (ferryd_call_get_parameters (call), "(&s@a{sv})", &identifier, &configuration);
  if (!check_identifier (identifier, &error) ||
      !read_configuration (configuration, &app_id, &error))
    {
      ferryd_call_refuse (call, error);
      return;
    }

  ferryd_manager_open_session_async (call->manager, app_id, identifier, configuration,
                                     session_opened_cb, call);
}

static void
list_tasks_verb (FerrydCall *call)
{
  ferryd_listing_answer (call, ferryd_manager_get_tasks (call->manager));
}

const FerrydVerb ferryd_manager_verbs[] = {
  { "OpenSession", open_session_verb },
  { "ListTasks", list_tasks_verb },
  { NULL, NULL },
};
