/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-link"

#include "config.h"

#include "ferry-link-inside-private.h"
#include "ferry-pages-private.h"
#include "ferry-task-private.h"

/* New tasks that were only named yet. */
typedef struct
{
  guint64  session;  /* whose they are; 0: of any */
  guint64  lowest;   /* of those that are to be asked for; 0: none */
  guint64  highest;
  gboolean is_busy;  /* others have been asked for */
} Arrival;

static void fetch_arrival (FerryLink *self,
                           Arrival   *arrival);

static void
hand_out_page (GPtrArray *tasks,
               guint64    before,
               guint64    lowest,
               gpointer   user_data)
{
  ferry_link_emit (user_data, FERRY_LINK_TASKS_ARRIVED, tasks);
}

static void
arrival_fetched_cb (GObject      *source,
                    GAsyncResult *result,
                    gpointer      user_data)
{
  FerryLink *self = FERRY_LINK (source);
  g_autofree guint64 *session = user_data;
  Arrival *arrival = g_hash_table_lookup (self->arrivals, session);
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) tasks = ferry_pages_load_finish (result, &error);

  /* With the service the arrivals are gone as well, and all lists are loaded anew. */
  if (tasks == NULL)
    g_debug ("New tasks could not be listed: %s", error->message);
  if (arrival == NULL)
    return;

  arrival->is_busy = FALSE;
  if (arrival->lowest != 0)
    fetch_arrival (self, arrival);
}

static void
fetch_arrival (FerryLink *self,
               Arrival   *arrival)
{
  guint64 before = arrival->highest + 1;
  guint64 lowest = arrival->lowest;

  arrival->is_busy = TRUE;
  arrival->lowest = 0;
  arrival->highest = 0;
  ferry_pages_load_async (self, arrival->session, NULL, before, lowest, hand_out_page, self, NULL,
                          arrival_fetched_cb,
                          g_memdup2 (&arrival->session, sizeof arrival->session));
}

void
ferry_link_fetch_new (FerryLink *self,
                      guint64    session,
                      guint64    lowest,
                      guint64    highest)
{
  Arrival *arrival = g_hash_table_lookup (self->arrivals, &session);

  if (!ferry_link_has_lists (self))
    return;

  if (arrival == NULL)
    {
      arrival = g_new0 (Arrival, 1);
      arrival->session = session;
      g_hash_table_insert (self->arrivals, &arrival->session, arrival);
    }

  arrival->lowest = arrival->lowest != 0 ? MIN (arrival->lowest, lowest) : lowest;
  arrival->highest = MAX (arrival->highest, highest);
  if (!arrival->is_busy)
    fetch_arrival (self, arrival);
}

/* The tasks that are asked for after a loss. */
static void
note_removed_without (GPtrArray *known,
                      GPtrArray *found)
{
  g_autoptr(GHashTable) there = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < found->len; i++)
    (void) g_hash_table_add (there, found->pdata[i]);  /* each is in it once */

  for (guint i = 0; i < known->len; i++)
    {
      if (!g_hash_table_contains (there, known->pdata[i]))
        ferry_task_note_removed (known->pdata[i]);
    }
}

static void
unlisted_refreshed_cb (GObject      *source,
                       GAsyncResult *result,
                       gpointer      user_data)
{
  g_autoptr(GPtrArray) known = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) found = ferry_pages_load_finish (result, &error);

  if (found != NULL)
    note_removed_without (known, found);
  else
    g_debug ("What became of tasks could not be found out: %s", error->message);
}

void
ferry_link_refresh_unlisted (FerryLink *self)
{
  g_autoptr(GPtrArray) known = g_ptr_array_new_with_free_func (g_object_unref);
  guint64 lowest = G_MAXUINT64;
  guint64 highest = 0;
  GHashTableIter iter;
  FerryTask *task;

  g_hash_table_iter_init (&iter, self->tasks);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &task))
    {
      if (task->n_lists > 0 || task->is_removed)
        continue;
      g_ptr_array_add (known, g_object_ref (task));
      lowest = MIN (lowest, task->number);
      highest = MAX (highest, task->number);
    }

  if (known->len > 0)
    ferry_pages_load_async (self, 0, NULL, highest + 1, lowest, NULL, NULL, NULL,
                            unlisted_refreshed_cb, g_steal_pointer (&known));
}
