/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-watcher"

#include "config.h"

#include "describe.h"
#include "json.h"
#include "watcher-private.h"

#define NUMBER "#%" G_GUINT64_FORMAT

/* One line that stays, for the error stream. */
void
ferry_watcher_complain (FerryWatcher *self,
                        const char   *line)
{
  if (self->view != NULL && !self->over)
    ferry_view_complain (self->view, line);
  else
    ferry_console_complain (self->console, line);
}

static char *
format_event (FerryTask  *task,
              const char *event)
{
  g_autoptr(JsonBuilder) builder = ferry_json_begin ();

  ferry_json_add_text (builder, "event", event);
  json_builder_set_member_name (builder, "task");
  ferry_json_add_task (builder, task, NULL);
  return ferry_json_end (builder, FALSE);
}

static void
write_event (FerryWatcher *self,
             FerryTask    *task,
             const char   *event)
{
  g_autofree char *line = format_event (task, event);

  ferry_console_write (self->console, line);
}

/* Several properties change at a time, each with a signal of its own: what they are now is told
 * once. */
static void
write_change (FerryFollowed *followed)
{
  g_autofree char *line = format_event (followed->task, "changed");

  if (g_strcmp0 (line, followed->line) == 0)
    return;

  ferry_console_write (followed->watcher->console, line);
  g_clear_pointer (&followed->line, g_free);
  followed->line = g_steal_pointer (&line);
}

/* What is asked of a finished task, for whoever waits for the answer. */
typedef struct
{
  FerryWatcher *watcher;  /* unowned; waits for all answers */
  FerryTask    *task;     /* owned */
} Call;

static void
call_free (Call *self)
{
  g_clear_object (&self->task);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

static void
task_loaded_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(Call) call = user_data;
  FerryWatcher *self = call->watcher;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) properties = ferry_task_load_finish (call->task, result, &error);
  g_autofree char *described = NULL;
  g_autofree char *line = NULL;

  self->n_calls--;
  if (self->over)
    return;

  /* One that cannot be asked has told all that is known by its name. */
  described = properties != NULL ? ferry_describe_result (call->task)
                                 : ferry_describe_name (call->task);
  line = g_strdup_printf (NUMBER " finished: %s", ferry_task_get_number (call->task), described);
  ferry_view_print (self->view, line);
  ferry_watcher_check_end (self);
}

/* Whether its bytes were proven to be all is not in the list. */
static void
tell_finished (FerryWatcher *self,
               FerryTask    *task)
{
  Call *call = g_new0 (Call, 1);

  call->watcher = self;
  call->task = g_object_ref (task);
  self->n_calls++;
  ferry_task_load_async (task, self->cancellable, task_loaded_cb, call);
}

static void
tell_trouble (FerryWatcher *self,
              FerryTask    *task)
{
  guint64 number = ferry_task_get_number (task);
  FerryTaskState state = ferry_task_get_state (task);
  g_autofree char *name = ferry_describe_name (task);
  g_autofree char *error = NULL;
  g_autofree char *line = NULL;

  if (state == FERRY_TASK_STATE_CANCELLED)
    {
      line = g_strdup_printf (NUMBER " cancelled: %s", number, name);
      ferry_view_complain (self->view, line);
      return;
    }

  error = ferry_describe_error (task);
  line = g_strdup_printf (NUMBER " %s: %s: %s; “ferry show %" G_GUINT64_FORMAT
                          "” tells what to do", number,
                          state == FERRY_TASK_STATE_FAILED ? "failed" : "needs you", name, error,
                          number);
  ferry_view_complain (self->view, line);
}

/* Once, until somebody has resumed it or has done what was needed. */
static void
tell (FerryFollowed *followed)
{
  FerryTask *task = followed->task;
  gboolean due = ferry_task_is_over (task) || ferry_task_needs_person (task);
  guint told = due ? ferry_task_get_state (task) + 1 : 0;

  if (due && told != followed->told)
    {
      if (ferry_task_get_state (task) == FERRY_TASK_STATE_FINISHED)
        tell_finished (followed->watcher, task);
      else
        tell_trouble (followed->watcher, task);
    }

  followed->told = told;
}

/* Something about it changed. */
void
ferry_watcher_tell_change (FerryFollowed *followed)
{
  FerryWatcher *self = followed->watcher;

  if (self->view == NULL)
    {
      write_change (followed);
      return;
    }

  if (!g_ptr_array_find (self->tasks, followed->task, NULL))
    g_ptr_array_add (self->tasks, g_object_ref (followed->task));
  ferry_view_show (self->view, followed->task);
  tell (followed);
}

/* It is there; @event says since when. */
void
ferry_watcher_tell_new (FerryFollowed *followed,
                        const char    *event)
{
  if (followed->watcher->view != NULL)
    {
      ferry_watcher_tell_change (followed);
      return;
    }

  write_event (followed->watcher, followed->task, event);
  followed->line = format_event (followed->task, "changed");
}

/* It is not in the list any more. */
void
ferry_watcher_tell_end (FerryWatcher *self,
                        FerryTask    *task)
{
  g_autofree char *name = NULL;
  g_autofree char *line = NULL;

  if (self->view == NULL)
    {
      write_event (self, task, "removed");
      return;
    }

  name = ferry_describe_name (task);
  line = g_strdup_printf (NUMBER " removed: %s", ferry_task_get_number (task), name);
  ferry_view_print (self->view, line);
}
