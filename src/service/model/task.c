/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-task"

#include "config.h"

#include "common/error.h"
#include "model/ending.h"
#include "model/session.h"
#include "model/task-private.h"

G_DEFINE_FINAL_TYPE (FerrydTask, ferryd_task, G_TYPE_OBJECT)

enum { CHANGED, EVENT, REDIRECTED, REMOVED, SETTLED, N_SIGNALS };
static guint signals[N_SIGNALS];

void
ferryd_task_emit_changed (FerrydTask *self,
                          guint       mask)
{
  if (mask != 0)
    g_signal_emit (self, signals[CHANGED], 0, mask);
}

void
ferryd_task_emit_event (FerrydTask        *self,
                        const FerrydEvent *event)
{
  g_signal_emit (self, signals[EVENT], 0, event);
}

void
ferryd_task_emit_removed (FerrydTask *self)
{
  g_signal_emit (self, signals[REMOVED], 0);
}

void
ferryd_task_emit_settled (FerrydTask *self)
{
  if (!ferryd_task_is_busy (self))
    g_signal_emit (self, signals[SETTLED], 0);
}

/* Returns: the mask of what is new */
static guint
update_host (FerrydTask *self)
{
  const char *url = self->row->kept->current_url != NULL ? self->row->kept->current_url
                                                         : self->row->url;
  g_autoptr(GUri) uri = g_uri_parse (url, G_URI_FLAGS_PARSE_RELAXED, NULL);
  g_autofree char *before = g_steal_pointer (&self->host);

  self->host = uri != NULL && g_uri_get_host (uri) != NULL
                 ? g_ascii_strdown (g_uri_get_host (uri), -1)
                 : g_strdup ("");
  return g_strcmp0 (before, self->host) != 0 ? FERRYD_TASK_CHANGE (HOST) : 0;
}

static void
ferryd_task_dispose (GObject *object)
{
  FerrydTask *self = FERRYD_TASK (object);

  g_clear_handle_id (&self->retry, g_source_remove);
  g_clear_handle_id (&self->rest, g_source_remove);
  g_clear_object (&self->store);
  g_clear_object (&self->runner);

  G_OBJECT_CLASS (ferryd_task_parent_class)->dispose (object);
}

static void
ferryd_task_finalize (GObject *object)
{
  FerrydTask *self = FERRYD_TASK (object);

  ferryd_task_clear_moves (self);
  g_clear_pointer (&self->row, ferryd_task_row_free);
  g_clear_pointer (&self->secrets, g_variant_unref);
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->samples, g_free);

  G_OBJECT_CLASS (ferryd_task_parent_class)->finalize (object);
}

static void
ferryd_task_class_init (FerrydTaskClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = ferryd_task_dispose;
  object_class->finalize = ferryd_task_finalize;

  signals[CHANGED] = g_signal_new ("changed", FERRYD_TYPE_TASK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  signals[EVENT] = g_signal_new ("event", FERRYD_TYPE_TASK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[REDIRECTED] = g_signal_new ("redirected", FERRYD_TYPE_TASK, G_SIGNAL_RUN_LAST, 0, NULL,
                                      NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_STRING);
  signals[REMOVED] = g_signal_new ("removed", FERRYD_TYPE_TASK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[SETTLED] = g_signal_new ("settled", FERRYD_TYPE_TASK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
ferryd_task_init (FerrydTask *self)
{
  g_queue_init (&self->moves);
}

FerrydTask *
ferryd_task_new (FerrydSession *session,
                 FerrydTaskRow *row,
                 FerrydStore   *store,
                 FerrydRunner  *runner)
{
  FerrydTask *self;

  g_return_val_if_fail (row != NULL && row->id != 0, NULL);

  self = g_object_new (FERRYD_TYPE_TASK, NULL);
  self->session = session;
  self->row = row;
  self->store = g_object_ref (store);
  self->runner = g_object_ref (runner);
  /* Whatever ran when the service was last stopped goes on now. */
  if (row->status.state == FERRY_TASK_STATE_RUNNING)
    {
      row->status.state = FERRY_TASK_STATE_WAITING;
      row->status.reason = FERRY_WAIT_REASON_QUEUE;
    }

  self->size_hint = -1;
  self->resumed_at = -1;
  if (row->options != NULL)
    {
      /* What is not there stays as it is. */
      (void) g_variant_lookup (row->options, "not-before", "x", &self->not_before);
      (void) g_variant_lookup (row->options, "expected-size", "x", &self->size_hint);
    }
  (void) update_host (self);  /* nobody knows it yet */
  ferryd_task_count_kept (self);
  return self;
}

gint64
ferryd_task_get_id (FerrydTask *self)
{
  g_return_val_if_fail (FERRYD_IS_TASK (self), 0);

  return self->row->id;
}

FerrydSession *
ferryd_task_get_session (FerrydTask *self)
{
  g_return_val_if_fail (FERRYD_IS_TASK (self), NULL);

  return self->session;
}

const FerrydTaskRow *
ferryd_task_get_row (FerrydTask *self)
{
  g_return_val_if_fail (FERRYD_IS_TASK (self), NULL);

  return self->row;
}

FerryTaskState
ferryd_task_get_state (FerrydTask *self)
{
  return ferryd_task_get_row (self)->status.state;
}

const char *
ferryd_task_get_host (FerrydTask *self)
{
  return self->host;
}

gint64
ferryd_task_get_not_before (FerrydTask *self)
{
  return self->not_before;
}

GVariant *
ferryd_task_get_secrets (FerrydTask *self)
{
  return self->secrets;
}

void
ferryd_task_set_secrets (FerrydTask *self,
                         GVariant   *secrets)
{
  g_clear_pointer (&self->secrets, g_variant_unref);
  self->secrets = secrets != NULL ? g_variant_ref_sink (secrets) : NULL;
}

static gboolean
has_secret (GVariant   *secrets,
            const char *name)
{
  GVariantIter iter;
  const char *mine;

  if (secrets == NULL)
    return FALSE;

  g_variant_iter_init (&iter, secrets);
  while (g_variant_iter_next (&iter, "{&s&s}", &mine, NULL))
    {
      if (g_ascii_strcasecmp (mine, name) == 0)
        return TRUE;
    }

  return FALSE;
}

static gboolean
misses (FerrydTask *self,
        GVariant   *names)
{
  GVariantIter iter;
  const char *name;

  if (names == NULL)
    return FALSE;

  g_variant_iter_init (&iter, names);
  while (g_variant_iter_next (&iter, "&s", &name))
    {
      if (!has_secret (self->secrets, name) &&
          !has_secret (ferryd_session_get_secrets (self->session), name))
        return TRUE;
    }

  return FALSE;
}

gboolean
ferryd_task_misses_secrets (FerrydTask *self)
{
  return misses (self, self->row->secret_names) ||
         misses (self, ferryd_session_get_row (self->session)->secret_names);
}

/* As the table of the design has it: a validator, or a size that an overlap can be proven with. */
gboolean
ferryd_task_is_resumable (FerrydTask *self)
{
  const FerrydPart *part = &self->row->kept->part;
  gboolean has_validator = part->etag != NULL || part->last_modified != NULL;
  gboolean unproven = ferryd_session_get_configuration (self->session)->resume_unproven;

  if (part->name == NULL || part->offset == 0 || part->refuses_ranges)
    return FALSE;

  return has_validator || (unproven && part->total >= 0 && !part->total_is_guess);
}

char *
ferryd_task_get_path (FerrydTask *self)
{
  const FerrydKept *kept = self->row->kept;
  gboolean is_finished = self->row->status.state == FERRY_TASK_STATE_FINISHED;
  const char *name = is_finished ? kept->final_name : kept->part.name;

  return name != NULL ? g_build_filename (self->row->folder, name, NULL) : NULL;
}

FerrydPhase
ferryd_task_get_phase (FerrydTask *self)
{
  return self->phase;
}

gint64
ferryd_task_get_received (FerrydTask *self)
{
  return self->received;
}

gint64
ferryd_task_get_chunk (FerrydTask *self)
{
  return self->chunk;
}

gint64
ferryd_task_get_resumed_at (FerrydTask *self)
{
  return self->resumed_at;
}

gint64
ferryd_task_get_expected (FerrydTask *self)
{
  return self->expected;
}

guint64
ferryd_task_get_rate (FerrydTask *self)
{
  return self->rate;
}

const FerrydSamples *
ferryd_task_get_samples (FerrydTask *self)
{
  return self->samples;
}

guint
ferryd_task_get_position (FerrydTask *self)
{
  return self->position;
}

gboolean
ferryd_task_has_slot (FerrydTask *self)
{
  return self->has_slot;
}

gboolean
ferryd_task_wants_slot (FerrydTask *self)
{
  const FerrydTaskStatus *status = &self->row->status;

  return status->state == FERRY_TASK_STATE_WAITING && !self->has_slot && self->rest == 0 &&
         (status->reason == FERRY_WAIT_REASON_QUEUE ||
          status->reason == FERRY_WAIT_REASON_HOST_LIMIT ||
          status->reason == FERRY_WAIT_REASON_NOT_YET ||
          status->reason == FERRY_WAIT_REASON_RETRY);
}

gboolean
ferryd_task_is_busy (FerrydTask *self)
{
  return self->has_job || self->current != NULL || self->moves.length > 0;
}

void
ferryd_task_set_world (FerrydTask        *self,
                       const FerrydWorld *world)
{
  g_return_if_fail (FERRYD_IS_TASK (self));

  self->world = world;
}

/* Not written down: the next start lifts it too. */
void
ferryd_task_lift (FerrydTask *self)
{
  FerrydTaskStatus *status = &self->row->status;
  guint mask = FERRYD_TASK_CHANGE (REASON) | FERRYD_TASK_CHANGE (REASON_DETAILS);

  g_return_if_fail (FERRYD_IS_TASK (self));

  if (status->state != FERRY_TASK_STATE_WAITING || status->reason == FERRY_WAIT_REASON_QUEUE)
    return;

  mask |= status->retry_at != 0 ? FERRYD_TASK_CHANGE (RETRY_AT) : 0;
  status->reason = FERRY_WAIT_REASON_QUEUE;
  status->retry_at = 0;
  ferryd_task_emit_changed (self, mask);
}

gint64
ferryd_task_get_expiry (FerrydTask *self)
{
  const FerrydTaskStatus *status = &self->row->status;
  guint64 timeout = ferryd_session_get_configuration (self->session)->resource_timeout;

  if (status->state != FERRY_TASK_STATE_WAITING || status->clock_since == 0)
    return 0;

  return status->clock_since + (gint64) timeout * G_USEC_PER_SEC - status->clock_used;
}

void
ferryd_task_restart_stalled (FerrydTask *self,
                             gint64      monotonic)
{
  const FerrydTally *tally = ferryd_runner_get_tally (self->runner, self->row->id);
  FerrydPhase phase;
  gint64 active_at;

  if (tally == NULL)
    return;

  phase = atomic_load_explicit (&tally->phase, memory_order_relaxed);
  active_at = atomic_load_explicit (&tally->active_at, memory_order_relaxed);
  if ((phase == FERRYD_PHASE_CONNECTING || phase == FERRYD_PHASE_TRANSFERRING) &&
      active_at != 0 && active_at < monotonic)
    ferryd_runner_stop (self->runner, self->row->id, FERRYD_CAUSE_RESTART);
}

void
ferryd_task_note_redirect (FerrydTask *self,
                           guint       status,
                           const char *url)
{
  g_return_if_fail (FERRYD_IS_TASK (self));

  g_signal_emit (self, signals[REDIRECTED], 0, status, url);
}

/* Not written down: the next start decides anew. */
void
ferryd_task_set_queued (FerrydTask      *self,
                        FerryWaitReason  reason,
                        guint            position)
{
  g_return_if_fail (FERRYD_IS_TASK (self));

  self->position = position;
  if (self->row->status.reason == reason)
    return;

  self->row->status.reason = reason;
  ferryd_task_emit_changed (self,
                            FERRYD_TASK_CHANGE (REASON) | FERRYD_TASK_CHANGE (REASON_DETAILS));
}

void
ferryd_task_note (FerrydTask       *self,
                  const FerrydKept *kept)
{
  guint mask;

  g_return_if_fail (FERRYD_IS_TASK (self));

  mask = ferryd_task_kept_compare (self->row->kept, kept);
  g_clear_pointer (&self->row->kept, ferryd_kept_free);
  self->row->kept = ferryd_kept_copy (kept);
  mask |= update_host (self);
  ferryd_task_emit_changed (self, mask);
}

void
ferryd_task_note_written (FerrydTask *self)
{
  g_return_if_fail (FERRYD_IS_TASK (self));

  self->has_slot = FALSE;
}

/* Both keep what they have to free. */
#define SWAP(a, b, member) \
  G_STMT_START { \
    __typeof__ ((a)->member) held = (a)->member; \
    (a)->member = (b)->member; \
    (b)->member = held; \
  } G_STMT_END

guint
ferryd_task_take_settings (FerrydTask    *self,
                           FerrydTaskRow *row,
                           gboolean       with_kept)
{
  FerrydTaskRow *mine = self->row;
  guint mask = 0;

  mask |= mine->priority != row->priority ? FERRYD_TASK_CHANGE (PRIORITY) : 0;
  mask |= g_strcmp0 (mine->description, row->description) != 0 ? FERRYD_TASK_CHANGE (DESCRIPTION)
                                                               : 0;
  mask |= mine->download_limit != row->download_limit ? FERRYD_TASK_CHANGE (DOWNLOAD_LIMIT) : 0;
  mask |= g_strcmp0 (mine->url, row->url) != 0 ? FERRYD_TASK_CHANGE (URL) : 0;
  mask |= g_strcmp0 (mine->folder, row->folder) != 0 ? FERRYD_TASK_CHANGE (PATH) : 0;
  mask |= mine->options != row->options ? FERRYD_TASK_CHANGE (OPTIONS) : 0;
  mask |= with_kept ? ferryd_task_kept_compare (mine->kept, row->kept) : 0;

  SWAP (mine, row, priority);
  SWAP (mine, row, description);
  SWAP (mine, row, download_limit);
  SWAP (mine, row, url);
  SWAP (mine, row, folder);
  SWAP (mine, row, options);
  SWAP (mine, row, resume_key);
  if (with_kept)
    SWAP (mine, row, kept);

  return mask | update_host (self);
}
