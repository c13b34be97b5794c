/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-task-verbs"

#include "config.h"

#include "api/call.h"

static void
answer_when_moved_cb (GObject      *object,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  FerrydCall *call = user_data;
  GError *error = NULL;

  if (ferryd_task_wish_finish (FERRYD_TASK (object), result, &error))
    ferryd_call_answer (call, NULL);
  else
    ferryd_call_refuse (call, error);
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
  ferryd_task_wish_async (call->task, FERRYD_WISH_CANCEL, answer_when_moved_cb, call);
}

const FerrydVerb ferryd_task_verbs[] = {
  { "Resume", resume_verb },
  { "Suspend", suspend_verb },
  { "Cancel", cancel_verb },
  { NULL, NULL },
};
