/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-notices"

#include "config.h"

#include "notices.h"

/* A file manager that is to show more would rather not. */
#define MOST_PATHS 50

struct _FerrydNotices
{
  GObject         parent_instance;

  FerrydDoor     *door;      /* owned */
  FerrydNotifier *notifier;  /* owned */
  GHashTable     *batches;   /* owned; FerrydSession, unowned → Batch */
};

G_DEFINE_FINAL_TYPE (FerrydNotices, ferryd_notices, G_TYPE_OBJECT)

/* What has ended since a session was last spoken of. */
typedef struct
{
  GPtrArray *paths;      /* owned; of char *, owned: finished files */
  char      *only_name;  /* owned; of the last that ended */
  gboolean   is_heard;   /* of the last, somebody has heard who tells the person */
} Batch;

static void
batch_free (Batch *batch)
{
  g_ptr_array_unref (batch->paths);
  g_free (batch->only_name);
  g_free (batch);
}

static Batch *
get_batch (FerrydNotices *self,
           FerrydSession *session)
{
  Batch *batch = g_hash_table_lookup (self->batches, session);

  if (batch == NULL)
    {
      batch = g_new0 (Batch, 1);
      batch->paths = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_insert (self->batches, session, batch);
    }

  return batch;
}

/* What a person would call it: an address's query is nobody's business here. */
static char *
get_name (FerrydTask *task)
{
  const FerrydKept *kept = ferryd_task_get_row (task)->kept;
  const char *name = kept->final_name != NULL ? kept->final_name : kept->file_name;

  return name != NULL ? g_filename_display_name (name) : g_strdup (ferryd_task_get_host (task));
}

/* Who waits for the last end may have left before the session is seen to be at its end. */
static void
collect (FerrydNotices *self,
         FerrydTask    *task,
         gboolean       finished)
{
  FerrydSession *session = ferryd_task_get_session (task);
  Batch *batch = get_batch (self, session);

  batch->is_heard = ferryd_door_wants_quiet (self->door, session);
  g_clear_pointer (&batch->only_name, g_free);
  batch->only_name = get_name (task);
  if (finished && batch->paths->len < MOST_PATHS)
    g_ptr_array_add (batch->paths, ferryd_task_get_path (task));
}

static void
show (FerrydNotices *self,
      FerrydSession *session,
      guint          n_finished,
      guint          n_failed)
{
  Batch *batch = get_batch (self, session);
  gboolean is_one = n_finished + n_failed == 1;
  g_autofree char *summary = NULL;
  g_autofree char *body = NULL;
  FerrydNotice notice = { 0 };

  if (n_finished + n_failed > 0 && !batch->is_heard &&
      !ferryd_door_wants_quiet (self->door, session))
    {
      ferryd_notifier_describe (n_finished, n_failed, is_one ? batch->only_name : NULL, &summary,
                                &body);
      notice.summary = summary;
      notice.body = body;
      notice.app_id = ferryd_session_get_row (session)->app_id;
      if (n_finished == 1 && batch->paths->len == 1)
        notice.file = batch->paths->pdata[0];
      g_ptr_array_add (batch->paths, NULL);
      notice.paths = (const char * const *) batch->paths->pdata;
      ferryd_notifier_show (self->notifier, (guint64) ferryd_session_get_id (session), &notice);
    }

  g_hash_table_remove (self->batches, session);
}

static void
on_task_event_cb (FerrydManager     *manager,
                  FerrydTask        *task,
                  const FerrydEvent *event,
                  FerrydNotices     *self)
{
  FerrydSession *session = ferryd_task_get_session (task);
  FerrydNotify notify = ferryd_session_get_configuration (session)->notify;
  gboolean finished = g_str_equal (event->kind, FERRYD_EVENT_FINISHED);

  if (notify == FERRYD_NOTIFY_NONE ||
      (!finished && !g_str_equal (event->kind, FERRYD_EVENT_FAILED)))
    return;

  collect (self, task, finished);
  if (notify == FERRYD_NOTIFY_EACH)
    show (self, session, finished, !finished);
}

static void
on_session_event_cb (FerrydManager     *manager,
                     FerrydSession     *session,
                     const FerrydEvent *event,
                     FerrydNotices     *self)
{
  guint n_finished = 0;
  guint n_failed = 0;

  if (!g_str_equal (event->kind, FERRYD_EVENT_SESSION_FINISHED) ||
      ferryd_session_get_configuration (session)->notify != FERRYD_NOTIFY_FINISH)
    return;

  (void) g_variant_lookup (event->details, "finished", "u", &n_finished);  /* it is there */
  (void) g_variant_lookup (event->details, "failed", "u", &n_failed);      /* so is this */
  show (self, session, n_finished, n_failed);
}

static void
on_session_removed_cb (FerrydManager *manager,
                       FerrydSession *session,
                       FerrydNotices *self)
{
  g_hash_table_remove (self->batches, session);
}

static void
ferryd_notices_dispose (GObject *object)
{
  FerrydNotices *self = FERRYD_NOTICES (object);

  g_clear_pointer (&self->batches, g_hash_table_unref);
  g_clear_object (&self->notifier);
  g_clear_object (&self->door);

  G_OBJECT_CLASS (ferryd_notices_parent_class)->dispose (object);
}

static void
ferryd_notices_class_init (FerrydNoticesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_notices_dispose;
}

static void
ferryd_notices_init (FerrydNotices *self)
{
  self->batches = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) batch_free);
}

FerrydNotices *
ferryd_notices_new (FerrydManager  *manager,
                    FerrydDoor     *door,
                    FerrydNotifier *notifier)
{
  FerrydNotices *self = g_object_new (FERRYD_TYPE_NOTICES, NULL);

  self->door = g_object_ref (door);
  self->notifier = g_object_ref (notifier);
  g_signal_connect_object (manager, "task-event", G_CALLBACK (on_task_event_cb), self, 0);
  g_signal_connect_object (manager, "session-event", G_CALLBACK (on_session_event_cb), self, 0);
  g_signal_connect_object (manager, "session-removed", G_CALLBACK (on_session_removed_cb), self, 0);
  return self;
}
