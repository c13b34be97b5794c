/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include "common/error.h"
#include "store/event-rows.h"
#include "store/request.h"
#include "store/session-rows.h"
#include "store/task-rows.h"

static const char savepoint[] = "SAVEPOINT request";
static const char rollback_to[] = "ROLLBACK TO request";
static const char release[] = "RELEASE request";

/* @task: (transfer full) (nullable) */
FerrydRequest *
ferryd_request_new (FerrydRequestKind  kind,
                    GTask             *task)
{
  FerrydRequest *self = g_new0 (FerrydRequest, 1);

  self->kind = kind;
  self->task = task;
  if (task == NULL)
    {
      self->bell = g_atomic_rc_box_new0 (GCond);
      g_cond_init (self->bell);
    }

  return self;
}

void
ferryd_request_drop_bell (GCond *bell)
{
  g_atomic_rc_box_release_full (bell, (GDestroyNotify) g_cond_clear);
}

void
ferryd_request_free (FerrydRequest *self)
{
  if (self == NULL)
    return;

  g_clear_object (&self->task);
  g_clear_object (&self->cancellable);
  ferryd_session_row_free (self->session);
  g_clear_pointer (&self->tasks, g_ptr_array_unref);
  ferryd_task_row_free (self->row);
  g_clear_pointer (&self->ids, g_array_unref);
  ferryd_task_status_clear (&self->status);
  ferryd_event_free (self->event);
  g_clear_pointer (&self->hsts_host, ferryd_hsts_row_free);
  g_clear_error (&self->error);
  ferryd_opening_clear (&self->opening);
  g_clear_pointer (&self->bell, ferryd_request_drop_bell);
  g_free (self);
}

/* The ids rise by one each: AUTOINCREMENT takes the next of the highest ever, and nobody else
 * writes. */
static gboolean
add_tasks (FerrydRequest  *self,
           FerrydDb       *db,
           GError        **error)
{
  for (guint i = 0; i < self->tasks->len; i++)
    {
      gint64 id = ferryd_task_rows_add (db, self->tasks->pdata[i], error);

      if (id == 0)
        return FALSE;
      if (i == 0)
        self->id = id;
      g_assert (id == self->id + i);
    }

  return TRUE;
}

static gboolean
add_event (FerrydRequest  *self,
           FerrydDb       *db,
           GError        **error)
{
  if (self->event == NULL)
    return TRUE;

  self->id = ferryd_event_rows_add (db, self->event, error);
  return self->id != 0 && ferryd_session_rows_reap (db, self->event, error);
}

static gboolean
save_task (FerrydRequest  *self,
           FerrydDb       *db,
           GError        **error)
{
  return ferryd_task_rows_save_settings (db, self->row, error)
         && (!self->with_kept
             || ferryd_task_rows_save_kept (db, self->row->id, self->row->kept, error));
}

static gboolean
remove_tasks (FerrydRequest  *self,
              FerrydDb       *db,
              GError        **error)
{
  for (guint i = 0; i < self->ids->len; i++)
    if (!ferryd_task_rows_remove (db, g_array_index (self->ids, gint64, i), error))
      return FALSE;

  return TRUE;
}

static gboolean
write_rows (FerrydRequest  *self,
            FerrydDb       *db,
            GError        **error)
{
  switch (self->kind)
    {
    case FERRYD_REQUEST_ADD_SESSION:
      self->id = ferryd_session_rows_add (db, self->session, error);
      return self->id != 0;

    case FERRYD_REQUEST_ADD_TASKS:
      return add_tasks (self, db, error);

    case FERRYD_REQUEST_SAVE_STATUS:
      return ferryd_task_rows_save_status (db, self->task_id, &self->status, error)
             && add_event (self, db, error);

    case FERRYD_REQUEST_SAVE_TASK:
      return save_task (self, db, error);

    case FERRYD_REQUEST_REMOVE_TASKS:
      return remove_tasks (self, db, error);

    case FERRYD_REQUEST_SAVE_SESSION:
      return ferryd_session_rows_save (db, self->session, error) && add_event (self, db, error);

    case FERRYD_REQUEST_REMOVE_SESSION:
      return ferryd_session_rows_remove (db, self->session_id, error);

    case FERRYD_REQUEST_ACKNOWLEDGE:
      return ferryd_event_rows_acknowledge (db, self->session_id, self->serial, error);

    case FERRYD_REQUEST_CHECKPOINT:
      return ferryd_task_rows_save_kept (db, self->task_id, self->kept, error);

    case FERRYD_REQUEST_SAVE_HSTS:
      return ferryd_hsts_rows_save (db, self->hsts_host, error);

    case FERRYD_REQUEST_LOAD:
    case FERRYD_REQUEST_CLOSE:
    default:
      g_assert_not_reached ();
    }
}

static gboolean
has_several_statements (FerrydRequest *self)
{
  return self->kind == FERRYD_REQUEST_ADD_TASKS || self->kind == FERRYD_REQUEST_CHECKPOINT
         || self->kind == FERRYD_REQUEST_REMOVE_TASKS || self->with_kept || self->event != NULL;
}

/* Whether @error is the request's own fault: SQLite and the transaction are as well as before. */
static gboolean
is_own_fault (const GError *error)
{
  return error->domain == FERRY_ERROR
         || g_error_matches (error, FERRYD_DB_ERROR, FERRYD_DB_ERROR_CONSTRAINT)
         || g_error_matches (error, FERRYD_DB_ERROR, FERRYD_DB_ERROR_FOREIGN_KEY);
}

/*
 * ferryd_request_write:
 * @error: why the transaction around it is of no use any more
 *
 * Writes what @self wants, or nothing of it. What is its own fault it keeps as its own answer: its
 * neighbours in the transaction do not see it. The savepoint makes several statements one; a single
 * statement undoes itself.
 *
 * Returns: %FALSE if the whole transaction has failed
 */
gboolean
ferryd_request_write (FerrydRequest  *self,
                      FerrydDb       *db,
                      GError        **error)
{
  g_autoptr(GError) failure = NULL;
  gboolean several = has_several_statements (self);

  if (several && !ferryd_db_run_cached (db, savepoint, error))
    return FALSE;

  if (!write_rows (self, db, &failure))
    {
      if (!is_own_fault (failure) || !ferryd_db_in_transaction (db))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }

      self->error = g_steal_pointer (&failure);
      if (several && !ferryd_db_run_cached (db, rollback_to, error))
        return FALSE;
    }

  return !several || ferryd_db_run_cached (db, release, error);
}
