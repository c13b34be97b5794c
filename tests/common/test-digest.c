/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "common/digest.h"
#include "common/error.h"

/* Those of "hello", by other programs. */
#define SHA_256_HEX "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
#define SHA_256_HEX_UPPER "2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824"
#define SHA_256_UNPADDED "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"
#define SHA_256_BASE64 SHA_256_UNPADDED "="
#define SHA_512_HEX "9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca7" \
                    "2323c3d99ba5c11d7c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043"
#define SHA_512_BASE64 "m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcj" \
                       "I8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw=="
#define SHA_1_HEX "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"
#define SHA_1_BASE64 "qvTGHdzF6KLavt4PO0gs2a6pQ00="
#define MD5_HEX "5d41402abc4b2a76b9719d911017c592"
#define MD5_BASE64 "XUFAKrxLKna5cZ2REBfFkg=="

/* SHA-256 of "other". */
#define OTHER_HEX "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"
#define OTHER_BASE64 "2SmKENGwc1g33EvYXaxkGw887yekfl1TpU8vP1svz/o="

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
  const char *text;
  const char *expected;   /* as ferry_digest_to_string() writes it; NULL: none */
} Row;

static const Row options[] = {
  { "sha-256-hex", "sha-256=" SHA_256_HEX, "sha-256=" SHA_256_HEX },
  { "sha-256-upper-hex", "sha-256=" SHA_256_HEX_UPPER, "sha-256=" SHA_256_HEX },
  { "sha-256-base64", "sha-256=" SHA_256_BASE64, "sha-256=" SHA_256_HEX },
  { "sha-256-unpadded", "sha-256=" SHA_256_UNPADDED, "sha-256=" SHA_256_HEX },
  { "sha256", "sha256=" SHA_256_HEX, "sha-256=" SHA_256_HEX },
  { "upper-case-name", "SHA-256=" SHA_256_HEX, "sha-256=" SHA_256_HEX },
  { "white-space", " sha-256 = " SHA_256_HEX " ", "sha-256=" SHA_256_HEX },
  { "sha-512-hex", "sha-512=" SHA_512_HEX, "sha-512=" SHA_512_HEX },
  { "sha512-base64", "Sha512=" SHA_512_BASE64, "sha-512=" SHA_512_HEX },
  { "sha-1-hex", "sha-1=" SHA_1_HEX, "sha-1=" SHA_1_HEX },
  { "sha1-base64", "sha1=" SHA_1_BASE64, "sha-1=" SHA_1_HEX },
  { "md5-hex", "md5=" MD5_HEX, "md5=" MD5_HEX },
  { "md5-base64", "MD5=" MD5_BASE64, "md5=" MD5_HEX },
};

typedef struct
{
  const char *name;
  const char *text;
  const char *said[3];    /* must be in the message */
} BadRow;

static const BadRow bad_options[] = {
  { "empty", "", { "sha-256=" } },
  { "value-only", SHA_256_HEX, { "sha-256=" } },
  { "unknown", "crc32=00000000", { "crc32" } },
  { "no-name", "=" SHA_256_HEX, { "not known" } },
  { "control-in-name", "sha\n\x1b=00", { "sha\\n\\033" } },
  { "no-value", "sha-256=", { "sha-256", "hexadecimal nor Base64" } },
  { "wrong-length-hex", "sha-256=" MD5_HEX, { "sha-256", "64", "32" } },
  { "one-digit-short", "md5=5d41402abc4b2a76b9719d911017c59", { "md5", "32", "31" } },
  { "wrong-length-base64", "sha-256=" MD5_BASE64, { "sha-256", "32 bytes", "not 16" } },
  { "too-long", "md5=" SHA_512_BASE64 SHA_512_BASE64, { "md5", "hexadecimal nor Base64" } },
  { "neither", "md5=zz41402abc4b2a76b9719d911017c59!", { "md5", "hexadecimal nor Base64" } },
  { "padding-inside", "md5=XUFAKrxLKna5=Z2REBfFkg==", { "hexadecimal nor Base64" } },
  { "too-much-padding", "md5=XUFAKrxLKna5cZ2REBfFkg===", { "hexadecimal nor Base64" } },
  { "space-inside", "md5=XUFAKrxLKna5c Z2REBfFkg==", { "hexadecimal nor Base64" } },
  { "not-utf8", "\xff=\xff", { "\\377" } },
};

static const Row fields[] = {
  { "sha-256", "sha-256=:" SHA_256_BASE64 ":", "sha-256=" SHA_256_HEX },
  { "sha-512", "sha-512=:" SHA_512_BASE64 ":", "sha-512=" SHA_512_HEX },
  { "sha", "sha=:" SHA_1_BASE64 ":", "sha-1=" SHA_1_HEX },
  { "md5", "md5=:" MD5_BASE64 ":", "md5=" MD5_HEX },
  { "strongest-last", "md5=:" MD5_BASE64 ":, sha=:" SHA_1_BASE64 ":, sha-256=:" SHA_256_BASE64
    ":,sha-512=:" SHA_512_BASE64 ":", "sha-512=" SHA_512_HEX },
  { "strongest-first", "sha-512=:" SHA_512_BASE64 ":\t,\tsha-256=:" SHA_256_BASE64 ":",
    "sha-512=" SHA_512_HEX },
  { "sha-256-over-sha", "sha-256=:" SHA_256_BASE64 ":, sha=:" SHA_1_BASE64 ":",
    "sha-256=" SHA_256_HEX },
  { "sha-over-md5", "sha=:" SHA_1_BASE64 ":, md5=:" MD5_BASE64 ":", "sha-1=" SHA_1_HEX },
  { "unknown-before", "unixsum=:AAAA:, sha-256=:" SHA_256_BASE64 ":", "sha-256=" SHA_256_HEX },
  { "string-with-comma", "x=\"a, sha-512=:AA:, \\\" b\", sha-256=:" SHA_256_BASE64 ":",
    "sha-256=" SHA_256_HEX },
  { "parameters", "sha-256=:" SHA_256_BASE64 ":;a=1;b=\"x,y\"", "sha-256=" SHA_256_HEX },
  { "broken-stronger", "sha-512=:" MD5_BASE64 ":, sha-256=:" SHA_256_BASE64 ":",
    "sha-256=" SHA_256_HEX },
  { "unfinished-stronger", "sha-512=:" SHA_512_BASE64 ", sha-256=:" SHA_256_BASE64 ":",
    "sha-256=" SHA_256_HEX },
  { "later-counts", "sha-256=:" OTHER_BASE64 ":, sha-256=:" SHA_256_BASE64 ":",
    "sha-256=" SHA_256_HEX },
  { "empty-members", ",, sha-256=:" SHA_256_BASE64 ":,", "sha-256=" SHA_256_HEX },
  { "null", NULL, NULL },
  { "empty", "", NULL },
  { "commas", ",,,,", NULL },
  { "unknown-only", "unixsum=:AAAA:", NULL },
  { "hexadecimal", "sha-256=:" SHA_256_HEX ":", NULL },
  { "no-colons", "sha-256=" SHA_256_BASE64, NULL },
  { "rest-after-value", "sha-256=:" SHA_256_BASE64 ":x", NULL },
  { "empty-value", "sha-256=::", NULL },
  { "key-only", "sha-256", NULL },
  { "longer-key", "xsha-256=:" SHA_256_BASE64 ":", NULL },
  { "key-with-rest", "sha-256x=:" SHA_256_BASE64 ":", NULL },
  { "open-string", "x=\"sha-256=:" SHA_256_BASE64 ":, md5=:" MD5_BASE64 ":", NULL },
  { "old-digest-header", "SHA-256=" SHA_256_BASE64, NULL },
  { "not-utf8", "\xff=:\xff:,\x80", NULL },
};

static const Row md5_values[] = {
  { "good", MD5_BASE64, "md5=" MD5_HEX },
  { "white-space", " \t" MD5_BASE64 " ", "md5=" MD5_HEX },
  { "null", NULL, NULL },
  { "empty", "", NULL },
  { "hexadecimal", MD5_HEX, NULL },
  { "sha-256", SHA_256_BASE64, NULL },
  { "two", MD5_BASE64 ", " MD5_BASE64, NULL },
};

static void
assert_digest (const FerryDigest *digest,
               const char        *expected)
{
  g_autofree char *text = ferry_digest_to_string (digest);
  gsize length = ferry_digest_algorithm_get_length (digest->algorithm);

  g_assert_cmpstr (text, ==, expected);
  for (gsize i = length; i < sizeof digest->bytes; i++)
    g_assert_cmpint (digest->bytes[i], ==, 0);
}

static void
test_option (gconstpointer data)
{
  const Row *row = data;
  g_autoptr(GError) error = NULL;
  FerryDigest digest;

  memset (&digest, 0xaa, sizeof digest);
  g_assert_true (ferry_digest_parse (row->text, &digest, &error));
  g_assert_no_error (error);
  assert_digest (&digest, row->expected);
}

static void
test_bad_option (gconstpointer data)
{
  const BadRow *row = data;
  g_autoptr(GError) error = NULL;
  FerryDigest digest;

  g_assert_false (ferry_digest_parse (row->text, &digest, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (row->said) && row->said[i] != NULL; i++)
    if (strstr (error->message, row->said[i]) == NULL)
      g_error ("“%s” does not say “%s”", error->message, row->said[i]);
}

static void
test_field (gconstpointer data)
{
  const Row *row = data;
  FerryDigest digest;

  memset (&digest, 0xaa, sizeof digest);
  g_assert_cmpint (ferry_digest_parse_field (row->text, &digest), ==, row->expected != NULL);
  if (row->expected != NULL)
    assert_digest (&digest, row->expected);
  else
    g_assert_cmpint (digest.bytes[0], ==, 0xaa);
}

static void
test_content_md5 (gconstpointer data)
{
  const Row *row = data;
  FerryDigest digest;

  memset (&digest, 0xaa, sizeof digest);
  g_assert_cmpint (ferry_digest_parse_content_md5 (row->text, &digest), ==, row->expected != NULL);
  if (row->expected != NULL)
    assert_digest (&digest, row->expected);
}

/* Much junk must neither be believed nor take long. */
static void
test_junk (void)
{
  static const char * const pieces[] = {
    "sha-256=:", "\"", ",", "=", ":;", "\\\"", "sha-512=:A:,",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr(GString) junk = g_string_new (NULL);
      FerryDigest digest;

      while (junk->len < JUNK_LENGTH)
        g_string_append (junk, pieces[i]);
      g_assert_false (ferry_digest_parse_field (junk->str, &digest));
      g_assert_false (ferry_digest_parse_content_md5 (junk->str, &digest));
      g_assert_false (ferry_digest_parse (junk->str, &digest, NULL));
    }
}

static void
test_equal (void)
{
  FerryDigest a;
  FerryDigest b;

  g_assert_true (ferry_digest_parse ("sha-256=" SHA_256_HEX, &a, NULL));
  g_assert_true (ferry_digest_parse ("sha256=" SHA_256_BASE64, &b, NULL));
  g_assert_true (ferry_digest_equal (&a, &b));

  /* What lies behind the digest does not count. */
  b.bytes[32] = 1;
  g_assert_true (ferry_digest_equal (&a, &b));

  b.bytes[31] ^= 1;
  g_assert_false (ferry_digest_equal (&a, &b));

  b = a;
  b.algorithm = FERRY_DIGEST_SHA_1;
  g_assert_false (ferry_digest_equal (&a, &b));

  g_assert_true (ferry_digest_parse ("sha-256=" OTHER_HEX, &b, NULL));
  g_assert_false (ferry_digest_equal (&a, &b));
}

static void
test_algorithms (void)
{
  static const struct
  {
    FerryDigestAlgorithm  algorithm;
    const char           *name;
    gsize                 length;
    gboolean              weak;
  } rows[] = {
    { FERRY_DIGEST_SHA_256, "sha-256", 32, FALSE },
    { FERRY_DIGEST_SHA_512, "sha-512", 64, FALSE },
    { FERRY_DIGEST_SHA_1, "sha-1", 20, TRUE },
    { FERRY_DIGEST_MD5, "md5", 16, TRUE },
  };

  g_assert_cmpint (G_N_ELEMENTS (rows), ==, FERRY_N_DIGEST_ALGORITHMS);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_cmpstr (ferry_digest_algorithm_get_name (rows[i].algorithm), ==, rows[i].name);
      g_assert_cmpint (ferry_digest_algorithm_get_length (rows[i].algorithm), ==, rows[i].length);
      g_assert_cmpint (ferry_digest_algorithm_is_weak (rows[i].algorithm), ==, rows[i].weak);
    }
}

static void
add_row (const char    *folder,
         const char    *name,
         gconstpointer  row,
         GTestDataFunc  test)
{
  g_autofree char *path = g_strdup_printf ("/digest/%s/%s", folder, name);

  g_test_add_data_func (path, row, test);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    add_row ("option", options[i].name, &options[i], test_option);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_options); i++)
    add_row ("bad-option", bad_options[i].name, &bad_options[i], test_bad_option);
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    add_row ("field", fields[i].name, &fields[i], test_field);
  for (gsize i = 0; i < G_N_ELEMENTS (md5_values); i++)
    add_row ("content-md5", md5_values[i].name, &md5_values[i], test_content_md5);
  g_test_add_func ("/digest/junk", test_junk);
  g_test_add_func ("/digest/equal", test_equal);
  g_test_add_func ("/digest/algorithms", test_algorithms);

  return g_test_run ();
}
