/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Downloads the file at an address into the download folder.
 * cc download.c -o download $(pkg-config --cflags --libs ferry-1) */
#include <ferry.h>

static struct { FerrySession *session; FerryTask *task; GError *error; } my;

static void
next_cb (GObject *from, GAsyncResult *result, gpointer url)
{
  if (my.session != NULL)
    my.task = ferry_session_create_download_task_finish (my.session, result, &my.error);
  else if ((my.session = ferry_client_open_session_finish (FERRY_CLIENT (from), result, &my.error)))
    ferry_session_create_download_task_async (
      my.session, url, g_variant_new_parsed ("{'start': <true>}"), NULL, next_cb, NULL);
}

int main (int argc, char **argv)
{
  ferry_client_open_session_async (ferry_client_new (), "get", NULL, NULL, next_cb, argv[argc - 1]);
  while (my.error == NULL && (my.task == NULL || !ferry_task_is_over (my.task)))
    g_main_context_iteration (NULL, TRUE);
  const GError *error = my.error != NULL ? my.error : ferry_task_get_error (my.task);
  g_print ("%s\n", error != NULL ? error->message : ferry_task_get_path (my.task));
  return error != NULL;
}
