/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-moment"

#include "config.h"

#include <string.h>

#include "moment.h"
#include "words.h"

/* How long from now something may begin; who means more has slipped. */
#define MAX_AHEAD (10 * 366 * G_TIME_SPAN_DAY)

static const struct
{
  char      letter;
  GTimeSpan span;
} units[] = {
  { 's', G_TIME_SPAN_SECOND },
  { 'm', G_TIME_SPAN_MINUTE },
  { 'h', G_TIME_SPAN_HOUR },
  { 'd', G_TIME_SPAN_DAY },
};

/* 0: no letter of a unit. */
static GTimeSpan
find_unit (char letter)
{
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    {
      if (units[i].letter == letter)
        return units[i].span;
    }

  return 0;
}

/* “+1h30m”: what is left of @text after its plus. NULL: it is none, or leads beyond all bounds. */
static GDateTime *
parse_span (const char *text,
            GDateTime  *now)
{
  GTimeSpan sum = 0;

  while (*text != '\0')
    {
      guint64 count = 0;
      GTimeSpan unit;

      if (!g_ascii_isdigit (*text))
        return NULL;
      while (g_ascii_isdigit (*text) && count < MAX_AHEAD)
        count = count * 10 + (guint64) (*text++ - '0');
      unit = find_unit (*text);
      if (unit == 0 || count > (guint64) ((MAX_AHEAD - sum) / unit))
        return NULL;
      sum += (GTimeSpan) count * unit;
      text++;
    }

  return sum > 0 ? g_date_time_add (now, sum) : NULL;
}

/* Two digits at @text. −1: there are not. */
static int
parse_pair (const char *text)
{
  if (!g_ascii_isdigit (text[0]) || !g_ascii_isdigit (text[1]))
    return -1;

  return 10 * g_ascii_digit_value (text[0]) + g_ascii_digit_value (text[1]);
}

/* “22:30”: today or, if that is over, tomorrow. NULL: it is none. */
static GDateTime *
parse_time_of_day (const char *text,
                   GDateTime  *now)
{
  gsize digits = strspn (text, "0123456789");
  g_autofree char *padded = digits == 1 ? g_strconcat ("0", text, NULL) : g_strdup (text);
  g_autoptr(GDateTime) today = NULL;
  g_autoptr(GDateTime) tomorrow = NULL;
  int hour;
  int minute;

  if (strlen (padded) != 5 || padded[2] != ':')
    return NULL;
  hour = parse_pair (padded);
  minute = parse_pair (padded + 3);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
    return NULL;

  today = g_date_time_new (g_date_time_get_timezone (now), g_date_time_get_year (now),
                           g_date_time_get_month (now), g_date_time_get_day_of_month (now),
                           hour, minute, 0);
  if (today == NULL || g_date_time_compare (today, now) > 0)
    return g_steal_pointer (&today);

  /* Not 24 hours later: the clock may be changed in the night. */
  tomorrow = g_date_time_add_days (now, 1);
  return g_date_time_new (g_date_time_get_timezone (now), g_date_time_get_year (tomorrow),
                          g_date_time_get_month (tomorrow),
                          g_date_time_get_day_of_month (tomorrow), hour, minute, 0);
}

/* “2026-11-20 22:30”, or as ISO 8601 has it; without a zone it is that of @now. NULL: no date. */
static GDateTime *
parse_date (const char *text,
            GDateTime  *now)
{
  g_autoptr(GString) whole = g_string_new (text);

  /* YYYY-MM-DD, a space or T, HH:MM; what follows are seconds, or a zone, or nothing. */
  if (whole->len < 16 || strchr (" Tt", whole->str[10]) == NULL)
    return NULL;
  if (whole->str[13] == ':' && whole->str[16] != ':')
    (void) g_string_insert (whole, 16, ":00");
  whole->str[10] = 'T';
  return g_date_time_new_from_iso8601 (whole->str, g_date_time_get_timezone (now));
}

/**
 * ferry_moment_parse:
 * @text: `HH:MM`, `YYYY-MM-DD HH:MM`, ISO 8601 with a zone, or `+` and a number of `s`, `m`, `h`
 * or `d`
 * @now: the time, in the zone of who gives @text
 * @moment: (out): Unix time in microseconds
 * @error: what is wrong, naming @text
 *
 * Reads when something is to begin.
 *
 * Returns: whether it is a time, and is still to come
 */
gboolean
ferry_moment_parse (const char  *text,
                    GDateTime   *now,
                    gint64      *moment,
                    GError     **error)
{
  g_autofree char *printable = ferry_words_printable (text);
  g_autoptr(GDateTime) then = NULL;

  if (*text == '+')
    then = parse_span (text + 1, now);
  else if (strchr (text, '-') != NULL || strlen (text) > strlen ("HH:MM"))
    then = parse_date (text, now);
  else
    then = parse_time_of_day (text, now);

  if (then == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "“%s” is no time; write it as 22:30, “2030-12-31 22:30”, 2030-12-31T22:30:00Z"
                   " or +2h30m", printable);
      return FALSE;
    }
  if (g_date_time_compare (then, now) < 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "the time “%s” is over already; leave it out to begin at once", printable);
      return FALSE;
    }

  *moment = g_date_time_to_unix (then) * G_USEC_PER_SEC + g_date_time_get_microsecond (then);
  return TRUE;
}
