/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-errand"

#include "config.h"

#include "common/url.h"
#include "errand.h"
#include "trouble.h"

/* How transfers are named; “ferry list” shows the number. */
#define NUMBER "#%" G_GUINT64_FORMAT

FerryErrand *
ferry_errand_new (const char *url)
{
  FerryErrand *self = g_new0 (FerryErrand, 1);

  self->url = url;
  self->transfer = ferry_transfer_new (url);
  return self;
}

void
ferry_errand_free (FerryErrand *self)
{
  g_clear_pointer (&self->transfer, ferry_transfer_free);
  g_free (self);
}

/**
 * ferry_errand_adopt:
 * @self: an errand
 * @path: the path of a task
 * @properties: its properties
 * @not_before: when the program began, in Unix µs
 *
 * Takes a task for the one that was asked for, if it is of this address and was made since: the
 * service may have ended between making it and saying so.
 *
 * Returns: whether it is the one
 */
gboolean
ferry_errand_adopt (FerryErrand *self,
                    const char  *path,
                    GVariant    *properties,
                    gint64       not_before)
{
  g_autofree char *mine = NULL;
  g_autofree char *its = NULL;
  const char *url = "";
  gint64 created = 0;

  if (self->stage != FERRY_ERRAND_NEW)
    return FALSE;

  /* The service tells addresses without their user part. */
  (void) g_variant_lookup (properties, "Url", "&s", &url);
  (void) g_variant_lookup (properties, "Created", "x", &created);
  mine = ferry_url_without_secrets (self->url);
  its = ferry_url_without_secrets (url);
  if (created < not_before || its == NULL || g_strcmp0 (mine, its) != 0)
    return FALSE;

  self->transfer->number = ferry_transfer_parse_number (path);
  self->stage = FERRY_ERRAND_MADE;
  return TRUE;
}

/**
 * ferry_errand_set_failed:
 * @self: an errand
 * @error: why the task could not be made, or is no more
 */
void
ferry_errand_set_failed (FerryErrand  *self,
                         const GError *error)
{
  g_autofree char *reason = ferry_trouble_explain (error);

  if (self->stage != FERRY_ERRAND_MADE)
    self->stage = FERRY_ERRAND_REFUSED;

  self->transfer->state = FERRY_TASK_STATE_FAILED;
  g_clear_pointer (&self->transfer->error_name, g_free);
  g_clear_pointer (&self->transfer->error_message, g_free);
  self->transfer->error_name = g_strdup ("");
  self->transfer->error_message = g_steal_pointer (&reason);
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
  return self->stage == FERRY_ERRAND_REFUSED ||
         (self->stage == FERRY_ERRAND_MADE && (ferry_transfer_is_over (self->transfer) ||
                                               ferry_transfer_needs_person (self->transfer)));
}

/* Of one that needs a person this program cannot do what is needed; of the others it can tell. */
static char *
make_complaint (FerryErrand *self)
{
  const FerryTransfer *transfer = self->transfer;
  g_autofree char *error = ferry_transfer_describe_error (transfer);

  if (self->stage == FERRY_ERRAND_REFUSED)
    return g_strdup_printf ("ferry get: %s was not begun: %s", transfer->name, error);
  if (transfer->state == FERRY_TASK_STATE_CANCELLED)
    return g_strdup_printf (NUMBER " cancelled: %s", transfer->number, transfer->name);
  if (transfer->state == FERRY_TASK_STATE_FAILED)
    return g_strdup_printf (NUMBER " failed: %s: %s", transfer->number, transfer->name, error);

  return g_strdup_printf (NUMBER " needs you: %s: %s; “ferry get” cannot do that, the transfer"
                          " stays in the list", transfer->number, transfer->name, error);
}

/**
 * ferry_errand_tell:
 * @self: an errand
 * @view: where to say it
 *
 * Says, once, what became of the transfer, if it is over or needs somebody.
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
  if (self->transfer->state == FERRY_TASK_STATE_FINISHED)
    {
      g_autofree char *result = ferry_transfer_describe_result (self->transfer);

      line = g_strdup_printf (NUMBER " finished: %s", self->transfer->number, result);
      ferry_view_print (view, line);
      return;
    }

  line = make_complaint (self);
  ferry_view_complain (view, line);
}
