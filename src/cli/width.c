/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-width"

#include "config.h"

#include <string.h>

#include "width.h"

/* The columns that a terminal gives to a character (Unicode Standard Annex 11). */
static guint
get_columns (gunichar c)
{
  if (g_unichar_iszerowidth (c))
    return 0;

  return g_unichar_iswide (c) ? 2 : 1;
}

/**
 * ferry_width_of:
 * @text: UTF-8 without control characters
 *
 * Returns: the columns that it takes on a terminal
 */
guint
ferry_width_of (const char *text)
{
  guint width = 0;

  g_return_val_if_fail (text != NULL, 0);

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    width += get_columns (g_utf8_get_char (at));

  return width;
}

/* Where the longest beginning of @text ends that fits, with the accents of its last letter. */
static const char *
find_head_end (const char *text,
               guint       columns)
{
  const char *at = text;

  for (; *at != '\0'; at = g_utf8_next_char (at))
    {
      guint width = get_columns (g_utf8_get_char (at));

      if (width > columns)
        break;
      columns -= width;
    }

  return at;
}

/* Where the longest end of @text begins that fits; never at an accent, whose letter is cut off. */
static const char *
find_tail_start (const char *text,
                 guint       columns)
{
  const char *start = text + strlen (text);

  for (const char *at = start; at > text;)
    {
      guint width;

      at = g_utf8_prev_char (at);
      width = get_columns (g_utf8_get_char (at));
      if (width > columns)
        break;
      columns -= width;
      if (width > 0)
        start = at;
    }

  return start;
}

/**
 * ferry_width_cut_end:
 * @text: UTF-8 without control characters
 * @columns: the room
 * @ellipsis: what stands for the part that is cut off
 *
 * Returns: @text, its end cut off if it is wider than @columns
 */
char *
ferry_width_cut_end (const char *text,
                     guint       columns,
                     const char *ellipsis)
{
  guint mark = ferry_width_of (ellipsis);
  const char *end;

  if (ferry_width_of (text) <= columns)
    return g_strdup (text);
  if (columns < mark)
    return g_strndup (text, (gsize) (find_head_end (text, columns) - text));

  end = find_head_end (text, columns - mark);
  return g_strdup_printf ("%.*s%s", (int) (end - text), text, ellipsis);
}

/**
 * ferry_width_cut_middle:
 * @text: UTF-8 without control characters
 * @columns: the room
 * @ellipsis: what stands for the part that is cut out
 *
 * Keeps both ends, as a file name tells at its end what kind of file it is.
 *
 * Returns: @text, its middle cut out if it is wider than @columns
 */
char *
ferry_width_cut_middle (const char *text,
                        guint       columns,
                        const char *ellipsis)
{
  guint mark = ferry_width_of (ellipsis);
  guint tail_columns;
  g_autofree char *head = NULL;
  const char *tail;

  /* With less, nothing of the ends could be recognised. */
  if (columns < mark + 4 || ferry_width_of (text) <= columns)
    return ferry_width_cut_end (text, columns, ellipsis);

  tail_columns = (columns - mark) / 2;
  tail = find_tail_start (text, tail_columns);
  head = g_strndup (text, (gsize) (find_head_end (text, columns - mark - tail_columns) - text));
  return g_strconcat (head, ellipsis, tail, NULL);
}

/**
 * ferry_width_append:
 * @out: where to append
 * @text: UTF-8 without control characters
 * @columns: the room
 *
 * Appends @text, and spaces up to @columns. It is not cut.
 */
void
ferry_width_append (GString    *out,
                    const char *text,
                    guint       columns)
{
  g_string_append (out, text);
  for (guint width = ferry_width_of (text); width < columns; width++)
    g_string_append_c (out, ' ');
}
