/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include "common/error.h"
#include "store/rows.h"

/* The order of the columns is that in which the readers below take them. */
#define SESSION_COLUMNS "id, app_id, identifier, configuration, created"

#define TASK_COLUMNS \
  "id, session_id, kind, url, folder, options, created, " \
  "state, reason, error_name, error_message, finished, first_resumed, length_verified, digest, " \
  "metrics, " \
  "file_name, final_name, current_url, response, started_over"

#define PART_COLUMNS \
  "task_id, rank, name, inode, born, offset, total, etag, last_modified, date_is_strong, coding, " \
  "is_html, refuses_ranges, digest_field, silent_end, total_is_guess"

static const char add_session[] =
  "INSERT INTO session (app_id, identifier, configuration, created)"
  " VALUES (:app_id, :identifier, :configuration, :created)";

static const char add_task[] =
  "INSERT INTO task (session_id, kind, url, folder, options, created,"
  " state, reason, error_name, error_message, finished, first_resumed, length_verified, digest,"
  " metrics, file_name, final_name, current_url, response, started_over)"
  " VALUES (:session_id, :kind, :url, :folder, :options, :created,"
  " :state, :reason, :error_name, :error_message, :finished, :first_resumed, :length_verified,"
  " :digest, :metrics, :file_name, :final_name, :current_url, :response, :started_over)";

static const char save_status[] =
  "UPDATE task SET state = :state, reason = :reason, error_name = :error_name,"
  " error_message = :error_message, finished = :finished, first_resumed = :first_resumed,"
  " length_verified = :length_verified, digest = :digest, metrics = :metrics"
  " WHERE id = :id";

static const char save_kept[] =
  "UPDATE task SET file_name = :file_name, final_name = :final_name, current_url = :current_url,"
  " response = :response, started_over = :started_over"
  " WHERE id = :id";

static const char save_part[] =
  "INSERT OR REPLACE INTO part (" PART_COLUMNS ")"
  " VALUES (:task_id, :rank, :name, :inode, :born, :offset, :total, :etag, :last_modified,"
  " :date_is_strong, :coding, :is_html, :refuses_ranges, :digest_field, :silent_end,"
  " :total_is_guess)";

static const char drop_part[] = "DELETE FROM part WHERE task_id = :task_id AND rank = :rank";

static const char read_sessions[] = "SELECT " SESSION_COLUMNS " FROM session ORDER BY id";

static const char read_tasks[] = "SELECT " TASK_COLUMNS " FROM task ORDER BY id";

static const char read_parts[] = "SELECT " PART_COLUMNS " FROM part ORDER BY task_id, rank";

/* Runs an update of one row of `task`, which must be there. */
static gboolean
update_task (FerrydDb      *db,
             sqlite3_stmt  *stmt,
             gint64         task_id,
             GError       **error)
{
  ferryd_db_bind_int (stmt, ":id", task_id);
  if (!ferryd_db_run (stmt, error))
    return FALSE;

  if (ferryd_db_get_n_changed (db) == 1)
    return TRUE;

  g_set_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND,
               "there is no task %" G_GINT64_FORMAT, task_id);
  return FALSE;
}

static void
bind_status (sqlite3_stmt           *stmt,
             const FerrydTaskStatus *status)
{
  ferryd_db_bind_int (stmt, ":state", status->state);
  ferryd_db_bind_int (stmt, ":reason", status->reason);
  ferryd_db_bind_text (stmt, ":error_name", status->error_name);
  ferryd_db_bind_text (stmt, ":error_message", status->error_message);
  ferryd_db_bind_int (stmt, ":finished", status->finished);
  ferryd_db_bind_int (stmt, ":first_resumed", status->first_resumed);
  ferryd_db_bind_int (stmt, ":length_verified", status->length_verified);
  ferryd_db_bind_text (stmt, ":digest", status->digest);
  ferryd_db_bind_variant (stmt, ":metrics", status->metrics);
}

/* All of @kept that is no part. */
static void
bind_kept (sqlite3_stmt     *stmt,
           const FerrydKept *kept)
{
  ferryd_db_bind_text (stmt, ":file_name", kept->file_name);
  ferryd_db_bind_text (stmt, ":final_name", kept->final_name);
  ferryd_db_bind_text (stmt, ":current_url", kept->current_url);
  ferryd_db_bind_variant (stmt, ":response", kept->response);
  ferryd_db_bind_int (stmt, ":started_over", kept->started_over);
}

static gboolean
write_part (FerrydDb          *db,
            gint64             task_id,
            int                rank,
            const FerrydPart  *part,
            GError           **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, part->name != NULL ? save_part : drop_part, error);

  if (stmt == NULL)
    return FALSE;

  ferryd_db_bind_int (stmt, ":task_id", task_id);
  ferryd_db_bind_int (stmt, ":rank", rank);
  if (part->name != NULL)
    {
      ferryd_db_bind_text (stmt, ":name", part->name);
      /* SQLite's integers have a sign; the bits are what counts. */
      ferryd_db_bind_int (stmt, ":inode", (gint64) part->inode);
      ferryd_db_bind_int (stmt, ":born", part->born);
      ferryd_db_bind_int (stmt, ":offset", part->offset);
      ferryd_db_bind_int (stmt, ":total", part->total);
      ferryd_db_bind_text (stmt, ":etag", part->etag);
      ferryd_db_bind_text (stmt, ":last_modified", part->last_modified);
      ferryd_db_bind_int (stmt, ":date_is_strong", part->date_is_strong);
      ferryd_db_bind_text (stmt, ":coding", part->coding);
      ferryd_db_bind_int (stmt, ":is_html", part->is_html);
      ferryd_db_bind_int (stmt, ":refuses_ranges", part->refuses_ranges);
      ferryd_db_bind_text (stmt, ":digest_field", part->digest_field);
      ferryd_db_bind_int (stmt, ":silent_end", part->silent_end);
      ferryd_db_bind_int (stmt, ":total_is_guess", part->total_is_guess);
    }

  return ferryd_db_run (stmt, error);
}

/* Returns: the id, or 0 with an error */
gint64
ferryd_rows_add_session (FerrydDb                *db,
                         const FerrydSessionRow  *session,
                         GError                 **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, add_session, error);

  if (stmt == NULL)
    return 0;

  ferryd_db_bind_text (stmt, ":app_id", session->app_id);
  ferryd_db_bind_text (stmt, ":identifier", session->identifier);
  ferryd_db_bind_variant (stmt, ":configuration", session->configuration);
  ferryd_db_bind_int (stmt, ":created", session->created);

  return ferryd_db_run (stmt, error) ? ferryd_db_get_last_id (db) : 0;
}

/* Up to three statements, which the caller makes one. Returns: the id, or 0 with an error */
gint64
ferryd_rows_add_task (FerrydDb             *db,
                      const FerrydTaskRow  *task,
                      GError              **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, add_task, error);
  gint64 id;

  if (stmt == NULL)
    return 0;

  ferryd_db_bind_int (stmt, ":session_id", task->session_id);
  ferryd_db_bind_int (stmt, ":kind", task->kind);
  ferryd_db_bind_text (stmt, ":url", task->url);
  ferryd_db_bind_text (stmt, ":folder", task->folder);
  ferryd_db_bind_variant (stmt, ":options", task->options);
  ferryd_db_bind_int (stmt, ":created", task->created);
  bind_status (stmt, &task->status);
  bind_kept (stmt, task->kept);
  if (!ferryd_db_run (stmt, error))
    return 0;

  id = ferryd_db_get_last_id (db);
  if (task->kept->part.name != NULL && !write_part (db, id, 0, &task->kept->part, error))
    return 0;
  if (task->kept->spare.name != NULL && !write_part (db, id, 1, &task->kept->spare, error))
    return 0;

  return id;
}

gboolean
ferryd_rows_save_status (FerrydDb                *db,
                         gint64                   task_id,
                         const FerrydTaskStatus  *status,
                         GError                 **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, save_status, error);

  if (stmt == NULL)
    return FALSE;

  bind_status (stmt, status);
  return update_task (db, stmt, task_id, error);
}

/* Three statements, which the caller makes one. */
gboolean
ferryd_rows_save_kept (FerrydDb          *db,
                       gint64             task_id,
                       const FerrydKept  *kept,
                       GError           **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, save_kept, error);

  if (stmt == NULL)
    return FALSE;

  bind_kept (stmt, kept);
  return update_task (db, stmt, task_id, error)
         && write_part (db, task_id, 0, &kept->part, error)
         && write_part (db, task_id, 1, &kept->spare, error);
}

static FerrydSessionRow *
read_session (sqlite3_stmt  *stmt,
              GError       **error)
{
  g_autoptr(FerrydSessionRow) session = ferryd_session_row_new ();
  int column = 0;

  session->id = sqlite3_column_int64 (stmt, column++);
  session->app_id = ferryd_db_get_text (stmt, column++);
  session->identifier = ferryd_db_get_text (stmt, column++);
  if (!ferryd_db_get_variant (stmt, column++, G_VARIANT_TYPE_VARDICT,
                              &session->configuration, error))
    return NULL;
  session->created = sqlite3_column_int64 (stmt, column++);

  return g_steal_pointer (&session);
}

/* A number that the schema's version does not know: a bit has flipped. */
static gboolean
check_number (const char  *what,
              gint64       number,
              gint64       end,
              GError     **error)
{
  if (number >= 0 && number < end)
    return TRUE;

  g_set_error (error, FERRYD_DB_ERROR, FERRYD_DB_ERROR_DAMAGED,
               "a task has the %s %" G_GINT64_FORMAT, what, number);
  return FALSE;
}

static FerrydTaskRow *
read_task (sqlite3_stmt  *stmt,
           GError       **error)
{
  g_autoptr(FerrydTaskRow) task = ferryd_task_row_new ();
  int column = 0;
  gint64 kind, state, reason;

  task->id = sqlite3_column_int64 (stmt, column++);
  task->session_id = sqlite3_column_int64 (stmt, column++);
  kind = sqlite3_column_int64 (stmt, column++);
  task->url = ferryd_db_get_text (stmt, column++);
  task->folder = ferryd_db_get_text (stmt, column++);
  if (!ferryd_db_get_variant (stmt, column++, G_VARIANT_TYPE_VARDICT, &task->options, error))
    return NULL;
  task->created = sqlite3_column_int64 (stmt, column++);

  state = sqlite3_column_int64 (stmt, column++);
  reason = sqlite3_column_int64 (stmt, column++);
  if (!check_number ("kind", kind, FERRY_N_TASK_KINDS, error)
      || !check_number ("state", state, FERRY_N_TASK_STATES, error)
      || !check_number ("reason", reason, FERRY_N_WAIT_REASONS, error))
    return NULL;
  task->kind = (FerryTaskKind) kind;
  task->status.state = (FerryTaskState) state;
  task->status.reason = (FerryWaitReason) reason;
  task->status.error_name = ferryd_db_get_text (stmt, column++);
  task->status.error_message = ferryd_db_get_text (stmt, column++);
  task->status.finished = sqlite3_column_int64 (stmt, column++);
  task->status.first_resumed = sqlite3_column_int64 (stmt, column++);
  task->status.length_verified = sqlite3_column_int (stmt, column++) != 0;
  task->status.digest = ferryd_db_get_text (stmt, column++);
  if (!ferryd_db_get_variant (stmt, column++, G_VARIANT_TYPE ("aa{sv}"),
                              &task->status.metrics, error))
    return NULL;

  task->kept->file_name = ferryd_db_get_text (stmt, column++);
  task->kept->final_name = ferryd_db_get_text (stmt, column++);
  task->kept->current_url = ferryd_db_get_text (stmt, column++);
  if (!ferryd_db_get_variant (stmt, column++, G_VARIANT_TYPE_VARDICT, &task->kept->response, error))
    return NULL;
  task->kept->started_over = sqlite3_column_int64 (stmt, column++);

  return g_steal_pointer (&task);
}

/* The columns after task_id and rank. */
static void
read_part (sqlite3_stmt *stmt,
           FerrydPart   *part)
{
  int column = 2;

  part->name = ferryd_db_get_text (stmt, column++);
  part->inode = (guint64) sqlite3_column_int64 (stmt, column++);
  part->born = sqlite3_column_int64 (stmt, column++);
  part->offset = sqlite3_column_int64 (stmt, column++);
  part->total = sqlite3_column_int64 (stmt, column++);
  part->etag = ferryd_db_get_text (stmt, column++);
  part->last_modified = ferryd_db_get_text (stmt, column++);
  part->date_is_strong = sqlite3_column_int (stmt, column++) != 0;
  part->coding = ferryd_db_get_text (stmt, column++);
  part->is_html = sqlite3_column_int (stmt, column++) != 0;
  part->refuses_ranges = sqlite3_column_int (stmt, column++) != 0;
  part->digest_field = ferryd_db_get_text (stmt, column++);
  part->silent_end = sqlite3_column_int64 (stmt, column++);
  part->total_is_guess = sqlite3_column_int (stmt, column++) != 0;
}

GPtrArray *
ferryd_rows_read_sessions (FerrydDb  *db,
                           GError   **error)
{
  g_autoptr(GPtrArray) sessions = NULL;
  g_autoptr(GError) failure = NULL;
  sqlite3_stmt *stmt = ferryd_db_prepare (db, read_sessions, error);

  if (stmt == NULL)
    return NULL;

  sessions = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_session_row_free);
  while (failure == NULL && ferryd_db_next (stmt, &failure))
    {
      FerrydSessionRow *session = read_session (stmt, &failure);

      if (session != NULL)
        g_ptr_array_add (sessions, session);
    }

  sqlite3_reset (stmt);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }

  return g_steal_pointer (&sessions);
}

/* Both @tasks and the parts rise by the task's id: one walk through each, side by side. */
static gboolean
read_all_parts (FerrydDb   *db,
                GPtrArray  *tasks,
                GError    **error)
{
  g_autoptr(GError) failure = NULL;
  sqlite3_stmt *stmt = ferryd_db_prepare (db, read_parts, error);
  guint i = 0;

  if (stmt == NULL)
    return FALSE;

  while (failure == NULL && ferryd_db_next (stmt, &failure))
    {
      gint64 task_id = sqlite3_column_int64 (stmt, 0);
      FerrydTaskRow *task;

      while (i < tasks->len && ((FerrydTaskRow *) tasks->pdata[i])->id < task_id)
        i++;
      task = i < tasks->len ? tasks->pdata[i] : NULL;
      if (task != NULL && task->id == task_id)
        read_part (stmt, sqlite3_column_int (stmt, 1) == 0 ? &task->kept->part
                                                           : &task->kept->spare);
      else
        g_set_error_literal (&failure, FERRYD_DB_ERROR, FERRYD_DB_ERROR_DAMAGED,
                             "a part belongs to no task");
    }

  sqlite3_reset (stmt);
  if (failure == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

GPtrArray *
ferryd_rows_read_tasks (FerrydDb  *db,
                        GError   **error)
{
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GError) failure = NULL;
  sqlite3_stmt *stmt = ferryd_db_prepare (db, read_tasks, error);

  if (stmt == NULL)
    return NULL;

  tasks = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);
  while (failure == NULL && ferryd_db_next (stmt, &failure))
    {
      FerrydTaskRow *task = read_task (stmt, &failure);

      if (task != NULL)
        g_ptr_array_add (tasks, task);
    }

  sqlite3_reset (stmt);
  if (failure == NULL && read_all_parts (db, tasks, &failure))
    return g_steal_pointer (&tasks);

  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}
