/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-pause"

#include "config.h"

#include "act.h"

static const char help[] =
  "Usage: ferry pause TRANSFER…\n"
  "\n"
  "Stops transfers until “ferry resume”. What is here stays.\n"
  "\n"
  "TRANSFER is a number, as “ferry list” shows it, a range such as 3-7, “all” (those that wait or\n"
  "run), or a state, such as “failed”.\n"
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
  ferry_task_suspend_async (task, NULL, callback, user_data);
}

static const FerryAct act = {
  .verb = "pause",
  .help = help,
  .done = "paused",
  .all = FERRY_STATE_BIT (WAITING) | FERRY_STATE_BIT (RUNNING),
  .refusals = {
    [FERRY_TASK_STATE_FINISHED] = "is finished already",
    [FERRY_TASK_STATE_FAILED] = "has failed already; “ferry resume” tries it again",
    [FERRY_TASK_STATE_CANCELLED] = "was cancelled already",
  },
  .begin = begin,
  .finish = ferry_task_suspend_finish,
};

FerryExit
ferry_pause (FerryConsole  *console,
             int            argc,
             char         **argv)
{
  return ferry_act_main (&act, NULL, NULL, console, argc, argv);
}
