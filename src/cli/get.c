/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-get"

#include "config.h"

#include "get-request.h"
#include "getter.h"
#include "trouble.h"
#include "verbs.h"

static const char help[] =
  "Usage: ferry get [OPTION…] ADDRESS…\n"
  "\n"
  "Downloads files, and waits until all are here. The transfer service does the work, so that it\n"
  "goes on when this program is interrupted.\n"
  "\n"
  "  -d, --directory=DIR  the folder to put the files in; without it, the current folder. A name\n"
  "                       that is taken gets a number, such as “name (1).iso”\n"
  "  -o, --output=FILE    what to call the file, with or without a folder. A file that is there\n"
  "                       is replaced, in one step, when all of the new one is here\n"
  "      --digest=DIGEST  “sha-256=…” (or sha-512, sha-1, md5), in hexadecimal or Base64; a file\n"
  "                       with another digest is not kept\n"
  "  -h, --help           shows this text\n"
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
  g_autoptr(FerryGetRequest) request = ferry_get_request_parse (console, argc, argv);
  g_autoptr(GDBusConnection) connection = NULL;
  g_autoptr(FerryService) service = NULL;

  if (request == NULL)
    return FERRY_EXIT_USAGE;
  if (request->help)
    {
      ferry_console_print (console, help);
      return FERRY_EXIT_DONE;
    }

  connection = ferry_trouble_get_bus (console, "get");
  if (connection == NULL)
    return FERRY_EXIT_NO_SERVICE;

  service = ferry_service_new (connection);
  return ferry_getter_run (console, service, request);
}
