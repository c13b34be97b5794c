/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-session-verbs"

#include "config.h"

#include "api/call.h"
#include "api/creation.h"
#include "api/listing.h"
#include "api/snapshot.h"
#include "common/error.h"

/* One answer stays well below what a bus carries. */
#define MAX_EVENTS 1000

static gboolean
read_members (const char * const *names,
              guint              *mask,
              GError            **error)
{
  *mask = 0;
  for (guint i = 0; names[i] != NULL; i++)
    {
      FerrydMember member;

      if (!ferryd_member_from_string (names[i], &member))
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                       "A task has no signal “%s”", names[i]);
          return FALSE;
        }
      *mask |= 1u << member;
    }

  return TRUE;
}

static void
set_delegate_verb (FerrydCall *call)
{
  g_autofree const char **names = NULL;
  GError *error = NULL;
  guint mask;

  g_variant_get (ferryd_call_get_parameters (call), "(^a&s)", &names);
  if (read_members (names, &mask, &error) &&
      !ferryd_clients_set_members (call->clients, ferryd_call_get_sender (call), call->session,
                                   mask))
    g_set_error_literal (&error, FERRY_ERROR, FERRY_ERROR_WRONG_STATE,
                         "The caller is not attached to the session: open it first");

  ferryd_call_answer_done (call, error == NULL, error);
}

static void
list_tasks_verb (FerrydCall *call)
{
  ferryd_listing_answer (call, ferryd_session_get_tasks (call->session));
}

static void
add_event (GVariantBuilder   *builder,
           FerrydSession     *session,
           const FerrydEvent *event)
{
  g_autofree char *path = NULL;

  path = event->task_id != 0 ? ferryd_snapshot_get_path_of (event->task_id)
                             : ferryd_snapshot_get_session_path (session);
  g_variant_builder_add (builder, "(tso@a{sv})", (guint64) event->serial, event->kind, path,
                         event->details);
}

static void
get_events_verb (FerrydCall *call)
{
  GPtrArray *events = ferryd_session_get_events (call->session);
  GVariantBuilder builder;
  guint64 after;
  guint limit;
  guint n = 0;

  g_variant_get (ferryd_call_get_parameters (call), "(tu)", &after, &limit);
  limit = limit == 0 ? MAX_EVENTS : MIN (limit, MAX_EVENTS);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(tsoa{sv})"));
  for (guint i = 0; i < events->len && n < limit; i++)
    {
      const FerrydEvent *event = events->pdata[i];

      if ((guint64) event->serial <= after)
        continue;

      add_event (&builder, call->session, event);
      n++;
    }

  ferryd_call_answer (call, g_variant_new ("(a(tsoa{sv}))", &builder));
}

static void
acknowledged_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  GError *error = NULL;
  gboolean is_done = ferryd_manager_acknowledge_finish (FERRYD_MANAGER (object), result, &error);

  ferryd_call_answer_done (user_data, is_done, error);
}

static void
acknowledge_events_verb (FerrydCall *call)
{
  guint64 serial;

  g_variant_get (ferryd_call_get_parameters (call), "(t)", &serial);
  ferryd_manager_acknowledge_async (call->manager, call->session,
                                    (gint64) MIN (serial, G_MAXINT64), acknowledged_cb, call);
}

static void
invalidated_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  GError *error = NULL;
  gboolean is_done = ferryd_manager_invalidate_finish (FERRYD_MANAGER (object), result, &error);

  ferryd_call_answer_done (user_data, is_done, error);
}

static void
finish_tasks_and_invalidate_verb (FerrydCall *call)
{
  ferryd_manager_invalidate_async (call->manager, call->session, FALSE, invalidated_cb, call);
}

static void
invalidate_and_cancel_verb (FerrydCall *call)
{
  ferryd_call_hold (call);
  ferryd_manager_invalidate_async (call->manager, call->session, TRUE, invalidated_cb, call);
}

static void
reset_verb (FerrydCall *call)
{
  ferryd_manager_reset (call->manager, call->session);
  ferryd_call_answer (call, NULL);
}

const FerrydVerb ferryd_session_verbs[] = {
  { "CreateDownloadTask", ferryd_creation_download_verb },
  { "CreateDownloadTasks", ferryd_creation_downloads_verb },
  { "CreateDownloadTaskWithResumeData", ferryd_creation_with_resume_data_verb },
  { "SetDelegate", set_delegate_verb },
  { "ListTasks", list_tasks_verb },
  { "GetEvents", get_events_verb },
  { "AcknowledgeEvents", acknowledge_events_verb },
  { "FinishTasksAndInvalidate", finish_tasks_and_invalidate_verb },
  { "InvalidateAndCancel", invalidate_and_cancel_verb },
  { "Reset", reset_verb },
  { NULL, NULL },
};
