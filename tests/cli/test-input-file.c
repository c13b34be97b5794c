/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-input-file"

#include "config.h"

#include <string.h>

#include "cli/input-file.h"

#define MD5 "d41d8cd98f00b204e9800998ecf8427e"

static GPtrArray *
parse (const char         *text,
       const FerryHeaders *headers,
       GPtrArray         **problems)
{
  *problems = g_ptr_array_new_with_free_func (g_free);
  return ferry_input_file_parse (text, "list", headers, *problems);
}

/* The headers as a task gets them, as text. */
static char *
print_headers (const FerryInputEntry *entry)
{
  g_auto(GVariantDict) options = G_VARIANT_DICT_INIT (NULL);
  g_autoptr(GVariant) value = NULL;

  ferry_headers_put_into (entry->headers, &options);
  value = g_variant_ref_sink (g_variant_dict_end (&options));
  return g_variant_print (value, FALSE);
}

static void
test_good (void)
{
  static const char text[] =
    "\xEF\xBB\xBF# what aria2 writes\r\n"
    "http://127.0.0.1/a\r\n"
    "\r\n"
    "  out=x y.iso\r\n"
    "\tdir=/srv\r\n"
    "  # not an option\r\n"
    "  checksum=md5=" MD5 "\r\n"
    "  header=X-A: one=1\r\n"
    "  header=x-b:two\r\n"
    "  header=Cookie: k=v\r\n"
    "  referer=https://127.0.0.1/page\r\n"
    "http://127.0.0.1/b\thttp://127.0.0.2/b\thttp://127.0.0.3/b\n"
    "  referer=*\n"
    "http://127.0.0.1/c";
  g_autoptr(FerryHeaders) headers = ferry_headers_new (NULL);
  g_autoptr(GPtrArray) problems = NULL;
  g_autoptr(GPtrArray) entries = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  const FerryInputEntry *a;
  const FerryInputEntry *b;
  const FerryInputEntry *c;

  g_assert_true (ferry_headers_add_line (headers, "X-B: all", NULL));
  entries = parse (text, headers, &problems);
  g_assert_cmpuint (problems->len, ==, 0);
  g_assert_cmpuint (entries->len, ==, 3);
  a = g_ptr_array_index (entries, 0);
  b = g_ptr_array_index (entries, 1);
  c = g_ptr_array_index (entries, 2);

  g_assert_cmpuint (a->line, ==, 2);
  g_assert_cmpstr (a->url, ==, "http://127.0.0.1/a");
  g_assert_cmpstr (a->out, ==, "x y.iso");
  g_assert_cmpstr (a->directory, ==, "/srv");
  g_assert_cmpstr (a->digest, ==, "md5=" MD5);
  g_assert_cmpstr (a->referrer, ==, "https://127.0.0.1/page");
  g_assert_false (a->has_mirrors);
  first = print_headers (a);
  g_assert_nonnull (strstr (first, "'headers': <{'X-A': 'one=1', 'x-b': 'two'}>"));
  g_assert_nonnull (strstr (first, "'secret-headers': <{'Cookie': 'k=v'}>"));

  g_assert_cmpuint (b->line, ==, 12);
  g_assert_cmpstr (b->url, ==, "http://127.0.0.1/b");
  g_assert_cmpstr (b->referrer, ==, "http://127.0.0.1/b");
  g_assert_true (b->has_mirrors);
  second = print_headers (b);
  g_assert_cmpstr (second, ==, "{'headers': <{'X-B': 'all'}>}");
  g_assert_cmpstr (c->url, ==, "http://127.0.0.1/c");
  g_assert_null (c->out);
}

/* All of them are named at once, each by its line, and no secret with them. */
static void
test_bad (void)
{
  static const char text[] =
    " out=x\n"
    "ftp://127.0.0.1/\n"
    "  out=x\n"
    "  split=5\n"
    "  pause\n"
    "  checksum=crc=1\n"
    "  header=secret\n"
    "  header=Range: secret\n"
    "  header=X: 1\n"
    "  header=x: secret\n"
    "  referer=page\n"
    " http://me:secret@127.0.0.1/\n"
    "http://me:secret@127.0.0.1/\n"
    "127.0.0.1\n"
    "http://127.0.0.1/\n";
  static const char *const expected[] = {
    "list:1: an option stands before the first address; put it below",
    "list:2: The address has the scheme “ftp”; only",
    "list:4: the option “split” is not known; there are out=, dir=, checksum=, header= and",
    "list:5: the option “pause” is not known",
    "list:6: The digest algorithm “crc” is not known",
    "list:7: a header has no colon; write it as “Name: value”",
    "list:8: the header “Range” is for the transfer service alone to set; leave it out",
    "list:10: the header “x” is given twice",
    "list:11: The address does not begin with",
    "list:12: there is a space before the address; leave it out",
    "list:13: The address holds a user name or password; leave it out, and give the header",
    "list:14: The address does not begin with",
  };
  g_autoptr(GPtrArray) problems = NULL;
  g_autoptr(GPtrArray) entries = parse (text, NULL, &problems);

  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_assert_cmpuint (i, <, problems->len);
      if (!g_str_has_prefix (g_ptr_array_index (problems, i), expected[i]))
        g_assert_cmpstr (g_ptr_array_index (problems, i), ==, expected[i]);
      g_assert_null (strstr (g_ptr_array_index (problems, i), "secret"));
    }
  g_assert_cmpuint (problems->len, ==, G_N_ELEMENTS (expected));
  g_assert_cmpuint (entries->len, ==, 4);
}

static void
test_empty (void)
{
  static const char *const texts[] = { "", "\n\n", "# nothing\n", "   \n" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr(GPtrArray) problems = NULL;
      g_autoptr(GPtrArray) entries = parse (texts[i], NULL, &problems);

      g_assert_cmpuint (problems->len, ==, 0);
      g_assert_cmpuint (entries->len, ==, 0);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/input-file/good", test_good);
  g_test_add_func ("/cli/input-file/bad", test_bad);
  g_test_add_func ("/cli/input-file/empty", test_empty);
  return g_test_run ();
}
