/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-manager"

#include "config.h"

#include "common/error.h"
#include "model/manager-private.h"
#include "model/session-private.h"
#include "model/task-private.h"

/* How long what could not be written waits before it is tried again. */
#define SAVE_AGAIN_S 5

/* What is being written of a session. */
typedef struct
{
  FerrydManager     *manager;  /* owned */
  FerrydSession     *session;  /* owned */
  FerrydSessionRow  *row;      /* owned; what it is to be */
  FerrydEvent       *event;    /* owned; NULL: none */
  GTask             *answer;   /* owned; NULL: nobody waits */
} Change;

static Change *
change_new (FerrydManager *manager,
            FerrydSession *session)
{
  Change *change = g_new0 (Change, 1);

  change->manager = g_object_ref (manager);
  change->session = g_object_ref (session);
  change->row = ferryd_session_row_copy (session->row);
  return change;
}

static void
change_free (Change *change)
{
  g_clear_object (&change->manager);
  g_clear_object (&change->session);
  g_clear_pointer (&change->row, ferryd_session_row_free);
  g_clear_pointer (&change->event, ferryd_event_free);
  g_clear_object (&change->answer);
  g_free (change);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Change, change_free)

/* What settles it again, where a write has failed. */
typedef struct
{
  FerrydManager *manager;  /* unowned; ends the timer of each session with itself */
  FerrydSession *session;  /* unowned; has the timer */
} Again;

static gboolean
on_again_cb (gpointer user_data)
{
  Again *again = user_data;

  again->session->again = 0;
  ferryd_manager_settle_session (again->manager, again->session);
  ferryd_manager_emit (again->manager, FERRYD_MANAGER_SETTLED);
  return G_SOURCE_REMOVE;
}

static void
settle_again (FerrydManager *self,
              FerrydSession *session)
{
  Again *again;

  if (session->again != 0 || self->leaving != NULL)
    return;

  again = g_new0 (Again, 1);
  again->manager = self;
  again->session = session;
  session->again = g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, SAVE_AGAIN_S, on_again_cb, again,
                                               g_free);
}

static void
tell (Change *change,
      gint64  serial)
{
  FerrydSession *session = change->session;
  FerrydEvent *event = g_steal_pointer (&change->event);

  if (event == NULL)
    return;

  event->serial = serial;
  ferryd_session_add_event (session, event);
  ferryd_session_reap (session, event);
  ferryd_manager_emit (change->manager, FERRYD_MANAGER_SESSION_EVENT, session, event);
}

static void
session_saved_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(Change) change = user_data;
  FerrydManager *self = change->manager;
  FerrydSession *session = change->session;
  gint64 serial = 0;
  GError *error = NULL;

  session->n_held--;
  if (!ferryd_store_save_session_finish (FERRYD_STORE (object), result, &serial, &error))
    {
      session->is_closing = FALSE;
      if (change->answer != NULL)
        g_task_return_error (change->answer, error);
      else
        {
          g_info ("What session %" G_GINT64_FORMAT " has come to could not be written yet: %s",
                  session->row->id, error->message);
          g_clear_error (&error);
        }
      settle_again (self, session);
      ferryd_manager_settle_session (self, session);  /* others may have waited */
      return;
    }

  session->row->state = change->row->state;
  if (session->row->state == FERRY_SESSION_STATE_INVALID)
    ferryd_registry_free_name (self->registry, session);
  tell (change, serial);
  if (change->answer != NULL)
    g_task_return_boolean (change->answer, TRUE);
  ferryd_manager_settle_session (self, session);
}

/* @change: (transfer full) */
static void
save (Change *change)
{
  change->session->n_held++;
  ferryd_store_save_session_async (change->manager->store, change->row, change->event,
                                   session_saved_cb, change);
}

static void
save_harvest (FerrydManager *self,
              FerrydSession *session)
{
  Change *change = change_new (self, session);
  const FerrydHarvest *harvest = &session->row->harvest;
  GVariantDict details;

  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "finished", "u", (guint) harvest->finished);
  g_variant_dict_insert (&details, "failed", "u", (guint) harvest->failed);
  g_variant_dict_insert (&details, "cancelled", "u", (guint) harvest->cancelled);
  change->event = ferryd_event_new (session->row->id, 0, FERRYD_EVENT_SESSION_FINISHED,
                                    g_variant_dict_end (&details));
  save (change);
}

static void
save_invalid (FerrydManager *self,
              FerrydSession *session)
{
  Change *change = change_new (self, session);

  change->row->state = FERRY_SESSION_STATE_INVALID;
  change->event = ferryd_event_new (session->row->id, 0, FERRYD_EVENT_SESSION_INVALID, NULL);
  save (change);
}

static void
session_removed_cb (GObject      *object,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr(Change) change = user_data;
  FerrydManager *self = change->manager;
  FerrydSession *session = change->session;
  g_autoptr(GError) error = NULL;

  if (!ferryd_store_remove_session_finish (FERRYD_STORE (object), result, &error))
    {
      g_info ("Session %" G_GINT64_FORMAT " could not be removed yet: %s", session->row->id,
              error->message);
      session->n_held--;
      settle_again (self, session);
      return;
    }

  ferryd_runner_reset_session (self->runner, session->row->id);
  ferryd_registry_drop_session (self->registry, session);
  ferryd_manager_emit (self, FERRYD_MANAGER_SESSION_REMOVED, session);
  ferryd_manager_leave_if_idle (self);
}

/* The row cannot go before what it leads to: parts of failed tasks, too, are on somebody's disk. */
static void
task_removed_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(Change) change = user_data;
  g_autoptr(GError) error = NULL;

  if (!ferryd_task_wish_finish (FERRYD_TASK (object), result, &error) &&
      !g_error_matches (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND))
    settle_again (change->manager, change->session);
}

static void
remove_tasks (FerrydManager *self,
              FerrydSession *session)
{
  g_autoptr(GPtrArray) tasks = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < session->tasks->len; i++)
    g_ptr_array_add (tasks, g_object_ref (session->tasks->pdata[i]));
  for (guint i = 0; i < tasks->len; i++)
    ferryd_task_wish_async (tasks->pdata[i], FERRYD_WISH_REMOVE, task_removed_cb,
                            change_new (self, session));
}

static void
remove_session (FerrydManager *self,
                FerrydSession *session)
{
  session->n_held++;
  ferryd_store_remove_session_async (self->store, session->row->id, session_removed_cb,
                                     change_new (self, session));
}

static gboolean
is_at_rest (FerrydSession *session)
{
  for (guint i = 0; i < session->tasks->len; i++)
    {
      FerrydTask *task = session->tasks->pdata[i];

      if (task->is_lent || ferryd_task_is_busy (task))
        return FALSE;
    }

  return TRUE;
}

static gboolean
has_harvest (FerrydSession *session)
{
  const FerrydHarvest *harvest = &session->row->harvest;

  return harvest->finished + harvest->failed + harvest->cancelled > 0;
}

void
ferryd_manager_settle_session (FerrydManager *self,
                               FerrydSession *session)
{
  guint n_open = session->counts[FERRY_TASK_STATE_SUSPENDED] +
                 session->counts[FERRY_TASK_STATE_WAITING] +
                 session->counts[FERRY_TASK_STATE_RUNNING];

  if (session->n_held > 0)
    return;
  if (session->openers->len > 0)
    {
      ferryd_manager_take_secrets (self, session);
      return;
    }
  if (self->leaving != NULL)
    ferryd_manager_leave_if_idle (self);
  if (session->again != 0 || self->leaving != NULL || session->n_active > 0)
    return;

  if (has_harvest (session))
    save_harvest (self, session);
  else if (session->row->state == FERRY_SESSION_STATE_FINISHING && n_open == 0)
    save_invalid (self, session);
  else if (session->row->state == FERRY_SESSION_STATE_INVALID && session->events->len == 0 &&
           n_open == 0 && is_at_rest (session))
    {
      if (session->tasks->len > 0)
        remove_tasks (self, session);
      else
        remove_session (self, session);
    }
}

/* An answer that waits for several tasks. */
typedef struct
{
  GTask *answer;  /* owned */
  guint  n_left;
} Cancelling;

static void
cancelling_free (Cancelling *cancelling)
{
  FerrydSession *session = g_task_get_task_data (cancelling->answer);

  if (!g_task_had_error (cancelling->answer))
    g_task_return_boolean (cancelling->answer, TRUE);
  session->n_held--;
  ferryd_manager_settle_session (g_task_get_source_object (cancelling->answer), session);
  g_clear_object (&cancelling->answer);
  g_free (cancelling);
}

static void
one_cancelled_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  Cancelling *cancelling = user_data;
  g_autoptr(GError) error = NULL;
  gboolean is_over;

  /* WRONG_STATE: it has finished in the meantime. NOT_FOUND: it has been removed. */
  is_over = ferryd_task_wish_finish (FERRYD_TASK (object), result, &error) ||
            g_error_matches (error, FERRY_ERROR, FERRY_ERROR_WRONG_STATE) ||
            g_error_matches (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND);
  if (!is_over && !g_task_had_error (cancelling->answer) &&
      !g_task_get_completed (cancelling->answer))
    g_task_return_error (cancelling->answer, g_steal_pointer (&error));

  if (--cancelling->n_left == 0)
    cancelling_free (cancelling);
}

static void
cancel_all (FerrydSession *session,
            GTask         *answer)
{
  g_autoptr(GPtrArray) tasks = g_ptr_array_new_with_free_func (g_object_unref);
  Cancelling *cancelling = g_new0 (Cancelling, 1);

  cancelling->answer = g_object_ref (answer);
  session->n_held++;  /* told once, of all of them */
  for (guint i = 0; i < session->tasks->len; i++)
    {
      FerrydTask *task = session->tasks->pdata[i];

      if (!ferry_task_state_is_over (ferryd_task_get_state (task)))
        g_ptr_array_add (tasks, g_object_ref (task));
    }

  cancelling->n_left = tasks->len;
  if (tasks->len == 0)
    cancelling_free (cancelling);
  for (guint i = 0; i < tasks->len; i++)
    ferryd_task_wish_async (tasks->pdata[i], FERRYD_WISH_CANCEL, one_cancelled_cb, cancelling);
}

static void
finishing_saved_cb (GObject      *object,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  g_autoptr(GTask) answer = user_data;
  FerrydSession *session = g_task_get_task_data (answer);
  GError *error = NULL;

  if (g_task_propagate_boolean (G_TASK (result), &error))
    cancel_all (session, answer);
  else
    g_task_return_error (answer, error);
}

static void
save_finishing (FerrydManager *self,
                FerrydSession *session,
                GTask         *answer)
{
  Change *change = change_new (self, session);

  session->is_closing = TRUE;
  change->row->state = FERRY_SESSION_STATE_FINISHING;
  change->answer = g_object_ref (answer);
  save (change);
}

void
ferryd_manager_invalidate_async (FerrydManager       *self,
                                 FerrydSession       *session,
                                 gboolean             cancel,
                                 GAsyncReadyCallback  callback,
                                 gpointer             user_data)
{
  g_autoptr(GTask) answer = NULL;
  g_autoptr(GTask) saved = NULL;

  g_return_if_fail (FERRYD_IS_MANAGER (self));
  g_return_if_fail (FERRYD_IS_SESSION (session));

  answer = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (answer, (gpointer) (guintptr) ferryd_manager_invalidate_async);
  g_task_set_task_data (answer, g_object_ref (session), g_object_unref);
  saved = cancel ? g_task_new (self, NULL, finishing_saved_cb, g_object_ref (answer))
                 : g_object_ref (answer);
  if (session->row->state == FERRY_SESSION_STATE_OPEN)
    save_finishing (self, session, saved);
  else
    g_task_return_boolean (saved, TRUE);
}

gboolean
ferryd_manager_invalidate_finish (FerrydManager  *self,
                                  GAsyncResult   *result,
                                  GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
