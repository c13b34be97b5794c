/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "common/text.h"

typedef struct
{
  const char *name;
  const char *text;
  const char *charset;
  const char *expected;
} Row;

static const Row charset_rows[] = {
  { "utf8", "\xc3\xa4", "UTF-8", "ä" },
  { "utf8-lower", "\xc3\xa4", "utf-8", "ä" },
  { "utf8-invalid", "\xe4", "UTF-8", NULL },
  { "latin1", "\xe4", "iso-8859-1", "ä" },
  { "gb18030", "\xb2\xe2\xca\xd4", "GB18030", "测试" },
  { "half-a-character", "\xb2", "GB18030", NULL },
  { "unknown", "a", "x-klingon", NULL },
  { "empty-name", "\xe4", "", NULL },
  { "with-iconv-suffix", "a", "ISO-8859-1//IGNORE", NULL },
  { "path", "a", "../../etc/passwd", NULL },
  { "long-name", "a", "UTF-8UTF-8UTF-8UTF-8UTF-8UTF-8UTF-8UTF-8UTF-8UTF-8", NULL },
};

static const Row guess_rows[] = {
  { "ascii", "a.txt", NULL, "a.txt" },
  { "empty", "", "GB18030", "" },
  { "utf8-before-legacy", "ä", "GB18030", "ä" },
  { "legacy", "\xb2\xe2", "GB18030", "测" },
  { "not-legacy", "\xff\xff", "GB18030", "ÿÿ" },
  { "windows-1252", "\x80", NULL, "€" },
  { "latin1", "\x81", NULL, "\xc2\x81" },
  { "unknown-legacy", "\xe4", "x-klingon", "ä" },
};

static const Row word_rows[] = {
  { "b", "=?UTF-8?B?w6Q=?=", NULL, "ä" },
  { "q", "=?iso-8859-1?q?=E4_b?=", NULL, "ä b" },
  { "language", "=?UTF-8*de?Q?=C3=A4?=", NULL, "ä" },
  { "two-words", "=?UTF-8?Q?a?= =?UTF-8?Q?b?=", NULL, "ab" },
  { "two-words-together", "=?UTF-8?Q?a?==?UTF-8?Q?b?=", NULL, "ab" },
  { "cut-in-a-character", "=?UTF-8?Q?=C3?= =?utf-8?B?pA==?=", NULL, "ä" },
  { "two-charsets", "=?UTF-8?Q?=C3=A4?= =?ISO-8859-1?Q?=E4?=", NULL, "ää" },
  { "text-around", "x =?UTF-8?Q?=C3=A4?= y", NULL, "x ä y" },
  { "broken-then-good", "=?UTF-8?Q?=C3?= x =?UTF-8?Q?b?=", NULL, "=?UTF-8?Q?=C3?= x b" },
  { "none", "plain", NULL, NULL },
  { "empty", "", NULL, NULL },
  { "unfinished", "=?UTF-8?Q?abc", NULL, NULL },
  { "start-only", "=?", NULL, NULL },
  { "unknown-encoding", "=?UTF-8?X?abc?=", NULL, NULL },
  { "unknown-charset", "=?x-klingon?Q?abc?=", NULL, NULL },
  { "bad-q", "=?UTF-8?Q?=C?=", NULL, NULL },
  { "bad-b", "=?UTF-8?B?!!!?=", NULL, NULL },
};

static const Row locale_rows[] = {
  { "zh-cn", "zh_CN.UTF-8", NULL, "GB18030" },
  { "zh-sg", "zh_SG", NULL, "GB18030" },
  { "zh-tw", "zh_TW.UTF-8", NULL, "BIG5" },
  { "zh-hk", "zh_HK", NULL, "BIG5-HKSCS" },
  { "ja", "ja_JP.UTF-8", NULL, "CP932" },
  { "ko", "ko", NULL, "CP949" },
  { "ru", "ru_RU.KOI8-R", NULL, "WINDOWS-1251" },
  { "de", "de_DE.UTF-8", NULL, NULL },
  { "c", "C", NULL, NULL },
  { "three-letters", "kok_IN", NULL, NULL },
  { "empty", "", NULL, NULL },
};

static void
test_from_charset (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *text = ferry_text_from_charset (row->text, strlen (row->text), row->charset);

  g_assert_cmpstr (text, ==, row->expected);
}

static void
test_guess (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *text = ferry_text_guess (row->text, strlen (row->text), row->charset);

  g_assert_cmpstr (text, ==, row->expected);
}

static void
test_words (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *text = ferry_text_decode_words (row->text);

  g_assert_cmpstr (text, ==, row->expected);
}

static void
test_locale (gconstpointer data)
{
  const Row *row = data;
  const char *locales[] = { row->text, NULL };
  const char *after_english[] = { "en_GB", row->text, NULL };

  g_assert_cmpstr (ferry_text_find_legacy_charset (locales), ==, row->expected);
  g_assert_cmpstr (ferry_text_find_legacy_charset (after_english), ==, row->expected);
}

static void
test_nuls (void)
{
  g_autofree char *utf8 = ferry_text_from_charset ("a\0b\0", 4, "UTF-8");
  g_autofree char *utf16 = ferry_text_from_charset ("a\0\0\0b\0", 6, "UTF-16LE");
  g_autofree char *guessed = ferry_text_guess ("\0\xe4\0", 3, NULL);

  g_assert_cmpstr (utf8, ==, "ab");
  g_assert_cmpstr (utf16, ==, "ab");
  g_assert_cmpstr (guessed, ==, "ä");
}

/* Each charset of the table can be had here, or its row would be of no use. */
static void
test_table (void)
{
  static const char * const locales[] = {
    "zh_TW", "zh_HK", "zh", "ja", "ko", "ru", "cs", "el", "tr", "he", "ar", "lt", "vi", "th",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (locales); i++)
    {
      const char *one[] = { locales[i], NULL };
      g_autofree char *text = NULL;

      g_test_message ("%s", locales[i]);
      text = ferry_text_from_charset ("a", 1, ferry_text_find_legacy_charset (one));
      g_assert_cmpstr (text, ==, "a");
    }
}

static void
test_percent (void)
{
  static const struct { const char *text; const char *expected; gboolean sound; } rows[] = {
    { "", "", TRUE },
    { "a%20b", "a b", TRUE },
    { "%c3%A4", "ä", TRUE },
    { "%2525", "%25", TRUE },
    { "100%", "100%", FALSE },
    { "%4", "%4", FALSE },
    { "%zz%41", "%zzA", FALSE },
    { "%%41", "%A", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GString) out = g_string_new (NULL);

      g_test_message ("%s", rows[i].text);
      g_assert_cmpint (ferry_text_unescape_percent (out, rows[i].text, strlen (rows[i].text)), ==,
                       rows[i].sound);
      g_assert_cmpstr (out->str, ==, rows[i].expected);
    }
}

static void
add_rows (const char    *folder,
          const Row     *rows,
          gsize          n_rows,
          GTestDataFunc  test)
{
  for (gsize i = 0; i < n_rows; i++)
    {
      g_autofree char *path = g_strdup_printf ("/text/%s/%s", folder, rows[i].name);

      g_test_add_data_func (path, &rows[i], test);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  add_rows ("from-charset", charset_rows, G_N_ELEMENTS (charset_rows), test_from_charset);
  add_rows ("guess", guess_rows, G_N_ELEMENTS (guess_rows), test_guess);
  add_rows ("words", word_rows, G_N_ELEMENTS (word_rows), test_words);
  add_rows ("locale", locale_rows, G_N_ELEMENTS (locale_rows), test_locale);
  g_test_add_func ("/text/nuls", test_nuls);
  g_test_add_func ("/text/table", test_table);
  g_test_add_func ("/text/percent", test_percent);

  return g_test_run ();
}
