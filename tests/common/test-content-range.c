/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "common/content-range.h"

typedef struct
{
  const char        *name;
  const char        *value;
  FerryContentRange  expected;
} Row;

static const Row good[] = {
  { "whole", "bytes 0-9/10", { 0, 9, 10 } },
  { "middle", "bytes 3-5/10", { 3, 5, 10 } },
  { "one-byte", "bytes 0-0/1", { 0, 0, 1 } },
  { "last-byte", "bytes 9-9/10", { 9, 9, 10 } },
  { "unknown-total", "bytes 0-5/*", { 0, 5, -1 } },
  { "unsatisfied", "bytes */10", { -1, -1, 10 } },
  { "unsatisfied-empty", "bytes */0", { -1, -1, 0 } },
  { "case", "BYTES 0-5/10", { 0, 5, 10 } },
  { "white-space", " \tbytes \t 0-5/10 \t", { 0, 5, 10 } },
  { "leading-zeros", "bytes 000-0000000000000000000000000000005/010", { 0, 5, 10 } },
  { "largest-total", "bytes 0-9223372036854775806/9223372036854775807",
    { 0, G_MAXINT64 - 1, G_MAXINT64 } },
};

static const Row bad[] = {
  { "null", NULL },
  { "empty", "" },
  { "unit-only", "bytes" },
  { "unit-and-space", "bytes " },
  { "other-unit", "items 0-5/10" },
  { "longer-unit", "bytesx 0-5/10" },
  { "no-space", "bytes0-5/10" },
  { "equals", "bytes=0-5/10" },
  { "no-unit", "0-5/10" },
  { "end-before-start", "bytes 5-3/10" },
  { "end-is-total", "bytes 0-10/10" },
  { "end-beyond-total", "bytes 0-11/10" },
  { "no-total", "bytes 0-5" },
  { "empty-total", "bytes 0-5/" },
  { "no-end", "bytes 0-/10" },
  { "no-start", "bytes -5/10" },
  { "both-unknown", "bytes */*" },
  { "minus", "bytes -1-5/10" },
  { "minus-total", "bytes 0-5/-10" },
  { "plus", "bytes +0-5/10" },
  { "plus-end", "bytes 0-+5/10" },
  { "plus-total", "bytes 0-5/+10" },
  { "fraction", "bytes 0-5/10.0" },
  { "hexadecimal", "bytes 0x0-0x5/0x10" },
  { "spaces-in-range", "bytes 0 - 5/10" },
  { "spaces-at-slash", "bytes 0-5 / 10" },
  { "rest", "bytes 0-5/10 x" },
  { "two", "bytes 0-5/10, bytes 0-5/10" },
  { "overflow-total", "bytes 0-5/9223372036854775808" },
  { "overflow-start", "bytes 9223372036854775808-5/10" },
  { "overflow-end", "bytes 0-9223372036854775808/*" },
  { "end-plus-one-overflows", "bytes 0-9223372036854775807/*" },
  { "overflow-20-digits", "bytes 0-5/18446744073709551626" },
  { "overflow-30-digits", "bytes 100000000000000000000000000000-5/10" },
  { "letters", "bytes a-b/c" },
};

static void
test_good (gconstpointer data)
{
  const Row *row = data;
  FerryContentRange range = { 0 };

  g_assert_true (ferry_content_range_parse (row->value, &range));
  g_assert_cmpint (range.start, ==, row->expected.start);
  g_assert_cmpint (range.end, ==, row->expected.end);
  g_assert_cmpint (range.total, ==, row->expected.total);
}

static void
test_bad (gconstpointer data)
{
  const Row *row = data;
  FerryContentRange range = { 7, 8, 9 };

  g_assert_false (ferry_content_range_parse (row->value, &range));
  g_assert_cmpint (range.start, ==, 7);
  g_assert_cmpint (range.end, ==, 8);
  g_assert_cmpint (range.total, ==, 9);
}

static void
add_rows (const char    *folder,
          const Row     *rows,
          gsize          n_rows,
          GTestDataFunc  test)
{
  for (gsize i = 0; i < n_rows; i++)
    {
      g_autofree char *path = g_strdup_printf ("/content-range/%s/%s", folder, rows[i].name);

      g_test_add_data_func (path, &rows[i], test);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add_rows ("good", good, G_N_ELEMENTS (good), test_good);
  add_rows ("bad", bad, G_N_ELEMENTS (bad), test_bad);

  return g_test_run ();
}
