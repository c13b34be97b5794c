/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-getter"

#include "config.h"

#include <string.h>

#include "getter-private.h"
#include "trouble.h"

/* The session of all runs of this program. */
#define SESSION_IDENTIFIER "ferry-cli"

/* Between two attempts to have the service back. */
#define REOPEN_MS 1000

static gboolean
on_time_to_reopen_cb (gpointer user_data)
{
  FerryGetter *self = user_data;

  self->reopen_id = 0;
  ferry_getter_open_service (self);
  return G_SOURCE_REMOVE;
}

/* Returns whether it may be asked for again. */
static gboolean
note_loss (FerryGetter *self)
{
  memmove (self->losses + 1, self->losses, sizeof self->losses - sizeof *self->losses);
  self->losses[0] = g_get_monotonic_time ();
  return self->losses[FERRY_GETTER_MAX_LOSSES - 1] == 0 ||
         self->losses[0] - self->losses[FERRY_GETTER_MAX_LOSSES - 1] > FERRY_GETTER_LOSSES_US;
}

void
ferry_getter_handle_loss (FerryGetter *self)
{
  self->lost = TRUE;
  self->open = FALSE;
  if (!note_loss (self))
    {
      ferry_getter_give_up (self, NULL);
      return;
    }

  ferry_view_complain (self->view,
                       "ferry get: the transfer service has ended; asking for it again");
  ferry_getter_open_service (self);
}

/* It could not be opened. At the beginning that is the end; later it may only need some time. */
static void
handle_failure (FerryGetter  *self,
                const GError *error)
{
  if (!self->lost || !note_loss (self))
    {
      ferry_getter_give_up (self, error);
      return;
    }

  self->reopen_id = g_timeout_add (REOPEN_MS, on_time_to_reopen_cb, self);
}

static void
take_over (FerryGetter *self,
           const char  *path,
           GVariant    *properties)
{
  FerryErrand *errand = ferry_getter_find (self, ferry_transfer_parse_number (path));

  for (guint i = 0; errand == NULL && i < self->errands->len; i++)
    {
      FerryErrand *candidate = g_ptr_array_index (self->errands, i);

      /* Asked of the one that ended before it answered. */
      if (ferry_errand_adopt (candidate, path, properties, self->started))
        errand = candidate;
    }

  if (errand == NULL)
    return;

  errand->seen = TRUE;
  ferry_transfer_update (errand->transfer, properties);
  ferry_getter_show (self, errand);
}

static void
finish_recovery (FerryGetter *self)
{
  for (guint i = 0; i < self->errands->len; i++)
    {
      FerryErrand *errand = g_ptr_array_index (self->errands, i);

      if (errand->stage == FERRY_ERRAND_MADE && !errand->seen &&
          !ferry_transfer_is_over (errand->transfer))
        {
          errand->transfer->state = FERRY_TASK_STATE_CANCELLED;
          ferry_getter_show (self, errand);
        }
      errand->seen = FALSE;
    }

  self->lost = FALSE;
  self->open = TRUE;
  ferry_view_complain (self->view, "ferry get: the transfer service is back");
  ferry_getter_create_missing (self);
  ferry_getter_check_end (self);
}

static void list_page (FerryGetter *self, guint64 before);

static void
page_listed_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autofree FerryGetterCall *call = user_data;
  FerryGetter *self = call->getter;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) page = ferry_service_list_finish (self->service, result, &error);
  gint64 created = 0;
  guint64 last = 0;
  GVariantIter iter;
  const char *path;
  GVariant *properties;

  self->n_calls--;
  if (page == NULL)
    {
      /* Losing it once more is told by its signal. */
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) &&
          !ferry_trouble_is_gone (error))
        ferry_getter_give_up (self, error);
      return;
    }

  g_variant_iter_init (&iter, page);
  while (g_variant_iter_loop (&iter, "(&o@a{sv})", &path, &properties))
    {
      take_over (self, path, properties);
      last = ferry_transfer_parse_number (path);
      created = 0;
      (void) g_variant_lookup (properties, "Created", "x", &created);
    }

  /* None of ours is older than we are. */
  if (last <= 1 || created < self->started)
    finish_recovery (self);
  else
    list_page (self, last);
}

static void
list_page (FerryGetter *self,
           guint64      before)
{
  ferry_service_list_async (self->service, NULL, before, self->cancellable, page_listed_cb,
                            ferry_getter_begin_call (self, NULL));
}

static void
service_opened_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autofree FerryGetterCall *call = user_data;
  FerryGetter *self = call->getter;
  g_autoptr(GError) error = NULL;
  gboolean open = ferry_service_open_finish (self->service, result, &error);

  self->n_calls--;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (!open)
    handle_failure (self, error);
  else if (self->lost)
    list_page (self, 0);
  else
    {
      self->open = TRUE;
      ferry_getter_create_missing (self);
    }
}

void
ferry_getter_open_service (FerryGetter *self)
{
  ferry_service_open_async (self->service, SESSION_IDENTIFIER, self->cancellable,
                            service_opened_cb, ferry_getter_begin_call (self, NULL));
}
