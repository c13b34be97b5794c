/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-width"

#include "config.h"

#include "cli/width.h"

typedef struct
{
  const char *text;
  guint       width;
  guint       columns;
  const char *end;      /* cut at the end */
  const char *middle;   /* cut in the middle */
} Row;

/* “é” is also written as an e and an accent of its own. */
#define E "e\u0301"

static const Row rows[] = {
  { "", 0, 5, "", "" },
  { "file.iso", 8, 8, "file.iso", "file.iso" },
  { "file.iso", 8, 7, "file.i…", "fil…iso" },
  { "file.iso", 8, 6, "file.…", "fil…so" },
  { "file.iso", 8, 1, "…", "…" },
  { "file.iso", 8, 0, "", "" },
  { "日本語.iso", 10, 9, "日本語.i…", "日本….iso" },
  { "日本語.iso", 10, 8, "日本語.…", "日本…iso" },
  { "日本語日本", 10, 9, "日本語日…", "日本…日本" },
  { "日本語日本", 10, 8, "日本語…", "日本…本" },
  { E E E E E E, 6, 6, E E E E E E, E E E E E E },
  { E E E E E E, 6, 5, E E E E "…", E E "…" E E },
};

static void
test_cut (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *end = ferry_width_cut_end (rows[i].text, rows[i].columns, "…");
      g_autofree char *middle = ferry_width_cut_middle (rows[i].text, rows[i].columns, "…");

      g_assert_cmpuint (ferry_width_of (rows[i].text), ==, rows[i].width);
      g_assert_cmpstr (end, ==, rows[i].end);
      g_assert_cmpstr (middle, ==, rows[i].middle);
      g_assert_cmpuint (ferry_width_of (end), <=, rows[i].columns);
      g_assert_cmpuint (ferry_width_of (middle), <=, rows[i].columns);
    }
}

static void
test_append (void)
{
  g_autoptr(GString) out = g_string_new ("[");

  ferry_width_append (out, "日本", 6);
  ferry_width_append (out, "abc", 2);
  g_assert_cmpstr (out->str, ==, "[日本  abc");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/width/cut", test_cut);
  g_test_add_func ("/cli/width/append", test_append);
  return g_test_run ();
}
