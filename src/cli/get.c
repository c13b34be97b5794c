/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-get"

#include "config.h"

#include "get-request.h"
#include "getter.h"
#include "trouble.h"
#include "verbs.h"

static const char help[] =
  "Usage: ferry get [OPTION…] ADDRESS…\n"
  "       ferry get [OPTION…] -i FILE\n"
  "\n"
  "Downloads files, and waits until all are here. The transfer service does the work, so that it\n"
  "goes on when this program is interrupted.\n"
  "\n"
  FERRY_GET_REQUEST_HELP
  "  -h, --help           shows this text\n"
  "\n"
  FERRY_GET_REQUEST_HELP_MORE
  "\n"
  "On a terminal each file has a bar; elsewhere there are plain lines. NO_COLOR is respected.\n"
  "\n"
  "Ctrl-C ends this program, but not the transfers: “ferry list” shows them.\n"
  "\n"
  "Ends with 0 when all files are here; 1 when a transfer failed, was cancelled, or needs you; 2\n"
  "when the command makes no sense (then nothing was begun); 3 when there is no transfer service;\n"
  "130 after Ctrl-C.\n";

FerryExit
ferry_get (FerryConsole  *console,
           int            argc,
           char         **argv)
{
  g_autoptr(FerryGetRequest) request = ferry_get_request_parse (console, "get", argc, argv);
  g_autoptr(FerryClient) client = NULL;
  FerryExit status;

  if (request == NULL)
    return FERRY_EXIT_USAGE;
  if (request->help)
    {
      ferry_console_print (console, help);
      return FERRY_EXIT_DONE;
    }

  client = ferry_trouble_connect (console, "get", &status);
  if (client == NULL)
    return status;

  return ferry_getter_run (console, client, request, FERRY_GETTER_WAIT);
}
