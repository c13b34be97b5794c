/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-task-verbs"

#include "config.h"

#include "api/call.h"
#include "api/edits.h"
#include "api/snapshot.h"

static void
answer_when_moved_cb (GObject      *object,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  GError *error = NULL;
  gboolean is_done = ferryd_task_wish_finish (FERRYD_TASK (object), result, &error);

  ferryd_call_answer_done (user_data, is_done, error);
}

static void
resume_verb (FerrydCall *call)
{
  ferryd_task_wish_async (call->task, FERRYD_WISH_RESUME, answer_when_moved_cb, call);
}

static void
suspend_verb (FerrydCall *call)
{
  ferryd_task_wish_async (call->task, FERRYD_WISH_SUSPEND, answer_when_moved_cb, call);
}

static void
cancel_verb (FerrydCall *call)
{
  ferryd_call_hold (call);
  ferryd_task_wish_async (call->task, FERRYD_WISH_CANCEL, answer_when_moved_cb, call);
}

static void
remove_verb (FerrydCall *call)
{
  gboolean delete_files;

  ferryd_call_hold (call);
  g_variant_get (ferryd_call_get_parameters (call), "(b)", &delete_files);
  ferryd_task_wish_async (call->task,
                          delete_files ? FERRYD_WISH_REMOVE_FILES : FERRYD_WISH_REMOVE,
                          answer_when_moved_cb, call);
}

static void
key_produced_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  FerrydCall *call = user_data;
  g_autoptr(GBytes) key = NULL;
  GError *error = NULL;

  key = ferryd_task_produce_resume_key_finish (FERRYD_TASK (object), result, &error);
  if (key == NULL)
    {
      ferryd_call_refuse (call, error);
      return;
    }

  ferryd_call_answer (call,
                      g_variant_new ("(@ay)", g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING,
                                                                        key, TRUE)));
}

static void
get_resume_data_verb (FerrydCall *call)
{
  ferryd_task_produce_resume_key_async (call->task, key_produced_cb, call);
}

static void
cancelled_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  GError *error = NULL;

  if (ferryd_task_wish_finish (FERRYD_TASK (object), result, &error))
    get_resume_data_verb (user_data);
  else
    ferryd_call_refuse (user_data, error);
}

static void
cancel_by_producing_resume_data_verb (FerrydCall *call)
{
  ferryd_call_hold (call);
  ferryd_task_wish_async (call->task, FERRYD_WISH_CANCEL_KEEPING, cancelled_cb, call);
}

static void
fetched_again_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  FerrydCall *call = user_data;
  g_autoptr(GPtrArray) tasks = NULL;
  g_autofree char *path = NULL;
  GError *error = NULL;

  tasks = ferryd_manager_add_tasks_finish (FERRYD_MANAGER (object), result, &error);
  if (tasks == NULL)
    {
      ferryd_call_refuse (call, error);
      return;
    }

  path = ferryd_snapshot_get_path (tasks->pdata[0]);
  ferryd_call_answer (call, g_variant_new ("(o)", path));
}

static void
fetch_again_verb (FerrydCall *call)
{
  ferryd_manager_fetch_again_async (call->manager, call->task, fetched_again_cb, call);
}

static void
result_opened_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  GError *error = NULL;
  int descriptor = ferryd_manager_open_result_finish (FERRYD_MANAGER (object), result, &error);

  if (descriptor >= 0)
    ferryd_call_answer_with_fd (user_data, descriptor);
  else
    ferryd_call_refuse (user_data, error);
}

static void
open_result_verb (FerrydCall *call)
{
  ferryd_manager_open_result_async (call->manager, call->task, result_opened_cb, call);
}

const FerrydVerb ferryd_task_verbs[] = {
  { "Resume", resume_verb },
  { "Suspend", suspend_verb },
  { "Cancel", cancel_verb },
  { "CancelByProducingResumeData", cancel_by_producing_resume_data_verb },
  { "GetResumeData", get_resume_data_verb },
  { "Remove", remove_verb },
  { "FetchAgain", fetch_again_verb },
  { "SetDestination", ferryd_edits_set_destination },
  { "SetUrl", ferryd_edits_set_url },
  { "OpenResult", open_result_verb },
  { NULL, NULL },
};
