/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-limit"

#include "config.h"

#include <string.h>

#include "act.h"
#include "amount.h"
#include "await.h"
#include "trouble.h"
#include "words.h"

/* Without a unit a rate below is more likely to be the number of a transfer. */
#define MIN_BARE_RATE 1000

/* A service that ends each time it is asked will not get better. */
#define MAX_TRIES 3

static const char help[] =
  "Usage: ferry limit\n"
  "       ferry limit [--upload] RATE|none\n"
  "       ferry limit RATE|none TRANSFER…\n"
  "\n"
  "Shows how fast all transfers together may be, or sets it, or that of single transfers. It\n"
  "holds at once, also for those that run.\n"
  "\n"
  "RATE is in bytes a second, such as 500K, 1.5M or 2Gi: K, M, G and T are powers of 1000, Ki,\n"
  "Mi, Gi and Ti those of 1024; “B”, “/s” or both may follow. 0 and “none” are no limit.\n"
  "\n"
  "TRANSFER is a number, as “ferry list” shows it, a range such as 3-7, “all” (those that are not\n"
  "over, and those that failed), or a state, such as “failed”.\n"
  "\n"
  "      --upload  sets the limit of all uploads together; without it, that of downloads\n"
  "  -h, --help    shows this text\n"
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
  const guint64 *rate = data;

  ferry_task_set_download_limit_async (task, *rate, NULL, callback, user_data);
}

static char *
describe_limit (guint64 rate)
{
  g_autofree char *words = ferry_words_rate (rate);

  return rate > 0 ? g_strconcat ("limited to ", words, NULL) : g_strdup ("not limited");
}

static char *
describe (FerryTask     *task,
          gconstpointer  data)
{
  const guint64 *rate = data;

  return describe_limit (*rate);
}

static const FerryAct act = {
  .verb = "limit",
  .help = help,
  .all = FERRY_STATE_BIT (SUSPENDED) | FERRY_STATE_BIT (WAITING) | FERRY_STATE_BIT (RUNNING) |
         FERRY_STATE_BIT (FAILED),
  .refusals = {
    [FERRY_TASK_STATE_FINISHED] = "is finished already",
    [FERRY_TASK_STATE_CANCELLED] = "was cancelled already",
  },
  .begin = begin,
  .finish = ferry_task_set_download_limit_finish,
  .describe = describe,
};

static void
print_limit (FerryConsole *console,
             const char   *what,
             guint64       rate)
{
  g_autofree char *words = describe_limit (rate);
  g_autofree char *line = g_strdup_printf ("All %s together: %s\n", what, words);

  ferry_console_print (console, line);
}

static FerryExit
show_all (FerryConsole *console)
{
  FerryExit status = FERRY_EXIT_DONE;
  g_autoptr(FerryClient) client = ferry_trouble_connect (console, "limit", &status);

  if (client == NULL)
    return status;

  print_limit (console, "downloads", ferry_client_get_download_limit (client));
  print_limit (console, "uploads", ferry_client_get_upload_limit (client));
  return FERRY_EXIT_DONE;
}

static gboolean
set (FerryClient  *client,
     gboolean      is_upload,
     guint64       rate,
     GError      **error)
{
  g_auto(FerryAwait) answer = { NULL };

  if (is_upload)
    {
      ferry_client_set_upload_limit_async (client, rate, NULL, ferry_await_cb, &answer);
      return ferry_client_set_upload_limit_finish (client, ferry_await (&answer), error);
    }

  ferry_client_set_download_limit_async (client, rate, NULL, ferry_await_cb, &answer);
  return ferry_client_set_download_limit_finish (client, ferry_await (&answer), error);
}

static FerryExit
set_all (FerryConsole *console,
         gboolean      is_upload,
         guint64       rate)
{
  FerryExit status = FERRY_EXIT_DONE;
  g_autoptr(FerryClient) client = ferry_trouble_connect (console, "limit", &status);

  if (client == NULL)
    return status;

  for (guint i = 1;; i++)
    {
      g_autoptr(GError) error = NULL;

      if (set (client, is_upload, rate, &error))
        break;
      if (i == MAX_TRIES || !ferry_trouble_is_gone (error))
        return ferry_trouble_report (console, "limit", error);
    }

  print_limit (console, is_upload ? "uploads" : "downloads", rate);
  return FERRY_EXIT_DONE;
}

static gboolean
parse_rate (const char  *text,
            guint64     *rate,
            GError     **error)
{
  if (!ferry_amount_parse (text, rate, error))
    return FALSE;
  if (*rate == 0 || *rate >= MIN_BARE_RATE || text[strspn (text, "0123456789")] != '\0')
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "“%s” would be that many bytes a second, and nearly a standstill; write a unit, such"
               " as %sK, or %sB if you mean it", text, text, text);
  return FALSE;
}

FerryExit
ferry_limit (FerryConsole  *console,
             int            argc,
             char         **argv)
{
  gboolean help_wanted = FALSE;
  gboolean is_upload = FALSE;
  const FerryOption table[] = {
    { "upload", 0, NULL, &is_upload },
    { "help", 'h', NULL, &help_wanted },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) words = ferry_options_parse (table, G_N_ELEMENTS (table), argc, argv,
                                                    &error);
  guint64 rate;

  if (words == NULL)
    return ferry_trouble_refuse (console, "limit", error->message);
  if (help_wanted)
    {
      ferry_console_print (console, help);
      return FERRY_EXIT_DONE;
    }

  if (is_upload && words->len != 1)
    return ferry_trouble_refuse (console, "limit", "--upload takes a rate, or “none”, and is of all"
                                 " uploads together");
  if (words->len == 0)
    return show_all (console);
  if (!parse_rate (words->pdata[0], &rate, &error))
    return ferry_trouble_refuse (console, "limit", error->message);
  if (words->len == 1)
    return set_all (console, is_upload, rate);

  return ferry_act_run (&act, (const char *const *) words->pdata + 1, words->len - 1, &rate,
                        console);
}
