/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include "common/error.h"
#include "store/database-private.h"

static void ferryd_database_store_init (FerrydStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerrydDatabase, ferryd_database, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_STORE,
                                                      ferryd_database_store_init))

static void
answer_load (FerrydDatabase *self,
             GTask          *task,
             FerrydRequest  *request)
{
  if (request->opening.moved_aside != NULL)
    {
      g_clear_pointer (&self->moved_aside, g_free);
      self->moved_aside = g_steal_pointer (&request->opening.moved_aside);
    }

  if (request->error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&request->error));
      ferryd_request_free (request);
      return;
    }

  g_clear_pointer (&self->hsts_hosts, g_ptr_array_unref);
  self->hsts_hosts = g_steal_pointer (&request->opening.hsts_hosts);

  /* The other arrays are in it. */
  g_task_return_pointer (task, request, (GDestroyNotify) ferryd_request_free);
}

static void
answer_close (FerrydDatabase *self)
{
  g_autoptr(GPtrArray) closing = g_steal_pointer (&self->closing);

  ferryd_worker_join (self->worker);
  self->closed = TRUE;
  for (guint i = 0; i < closing->len; i++)
    g_task_return_boolean (closing->pdata[i], TRUE);
}

/* In the main context. @request: (transfer full) */
static void
on_answer_cb (FerrydRequest *request)
{
  g_autoptr(GTask) task = g_steal_pointer (&request->task);
  FerrydDatabase *self = g_task_get_source_object (task);

  if (request->kind == FERRYD_REQUEST_LOAD)
    {
      answer_load (self, task, request);
      return;
    }

  if (request->kind == FERRYD_REQUEST_CLOSE)
    answer_close (self);
  else if (request->error != NULL)
    g_task_return_error (task, g_steal_pointer (&request->error));
  else
    g_task_return_pointer (task, g_memdup2 (&request->id, sizeof request->id), g_free);

  ferryd_request_free (request);
}

/* FerrydStore */

static void
ferryd_database_load_async (FerrydStore         *store,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  FerrydDatabase *self = FERRYD_DATABASE (store);
  FerrydRequest *request = ferryd_database_new_request (self, FERRYD_REQUEST_LOAD, cancellable,
                                                        TAG (ferryd_database_load_async),
                                                        callback, user_data);

  g_set_object (&request->cancellable, cancellable);
  ferryd_worker_ask (self->worker, request);
}

static gboolean
ferryd_database_load_finish (FerrydStore   *store,
                             GAsyncResult  *result,
                             GPtrArray    **sessions,
                             GPtrArray    **tasks,
                             GPtrArray    **events,
                             GError       **error)
{
  g_autoptr(FerrydRequest) request = g_task_propagate_pointer (G_TASK (result), error);

  if (request == NULL)
    return FALSE;

  *sessions = g_steal_pointer (&request->opening.sessions);
  *tasks = g_steal_pointer (&request->opening.tasks);
  *events = g_steal_pointer (&request->opening.events);
  return TRUE;
}

/* In a worker thread. The caller's @kept is read by the store's thread while the caller waits:
 * no copy. */
static gboolean
ferryd_database_checkpoint (FerrydStore       *store,
                            gint64             task_id,
                            const FerrydKept  *kept,
                            GError           **error)
{
  g_autoptr(FerrydWorker) worker = ferryd_worker_ref (FERRYD_DATABASE (store)->worker);
  g_autoptr(FerrydRequest) request = ferryd_request_new (FERRYD_REQUEST_CHECKPOINT, NULL);

  request->task_id = task_id;
  request->kept = kept;

  return ferryd_worker_call (worker, request, error);
}

static void
ferryd_database_close_async (FerrydStore         *store,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  FerrydDatabase *self = FERRYD_DATABASE (store);
  g_autoptr(GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, TAG (ferryd_database_close_async));

  if (self->closed)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  if (self->closing == NULL)
    {
      self->closing = g_ptr_array_new_with_free_func (g_object_unref);
      ferryd_worker_end (self->worker,
                         ferryd_request_new (FERRYD_REQUEST_CLOSE, g_object_ref (task)));
    }

  g_ptr_array_add (self->closing, g_steal_pointer (&task));
}

static gboolean
ferryd_database_close_finish (FerrydStore   *store,
                              GAsyncResult  *result,
                              GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
ferryd_database_store_init (FerrydStoreInterface *iface)
{
  iface->load_async = ferryd_database_load_async;
  iface->load_finish = ferryd_database_load_finish;
  iface->checkpoint = ferryd_database_checkpoint;
  iface->close_async = ferryd_database_close_async;
  iface->close_finish = ferryd_database_close_finish;
  ferryd_database_init_requests (iface);
}

/* GObject */

/* Without a close before: the thread finishes what it has, closes the file and ends by itself. */
static void
ferryd_database_finalize (GObject *object)
{
  FerrydDatabase *self = FERRYD_DATABASE (object);

  ferryd_worker_end (self->worker, NULL);
  ferryd_worker_unref (self->worker);
  g_clear_pointer (&self->hsts_hosts, g_ptr_array_unref);
  g_free (self->moved_aside);

  G_OBJECT_CLASS (ferryd_database_parent_class)->finalize (object);
}

static void
ferryd_database_class_init (FerrydDatabaseClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = ferryd_database_finalize;
}

static void
ferryd_database_init (FerrydDatabase *self)
{
}

/*
 * ferryd_database_new:
 * @path: the file; need not be there
 *
 * The answers come in the thread's default main context of now. The file is not touched before a
 * load.
 */
FerrydDatabase *
ferryd_database_new (const char *path)
{
  FerrydDatabase *self;

  g_return_val_if_fail (path != NULL, NULL);

  self = g_object_new (FERRYD_TYPE_DATABASE, NULL);
  self->worker = ferryd_worker_new (path, on_answer_cb);

  return self;
}

/*
 * ferryd_database_get_moved_aside:
 *
 * Returns: (nullable) (transfer none): the path to which the last load that found the file damaged
 * moved it
 */
const char *
ferryd_database_get_moved_aside (FerrydDatabase *self)
{
  g_return_val_if_fail (FERRYD_IS_DATABASE (self), NULL);

  return self->moved_aside;
}

/*
 * ferryd_database_get_hsts_hosts:
 *
 * Returns: (nullable) (transfer none): the FerrydHstsRow that the last load found
 */
GPtrArray *
ferryd_database_get_hsts_hosts (FerrydDatabase *self)
{
  g_return_val_if_fail (FERRYD_IS_DATABASE (self), NULL);

  return self->hsts_hosts;
}

static void
hsts_host_saved_cb (GObject      *object,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  /* The host will say it again with its next answer. */
  if (!ferryd_database_finish_request (result, NULL, &error))
    g_info ("That a host wants HTTPS could not be written: %s", error->message);
}

/*
 * ferryd_database_save_hsts_host:
 * @expires: Unix s; 0: forget the host
 *
 * Writes down what a host said of HTTPS. Nobody waits for it.
 */
void
ferryd_database_save_hsts_host (FerrydDatabase *self,
                                const char     *name,
                                gint64          expires,
                                gboolean        include_subdomains)
{
  FerrydRequest *request;

  g_return_if_fail (FERRYD_IS_DATABASE (self));

  request = ferryd_database_new_request (self, FERRYD_REQUEST_SAVE_HSTS, NULL,
                                         TAG (ferryd_database_save_hsts_host),
                                         hsts_host_saved_cb, NULL);
  request->hsts_host = ferryd_hsts_row_new (name, expires, include_subdomains);
  ferryd_worker_ask (self->worker, request);
}
