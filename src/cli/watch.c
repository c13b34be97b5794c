/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-watch"

#include "config.h"

#include "options.h"
#include "trouble.h"
#include "verbs.h"
#include "watcher.h"

static const char help[] =
  "Usage: ferry watch [--json] [TRANSFER…]\n"
  "\n"
  "Shows how transfers go. With TRANSFER it ends when all of those are over; without, it shows\n"
  "all that are not over, and new ones as they come, until Ctrl-C. The transfers go on without\n"
  "it.\n"
  "\n"
  "TRANSFER is a number, as “ferry list” shows it, a range such as 3-7, “all” (those that are not\n"
  "over now), or a state, such as “running”.\n"
  "\n"
  "      --json  a line of JSON for each change; see JSON in the manual\n"
  "  -h, --help  shows this text\n"
  "\n"
  "On a terminal each transfer has a bar; elsewhere there are plain lines. A transfer that needs\n"
  "you, or is suspended, is not over: it is told of, and waited for.\n"
  "\n"
  "Ends with 0 when all TRANSFERs are finished, or, without TRANSFER, on Ctrl-C; 1 when one of\n"
  "them failed, was cancelled or removed, or does not exist; 2 when the command makes no sense; 3\n"
  "when there is no transfer service; 130 on Ctrl-C before all TRANSFERs are over.\n";

FerryExit
ferry_watch (FerryConsole  *console,
             int            argc,
             char         **argv)
{
  gboolean json = FALSE;
  gboolean help_wanted = FALSE;
  const FerryOption table[] = {
    { "json", 0, NULL, &json, NULL },
    { "help", 'h', NULL, &help_wanted, NULL },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) rest = ferry_options_parse (table, G_N_ELEMENTS (table), argc, argv,
                                                   &error);
  g_autoptr(FerrySelection) selection = NULL;
  g_autoptr(FerryClient) client = NULL;
  FerryExit status = FERRY_EXIT_DONE;

  if (rest == NULL)
    return ferry_trouble_refuse (console, "watch", error->message);
  if (help_wanted)
    {
      ferry_console_print (console, help);
      return FERRY_EXIT_DONE;
    }

  if (rest->len > 0)
    {
      selection = ferry_selection_parse ((const char *const *) rest->pdata, rest->len, &error);
      if (selection == NULL)
        return ferry_trouble_refuse (console, "watch", error->message);
    }

  client = ferry_trouble_connect (console, "watch", &status);
  if (client == NULL)
    return status;

  return ferry_watcher_run (console, client, selection, json);
}
