/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "common/http-date.h"

/* 2026-03-01T00:00:00Z, unless a row has a present of its own. */
#define NOW G_GINT64_CONSTANT (1772323200)

/* The example of RFC 9110 §5.6.7. */
#define EXAMPLE G_GINT64_CONSTANT (784111777)

typedef struct
{
  const char *name;
  const char *value;
  gint64      expected;
  gint64      now;        /* 0: NOW */
} Row;

static const Row rows[] = {
  { "imf", "Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE },
  { "rfc850", "Sunday, 06-Nov-94 08:49:37 GMT", EXAMPLE },
  { "asctime", "Sun Nov  6 08:49:37 1994", EXAMPLE },
  { "asctime-one-space", "Sun Nov 6 08:49:37 1994", EXAMPLE },
  { "asctime-two-digits", "Wed Nov 16 08:49:37 1994", EXAMPLE + 10 * 86400 },
  { "month-case", "Sun, 06 nOV 1994 08:49:37 gmt", EXAMPLE },
  { "no-weekday", "06 Nov 1994 08:49:37 GMT", EXAMPLE },
  { "wrong-weekday", "Mon, 06 Nov 1994 08:49:37 GMT", EXAMPLE },
  { "weekday-without-comma", "Sun 06 Nov 1994 08:49:37 GMT", EXAMPLE },
  { "short-weekday-rfc850", "Sun, 06-Nov-94 08:49:37 GMT", EXAMPLE },
  { "dashes-long-year", "Sun, 06-Nov-1994 08:49:37 GMT", EXAMPLE },
  { "one-digit-day", "Sun, 6 Nov 1994 08:49:37 GMT", EXAMPLE },
  { "utc", "Sun, 06 Nov 1994 08:49:37 UTC", EXAMPLE },
  { "plus-zero", "Sun, 06 Nov 1994 08:49:37 +0000", EXAMPLE },
  { "white-space", " \tSun, 06 Nov 1994 08:49:37 GMT\t ", EXAMPLE },
  { "epoch", "Thu, 01 Jan 1970 00:00:00 GMT", 0 },
  { "leap-day", "Tue, 29 Feb 2000 00:00:00 GMT", 951782400 },
  { "leap-second", "Sat, 31 Dec 2016 23:59:60 GMT", 1483228800 },
  { "last-year", "Fri, 31 Dec 9999 23:59:59 GMT", G_GINT64_CONSTANT (253402300799) },
  { "two-digits-within-50-years", "Saturday, 01-Jan-76 00:00:00 GMT", 3345062400 },
  { "two-digits-beyond-50-years", "Saturday, 01-Jan-77 00:00:00 GMT", 220924800 },
  { "two-digits-50-years-and-a-second", "Sunday, 01-Mar-76 00:00:01 GMT", 194486401 },
  { "two-digits-next-century", "Monday, 01-Jan-05 00:00:00 GMT", 1104537600, 915148800 },
  { "two-digits-leap-day", "Tuesday, 29-Feb-00 00:00:00 GMT", 951782400 },

  { "null", NULL, -1 },
  { "empty", "", -1 },
  { "spaces", "   ", -1 },
  { "number", "784111777", -1 },
  { "weekday-only", "Sun,", -1 },
  { "no-zone", "Sun, 06 Nov 1994 08:49:37", -1 },
  { "est", "Sun, 06 Nov 1994 08:49:37 EST", -1 },
  { "plus-one", "Sun, 06 Nov 1994 08:49:37 +0100", -1 },
  { "minus-zero", "Sun, 06 Nov 1994 08:49:37 -0000", -1 },
  { "gmt-plus", "Sun, 06 Nov 1994 08:49:37 GMT+1", -1 },
  { "rest", "Sun, 06 Nov 1994 08:49:37 GMT x", -1 },
  { "foreign-weekday", "Dim, 06 Nov 1994 08:49:37 GMT", -1 },
  { "foreign-month", "Sun, 06 Okt 1994 08:49:37 GMT", -1 },
  { "long-month", "Sun, 06 November 1994 08:49:37 GMT", -1 },
  { "day-0", "Sun, 00 Nov 1994 08:49:37 GMT", -1 },
  { "day-31-of-30", "Sun, 31 Nov 1994 08:49:37 GMT", -1 },
  { "no-leap-day", "Sun, 29 Feb 2023 08:49:37 GMT", -1 },
  { "three-digit-day", "Sun, 006 Nov 1994 08:49:37 GMT", -1 },
  { "hour-24", "Sun, 06 Nov 1994 24:00:00 GMT", -1 },
  { "minute-60", "Sun, 06 Nov 1994 08:60:37 GMT", -1 },
  { "second-61", "Sun, 06 Nov 1994 08:49:61 GMT", -1 },
  { "one-digit-hour", "Sun, 06 Nov 1994 8:49:37 GMT", -1 },
  { "no-seconds", "Sun, 06 Nov 1994 08:49 GMT", -1 },
  { "signed", "Sun, +6 Nov 1994 08:49:37 GMT", -1 },
  { "three-digit-year", "Sun, 06 Nov 994 08:49:37 GMT", -1 },
  { "five-digit-year", "Sun, 06 Nov 19940 08:49:37 GMT", -1 },
  { "year-0", "Sun, 06 Nov 0000 08:49:37 GMT", -1 },
  { "before-epoch", "Wed, 31 Dec 1969 23:59:58 GMT", -1 },
  { "asctime-short-year", "Sun Nov  6 08:49:37 94", -1 },
  { "iso-8601", "1994-11-06T08:49:37Z", -1 },
  { "many-digits", "Sun, 06 Nov 99999999999999999999999 08:49:37 GMT", -1 },
  { "not-utf8", "\xff\xfe\x80", -1 },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;

  g_assert_cmpint (ferry_http_date_parse (row->value, row->now != 0 ? row->now : NOW), ==,
                   row->expected);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/http-date/%s", rows[i].name);

      g_test_add_data_func (path, &rows[i], test_row);
    }

  return g_test_run ();
}
