/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-watcher"

#include "config.h"

#include <glib-unix.h>
#include <signal.h>

#include "await.h"
#include "trouble.h"
#include "watcher-private.h"

#define NUMBER "#%" G_GUINT64_FORMAT

/* A service that ends each time it is asked will not get better. */
#define MAX_ATTEMPTS 3

/* Such transfers are meant by “all”: the others do not move. */
#define MOVING_STATES (FERRY_STATE_BIT (SUSPENDED) | FERRY_STATE_BIT (WAITING) | \
                       FERRY_STATE_BIT (RUNNING))

static void
followed_free (FerryFollowed *self)
{
  g_clear_signal_handler (&self->handler, self->task);
  g_clear_pointer (&self->line, g_free);
  g_free (self);
}

/* What comes from now on is not shown. */
void
ferry_watcher_leave (FerryWatcher *self,
                     FerryExit     status)
{
  if (self->over)
    return;

  self->over = TRUE;
  self->status = status;
  if (self->view != NULL)
    ferry_view_end (self->view);
}

/* After anything that was told, and that may have been the last thing to wait for. A reader that
 * has gone has seen enough. */
void
ferry_watcher_check_end (FerryWatcher *self)
{
  GHashTableIter iter;
  FerryTask *task;
  guint n_finished = self->n_finished;

  if (ferry_console_get_errno (self->console) != 0)
    ferry_watcher_leave (self, FERRY_EXIT_DONE);
  if (self->endless || self->over || self->n_calls > 0)
    return;

  g_hash_table_iter_init (&iter, self->followed);
  while (g_hash_table_iter_next (&iter, (gpointer *) &task, NULL))
    {
      if (!ferry_task_is_over (task))
        return;
      n_finished += ferry_task_get_state (task) == FERRY_TASK_STATE_FINISHED;
    }

  ferry_watcher_leave (self, n_finished == self->n_chosen ? FERRY_EXIT_DONE : FERRY_EXIT_FAILED);
}

/* @followed is not there any more afterwards. */
static void
forget (FerryFollowed *followed)
{
  FerryWatcher *self = followed->watcher;
  g_autoptr(FerryTask) task = g_object_ref (followed->task);

  self->n_finished += ferry_task_get_state (task) == FERRY_TASK_STATE_FINISHED;
  (void) g_ptr_array_remove (self->tasks, task);    /* one that was over before was not shown */
  (void) g_hash_table_remove (self->followed, task);
  ferry_watcher_tell_end (self, task);
}

static void
on_task_changed_cb (FerryTask     *task,
                    GParamSpec    *pspec,
                    FerryFollowed *followed)
{
  FerryWatcher *self = followed->watcher;

  if (self->over)
    return;

  if (ferry_task_is_removed (task))
    forget (followed);
  else
    ferry_watcher_tell_change (followed);
  ferry_watcher_check_end (self);
}

/* @event: how it is told that the task is there. NULL: not at all, until it changes */
static void
follow (FerryWatcher *self,
        FerryTask    *task,
        const char   *event)
{
  FerryFollowed *followed;

  if (self->over || g_hash_table_contains (self->followed, task))
    return;

  followed = g_new0 (FerryFollowed, 1);
  followed->watcher = self;
  followed->task = task;
  followed->handler = g_signal_connect (task, "notify", G_CALLBACK (on_task_changed_cb), followed);
  g_hash_table_insert (self->followed, g_object_ref (task), followed);
  if (event != NULL)
    ferry_watcher_tell_new (followed, event);
  else if (ferry_task_is_over (task))
    followed->told = ferry_task_get_state (task) + 1;
}

static void
on_items_changed_cb (GListModel   *list,
                     guint         position,
                     guint         n_removed,
                     guint         n_added,
                     FerryWatcher *self)
{
  /* The newest come first; they are told of in the order in which they were made. */
  for (guint i = n_added; i > 0; i--)
    {
      g_autoptr(FerryTask) task = g_list_model_get_item (list, position + i - 1);

      follow (self, task, "added");
    }

  ferry_watcher_check_end (self);
}

static void
on_state_changed_cb (FerryWatcher *self)
{
  FerryClientState state = ferry_client_get_state (self->client);

  if (self->over)
    return;

  if (state == FERRY_CLIENT_STATE_LOST && !self->lost)
    {
      self->lost = TRUE;
      ferry_watcher_complain (self,
                              "ferry watch: the transfer service has ended; asking for it again");
    }
  else if (state == FERRY_CLIENT_STATE_CONNECTED && self->lost)
    {
      self->lost = FALSE;
      ferry_watcher_complain (self, "ferry watch: the transfer service is back");
    }
  else if (state == FERRY_CLIENT_STATE_FAILED)
    {
      ferry_watcher_leave (self, FERRY_EXIT_NO_SERVICE);
      (void) ferry_trouble_report (self->console, "watch", ferry_client_get_error (self->client));
    }
}

/* Without a choice this is how it is meant to end. */
static gboolean
on_interrupt_cb (gpointer user_data)
{
  FerryWatcher *self = user_data;

  ferry_watcher_leave (self, self->endless ? FERRY_EXIT_DONE : FERRY_EXIT_INTERRUPTED);
  if (!self->endless)
    ferry_watcher_complain (self, "ferry watch: interrupted; the transfers go on without it");
  return G_SOURCE_CONTINUE;
}

static gboolean
on_terminate_cb (gpointer user_data)
{
  ferry_watcher_leave (user_data, FERRY_EXIT_TERMINATED);
  return G_SOURCE_CONTINUE;
}

/* Where the service ends before it answers, the next one is asked. */
static gboolean
ask_to_watch (FerryWatcher  *self,
              GError       **error)
{
  gboolean watched = FALSE;
  guint attempt = 0;

  do
    {
      g_auto(FerryAwait) answer = { NULL };

      g_clear_error (error);
      ferry_client_watch_async (self->client, NULL, ferry_await_cb, &answer);
      watched = ferry_client_watch_finish (self->client, ferry_await (&answer), error);
      attempt++;
    }
  while (!watched && ferry_trouble_is_gone (*error) && attempt < MAX_ATTEMPTS);

  return watched;
}

/* Waits until the list has all tasks. */
static gboolean
load_list (FerryWatcher  *self,
           GError       **error)
{
  if (!ask_to_watch (self, error))
    return FALSE;

  self->list = ferry_client_get_tasks (self->client);
  while (!self->over && !ferry_task_list_is_complete (self->list))
    {
      if (ferry_task_list_get_error (self->list) != NULL)
        {
          g_propagate_error (error, g_error_copy (ferry_task_list_get_error (self->list)));
          return FALSE;
        }
      (void) g_main_context_iteration (NULL, TRUE);  /* what it did shows in the list */
    }

  return TRUE;
}

static void
follow_all (FerryWatcher *self)
{
  GListModel *list = G_LIST_MODEL (self->list);
  guint n_moving = 0;

  g_signal_connect (self->list, "items-changed", G_CALLBACK (on_items_changed_cb), self);
  for (guint i = g_list_model_get_n_items (list); i > 0; i--)
    {
      g_autoptr(FerryTask) task = g_list_model_get_item (list, i - 1);

      follow (self, task, ferry_task_is_over (task) ? NULL : "present");
      n_moving += !ferry_task_is_over (task);
    }

  if (n_moving == 0 && self->view != NULL)
    ferry_watcher_complain (self, "No transfer is under way; those to come will be shown. Ctrl-C"
                                  " ends this.");
  ferry_watcher_check_end (self);
}

static void
follow_chosen (FerryWatcher *self,
               GPtrArray    *chosen)
{
  self->n_chosen = chosen->len;
  for (guint i = 0; i < chosen->len; i++)
    {
      const FerryChosen *one = g_ptr_array_index (chosen, i);
      FerryTask *task = ferry_task_list_find (self->list, one->number);

      if (task != NULL)
        {
          follow (self, task, "present");
          continue;
        }

      ferry_trouble_complain (self->console, "watch", "there is no transfer " NUMBER
                              "; “ferry list” shows those that there are", one->number);
    }

  if (chosen->len == 0)
    ferry_watcher_complain (self, "There are no such transfers.");
  ferry_watcher_check_end (self);
}

static gboolean
begin (FerryWatcher    *self,
       FerrySelection  *selection,
       GError         **error)
{
  g_autoptr(GPtrArray) chosen = NULL;

  if (!load_list (self, error))
    return FALSE;
  if (self->over)
    return TRUE;
  if (selection == NULL)
    {
      follow_all (self);
      return TRUE;
    }

  chosen = ferry_selection_resolve (selection, self->client, MOVING_STATES, error);
  if (chosen == NULL)
    return FALSE;

  follow_chosen (self, chosen);
  return TRUE;
}

static void
watcher_clear (FerryWatcher *self)
{
  if (self->list != NULL)
    g_signal_handlers_disconnect_by_data (self->list, self);
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_handle_id (&self->interrupt_id, g_source_remove);
  g_clear_handle_id (&self->terminate_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  while (self->n_calls > 0)
    (void) g_main_context_iteration (NULL, TRUE);  /* what it did shows in the number */

  g_clear_object (&self->cancellable);
  g_clear_object (&self->view);
  g_clear_pointer (&self->followed, g_hash_table_unref);
  g_clear_pointer (&self->tasks, g_ptr_array_unref);
}

/**
 * ferry_watcher_run:
 * @console: where to show
 * @client: a client that is connected
 * @selection: (nullable): what to watch until it has ended; %NULL for all, without an end
 * @json: whether changes are told as lines of JSON
 *
 * Returns: what the program is to end with
 */
FerryExit
ferry_watcher_run (FerryConsole   *console,
                   FerryClient    *client,
                   FerrySelection *selection,
                   gboolean        json)
{
  FerryWatcher self = { .console = console, .client = client, .endless = selection == NULL };
  g_autoptr(GError) error = NULL;

  self.cancellable = g_cancellable_new ();
  self.tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self.followed = g_hash_table_new_full (NULL, NULL, g_object_unref,
                                         (GDestroyNotify) followed_free);
  self.interrupt_id = g_unix_signal_add (SIGINT, on_interrupt_cb, &self);
  self.terminate_id = g_unix_signal_add (SIGTERM, on_terminate_cb, &self);
  self.view = json ? NULL : ferry_view_new (console, self.tasks);
  g_signal_connect_swapped (client, "notify::state", G_CALLBACK (on_state_changed_cb), &self);

  if (!begin (&self, selection, &error) && !self.over)
    ferry_watcher_leave (&self, ferry_trouble_report (console, "watch", error));
  while (!self.over)
    (void) g_main_context_iteration (NULL, TRUE);  /* what it did shows in the state */

  watcher_clear (&self);
  return self.status;
}
