/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-task"

#include "config.h"

#include "model/ending.h"
#include "model/task-private.h"

G_DEFINE_FINAL_TYPE (FerrydTask, ferryd_task, G_TYPE_OBJECT)

enum { CHANGED, SETTLED, N_SIGNALS };
static guint signals[N_SIGNALS];

void
ferryd_task_emit_changed (FerrydTask *self,
                          guint       mask)
{
  if (mask != 0)
    g_signal_emit (self, signals[CHANGED], 0, mask);
}

void
ferryd_task_emit_settled (FerrydTask *self)
{
  if (!ferryd_task_is_busy (self))
    g_signal_emit (self, signals[SETTLED], 0);
}

static void
update_host (FerrydTask *self)
{
  const char *url = self->row->kept->current_url != NULL ? self->row->kept->current_url
                                                         : self->row->url;
  g_autoptr(GUri) uri = g_uri_parse (url, G_URI_FLAGS_PARSE_RELAXED, NULL);

  g_clear_pointer (&self->host, g_free);
  self->host = uri != NULL && g_uri_get_host (uri) != NULL
                 ? g_ascii_strdown (g_uri_get_host (uri), -1)
                 : g_strdup ("");
}

static void
ferryd_task_dispose (GObject *object)
{
  FerrydTask *self = FERRYD_TASK (object);

  g_clear_handle_id (&self->retry, g_source_remove);
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

  update_host (self);
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

  return status->state == FERRY_TASK_STATE_WAITING && !self->has_slot &&
         (status->reason == FERRY_WAIT_REASON_QUEUE ||
          status->reason == FERRY_WAIT_REASON_HOST_LIMIT);
}

gboolean
ferryd_task_is_busy (FerrydTask *self)
{
  return self->has_job || self->moves.length > 0;
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
  update_host (self);
  ferryd_task_emit_changed (self, mask);
}

void
ferryd_task_note_written (FerrydTask *self)
{
  g_return_if_fail (FERRYD_IS_TASK (self));

  self->has_slot = FALSE;
}

void
ferryd_task_count_kept (FerrydTask *self)
{
  const FerrydPart *part = &self->row->kept->part;
  gboolean is_finished = self->row->status.state == FERRY_TASK_STATE_FINISHED;
  gint64 received = is_finished ? part->total : part->offset;
  guint mask = 0;

  mask |= received != self->received ? FERRYD_TASK_CHANGE (BYTES_RECEIVED) : 0;
  mask |= part->total != self->expected ? FERRYD_TASK_CHANGE (BYTES_EXPECTED) : 0;
  self->received = received;
  self->expected = part->total;
  self->rate = 0;
  ferryd_task_emit_changed (self, mask);
}

void
ferryd_task_begin_counting (FerrydTask *self)
{
  self->phase = FERRYD_PHASE_CONNECTING;
  if (self->samples != NULL)
    ferryd_samples_init (self->samples);
}

void
ferryd_task_sample (FerrydTask *self)
{
  const FerrydTally *tally = ferryd_runner_get_tally (self->runner, self->row->id);
  gint64 received;
  gint64 expected;
  guint64 rate;
  FerrydPhase phase;
  guint mask = 0;

  if (tally == NULL)
    return;

  if (self->samples == NULL)
    {
      self->samples = g_new (FerrydSamples, 1);
      ferryd_samples_init (self->samples);
    }

  received = atomic_load_explicit (&tally->received, memory_order_relaxed);
  expected = atomic_load_explicit (&tally->expected, memory_order_relaxed);
  phase = atomic_load_explicit (&tally->phase, memory_order_relaxed);
  ferryd_samples_add (self->samples, atomic_load_explicit (&tally->moved, memory_order_relaxed));
  rate = ferryd_samples_get_rate (self->samples);

  mask |= received != self->received ? FERRYD_TASK_CHANGE (BYTES_RECEIVED) : 0;
  mask |= expected != self->expected ? FERRYD_TASK_CHANGE (BYTES_EXPECTED) : 0;
  mask |= phase != self->phase ? FERRYD_TASK_CHANGE (PHASE) : 0;
  mask |= rate != self->rate ? FERRYD_TASK_CHANGE (RATE) : 0;
  self->received = received;
  self->expected = expected;
  self->phase = phase;
  self->rate = rate;
  ferryd_task_emit_changed (self, mask);
}
