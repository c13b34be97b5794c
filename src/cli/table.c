/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-table"

#include "config.h"

#include <string.h>

#include "describe.h"
#include "table.h"
#include "width.h"
#include "words.h"

/* “100%” and “999.9 MB”. */
#define PERCENT_WIDTH 4
#define SIZE_WIDTH 8

/* Columns between two fields. */
#define GAP 2

/* With less, a name cannot be told from others; then other columns give way. */
#define MIN_NAME 12

/* The columns of the table on a terminal; 0: not shown, for lack of room. */
typedef struct
{
  guint number;
  guint state;
  guint percent;
  guint size;
  guint name;
} Widths;

/* The name of the error on the bus; one that is not known there is of a newer service. */
static const char *
get_error_name (FerryTask *task)
{
  const GError *error = ferry_task_get_error (task);

  return error != NULL && error->domain == FERRY_ERROR ? ferry_error_get_bus_name (error->code)
                                                       : "";
}

static char *
describe_state (FerryTask *task)
{
  FerryTaskState state = ferry_task_get_state (task);

  if (state == FERRY_TASK_STATE_WAITING)
    return ferry_words_reason (ferry_task_get_reason (task),
                               ferry_task_get_reason_details (task));

  if (state == FERRY_TASK_STATE_FAILED)
    {
      g_autofree char *error = ferry_words_error (get_error_name (task), "");

      return g_strconcat ("failed: ", error, NULL);
    }

  return g_strdup (ferry_task_state_to_string (state));
}

static FerryPaint
get_paint (FerryTask *task)
{
  static const FerryPaint paints[FERRY_N_TASK_STATES] = {
    [FERRY_TASK_STATE_SUSPENDED] = FERRY_PAINT_FAINT,
    [FERRY_TASK_STATE_WAITING] = FERRY_PAINT_WAITING,
    [FERRY_TASK_STATE_RUNNING] = FERRY_PAINT_MOVING,
    [FERRY_TASK_STATE_FINISHED] = FERRY_PAINT_GOOD,
    [FERRY_TASK_STATE_FAILED] = FERRY_PAINT_BAD,
    [FERRY_TASK_STATE_CANCELLED] = FERRY_PAINT_FAINT,
  };

  return paints[ferry_task_get_state (task)];
}

static Widths
measure (GPtrArray    *tasks,
         FerryConsole *console)
{
  Widths widths = { 1, strlen ("State"), PERCENT_WIDTH, SIZE_WIDTH, 0 };
  guint columns;
  guint rows;
  guint taken;

  ferry_console_get_size (console, &columns, &rows);
  for (guint i = 0; i < tasks->len; i++)
    {
      FerryTask *task = g_ptr_array_index (tasks, i);
      g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT,
                                                 ferry_task_get_number (task));
      g_autofree char *state = describe_state (task);

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
append_row (GString           *out,
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
append_task (GString      *out,
             FerryTask    *task,
             const Widths *widths,
             FerryConsole *console)
{
  gint64 received = ferry_task_get_bytes_received (task);
  gint64 expected = ferry_task_get_bytes_expected_to_receive (task);
  gboolean known = expected >= 0 || received > 0;
  int percent = ferry_describe_percent (task);
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, ferry_task_get_number (task));
  g_autofree char *state = describe_state (task);
  g_autofree char *share = percent >= 0 ? g_strdup_printf ("%d%%", percent) : g_strdup ("");
  g_autofree char *size = known ? ferry_words_size (expected >= 0 ? expected : received)
                                : g_strdup ("");
  g_autofree char *name = ferry_describe_name (task);
  const char *const cells[] = { number, state, share, size, name };

  append_row (out, widths, console, cells, get_paint (task));
}

/**
 * ferry_table_format_tasks:
 * @tasks: (element-type FerryTask): tasks
 * @console: the terminal
 *
 * Returns: a line for each, below their headings, as wide as the terminal
 */
char *
ferry_table_format_tasks (GPtrArray    *tasks,
                          FerryConsole *console)
{
  static const char *const heads[] = { "#", "State", "", "Size", "Name" };
  GString *out = g_string_new (NULL);
  Widths widths = measure (tasks, console);

  append_row (out, &widths, console, heads, FERRY_PAINT_NONE);
  for (guint i = 0; i < tasks->len; i++)
    append_task (out, g_ptr_array_index (tasks, i), &widths, console);

  return g_string_free (out, FALSE);
}

/* A word of the API, or “-”. */
static const char *
get_cause (FerryTask *task)
{
  FerryTaskState state = ferry_task_get_state (task);
  FerryWaitReason reason = ferry_task_get_reason (task);
  const char *dot = strrchr (get_error_name (task), '.');

  if (state == FERRY_TASK_STATE_WAITING && reason != FERRY_WAIT_REASON_NONE)
    return ferry_wait_reason_to_string (reason);
  if (state == FERRY_TASK_STATE_FAILED && dot != NULL)
    return dot + 1;

  return "-";
}

/**
 * ferry_table_format_script:
 * @tasks: (element-type FerryTask): tasks
 *
 * Returns: a line for each, its fields separated by tabs, as “ferry list --help” has them
 */
char *
ferry_table_format_script (GPtrArray *tasks)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < tasks->len; i++)
    {
      FerryTask *task = g_ptr_array_index (tasks, i);
      gint64 expected = ferry_task_get_bytes_expected_to_receive (task);
      const char *state = ferry_task_state_to_string (ferry_task_get_state (task));
      const char *path = ferry_task_get_path (task);
      g_autofree char *size = g_strdup_printf ("%" G_GINT64_FORMAT, expected);
      g_autofree char *name = ferry_describe_name (task);
      g_autofree char *printable = ferry_words_printable (path != NULL ? path : "");

      g_string_append_printf (out, "%" G_GUINT64_FORMAT "\t%s\t%s\t%" G_GINT64_FORMAT
                              "\t%s\t%s\t%s\n",
                              ferry_task_get_number (task), state, get_cause (task),
                              ferry_task_get_bytes_received (task), expected >= 0 ? size : "-",
                              name, *printable != '\0' ? printable : "-");
    }

  return g_string_free (out, FALSE);
}
