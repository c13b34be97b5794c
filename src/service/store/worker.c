/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-store"

#include "config.h"

#include "common/error.h"
#include "store/schema.h"
#include "store/worker.h"

#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

/* Requests that may be under way at once. One takes about 1 KiB: beyond this the disk has
 * stopped, or a client runs wild. */
#define MAX_UNANSWERED 50000

/* Pages in the WAL from which on it is written back: SQLite's own number, 4 MB. */
#define WAL_FRAMES 1000

/* Each a name: it is the key by which the statement is kept. */
static const char begin[] = "BEGIN IMMEDIATE";
static const char commit[] = "COMMIT";

struct _FerrydWorker
{
  char             *path;        /* owned */
  FerrydAnswerFunc  answer;
  GMainContext     *context;     /* owned; where the answers go */
  GThread          *thread;      /* owned; NULL when joined or let go. For whoever made us */
  GCancellable     *leaving;     /* owned; cancelled when the end has begun */

  GMutex            mutex;       /* guards all from here to unanswered */
  GCond             wake;        /* for the thread: something waits, or the end has begun */
  gboolean          sleeping;    /* the thread waits for that, and nobody has called it yet */
  GQueue            waiting;     /* owned FerrydRequest */
  GQueue            answered;    /* owned FerrydRequest, on their way to the main context */
  gboolean          delivering;  /* a source in the main context takes from @answered */
  gboolean          ending;      /* nothing is taken any more */
  FerrydRequest    *farewell;    /* owned; answered last of all. NULL: nobody waits for the end */
  guint             unanswered;  /* in @waiting, or with the thread */

  FerrydDb         *db;          /* owned; the thread's. NULL: not open */
  gboolean          suspicious;  /* the thread's: damage was met in @db */
};

/*
 * The two ways across. Whatever goes from one thread to another here does so while the lock is
 * held, so these two, and wait_for(), are where a request goes in and an answer comes out.
 * ThreadSanitizer does not see GLib's locks.
 */
static void
cross_in (FerrydWorker *self)
{
  g_mutex_lock (&self->mutex);
#ifdef __SANITIZE_THREAD__
  __tsan_acquire (&self->mutex);
#endif
}

static void
cross_out (FerrydWorker *self)
{
#ifdef __SANITIZE_THREAD__
  __tsan_release (&self->mutex);
#endif
  g_mutex_unlock (&self->mutex);
}

static void
wait_for (FerrydWorker *self,
          GCond        *cond)
{
#ifdef __SANITIZE_THREAD__
  __tsan_release (&self->mutex);
#endif
  g_cond_wait (cond, &self->mutex);
#ifdef __SANITIZE_THREAD__
  __tsan_acquire (&self->mutex);
#endif
}

static void
worker_clear (FerrydWorker *self)
{
#ifdef __SANITIZE_THREAD__
  __tsan_acquire (self);
#endif
  g_assert (self->db == NULL);
  g_clear_pointer (&self->thread, g_thread_unref);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) ferryd_request_free);
  g_queue_clear_full (&self->answered, (GDestroyNotify) ferryd_request_free);
  g_main_context_unref (self->context);
  g_object_unref (self->leaving);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->wake);
  g_free (self->path);
}

FerrydWorker *
ferryd_worker_ref (FerrydWorker *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
ferryd_worker_unref (FerrydWorker *self)
{
#ifdef __SANITIZE_THREAD__
  __tsan_release (self);
#endif
  g_atomic_rc_box_release_full (self, (GDestroyNotify) worker_clear);
}

/* One at a time, so that a callback that runs the main loop itself gets the answers behind its
 * own. */
static gboolean
on_answers_cb (gpointer user_data)
{
  FerrydWorker *self = user_data;
  FerrydRequest *request;

  do
    {
      cross_in (self);
      request = g_queue_pop_head (&self->answered);
      if (request == NULL)
        self->delivering = FALSE;
      cross_out (self);

      if (request != NULL)
        self->answer (request);
    }
  while (request != NULL);

  return G_SOURCE_REMOVE;
}

/* With the lock held. The GTask is left to the main context: the last reference to the store may
 * hang on it. @bells: gets the bell that is to be rung */
static void
answer (FerrydWorker  *self,
        FerrydRequest *request,
        GPtrArray     *bells)
{
  if (request->task == NULL)
    {
      request->answered = TRUE;
      g_ptr_array_add (bells, g_atomic_rc_box_acquire (request->bell));
      return;
    }

  g_queue_push_tail (&self->answered, request);
  if (!self->delivering)
    {
      g_autoptr(GSource) source = g_idle_source_new ();

      g_source_set_priority (source, G_PRIORITY_DEFAULT);
      g_source_set_can_recurse (source, TRUE);
      g_source_set_static_name (source, "ferryd-store answers");
      g_source_set_callback (source, on_answers_cb, ferryd_worker_ref (self),
                             (GDestroyNotify) ferryd_worker_unref);
      g_source_attach (source, self->context);
      self->delivering = TRUE;
    }
}

/* The next start takes a WAL that is left behind for the sign of a crash, and so looks at every
 * page. */
static void
become_suspicious (FerrydWorker *self)
{
  if (self->suspicious)
    return;

  g_warning ("%s is damaged. It will be looked through when Ferry starts again", self->path);
  self->suspicious = TRUE;
  ferryd_db_set_tidy_close (self->db, FALSE);
  /* So that there is something in the WAL. If even that fails, the damage will be met again. */
  (void) ferryd_schema_seal (self->db, NULL);
}

/* After a failed commit: what was refused must not come back after a crash. See
 * ferryd_schema_seal(). */
static void
undo (FerrydWorker *self,
      gboolean      committing)
{
  g_autoptr(GError) error = NULL;

  /* After some errors SQLite has rolled back already. */
  if (ferryd_db_in_transaction (self->db) && !ferryd_db_exec (self->db, "ROLLBACK", &error))
    g_warning ("%s: %s", self->path, error->message);

  g_clear_error (&error);
  if (committing && !ferryd_schema_seal (self->db, &error))
    g_debug ("%s: a refused change may come back after a crash: %s", self->path, error->message);
}

static gboolean
is_load (GList *link)
{
  return ((FerrydRequest *) link->data)->kind == FERRYD_REQUEST_LOAD;
}

/*
 * One transaction for all from @link to the next load. Either each of them gets its own answer, or
 * all get the error that undid the whole.
 *
 * Returns: the first that is not of it
 */
static GList *
write_together (FerrydWorker *self,
                GList        *link)
{
  g_autoptr(GError) error = NULL;
  gboolean committing = FALSE;
  gboolean ok;
  GList *end = link;

  while (end != NULL && !is_load (end))
    end = end->next;

  if (self->db == NULL)
    g_set_error (&error, FERRY_ERROR, FERRY_ERROR_STORE, "%s: is not open", self->path);
  ok = self->db != NULL && ferryd_db_run_cached (self->db, begin, &error);

  for (GList *l = link; ok && l != end; l = l->next)
    ok = ferryd_request_write (l->data, self->db, &error);

  if (ok)
    {
      committing = TRUE;
      ok = ferryd_db_run_cached (self->db, commit, &error);
    }

  if (!ok && self->db != NULL)
    {
      undo (self, committing);
      if (g_error_matches (error, FERRYD_DB_ERROR, FERRYD_DB_ERROR_DAMAGED))
        become_suspicious (self);
    }

  for (GList *l = link; l != end; l = l->next)
    {
      FerrydRequest *request = l->data;
      g_autoptr(GError) own = g_steal_pointer (&request->error);

      if (!ok || own != NULL)
        request->error = ferryd_opening_translate_error (self->path, own != NULL ? own : error);
    }

  return end;
}

/* Returns: the next */
static GList *
load (FerrydWorker *self,
      GList        *link)
{
  FerrydRequest *request = link->data;

  /* A second load, after one that failed or whose answer was not waited for, begins anew. */
  g_clear_pointer (&self->db, ferryd_db_close);
  self->suspicious = FALSE;

  if (ferryd_opening_run (&request->opening, self->path, request->cancellable, self->leaving,
                          &request->error))
    self->db = g_steal_pointer (&request->opening.db);

  return link->next;
}

/* Takes all that waits into @batch. Returns: %FALSE when nothing will come any more */
static gboolean
take_all (FerrydWorker *self,
          GQueue       *batch)
{
  gboolean more;

  cross_in (self);
  while (self->waiting.length == 0 && !self->ending)
    {
      self->sleeping = TRUE;
      wait_for (self, &self->wake);
    }
  self->sleeping = FALSE;
  *batch = self->waiting;
  g_queue_init (&self->waiting);
  more = !self->ending || batch->length > 0;
  cross_out (self);

  return more;
}

/* Whoever wakes up wants the lock: the bells are rung behind it. */
static void
answer_all (FerrydWorker *self,
            GQueue       *batch)
{
  g_autoptr(GPtrArray) bells =
    g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_request_drop_bell);
  FerrydRequest *request;

  cross_in (self);
  self->unanswered -= batch->length;
  while ((request = g_queue_pop_head (batch)) != NULL)
    answer (self, request, bells);
  cross_out (self);

  for (guint i = 0; i < bells->len; i++)
    g_cond_signal (bells->pdata[i]);
}

static gpointer
store_thread (gpointer data)
{
  g_autoptr(FerrydWorker) self = data;
  GQueue batch = G_QUEUE_INIT;

  while (take_all (self, &batch))
    {
      for (GList *l = batch.head; l != NULL;)
        l = is_load (l) ? load (self, l) : write_together (self, l);

      answer_all (self, &batch);

      if (self->db != NULL && ferryd_db_get_wal_frames (self->db) >= WAL_FRAMES)
        ferryd_db_empty_wal (self->db);
    }

  g_clear_pointer (&self->db, ferryd_db_close);

  cross_in (self);
  if (self->farewell != NULL)
    answer (self, g_steal_pointer (&self->farewell), NULL);  /* a task waits */
  cross_out (self);

  return NULL;
}

/*
 * ferryd_worker_new:
 * @answer_func: called for each answer in the thread's default main context of now
 *
 * Starts the thread. The file is not touched before a load is asked for.
 */
FerrydWorker *
ferryd_worker_new (const char       *path,
                   FerrydAnswerFunc  answer_func)
{
  FerrydWorker *self = g_atomic_rc_box_new0 (FerrydWorker);

  self->path = g_strdup (path);
  self->answer = answer_func;
  self->context = g_main_context_ref_thread_default ();
  self->leaving = g_cancellable_new ();
  g_mutex_init (&self->mutex);
  g_cond_init (&self->wake);
  self->thread = g_thread_new ("ferryd-store", store_thread, ferryd_worker_ref (self));

  return self;
}

/* In any thread. */
static gboolean
enqueue (FerrydWorker   *self,
         FerrydRequest  *request,
         GError        **error)
{
  gboolean has_room;
  gboolean ending;
  gboolean wake = FALSE;

  cross_in (self);
  ending = self->ending;
  has_room = self->unanswered < MAX_UNANSWERED;
  if (!ending && has_room)
    {
      self->unanswered++;
      g_queue_push_tail (&self->waiting, request);
      wake = self->sleeping;
      self->sleeping = FALSE;
    }
  cross_out (self);

  if (wake)
    g_cond_signal (&self->wake);  /* it wants the lock */

  if (ending)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_STORE, "%s: is being closed", self->path);
  else if (!has_room)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_LIMIT, "%s: too much waits to be written",
                 self->path);
  return !ending && has_room;
}

/* @request: (transfer full): comes back through the answer function, when refused at once */
void
ferryd_worker_ask (FerrydWorker  *self,
                   FerrydRequest *request)
{
  g_autoptr(GError) error = NULL;

  if (enqueue (self, request, &error))
    return;

  request->error = g_steal_pointer (&error);
  self->answer (request);
}

/* In any thread: blocks until @request, which stays the caller's, has been answered. */
gboolean
ferryd_worker_call (FerrydWorker   *self,
                    FerrydRequest  *request,
                    GError        **error)
{
  if (!enqueue (self, request, error))
    return FALSE;

  cross_in (self);
  while (!request->answered)
    wait_for (self, request->bell);
  cross_out (self);

  if (request->error == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&request->error));
  return FALSE;
}

/*
 * ferryd_worker_end:
 * @farewell: (transfer full) (nullable): answered when the file is closed and the thread has
 * nothing left to do
 *
 * All that waits is still answered, nothing more is taken. Only once.
 *
 * Returns: %FALSE if the end had begun before; @farewell is not taken then
 */
gboolean
ferryd_worker_end (FerrydWorker  *self,
                   FerrydRequest *farewell)
{
  gboolean begun;

  cross_in (self);
  begun = self->ending;
  if (!begun)
    {
      self->ending = TRUE;
      self->farewell = farewell;
      g_cond_signal (&self->wake);
    }
  cross_out (self);

  if (!begun)
    g_cancellable_cancel (self->leaving);

  return !begun;
}

/* After the farewell was answered: the thread is on its last line, this does not block. */
void
ferryd_worker_join (FerrydWorker *self)
{
  g_thread_join (g_steal_pointer (&self->thread));
}
