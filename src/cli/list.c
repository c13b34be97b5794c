/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-list"

#include "config.h"

#include "await.h"
#include "json.h"
#include "options.h"
#include "table.h"
#include "trouble.h"
#include "verbs.h"

/* It only asks: where the service ends before it answers, the next one is asked. */
#define MAX_ATTEMPTS 3

static const char help[] =
  "Usage: ferry list [--state=STATE] [--json]\n"
  "\n"
  "Lists the transfers, the newest first.\n"
  "\n"
  "      --state=STATE  only those that are suspended, waiting, running, finished, failed or\n"
  "                     cancelled\n"
  "      --json         as JSON; see JSON in the manual\n"
  "  -h, --help         shows this text\n"
  "\n"
  "On a terminal: number, state (or why it waits), percent, size and name, cut to its width.\n"
  "Elsewhere, for scripts, one line each, its fields separated by tabs: number; state, as above;\n"
  "why it waits or failed, in a word; bytes that are here; bytes of the whole; name; path. What\n"
  "is unknown or does not apply is “-”. More fields may be added at the end.\n"
  "\n"
  "Ends with 0 when it could be listed; 1 when not; 2 when the command makes no sense; 3 when\n"
  "there is no transfer service.\n";

/* Beside the output where that is for a script, which sees it from there being no line. */
static void
print_none (const char   *state,
            FerryConsole *console)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;

  if (state != NULL)
    text = g_strdup_printf ("There are no transfers that are %s.", state);
  else
    text = g_strdup ("There are no transfers.");

  if (!ferry_console_is_terminal (console))
    {
      ferry_console_complain (console, text);
      return;
    }

  line = g_strconcat (text, "\n", NULL);
  ferry_console_print (console, line);
}

static void
print_all (GPtrArray    *tasks,
           const char   *state,
           FerryConsole *console)
{
  g_autofree char *text = NULL;

  if (tasks->len == 0)
    {
      print_none (state, console);
      return;
    }

  text = ferry_console_is_terminal (console) ? ferry_table_format_tasks (tasks, console)
                                             : ferry_table_format_script (tasks);
  ferry_console_print (console, text);
}

static void
print_json (GPtrArray    *tasks,
            FerryConsole *console)
{
  g_autoptr(JsonBuilder) builder = ferry_json_begin ();
  g_autofree char *text = NULL;

  json_builder_set_member_name (builder, "tasks");
  json_builder_begin_array (builder);
  for (guint i = 0; i < tasks->len; i++)
    ferry_json_add_task (builder, g_ptr_array_index (tasks, i), NULL);
  json_builder_end_array (builder);

  text = ferry_json_end (builder, TRUE);
  ferry_console_write (console, text);
}

static GPtrArray *
ask_once (FerryClient  *client,
          const char   *state,
          GError      **error)
{
  g_auto(FerryAwait) answer = { NULL };
  g_auto(GVariantDict) keys = G_VARIANT_DICT_INIT (NULL);
  g_autoptr(GVariant) filter = NULL;

  if (state != NULL)
    g_variant_dict_insert (&keys, "state", "s", state);
  filter = g_variant_ref_sink (g_variant_dict_end (&keys));
  ferry_client_list_tasks_async (client, filter, NULL, ferry_await_cb, &answer);
  return ferry_client_list_tasks_finish (client, ferry_await (&answer), error);
}

static GPtrArray *
ask (FerryClient  *client,
     const char   *state,
     GError      **error)
{
  GPtrArray *tasks = NULL;
  guint attempt = 0;

  do
    {
      g_clear_error (error);
      tasks = ask_once (client, state, error);
      attempt++;
    }
  while (tasks == NULL && ferry_trouble_is_gone (*error) && attempt < MAX_ATTEMPTS);

  return tasks;
}

static FerryExit
list_all (FerryConsole *console,
          const char   *state,
          gboolean      json)
{
  FerryExit status = FERRY_EXIT_DONE;
  g_autoptr(FerryClient) client = ferry_trouble_connect (console, "list", &status);
  g_autoptr(GPtrArray) tasks = NULL;
  g_autoptr(GError) error = NULL;

  if (client == NULL)
    return status;

  tasks = ask (client, state, &error);
  if (tasks == NULL)
    return ferry_trouble_report (console, "list", error);

  if (json)
    print_json (tasks, console);
  else
    print_all (tasks, state, console);
  return FERRY_EXIT_DONE;
}

FerryExit
ferry_list (FerryConsole  *console,
            int            argc,
            char         **argv)
{
  const char *state = NULL;
  gboolean json = FALSE;
  gboolean help_wanted = FALSE;
  const FerryOption table[] = {
    { "state", 0, &state, NULL, NULL },
    { "json", 0, NULL, &json, NULL },
    { "help", 'h', NULL, &help_wanted, NULL },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) rest = ferry_options_parse (table, G_N_ELEMENTS (table), argc, argv,
                                                   &error);
  FerryTaskState parsed;

  if (rest == NULL)
    return ferry_trouble_refuse (console, "list", error->message);
  if (help_wanted)
    {
      ferry_console_print (console, help);
      return FERRY_EXIT_DONE;
    }
  if (rest->len > 0)
    return ferry_trouble_refuse (console, "list", "it takes options only");
  if (state != NULL && !ferry_task_state_from_string (state, &parsed))
    return ferry_trouble_refuse (console, "list",
                                 "STATE is suspended, waiting, running, finished, failed or"
                                 " cancelled");

  return list_all (console, state, json);
}
