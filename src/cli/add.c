/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-add"

#include "config.h"

#include "get-request.h"
#include "getter.h"
#include "trouble.h"
#include "verbs.h"

static const char help[] =
  "Usage: ferry add [OPTION…] ADDRESS…\n"
  "       ferry add [OPTION…] -i FILE\n"
  "\n"
  "Hands downloads to the transfer service and ends, with a line of each: its number, its name\n"
  "and where it stands. “ferry list” shows how far they are, “ferry watch” waits for them.\n"
  "\n"
  FERRY_GET_REQUEST_HELP
  "  -h, --help           shows this text\n"
  "\n"
  FERRY_GET_REQUEST_HELP_MORE
  "\n"
  "Ends with 0 when the service has all of them; 1 when it refused (then it has none); 2 when\n"
  "the command makes no sense (then nothing was begun); 3 when there is no transfer service; 130\n"
  "after Ctrl-C.\n";

FerryExit
ferry_add (FerryConsole  *console,
           int            argc,
           char         **argv)
{
  g_autoptr(FerryGetRequest) request = ferry_get_request_parse (console, "add", argc, argv);
  g_autoptr(FerryClient) client = NULL;
  FerryExit status;

  if (request == NULL)
    return FERRY_EXIT_USAGE;
  if (request->help)
    {
      ferry_console_print (console, help);
      return FERRY_EXIT_DONE;
    }

  client = ferry_trouble_connect (console, "add", &status);
  if (client == NULL)
    return status;

  return ferry_getter_run (console, client, request, FERRY_GETTER_LEAVE);
}
