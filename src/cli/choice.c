/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-choice"

#include "config.h"

#include "choice.h"

/* The lower, the more there is to see. */
static int
get_rank (FerryTask *task)
{
  FerryWaitReason reason = ferry_task_get_reason (task);

  if (ferry_task_get_state (task) == FERRY_TASK_STATE_RUNNING)
    return 0;
  if (reason != FERRY_WAIT_REASON_QUEUE && reason != FERRY_WAIT_REASON_NONE)
    return 1;

  return 2;
}

static int
compare_tasks (gconstpointer a,
               gconstpointer b)
{
  FerryTask *one = *(FerryTask *const *) a;
  FerryTask *other = *(FerryTask *const *) b;
  int difference = get_rank (one) - get_rank (other);

  if (difference != 0)
    return difference;

  return (ferry_task_get_number (one) > ferry_task_get_number (other)) -
         (ferry_task_get_number (one) < ferry_task_get_number (other));
}

/**
 * ferry_choice_make:
 * @tasks: (element-type FerryTask): tasks
 * @room: how many can be shown
 * @n_alive: (out): how many are not over
 *
 * Chooses what to show of more tasks than there is room for: what runs comes first, then what
 * waits for something else than its turn.
 *
 * Returns: (transfer container): at most @room of those that are not over
 */
GPtrArray *
ferry_choice_make (GPtrArray *tasks,
                   guint      room,
                   guint     *n_alive)
{
  g_autoptr(GPtrArray) alive = g_ptr_array_new ();

  for (guint i = 0; i < tasks->len; i++)
    {
      FerryTask *task = g_ptr_array_index (tasks, i);

      if (!ferry_task_is_over (task))
        g_ptr_array_add (alive, task);
    }

  *n_alive = alive->len;
  if (alive->len > room)
    {
      g_ptr_array_sort (alive, compare_tasks);
      g_ptr_array_set_size (alive, (int) room);
    }

  return g_steal_pointer (&alive);
}
