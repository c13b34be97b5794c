/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-cancel"

#include "config.h"

#include "act.h"

static const char help[] =
  "Usage: ferry cancel TRANSFER…\n"
  "\n"
  "Ends transfers for good, and deletes what is here of files that are not whole. They stay in\n"
  "the list until “ferry remove”.\n"
  "\n"
  "TRANSFER is a number, as “ferry list” shows it, a range such as 3-7, “all” (those that are\n"
  "suspended, wait or run, but not those that failed, which can be resumed), or a state, such as\n"
  "“failed”.\n"
  "\n"
  "  -h, --help  shows this text\n"
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
  ferry_task_cancel_async (task, NULL, callback, user_data);
}

static const FerryAct act = {
  .verb = "cancel",
  .help = help,
  .done = "cancelled",
  .all = FERRY_STATE_BIT (SUSPENDED) | FERRY_STATE_BIT (WAITING) | FERRY_STATE_BIT (RUNNING),
  .refusals = {
    [FERRY_TASK_STATE_FINISHED] =
      "is finished already; “ferry remove --delete-files” deletes the file",
  },
  .begin = begin,
  .finish = ferry_task_cancel_finish,
};

FerryExit
ferry_cancel (FerryConsole  *console,
              int            argc,
              char         **argv)
{
  return ferry_act_main (&act, NULL, NULL, console, argc, argv);
}
