/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-rows"

#include "config.h"

#include <locale.h>
#include <string.h>

#include "support/rows.h"

static void
answer_in_turn (TestExchange *x,
                gpointer      data)
{
  TestCase *c = data;
  guint n = MIN (x->request->nth, TEST_MAX_ANSWERS);

  while (n > 1 && !test_answer_is_given (&c->answers[n - 1]))
    n--;
  test_answer (x, &c->answers[n - 1]);
}

char *
test_case_get_asked (TestServer *server)
{
  g_autoptr(GString) asked = g_string_new (NULL);

  for (guint i = 0; i < test_server_get_n_requests (server); i++)
    {
      const TestRequest *request = test_server_get_request (server, i);
      const char *range = test_request_get_header (request, "Range");
      const char *if_range = test_request_get_header (request, "If-Range");

      g_string_append_printf (asked, "%s%s", i > 0 ? "; " : "",
                              range == NULL ? "all" : range + strlen ("bytes="));
      if (if_range != NULL)
        g_string_append_printf (asked, " if %s", if_range);
    }
  return g_string_free (g_steal_pointer (&asked), FALSE);
}

static void
check_result (TestCase            *c,
              const FerrydOutcome *outcome)
{
  guint result = c->row->result;

  if (result == 0)
    {
      result = TEST_MAX_ANSWERS;
      while (result > 1 && !test_answer_is_given (&c->answers[result - 1]))
        result--;
    }

  if (c->answers[result - 1].body != NULL)
    test_bed_assert_bytes (c->bed, outcome, c->answers[result - 1].body,
                           strlen (c->answers[result - 1].body));
  else
    test_bed_assert_file (c->bed, outcome, &c->answers[result - 1].content);
}

static void
check_last_run (TestCase            *c,
                const FerrydOutcome *outcome)
{
  const TestRow *row = c->row;
  gint64 resumed_at = atomic_load (&c->bed->tally.resumed_at);

  if (row->basis != NULL)
    {
      g_autofree char *basis = test_outcome_get_basis (outcome);

      g_assert_cmpstr (basis != NULL ? basis : "", ==, row->basis);
    }
  if (row->resumed > 0)
    g_assert_cmpint (resumed_at, ==, row->resumed);
  else if (row->resumed == 0 && outcome->error == NULL)
    g_assert_cmpint (resumed_at, ==, -1);
  if (row->asked != NULL)
    {
      g_autofree char *asked = test_case_get_asked (c->server);

      g_assert_cmpstr (asked, ==, row->asked);
    }
}

static void
run_row (gconstpointer data)
{
  const TestRow *row = data;
  g_auto(GStrv) ends = g_strsplit (row->ends, " ", -1);
  guint n_runs = g_strv_length (ends);
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  TestCase c = { .row = row, .server = server, .bed = bed };

  g_test_message ("%s", row->rule);
  memcpy (c.answers, row->answers, sizeof c.answers);
  test_server_add (server, "/file.bin", answer_in_turn, &c);
  test_bed_set_url (bed, server, "/file.bin");

  for (c.run = 1; c.run <= n_runs; c.run++)
    {
      g_autoptr(FerrydOutcome) outcome = NULL;

      if (row->prepare != NULL)
        row->prepare (&c);
      outcome = test_bed_run (bed);
      test_bed_assert_word (bed, outcome, ends[c.run - 1]);
      if (c.run == 1 && row->kept > 0)
        g_assert_cmpint (outcome->kept->part.offset, ==, row->kept);
      if (row->check != NULL)
        row->check (&c, outcome);
      if (c.run == n_runs)
        check_last_run (&c, outcome);
      if (outcome->error == NULL)
        check_result (&c, outcome);
    }
}

void
test_rows_add (const char    *prefix,
               const TestRow *rows,
               gsize          n_rows)
{
  for (gsize i = 0; i < n_rows; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s/%s", prefix, rows[i].name);
      g_autofree char *path = g_strdelimit (g_strdup (name), " ", '-');

      g_assert_nonnull (rows[i].rule);
      g_test_add_data_func (path, &rows[i], run_row);
    }
}

void
test_init (int    *argc,
           char ***argv)
{
  /* Design.md §3, rule 9: before anything else, as in ferryd's own main(). */
  g_setenv ("SOUP_FORCE_HTTP1", "1", TRUE);
  setlocale (LC_ALL, "");
  g_test_init (argc, argv, NULL);
}

guint32
test_get_seed (void)
{
  const char *wanted = g_getenv ("FERRY_TEST_SEED");
  guint32 seed = wanted != NULL ? (guint32) g_ascii_strtoull (wanted, NULL, 10) : g_random_int ();

  g_test_message ("FERRY_TEST_SEED=%u", seed);
  return seed;
}
