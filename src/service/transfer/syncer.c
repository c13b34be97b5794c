/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-syncer"

#include "config.h"

#include "transfer/publish.h"
#include "transfer/syncer.h"

/* A file that waits to be published, on the stack of its worker. */
typedef struct
{
  FerrydPartFile *file;   /* unowned */
  GError         *error;  /* owned; NULL unless it failed */
  gboolean        done;   /* guarded by the syncer's mutex */
  GCond          *bell;   /* owned, and by who rings it; in an atomic box */
} Request;

struct _FerrydSyncer
{
  gatomicrefcount  refs;
  GThread         *thread;

  GMutex           mutex;    /* guards the rest */
  GCond            arrived;  /* something waits, or it is time to leave */
  gboolean         sleeping; /* the thread waits for that, and nobody has called it yet */
  GPtrArray       *waiting;  /* owned; of Request, unowned */
  gboolean         leaving;
};

typedef gboolean (* Step) (FerrydPartFile  *file,
                           GError         **error);

static void
take_step (GPtrArray *batch,
           Step       step)
{
  for (guint i = 0; i < batch->len; i++)
    {
      Request *request = batch->pdata[i];

      if (request->error == NULL)
        (void) step (request->file, &request->error);  /* kept in the request */
    }
}

/* Each folder once: the files of a batch mostly share theirs. */
static void
sync_folders (GPtrArray *batch)
{
  for (guint i = 0; i < batch->len; i++)
    {
      Request *request = batch->pdata[i];
      Request *synced = NULL;

      for (guint j = 0; j < i && synced == NULL; j++)
        {
          Request *earlier = batch->pdata[j];

          if (earlier->error == NULL && ferryd_publish_shares_folder (earlier->file, request->file))
            synced = earlier;
        }

      if (request->error == NULL && synced == NULL)
        /* kept in the request */
        (void) ferryd_part_file_finish_published (request->file, &request->error);
    }
}

static void
publish_batch (GPtrArray *batch)
{
  for (guint i = 0; i < batch->len; i++)
    {
      Request *request = batch->pdata[i];

      ferryd_publish_start_flush (request->file);
    }

  take_step (batch, ferryd_publish_flush);
  take_step (batch, ferryd_publish_rename);
  sync_folders (batch);
}

static void
drop_bell (GCond *bell)
{
  g_atomic_rc_box_release_full (bell, (GDestroyNotify) g_cond_clear);
}

/* Each wakes up alone, and wants the mutex: the bells are rung behind it, when the requests may be
 * gone. */
static void
answer_batch (FerrydSyncer *self,
              GPtrArray    *batch)
{
  g_autoptr(GPtrArray) bells = g_ptr_array_new_with_free_func ((GDestroyNotify) drop_bell);

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < batch->len; i++)
    {
      Request *request = batch->pdata[i];

      request->done = TRUE;
      g_ptr_array_add (bells, g_atomic_rc_box_acquire (request->bell));
    }
  g_mutex_unlock (&self->mutex);

  for (guint i = 0; i < bells->len; i++)
    g_cond_signal (bells->pdata[i]);
}

static gpointer
run_thread (gpointer user_data)
{
  FerrydSyncer *self = user_data;

  g_mutex_lock (&self->mutex);
  while (TRUE)
    {
      g_autoptr(GPtrArray) batch = NULL;

      while (self->waiting->len == 0 && !self->leaving)
        {
          self->sleeping = TRUE;
          g_cond_wait (&self->arrived, &self->mutex);
        }
      self->sleeping = FALSE;
      if (self->waiting->len == 0)
        break;

      batch = g_steal_pointer (&self->waiting);
      self->waiting = g_ptr_array_new ();
      g_mutex_unlock (&self->mutex);

      publish_batch (batch);
      answer_batch (self, batch);

      g_mutex_lock (&self->mutex);
    }
  g_mutex_unlock (&self->mutex);

  return NULL;
}

FerrydSyncer *
ferryd_syncer_new (void)
{
  FerrydSyncer *self = g_new0 (FerrydSyncer, 1);

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->arrived);
  self->waiting = g_ptr_array_new ();
  self->thread = g_thread_new ("ferryd-sync", run_thread, self);
  return self;
}

FerrydSyncer *
ferryd_syncer_ref (FerrydSyncer *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
ferryd_syncer_unref (FerrydSyncer *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  g_mutex_lock (&self->mutex);
  self->leaving = TRUE;
  g_cond_signal (&self->arrived);
  g_mutex_unlock (&self->mutex);

  g_thread_join (self->thread);
  g_ptr_array_unref (self->waiting);
  g_cond_clear (&self->arrived);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

gboolean
ferryd_syncer_publish (FerrydSyncer    *self,
                       FerrydPartFile  *file,
                       GError         **error)
{
  Request request = { .file = file, .bell = g_atomic_rc_box_new0 (GCond) };

  g_cond_init (request.bell);
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->waiting, &request);
  if (self->sleeping)
    g_cond_signal (&self->arrived);
  self->sleeping = FALSE;
  while (!request.done)
    g_cond_wait (request.bell, &self->mutex);
  g_mutex_unlock (&self->mutex);
  drop_bell (request.bell);

  if (request.error == NULL)
    return TRUE;

  g_propagate_error (error, request.error);
  return FALSE;
}
