/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-show"

#include "config.h"

#include "await.h"
#include "details.h"
#include "json.h"
#include "options.h"
#include "selection.h"
#include "trouble.h"
#include "verbs.h"

/* It only asks: where the service ends before it answers, the next one is asked. */
#define MAX_ATTEMPTS 3

static const char help[] =
  "Usage: ferry show [--json] TRANSFER…\n"
  "\n"
  "Shows all there is to know of transfers: where they stand and why, address and file, size and\n"
  "digest, times, limits, and each exchange with the server in the last run. Times are local.\n"
  "\n"
  "TRANSFER is a number, as “ferry list” shows it, a range such as 3-7, “all”, or a state, such\n"
  "as “failed”.\n"
  "\n"
  "      --json  as JSON; see JSON in the manual\n"
  "  -h, --help  shows this text\n"
  "\n"
  "Ends with 0 when all were shown; 1 when one does not exist; 2 when the command makes no sense;\n"
  "3 when there is no transfer service.\n";

/* A task with all that the service says of it. A value. */
typedef struct
{
  FerryTask *task;        /* owned */
  GVariant  *properties;  /* owned; a{sv} */
} Shown;

static void
shown_free (Shown *self)
{
  g_clear_object (&self->task);
  g_clear_pointer (&self->properties, g_variant_unref);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Shown, shown_free)

static Shown *
ask_once (FerryClient  *client,
          guint64       number,
          GError      **error)
{
  g_autoptr(Shown) shown = g_new0 (Shown, 1);
  g_auto(FerryAwait) found = { NULL };
  g_auto(FerryAwait) loaded = { NULL };

  ferry_client_load_task_async (client, number, NULL, ferry_await_cb, &found);
  shown->task = ferry_client_load_task_finish (client, ferry_await (&found), error);
  if (shown->task == NULL)
    return NULL;

  ferry_task_load_async (shown->task, NULL, ferry_await_cb, &loaded);
  shown->properties = ferry_task_load_finish (shown->task, ferry_await (&loaded), error);
  return shown->properties != NULL ? g_steal_pointer (&shown) : NULL;
}

static Shown *
ask (FerryClient  *client,
     guint64       number,
     GError      **error)
{
  Shown *shown = NULL;
  guint attempt = 0;

  do
    {
      g_clear_error (error);
      shown = ask_once (client, number, error);
      attempt++;
    }
  while (shown == NULL && ferry_trouble_is_gone (*error) && attempt < MAX_ATTEMPTS);

  return shown;
}

/* Those that exist; the others are told of. NULL: there is no service any more */
static GPtrArray *
ask_all (FerryConsole *console,
         FerryClient  *client,
         GPtrArray    *chosen,
         FerryExit    *status)
{
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) shown_free);

  for (guint i = 0; i < chosen->len; i++)
    {
      const FerryChosen *one = g_ptr_array_index (chosen, i);
      g_autoptr(GError) error = NULL;
      Shown *shown = ask (client, one->number, &error);

      if (shown != NULL)
        {
          g_ptr_array_add (all, shown);
          continue;
        }

      if (!g_error_matches (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND))
        {
          *status = ferry_trouble_report (console, "show", error);
          return NULL;
        }
      ferry_trouble_complain (console, "show", "there is no transfer #%" G_GUINT64_FORMAT
                              "; “ferry list” shows those that there are", one->number);
      *status = FERRY_EXIT_FAILED;
    }

  return g_steal_pointer (&all);
}

static void
print_text (GPtrArray    *all,
            FerryConsole *console)
{
  g_autoptr(GString) out = g_string_new (NULL);

  for (guint i = 0; i < all->len; i++)
    {
      const Shown *shown = g_ptr_array_index (all, i);
      g_autofree char *text = ferry_details_format (shown->task, shown->properties, console);

      g_string_append_printf (out, "%s%s", i > 0 ? "\n" : "", text);
    }

  ferry_console_print (console, out->str);
}

static void
print_json (GPtrArray    *all,
            FerryConsole *console)
{
  g_autoptr(JsonBuilder) builder = ferry_json_begin ();
  g_autofree char *text = NULL;

  json_builder_set_member_name (builder, "tasks");
  json_builder_begin_array (builder);
  for (guint i = 0; i < all->len; i++)
    {
      const Shown *shown = g_ptr_array_index (all, i);

      ferry_json_add_task (builder, shown->task, shown->properties);
    }
  json_builder_end_array (builder);

  text = ferry_json_end (builder, TRUE);
  ferry_console_write (console, text);
}

static FerryExit
show_all (FerryConsole   *console,
          FerrySelection *selection,
          gboolean        json)
{
  FerryExit status = FERRY_EXIT_DONE;
  g_autoptr(FerryClient) client = ferry_trouble_connect (console, "show", &status);
  g_autoptr(GPtrArray) chosen = NULL;
  g_autoptr(GPtrArray) all = NULL;
  g_autoptr(GError) error = NULL;

  if (client == NULL)
    return status;

  chosen = ferry_selection_resolve (selection, client, FERRY_ALL_STATES, &error);
  if (chosen == NULL)
    return ferry_trouble_report (console, "show", error);

  all = ask_all (console, client, chosen, &status);
  if (all == NULL)
    return status;

  if (json)
    print_json (all, console);
  else
    print_text (all, console);
  if (chosen->len == 0)
    ferry_console_complain (console, "There are no such transfers.");
  return status;
}

FerryExit
ferry_show (FerryConsole  *console,
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

  if (rest == NULL)
    return ferry_trouble_refuse (console, "show", error->message);
  if (help_wanted)
    {
      ferry_console_print (console, help);
      return FERRY_EXIT_DONE;
    }

  selection = ferry_selection_parse ((const char *const *) rest->pdata, rest->len, &error);
  if (selection == NULL)
    return ferry_trouble_refuse (console, "show", error->message);

  return show_all (console, selection, json);
}
