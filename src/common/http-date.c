/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-http-date"

#include "config.h"

#include <string.h>

#include "http-date.h"

#define WHITE_SPACE " \t"

/* RFC 9110 §5.6.7: a two-digit year is never read as one more than so far in the future. */
#define MAX_YEARS_AHEAD 50

typedef struct
{
  int      year;
  gboolean two_digits;  /* year is 0 to 99, the century is to be found */
  int      month;       /* 1 to 12 */
  int      day;
  int      hour;
  int      minute;
  int      second;      /* 60 in a leap second */
} Fields;

static const char * const weekdays[] = {
  "sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
};

static const char * const months[] = {
  "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
};

static gsize
word_length (const char *at)
{
  return strspn (at, G_CSET_A_2_Z G_CSET_a_2_z);
}

static gboolean
read_spaces (const char **cursor)
{
  gsize n = strspn (*cursor, WHITE_SPACE);

  *cursor += n;
  return n > 0;
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

/*
 * Reads @min to @max digits, and not the first ones of more. Returns how many there were, 0 if
 * not as wished.
 */
static gsize
read_digits (const char **cursor,
             gsize        min,
             gsize        max,
             int         *number)
{
  gsize n = strspn (*cursor, G_CSET_DIGITS);

  if (n < min || n > max)
    return 0;

  *number = (int) g_ascii_strtoull (*cursor, NULL, 10);
  *cursor += n;
  return n;
}

static gboolean
read_month (const char **cursor,
            Fields      *fields)
{
  if (word_length (*cursor) != 3)
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (months); i++)
    {
      if (g_ascii_strncasecmp (*cursor, months[i], 3) == 0)
        {
          fields->month = (int) i + 1;
          *cursor += 3;
          return TRUE;
        }
    }

  return FALSE;
}

static gboolean
read_time (const char **cursor,
           Fields      *fields)
{
  return read_digits (cursor, 2, 2, &fields->hour) && read_character (cursor, ':') &&
         read_digits (cursor, 2, 2, &fields->minute) && read_character (cursor, ':') &&
         read_digits (cursor, 2, 2, &fields->second);
}

static gboolean
read_year (const char **cursor,
           Fields      *fields)
{
  gsize n = read_digits (cursor, 2, 4, &fields->year);

  fields->two_digits = n == 2;
  return n == 2 || n == 4;
}

static gboolean
read_zone (const char **cursor)
{
  static const char * const zones[] = { "GMT", "UTC", "+0000" };

  for (guint i = 0; i < G_N_ELEMENTS (zones); i++)
    {
      if (g_ascii_strncasecmp (*cursor, zones[i], strlen (zones[i])) == 0)
        {
          *cursor += strlen (zones[i]);
          return TRUE;
        }
    }

  return FALSE;
}

/* Passes over the name of a day, long or short, right or wrong: it adds nothing to the date. */
static void
skip_weekday (const char **cursor)
{
  gsize length = word_length (*cursor);

  for (guint i = 0; i < G_N_ELEMENTS (weekdays); i++)
    {
      if ((length == 3 || length == strlen (weekdays[i])) &&
          g_ascii_strncasecmp (*cursor, weekdays[i], length) == 0)
        {
          *cursor += length;
          (void) read_character (cursor, ',');   /* asctime has none */
          (void) read_spaces (cursor);           /* what follows tells */
          return;
        }
    }
}

/* `06 Nov 1994 08:49:37 GMT` (IMF-fixdate) and `06-Nov-94 08:49:37 GMT` (RFC 850). */
static gboolean
read_day_first (const char **cursor,
                Fields      *fields)
{
  if (!read_digits (cursor, 1, 2, &fields->day))
    return FALSE;

  if (read_character (cursor, '-'))
    {
      if (!read_month (cursor, fields) || !read_character (cursor, '-'))
        return FALSE;
    }
  else if (!read_spaces (cursor) || !read_month (cursor, fields) || !read_spaces (cursor))
    return FALSE;

  return read_year (cursor, fields) && read_spaces (cursor) &&
         read_time (cursor, fields) && read_spaces (cursor) &&
         read_zone (cursor);
}

/* `Nov  6 08:49:37 1994` (asctime): always in UTC. */
static gboolean
read_month_first (const char **cursor,
                  Fields      *fields)
{
  return read_month (cursor, fields) && read_spaces (cursor) &&
         read_digits (cursor, 1, 2, &fields->day) && read_spaces (cursor) &&
         read_time (cursor, fields) && read_spaces (cursor) &&
         read_digits (cursor, 4, 4, &fields->year);
}

/* Returns: (nullable): NULL if there is no such day or time. */
static GDateTime *
fields_to_date (const Fields *fields,
                int           year)
{
  g_autoptr(GDateTime) date = NULL;
  gboolean leap_second = fields->second == 60;

  date = g_date_time_new_utc (year, fields->month, fields->day, fields->hour, fields->minute,
                              leap_second ? 59 : fields->second);
  if (date == NULL || !leap_second)
    return g_steal_pointer (&date);

  return g_date_time_add_seconds (date, 1);
}

/* Finds the last century in which the date is not too far ahead of @now. */
static GDateTime *
guess_century (const Fields *fields,
               gint64        now)
{
  g_autoptr(GDateTime) today = g_date_time_new_from_unix_utc (now);
  g_autoptr(GDateTime) latest = NULL;
  int century;

  if (today != NULL)
    latest = g_date_time_add_years (today, MAX_YEARS_AHEAD);
  if (latest == NULL)
    return NULL;

  century = g_date_time_get_year (latest) / 100 * 100;
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(GDateTime) date = fields_to_date (fields, century + fields->year - 100 * (int) i);

      if (date != NULL && g_date_time_compare (date, latest) <= 0)
        return g_steal_pointer (&date);
    }

  return NULL;
}

/**
 * ferry_http_date_parse:
 * @value: (nullable): the value of a header such as `Last-Modified`
 * @now: the present time in Unix seconds, for the century of a two-digit year
 *
 * Reads a date in any of the three forms of RFC 9110 §5.6.7.
 *
 * A weekday that is missing or wrong does no harm. A zone is read only if it is UTC by one of its
 * names.
 *
 * Returns: Unix seconds, or -1 if @value is no date or one before 1970
 */
gint64
ferry_http_date_parse (const char *value,
                       gint64      now)
{
  g_autoptr(GDateTime) date = NULL;
  Fields fields = { 0 };
  const char *at = value;

  if (at == NULL)
    return -1;

  (void) read_spaces (&at);    /* may stand at both ends */
  skip_weekday (&at);
  if (g_ascii_isdigit (*at) ? !read_day_first (&at, &fields) : !read_month_first (&at, &fields))
    return -1;

  (void) read_spaces (&at);
  if (*at != '\0')
    return -1;

  if (fields.two_digits)
    date = guess_century (&fields, now);
  else
    date = fields_to_date (&fields, fields.year);

  return date != NULL ? MAX (g_date_time_to_unix (date), -1) : -1;
}
