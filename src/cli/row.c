/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-row"

#include "config.h"

#include "row.h"
#include "width.h"
#include "words.h"

/* Columns between two fields. */
#define GAP 2

/*
 * Below the first, a name cannot be told from others; below the second, it needs room more than
 * the last fields do; above the third, the bar needs it more.
 */
#define MIN_NAME 10
#define FAIR_NAME 18
#define GOOD_NAME 30

#define MIN_BAR 8
#define MAX_BAR 40

/* “100%”, “999.9 MB”, “999.9 MB/s”, “1:02:03”. */
#define PERCENT_WIDTH 4
#define SIZE_WIDTH 8
#define RATE_WIDTH 10
#define LEFT_WIDTH 7

/* Takes a field and the gap before it from the room, if they fit. */
static guint
take (guint *room,
      guint  width)
{
  if (*room < GAP + width)
    return 0;

  *room -= GAP + width;
  return width;
}

/**
 * ferry_layout_init:
 * @self: (out caller-allocates): a layout
 * @columns: the width of the terminal
 * @longest_name: the width of the longest name that is shown
 *
 * Shares the columns out: first come the fields that tell most.
 */
void
ferry_layout_init (FerryLayout *self,
                   guint        columns,
                   guint        longest_name)
{
  guint more;
  guint fair;

  /* The last column stays free: some terminals begin a new line once it is written. */
  guint room = columns > 1 ? columns - 1 : 1;

  self->total = room;
  self->name = MIN (room, MIN_NAME);
  room -= self->name;
  self->percent = take (&room, PERCENT_WIDTH);
  self->bar = take (&room, MIN_BAR);
  self->rate = take (&room, RATE_WIDTH);

  fair = MIN (room, MAX (MIN (longest_name, FAIR_NAME), self->name) - self->name);
  room -= fair;
  self->left = take (&room, LEFT_WIDTH);
  self->size = take (&room, SIZE_WIDTH);
  room += fair;

  more = MIN (room, MAX (MIN (longest_name, GOOD_NAME), self->name) - self->name);
  self->name += more;
  room -= more;
  if (self->bar > 0)
    {
      more = MIN (room, MAX_BAR - self->bar);
      self->bar += more;
      room -= more;
    }
  self->name += MIN (room, MAX (longest_name, self->name) - self->name);
}

static void
append_right (GString    *out,
              const char *text,
              guint       columns)
{
  for (guint width = ferry_width_of (text); width < columns; width++)
    g_string_append_c (out, ' ');
  g_string_append (out, text);
}

static void
append_gap (GString *out)
{
  g_string_append_printf (out, "%*s", GAP, "");
}

static void
append_bar (GString        *out,
            const FerryRow *row,
            guint           columns,
            FerryConsole   *console)
{
  const FerrySigns *signs = ferry_console_get_signs (console);
  g_autoptr(GString) full = g_string_new (NULL);
  g_autoptr(GString) empty = g_string_new (NULL);
  g_autofree char *painted_full = NULL;
  g_autofree char *painted_empty = NULL;
  guint filled = 0;

  if (row->expected > 0)
    filled = (guint) ((double) columns * (double) CLAMP (row->received, 0, row->expected) /
                      (double) row->expected);

  for (guint i = 0; i < columns; i++)
    g_string_append (i < filled ? full : empty, i < filled ? signs->full : signs->empty);

  painted_full = ferry_console_paint (console, row->paint, full->str);
  painted_empty = ferry_console_paint (console, FERRY_PAINT_FAINT, empty->str);
  g_string_append (out, painted_full);
  g_string_append (out, painted_empty);
}

static char *
format_left (const FerryRow *row)
{
  if (row->rate == 0 || row->expected < row->received)
    return g_strdup ("");

  return ferry_words_duration ((guint64) (row->expected - row->received) / row->rate);
}

static char *
format_percent (const FerryRow *row)
{
  if (row->expected <= 0)
    return g_strdup ("");

  return g_strdup_printf ("%d%%", (int) (100.0 * (double) CLAMP (row->received, 0, row->expected) /
                                         (double) row->expected));
}

/* What has no room was given no columns. */
static void
append_field (GString    *out,
              const char *text,
              guint       columns)
{
  if (columns == 0)
    return;

  append_gap (out);
  append_right (out, text, columns);
}

static void
append_numbers (GString           *out,
                const FerryRow    *row,
                const FerryLayout *layout,
                FerryConsole      *console)
{
  g_autofree char *percent = format_percent (row);
  g_autofree char *size = ferry_words_size (row->expected >= 0 ? row->expected : row->received);
  g_autofree char *rate = row->rate > 0 ? ferry_words_rate (row->rate) : g_strdup ("");
  g_autofree char *left = format_left (row);

  if (layout->bar > 0)
    {
      append_gap (out);
      append_bar (out, row, layout->bar, console);
    }

  append_field (out, percent, layout->percent);
  append_field (out, size, layout->size);
  append_field (out, rate, layout->rate);
  append_field (out, left, layout->left);
}

/**
 * ferry_row_format:
 * @self: a row
 * @layout: its columns
 * @console: where it is shown
 *
 * Returns: the row, not wider than the layout's total
 */
char *
ferry_row_format (const FerryRow    *self,
                  const FerryLayout *layout,
                  FerryConsole      *console)
{
  const char *ellipsis = ferry_console_get_signs (console)->ellipsis;
  g_autofree char *name = ferry_width_cut_middle (self->name, layout->name, ellipsis);
  GString *out = g_string_new (NULL);

  ferry_width_append (out, name, layout->name);
  if (self->note == NULL)
    {
      append_numbers (out, self, layout, console);
    }
  else if (layout->total > layout->name + GAP)
    {
      g_autofree char *note = ferry_width_cut_end (self->note, layout->total - layout->name - GAP,
                                                   ellipsis);
      g_autofree char *painted = ferry_console_paint (console, self->paint, note);

      append_gap (out);
      g_string_append (out, painted);
    }

  return g_string_free (out, FALSE);
}
