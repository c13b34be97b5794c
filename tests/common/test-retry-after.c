/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "common/retry-after.h"

/* 1994-11-06T08:49:37Z */
#define NOW G_GINT64_CONSTANT (784111777)

#define CLAMPED -2

typedef struct
{
  const char *name;
  const char *value;
  gint64      expected;   /* CLAMPED: any that can be added to NOW in microseconds */
} Row;

static const Row rows[] = {
  { "seconds", "120", 120 },
  { "zero", "0", 0 },
  { "leading-zeros", "0010", 10 },
  { "white-space", " \t5 ", 5 },
  { "a-year", "31536000", 31536000 },
  { "date", "Sun, 06 Nov 1994 08:50:37 GMT", 60 },
  { "date-rfc850", "Sunday, 06-Nov-94 08:49:47 GMT", 10 },
  { "date-asctime", "Sun Nov  6 09:49:37 1994", 3600 },
  { "date-now", "Sun, 06 Nov 1994 08:49:37 GMT", 0 },
  { "date-past", "Sat, 05 Nov 1994 08:49:37 GMT", 0 },
  { "huge", "9223372036854775807", CLAMPED },
  { "overflow", "18446744073709551616", CLAMPED },
  { "overflow-to-5", "18446744073709551621", CLAMPED },
  { "overflow-40-digits", "9999999999999999999999999999999999999999", CLAMPED },

  { "null", NULL, -1 },
  { "empty", "", -1 },
  { "blank", " ", -1 },
  { "negative", "-5", -1 },
  { "plus", "+5", -1 },
  { "fraction", "1.5", -1 },
  { "exponent", "1e3", -1 },
  { "hexadecimal", "0x10", -1 },
  { "unit", "5 s", -1 },
  { "two", "5, 6", -1 },
  { "words", "soon", -1 },
  { "broken-date", "Sun, 99 Nov 1994 08:49:37 GMT", -1 },
  { "not-utf8", "\xff", -1 },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  gint64 wait = ferry_retry_after_parse (row->value, NOW);

  if (row->expected != CLAMPED)
    {
      g_assert_cmpint (wait, ==, row->expected);
      return;
    }

  g_assert_cmpint (wait, >, 1000 * G_GINT64_CONSTANT (31536000));
  g_assert_cmpint (wait, <=, G_MAXINT64 / G_USEC_PER_SEC - NOW);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/retry-after/%s", rows[i].name);

      g_test_add_data_func (path, &rows[i], test_row);
    }

  return g_test_run ();
}
