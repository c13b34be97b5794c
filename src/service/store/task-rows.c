/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include "common/error.h"
#include "store/db-values.h"
#include "store/task-rows.h"

/* In the order in which the readers below take them; those of a task after the id. */
#define TASK_COLUMNS \
  "session_id, kind, url, folder, options, secret_names, priority, description, " \
  "download_limit, resume_key, created, state, reason, error_name, error_message, finished, " \
  "clock_used, clock_since, retry_at, attempts, length_verified, digest, metrics, other_folder, " \
  "file_name, final_name, current_url, response, started_over"

#define PART_COLUMNS \
  "task_id, rank, name, inode, born, offset, total, etag, last_modified, date_is_strong, coding, " \
  "is_html, refuses_ranges, digest_field, silent_end, total_is_guess"

/* Parts that a task may have; see the schema. */
#define N_RANKS 4

static const char add_task[] =
  "INSERT INTO task (" TASK_COLUMNS ")"
  " VALUES (:session_id, :kind, :url, :folder, :options, :secret_names, :priority, :description,"
  " :download_limit, :resume_key, :created, :state, :reason, :error_name, :error_message,"
  " :finished, :clock_used, :clock_since, :retry_at, :attempts, :length_verified, :digest,"
  " :metrics, :other_folder, :file_name, :final_name, :current_url, :response, :started_over)";

static const char give_up_key[] =
  "UPDATE task SET resume_key = NULL, other_folder = NULL"
  " WHERE id = :id AND resume_key = :resume_key";

static const char save_status[] =
  "UPDATE task SET state = :state, reason = :reason, error_name = :error_name,"
  " error_message = :error_message, finished = :finished, clock_used = :clock_used,"
  " clock_since = :clock_since, retry_at = :retry_at, attempts = :attempts,"
  " length_verified = :length_verified, digest = :digest, metrics = :metrics"
  " WHERE id = :id";

static const char save_settings[] =
  "UPDATE task SET url = :url, folder = :folder, options = :options,"
  " secret_names = :secret_names, priority = :priority, description = :description,"
  " download_limit = :download_limit, resume_key = :resume_key"
  " WHERE id = :id";

static const char save_kept[] =
  "UPDATE task SET other_folder = :other_folder, file_name = :file_name,"
  " final_name = :final_name, current_url = :current_url, response = :response,"
  " started_over = :started_over"
  " WHERE id = :id";

static const char save_part[] =
  "INSERT OR REPLACE INTO part (" PART_COLUMNS ")"
  " VALUES (:task_id, :rank, :name, :inode, :born, :offset, :total, :etag, :last_modified,"
  " :date_is_strong, :coding, :is_html, :refuses_ranges, :digest_field, :silent_end,"
  " :total_is_guess)";

static const char drop_part[] = "DELETE FROM part WHERE task_id = :task_id AND rank = :rank";

/* All but the first. */
static const char drop_more[] = "DELETE FROM part WHERE task_id = :task_id AND rank > 0";

static const char drop_parts[] = "DELETE FROM part WHERE task_id = :task_id";

/* Its parts go with it, by the reference. */
static const char drop_task[] = "DELETE FROM task WHERE id = :id";

static const char read_tasks[] = "SELECT id, " TASK_COLUMNS " FROM task ORDER BY id";

static const char read_parts[] = "SELECT " PART_COLUMNS " FROM part ORDER BY task_id, rank";

/* What people may change, but for the key. */
static void
bind_settings (sqlite3_stmt        *stmt,
               const FerrydTaskRow *task)
{
  ferryd_db_bind_text (stmt, ":url", task->url);
  ferryd_db_bind_text (stmt, ":folder", task->folder);
  ferryd_db_bind_variant (stmt, ":options", task->options);
  ferryd_db_bind_variant (stmt, ":secret_names", task->secret_names);
  ferryd_db_bind_double (stmt, ":priority", task->priority);
  ferryd_db_bind_text (stmt, ":description", task->description);
  ferryd_db_bind_int (stmt, ":download_limit", (gint64) task->download_limit);
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
  ferryd_db_bind_int (stmt, ":clock_used", status->clock_used);
  ferryd_db_bind_int (stmt, ":clock_since", status->clock_since);
  ferryd_db_bind_int (stmt, ":retry_at", status->retry_at);
  ferryd_db_bind_int (stmt, ":attempts", status->attempts);
  ferryd_db_bind_int (stmt, ":length_verified", status->length_verified);
  ferryd_db_bind_text (stmt, ":digest", status->digest);
  ferryd_db_bind_variant (stmt, ":metrics", status->metrics);
}

/* All of @kept that is no part. */
static void
bind_kept (sqlite3_stmt     *stmt,
           const FerrydKept *kept)
{
  ferryd_db_bind_text (stmt, ":other_folder", kept->other_folder);
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

/* One statement for what mostly is not there. */
static gboolean
drop_more_parts (FerrydDb  *db,
                 gint64     task_id,
                 GError   **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, drop_more, error);

  if (stmt == NULL)
    return FALSE;

  ferryd_db_bind_int (stmt, ":task_id", task_id);
  return ferryd_db_run (stmt, error);
}

/* @is_new: there are none that could be dropped */
static gboolean
write_parts (FerrydDb          *db,
             gint64             task_id,
             const FerrydKept  *kept,
             gboolean           is_new,
             GError           **error)
{
  const FerrydPart *parts[N_RANKS] = {
    &kept->part, &kept->spare, &kept->other, &kept->other_spare
  };
  gboolean has_more = kept->spare.name != NULL || kept->other.name != NULL ||
                      kept->other_spare.name != NULL;

  if (!has_more && !is_new)
    return write_part (db, task_id, 0, &kept->part, error) && drop_more_parts (db, task_id, error);

  for (int rank = 0; rank < N_RANKS; rank++)
    if ((parts[rank]->name != NULL || !is_new)
        && !write_part (db, task_id, rank, parts[rank], error))
      return FALSE;

  return TRUE;
}

/* The task whose part @heir takes loses what leads to it: the key, and the part itself. */
static gboolean
disown (FerrydDb             *db,
        const FerrydTaskRow  *heir,
        GError              **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, give_up_key, error);

  if (stmt == NULL)
    return FALSE;

  ferryd_db_bind_int (stmt, ":id", heir->heir_of);
  ferryd_db_bind_bytes (stmt, ":resume_key", heir->resume_key);
  if (!ferryd_db_run (stmt, error))
    return FALSE;

  if (ferryd_db_get_n_changed (db) != 1)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND,
                   "task %" G_GINT64_FORMAT " has no such key", heir->heir_of);
      return FALSE;
    }

  stmt = ferryd_db_prepare (db, drop_parts, error);
  if (stmt == NULL)
    return FALSE;

  ferryd_db_bind_int (stmt, ":task_id", heir->heir_of);
  return ferryd_db_run (stmt, error);
}

/* Up to seven statements, which the caller makes one. Returns: the id, or 0 with an error */
gint64
ferryd_task_rows_add (FerrydDb             *db,
                      const FerrydTaskRow  *task,
                      GError              **error)
{
  sqlite3_stmt *stmt;
  gint64 id;

  if (task->heir_of != 0 && !disown (db, task, error))
    return 0;

  stmt = ferryd_db_prepare (db, add_task, error);
  if (stmt == NULL)
    return 0;

  ferryd_db_bind_int (stmt, ":session_id", task->session_id);
  ferryd_db_bind_int (stmt, ":kind", task->kind);
  ferryd_db_bind_int (stmt, ":created", task->created);
  bind_settings (stmt, task);
  /* An heir's key is used up. */
  if (task->heir_of == 0)
    ferryd_db_bind_bytes (stmt, ":resume_key", task->resume_key);
  bind_status (stmt, &task->status);
  bind_kept (stmt, task->kept);
  if (!ferryd_db_run (stmt, error))
    return 0;

  id = ferryd_db_get_last_id (db);
  return write_parts (db, id, task->kept, TRUE, error) ? id : 0;
}

gboolean
ferryd_task_rows_save_status (FerrydDb                *db,
                              gint64                   task_id,
                              const FerrydTaskStatus  *status,
                              GError                 **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, save_status, error);

  if (stmt == NULL)
    return FALSE;

  bind_status (stmt, status);
  return ferryd_db_run_for_one (db, stmt, "task", task_id, error);
}

/* What people may change of @task. */
gboolean
ferryd_task_rows_save_settings (FerrydDb             *db,
                                const FerrydTaskRow  *task,
                                GError              **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, save_settings, error);

  if (stmt == NULL)
    return FALSE;

  bind_settings (stmt, task);
  ferryd_db_bind_bytes (stmt, ":resume_key", task->resume_key);
  return ferryd_db_run_for_one (db, stmt, "task", task->id, error);
}

/* Several statements, which the caller makes one. */
gboolean
ferryd_task_rows_save_kept (FerrydDb          *db,
                            gint64             task_id,
                            const FerrydKept  *kept,
                            GError           **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, save_kept, error);

  if (stmt == NULL)
    return FALSE;

  bind_kept (stmt, kept);
  return ferryd_db_run_for_one (db, stmt, "task", task_id, error)
         && write_parts (db, task_id, kept, FALSE, error);
}

/* It may be gone already. */
gboolean
ferryd_task_rows_remove (FerrydDb  *db,
                         gint64     task_id,
                         GError   **error)
{
  sqlite3_stmt *stmt = ferryd_db_prepare (db, drop_task, error);

  if (stmt == NULL)
    return FALSE;

  ferryd_db_bind_int (stmt, ":id", task_id);
  return ferryd_db_run (stmt, error);
}

/* The columns from session_id to created. Returns: %FALSE if one makes no sense */
static gboolean
read_settings (sqlite3_stmt   *stmt,
               int            *column,
               FerrydTaskRow  *task,
               GError        **error)
{
  gint64 kind;

  task->session_id = sqlite3_column_int64 (stmt, (*column)++);
  if (!ferryd_db_get_number (stmt, (*column)++, FERRY_N_TASK_KINDS, &kind, error))
    return FALSE;

  task->kind = (FerryTaskKind) kind;
  task->url = ferryd_db_get_text (stmt, (*column)++);
  task->folder = ferryd_db_get_text (stmt, (*column)++);
  if (!ferryd_db_get_variant (stmt, (*column)++, G_VARIANT_TYPE_VARDICT, &task->options, error)
      || !ferryd_db_get_variant (stmt, (*column)++, G_VARIANT_TYPE_STRING_ARRAY,
                                 &task->secret_names, error))
    return FALSE;

  task->priority = sqlite3_column_double (stmt, (*column)++);
  task->description = ferryd_db_get_text (stmt, (*column)++);
  task->download_limit = (guint64) sqlite3_column_int64 (stmt, (*column)++);
  task->resume_key = ferryd_db_get_bytes (stmt, (*column)++);
  task->created = sqlite3_column_int64 (stmt, (*column)++);
  return TRUE;
}

/* The columns from state to metrics. */
static gboolean
read_status (sqlite3_stmt      *stmt,
             int               *column,
             FerrydTaskStatus  *status,
             GError           **error)
{
  gint64 state, reason, attempts;

  if (!ferryd_db_get_number (stmt, (*column)++, FERRY_N_TASK_STATES, &state, error)
      || !ferryd_db_get_number (stmt, (*column)++, FERRY_N_WAIT_REASONS, &reason, error))
    return FALSE;

  status->state = (FerryTaskState) state;
  status->reason = (FerryWaitReason) reason;
  status->error_name = ferryd_db_get_text (stmt, (*column)++);
  status->error_message = ferryd_db_get_text (stmt, (*column)++);
  status->finished = sqlite3_column_int64 (stmt, (*column)++);
  status->clock_used = sqlite3_column_int64 (stmt, (*column)++);
  status->clock_since = sqlite3_column_int64 (stmt, (*column)++);
  status->retry_at = sqlite3_column_int64 (stmt, (*column)++);
  if (!ferryd_db_get_number (stmt, (*column)++, (gint64) G_MAXUINT + 1, &attempts, error))
    return FALSE;

  status->attempts = (guint) attempts;
  status->length_verified = sqlite3_column_int (stmt, (*column)++) != 0;
  status->digest = ferryd_db_get_text (stmt, (*column)++);
  return ferryd_db_get_variant (stmt, (*column)++, G_VARIANT_TYPE ("aa{sv}"), &status->metrics,
                                error);
}

/* All but the parts. */
static gpointer
read_task (sqlite3_stmt  *stmt,
           GError       **error)
{
  g_autoptr(FerrydTaskRow) task = ferryd_task_row_new ();
  int column = 0;

  task->id = sqlite3_column_int64 (stmt, column++);
  if (!read_settings (stmt, &column, task, error)
      || !read_status (stmt, &column, &task->status, error))
    return NULL;

  task->kept->other_folder = ferryd_db_get_text (stmt, column++);
  task->kept->file_name = ferryd_db_get_text (stmt, column++);
  task->kept->final_name = ferryd_db_get_text (stmt, column++);
  task->kept->current_url = ferryd_db_get_text (stmt, column++);
  if (!ferryd_db_get_variant (stmt, column++, G_VARIANT_TYPE_VARDICT, &task->kept->response, error))
    return NULL;
  task->kept->started_over = sqlite3_column_int64 (stmt, column++);

  return g_steal_pointer (&task);
}

/* @kept: of the part's task. Returns: %FALSE if it has no place for it */
static gboolean
read_part (sqlite3_stmt  *stmt,
           FerrydKept    *kept,
           GError       **error)
{
  FerrydPart *parts[N_RANKS] = { &kept->part, &kept->spare, &kept->other, &kept->other_spare };
  FerrydPart *part;
  gint64 rank;
  int column = 1;

  if (!ferryd_db_get_number (stmt, column++, N_RANKS, &rank, error))
    return FALSE;

  part = parts[rank];
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
  return TRUE;
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
        (void) read_part (stmt, task->kept, &failure);  /* the error tells */
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

/* All of them, by rising id. */
GPtrArray *
ferryd_task_rows_read (FerrydDb  *db,
                       GError   **error)
{
  g_autoptr(GPtrArray) tasks = ferryd_db_read_all (db, read_tasks, read_task,
                                                   (GDestroyNotify) ferryd_task_row_free, error);

  if (tasks == NULL || !read_all_parts (db, tasks, error))
    return NULL;

  return g_steal_pointer (&tasks);
}
