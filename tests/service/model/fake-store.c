/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fake-store.h"

typedef enum
{
  CALL_LOAD,
  CALL_ADD_SESSION,
  CALL_ADD_TASKS,
  CALL_SAVE_STATUS,
  CALL_CLOSE,
} CallKind;

/* A call that waits for its answer. */
typedef struct
{
  CallKind          kind;
  gboolean          is_late;
  GTask            *task;     /* owned */
  FerrydSessionRow *session;  /* owned; NULL: of another kind */
  GPtrArray        *tasks;    /* owned; NULL: of another kind */
  gint64            task_id;
  FerrydTaskStatus  status;   /* owned */
} Call;

struct _FakeStore
{
  GObject    parent_instance;

  GPtrArray *sessions;  /* owned; of FerrydSessionRow, by rising id */
  GPtrArray *tasks;     /* owned; of FerrydTaskRow; the id is the index + 1 */
  GQueue     calls;     /* of Call, owned */
  guint      n_writes;
  guint      n_late;
  gboolean   is_closing;
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
  ferryd_task_status_clear (&call->status);
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

static FerrydTaskRow *
find_task (FakeStore *self,
           gint64     id)
{
  if (id < 1 || id > self->tasks->len)
    return NULL;

  return self->tasks->pdata[id - 1];
}

static void
return_refusal (GTask      *task,
                FerryError  code)
{
  g_task_return_new_error (task, FERRY_ERROR, (int) code, "the test refused");
}

static GPtrArray *
copy_task_rows (GPtrArray *rows)
{
  GPtrArray *copy = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);

  for (guint i = 0; i < rows->len; i++)
    g_ptr_array_add (copy, ferryd_task_row_copy (rows->pdata[i]));

  return copy;
}

static void
return_added_tasks (FakeStore *self,
                    Call      *call)
{
  gint64 first = self->tasks->len + 1;

  for (guint i = 0; i < call->tasks->len; i++)
    (void) fake_store_take_task (self, ferryd_task_row_copy (call->tasks->pdata[i]));

  g_task_return_int (call->task, first);
}

static void
return_saved_status (FakeStore *self,
                     Call      *call)
{
  FerrydTaskRow *row = find_task (self, call->task_id);

  if (row == NULL)
    {
      return_refusal (call->task, FERRY_ERROR_NOT_FOUND);
      return;
    }

  ferryd_task_status_clear (&row->status);
  ferryd_task_status_copy (&call->status, &row->status);
  g_task_return_boolean (call->task, TRUE);
}

void
fake_store_answer (FakeStore *self)
{
  g_autoptr(Call) call = g_queue_pop_head (&self->calls);

  g_assert_nonnull (call);
  if (call->is_late)
    return_refusal (call->task, FERRY_ERROR_STORE);
  else if (call->kind == CALL_ADD_SESSION)
    g_task_return_int (call->task,
                       fake_store_take_session (self, g_steal_pointer (&call->session)));
  else if (call->kind == CALL_ADD_TASKS)
    return_added_tasks (self, call);
  else if (call->kind == CALL_SAVE_STATUS)
    return_saved_status (self, call);
  else
    g_task_return_boolean (call->task, TRUE);
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
                        GError       **error)
{
  FakeStore *self = FAKE_STORE (store);

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;

  *sessions = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_session_row_free);
  for (guint i = 0; i < self->sessions->len; i++)
    g_ptr_array_add (*sessions, ferryd_session_row_copy (self->sessions->pdata[i]));

  *tasks = copy_task_rows (self->tasks);
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
  push_call (store, CALL_ADD_TASKS, callback, user_data)->tasks = copy_task_rows (tasks);
}

static void
fake_store_save_status_async (FerrydStore            *store,
                              gint64                  task_id,
                              const FerrydTaskStatus *status,
                              GAsyncReadyCallback     callback,
                              gpointer                user_data)
{
  Call *call = push_call (store, CALL_SAVE_STATUS, callback, user_data);

  call->task_id = task_id;
  ferryd_task_status_copy (status, &call->status);
}

static gboolean
finish_boolean (FerrydStore   *store,
                GAsyncResult  *result,
                GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static gboolean
fake_store_checkpoint (FerrydStore       *store,
                       gint64             task_id,
                       const FerrydKept  *kept,
                       GError           **error)
{
  g_assert_not_reached ();  /* for workers, and no worker is here */
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
  iface->save_status_finish = finish_boolean;
  iface->checkpoint = fake_store_checkpoint;
  iface->close_async = fake_store_close_async;
  iface->close_finish = finish_boolean;
}

static void
fake_store_finalize (GObject *object)
{
  FakeStore *self = FAKE_STORE (object);

  g_queue_clear_full (&self->calls, (GDestroyNotify) call_free);
  g_clear_pointer (&self->sessions, g_ptr_array_unref);
  g_clear_pointer (&self->tasks, g_ptr_array_unref);

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
  self->sessions = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_session_row_free);
  self->tasks = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);
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
  g_ptr_array_add (self->sessions, row);
  row->id = self->sessions->len;
  return row->id;
}

gint64
fake_store_take_task (FakeStore     *self,
                      FerrydTaskRow *row)
{
  g_ptr_array_add (self->tasks, row);
  row->id = self->tasks->len;
  return row->id;
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
  FerrydTaskRow *row = find_task (self, task_id);

  g_assert_nonnull (row);
  return &row->status;
}

guint
fake_store_get_n_sessions (FakeStore *self)
{
  return self->sessions->len;
}
