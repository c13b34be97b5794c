/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-task-list"

#include "config.h"

#include <string.h>

#include "ferry-task-list-private.h"
#include "ferry-task-private.h"

FerryTask *
ferry_task_list_get_at (FerryTaskList *self,
                        guint          position)
{
  return self->tasks->pdata[self->tasks->len - 1 - position];
}

/* 0: there is none. */
static guint64
get_number_at (FerryTaskList *self,
               guint          position)
{
  return position < self->tasks->len ? ferry_task_list_get_at (self, position)->number : 0;
}

guint
ferry_task_list_find_below (FerryTaskList *self,
                            guint64        before)
{
  guint low = 0;
  guint high = self->tasks->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (ferry_task_list_get_at (self, middle)->number < before)
        high = middle;
      else
        low = middle + 1;
    }

  return low;
}

static void
tell (FerryTaskList *self,
      guint          position,
      guint          removed,
      guint          added)
{
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
  g_object_notify (G_OBJECT (self), "n-items");
}

/* @n of @tasks from @first on, which are newest first as the list is. */
static void
insert (FerryTaskList *self,
        guint          position,
        GPtrArray     *tasks,
        guint          first,
        guint          n)
{
  guint old = self->tasks->len;
  guint at = old - position;

  g_ptr_array_set_size (self->tasks, (int) (old + n));
  memmove (self->tasks->pdata + at + n, self->tasks->pdata + at, (old - at) * sizeof (gpointer));
  for (guint i = 0; i < n; i++)
    {
      FerryTask *task = g_object_ref (tasks->pdata[first + n - 1 - i]);

      task->n_lists++;
      self->tasks->pdata[at + i] = task;
    }
  tell (self, position, 0, n);
}

static void
take_out (FerryTaskList *self,
          guint          position,
          guint          n)
{
  g_autoptr(GPtrArray) gone = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n; i++)
    {
      FerryTask *task = ferry_task_list_get_at (self, position + i);

      task->n_lists--;
      g_ptr_array_add (gone, g_object_ref (task));
    }
  g_ptr_array_remove_range (self->tasks, self->tasks->len - position - n, n);
  tell (self, position, n, 0);

  /* They end, where nobody else holds them, when all know that they are gone. */
}

/* How many of @tasks, from @first on, have a number above @floor. */
static guint
count_above (GPtrArray *tasks,
             guint      first,
             guint64    floor)
{
  guint n = 0;

  while (first + n < tasks->len && ((FerryTask *) tasks->pdata[first + n])->number > floor)
    n++;
  return n;
}

/* The same of the list, from @position on. */
static guint
count_listed_above (FerryTaskList *self,
                    guint          position,
                    guint64        floor)
{
  guint n = 0;

  while (get_number_at (self, position + n) > floor)
    n++;
  return n;
}

static void
note_removed (FerryTaskList *self,
              guint          position,
              guint          n)
{
  g_autoptr(GPtrArray) gone = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (gone, g_object_ref (ferry_task_list_get_at (self, position + i)));
  take_out (self, position, n);
  for (guint i = 0; i < n; i++)
    ferry_task_note_removed (gone->pdata[i]);
}

void
ferry_task_list_merge (FerryTaskList *self,
                       GPtrArray     *tasks,
                       guint64        before,
                       guint64        lowest,
                       gboolean       adds_only)
{
  g_autoptr(FerryTaskList) kept = g_object_ref (self);
  guint64 cursor = before != 0 ? before : G_MAXUINT64;
  guint next = 0;

  for (;;)
    {
      guint position = ferry_task_list_find_below (self, cursor);
      guint64 listed = get_number_at (self, position);
      guint64 told = next < tasks->len ? ((FerryTask *) tasks->pdata[next])->number : 0;
      guint n;

      if (listed < MAX (lowest, 1))
        listed = 0;
      if (told == 0 && (listed == 0 || adds_only))
        break;

      if (listed == told)
        next++;
      else if (told > listed)
        {
          n = count_above (tasks, next, listed);
          insert (self, position, tasks, next, n);
          next += n;
          told = ((FerryTask *) tasks->pdata[next - 1])->number;
        }
      else if (!adds_only)
        {
          n = count_listed_above (self, position, MAX (told, lowest - (lowest != 0)));
          told = get_number_at (self, position + n - 1);
          note_removed (self, position, n);
        }
      else
        told++;
      cursor = told;
    }
}

static int
compare_falling (const void *one,
                 const void *other)
{
  guint64 a = *(const guint64 *) one;
  guint64 b = *(const guint64 *) other;

  return (a < b) - (a > b);
}

void
ferry_task_list_drop (FerryTaskList *self,
                      GArray        *numbers)
{
  g_autoptr(FerryTaskList) kept = g_object_ref (self);
  g_autoptr(GArray) sorted = g_array_copy (numbers);
  guint i = 0;

  g_array_sort (sorted, compare_falling);
  while (i < sorted->len)
    {
      guint64 number = g_array_index (sorted, guint64, i);
      guint position = ferry_task_list_find_below (self, number + 1);
      guint n = 0;

      /* Neighbours go together. */
      while (i < sorted->len &&
             get_number_at (self, position + n) == g_array_index (sorted, guint64, i))
        {
          n++;
          i++;
        }
      if (n > 0)
        take_out (self, position, n);
      else
        i++;
    }
}
