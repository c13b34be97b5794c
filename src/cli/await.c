/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-await"

#include "config.h"

#include "await.h"

/**
 * ferry_await_cb:
 * @source: what was asked
 * @result: its answer
 * @await: (type FerryAwait): who waits for it
 *
 * The callback to give to the asynchronous call.
 */
void
ferry_await_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      await)
{
  FerryAwait *self = await;

  g_assert (self->result == NULL);
  self->result = g_object_ref (result);
}

/**
 * ferry_await:
 * @self: who waits
 *
 * Turns the main loop until the answer is there.
 *
 * Returns: (transfer none): the answer, for the finish function; good until @self is cleared
 */
GAsyncResult *
ferry_await (FerryAwait *self)
{
  while (self->result == NULL)
    (void) g_main_context_iteration (NULL, TRUE);  /* whether it did anything shows in the result */

  return self->result;
}

void
ferry_await_clear (FerryAwait *self)
{
  g_clear_object (&self->result);
}
