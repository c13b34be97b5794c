/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-content-range"

#include "config.h"

#include <string.h>

#include "content-range.h"

#define WHITE_SPACE " \t"

/* Reads 1*DIGIT that fit a gint64. */
static gboolean
read_number (const char **cursor,
             gint64      *number)
{
  const char *at = *cursor;

  if (!g_ascii_isdigit (*at))
    return FALSE;

  for (*number = 0; g_ascii_isdigit (*at); at++)
    {
      gint64 digit = g_ascii_digit_value (*at);

      if (*number > (G_MAXINT64 - digit) / 10)
        return FALSE;
      *number = *number * 10 + digit;
    }

  *cursor = at;
  return TRUE;
}

static gboolean
read_character (const char **cursor,
                char         character)
{
  if (**cursor != character)
    return FALSE;

  (*cursor)++;
  return TRUE;
}

/* Reads `start-end`, or the `*` of a range that could not be satisfied. */
static gboolean
read_range (const char       **cursor,
            FerryContentRange *range)
{
  if (read_character (cursor, '*'))
    return TRUE;

  return read_number (cursor, &range->start) &&
         read_character (cursor, '-') &&
         read_number (cursor, &range->end) &&
         range->start <= range->end && range->end < G_MAXINT64;
}

/*
 * Reads the length behind the slash. Only a range that is there may belong to a whole of unknown
 * length.
 */
static gboolean
read_total (const char       **cursor,
            FerryContentRange *range)
{
  if (read_character (cursor, '*'))
    return range->start >= 0;

  return read_number (cursor, &range->total) && range->end < range->total;
}

/**
 * ferry_content_range_parse:
 * @value: (nullable): the value of a `Content-Range` header
 * @range: (out): what it says; untouched unless %TRUE is returned
 *
 * Reads `bytes 0-5/10`, `bytes 0-5/\*` and `bytes *\/10` (RFC 9110 §14.4).
 *
 * This decides which bytes are joined to which, so that nothing is guessed: white space may stand
 * at both ends and behind the unit alone.
 *
 * Returns: whether @value is such a range and makes sense
 */
gboolean
ferry_content_range_parse (const char        *value,
                           FerryContentRange *range)
{
  static const char unit[] = "bytes";
  FerryContentRange found = { -1, -1, -1 };
  const char *at = value;
  gsize n_spaces;

  g_return_val_if_fail (range != NULL, FALSE);

  if (at == NULL)
    return FALSE;

  at += strspn (at, WHITE_SPACE);
  if (g_ascii_strncasecmp (at, unit, strlen (unit)) != 0)
    return FALSE;

  at += strlen (unit);
  n_spaces = strspn (at, WHITE_SPACE);
  at += n_spaces;
  if (n_spaces == 0 ||
      !read_range (&at, &found) || !read_character (&at, '/') || !read_total (&at, &found))
    return FALSE;

  at += strspn (at, WHITE_SPACE);
  if (*at != '\0')
    return FALSE;

  *range = found;
  return TRUE;
}
