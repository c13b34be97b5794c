/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-words"

#include "config.h"

#include <gio/gio.h>

#include "cli/words.h"
#include "common/error.h"

static void
test_duration (void)
{
  static const struct
  {
    guint64     seconds;
    const char *text;
  } rows[] = {
    { 0, "0:00" }, { 9, "0:09" }, { 59, "0:59" }, { 60, "1:00" }, { 3599, "59:59" },
    { 3600, "1:00:00" }, { 86399, "23:59:59" }, { 86400, "1 d" }, { 86400 * 300, "300 d" },
    { 86400 * 301, "> 300 d" }, { G_MAXUINT64, "> 300 d" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = ferry_words_duration (rows[i].seconds);

      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

static void
test_size (void)
{
  g_autofree char *size = ferry_words_size (1234567);
  g_autofree char *nothing = ferry_words_size (-1);
  g_autofree char *rate = ferry_words_rate (1500);

  g_assert_cmpstr (size, ==, "1.2 MB");
  g_assert_cmpstr (nothing, ==, "0 bytes");
  g_assert_cmpstr (rate, ==, "1.5 kB/s");
}

/* What a server puts into a message cannot command the terminal. */
static void
test_printable (void)
{
  static const struct
  {
    const char *given;
    const char *text;
  } rows[] = {
    { "plain “text” 日本", "plain “text” 日本" },
    { "a\033[2Jb\nc\td", "a�[2Jb�c�d" },
    { "a\302\2331mb", "a�1mb" },          /* U+009B, an escape sequence in one character */
    { "a\342\200\256txt.exe", "a�txt.exe" },
    { "a\377b", "a�b" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = ferry_words_printable (rows[i].given);

      g_assert_cmpstr (text, ==, rows[i].text);
    }
}

static GVariant *
parse (const char *text)
{
  return g_variant_ref_sink (g_variant_new_parsed (text));
}

static void
test_reason (void)
{
  g_autoptr(GVariant) next = parse ("{'position': <uint32 1>}");
  g_autoptr(GVariant) third = parse ("{'position': <uint32 3>}");
  g_autofree char *bare = ferry_words_reason (FERRY_WAIT_REASON_QUEUE, NULL);
  g_autofree char *first = ferry_words_reason (FERRY_WAIT_REASON_QUEUE, next);
  g_autofree char *later = ferry_words_reason (FERRY_WAIT_REASON_HOST_LIMIT, third);

  g_assert_cmpstr (bare, ==, "in the queue");
  g_assert_cmpstr (first, ==, "in the queue (it is the next)");
  g_assert_cmpstr (later, ==, "other transfers with this server go first (it is number 3)");

  for (guint i = 0; i < FERRY_N_WAIT_REASONS; i++)
    {
      g_autofree char *words = ferry_words_reason (i, NULL);

      g_assert_nonnull (words);
    }
}

/* A time is more than a reason. It is not quite as long any more when it is said. */
static void
test_until (void)
{
  gint64 until = g_get_real_time () + 90 * G_USEC_PER_SEC + G_USEC_PER_SEC / 2;
  g_autoptr(GVariant) later = NULL;
  g_autoptr(GVariant) again = NULL;
  g_autofree char *not_yet = NULL;
  g_autofree char *retry = NULL;
  g_autofree char *why = NULL;

  later = g_variant_ref_sink (g_variant_new_parsed ("{'until': <%x>}", until));
  again = g_variant_ref_sink (g_variant_new_parsed ("{'until': <%x>, 'cause': <(%s, 'cut')>}",
                                                    until,
                                                    FERRY_SERVICE_ID ".Error.Network"));
  not_yet = ferry_words_reason (FERRY_WAIT_REASON_NOT_YET, later);
  retry = ferry_words_reason (FERRY_WAIT_REASON_RETRY, later);
  why = ferry_words_reason (FERRY_WAIT_REASON_RETRY, again);
  g_assert_cmpstr (not_yet, ==, "it is to begin in 1:30");
  g_assert_cmpstr (retry, ==, "it will be tried again in 1:30");
  g_assert_cmpstr (why, ==, "the connection failed; it will be tried again in 1:30");
}

static void
test_error (void)
{
  g_autofree char *known = ferry_words_error (FERRY_SERVICE_ID ".Error.Server", "404 Not Found");
  g_autofree char *silent = ferry_words_error (FERRY_SERVICE_ID ".Error.Network", "");
  g_autofree char *foreign = ferry_words_error ("org.example.Error", "It broke");
  g_autofree char *nothing = ferry_words_error ("", "");

  g_assert_cmpstr (known, ==, "the server refused (404 Not Found)");
  g_assert_cmpstr (silent, ==, "the connection failed");
  g_assert_cmpstr (foreign, ==, "It broke");
  g_assert_cmpstr (nothing, ==, "nobody knows why");
}

/* As the library has them. */
static void
test_trouble (void)
{
  g_autoptr(GError) known = g_error_new_literal (FERRY_ERROR, FERRY_ERROR_SERVER, "404\n");
  g_autoptr(GError) unknown = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "x.Y: z");
  g_autofree char *server = ferry_words_trouble (known);
  g_autofree char *other = ferry_words_trouble (unknown);
  g_autofree char *none = ferry_words_trouble (NULL);

  g_assert_cmpstr (server, ==, "the server refused (404�)");
  g_assert_cmpstr (other, ==, "x.Y: z");
  g_assert_cmpstr (none, ==, "nobody knows why");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/words/duration", test_duration);
  g_test_add_func ("/cli/words/size", test_size);
  g_test_add_func ("/cli/words/printable", test_printable);
  g_test_add_func ("/cli/words/reason", test_reason);
  g_test_add_func ("/cli/words/until", test_until);
  g_test_add_func ("/cli/words/error", test_error);
  g_test_add_func ("/cli/words/trouble", test_trouble);
  return g_test_run ();
}
