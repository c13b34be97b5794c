/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "common/file-name.h"

#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define THREE_HUNDRED FIFTY FIFTY FIFTY FIFTY FIFTY FIFTY

/* Four bytes. */
#define EMOJI "\xf0\x9f\x98\x80"

/* A woman, a joiner, a rocket: eleven bytes, one sign. */
#define ASTRONAUT "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x9a\x80"

/* A thumb and its skin: eight bytes, one sign. */
#define THUMB "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd"

/* An acute accent for the letter before it; two bytes. */
#define ACUTE "\xcc\x81"

typedef struct
{
  const char *name;
  const char *text;
  const char *expected;
  const char *legacy_charset;
} Row;

static const Row clean_rows[] = {
  { "plain", "a.txt", "a.txt" },
  { "path", "../../x", "x" },
  { "absolute", "/etc/passwd", "passwd" },
  { "backslashes", "C:\\dir\\file", "file" },
  { "mixed-separators", "..\\../..\\x", "x" },
  { "separator-at-end", "dir/", "dir" },
  { "separators-only", "//\\", NULL },
  { "up-at-end", "x/..", NULL },
  { "empty", "", NULL },
  { "dot", ".", NULL },
  { "dots", "..", NULL },
  { "all-dots", ".......", NULL },
  { "dots-and-spaces", " . .. ", NULL },
  { "hidden", ".bashrc", "bashrc" },
  { "hidden-after-space", " . .x", "x" },
  { "dots-at-end", "To be continued...", "To be continued..." },
  { "white-space", " \t a b \xc2\xa0\xe3\x80\x80", "a b" },
  { "control", "a\x01\n\r\x1b\x7f" "b\xc2\x80\xc2\x9f.txt", "ab.txt" },
  { "control-only", "\x01\x02\x7f\xc2\x85", NULL },
  { "control-in-dots", ".\x01./x\x01/.\x02.", NULL },
  { "bidi-override", "gpj.\xe2\x80\xae" "exe", "gpj.exe" },
  { "bidi-marks", "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c" "a", "a" },
  { "bidi-embedding", "\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad" "a", "a" },
  { "bidi-isolates", "\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9" "a", "a" },
  { "mark-before-dot", "\xe2\x80\x8e.x", "x" },
  { "bom", "\xef\xbb\xbf" "a", "a" },
  { "line-separators", "a\xe2\x80\xa8\xe2\x80\xa9" "b", "ab" },
  { "joiner-kept", ASTRONAUT, ASTRONAUT },
  { "accents-kept", "e" ACUTE ".txt", "e" ACUTE ".txt" },
  { "not-utf8", "a\xff/b\xff", "b\xef\xbf\xbd" },
  { "300-bytes", THREE_HUNDRED, THREE_HUNDRED },
  { "reserved-kept", "a:b*?.txt", "a:b*?.txt" },
};

static const Row url_rows[] = {
  { "plain", "http://h/a/b.txt", "b.txt" },
  { "query", "http://h/b.txt?x=/y", "b.txt" },
  { "fragment", "http://h/b.txt#/y?z", "b.txt" },
  { "slash-at-end", "http://h/a/b//", "b" },
  { "percent", "http://h/a%20b%E2%82%AC.txt", "a b€.txt" },
  { "percent-slash", "http://h/a%2Fb", "b" },
  { "percent-dots", "http://h/%2e%2e%2f%2E%2E%2Fx", "x" },
  { "percent-dots-only", "http://h/%2e%2e", NULL },
  { "percent-backslash", "http://h/a%5cb", "b" },
  { "percent-nul", "http://h/a.sh%00.txt", "a.sh.txt" },
  { "percent-control", "http://h/%01%0a", NULL },
  { "percent-lone", "http://h/100%", "100%" },
  { "percent-encoded-percent", "http://h/a%2520b", "a%20b" },
  { "percent-question-mark", "http://h/a%3Fb%23c", "a?b#c" },
  { "latin1", "http://h/%E4.txt", "ä.txt" },
  { "gbk", "http://h/%B2%E2%CA%D4.zip", "测试.zip", "GB18030" },
  { "utf8-in-china", "http://h/%C3%A4.txt", "ä.txt", "GB18030" },
  { "raw-utf8", "http://h/ä.txt", "ä.txt" },
  { "raw-not-utf8", "http://h/\xe4.txt", "ä.txt" },
  { "host-only", "http://h", NULL },
  { "host-and-slash", "http://h/", NULL },
  { "host-and-query", "http://h?a/b", NULL },
  { "dots", "http://h/a/..", NULL },
  { "hidden", "http://h/.htaccess", "htaccess" },
  { "path-only", "/a/b", "b" },
  { "no-path", "?x", NULL },
  { "empty", "", NULL },
};

typedef struct
{
  const char *name;
  const char *text;
  guint       n;
  gsize       max_bytes;
  const char *suffix;
  const char *expected;
} FitRow;

static const FitRow fit_rows[] = {
  { "fits", "a.txt", 0, 255, "", "a.txt" },
  { "fits-with-suffix", "a.txt", 0, 255, ".part", "a.txt.part" },
  { "fits-exactly", "abcdef.txt", 0, 15, ".part", "abcdef.txt.part" },
  { "one-too-long", "abcdefg.txt", 0, 15, ".part", "abcdef.txt.part" },
  { "no-extension", TEN, 0, 8, "", "01234567" },
  { "double-extension", TEN ".tar.gz", 0, 12, "", "01234.tar.gz" },
  { "double-extension-case", TEN ".TAR.zst", 0, 13, "", "01234.TAR.zst" },
  { "tar-alone", "tar.gz", 0, 5, "", "ta.gz" },
  { "other-double", "abc.def.ghi", 0, 8, "", "abc..ghi" },
  { "extension-16", "abc.1234567890abcde", 0, 18, "", "ab.1234567890abcde" },
  { "extension-17", "abc.1234567890abcdef", 0, 18, "", "abc.1234567890abcd" },
  { "extension-of-words", "Mr. Smith went", 0, 10, "", "Mr. Smith" },
  { "dot-at-end", "abcdef.", 0, 5, "", "abcde" },
  { "dot-at-start", ".abcdef", 0, 5, "", ".abcd" },
  { "extension-does-not-fit", "a.1234567890", 0, 8, "", "a.123456" },
  { "extension-fits-alone-only", "ab.1234567", 0, 8, "", "ab.12345" },
  { "space-at-cut", "abc def.txt", 0, 8, "", "abc.txt" },
  { "emoji-whole", EMOJI EMOJI ".txt", 0, 12, "", EMOJI EMOJI ".txt" },
  { "emoji-at-cut-11", EMOJI EMOJI ".txt", 0, 11, "", EMOJI ".txt" },
  { "emoji-at-cut-9", EMOJI EMOJI ".txt", 0, 9, "", EMOJI ".txt" },
  { "emoji-at-cut-8", EMOJI EMOJI ".txt", 0, 8, "", EMOJI ".txt" },
  { "emoji-no-room-beside-extension", EMOJI EMOJI ".txt", 0, 7, "", EMOJI },
  { "emoji-no-room", EMOJI EMOJI ".txt", 0, 3, "", "_" },
  { "accent-at-cut", "abe" ACUTE "f", 0, 4, "", "ab" },
  { "accent-fits", "abe" ACUTE "f", 0, 5, "", "abe" ACUTE },
  { "accents-only", ACUTE ACUTE ACUTE, 0, 4, "", ACUTE ACUTE },
  { "joiner-at-cut", "a" ASTRONAUT, 0, 11, "", "a" },
  { "joiner-at-cut-8", "a" ASTRONAUT, 0, 8, "", "a" },
  { "skin-at-cut", "a" THUMB, 0, 8, "", "a" },
  { "not-utf8", "a\x80\x80\x80\x80\x80\x80", 0, 6, "", "a\x80\x80" },
  { "not-utf8-only", "\x80\x80\x80\x80\x80\x80\x80\x80", 0, 6, "", "\x80\x80\x80" },
  { "number", "a.txt", 1, 255, "", "a (1).txt" },
  { "number-suffix", "a.tar.gz", 12, 255, ".part", "a (12).tar.gz.part" },
  { "number-no-extension", "a", 4294967295u, 255, "", "a (4294967295)" },
  { "number-cut", "abcdefgh.txt", 3, 12, "", "abcd (3).txt" },
  { "number-cut-suffix", "abcdefgh.txt", 3, 17, ".part", "abcd (3).txt.part" },
  { "number-and-extension-do-not-fit", "ab.txt", 3, 6, "", "ab (3)" },
  { "number-alone", "ab.txt", 3, 5, "", "a (3)" },
};

static const Row reserved_rows[] = {
  { "none", "a b.txt", "a b.txt" },
  { "all", ":*?\"<>|\\", "________" },
  { "dots-at-end", "a..", "a__" },
  { "spaces-at-end", "a. ", "a__" },
  { "inside", "a. b.txt", "a. b.txt" },
  { "utf8", "ä:ö", "ä_ö" },
  { "dots-only", "..", "__" },
  { "empty", "", "" },
};

static void
test_clean (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *name = ferry_file_name_clean (row->text);

  g_assert_cmpstr (name, ==, row->expected);
}

static void
test_from_url (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *name = ferry_file_name_from_url_full (row->text, row->legacy_charset);

  g_assert_cmpstr (name, ==, row->expected);
}

static void
test_fit (gconstpointer data)
{
  const FitRow *row = data;
  g_autofree char *name = NULL;

  name = ferry_file_name_numbered (row->text, row->n, row->max_bytes, row->suffix);
  g_assert_cmpstr (name, ==, row->expected);
  g_assert_cmpint (strlen (name), <=, row->max_bytes);

  if (row->n == 0)
    {
      g_autofree char *fitted = ferry_file_name_fit (row->text, row->max_bytes, row->suffix);

      g_assert_cmpstr (fitted, ==, row->expected);
    }
}

static void
test_reserved (gconstpointer data)
{
  const Row *row = data;
  g_autofree char *name = ferry_file_name_replace_reserved (row->text);

  g_assert_cmpstr (name, ==, row->expected);
}

/* Whatever the room: never too long, never a broken character, never empty, the suffix whole. */
static void
test_every_room (void)
{
  static const char * const names[] = {
    THREE_HUNDRED ".tar.gz", EMOJI EMOJI EMOJI ".jpeg", "e" ACUTE ACUTE "e" ACUTE ".x", ASTRONAUT,
    THUMB THUMB, "测试文件.zip", ACUTE, "a b c d e f.txt", "....", "   ",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    for (gsize room = 1; room < 320; room++)
      {
        g_autofree char *plain = ferry_file_name_fit (names[i], room, "");
        g_autofree char *whole = ferry_file_name_numbered (names[i], 7, room + 9, ".part");

        g_assert_cmpint (strlen (plain), >, 0);
        g_assert_cmpint (strlen (plain), <=, room);
        g_assert_true (g_utf8_validate (plain, -1, NULL));
        g_assert_cmpint (strlen (whole), <=, room + 9);
        g_assert_true (g_utf8_validate (whole, -1, NULL));
        g_assert_true (g_str_has_suffix (whole, ".part"));
        g_assert_nonnull (strstr (whole, " (7)"));
        if (strlen (names[i]) <= room)
          g_assert_cmpstr (plain, ==, names[i]);
      }
}

static void
test_junk (void)
{
  static const char * const pieces[] = { "/", ".", " ", "\x01", "\xff", ACUTE, "%", "a", "\\." };

  for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr(GString) junk = g_string_new (NULL);
      g_autofree char *cleaned = NULL;
      g_autofree char *from_url = NULL;
      g_autofree char *fitted = NULL;

      while (junk->len < 1024 * 1024)
        g_string_append (junk, pieces[i]);
      cleaned = ferry_file_name_clean (junk->str);
      from_url = ferry_file_name_from_url (junk->str);
      fitted = ferry_file_name_fit (junk->str, 255, ".part");
      g_assert_true (cleaned == NULL || strpbrk (cleaned, "/\\") == NULL);
      g_assert_true (from_url == NULL || strpbrk (from_url, "/\\") == NULL);
      g_assert_cmpint (strlen (fitted), <=, 255);
    }
}

static void
add_row (const char    *folder,
         const char    *name,
         gconstpointer  row,
         GTestDataFunc  test)
{
  g_autofree char *path = g_strdup_printf ("/file-name/%s/%s", folder, name);

  g_test_add_data_func (path, row, test);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (clean_rows); i++)
    add_row ("clean", clean_rows[i].name, &clean_rows[i], test_clean);
  for (gsize i = 0; i < G_N_ELEMENTS (url_rows); i++)
    add_row ("from-url", url_rows[i].name, &url_rows[i], test_from_url);
  for (gsize i = 0; i < G_N_ELEMENTS (fit_rows); i++)
    add_row ("fit", fit_rows[i].name, &fit_rows[i], test_fit);
  for (gsize i = 0; i < G_N_ELEMENTS (reserved_rows); i++)
    add_row ("reserved", reserved_rows[i].name, &reserved_rows[i], test_reserved);
  g_test_add_func ("/file-name/every-room", test_every_room);
  g_test_add_func ("/file-name/junk", test_junk);

  return g_test_run ();
}
