/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-getter"

#include "config.h"

#include <glib-unix.h>
#include <signal.h>

#include "describe.h"
#include "getter-private.h"
#include "trouble.h"
#include "words.h"

/* Questions at a time; a bus allows 128 of one client. */
#define MAX_PROOFS 32

void
ferry_getter_leave (FerryGetter *self,
                    FerryExit    status)
{
  self->over = TRUE;
  self->status = status;
  g_main_loop_quit (self->loop);
}

/* A line for the error stream, after the program's name. */
void
ferry_getter_complain (FerryGetter *self,
                       const char  *text)
{
  g_autofree char *line = g_strdup_printf ("ferry %s: %s", self->verb, text);

  ferry_view_complain (self->view, line);
}

/* What stays in the service's hands: “#3, #4”; NULL: nothing. */
static char *
name_remaining (FerryGetter *self)
{
  g_autoptr(GString) names = g_string_new (NULL);

  for (guint i = 0; i < self->errands->len; i++)
    {
      FerryErrand *errand = g_ptr_array_index (self->errands, i);

      if (errand->task != NULL && !errand->gone && !ferry_task_is_over (errand->task))
        g_string_append_printf (names, "%s#%" G_GUINT64_FORMAT, names->len > 0 ? ", " : "",
                                ferry_task_get_number (errand->task));
    }

  return names->len > 0 ? g_string_free (g_steal_pointer (&names), FALSE) : NULL;
}

static void
leave_interrupted (FerryGetter *self)
{
  g_autofree char *names = name_remaining (self);
  g_autoptr(GString) text = g_string_new (NULL);
  guint n_new = 0;

  for (guint i = 0; i < self->errands->len; i++)
    {
      FerryErrand *errand = g_ptr_array_index (self->errands, i);

      n_new += errand->task == NULL;
    }

  if (names != NULL)
    g_string_append_printf (text, "%s will go on without this program; “ferry list” shows how far",
                            names);
  else
    g_string_append (text, "interrupted; nothing is left to go on");
  if (n_new > 0)
    g_string_append_printf (text, "; of the addresses %u were not begun", n_new);

  ferry_view_end (self->view);
  ferry_getter_complain (self, text->str);
  ferry_getter_leave (self, self->leaving);
}

/* What the client says of a service that fails again and again goes on behind our name. */
static char *
explain_end (const GError *error)
{
  g_autofree char *message = NULL;

  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED))
    return ferry_trouble_explain (error);

  message = ferry_words_printable (error->message);
  *message = g_ascii_tolower (*message);
  return g_steal_pointer (&message);
}

/* There is no service any more, or there never was. */
void
ferry_getter_give_up (FerryGetter  *self,
                      const GError *error)
{
  g_autofree char *names = name_remaining (self);
  g_autofree char *reason = explain_end (error);
  g_autofree char *text = NULL;

  if (self->over)
    return;

  text = names == NULL ? g_strdup (reason)
       : g_strdup_printf ("%s; %s will go on when it runs again", reason, names);
  ferry_view_end (self->view);
  ferry_getter_complain (self, text);
  ferry_getter_leave (self, FERRY_EXIT_NO_SERVICE);
}

static void
finish_waiting (FerryGetter *self)
{
  guint n_finished = 0;

  ferry_view_end (self->view);
  for (guint i = 0; i < self->errands->len; i++)
    {
      FerryErrand *errand = g_ptr_array_index (self->errands, i);

      n_finished += !errand->gone &&
                    ferry_task_get_state (errand->task) == FERRY_TASK_STATE_FINISHED;
    }

  if (self->errands->len > 1)
    {
      g_autofree char *line = g_strdup_printf ("%u of %u transfers are finished", n_finished,
                                               self->errands->len);

      ferry_view_print (self->view, line);
    }

  ferry_getter_leave (self, n_finished == self->errands->len ? FERRY_EXIT_DONE
                                                             : FERRY_EXIT_FAILED);
}

/* A line of each task, for nobody waits for more. */
static void
finish_adding (FerryGetter *self)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->errands->len; i++)
    {
      FerryErrand *errand = g_ptr_array_index (self->errands, i);
      g_autofree char *name = ferry_errand_get_name (errand);
      g_autofree char *state = ferry_describe_state (errand->task);

      g_string_append_printf (text, "#%" G_GUINT64_FORMAT " %s: %s\n",
                              ferry_task_get_number (errand->task), name,
                              *state != '\0' ? state : "running");
    }

  ferry_view_end (self->view);
  ferry_console_print (self->console, text->str);
  ferry_getter_leave (self, FERRY_EXIT_DONE);
}

/* After anything that may have been the last thing to wait for. */
void
ferry_getter_check_end (FerryGetter *self)
{
  guint n_tasks = g_hash_table_size (self->by_task);

  if (self->over)
    return;

  if (self->leaving != FERRY_EXIT_DONE && self->asked->len == 0)
    leave_interrupted (self);
  else if (self->mode == FERRY_GETTER_LEAVE && n_tasks == self->errands->len && !self->look &&
           !self->looking)
    finish_adding (self);
  else if (self->mode == FERRY_GETTER_WAIT && self->n_done == self->errands->len)
    finish_waiting (self);
}

static void ask_for_proofs (FerryGetter *self);

static void
proof_loaded_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  FerryGetter *self = user_data;
  FerryErrand *errand = g_hash_table_lookup (self->by_task, source);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) properties = ferry_task_load_finish (FERRY_TASK (source), result, &error);

  self->n_calls--;
  self->n_proofs--;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (properties == NULL)
    g_debug ("What proves the file is not known: %s", error->message);
  errand->answered = TRUE;
  ask_for_proofs (self);
  ferry_getter_show (self, errand);
  ferry_getter_check_end (self);
}

static void
ask_for_proofs (FerryGetter *self)
{
  while (self->n_proofs < MAX_PROOFS && !g_queue_is_empty (&self->unproven))
    {
      FerryErrand *errand = g_queue_pop_head (&self->unproven);

      self->n_calls++;
      self->n_proofs++;
      ferry_task_load_async (errand->task, self->cancellable, proof_loaded_cb, self);
    }
}

/* Something about its task has changed. */
void
ferry_getter_show (FerryGetter *self,
                   FerryErrand *errand)
{
  gboolean done = ferry_errand_is_done (errand);

  if (self->over || self->mode == FERRY_GETTER_LEAVE)
    return;

  if (!errand->asked && ferry_errand_needs_proof (errand))
    {
      errand->asked = TRUE;
      g_queue_push_tail (&self->unproven, errand);
      ask_for_proofs (self);
    }
  self->n_done = self->n_done - errand->done + done;
  errand->done = done;
  if (errand->gone)
    (void) g_ptr_array_remove (self->tasks, errand->task);    /* it may have gone before */

  ferry_view_show (self->view, errand->task);
  ferry_errand_tell (errand, self->view);
}

static void
on_task_changed_cb (FerryTask  *task,
                    GParamSpec *property,
                    gpointer    user_data)
{
  FerryGetter *self = user_data;
  FerryErrand *errand = g_hash_table_lookup (self->by_task, task);

  errand->gone |= ferry_task_is_removed (task) && !ferry_task_is_over (task);
  ferry_getter_show (self, errand);
  ferry_getter_check_end (self);
}

/* @task is what @errand is about. */
void
ferry_getter_take (FerryGetter *self,
                   FerryErrand *errand,
                   FerryTask   *task)
{
  errand->task = g_object_ref (task);
  errand->changed_id = g_signal_connect (task, "notify", G_CALLBACK (on_task_changed_cb), self);
  g_hash_table_insert (self->by_task, task, errand);
  g_ptr_array_add (self->tasks, g_object_ref (task));
}

static void
interrupt (FerryGetter *self,
           FerryExit    status)
{
  gboolean again = self->leaving != FERRY_EXIT_DONE;

  /* What was asked for is waited for, to name it; not for ever, if somebody insists. */
  self->leaving = status;
  if (again)
    leave_interrupted (self);
  else
    ferry_getter_check_end (self);
}

static gboolean
on_interrupt_cb (gpointer user_data)
{
  interrupt (user_data, FERRY_EXIT_INTERRUPTED);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_terminate_cb (gpointer user_data)
{
  interrupt (user_data, FERRY_EXIT_TERMINATED);
  return G_SOURCE_CONTINUE;
}

static void
getter_init (FerryGetter           *self,
             FerryConsole          *console,
             FerryClient           *client,
             const FerryGetRequest *request)
{
  g_queue_init (&self->unproven);
  self->console = console;
  self->client = client;
  self->errands = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_errand_free);
  self->by_task = g_hash_table_new (NULL, NULL);
  self->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  self->asked = g_ptr_array_new ();
  for (guint i = 0; i < request->wishes->len; i++)
    g_ptr_array_add (self->errands, ferry_errand_new (g_ptr_array_index (request->wishes, i)));

  self->view = ferry_view_new (console, self->tasks);
  self->cancellable = g_cancellable_new ();
  self->loop = g_main_loop_new (NULL, FALSE);
  self->started = g_get_real_time ();
  self->interrupt_id = g_unix_signal_add (SIGINT, on_interrupt_cb, self);
  self->terminate_id = g_unix_signal_add (SIGTERM, on_terminate_cb, self);
  g_signal_connect_swapped (client, "notify::state", G_CALLBACK (ferry_getter_follow_state), self);
}

static void
getter_clear (FerryGetter *self)
{
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_handle_id (&self->interrupt_id, g_source_remove);
  g_clear_handle_id (&self->terminate_id, g_source_remove);

  g_cancellable_cancel (self->cancellable);
  while (self->n_calls > 0)
    (void) g_main_context_iteration (NULL, TRUE);

  g_queue_clear (&self->unproven);
  g_clear_object (&self->view);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_pointer (&self->asked, g_ptr_array_unref);
  g_clear_pointer (&self->tasks, g_ptr_array_unref);
  g_clear_pointer (&self->by_task, g_hash_table_unref);
  g_clear_pointer (&self->errands, g_ptr_array_unref);
  g_clear_object (&self->session);
}

/**
 * ferry_getter_run:
 * @console: where to show
 * @client: a client that is connected
 * @request: what to get
 * @mode: whether to wait for it
 *
 * Makes the tasks and, where they are waited for, shows how they go until nothing is left to wait
 * for.
 *
 * Returns: what the program is to end with
 */
FerryExit
ferry_getter_run (FerryConsole          *console,
                  FerryClient           *client,
                  const FerryGetRequest *request,
                  FerryGetterMode        mode)
{
  FerryGetter self = { .mode = mode, .verb = mode == FERRY_GETTER_WAIT ? "get" : "add" };

  getter_init (&self, console, client, request);
  ferry_getter_open_session (&self);
  if (!self.over)
    g_main_loop_run (self.loop);
  ferry_getter_acknowledge (&self);
  getter_clear (&self);
  return self.status;
}
