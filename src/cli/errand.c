/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-errand"

#include "config.h"

#include "common/file-name.h"
#include "common/url.h"
#include "describe.h"
#include "errand.h"
#include "words.h"

/* How tasks are named; “ferry list” shows the number. */
#define NUMBER "#%" G_GUINT64_FORMAT

FerryErrand *
ferry_errand_new (const FerryWish *wish)
{
  FerryErrand *self = g_new0 (FerryErrand, 1);

  self->wish = wish;
  return self;
}

void
ferry_errand_free (FerryErrand *self)
{
  if (self->task != NULL)
    g_clear_signal_handler (&self->changed_id, self->task);
  g_clear_object (&self->task);
  g_free (self);
}

/**
 * ferry_errand_matches:
 * @self: an errand that has no task
 * @task: a task
 * @not_before: when the program began, in Unix µs
 *
 * Tells whether @task may be the one that was asked for: it is of this address and was made since.
 * The service may have ended between making it and saying so.
 *
 * Returns: whether it may
 */
gboolean
ferry_errand_matches (FerryErrand *self,
                      FerryTask   *task,
                      gint64       not_before)
{
  g_autofree char *mine = NULL;
  g_autofree char *its = NULL;

  if (ferry_task_get_created (task) < not_before)
    return FALSE;

  mine = ferry_url_without_secrets (self->wish->url);
  its = ferry_url_without_secrets (ferry_task_get_url (task));
  return its != NULL && g_strcmp0 (mine, its) == 0;
}

/**
 * ferry_errand_get_name:
 * @self: an errand
 *
 * Returns: what to call the file
 */
char *
ferry_errand_get_name (FerryErrand *self)
{
  g_autofree char *name = NULL;

  /* The service may have ended before it has told more than the number. */
  if (self->task != NULL && *ferry_task_get_url (self->task) != '\0')
    return ferry_describe_name (self->task);

  name = ferry_file_name_from_url (self->wish->url);
  if (name == NULL)
    name = ferry_url_for_log (self->wish->url);
  return ferry_words_printable (name);
}

/**
 * ferry_errand_needs_proof:
 * @self: an errand
 *
 * Tells whether the file is here without its being known whether anything proves that it is whole.
 * That is told once, when it finishes; whoever only finds it finished must ask.
 *
 * Returns: whether that is so
 */
gboolean
ferry_errand_needs_proof (FerryErrand *self)
{
  return self->task != NULL && !self->answered && !ferry_task_get_length_verified (self->task) &&
         ferry_task_get_state (self->task) == FERRY_TASK_STATE_FINISHED;
}

/**
 * ferry_errand_is_done:
 * @self: an errand
 *
 * Returns: whether there is nothing more to wait for here
 */
gboolean
ferry_errand_is_done (FerryErrand *self)
{
  if (self->task == NULL)
    return FALSE;
  if (ferry_task_is_over (self->task))
    return !ferry_errand_needs_proof (self);

  return self->gone || ferry_task_needs_person (self->task);
}

/* Of one that needs a person this program cannot do what is needed; of the others it can tell. */
static char *
make_complaint (FerryErrand *self)
{
  FerryTaskState state = ferry_task_get_state (self->task);
  guint64 number = ferry_task_get_number (self->task);
  g_autofree char *name = ferry_errand_get_name (self);
  g_autofree char *error = NULL;

  if (self->gone || state == FERRY_TASK_STATE_CANCELLED)
    return g_strdup_printf (NUMBER " cancelled: %s", number, name);

  error = ferry_describe_error (self->task);
  if (state == FERRY_TASK_STATE_FAILED)
    return g_strdup_printf (NUMBER " failed: %s: %s", number, name, error);

  return g_strdup_printf (NUMBER " needs you: %s: %s; “ferry get” cannot do that, the transfer"
                          " stays in the list", number, name, error);
}

/**
 * ferry_errand_tell:
 * @self: an errand
 * @view: where to say it
 *
 * Says, once, what became of the task, if it is over or needs somebody.
 */
void
ferry_errand_tell (FerryErrand *self,
                   FerryView   *view)
{
  g_autofree char *line = NULL;

  if (!ferry_errand_is_done (self))
    {
      /* Somebody has resumed it, or has done what was needed. */
      self->told = FALSE;
      return;
    }
  if (self->told)
    return;

  self->told = TRUE;
  if (!self->gone && ferry_task_get_state (self->task) == FERRY_TASK_STATE_FINISHED)
    {
      g_autofree char *result = ferry_describe_result (self->task);

      line = g_strdup_printf (NUMBER " finished: %s", ferry_task_get_number (self->task), result);
      ferry_view_print (view, line);
      return;
    }

  line = make_complaint (self);
  ferry_view_complain (view, line);
}
