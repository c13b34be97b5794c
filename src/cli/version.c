/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-version"

#include "config.h"

#include "options.h"
#include "trouble.h"
#include "verbs.h"

static const char help[] =
  "Usage: ferry version\n"
  "\n"
  "Shows the version of this program, that of the transfer service’s interface, and what the\n"
  "service can do. “ferry --version” shows the first of them, and needs no service.\n"
  "\n"
  "  -h, --help  shows this text\n"
  "\n"
  "Ends with 0; 2 when the command makes no sense; 3 when there is no transfer service.\n";

static FerryExit
show_version (FerryConsole *console)
{
  FerryExit status = FERRY_EXIT_DONE;
  g_autoptr(FerryClient) client = NULL;
  g_autofree char *capabilities = NULL;
  g_autofree char *text = NULL;

  /* Known also where the rest cannot be had. */
  ferry_console_print (console, "ferry " FERRY_VERSION "\n");
  client = ferry_trouble_connect (console, "version", &status);
  if (client == NULL)
    return status;

  capabilities = g_strjoinv (", ", (char **) ferry_client_get_capabilities (client));
  text = g_strdup_printf ("transfer service: interface %u\ncapabilities: %s\n",
                          ferry_client_get_version (client), capabilities);
  ferry_console_print (console, text);
  return FERRY_EXIT_DONE;
}

FerryExit
ferry_version (FerryConsole  *console,
               int            argc,
               char         **argv)
{
  gboolean help_wanted = FALSE;
  const FerryOption table[] = {
    { "help", 'h', NULL, &help_wanted, NULL },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) rest = ferry_options_parse (table, G_N_ELEMENTS (table), argc, argv,
                                                   &error);

  if (rest == NULL)
    return ferry_trouble_refuse (console, "version", error->message);
  if (help_wanted)
    {
      ferry_console_print (console, help);
      return FERRY_EXIT_DONE;
    }
  if (rest->len > 0)
    return ferry_trouble_refuse (console, "version", "it takes nothing but options");

  return show_version (console);
}
