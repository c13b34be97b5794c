/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-task"

#include "config.h"

#include "common/text.h"
#include "model/moves.h"
#include "model/session.h"

/* What the session's owner is to hear of; NULL: nothing. */
static const char *
get_event_kind (const FerrydTaskStatus *from,
                const FerrydTaskStatus *to)
{
  static const char * const kinds[FERRY_N_TASK_STATES] = {
    [FERRY_TASK_STATE_FINISHED] = FERRYD_EVENT_FINISHED,
    [FERRY_TASK_STATE_FAILED] = FERRYD_EVENT_FAILED,
    [FERRY_TASK_STATE_CANCELLED] = FERRYD_EVENT_CANCELLED,
  };

  if (to->state == from->state && to->reason == from->reason)
    return NULL;
  if (to->state == FERRY_TASK_STATE_WAITING && to->reason == FERRY_WAIT_REASON_NEW_URL)
    return FERRYD_EVENT_NEW_URL;

  return kinds[to->state];
}

FerrydEvent *
ferryd_task_new_event (FerrydTask             *self,
                       const FerrydTaskStatus *to)
{
  const char *kind = get_event_kind (&self->row->status, to);
  const FerrydKept *kept = self->row->kept;
  GVariantDict details;

  if (kind == NULL)
    return NULL;

  g_variant_dict_init (&details, NULL);
  if (to->state == FERRY_TASK_STATE_FINISHED && kept->final_name != NULL)
    {
      g_autofree char *path = g_build_filename (self->row->folder, kept->final_name, NULL);

      g_variant_dict_insert_value (&details, "path",
                                   g_variant_new_take_string (ferry_text_show_path (path)));
    }
  if (to->error_name != NULL)
    g_variant_dict_insert (&details, "error", "(ss)", to->error_name, to->error_message);

  return ferryd_event_new (ferryd_session_get_id (self->session), self->row->id, kind,
                           g_variant_dict_end (&details));
}
