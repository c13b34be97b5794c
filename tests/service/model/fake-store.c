/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fake-rows.h"
#include "fake-store.h"

typedef enum
{
  CALL_LOAD,
  CALL_ADD_SESSION,
  CALL_ADD_TASKS,
  CALL_SAVE_STATUS,
  CALL_SAVE_TASK,
  CALL_REMOVE_TASKS,
  CALL_SAVE_SESSION,
  CALL_REMOVE_SESSION,
  CALL_ACKNOWLEDGE,
  CALL_CLOSE,
} CallKind;

/* A call that waits for its answer. */
typedef struct
{
  CallKind          kind;
  gboolean          is_late;
  GTask            *task;     /* owned */
  FerrydSessionRow *session;  /* owned; NULL: of another kind */
  GPtrArray        *tasks;    /* owned; to add, or the one to save. NULL: of another kind */
  gboolean          with_kept;
  GArray           *ids;      /* owned; gint64, of tasks to remove. NULL: of another kind */
  gint64            task_id;
  gint64            session_id;
  gint64            serial;   /* the last that is acknowledged */
  FerrydTaskStatus  status;   /* owned */
  FerrydEvent      *event;    /* owned; to add with a status or a session. NULL: none */
} Call;

struct _FakeStore
{
  GObject   parent_instance;

  FakeRows  rows;
  GQueue    calls;       /* of Call, owned */
  guint     n_writes;
  guint     n_late;
  gboolean  is_closing;
};

static void fake_store_store_init (FerrydStoreInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeStore, fake_store, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRYD_TYPE_STORE, fake_store_store_init))

static void
call_free (Call *call)
{
  g_clear_object (&call->task);
  g_clear_pointer (&call->session, ferryd_session_row_free);
  g_clear_pointer (&call->tasks, g_ptr_array_unref);
  g_clear_pointer (&call->ids, g_array_unref);
  ferryd_task_status_clear (&call->status);
  ferryd_event_free (call->event);
  g_free (call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Call, call_free)

static Call *
push_call (FerrydStore         *store,
           CallKind             kind,
           GAsyncReadyCallback  callback,
           gpointer             user_data)
{
  FakeStore *self = FAKE_STORE (store);
  Call *call = g_new0 (Call, 1);

  call->kind = kind;
  call->is_late = self->is_closing;
  call->task = g_task_new (self, NULL, callback, user_data);
  if (kind != CALL_LOAD && kind != CALL_CLOSE)
    {
      self->n_writes++;
      self->n_late += call->is_late ? 1 : 0;
    }

  g_queue_push_tail (&self->calls, call);
  return call;
}

static void
return_refusal (GTask      *task,
                FerryError  code)
{
  g_task_return_new_error (task, FERRY_ERROR, (int) code, "the test refused");
}

static void
do_call (FakeRows *rows,
         Call     *call)
{
  gboolean found = TRUE;
  gint64 number = 0;  /* an id or a serial, of a call that brings one */

  switch (call->kind)
    {
    case CALL_ADD_SESSION:
      number = fake_rows_take_session (rows, g_steal_pointer (&call->session));
      break;

    case CALL_ADD_TASKS:
      number = fake_rows_add_tasks (rows, call->tasks);
      found = number != 0;
      break;

    case CALL_SAVE_STATUS:
      found = fake_rows_save_status (rows, call->task_id, &call->status, call->event, &number);
      break;

    case CALL_SAVE_TASK:
      found = fake_rows_save_task (rows, call->tasks->pdata[0], call->with_kept);
      break;

    case CALL_REMOVE_TASKS:
      fake_rows_remove_tasks (rows, call->ids);
      break;

    case CALL_SAVE_SESSION:
      found = fake_rows_save_session (rows, call->session, call->event, &number);
      break;

    case CALL_REMOVE_SESSION:
      fake_rows_remove_session (rows, call->session_id);
      break;

    case CALL_ACKNOWLEDGE:
      fake_rows_acknowledge (rows, call->session_id, call->serial);
      break;

    case CALL_LOAD:
    case CALL_CLOSE:
      break;

    default:
      g_assert_not_reached ();
    }

  if (found)
    g_task_return_int (call->task, number);
  else
    return_refusal (call->task, FERRY_ERROR_NOT_FOUND);
}

void
fake_store_answer (FakeStore *self)
{
  g_autoptr(Call) call = g_queue_pop_head (&self->calls);

  g_assert_nonnull (call);
  if (call->is_late)
    return_refusal (call->task, FERRY_ERROR_STORE);
  else
    do_call (&self->rows, call);
}

void
fake_store_refuse (FakeStore  *self,
                   FerryError  code)
{
  g_autoptr(Call) call = g_queue_pop_head (&self->calls);

  g_assert_nonnull (call);
  return_refusal (call->task, code);
}

static void
fake_store_load_async (FerrydStore         *store,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  (void) push_call (store, CALL_LOAD, callback, user_data);
}

static gboolean
fake_store_load_finish (FerrydStore   *store,
                        GAsyncResult  *result,
                        GPtrArray    **sessions,
                        GPtrArray    **tasks,
                        GPtrArray    **events,
                        GError       **error)
{
  FakeStore *self = FAKE_STORE (store);

  if (g_task_propagate_int (G_TASK (result), error) < 0)
    return FALSE;

  *sessions = fake_rows_copy_sessions (&self->rows);
  *tasks = fake_rows_copy_tasks (self->rows.tasks);
  *events = fake_rows_copy_events (&self->rows);
  return TRUE;
}

static void
fake_store_add_session_async (FerrydStore            *store,
                              const FerrydSessionRow *session,
                              GAsyncReadyCallback     callback,
                              gpointer                user_data)
{
  push_call (store, CALL_ADD_SESSION, callback, user_data)->session =
    ferryd_session_row_copy (session);
}

/* 0 is no id: an error has nothing else to say. */
static gint64
finish_id (FerrydStore   *store,
           GAsyncResult  *result,
           GError       **error)
{
  gint64 id = g_task_propagate_int (G_TASK (result), error);

  return id > 0 ? id : 0;
}

static void
fake_store_add_tasks_async (FerrydStore         *store,
                            GPtrArray           *tasks,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  push_call (store, CALL_ADD_TASKS, callback, user_data)->tasks = fake_rows_copy_tasks (tasks);
}

static void
fake_store_save_status_async (FerrydStore            *store,
                              gint64                  task_id,
                              const FerrydTaskStatus *status,
                              const FerrydEvent      *event,
                              GAsyncReadyCallback     callback,
                              gpointer                user_data)
{
  Call *call = push_call (store, CALL_SAVE_STATUS, callback, user_data);

  call->task_id = task_id;
  ferryd_task_status_copy (status, &call->status);
  call->event = event != NULL ? ferryd_event_copy (event) : NULL;
}

/* @serial: 0 when the call had no event */
static gboolean
finish_with_event (FerrydStore   *store,
                   GAsyncResult  *result,
                   gint64        *serial,
                   GError       **error)
{
  gint64 number = g_task_propagate_int (G_TASK (result), error);

  if (serial != NULL)
    *serial = MAX (number, 0);

  return number >= 0;
}

static void
fake_store_save_task_async (FerrydStore         *store,
                            const FerrydTaskRow *task,
                            gboolean             with_kept,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  Call *call = push_call (store, CALL_SAVE_TASK, callback, user_data);

  call->tasks = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);
  g_ptr_array_add (call->tasks, ferryd_task_row_copy (task));
  call->with_kept = with_kept;
}

static void
fake_store_remove_tasks_async (FerrydStore         *store,
                               const gint64        *ids,
                               guint                n,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  Call *call = push_call (store, CALL_REMOVE_TASKS, callback, user_data);

  call->ids = g_array_new (FALSE, FALSE, sizeof *ids);
  g_array_append_vals (call->ids, ids, n);
}

static void
fake_store_save_session_async (FerrydStore            *store,
                               const FerrydSessionRow *session,
                               const FerrydEvent      *event,
                               GAsyncReadyCallback     callback,
                               gpointer                user_data)
{
  Call *call = push_call (store, CALL_SAVE_SESSION, callback, user_data);

  call->session = ferryd_session_row_copy (session);
  call->event = event != NULL ? ferryd_event_copy (event) : NULL;
}

static void
fake_store_remove_session_async (FerrydStore         *store,
                                 gint64               session_id,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  push_call (store, CALL_REMOVE_SESSION, callback, user_data)->session_id = session_id;
}

static void
fake_store_acknowledge_async (FerrydStore         *store,
                              gint64               session_id,
                              gint64               serial,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  Call *call = push_call (store, CALL_ACKNOWLEDGE, callback, user_data);

  call->session_id = session_id;
  call->serial = serial;
}

static gboolean
finish_call (FerrydStore   *store,
             GAsyncResult  *result,
             GError       **error)
{
  return g_task_propagate_int (G_TASK (result), error) >= 0;
}

static gboolean
fake_store_checkpoint (FerrydStore       *store,
                       gint64             task_id,
                       const FerrydKept  *kept,
                       GError           **error)
{
  return fake_rows_save_kept (&FAKE_STORE (store)->rows, task_id, kept);
}

static void
fake_store_close_async (FerrydStore         *store,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_assert_false (FAKE_STORE (store)->is_closing);
  (void) push_call (store, CALL_CLOSE, callback, user_data);
  FAKE_STORE (store)->is_closing = TRUE;
}

static void
fake_store_store_init (FerrydStoreInterface *iface)
{
  iface->load_async = fake_store_load_async;
  iface->load_finish = fake_store_load_finish;
  iface->add_session_async = fake_store_add_session_async;
  iface->add_session_finish = finish_id;
  iface->add_tasks_async = fake_store_add_tasks_async;
  iface->add_tasks_finish = finish_id;
  iface->save_status_async = fake_store_save_status_async;
  iface->save_status_finish = finish_with_event;
  iface->save_task_async = fake_store_save_task_async;
  iface->save_task_finish = finish_call;
  iface->remove_tasks_async = fake_store_remove_tasks_async;
  iface->remove_tasks_finish = finish_call;
  iface->save_session_async = fake_store_save_session_async;
  iface->save_session_finish = finish_with_event;
  iface->remove_session_async = fake_store_remove_session_async;
  iface->remove_session_finish = finish_call;
  iface->acknowledge_async = fake_store_acknowledge_async;
  iface->acknowledge_finish = finish_call;
  iface->checkpoint = fake_store_checkpoint;
  iface->close_async = fake_store_close_async;
  iface->close_finish = finish_call;
}

static void
fake_store_finalize (GObject *object)
{
  FakeStore *self = FAKE_STORE (object);

  g_queue_clear_full (&self->calls, (GDestroyNotify) call_free);
  fake_rows_clear (&self->rows);

  G_OBJECT_CLASS (fake_store_parent_class)->finalize (object);
}

static void
fake_store_class_init (FakeStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fake_store_finalize;
}

static void
fake_store_init (FakeStore *self)
{
  fake_rows_init (&self->rows);
  g_queue_init (&self->calls);
}

FakeStore *
fake_store_new (void)
{
  return g_object_new (FAKE_TYPE_STORE, NULL);
}

gint64
fake_store_take_session (FakeStore        *self,
                         FerrydSessionRow *row)
{
  return fake_rows_take_session (&self->rows, row);
}

gint64
fake_store_take_task (FakeStore     *self,
                      FerrydTaskRow *row)
{
  return fake_rows_take_task (&self->rows, row);
}

gint64
fake_store_take_event (FakeStore   *self,
                       FerrydEvent *event)
{
  return fake_rows_take_event (&self->rows, event);
}

guint
fake_store_get_n_waiting (FakeStore *self)
{
  return self->calls.length;
}

guint
fake_store_get_n_writes (FakeStore *self)
{
  return self->n_writes;
}

guint
fake_store_get_n_late (FakeStore *self)
{
  return self->n_late;
}

gboolean
fake_store_is_closing (FakeStore *self)
{
  return self->is_closing;
}

const FerrydTaskStatus *
fake_store_get_status (FakeStore *self,
                       gint64     task_id)
{
  FerrydTaskRow *row = fake_rows_find_task (&self->rows, task_id);

  g_assert_nonnull (row);
  return &row->status;
}

const FerrydTaskRow *
fake_store_get_task (FakeStore *self,
                     gint64     task_id)
{
  return fake_rows_find_task (&self->rows, task_id);
}

const FerrydSessionRow *
fake_store_get_session (FakeStore *self,
                        gint64     session_id)
{
  return fake_rows_find_session (&self->rows, session_id);
}

GPtrArray *
fake_store_get_events (FakeStore *self)
{
  return self->rows.events;
}

guint
fake_store_get_n_tasks (FakeStore *self)
{
  guint n = 0;

  for (guint i = 0; i < self->rows.tasks->len; i++)
    n += self->rows.tasks->pdata[i] != NULL ? 1 : 0;

  return n;
}

guint
fake_store_get_n_sessions (FakeStore *self)
{
  return self->rows.sessions->len;
}
