/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include "store/database-private.h"

FerrydRequest *
ferryd_database_new_request (FerrydDatabase      *self,
                             FerrydRequestKind    kind,
                             GCancellable        *cancellable,
                             gpointer             source_tag,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, source_tag);

  return ferryd_request_new (kind, task);
}

/*
 * ferryd_database_finish_request:
 * @id: (out) (nullable): of the (first) row that was added; 0: none was
 *
 * Ends one that wrote.
 */
gboolean
ferryd_database_finish_request (GAsyncResult  *result,
                                gint64        *id,
                                GError       **error)
{
  g_autofree gint64 *added = g_task_propagate_pointer (G_TASK (result), error);

  if (id != NULL)
    *id = added != NULL ? *added : 0;

  return added != NULL;
}

static FerrydRequest *
new_write (FerrydStore         *store,
           FerrydRequestKind    kind,
           gpointer             source_tag,
           GAsyncReadyCallback  callback,
           gpointer             user_data)
{
  return ferryd_database_new_request (FERRYD_DATABASE (store), kind, NULL, source_tag,
                                      callback, user_data);
}

/* @request: (transfer full) */
static void
ask (FerrydStore   *store,
     FerrydRequest *request)
{
  ferryd_worker_ask (FERRYD_DATABASE (store)->worker, request);
}

static gint64
finish_insert (FerrydStore   *store,
               GAsyncResult  *result,
               GError       **error)
{
  gint64 id = 0;

  (void) ferryd_database_finish_request (result, &id, error);  /* 0 says so as well */
  return id;
}

static gboolean
finish_with_event (FerrydStore   *store,
                   GAsyncResult  *result,
                   gint64        *serial,
                   GError       **error)
{
  return ferryd_database_finish_request (result, serial, error);
}

static gboolean
finish_write (FerrydStore   *store,
              GAsyncResult  *result,
              GError       **error)
{
  return ferryd_database_finish_request (result, NULL, error);
}

/* FerrydStore */

static void
ferryd_database_add_session_async (FerrydStore            *store,
                                   const FerrydSessionRow *session,
                                   GAsyncReadyCallback     callback,
                                   gpointer                user_data)
{
  FerrydRequest *request = new_write (store, FERRYD_REQUEST_ADD_SESSION,
                                      TAG (ferryd_database_add_session_async),
                                      callback, user_data);

  request->session = ferryd_session_row_copy (session);
  ask (store, request);
}

static void
ferryd_database_add_tasks_async (FerrydStore         *store,
                                 GPtrArray           *tasks,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  FerrydRequest *request = new_write (store, FERRYD_REQUEST_ADD_TASKS,
                                      TAG (ferryd_database_add_tasks_async),
                                      callback, user_data);

  request->tasks = g_ptr_array_new_full (tasks->len, (GDestroyNotify) ferryd_task_row_free);
  for (guint i = 0; i < tasks->len; i++)
    g_ptr_array_add (request->tasks, ferryd_task_row_copy (tasks->pdata[i]));
  ask (store, request);
}

static void
ferryd_database_save_status_async (FerrydStore            *store,
                                   gint64                  task_id,
                                   const FerrydTaskStatus *status,
                                   const FerrydEvent      *event,
                                   GAsyncReadyCallback     callback,
                                   gpointer                user_data)
{
  FerrydRequest *request = new_write (store, FERRYD_REQUEST_SAVE_STATUS,
                                      TAG (ferryd_database_save_status_async),
                                      callback, user_data);

  request->task_id = task_id;
  ferryd_task_status_copy (status, &request->status);
  request->event = event != NULL ? ferryd_event_copy (event) : NULL;
  ask (store, request);
}

static void
ferryd_database_save_task_async (FerrydStore         *store,
                                 const FerrydTaskRow *task,
                                 gboolean             with_kept,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  FerrydRequest *request = new_write (store, FERRYD_REQUEST_SAVE_TASK,
                                      TAG (ferryd_database_save_task_async),
                                      callback, user_data);

  request->row = ferryd_task_row_copy (task);
  request->with_kept = with_kept;
  ask (store, request);
}

static void
ferryd_database_remove_tasks_async (FerrydStore         *store,
                                    const gint64        *ids,
                                    guint                n,
                                    GAsyncReadyCallback  callback,
                                    gpointer             user_data)
{
  FerrydRequest *request = new_write (store, FERRYD_REQUEST_REMOVE_TASKS,
                                      TAG (ferryd_database_remove_tasks_async),
                                      callback, user_data);

  request->ids = g_array_sized_new (FALSE, FALSE, sizeof *ids, n);
  g_array_append_vals (request->ids, ids, n);
  ask (store, request);
}

static void
ferryd_database_save_session_async (FerrydStore            *store,
                                    const FerrydSessionRow *session,
                                    const FerrydEvent      *event,
                                    GAsyncReadyCallback     callback,
                                    gpointer                user_data)
{
  FerrydRequest *request = new_write (store, FERRYD_REQUEST_SAVE_SESSION,
                                      TAG (ferryd_database_save_session_async),
                                      callback, user_data);

  request->session = ferryd_session_row_copy (session);
  request->event = event != NULL ? ferryd_event_copy (event) : NULL;
  ask (store, request);
}

static void
ferryd_database_remove_session_async (FerrydStore         *store,
                                      gint64               session_id,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data)
{
  FerrydRequest *request = new_write (store, FERRYD_REQUEST_REMOVE_SESSION,
                                      TAG (ferryd_database_remove_session_async),
                                      callback, user_data);

  request->session_id = session_id;
  ask (store, request);
}

static void
ferryd_database_acknowledge_async (FerrydStore         *store,
                                   gint64               session_id,
                                   gint64               serial,
                                   GAsyncReadyCallback  callback,
                                   gpointer             user_data)
{
  FerrydRequest *request = new_write (store, FERRYD_REQUEST_ACKNOWLEDGE,
                                      TAG (ferryd_database_acknowledge_async),
                                      callback, user_data);

  request->session_id = session_id;
  request->serial = serial;
  ask (store, request);
}

void
ferryd_database_init_requests (FerrydStoreInterface *iface)
{
  iface->add_session_async = ferryd_database_add_session_async;
  iface->add_session_finish = finish_insert;
  iface->add_tasks_async = ferryd_database_add_tasks_async;
  iface->add_tasks_finish = finish_insert;
  iface->save_status_async = ferryd_database_save_status_async;
  iface->save_status_finish = finish_with_event;
  iface->save_task_async = ferryd_database_save_task_async;
  iface->save_task_finish = finish_write;
  iface->remove_tasks_async = ferryd_database_remove_tasks_async;
  iface->remove_tasks_finish = finish_write;
  iface->save_session_async = ferryd_database_save_session_async;
  iface->save_session_finish = finish_with_event;
  iface->remove_session_async = ferryd_database_remove_session_async;
  iface->remove_session_finish = finish_write;
  iface->acknowledge_async = ferryd_database_acknowledge_async;
  iface->acknowledge_finish = finish_write;
}
