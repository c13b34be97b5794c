/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program that shows all tasks: prints the µs from the first call to the complete list, how many
 * tasks it has, and how many KiB (PSS) the whole process has then. */
#define G_LOG_DOMAIN "task-list"

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "libferry/ferry.h"

static void
watched_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr(GError) error = NULL;

  if (!ferry_client_watch_finish (FERRY_CLIENT (source), result, &error))
    g_error ("%s", error->message);
}

/* As of smaps_rollup. */
static guint64
read_pss (void)
{
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/smaps_rollup", &text, NULL, &error))
    g_error ("%s", error->message);

  line = strstr (text, "\nPss:");
  return line != NULL ? g_ascii_strtoull (line + strlen ("\nPss:"), NULL, 10) : 0;
}

int
main (void)
{
  g_autoptr(FerryClient) client = ferry_client_new ();
  FerryTaskList *list = ferry_client_get_tasks (client);
  gint64 began = g_get_monotonic_time ();
  gint64 took;

  ferry_client_watch_async (client, NULL, watched_cb, NULL);
  while (!ferry_task_list_is_complete (list))
    g_main_context_iteration (NULL, TRUE);
  took = g_get_monotonic_time () - began;

  printf ("%" G_GINT64_FORMAT " %u %" G_GUINT64_FORMAT "\n", took,
          g_list_model_get_n_items (G_LIST_MODEL (list)), read_pss ());
  return 0;
}
