/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-amount"

#include "config.h"

#include <string.h>

#include "cli/amount.h"

static void
test_good (void)
{
  static const struct
  {
    const char *text;
    guint64     bytes;
  } rows[] = {
    { "0", 0 }, { "none", 0 }, { "0M", 0 }, { "0.0", 0 }, { "00.000Gi", 0 },
    { "1", 1 }, { "1B", 1 }, { "1/s", 1 }, { "1B/s", 1 }, { "0007", 7 },
    { "500K", 500 * 1000 }, { "500k", 500 * 1000 }, { "500Ki", 500 * 1024 },
    { "2M", 2000000 }, { "2m", 2000000 }, { "2MB", 2000000 }, { "2MB/s", 2000000 },
    { "2M/s", 2000000 }, { "2Mi", 2097152 }, { "2MiB/s", 2097152 }, { "2mi", 2097152 },
    { "3G", G_GUINT64_CONSTANT (3000000000) }, { "3Gi", G_GUINT64_CONSTANT (3221225472) },
    { "4T", G_GUINT64_CONSTANT (4000000000000) }, { "4Ti", G_GUINT64_CONSTANT (4398046511104) },
    { "1.5M", 1500000 }, { "1.5Ki", 1536 }, { "0.5K", 500 }, { "0.000001M", 1 }, { "1.9", 1 },
    { "2.50M", 2500000 }, { "1.0000009M", 1000000 },
    { "0.999999Ti", G_GUINT64_CONSTANT (1099510528264) },
    { "18446744073709551615", G_MAXUINT64 },
    { "16777215Ti", G_MAXUINT64 - (G_GUINT64_CONSTANT (1) << 40) + 1 },
    { "16777215.999999Ti", G_MAXUINT64 - 1099511 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GError) error = NULL;
      guint64 bytes = 42;
      gboolean good = ferry_amount_parse (rows[i].text, &bytes, &error);

      g_assert_no_error (error);
      g_assert_true (good);
      g_assert_cmpuint (bytes, ==, rows[i].bytes);
    }
}

static void
test_bad (void)
{
  static const char form[] = "is no amount; write 500K, 1.5M or 2Gi, or “none”";
  static const char more[] = "is more than can be counted";
  static const char less[] = "is less than a byte";
  static const struct
  {
    const char *text;
    const char *message;
  } rows[] = {
    { "", form }, { "M", form }, { "-1", form }, { "+1", form }, { " 1", form }, { "1 ", form },
    { "1 M", form }, { "1,5M", form }, { ".5M", form }, { "1.M", form }, { "1.5.5", form },
    { "1e3", form }, { "0x10", form }, { "1P", form }, { "1b", form }, { "1Mb", form },
    { "1Mbit", form }, { "1MB/", form }, { "1MB/h", form }, { "1MBs", form }, { "1KK", form },
    { "1iB", form }, { "1KI", form }, { "None", form }, { "nonesuch", form }, { "fast", form },
    { "-0", form }, { "1\n", form },
    { "18446744073709551616", more }, { "99999999999999999999999999", more },
    { "16777216Ti", more }, { "18446745T", more },
    { "0.5", less }, { "0.0001K", less }, { "0.0000001T", less },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GError) error = NULL;
      guint64 bytes;

      g_assert_false (ferry_amount_parse (rows[i].text, &bytes, &error));
      g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
      g_assert_true (g_str_has_suffix (error->message, rows[i].message));
      if (strchr (rows[i].text, '\n') == NULL)
        {
          g_autofree char *quoted = g_strdup_printf ("“%s” ", rows[i].text);

          g_assert_true (g_str_has_prefix (error->message, quoted));
        }
    }
}

/* What stands there cannot command the terminal. */
static void
test_unprintable (void)
{
  g_autoptr(GError) error = NULL;
  guint64 bytes;

  g_assert_false (ferry_amount_parse ("1\033[2J", &bytes, &error));
  g_assert_true (g_str_has_prefix (error->message, "“1�[2J” "));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/amount/good", test_good);
  g_test_add_func ("/cli/amount/bad", test_bad);
  g_test_add_func ("/cli/amount/unprintable", test_unprintable);
  return g_test_run ();
}
