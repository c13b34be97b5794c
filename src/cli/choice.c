/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-choice"

#include "config.h"

#include "choice.h"

/* The lower, the more there is to see. */
static int
get_rank (const FerryTransfer *transfer)
{
  if (transfer->state == FERRY_TASK_STATE_RUNNING)
    return 0;
  if (transfer->reason != FERRY_WAIT_REASON_QUEUE && transfer->reason != FERRY_WAIT_REASON_NONE)
    return 1;

  return 2;
}

static int
compare_transfers (gconstpointer a,
                   gconstpointer b)
{
  const FerryTransfer *one = *(FerryTransfer *const *) a;
  const FerryTransfer *other = *(FerryTransfer *const *) b;
  int difference = get_rank (one) - get_rank (other);

  if (difference != 0)
    return difference;

  return (one->number > other->number) - (one->number < other->number);
}

/**
 * ferry_choice_make:
 * @transfers: (element-type FerryTransfer): transfers
 * @room: how many can be shown
 * @n_alive: (out): how many are not over
 *
 * Chooses what to show of more transfers than there is room for: what runs comes first, then what
 * waits for something else than its turn.
 *
 * Returns: (transfer container): at most @room of those that are not over
 */
GPtrArray *
ferry_choice_make (GPtrArray *transfers,
                   guint      room,
                   guint     *n_alive)
{
  g_autoptr(GPtrArray) alive = g_ptr_array_new ();

  for (guint i = 0; i < transfers->len; i++)
    {
      FerryTransfer *transfer = g_ptr_array_index (transfers, i);

      if (!ferry_transfer_is_over (transfer))
        g_ptr_array_add (alive, transfer);
    }

  *n_alive = alive->len;
  if (alive->len > room)
    {
      g_ptr_array_sort (alive, compare_transfers);
      g_ptr_array_set_size (alive, (int) room);
    }

  return g_steal_pointer (&alive);
}
