/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include "model/store.h"

G_DEFINE_INTERFACE (FerrydStore, ferryd_store, G_TYPE_OBJECT)

static void
ferryd_store_default_init (FerrydStoreInterface *iface)
{
}

static GVariant *
copy_variant (GVariant *variant)
{
  return variant != NULL ? g_variant_ref (variant) : NULL;
}

FerrydSessionRow *
ferryd_session_row_new (void)
{
  return g_new0 (FerrydSessionRow, 1);
}

FerrydSessionRow *
ferryd_session_row_copy (const FerrydSessionRow *row)
{
  FerrydSessionRow *copy = g_new0 (FerrydSessionRow, 1);

  *copy = *row;
  copy->app_id = g_strdup (row->app_id);
  copy->identifier = g_strdup (row->identifier);
  copy->configuration = copy_variant (row->configuration);
  copy->secret_names = copy_variant (row->secret_names);

  return copy;
}

void
ferryd_session_row_free (FerrydSessionRow *row)
{
  if (row == NULL)
    return;

  g_free (row->app_id);
  g_free (row->identifier);
  g_clear_pointer (&row->configuration, g_variant_unref);
  g_clear_pointer (&row->secret_names, g_variant_unref);
  g_free (row);
}

FerrydEvent *
ferryd_event_new (gint64      session_id,
                  gint64      task_id,
                  const char *kind,
                  GVariant   *details)
{
  FerrydEvent *event = g_new0 (FerrydEvent, 1);

  event->session_id = session_id;
  event->task_id = task_id;
  event->kind = g_strdup (kind);
  if (details == NULL)
    details = g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
  event->details = g_variant_ref_sink (details);
  event->created = g_get_real_time ();

  return event;
}

FerrydEvent *
ferryd_event_copy (const FerrydEvent *event)
{
  FerrydEvent *copy = g_new0 (FerrydEvent, 1);

  *copy = *event;
  copy->kind = g_strdup (event->kind);
  copy->details = g_variant_ref (event->details);

  return copy;
}

void
ferryd_event_free (FerrydEvent *event)
{
  if (event == NULL)
    return;

  g_free (event->kind);
  g_clear_pointer (&event->details, g_variant_unref);
  g_free (event);
}

static int
get_number (const FerrydEvent *event,
            const char        *key)
{
  guint number = 0;

  (void) g_variant_lookup (event->details, key, "u", &number);  /* stays 0 without */
  return (int) number;
}

FerrydHarvest
ferryd_event_get_harvest (const FerrydEvent *event)
{
  FerrydHarvest harvest = {
    .finished = g_str_equal (event->kind, FERRYD_EVENT_FINISHED) ? 1 : 0,
    .failed = g_str_equal (event->kind, FERRYD_EVENT_FAILED) ? 1 : 0,
    .cancelled = g_str_equal (event->kind, FERRYD_EVENT_CANCELLED) ? 1 : 0,
  };

  if (g_str_equal (event->kind, FERRYD_EVENT_SESSION_FINISHED))
    {
      harvest.finished = -get_number (event, "finished");
      harvest.failed = -get_number (event, "failed");
      harvest.cancelled = -get_number (event, "cancelled");
    }

  return harvest;
}

void
ferryd_harvest_add (FerrydHarvest       *harvest,
                    const FerrydHarvest *more)
{
  harvest->finished += more->finished;
  harvest->failed += more->failed;
  harvest->cancelled += more->cancelled;
}

/* Overwrites @copy without a look at what is in it. */
void
ferryd_task_status_copy (const FerrydTaskStatus *status,
                         FerrydTaskStatus       *copy)
{
  *copy = *status;
  copy->error_name = g_strdup (status->error_name);
  copy->error_message = g_strdup (status->error_message);
  copy->digest = g_strdup (status->digest);
  copy->metrics = copy_variant (status->metrics);
}

void
ferryd_task_status_clear (FerrydTaskStatus *status)
{
  g_clear_pointer (&status->error_name, g_free);
  g_clear_pointer (&status->error_message, g_free);
  g_clear_pointer (&status->digest, g_free);
  g_clear_pointer (&status->metrics, g_variant_unref);
}

FerrydTaskRow *
ferryd_task_row_new (void)
{
  FerrydTaskRow *row = g_new0 (FerrydTaskRow, 1);

  row->priority = FERRYD_DEFAULT_PRIORITY;
  row->kept = ferryd_kept_new ();

  return row;
}

FerrydTaskRow *
ferryd_task_row_copy (const FerrydTaskRow *row)
{
  FerrydTaskRow *copy = g_new0 (FerrydTaskRow, 1);

  *copy = *row;
  copy->url = g_strdup (row->url);
  copy->folder = g_strdup (row->folder);
  copy->options = copy_variant (row->options);
  copy->secret_names = copy_variant (row->secret_names);
  copy->description = g_strdup (row->description);
  copy->resume_key = row->resume_key != NULL ? g_bytes_ref (row->resume_key) : NULL;
  ferryd_task_status_copy (&row->status, &copy->status);
  copy->kept = ferryd_kept_copy (row->kept);

  return copy;
}

void
ferryd_task_row_free (FerrydTaskRow *row)
{
  if (row == NULL)
    return;

  g_free (row->url);
  g_free (row->folder);
  g_clear_pointer (&row->options, g_variant_unref);
  g_clear_pointer (&row->secret_names, g_variant_unref);
  g_free (row->description);
  g_clear_pointer (&row->resume_key, g_bytes_unref);
  ferryd_task_status_clear (&row->status);
  ferryd_kept_free (row->kept);
  g_free (row);
}

void
ferryd_store_load_async (FerrydStore         *self,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_return_if_fail (FERRYD_IS_STORE (self));

  FERRYD_STORE_GET_IFACE (self)->load_async (self, cancellable, callback, user_data);
}

gboolean
ferryd_store_load_finish (FerrydStore   *self,
                          GAsyncResult  *result,
                          GPtrArray    **sessions,
                          GPtrArray    **tasks,
                          GPtrArray    **events,
                          GError       **error)
{
  g_return_val_if_fail (FERRYD_IS_STORE (self), FALSE);

  return FERRYD_STORE_GET_IFACE (self)->load_finish (self, result, sessions, tasks, events, error);
}

void
ferryd_store_add_session_async (FerrydStore            *self,
                                const FerrydSessionRow *session,
                                GAsyncReadyCallback     callback,
                                gpointer                user_data)
{
  g_return_if_fail (FERRYD_IS_STORE (self));
  g_return_if_fail (session != NULL);

  FERRYD_STORE_GET_IFACE (self)->add_session_async (self, session, callback, user_data);
}

gint64
ferryd_store_add_session_finish (FerrydStore   *self,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  g_return_val_if_fail (FERRYD_IS_STORE (self), 0);

  return FERRYD_STORE_GET_IFACE (self)->add_session_finish (self, result, error);
}

void
ferryd_store_add_tasks_async (FerrydStore         *self,
                              GPtrArray           *tasks,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_return_if_fail (FERRYD_IS_STORE (self));
  g_return_if_fail (tasks != NULL && tasks->len > 0);

  FERRYD_STORE_GET_IFACE (self)->add_tasks_async (self, tasks, callback, user_data);
}

gint64
ferryd_store_add_tasks_finish (FerrydStore   *self,
                               GAsyncResult  *result,
                               GError       **error)
{
  g_return_val_if_fail (FERRYD_IS_STORE (self), 0);

  return FERRYD_STORE_GET_IFACE (self)->add_tasks_finish (self, result, error);
}

void
ferryd_store_save_status_async (FerrydStore            *self,
                                gint64                  task_id,
                                const FerrydTaskStatus *status,
                                const FerrydEvent      *event,
                                GAsyncReadyCallback     callback,
                                gpointer                user_data)
{
  g_return_if_fail (FERRYD_IS_STORE (self));
  g_return_if_fail (status != NULL);

  FERRYD_STORE_GET_IFACE (self)->save_status_async (self, task_id, status, event, callback,
                                                    user_data);
}

gboolean
ferryd_store_save_status_finish (FerrydStore   *self,
                                 GAsyncResult  *result,
                                 gint64        *serial,
                                 GError       **error)
{
  g_return_val_if_fail (FERRYD_IS_STORE (self), FALSE);

  return FERRYD_STORE_GET_IFACE (self)->save_status_finish (self, result, serial, error);
}

void
ferryd_store_save_task_async (FerrydStore         *self,
                              const FerrydTaskRow *task,
                              gboolean             with_kept,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_return_if_fail (FERRYD_IS_STORE (self));
  g_return_if_fail (task != NULL && task->id != 0);

  FERRYD_STORE_GET_IFACE (self)->save_task_async (self, task, with_kept, callback, user_data);
}

gboolean
ferryd_store_save_task_finish (FerrydStore   *self,
                               GAsyncResult  *result,
                               GError       **error)
{
  g_return_val_if_fail (FERRYD_IS_STORE (self), FALSE);

  return FERRYD_STORE_GET_IFACE (self)->save_task_finish (self, result, error);
}

void
ferryd_store_remove_tasks_async (FerrydStore         *self,
                                 const gint64        *ids,
                                 guint                n,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  g_return_if_fail (FERRYD_IS_STORE (self));

  FERRYD_STORE_GET_IFACE (self)->remove_tasks_async (self, ids, n, callback, user_data);
}

gboolean
ferryd_store_remove_tasks_finish (FerrydStore   *self,
                                  GAsyncResult  *result,
                                  GError       **error)
{
  g_return_val_if_fail (FERRYD_IS_STORE (self), FALSE);

  return FERRYD_STORE_GET_IFACE (self)->remove_tasks_finish (self, result, error);
}

void
ferryd_store_save_session_async (FerrydStore            *self,
                                 const FerrydSessionRow *session,
                                 const FerrydEvent      *event,
                                 GAsyncReadyCallback     callback,
                                 gpointer                user_data)
{
  g_return_if_fail (FERRYD_IS_STORE (self));
  g_return_if_fail (session != NULL && session->id != 0);

  FERRYD_STORE_GET_IFACE (self)->save_session_async (self, session, event, callback, user_data);
}

gboolean
ferryd_store_save_session_finish (FerrydStore   *self,
                                  GAsyncResult  *result,
                                  gint64        *serial,
                                  GError       **error)
{
  g_return_val_if_fail (FERRYD_IS_STORE (self), FALSE);

  return FERRYD_STORE_GET_IFACE (self)->save_session_finish (self, result, serial, error);
}

void
ferryd_store_remove_session_async (FerrydStore         *self,
                                   gint64               session_id,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  g_return_if_fail (FERRYD_IS_STORE (self));

  FERRYD_STORE_GET_IFACE (self)->remove_session_async (self, session_id, callback, user_data);
}

gboolean
ferryd_store_remove_session_finish (FerrydStore   *self,
                                    GAsyncResult  *result,
                                    GError       **error)
{
  g_return_val_if_fail (FERRYD_IS_STORE (self), FALSE);

  return FERRYD_STORE_GET_IFACE (self)->remove_session_finish (self, result, error);
}

void
ferryd_store_acknowledge_async (FerrydStore         *self,
                                gint64               session_id,
                                gint64               serial,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_return_if_fail (FERRYD_IS_STORE (self));

  FERRYD_STORE_GET_IFACE (self)->acknowledge_async (self, session_id, serial, callback, user_data);
}

gboolean
ferryd_store_acknowledge_finish (FerrydStore   *self,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  g_return_val_if_fail (FERRYD_IS_STORE (self), FALSE);

  return FERRYD_STORE_GET_IFACE (self)->acknowledge_finish (self, result, error);
}

gboolean
ferryd_store_checkpoint (FerrydStore       *self,
                         gint64             task_id,
                         const FerrydKept  *kept,
                         GError           **error)
{
  g_return_val_if_fail (FERRYD_IS_STORE (self), FALSE);
  g_return_val_if_fail (kept != NULL, FALSE);

  return FERRYD_STORE_GET_IFACE (self)->checkpoint (self, task_id, kept, error);
}

void
ferryd_store_close_async (FerrydStore         *self,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_return_if_fail (FERRYD_IS_STORE (self));

  FERRYD_STORE_GET_IFACE (self)->close_async (self, callback, user_data);
}

gboolean
ferryd_store_close_finish (FerrydStore   *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (FERRYD_IS_STORE (self), FALSE);

  return FERRYD_STORE_GET_IFACE (self)->close_finish (self, result, error);
}
