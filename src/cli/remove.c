/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-remove"

#include "config.h"

#include "act.h"

static const char help[] =
  "Usage: ferry remove [--delete-files] TRANSFER…\n"
  "\n"
  "Takes transfers out of the list. One that is not over is cancelled first, and what is here of\n"
  "a file that is not whole is deleted. A finished file stays where it is.\n"
  "\n"
  "TRANSFER is a number, as “ferry list” shows it, a range such as 3-7, “all” (those that are\n"
  "over: finished, failed or cancelled), or a state, such as “failed”.\n"
  "\n"
  "      --delete-files  deletes finished files, too, but none that has changed since\n"
  "  -h, --help          shows this text\n"
  "\n"
  "Ends with 0 when done, also where there was nothing to do; 1 when one does not exist or was\n"
  "refused (the others are done still); 2 when the command makes no sense; 3 when there is no\n"
  "transfer service.\n";

static void
begin (FerryTask           *task,
       gconstpointer        data,
       GAsyncReadyCallback  callback,
       gpointer             user_data)
{
  const gboolean *delete_files = data;

  ferry_task_remove_async (task, *delete_files, NULL, callback, user_data);
}

/* Its state is the one that it was found in: nobody tells of what is removed. */
static char *
describe (FerryTask     *task,
          gconstpointer  data)
{
  const gboolean *delete_files = data;
  const char *path = ferry_task_get_path (task);

  if (!*delete_files || ferry_task_get_state (task) != FERRY_TASK_STATE_FINISHED || path == NULL ||
      !g_path_is_absolute (path))
    return NULL;

  if (g_file_test (path, G_FILE_TEST_EXISTS))
    return g_strdup ("removed, but not its file, which has changed since");

  return g_strdup ("removed with its file");
}

static const FerryAct act = {
  .verb = "remove",
  .help = help,
  .done = "removed",
  .all = FERRY_STATE_BIT (FINISHED) | FERRY_STATE_BIT (FAILED) | FERRY_STATE_BIT (CANCELLED),
  .ends = TRUE,
  .begin = begin,
  .finish = ferry_task_remove_finish,
  .describe = describe,
};

FerryExit
ferry_remove (FerryConsole  *console,
              int            argc,
              char         **argv)
{
  gboolean delete_files = FALSE;
  const FerryOption option = { "delete-files", 0, NULL, &delete_files };

  return ferry_act_main (&act, &option, &delete_files, console, argc, argv);
}
