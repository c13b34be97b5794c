/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <string.h>

#include "common/error.h"
#include "common/url.h"

#define UNPARSABLE "(unparsable address)"

/* Stands in for what must not be seen in a message or a log. */
#define SECRET "hunter2"

typedef struct
{
  const char *name;
  const char *url;
  const char *without_secrets;
  const char *for_log;
} Row;

static const Row good[] = {
  { "plain", "http://h/a", "http://h/a", "http://h/a" },
  { "https", "https://h/a", "https://h/a", "https://h/a" },
  { "case", "HTTPS://H.Example/A", "https://H.Example/A", "https://H.Example/A" },
  { "no-path", "http://h", "http://h/", "http://h/" },
  { "query-without-path", "http://h?x", "http://h/?x", "http://h/" },
  { "default-port", "https://h:443/", "https://h/", "https://h/" },
  { "port", "http://h:8080/", "http://h:8080/", "http://h:8080/" },
  { "last-port", "http://h:65535/", "http://h:65535/", "http://h:65535/" },
  { "empty-port", "http://h:/x", "http://h/x", "http://h/x" },
  { "query", "http://h/a?token=" SECRET, "http://h/a?token=" SECRET, "http://h/a" },
  { "fragment", "http://h/a#f", "http://h/a#f", "http://h/a" },
  { "user", "http://u@h/a", "http://h/a", "http://h/a" },
  { "password", "http://u:" SECRET "@h:81/a?b#c", "http://h:81/a?b#c", "http://h:81/a" },
  { "two-at-signs", "http://u:" SECRET "@" SECRET "@h/", "http://h/", "http://h/" },
  { "encoded-password", "http://u:%40" SECRET "%zz@h/", "http://h/", "http://h/" },
  { "raw-utf8", "http://h/ä?ö#ü", "http://h/%C3%A4?%C3%B6#%C3%BC", "http://h/%C3%A4" },
  { "space-inside", "http://h/a b", "http://h/a%20b", "http://h/a%20b" },
  { "encoded", "http://h/a%2Fb%20c", "http://h/a%2Fb%20c", "http://h/a%2Fb%20c" },
  { "lone-percent", "http://h/100%", "http://h/100%", "http://h/100%" },
  { "idn", "http://ä.example/", "http://xn--4ca.example/", "http://xn--4ca.example/" },
  { "ipv4", "http://127.0.0.1:8000/", "http://127.0.0.1:8000/", "http://127.0.0.1:8000/" },
  { "ipv6", "http://[::1]:8000/", "http://[::1]:8000/", "http://[::1]:8000/" },
  { "ipv6-zone", "http://[fe80::1%25eth0]/", "http://[fe80::1%25eth0]/",
    "http://[fe80::1%25eth0]/" },
};

typedef struct
{
  const char *name;
  const char *url;
  const char *said;     /* must be in the message */
} BadRow;

static const BadRow bad[] = {
  { "empty", "", "empty" },
  { "space-before", " http://h/", "space" },
  { "space-behind", "http://h/ ", "space" },
  { "new-line", "http://h/\n", "U+000A" },
  { "tab", "http://h/a\tb", "U+0009" },
  { "escape", "\x1b[31mhttp://h/", "U+001B" },
  { "delete", "http://h/\x7f", "U+007F" },
  { "c1", "http://h/\xc2\x85", "U+0085" },
  { "not-utf8", "http://h/\xff", "UTF-8" },
  { "relative", "/a/b", "http://" },
  { "host-only", "h.example", "http://" },
  { "no-scheme", "//h/a", "http://" },
  { "ftp", "ftp://h/a", "“ftp”" },
  { "file", "file:///etc/passwd", "“file”" },
  { "javascript", "javascript:alert(1)", "“javascript”" },
  { "longer-scheme", "httpsx://h/", "“httpsx”" },
  { "no-scheme-but-password", "user:" SECRET "@h/", "“user”" },
  { "no-slashes", "http:h/a", "no host" },
  { "one-slash", "http:/h/a", "no host" },
  { "scheme-only", "http://", "no host" },
  { "no-host", "http:///a", "no host" },
  { "no-host-but-port", "http://:80/", "no host" },
  { "no-host-but-user", "http://u:" SECRET "@/", "no host" },
  { "port-0", "http://h:0/", "port" },
  { "port-65536", "http://h:65536/", "port" },
  { "port-overflow", "http://h:99999999999999999999/", "port" },
  { "port-minus", "http://h:-1/", "port" },
  { "port-words", "http://h:http/", "port" },
  { "slash-in-password", "http://u:" SECRET "/x@h/", "port" },
  { "space-in-host", "http://a b/", "U+0020" },
  { "slash-in-host", "http://h%2fx/", "U+002F" },
  { "at-in-host", "http://a%40b/", "U+0040" },
  { "new-line-in-host", "http://h%0ax/", "U+000A" },
  { "nul-in-host", "http://h%00x/", "host" },
  { "backslash-in-host", "http://h\\x/", "U+005C" },
  { "open-ipv6", "http://[::1/", "host" },
  { "not-ipv6", "http://[xyz]/", "host" },
};

typedef struct
{
  const char *name;
  const char *a;
  const char *b;
  gboolean    same;
} OriginRow;

static const OriginRow origins[] = {
  { "same", "http://h/a", "http://h/b?c", TRUE },
  { "case", "HTTP://Host/", "http://hOST/", TRUE },
  { "default-port-80", "http://h/", "http://h:80/", TRUE },
  { "default-port-443", "https://h:443/", "https://h/", TRUE },
  { "user", "http://u:p@h/", "http://h/", TRUE },
  { "idn", "http://ä.example/", "http://xn--4ca.example/", TRUE },
  { "scheme", "http://h/", "https://h/", FALSE },
  { "scheme-same-port", "http://h:443/", "https://h/", FALSE },
  { "host", "http://h/", "http://i/", FALSE },
  { "longer-host", "http://h/", "http://h.example/", FALSE },
  { "sub-domain", "http://example/", "http://a.example/", FALSE },
  { "port", "http://h/", "http://h:8080/", FALSE },
  { "other-default-port", "http://h/", "http://h:443/", FALSE },
  { "user-like-host", "http://h@i/", "http://h/", FALSE },
};

static void
test_good (gconstpointer data)
{
  const Row *row = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GUri) uri = ferry_url_parse (row->url, &error);
  g_autofree char *without_secrets = ferry_url_without_secrets (row->url);
  g_autofree char *for_log = ferry_url_for_log (row->url);

  g_assert_no_error (error);
  g_assert_nonnull (uri);
  g_assert_cmpstr (without_secrets, ==, row->without_secrets);
  g_assert_cmpstr (for_log, ==, row->for_log);
}

static void
test_bad (gconstpointer data)
{
  const BadRow *row = data;
  g_autoptr(GError) error = NULL;
  g_autofree char *for_log = ferry_url_for_log (row->url);

  g_assert_null (ferry_url_parse (row->url, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_URL);
  if (strstr (error->message, row->said) == NULL)
    g_error ("“%s” does not say “%s”", error->message, row->said);
  g_assert_null (strstr (error->message, SECRET));
  g_assert_null (ferry_url_without_secrets (row->url));
  g_assert_cmpstr (for_log, ==, UNPARSABLE);
}

static void
test_origin (gconstpointer data)
{
  const OriginRow *row = data;
  g_autoptr(GUri) a = ferry_url_parse (row->a, NULL);
  g_autoptr(GUri) b = ferry_url_parse (row->b, NULL);
  g_autoptr(GUri) plain = g_uri_parse (row->b, G_URI_FLAGS_NONE, NULL);

  g_assert_cmpint (ferry_url_same_origin (a, b), ==, row->same);
  g_assert_cmpint (ferry_url_same_origin (b, a), ==, row->same);

  /* A GUri made elsewhere does not fill in the port. */
  g_assert_cmpint (ferry_url_same_origin (a, plain), ==, row->same);
}

/* libsoup copies an address that lacks one of its flags. */
static void
test_form (void)
{
  const GUriFlags wanted = G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH |
                           G_URI_FLAGS_ENCODED_QUERY | G_URI_FLAGS_ENCODED_FRAGMENT |
                           G_URI_FLAGS_SCHEME_NORMALIZE;
  g_autoptr(GUri) uri = ferry_url_parse ("HTTP://u:p%40@[::1]/a%2Fb ä?q", NULL);

  g_assert_cmpint (g_uri_get_flags (uri) & wanted, ==, wanted);
  g_assert_cmpstr (g_uri_get_scheme (uri), ==, "http");
  g_assert_cmpstr (g_uri_get_user (uri), ==, "u");
  g_assert_cmpstr (g_uri_get_password (uri), ==, "p@");
  g_assert_cmpstr (g_uri_get_host (uri), ==, "::1");
  g_assert_cmpint (g_uri_get_port (uri), ==, 80);
  g_assert_cmpstr (g_uri_get_path (uri), ==, "/a%2Fb%20%C3%A4");
  g_assert_cmpstr (g_uri_get_query (uri), ==, "q");
}

static void
test_length (void)
{
  g_autoptr(GString) url = g_string_new ("http://h/");
  g_autoptr(GUri) longest = NULL;
  g_autoptr(GError) error = NULL;

  while (url->len < 64 * 1024)
    g_string_append_c (url, 'a');
  longest = ferry_url_parse (url->str, &error);
  g_assert_no_error (error);
  g_assert_nonnull (longest);

  g_string_append_c (url, 'a');
  g_assert_null (ferry_url_parse (url->str, &error));
  g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_URL);
  g_assert_nonnull (strstr (error->message, "64 KiB"));
}

static void
add_row (const char    *folder,
         const char    *name,
         gconstpointer  row,
         GTestDataFunc  test)
{
  g_autofree char *path = g_strdup_printf ("/url/%s/%s", folder, name);

  g_test_add_data_func (path, row, test);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    add_row ("good", good[i].name, &good[i], test_good);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    add_row ("bad", bad[i].name, &bad[i], test_bad);
  for (gsize i = 0; i < G_N_ELEMENTS (origins); i++)
    add_row ("origin", origins[i].name, &origins[i], test_origin);
  g_test_add_func ("/url/form", test_form);
  g_test_add_func ("/url/length", test_length);

  return g_test_run ();
}
