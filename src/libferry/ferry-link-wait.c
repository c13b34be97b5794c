/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-link"

#include "config.h"

#include "ferry-link-inside-private.h"

/* One who waits until the service is there. */
typedef struct
{
  FerryLink *link;    /* unowned; it is the task's source */
  GTask     *task;    /* owned */
  GSource   *cancel;  /* owned. NULL: it cannot be cancelled */
} Waiter;

static void
disarm (Waiter *waiter)
{
  if (waiter->cancel != NULL)
    g_source_destroy (waiter->cancel);
  g_clear_pointer (&waiter->cancel, g_source_unref);
}

static void
waiter_free (Waiter *waiter)
{
  disarm (waiter);
  g_object_unref (waiter->task);
  g_free (waiter);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Waiter, waiter_free)

static gboolean
on_waiter_cancelled_cb (GCancellable *cancellable,
                        gpointer      user_data)
{
  g_autoptr(Waiter) waiter = user_data;

  (void) g_queue_remove (&waiter->link->connecting, waiter);  /* it is there */
  (void) g_task_return_error_if_cancelled (waiter->task);     /* it is cancelled */
  return G_SOURCE_REMOVE;
}

void
ferry_link_add_waiter (FerryLink *self,
                       GTask     *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->link = self;
  waiter->task = g_object_ref (task);
  if (cancellable != NULL)
    {
      waiter->cancel = g_cancellable_source_new (cancellable);
      g_source_set_callback (waiter->cancel, G_SOURCE_FUNC (on_waiter_cancelled_cb), waiter, NULL);
      (void) g_source_attach (waiter->cancel, g_task_get_context (task));  /* it is kept */
    }
  g_queue_push_tail (&self->connecting, waiter);
}

/* Who begins to wait when told of the state, or by an answer, waits for the next one. */
void
ferry_link_settle (FerryLink        *self,
                   FerryClientState  state,
                   const GError     *error)
{
  g_autoptr(FerryLink) kept = g_object_ref (self);
  GQueue waiters = self->connecting;

  g_queue_init (&self->connecting);
  for (GList *l = waiters.head; l != NULL; l = l->next)
    disarm (l->data);

  ferry_link_set_state (kept, state);
  while (!g_queue_is_empty (&waiters))
    {
      g_autoptr(Waiter) waiter = g_queue_pop_head (&waiters);

      if (error != NULL)
        g_task_return_error (waiter->task, g_error_copy (error));
      else
        g_task_return_boolean (waiter->task, TRUE);
    }
}
