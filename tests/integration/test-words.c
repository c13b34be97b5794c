/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server says is bytes; what the service says of it is text. */
#define G_LOG_DOMAIN "test-words"

#include "config.h"

#include <signal.h>
#include <string.h>

#include "fixture.h"
#include "support/answer.h"

typedef struct
{
  const char *name;
  const char *status;   /* as it goes out */
  const char *headers;  /* the same. NULL: none */
} Row;

static const Row rows[] = {
  { "latin-1-and-bell", "404 Introuvabl\xe9\x07 x", NULL },
  { "escape-sequence", "501 \x1b[31mred\x1b[0m \xc2\x9b", NULL },
  { "no-utf-8-at-all", "403 \xff\xfe\xc0\x80\xed\xa0\x80", NULL },
  { "direction", "410 \xe2\x80\xaegnp.exe", NULL },
  { "type", "404 Not Found", "Content-Type: text/pl\xe9in; x=\"\xff\"\r\n" },
  { "etag", "404 Not Found", "ETag: \"\xe9\x07\"\r\nLast-Modified: \xff\r\n" },
};

static void
assert_sayable (const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *c = text; *c != '\0'; c = g_utf8_next_char (c))
    {
      GUnicodeType type = g_unichar_type (g_utf8_get_char (c));

      if (type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT)
        g_error ("“%s” has characters that are not seen", text);
    }
}

/* The error of @task, with the @status in it; all its properties can be had. */
static void
assert_told (Fixture    *fixture,
             const char *task,
             const char *status)
{
  g_autofree char *code = g_strndup (status, strlen ("404"));
  g_autoptr(GVariant) error = NULL;
  const char *kind;
  const char *message;

  client_refresh (fixture->client, task);
  error = client_get (fixture->client, task, "Error");
  g_variant_get (error, "(&s&s)", &kind, &message);
  g_assert_cmpstr (kind, ==, FERRY_SERVICE_ID ".Error.Server");
  assert_sayable (message);
  g_assert_nonnull (strstr (message, code));
}

static void
test_words (gconstpointer data)
{
  const Row *row = data;
  TestAnswer answer = { .status = row->status, .headers = row->headers, .body = "no" };
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(Fixture) fixture = fixture_new (FIXTURE_STRICT);
  g_autofree char *session = client_open_session (fixture->client, "words");
  g_autofree char *url = test_server_get_url (server, "/file");
  g_autofree char *task = NULL;

  test_server_add (server, "/file", test_answer, &answer);
  task = client_create (fixture->client, session, url,
                        g_variant_new_parsed ("{'destination': <%s>, 'start': <true>}",
                                              fixture->downloads));
  client_wait_failed (fixture->client, task, "Server", NULL);
  assert_told (fixture, task, row->status);

  /* The row is as good as the word was. */
  g_assert_cmpint (fixture_end_service (fixture, SIGTERM), ==, 0);
  assert_told (fixture, task, row->status);
}

int
main (int    argc,
      char **argv)
{
  fixture_init_tests (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/words/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_words);
    }
  return g_test_run ();
}
