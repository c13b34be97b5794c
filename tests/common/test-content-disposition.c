/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "common/content-disposition.h"

/*
 * More than libsoup lets through, to see that time does not grow with the square. With
 * AddressSanitizer it does, if that measures the whole string at each strspn(): then it is less.
 */
#ifdef __SANITIZE_ADDRESS__
#define JUNK_LENGTH (16 * 1024)
#else
#define JUNK_LENGTH (1024 * 1024)
#endif

typedef struct
{
  const char *name;
  const char *value;
  const char *expected;
  const char *legacy_charset;
} Row;

static const Row rows[] = {
  { "quoted", "attachment; filename=\"a b.txt\"", "a b.txt" },
  { "token", "attachment; filename=a.txt", "a.txt" },
  { "token-with-spaces", "attachment; filename=a b.txt ; x=y", "a b.txt" },
  { "token-brackets", "attachment; filename=foo[1](2).html", "foo[1](2).html" },
  { "token-with-equals", "attachment; filename=a=b.txt", "a=b.txt" },
  { "token-with-quote", "attachment; filename=foo\"bar;baz\"qux", "foo\"bar" },
  { "inline", "inline; filename=a.txt", "a.txt" },
  { "other-type", "x-foo; filename=a.txt", "a.txt" },
  { "no-type", "filename=\"x\"", "x" },
  { "no-type-semicolon", "; filename=x", "x" },
  { "case", "ATTACHMENT; FileName=\"x\"", "x" },
  { "white-space", "attachment ;\t filename \t=\t \"x\"\t;", "x" },
  { "folded", "attachment;\r\n filename=\"x\"", "x" },
  { "other-parameters", "attachment; creation-date=\"a;filename=b\"; filename=c", "c" },
  { "semicolon-quoted", "attachment; filename=\"a;b.txt\"", "a;b.txt" },
  { "escaped-quote", "attachment; filename=\"a\\\"b\\\\c.txt\"", "a\"b\\c.txt" },
  { "escaped-letter", "attachment; filename=\"f\\oo.txt\"", "foo.txt" },
  { "windows-path", "attachment; filename=\"C:\\dir\\file.txt\"", "C:\\dir\\file.txt" },
  { "windows-path-escaped", "attachment; filename=\"C:\\\\dir\\\\f.txt\"", "C:\\dir\\f.txt" },
  { "path", "attachment; filename=\"../../x\"", "../../x" },
  { "path-coded", "attachment; filename*=UTF-8''..%2F..%2Fx", "../../x" },
  { "inner-quotes", "attachment; filename=\"My \"best\" file.txt\"; x=y", "My \"best\" file.txt" },
  { "inner-quote", "attachment; filename=\"My 5\" disk.img\"; x=\"y\"", "My 5\" disk.img" },
  { "text-after-quote", "attachment; filename=\"foo\"bar; name=\"x\"", "foo" },
  { "open-quote", "attachment; filename=\"foo.txt", "foo.txt" },
  { "open-escape", "attachment; filename=\"foo\\", "foo\\" },

  { "coded", "attachment; filename*=UTF-8''na%C3%AFve%20%e2%82%ac.txt", "naïve €.txt" },
  { "coded-latin1", "attachment; filename*=iso-8859-1'en'na%EFve.txt", "naïve.txt" },
  { "coded-other-charset", "attachment; filename*=gb18030''%B2%E2%CA%D4.zip", "测试.zip" },
  { "coded-quoted", "attachment; filename*=\"UTF-8''a%20b\"", "a b" },
  { "coded-raw-utf8", "attachment; filename*=UTF-8''ä.txt", "ä.txt" },
  { "coded-with-apostrophe", "attachment; filename*=UTF-8''it's", "it's" },
  { "coded-nul", "attachment; filename*=UTF-8''a.sh%00.txt", "a.sh.txt" },
  { "both", "attachment; filename=\"plain\"; filename*=UTF-8''coded", "coded" },
  { "both-other-order", "attachment; filename*=UTF-8''coded; filename=\"plain\"", "coded" },
  { "broken-percent", "attachment; filename*=UTF-8''a%C3%4; filename=ok", "ok" },
  { "broken-utf8", "attachment; filename*=UTF-8''a%FF; filename=ok", "ok" },
  { "broken-charset", "attachment; filename*=x-klingon''a; filename=ok", "ok" },
  { "broken-no-charset", "attachment; filename*=''a; filename=ok", "ok" },
  { "broken-no-apostrophes", "attachment; filename*=a.txt; filename=ok", "ok" },
  { "broken-one-apostrophe", "attachment; filename*=UTF-8'a; filename=ok", "ok" },
  { "broken-alone", "attachment; filename*=UTF-8''%zz", NULL },
  { "coded-empty", "attachment; filename*=UTF-8''; filename=ok", "ok" },
  { "coded-blank", "attachment; filename*=UTF-8''%20; filename=ok", "ok" },
  { "coded-broken-then-good", "attachment; filename*=UTF-8''%zz; filename*=UTF-8''b", "b" },

  { "twice", "attachment; filename=a; filename=b", "a" },
  { "twice-coded", "attachment; filename*=UTF-8''a; filename*=UTF-8''b", "a" },
  { "twice-first-empty", "attachment; filename=\"\"; filename=b", "b" },

  { "continued", "attachment; filename*0=\"a b\"; filename*1=\".txt\"", "a b.txt" },
  { "continued-coded",
    "attachment; filename*0*=UTF-8''%e2; filename*1*=%82%ac; filename*2=\".x%20\"", "€.x%20" },
  { "continued-disorder", "attachment; filename*1=\"b\"; filename*0=\"a\"", "ab" },
  { "continued-hole", "attachment; filename*0=\"a\"; filename*2=\"c\"", "a" },
  { "continued-leading-zero", "attachment; filename*0=\"a\"; filename*01=\"b\"", "a" },
  { "continued-no-start", "attachment; filename*1=\"b\"; filename=ok", "ok" },
  { "continued-twice", "attachment; filename*0=\"a\"; filename*0=\"b\"", "a" },
  { "continued-uncoded-start", "attachment; filename*0=\"a\"; filename*1*=%62", "a" },
  { "continued-broken", "attachment; filename*0*=UTF-8''%e2; filename*1*=%8; filename=ok", "ok" },
  { "continued-over-plain", "attachment; filename=plain; filename*0=\"a\"", "a" },
  { "continued-under-coded", "attachment; filename*0=\"a\"; filename*=UTF-8''coded", "coded" },
  { "continued-huge", "attachment; filename*99999999999999999999=\"a\"; filename=ok", "ok" },
  { "continued-other", "attachment; filename*x=\"a\"; filename*0x=\"b\"; filename=ok", "ok" },

  { "word-b", "attachment; filename=\"=?UTF-8?B?bmHDr3ZlIOKCrC50eHQ=?=\"", "naïve €.txt" },
  { "word-q", "attachment; filename=\"=?ISO-8859-1?Q?na=EFve_x.txt?=\"", "naïve x.txt" },
  { "word-token", "attachment; filename==?UTF-8?B?bmHDr3ZlIOKCrC50eHQ=?=", "naïve €.txt" },
  { "word-gbk", "attachment; filename=\"=?GBK?B?suLK1C56aXA=?=\"", "测试.zip" },
  { "words", "attachment; filename=\"=?UTF-8?B?5rWL6K8=?= =?UTF-8?B?leaWh+S7ti50eHQ=?=\"",
    "测试文件.txt" },
  { "word-broken", "attachment; filename=\"=?UTF-8?B?.txt\"", "=?UTF-8?B?.txt" },

  { "percent", "attachment; filename=\"%E6%B5%8B%E8%AF%95.zip\"", "测试.zip" },
  { "percent-ascii", "attachment; filename=a%20b.txt", "a b.txt" },
  { "percent-legacy", "attachment; filename=%B2%E2%CA%D4.zip", "测试.zip", "GB18030" },
  { "percent-not-utf8", "attachment; filename=%B2%E2%CA%D4.zip", "%B2%E2%CA%D4.zip" },
  { "percent-lone", "attachment; filename=\"100 %.txt\"", "100 %.txt" },
  { "percent-beside-utf8", "attachment; filename=\"ä%20.txt\"", "ä%20.txt" },

  { "raw-utf8", "attachment; filename=\"测试.zip\"", "测试.zip" },
  { "raw-utf8-token", "attachment; filename=测试 文件.zip", "测试 文件.zip" },
  { "raw-utf8-in-china", "attachment; filename=\"测试.zip\"", "测试.zip", "GB18030" },
  { "raw-gbk", "attachment; filename=\"\xb2\xe2\xca\xd4.zip\"", "测试.zip", "GB18030" },
  { "raw-gbk-token", "attachment; filename=\xb2\xe2\xca\xd4.zip", "测试.zip", "GB18030" },
  { "raw-gbk-and-coded", "attachment; filename=\"\xb2\xe2\"; filename*=UTF-8''%c3%a4", "ä",
    "GB18030" },
  { "raw-shift-jis-backslash", "attachment; filename=\"\x95\\.txt\"", "表.txt", "CP932" },
  { "raw-big5", "attachment; filename=\"\xb4\xfa\xb8\xd5.txt\"", "測試.txt", "BIG5" },
  { "raw-cyrillic", "attachment; filename=\"\xee\xf2\xf7\xb8\xf2.pdf\"", "отчёт.pdf",
    "WINDOWS-1251" },
  { "raw-korean", "attachment; filename=\"\xba\xb8\xb0\xed\xbc\xad.hwp\"", "보고서.hwp", "CP949" },
  { "raw-latin1", "attachment; filename=\"na\xefve.txt\"", "naïve.txt" },
  { "raw-windows-1252", "attachment; filename=\"\x80.txt\"", "€.txt" },
  { "raw-not-gbk", "attachment; filename=\"\xff\xff.txt\"", "ÿÿ.txt", "GB18030" },

  { "empty", "", NULL },
  { "type-only", "attachment", NULL },
  { "type-and-semicolon", "attachment;", NULL },
  { "empty-name", "attachment; filename=", NULL },
  { "empty-quoted", "attachment; filename=\"\"", NULL },
  { "blank-quoted", "attachment; filename=\" \t\"", NULL },
  { "longer-parameter", "attachment; xfilename=a; filenamex=b", NULL },
  { "missing-semicolon", "attachment filename=a", NULL },
  { "commas", "attachment, filename=a", NULL },
  { "equals-only", "=", NULL },
  { "punctuation", ";;=;\"=\";;'='';=\\", NULL },
};

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  gsize length = strlen (row->value);
  g_autofree char *value = g_memdup2 (row->value, length);   /* not one byte more */
  g_autofree char *name = NULL;

  name = ferry_content_disposition_get_file_name_full (value, length, row->legacy_charset);
  g_assert_cmpstr (name, ==, row->expected);
}

static void
test_nul (void)
{
  static const char inside[] = "attachment;\0filename=\"a\0b.txt\"";
  static const char only[] = "\0\0\0";
  g_autofree char *name = NULL;

  name = ferry_content_disposition_get_file_name_full (inside, sizeof inside - 1, NULL);
  g_assert_cmpstr (name, ==, "a b.txt");
  g_assert_null (ferry_content_disposition_get_file_name_full (only, sizeof only - 1, NULL));
  g_assert_null (ferry_content_disposition_get_file_name_full (NULL, 0, NULL));
}

/* The short form knows ASCII in every locale. */
static void
test_locale (void)
{
  static const char value[] = "attachment; filename=a";
  g_autofree char *name = ferry_content_disposition_get_file_name (value, strlen (value));

  g_assert_cmpstr (name, ==, "a");
}

/* Much of each, then a name. */
static void
test_junk (gconstpointer data)
{
  const char *piece = data;
  g_autoptr(GString) junk = g_string_new ("attachment; filename=\"");
  g_autofree char *open = NULL;
  g_autofree char *closed = NULL;
  gint64 start = g_get_monotonic_time ();

  while (junk->len < JUNK_LENGTH)
    g_string_append (junk, piece);

  open = ferry_content_disposition_get_file_name_full (junk->str, junk->len, "GB18030");
  g_string_append (junk, "\"; filename*=UTF-8''x");
  closed = ferry_content_disposition_get_file_name_full (junk->str, junk->len, NULL);
  if (closed != NULL)
    g_assert_true (g_utf8_validate (closed, -1, NULL));
  g_assert_cmpint (g_get_monotonic_time () - start, <, 20 * G_USEC_PER_SEC);
}

static void
test_random (void)
{
  static const char * const pieces[] = {
    "filename", "*", "0", "1", "=", ";", "\"", "\\", " ", "UTF-8''", "%", "C3", "\xc3", "\xff",
    "=?", "?=", "UTF-8", "?Q?", "?B?", "/", "\n",
  };

  for (guint round = 0; round < 20000; round++)
    {
      g_autoptr(GString) value = g_string_new (NULL);
      g_autofree char *name = NULL;

      for (int n = g_test_rand_int_range (0, 24); n > 0; n--)
        {
          int piece = g_test_rand_int_range (0, G_N_ELEMENTS (pieces) + 1);

          if (piece < (int) G_N_ELEMENTS (pieces))
            g_string_append (value, pieces[piece]);
          else
            g_string_append_c (value, '\0');
        }
      name = ferry_content_disposition_get_file_name_full (value->str, value->len, "CP932");
      g_assert_true (name == NULL || (*name != '\0' && g_utf8_validate (name, -1, NULL)));
    }
}

int
main (int   argc,
      char *argv[])
{
  static const char * const junk[] = {
    "a", ";", "\"", "\\", "=", "=?", "=?UTF-8?Q?=FF?=", "=?UTF-8?Q?a?= ", "%", "%41", "\xff",
    "\" ", "\" ;", "filename*1=\"a\";", "=?a?b?", "=?UTF-8?B?A?=", "a=b;", "\xb2\xe2",
  };

  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/content-disposition/%s", rows[i].name);

      g_test_add_data_func (path, &rows[i], test_row);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (junk); i++)
    {
      g_autofree char *path = g_strdup_printf ("/content-disposition/junk/%zu", i);

      g_test_add_data_func (path, junk[i], test_junk);
    }
  g_test_add_func ("/content-disposition/nul", test_nul);
  g_test_add_func ("/content-disposition/locale", test_locale);
  g_test_add_func ("/content-disposition/random", test_random);

  return g_test_run ();
}
