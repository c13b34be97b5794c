/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "common/error.h"
#include "common/header.h"

static const char *const good_names[] = {
  "Accept", "X-Api-Key", "x", "0", "!#$%&'*+-.^_`|~", "DNT",
};

static const char *const bad_names[] = {
  "", " ", "X Y", " X", "X ", "X:", ":authority", "X\tY", "X\r\nY", "X\x7f", "Ä", "X(Y)", "X,Y",
  "X/Y", "X=Y", "X@Y", "X[0]", "X\"Y", "X\\Y", "X{Y}", "X;Y", "X?Y", "X<Y>",
};

typedef struct
{
  const char     *name;
  FerryHeaderUse  use;
} Use;

static const Use uses[] = {
  { "Accept", FERRY_HEADER_FREE },
  { "Accept-Language", FERRY_HEADER_FREE },
  { "Content-Type", FERRY_HEADER_FREE },
  { "Proxy", FERRY_HEADER_FREE },
  { "Hosts", FERRY_HEADER_FREE },
  { "Authorization", FERRY_HEADER_SECRET },
  { "AUTHORIZATION", FERRY_HEADER_SECRET },
  { "cookie", FERRY_HEADER_SECRET },
  { "Accept-Encoding", FERRY_HEADER_RESERVED },
  { "connection", FERRY_HEADER_RESERVED },
  { "Content-Length", FERRY_HEADER_RESERVED },
  { "Expect", FERRY_HEADER_RESERVED },
  { "hOST", FERRY_HEADER_RESERVED },
  { "If-Range", FERRY_HEADER_RESERVED },
  { "Keep-Alive", FERRY_HEADER_RESERVED },
  { "Proxy-Authorization", FERRY_HEADER_RESERVED },
  { "proxy-anything", FERRY_HEADER_RESERVED },
  { "Range", FERRY_HEADER_RESERVED },
  { "te", FERRY_HEADER_RESERVED },
  { "Trailer", FERRY_HEADER_RESERVED },
  { "Transfer-Encoding", FERRY_HEADER_RESERVED },
  { "Upgrade", FERRY_HEADER_RESERVED },
  { "Want-Repr-Digest", FERRY_HEADER_RESERVED },
  { "www-authenticate", FERRY_HEADER_RESERVED },
};

static void
test_names (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (good_names); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_true (ferry_header_check_name (good_names[i], &error));
      g_assert_no_error (error);
    }

  for (guint i = 0; i < G_N_ELEMENTS (bad_names); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (ferry_header_check_name (bad_names[i], &error));
      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION);
    }
}

static void
test_name_tells_no_value (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (ferry_header_check_name ("Authorization: Bearer hush", &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION);
  g_assert_nonnull (strstr (error->message, "Authorization"));
  g_assert_null (strstr (error->message, "Bearer"));
}

static void
assert_value (const char *value,
              gboolean    is_good)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (ferry_header_check_value ("X-Key", value, &error), ==, is_good);
  if (is_good)
    {
      g_assert_no_error (error);
      return;
    }

  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION);
  g_assert_nonnull (strstr (error->message, "X-Key"));
  g_assert_null (strstr (error->message, "hush"));
}

static void
test_values (void)
{
  g_autofree char *longest = g_strnfill (8192, 'a');
  g_autofree char *too_long = g_strnfill (8193, 'a');

  assert_value ("", TRUE);
  assert_value ("a b\tc", TRUE);
  assert_value ("\"quoted\", (comment); Ä", TRUE);
  assert_value (longest, TRUE);
  assert_value (too_long, FALSE);
  assert_value ("hush\r\nHost: other", FALSE);
  assert_value ("hush\n", FALSE);
  assert_value ("hush\r", FALSE);
  assert_value ("\x01hush", FALSE);
  assert_value ("hush\x7f", FALSE);
}

static void
test_uses (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (uses); i++)
    g_assert_cmpint (ferry_header_get_use (uses[i].name), ==, uses[i].use);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/header/names", test_names);
  g_test_add_func ("/header/name-tells-no-value", test_name_tells_no_value);
  g_test_add_func ("/header/values", test_values);
  g_test_add_func ("/header/uses", test_uses);

  return g_test_run ();
}
