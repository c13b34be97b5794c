/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-set-url"

#include "config.h"

#include "act.h"
#include "common/url.h"
#include "trouble.h"

static const char help[] =
  "Usage: ferry set-url NUMBER ADDRESS\n"
  "\n"
  "Gives a transfer another address of the same file, for one whose address has expired. What is\n"
  "here is kept so far as the new server has the same. A transfer that waits for a new address\n"
  "goes on; one that is paused or failed does after “ferry resume”.\n"
  "\n"
  "  -h, --help  shows this text\n"
  "\n"
  "Ends with 0 when done; 1 when there is no such transfer or it is refused; 2 when the command\n"
  "makes no sense; 3 when there is no transfer service.\n";

static void
begin (FerryTask           *task,
       gconstpointer        data,
       GAsyncReadyCallback  callback,
       gpointer             user_data)
{
  ferry_task_set_url_async (task, data, NULL, callback, user_data);
}

static const FerryAct act = {
  .verb = "set-url",
  .help = help,
  .done = "has the new address",
  .refusals = {
    [FERRY_TASK_STATE_RUNNING] = "is running; stop it first with “ferry pause”",
    [FERRY_TASK_STATE_FINISHED] = "is finished already",
    [FERRY_TASK_STATE_CANCELLED] = "was cancelled; “ferry get” downloads it anew",
  },
  .begin = begin,
  .finish = ferry_task_set_url_finish,
};

/* What they are is not said: the address may hold a password. */
static gboolean
check (GPtrArray  *words,
       GError    **error)
{
  g_autoptr(GError) unusable = NULL;
  g_autoptr(GUri) uri = NULL;
  guint64 number;

  if (words->len != 2)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                           "it takes the number of one transfer, and its new address");
      return FALSE;
    }
  if (!ferry_selection_parse_number (words->pdata[0], &number))
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           "the number of the transfer comes first, as “ferry list” shows it");
      return FALSE;
    }

  uri = ferry_url_parse (words->pdata[1], &unusable);
  if (uri != NULL)
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "the address cannot be used: %s",
               unusable->message);
  return FALSE;
}

FerryExit
ferry_set_url (FerryConsole  *console,
               int            argc,
               char         **argv)
{
  gboolean help_wanted = FALSE;
  const FerryOption table[] = { { "help", 'h', NULL, &help_wanted } };
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) words = ferry_options_parse (table, G_N_ELEMENTS (table), argc, argv,
                                                    &error);

  if (words != NULL && help_wanted)
    {
      ferry_console_print (console, help);
      return FERRY_EXIT_DONE;
    }
  if (words == NULL || !check (words, &error))
    return ferry_trouble_refuse (console, "set-url", error->message);

  return ferry_act_run (&act, (const char *const *) words->pdata, 1, words->pdata[1], console);
}
