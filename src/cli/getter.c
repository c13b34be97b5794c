/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-getter"

#include "config.h"

#include <glib-unix.h>
#include <signal.h>

#include "getter-private.h"
#include "trouble.h"

/*
 * Calls in flight: enough for the service to write many tasks at once, and below the 128 that a bus
 * allows by default.
 */
#define MAX_CALLS 64

static void
leave (FerryGetter *self,
       FerryExit    status)
{
  self->over = TRUE;
  self->status = status;
  g_main_loop_quit (self->loop);
}

/* What stays in the service's hands: “#3, #4”; NULL: nothing. */
static char *
name_remaining (FerryGetter *self)
{
  g_autoptr(GString) names = g_string_new (NULL);

  for (guint i = 0; i < self->transfers->len; i++)
    {
      const FerryTransfer *transfer = g_ptr_array_index (self->transfers, i);

      if (transfer->number != 0 && !ferry_transfer_is_over (transfer))
        g_string_append_printf (names, "%s#%" G_GUINT64_FORMAT, names->len > 0 ? ", " : "",
                                transfer->number);
    }

  return names->len > 0 ? g_string_free (g_steal_pointer (&names), FALSE) : NULL;
}

static void
leave_interrupted (FerryGetter *self)
{
  g_autofree char *names = name_remaining (self);
  g_autoptr(GString) line = g_string_new ("ferry get: ");
  guint n_new = 0;

  for (guint i = 0; i < self->errands->len; i++)
    {
      FerryErrand *errand = g_ptr_array_index (self->errands, i);

      n_new += errand->stage == FERRY_ERRAND_NEW;
    }

  if (names != NULL)
    g_string_append_printf (line, "%s will go on without this program; “ferry list” shows how far",
                            names);
  else
    g_string_append (line, "interrupted; nothing is left to go on");
  if (n_new > 0)
    g_string_append_printf (line, "; of the addresses %u were not begun", n_new);

  ferry_view_end (self->view);
  ferry_view_complain (self->view, line->str);
  leave (self, self->leaving);
}

void
ferry_getter_give_up (FerryGetter  *self,
         const GError *error)
{
  g_autofree char *names = name_remaining (self);
  g_autofree char *reason = error != NULL ? ferry_trouble_explain (error)
                                          : g_strdup ("the transfer service ended again and again;"
                                                      " the log of your session says why");
  g_autofree char *line = NULL;

  if (names != NULL)
    line = g_strdup_printf ("ferry get: %s; %s will go on when it runs again", reason, names);
  else
    line = g_strdup_printf ("ferry get: %s", reason);

  ferry_view_end (self->view);
  ferry_view_complain (self->view, line);
  leave (self, FERRY_EXIT_NO_SERVICE);
}

static void
finish (FerryGetter *self)
{
  guint n_finished = 0;

  ferry_view_end (self->view);
  for (guint i = 0; i < self->errands->len; i++)
    {
      FerryErrand *errand = g_ptr_array_index (self->errands, i);

      if (errand->transfer->state == FERRY_TASK_STATE_FINISHED)
        n_finished++;
    }

  if (self->errands->len > 1)
    {
      g_autofree char *line = g_strdup_printf ("%u of %u transfers are finished", n_finished,
                                               self->errands->len);

      ferry_view_print (self->view, line);
    }

  leave (self, n_finished == self->errands->len ? FERRY_EXIT_DONE : FERRY_EXIT_FAILED);
}

/* After anything that may have been the last thing to wait for. */
void
ferry_getter_check_end (FerryGetter *self)
{
  gboolean unanswered = FALSE;

  if (self->over)
    return;

  for (guint i = 0; i < self->errands->len; i++)
    {
      FerryErrand *errand = g_ptr_array_index (self->errands, i);

      if (errand->stage == FERRY_ERRAND_ASKED)
        unanswered = TRUE;
    }

  if (self->leaving != FERRY_EXIT_DONE && !unanswered)
    {
      leave_interrupted (self);
      return;
    }

  for (guint i = 0; i < self->errands->len; i++)
    {
      if (!ferry_errand_is_done (g_ptr_array_index (self->errands, i)))
        return;
    }

  finish (self);
}

void
ferry_getter_show (FerryGetter *self,
      FerryErrand *errand)
{
  if (self->over)
    return;

  ferry_view_show (self->view, errand->transfer);
  ferry_errand_tell (errand, self->view);
}

FerryErrand *
ferry_getter_find (FerryGetter *self,
             guint64      number)
{
  for (guint i = 0; i < self->errands->len && number != 0; i++)
    {
      FerryErrand *errand = g_ptr_array_index (self->errands, i);

      if (errand->transfer->number == number)
        return errand;
    }

  return NULL;
}

static void
on_task_changed_cb (FerryGetter *self,
                    guint64      number,
                    GVariant    *properties)
{
  FerryErrand *errand = ferry_getter_find (self, number);

  if (errand == NULL)
    return;

  ferry_transfer_update (errand->transfer, properties);
  ferry_getter_show (self, errand);
  ferry_getter_check_end (self);
}

FerryGetterCall *
ferry_getter_begin_call (FerryGetter *self,
            FerryErrand *errand)
{
  FerryGetterCall *call = g_new0 (FerryGetterCall, 1);

  call->getter = self;
  call->errand = errand;
  self->n_calls++;
  return call;
}

static void
task_read_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autofree FerryGetterCall *call = user_data;
  FerryGetter *self = call->getter;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) properties = ferry_service_read_finish (self->service, result, &error);

  self->n_calls--;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
      (error != NULL && ferry_trouble_is_gone (error)))
    return;

  if (properties == NULL)
    ferry_errand_set_failed (call->errand, error);
  else if (!ferry_transfer_is_over (call->errand->transfer))
    ferry_transfer_update (call->errand->transfer, properties);
  ferry_getter_show (self, call->errand);
  ferry_getter_create_missing (self);
  ferry_getter_check_end (self);
}

static void
task_created_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autofree FerryGetterCall *call = user_data;
  FerryGetter *self = call->getter;
  FerryErrand *errand = call->errand;
  g_autoptr(GError) error = NULL;
  guint64 number = ferry_service_create_finish (self->service, result, &error);

  self->n_calls--;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (number != 0)
    {
      errand->transfer->number = number;
      errand->stage = FERRY_ERRAND_MADE;
      ferry_service_read_async (self->service, number, self->cancellable, task_read_cb,
                                ferry_getter_begin_call (self, errand));
    }
  else if (ferry_trouble_is_gone (error))
    {
      /* It may have been made all the same: asked again when the service is back. */
      errand->stage = FERRY_ERRAND_NEW;
      self->open = FALSE;
    }
  else
    {
      ferry_errand_set_failed (errand, error);
      ferry_getter_show (self, errand);
    }

  ferry_getter_create_missing (self);
  ferry_getter_check_end (self);
}

/* Asks for the tasks that are still to be made, a few at a time. */
void
ferry_getter_create_missing (FerryGetter *self)
{
  if (!self->open || self->leaving != FERRY_EXIT_DONE)
    return;

  for (guint i = 0; i < self->errands->len && self->n_calls < MAX_CALLS; i++)
    {
      FerryErrand *errand = g_ptr_array_index (self->errands, i);

      if (errand->stage != FERRY_ERRAND_NEW)
        continue;
      errand->stage = FERRY_ERRAND_ASKED;
      ferry_service_create_async (self->service, errand->url, self->options, self->cancellable,
                                  task_created_cb, ferry_getter_begin_call (self, errand));
    }
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
             FerryService          *service,
             const FerryGetRequest *request)
{
  self->service = service;
  self->options = request->options;
  self->errands = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_errand_free);
  self->transfers = g_ptr_array_new ();
  for (guint i = 0; i < request->urls->len; i++)
    {
      FerryErrand *errand = ferry_errand_new (g_ptr_array_index (request->urls, i));

      g_ptr_array_add (self->errands, errand);
      g_ptr_array_add (self->transfers, errand->transfer);
    }

  self->view = ferry_view_new (console, self->transfers);
  self->cancellable = g_cancellable_new ();
  self->loop = g_main_loop_new (NULL, FALSE);
  self->started = g_get_real_time ();
  self->interrupt_id = g_unix_signal_add (SIGINT, on_interrupt_cb, self);
  self->terminate_id = g_unix_signal_add (SIGTERM, on_terminate_cb, self);
  g_signal_connect_swapped (service, "task-changed", G_CALLBACK (on_task_changed_cb), self);
  g_signal_connect_swapped (service, "lost", G_CALLBACK (ferry_getter_handle_loss), self);
}

static void
getter_clear (FerryGetter *self)
{
  g_signal_handlers_disconnect_by_data (self->service, self);
  g_clear_handle_id (&self->reopen_id, g_source_remove);
  g_clear_handle_id (&self->interrupt_id, g_source_remove);
  g_clear_handle_id (&self->terminate_id, g_source_remove);

  g_cancellable_cancel (self->cancellable);
  while (self->n_calls > 0)
    (void) g_main_context_iteration (NULL, TRUE);

  g_clear_object (&self->view);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->loop, g_main_loop_unref);
  g_clear_pointer (&self->transfers, g_ptr_array_unref);
  g_clear_pointer (&self->errands, g_ptr_array_unref);
}

/**
 * ferry_getter_run:
 * @console: where to show
 * @service: the service, without an open session
 * @request: what to get
 *
 * Makes the transfers, and shows how they go until nothing is left to wait for.
 *
 * Returns: what the program is to end with
 */
FerryExit
ferry_getter_run (FerryConsole          *console,
                  FerryService          *service,
                  const FerryGetRequest *request)
{
  FerryGetter self = { NULL };

  getter_init (&self, console, service, request);
  ferry_getter_open_service (&self);
  g_main_loop_run (self.loop);
  ferry_service_acknowledge (self.service);
  getter_clear (&self);
  return self.status;
}
