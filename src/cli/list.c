/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-list"

#include "config.h"

#include <string.h>

#include "common/error.h"
#include "options.h"
#include "service.h"
#include "transfer.h"
#include "trouble.h"
#include "verbs.h"
#include "width.h"
#include "words.h"

/* “100%” and “999.9 MB”. */
#define PERCENT_WIDTH 4
#define SIZE_WIDTH 8

/* Columns between two fields. */
#define GAP 2

/* With less, a name cannot be told from others; then other columns give way. */
#define MIN_NAME 12

static const char help[] =
  "Usage: ferry list [--state=STATE]\n"
  "\n"
  "Lists the transfers, the newest first.\n"
  "\n"
  "      --state=STATE  only those that are suspended, waiting, running, finished, failed or\n"
  "                     cancelled\n"
  "  -h, --help         shows this text\n"
  "\n"
  "On a terminal: number, state (or why it waits), percent, size and name, cut to its width.\n"
  "Elsewhere, for scripts, one line each, its fields separated by tabs: number; state, as above;\n"
  "why it waits or failed, in a word; bytes that are here; bytes of the whole; name; path. What\n"
  "is unknown or does not apply is “-”. More fields may be added at the end.\n"
  "\n"
  "Ends with 0 when it could be listed; 1 when not; 2 when the command makes no sense; 3 when\n"
  "there is no transfer service.\n";

typedef struct
{
  FerryService *service;    /* unowned */
  GMainLoop    *loop;       /* unowned */
  GPtrArray    *transfers;  /* owned; FerryTransfer */
  const char   *state;      /* unowned. NULL: all */
  GError       *error;      /* owned. NULL: all were listed */
} Listing;

static void list_page (Listing *self, guint64 before);

static void
page_listed_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  Listing *self = user_data;
  g_autoptr(GVariant) page = ferry_service_list_finish (self->service, result, &self->error);
  guint64 last = 0;
  GVariantIter iter;
  const char *path;
  GVariant *task;

  if (page != NULL)
    {
      g_variant_iter_init (&iter, page);
      while (g_variant_iter_loop (&iter, "(&o@a{sv})", &path, &task))
        {
          last = ferry_transfer_parse_number (path);
          g_ptr_array_add (self->transfers, ferry_transfer_new_from_task (path, task));
        }
    }

  /* There is none below number 1. */
  if (last <= 1)
    g_main_loop_quit (self->loop);
  else
    list_page (self, last);
}

static void
list_page (Listing *self,
           guint64  before)
{
  ferry_service_list_async (self->service, self->state, before, NULL, page_listed_cb, self);
}

static char *
describe_state (const FerryTransfer *transfer)
{
  if (transfer->state == FERRY_TASK_STATE_WAITING)
    return ferry_words_reason (transfer->reason, transfer->details);

  if (transfer->state == FERRY_TASK_STATE_FAILED)
    {
      g_autofree char *error = ferry_words_error (transfer->error_name, "");

      return g_strconcat ("failed: ", error, NULL);
    }

  return g_strdup (ferry_task_state_to_string (transfer->state));
}

static FerryPaint
get_paint (const FerryTransfer *transfer)
{
  static const FerryPaint paints[FERRY_N_TASK_STATES] = {
    [FERRY_TASK_STATE_SUSPENDED] = FERRY_PAINT_FAINT,
    [FERRY_TASK_STATE_WAITING] = FERRY_PAINT_WAITING,
    [FERRY_TASK_STATE_RUNNING] = FERRY_PAINT_MOVING,
    [FERRY_TASK_STATE_FINISHED] = FERRY_PAINT_GOOD,
    [FERRY_TASK_STATE_FAILED] = FERRY_PAINT_BAD,
    [FERRY_TASK_STATE_CANCELLED] = FERRY_PAINT_FAINT,
  };

  return paints[transfer->state];
}

/* The columns of the table on a terminal; 0: not shown, for lack of room. */
typedef struct
{
  guint number;
  guint state;
  guint percent;
  guint size;
  guint name;
} Widths;

static Widths
measure (GPtrArray    *transfers,
         FerryConsole *console)
{
  Widths widths = { 1, strlen ("State"), PERCENT_WIDTH, SIZE_WIDTH, 0 };
  guint columns;
  guint rows;
  guint taken;

  ferry_console_get_size (console, &columns, &rows);
  for (guint i = 0; i < transfers->len; i++)
    {
      const FerryTransfer *transfer = g_ptr_array_index (transfers, i);
      g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, transfer->number);
      g_autofree char *state = describe_state (transfer);

      widths.number = MAX (widths.number, (guint) strlen (number));
      widths.state = MAX (widths.state, ferry_width_of (state));
    }

  /* Two fifths at most, for the name to have some as well. */
  widths.state = MIN (widths.state, MAX (columns * 2 / 5, 12) - GAP);
  taken = widths.number + GAP + widths.state + GAP + PERCENT_WIDTH + GAP + SIZE_WIDTH + GAP;
  if (columns < taken + MIN_NAME)
    {
      widths.size = 0;
      taken -= SIZE_WIDTH + GAP;
    }
  if (columns < taken + MIN_NAME)
    {
      widths.percent = 0;
      taken -= PERCENT_WIDTH + GAP;
    }

  widths.name = columns > taken ? columns - taken : 1;
  return widths;
}

/* The cells are cut to their columns; @paint is that of the state. */
static void
append_table_row (GString           *out,
                  const Widths      *widths,
                  FerryConsole      *console,
                  const char *const  cells[5],
                  FerryPaint         paint)
{
  const char *ellipsis = ferry_console_get_signs (console)->ellipsis;
  g_autofree char *state = ferry_width_cut_end (cells[1], widths->state, ellipsis);
  g_autofree char *painted = ferry_console_paint (console, paint, state);
  g_autofree char *name = ferry_width_cut_middle (cells[4], widths->name, ellipsis);

  g_string_append_printf (out, "%*s  %s", (int) widths->number, cells[0], painted);
  g_string_append_printf (out, "%*s", (int) (widths->state - ferry_width_of (state)), "");
  if (widths->percent > 0)
    g_string_append_printf (out, "  %*s", (int) widths->percent, cells[2]);
  if (widths->size > 0)
    g_string_append_printf (out, "  %*s", (int) widths->size, cells[3]);
  g_string_append_printf (out, "  %s\n", name);
}

static void
append_for_person (GString             *out,
                   const FerryTransfer *transfer,
                   const Widths        *widths,
                   FerryConsole        *console)
{
  gint64 bytes = transfer->expected >= 0 ? transfer->expected : transfer->received;
  int percent = ferry_transfer_get_percent (transfer);
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, transfer->number);
  g_autofree char *state = describe_state (transfer);
  g_autofree char *share = percent >= 0 ? g_strdup_printf ("%d%%", percent) : g_strdup ("");
  gboolean known = transfer->expected >= 0 || transfer->received > 0;
  g_autofree char *size = known ? ferry_words_size (bytes) : g_strdup ("");
  const char *const cells[] = { number, state, share, size, transfer->name };

  append_table_row (out, widths, console, cells, get_paint (transfer));
}

/* A word of the API, or “-”. */
static const char *
get_cause (const FerryTransfer *transfer)
{
  const char *dot = strrchr (transfer->error_name, '.');

  if (transfer->state == FERRY_TASK_STATE_WAITING && transfer->reason != FERRY_WAIT_REASON_NONE)
    return ferry_wait_reason_to_string (transfer->reason);
  if (transfer->state == FERRY_TASK_STATE_FAILED && dot != NULL)
    return dot + 1;

  return "-";
}

static void
append_for_script (GString             *out,
                   const FerryTransfer *transfer)
{
  g_autofree char *expected = g_strdup_printf ("%" G_GINT64_FORMAT, transfer->expected);

  g_string_append_printf (out, "%" G_GUINT64_FORMAT "\t%s\t%s\t%" G_GINT64_FORMAT "\t%s\t%s\t%s\n",
                          transfer->number, ferry_task_state_to_string (transfer->state),
                          get_cause (transfer), transfer->received,
                          transfer->expected >= 0 ? expected : "-", transfer->name,
                          *transfer->path != '\0' ? transfer->path : "-");
}

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
print_all (GPtrArray    *transfers,
           const char   *state,
           FerryConsole *console)
{
  static const char *const heads[] = { "#", "State", "", "Size", "Name" };
  g_autoptr(GString) out = g_string_new (NULL);
  Widths widths = measure (transfers, console);

  if (transfers->len == 0)
    {
      print_none (state, console);
      return;
    }

  if (ferry_console_is_terminal (console))
    append_table_row (out, &widths, console, heads, FERRY_PAINT_NONE);

  for (guint i = 0; i < transfers->len; i++)
    {
      if (ferry_console_is_terminal (console))
        append_for_person (out, g_ptr_array_index (transfers, i), &widths, console);
      else
        append_for_script (out, g_ptr_array_index (transfers, i));
    }

  ferry_console_print (console, out->str);
}

static FerryExit
list_all (FerryConsole *console,
          const char   *state)
{
  g_autoptr(GDBusConnection) connection = ferry_trouble_get_bus (console, "list");
  g_autoptr(FerryService) service = NULL;
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr(GPtrArray) transfers = NULL;
  g_autoptr(GError) error = NULL;
  Listing listing = { .state = state };

  if (connection == NULL)
    return FERRY_EXIT_NO_SERVICE;

  service = ferry_service_new (connection);
  transfers = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_transfer_free);
  listing.service = service;
  listing.loop = loop;
  listing.transfers = transfers;
  list_page (&listing, 0);
  g_main_loop_run (loop);

  error = g_steal_pointer (&listing.error);
  if (error != NULL)
    {
      g_autofree char *explanation = ferry_trouble_explain (error);

      ferry_trouble_complain (console, "list", "%s", explanation);
      return error->domain == FERRY_ERROR ? FERRY_EXIT_FAILED : FERRY_EXIT_NO_SERVICE;
    }

  print_all (transfers, state, console);
  return FERRY_EXIT_DONE;
}

FerryExit
ferry_list (FerryConsole  *console,
            int            argc,
            char         **argv)
{
  const char *state = NULL;
  gboolean help_wanted = FALSE;
  const FerryOption table[] = {
    { "state", 0, &state, NULL },
    { "help", 'h', NULL, &help_wanted },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) rest = ferry_options_parse (table, G_N_ELEMENTS (table), argc, argv,
                                                   &error);
  FerryTaskState parsed;

  if (rest != NULL && help_wanted)
    {
      ferry_console_print (console, help);
      return FERRY_EXIT_DONE;
    }

  if (rest != NULL && rest->len > 0)
    g_set_error_literal (&error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                         "it takes options only");
  else if (rest != NULL && state != NULL && !ferry_task_state_from_string (state, &parsed))
    g_set_error_literal (&error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                         "STATE is suspended, waiting, running, finished, failed or cancelled");
  if (error != NULL)
    {
      ferry_trouble_complain (console, "list", "%s (“ferry list --help” tells how to use it)",
                              error->message);
      return FERRY_EXIT_USAGE;
    }

  return list_all (console, state);
}
