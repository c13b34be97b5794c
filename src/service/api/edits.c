/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-edits"

#include "config.h"

#include "api/download-options.h"
#include "api/edits.h"
#include "api/look.h"

/* A destination that is being looked at. */
typedef struct
{
  FerrydCall     *call;
  FerrydTaskEdit  edit;
} Moving;

static void
moving_free (Moving *moving)
{
  ferryd_task_edit_clear (&moving->edit);
  g_free (moving);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Moving, moving_free)

static void
edited_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  GError *error = NULL;
  gboolean is_done = ferryd_task_edit_finish (FERRYD_TASK (object), result, &error);

  ferryd_call_answer_done (user_data, is_done, error);
}

/* @problem: (transfer full) (nullable): the call ends with it instead */
static void
make (FerrydCall           *call,
      const FerrydTaskEdit *edit,
      GError               *problem)
{
  if (problem != NULL)
    ferryd_call_refuse (call, problem);
  else
    ferryd_task_edit_async (call->task, edit, edited_cb, call);
}

void
ferryd_edits_set_property (FerrydCall *call,
                           const char *name,
                           GVariant   *value)
{
  g_auto(FerrydTaskEdit) edit = { 0 };
  GError *problem = NULL;

  if (g_str_equal (name, "Priority"))
    {
      edit.what = FERRYD_TASK_PRIORITY;
      edit.priority = g_variant_get_double (value);
      (void) ferryd_download_options_check_priority (edit.priority, &problem);  /* is a problem */
    }
  else if (g_str_equal (name, "Description"))
    {
      edit.what = FERRYD_TASK_DESCRIPTION;
      edit.description = g_variant_dup_string (value, NULL);
      (void) ferryd_download_options_check_description (edit.description, &problem);  /* too */
    }
  else
    {
      edit.what = FERRYD_TASK_DOWNLOAD_LIMIT;
      edit.download_limit = g_variant_get_uint64 (value);
    }

  make (call, &edit, problem);
}

void
ferryd_edits_set_url (FerrydCall *call)
{
  g_auto(FerrydTaskEdit) edit = { .what = FERRYD_TASK_URL };
  GError *problem = NULL;

  g_variant_get (ferryd_call_get_parameters (call), "(s)", &edit.url);
  (void) ferryd_download_options_check_url (edit.url, &problem);  /* told by the problem */
  make (call, &edit, problem);
}

static void
folder_looked_at_cb (GObject      *object,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  g_autoptr(Moving) moving = user_data;
  GError *problem = NULL;

  (void) ferryd_look_finish (object, result, NULL, &problem);  /* told by the problem */
  make (moving->call, &moving->edit, problem);
}

void
ferryd_edits_set_destination (FerrydCall *call)
{
  g_autoptr(Moving) moving = g_new0 (Moving, 1);
  g_autoptr(GVariant) options = NULL;
  g_autoptr(GPtrArray) folders = NULL;
  GError *problem = NULL;

  moving->call = call;
  g_variant_get (ferryd_call_get_parameters (call), "(@a{sv})", &options);
  if (!ferryd_download_options_read_edit (options, &moving->edit, &problem) ||
      moving->edit.folder == NULL)
    {
      make (call, &moving->edit, problem);
      return;
    }

  folders = g_ptr_array_new ();
  g_ptr_array_add (folders, moving->edit.folder);
  ferryd_look_async (call->task, folders, NULL, folder_looked_at_cb, g_steal_pointer (&moving));
}
