/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-task"

#include "config.h"

#include <sys/random.h>

#include "common/error.h"
#include "model/ending.h"
#include "model/moves.h"

/* Bytes of resume data. */
#define KEY_SIZE 16

void
ferryd_task_edit_clear (FerrydTaskEdit *edit)
{
  g_clear_pointer (&edit->description, g_free);
  g_clear_pointer (&edit->url, g_free);
  g_clear_pointer (&edit->folder, g_free);
  g_clear_pointer (&edit->file_name, g_free);
}

static void
copy_edit (const FerrydTaskEdit *edit,
           FerrydTaskEdit       *copy)
{
  *copy = *edit;
  copy->description = g_strdup (edit->description);
  copy->url = g_strdup (edit->url);
  copy->folder = g_strdup (edit->folder);
  copy->file_name = g_strdup (edit->file_name);
}

static void
replace_text (char       **text,
              const char  *with)
{
  g_clear_pointer (text, g_free);
  *text = g_strdup (with);
}

/* Where it goes is part of the options that it was made with. */
static void
apply_place (const FerrydTaskEdit *edit,
             FerrydTaskRow        *row)
{
  GVariantDict options;

  g_variant_dict_init (&options, row->options);
  if (edit->folder != NULL)
    {
      replace_text (&row->folder, edit->folder);
      g_variant_dict_insert (&options, "destination", "s", edit->folder);
    }
  if (edit->file_name != NULL)
    {
      replace_text (&row->kept->file_name, edit->file_name);
      g_variant_dict_insert (&options, "filename", "s", edit->file_name);
    }
  if (edit->has_overwrite)
    g_variant_dict_insert (&options, "overwrite", "b", edit->overwrite);

  g_clear_pointer (&row->options, g_variant_unref);
  row->options = g_variant_ref_sink (g_variant_dict_end (&options));
}

static void
apply_edit (const FerrydTaskEdit *edit,
            FerrydTaskRow        *row)
{
  if (edit->what == FERRYD_TASK_PRIORITY)
    row->priority = edit->priority;
  else if (edit->what == FERRYD_TASK_DOWNLOAD_LIMIT)
    row->download_limit = edit->download_limit;
  else if (edit->what == FERRYD_TASK_DESCRIPTION)
    replace_text (&row->description, edit->description);
  else if (edit->what == FERRYD_TASK_URL)
    {
      replace_text (&row->url, edit->url);
      g_clear_pointer (&row->kept->current_url, g_free);
    }
  else
    apply_place (edit, row);
}

/* What it waited for may have come with the edit. */
static void
resume_if_lifted (FerrydTask       *self,
                  FerrydTaskChange  what)
{
  FerrydMove *move;

  if (what != FERRYD_TASK_URL && what != FERRYD_TASK_PATH)
    return;

  move = ferryd_move_new (FERRYD_MOVE_LIFT, NULL);
  move->lifted = what == FERRYD_TASK_URL ? FERRY_WAIT_REASON_NEW_URL : FERRY_WAIT_REASON_DISK_FULL;
  ferryd_task_queue_move (self, move);
}

void
ferryd_task_forget_other (FerrydTask *self)
{
  FerrydMove *move;

  /* What a job keeps is the job's to write. */
  if (self->row->kept->other_folder == NULL ||
      self->row->status.state == FERRY_TASK_STATE_RUNNING)
    return;

  move = ferryd_move_new (FERRYD_MOVE_FORGET, NULL);
  if (self->current != NULL)
    g_queue_push_head (&self->moves, move);  /* a job must not come between */
  else
    ferryd_task_queue_move (self, move);
}

static void
edit_saved_cb (GObject      *object,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(FerrydTask) self = user_data;
  FerrydMove *move = self->current;
  FerrydTaskChange what = move->edit.what;
  GError *error = NULL;
  guint mask;

  if (!ferryd_store_save_task_finish (FERRYD_STORE (object), result, &error))
    {
      ferryd_task_forget_other (self);  /* what was made in the new folder */
      ferryd_task_land_move (self, error);
      return;
    }

  mask = ferryd_task_take_settings (self, move->row, move->with_kept);
  if (what == FERRYD_TASK_DOWNLOAD_LIMIT)
    ferryd_runner_set_task_limit (self->runner, self->row->id, self->row->download_limit);
  ferryd_task_emit_changed (self, mask);
  resume_if_lifted (self, what);
  ferryd_task_forget_other (self);  /* what was left in the old folder */
  ferryd_task_land_move (self, NULL);
}

static void
save_edit (FerrydTask *self)
{
  FerrydMove *move = self->current;

  ferryd_store_save_task_async (self->store, move->row, move->with_kept, edit_saved_cb,
                                g_object_ref (self));
}

static void
moved_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(FerrydTask) self = user_data;
  FerrydMove *move = self->current;
  GError *error = NULL;
  FerrydKept *kept = ferryd_runner_move_finish (FERRYD_RUNNER (object), result, &error);

  if (kept == NULL)
    {
      ferryd_task_forget_other (self);
      ferryd_task_land_move (self, error);
      return;
    }

  g_clear_pointer (&move->row->kept, ferryd_kept_free);
  move->row->kept = kept;
  if (move->edit.file_name != NULL)
    replace_text (&kept->file_name, move->edit.file_name);
  save_edit (self);
}

/* Where a file comes from and goes to is settled once its job has begun to need it. */
static gboolean
is_settled (FerrydTask *self)
{
  FerryTaskState state = self->row->status.state;

  return state == FERRY_TASK_STATE_RUNNING || state == FERRY_TASK_STATE_FINISHED ||
         state == FERRY_TASK_STATE_CANCELLED;
}

gboolean
ferryd_task_begin_edit (FerrydTask *self,
                        FerrydMove *move)
{
  FerrydTaskChange what = move->edit.what;
  const FerrydKept *kept = self->row->kept;
  gboolean keeps = kept->part.name != NULL || kept->spare.name != NULL;

  move->with_kept = what == FERRYD_TASK_URL || what == FERRYD_TASK_PATH;
  if (move->with_kept && is_settled (self))
    return ferryd_task_refuse_move (self, move, what == FERRYD_TASK_URL ? "given another address"
                                                                        : "moved");

  g_clear_pointer (&move->row, ferryd_task_row_free);
  move->row = ferryd_task_row_copy (self->row);
  apply_edit (&move->edit, move->row);
  ferryd_task_take_up_move (self, move);
  if (keeps && g_strcmp0 (move->row->folder, self->row->folder) != 0)
    ferryd_runner_move_async (self->runner, self->row, move->row->folder, moved_cb,
                              g_object_ref (self));
  else
    save_edit (self);

  return FALSE;
}

void
ferryd_task_edit_async (FerrydTask           *self,
                        const FerrydTaskEdit *edit,
                        GAsyncReadyCallback   callback,
                        gpointer              user_data)
{
  FerrydMove *move;
  GTask *answer;

  g_return_if_fail (FERRYD_IS_TASK (self));

  answer = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (answer, (gpointer) (guintptr) ferryd_task_edit_async);
  move = ferryd_move_new (FERRYD_MOVE_EDIT, answer);
  copy_edit (edit, &move->edit);
  ferryd_task_queue_move (self, move);
}

gboolean
ferryd_task_edit_finish (FerrydTask    *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
forgotten_saved_cb (GObject      *object,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr(FerrydTask) self = user_data;
  g_autoptr(GError) error = NULL;

  /* A row that names files that are gone does no harm. */
  if (ferryd_store_save_task_finish (FERRYD_STORE (object), result, &error))
    (void) ferryd_task_take_settings (self, self->current->row, TRUE);  /* nobody sees it */
  else
    g_info ("That task %" G_GINT64_FORMAT " has nothing elsewhere could not be written: %s",
            self->row->id, error->message);
  ferryd_task_land_move (self, NULL);
}

static void
forgotten_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(FerrydTask) self = user_data;

  /* What stays goes with the next start, or the next change. */
  if (ferryd_runner_forget_finish (FERRYD_RUNNER (object), result))
    ferryd_store_save_task_async (self->store, self->current->row, TRUE, forgotten_saved_cb,
                                  g_object_ref (self));
  else
    ferryd_task_land_move (self, NULL);
}

gboolean
ferryd_task_begin_forget (FerrydTask *self,
                          FerrydMove *move)
{
  if (self->row->kept->other_folder == NULL)
    return ferryd_task_finish_move (self, move, NULL);

  move->row = ferryd_task_row_copy (self->row);
  ferryd_kept_drop_other (move->row->kept);
  ferryd_task_take_up_move (self, move);
  ferryd_runner_forget_async (self->runner, self->row, forgotten_cb, g_object_ref (self));
  return FALSE;
}

static void
key_saved_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(FerrydTask) self = user_data;
  GError *error = NULL;

  if (ferryd_store_save_task_finish (FERRYD_STORE (object), result, &error))
    (void) ferryd_task_take_settings (self, self->current->row, FALSE);  /* it is no property */
  ferryd_task_land_move (self, error);
}

/* It is all that stands between two apps: it must not be guessed. */
static GBytes *
make_key (GError **error)
{
  guint8 key[KEY_SIZE];

  if (getrandom (key, sizeof key, 0) == sizeof key)
    return g_bytes_new (key, sizeof key);

  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_STORE, "There are no random numbers");
  return NULL;
}

gboolean
ferryd_task_begin_key (FerrydTask *self,
                       FerrydMove *move)
{
  FerryTaskState state = self->row->status.state;
  GError *error = NULL;

  if (state != FERRY_TASK_STATE_FAILED && state != FERRY_TASK_STATE_CANCELLED)
    return ferryd_task_refuse_move (self, move, "turned into resume data");
  if (self->row->resume_key != NULL || !ferryd_task_is_resumable (self))
    return ferryd_task_finish_move (self, move, NULL);

  g_clear_pointer (&move->row, ferryd_task_row_free);
  move->row = ferryd_task_row_copy (self->row);
  move->row->resume_key = make_key (&error);
  if (move->row->resume_key == NULL)
    return ferryd_task_finish_move (self, move, error);

  ferryd_task_take_up_move (self, move);
  ferryd_store_save_task_async (self->store, move->row, FALSE, key_saved_cb, g_object_ref (self));
  return FALSE;
}

void
ferryd_task_produce_resume_key_async (FerrydTask          *self,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data)
{
  GTask *answer;

  g_return_if_fail (FERRYD_IS_TASK (self));

  answer = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (answer, (gpointer) (guintptr) ferryd_task_produce_resume_key_async);
  ferryd_task_queue_move (self, ferryd_move_new (FERRYD_MOVE_KEY, answer));
}

GBytes *
ferryd_task_produce_resume_key_finish (FerrydTask    *self,
                                       GAsyncResult  *result,
                                       GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;

  if (self->row->resume_key == NULL || !ferryd_task_is_resumable (self))
    return g_bytes_new_static ("", 0);

  return g_bytes_ref (self->row->resume_key);
}
