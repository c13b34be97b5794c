/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-row"

#include "config.h"

#include <locale.h>

#include "cli/row.h"
#include "cli/width.h"

/* The same row at all widths: nothing is ever wider than the terminal. */
static const struct
{
  guint       columns;
  const char *text;
} widths[] = {
  { 200, "debian-12.5.0-amd64-netinst.iso  ━━━━━━━━━━━━━━━━━━━━────────────────────   50%    1.0 GB"
    "   10.0 MB/s     0:50" },
  { 80, "debian-12.5.0-a…64-netinst.iso  ━━━━━─────   50%    1.0 GB   10.0 MB/s     0:50" },
  { 60, "debian-12.5…etinst.iso  ━━━━────   50%   10.0 MB/s     0:50" },
  { 40, "debia…t.iso  ━━━━────   50%   10.0 MB/s" },
  { 30, "debian…st.iso  ━━━━────   50%" },
  { 20, "debian…st.iso   50%" },
  { 10, "debi….iso" },
  { 1, "…" },
};

static void
test_widths (void)
{
  g_autoptr(FerryConsole) console = ferry_console_new ();
  FerryRow row = {
    .name = "debian-12.5.0-amd64-netinst.iso",
    .received = 500000000,
    .expected = 1000000000,
    .rate = 10000000,
  };

  for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      FerryLayout layout;
      g_autofree char *text = NULL;

      ferry_layout_init (&layout, widths[i].columns, ferry_width_of (row.name));
      text = ferry_row_format (&row, &layout, console);
      g_test_message ("%3u: %s", widths[i].columns, text);
      g_assert_cmpstr (text, ==, widths[i].text);
    }
}

static void
test_all_widths (void)
{
  static const char *const names[] = { "a", "日本語のとても長い名前のファイル.tar.gz", "e\u0301\u0301.iso" };
  g_autoptr(FerryConsole) console = ferry_console_new ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      for (guint columns = 1; columns <= 240; columns++)
        {
          FerryRow row = { .name = names[i], .received = 7, .expected = -1, .rate = G_MAXUINT64 };
          FerryLayout layout;
          g_autofree char *numbers = NULL;
          g_autofree char *note = NULL;

          ferry_layout_init (&layout, columns, ferry_width_of (names[i]));
          numbers = ferry_row_format (&row, &layout, console);
          row.note = "waiting: other transfers with this server go first (it is number 3)";
          note = ferry_row_format (&row, &layout, console);
          g_assert_cmpuint (ferry_width_of (numbers), <, MAX (columns, 2));
          g_assert_cmpuint (ferry_width_of (note), <, MAX (columns, 2));
        }
    }
}

int
main (int    argc,
      char **argv)
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/row/widths", test_widths);
  g_test_add_func ("/cli/row/all-widths", test_all_widths);
  return g_test_run ();
}
