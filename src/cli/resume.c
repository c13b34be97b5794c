/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-resume"

#include "config.h"

#include "act.h"

static const char help[] =
  "Usage: ferry resume TRANSFER…\n"
  "\n"
  "Lets transfers go on, from where they stood so far as the server still has the same file. One\n"
  "that waits to be tried again is tried now.\n"
  "\n"
  "TRANSFER is a number, as “ferry list” shows it, a range such as 3-7, “all” (those that are\n"
  "suspended or failed), or a state, such as “failed”.\n"
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
  ferry_task_resume_async (task, NULL, callback, user_data);
}

static const FerryAct act = {
  .verb = "resume",
  .help = help,
  .done = "resumed",
  .all = FERRY_STATE_BIT (SUSPENDED) | FERRY_STATE_BIT (FAILED),
  .refusals = {
    [FERRY_TASK_STATE_FINISHED] = "is finished already",
    [FERRY_TASK_STATE_CANCELLED] = "was cancelled; “ferry get” downloads it anew",
  },
  .begin = begin,
  .finish = ferry_task_resume_finish,
};

FerryExit
ferry_resume (FerryConsole  *console,
              int            argc,
              char         **argv)
{
  return ferry_act_main (&act, NULL, NULL, console, argc, argv);
}
