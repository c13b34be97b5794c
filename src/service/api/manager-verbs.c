/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-manager-verbs"

#include "config.h"

#include "api/call.h"
#include "api/download-options.h"
#include "api/listing.h"
#include "api/look.h"
#include "api/session-options.h"
#include "api/snapshot.h"

/* A session that is being opened. */
typedef struct
{
  FerrydCall           *call;
  char                 *identifier;  /* owned */
  FerrydSessionOptions  options;
} Opening;

static void
opening_free (Opening *opening)
{
  ferryd_session_options_clear (&opening->options);
  g_free (opening->identifier);
  g_free (opening);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Opening, opening_free)

/* An address that is asked about. */
typedef struct
{
  FerrydCall *call;
  char       *url;      /* owned */
  GVariant   *options;  /* owned */
} Probing;

static void
probing_free (Probing *probing)
{
  g_clear_pointer (&probing->options, g_variant_unref);
  g_free (probing->url);
  g_free (probing);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Probing, probing_free)

static void
session_opened_cb (GObject      *object,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr(Opening) opening = user_data;
  FerrydCall *call = opening->call;
  const char *sender = ferryd_call_get_sender (call);
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

  ferryd_clients_attach (call->clients, sender, session);
  if (opening->options.has_notify)
    ferryd_clients_set_quiet (call->clients, sender, session,
                              opening->options.values.notify == FERRYD_NOTIFY_NONE);
  path = ferryd_snapshot_get_session_path (session);
  ferryd_call_answer (call, g_variant_new ("(ob)", path, created));
}

static void
open_session (Opening *opening)
{
  const FerrydSessionOptions *options = &opening->options;

  ferryd_manager_open_session_async (opening->call->manager, options->app_id, opening->identifier,
                                     options->configuration, options->secrets, session_opened_cb,
                                     opening);
}

static void
paths_looked_at_cb (GObject      *object,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr(Opening) opening = user_data;
  GError *error = NULL;

  if (ferryd_look_finish (object, result, NULL, &error))
    open_session (g_steal_pointer (&opening));
  else
    ferryd_call_refuse (opening->call, error);
}

/* One that is there has its own configuration: what became of the paths of another is all one. */
static gboolean
is_there (const Opening *opening)
{
  g_autoptr(GPtrArray) sessions = ferryd_manager_get_sessions (opening->call->manager);

  for (guint i = 0; i < sessions->len; i++)
    {
      const FerrydSessionRow *row = ferryd_session_get_row (sessions->pdata[i]);

      if (row->state != FERRY_SESSION_STATE_INVALID &&
          g_str_equal (row->app_id, opening->options.app_id) &&
          g_str_equal (row->identifier, opening->identifier))
        return TRUE;
    }

  return FALSE;
}

static void
open_session_verb (FerrydCall *call)
{
  g_autoptr(Opening) opening = g_new0 (Opening, 1);
  g_autoptr(GVariant) configuration = NULL;
  g_autoptr(GPtrArray) folders = g_ptr_array_new ();
  const FerrydConfiguration *values = &opening->options.values;
  GError *error = NULL;

  opening->call = call;
  g_variant_get (ferryd_call_get_parameters (call), "(s@a{sv})", &opening->identifier,
                 &configuration);
  if (!ferryd_session_options_check_identifier (opening->identifier, &error) ||
      !ferryd_session_options_read (configuration, &opening->options, &error))
    {
      ferryd_call_refuse (call, error);
      return;
    }

  if ((values->destination == NULL && values->tls_ca == NULL) || is_there (opening))
    {
      open_session (g_steal_pointer (&opening));
      return;
    }

  if (values->destination != NULL)
    g_ptr_array_add (folders, (gpointer) values->destination);
  ferryd_look_async (call->manager, folders, values->tls_ca, paths_looked_at_cb,
                     g_steal_pointer (&opening));
}

static void
list_sessions_verb (FerrydCall *call)
{
  g_autoptr(GPtrArray) sessions = ferryd_manager_get_sessions (call->manager);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(osss)"));
  for (guint i = 0; i < sessions->len; i++)
    {
      const FerrydSessionRow *row = ferryd_session_get_row (sessions->pdata[i]);
      g_autofree char *path = ferryd_snapshot_get_session_path (sessions->pdata[i]);

      g_variant_builder_add (&builder, "(osss)", path, row->app_id, row->identifier,
                             ferry_session_state_to_string (row->state));
    }

  ferryd_call_answer (call, g_variant_new ("(a(osss))", &builder));
}

static void
list_tasks_verb (FerrydCall *call)
{
  ferryd_listing_answer (call, ferryd_manager_get_tasks (call->manager));
}

static void
watch_verb (FerrydCall *call)
{
  gboolean watching;

  g_variant_get (ferryd_call_get_parameters (call), "(b)", &watching);
  ferryd_gauges_take_stock (call->gauges);
  ferryd_clients_set_watching (call->clients, ferryd_call_get_sender (call), watching);
  ferryd_call_answer (call, NULL);
}

static void
probed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(Probing) probing = user_data;
  g_autoptr(GVariant) facts = NULL;
  GError *error = NULL;

  facts = ferryd_manager_probe_finish (FERRYD_MANAGER (object), result, &error);
  if (facts != NULL)
    ferryd_call_answer (probing->call, g_variant_new ("(@a{sv})", facts));
  else
    ferryd_call_refuse (probing->call, error);
}

static void
probe (Probing *probing)
{
  ferryd_manager_probe_async (probing->call->manager, probing->url, probing->options, probed_cb,
                              probing);
}

static void
certificates_looked_at_cb (GObject      *object,
                           GAsyncResult *result,
                           gpointer      user_data)
{
  g_autoptr(Probing) probing = user_data;
  GError *error = NULL;

  if (ferryd_look_finish (object, result, NULL, &error))
    probe (g_steal_pointer (&probing));
  else
    ferryd_call_refuse (probing->call, error);
}

static void
probe_verb (FerrydCall *call)
{
  g_autoptr(Probing) probing = g_new0 (Probing, 1);
  g_autoptr(GPtrArray) no_folders = g_ptr_array_new ();
  g_autoptr(GVariant) given = NULL;
  FerrydConfiguration values;
  GError *error = NULL;

  probing->call = call;
  g_variant_get (ferryd_call_get_parameters (call), "(s@a{sv})", &probing->url, &given);
  if (!ferryd_download_options_check_url (probing->url, &error) ||
      !ferryd_probe_options_read (given, &probing->options, &values, &error))
    {
      ferryd_call_refuse (call, error);
      return;
    }

  if (values.tls_ca == NULL)
    probe (g_steal_pointer (&probing));
  else
    ferryd_look_async (call->manager, no_folders, values.tls_ca, certificates_looked_at_cb,
                       g_steal_pointer (&probing));
}

const FerrydVerb ferryd_manager_verbs[] = {
  { "OpenSession", open_session_verb },
  { "ListSessions", list_sessions_verb },
  { "ListTasks", list_tasks_verb },
  { "Watch", watch_verb },
  { "Probe", probe_verb },
  { NULL, NULL },
};
