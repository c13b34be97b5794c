/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server that sends less than was asked for: how often it is asked again. */
#define G_LOG_DOMAIN "test-pieces"

#include "config.h"

#include "versions.h"

#define MIB (1024 * 1024)

/* Crumbs in a row that are put up with, and the questions around them. */
#define MOST_REQUESTS 70

/* Exchanges that an outcome tells of. */
#define MOST_METRICS 64

#define RULE_CRUMBS "a server that brings next to nothing each time is called senseless"
#define RULE_PIECES "§6: Content-Range is what counts, not what was asked: it is asked on"

static void
check_metrics (TestCase            *c,
               const FerrydOutcome *outcome)
{
  g_assert_cmpuint (g_variant_n_children (outcome->metrics), <=, MOST_METRICS);
}

/* What was won is kept, however little. */
static void
check_crumbs (TestCase            *c,
              const FerrydOutcome *outcome)
{
  gint64 crumb = c->answers[1].at_most;

  check_metrics (c, outcome);
  if (c->run != 2)
    return;

  g_assert_cmpuint (test_server_get_n_requests (c->server), <=, MOST_REQUESTS);
  g_assert_cmpint (outcome->kept->part.offset, ==,
                   CUT + crumb * (test_server_get_n_requests (c->server) - 1));
}

/* Each byte came once. */
static void
check_pieces (TestCase            *c,
              const FerrydOutcome *outcome)
{
  gint64 rest = c->answers[1].content.size - CUT;
  gint64 piece = c->answers[1].at_most;

  check_metrics (c, outcome);
  if (c->run != 2)
    return;

  g_assert_cmpuint (test_server_get_n_requests (c->server), ==, 1 + (rest + piece - 1) / piece);
  g_assert_cmpint (atomic_load (&c->bed->tally.moved), ==, rest);
}

#define PIECES(n) \
  { { .content = { 1, 2 * MIB }, .etag = ONE, .cut = CUT }, \
    { .content = { 1, 2 * MIB }, .etag = ONE, .at_most = (n) } }

static const TestRow pieces[] = {
  { "one byte", RULE_CRUMBS, { FIRST_CUT (.etag = ONE), { .content = V1, .etag = ONE,
                                                          .at_most = 1 } },
    .ends = "truncated server", .kept = CUT, .resumed = -1, .check = check_crumbs },
  { "100 bytes", RULE_CRUMBS, { FIRST_CUT (.etag = ONE), { .content = V1, .etag = ONE,
                                                           .at_most = 100 } },
    .ends = "truncated server", .kept = CUT, .resumed = -1, .check = check_crumbs },
  { "64 KiB", RULE_PIECES, PIECES (64 * 1024),
    .ends = "truncated finished", .kept = CUT, .resumed = -1, .check = check_pieces },
  { "8 KiB", RULE_PIECES, PIECES (8 * 1024),
    .ends = "truncated finished", .kept = CUT, .resumed = -1, .check = check_pieces },
};

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  test_rows_add ("/pieces", pieces, G_N_ELEMENTS (pieces));
  return g_test_run ();
}
