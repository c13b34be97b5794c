/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-resume"

#include "config.h"

#include <string.h>

#include "versions.h"

/* What was kept is still the beginning of the file. */
static void
check_nothing_lost (TestCase            *c,
                    const FerrydOutcome *outcome)
{
  g_assert_cmpint (outcome->kept->started_over, ==, 0);
  g_assert_null (outcome->kept->spare.name);
}

static void
check_started_over (TestCase            *c,
                    const FerrydOutcome *outcome)
{
  if (c->run > 1)
    g_assert_cmpint (outcome->kept->started_over, >, 0);
}

/* Only the rest came over the wire. */
static void
check_rest_only (TestCase            *c,
                 const FerrydOutcome *outcome)
{
  check_nothing_lost (c, outcome);
  if (c->run > 1)
    {
      gint64 moved = test_server_get_request (c->server, c->run - 1)->body_sent;

      g_assert_cmpint (moved, <=, SIZE - CUT + 65536);
      g_assert_cmpint (atomic_load (&c->bed->tally.moved), <=, moved);
    }
}

static void
allow_unproven (TestCase *c)
{
  c->bed->plan->resume_unproven = TRUE;
}

static void
send_multipart (TestExchange *x,
                gpointer      data)
{
  static const TestContent content = V1;

  test_exchange_printf (x, "HTTP/1.1 206 Partial Content\r\nETag: " ONE "\r\n"
                        "Content-Type: multipart/byteranges; boundary=b\r\n"
                        "Connection: close\r\n\r\n"
                        "--b\r\nContent-Range: bytes %d-%d/%d\r\n\r\n", CUT, SIZE - 1, SIZE);
  test_exchange_send_content (x, &content, CUT, SIZE);
  test_exchange_printf (x, "\r\n--b--\r\n");
  x->close_after = TRUE;
}

/* Whatever was asked, the whole as if it were a part. */
static void
send_unasked_whole (TestExchange *x,
                    gpointer      data)
{
  static const TestContent content = V1;

  test_exchange_printf (x, "HTTP/1.1 206 Partial Content\r\nETag: " ONE "\r\nContent-Length: %d\r\n"
                        "Content-Range: bytes 0-%d/%d\r\n\r\n", SIZE, SIZE - 1, SIZE);
  test_exchange_send_content (x, &content, 0, SIZE);
}

static void
send_unasked_middle (TestExchange *x,
                     gpointer      data)
{
  static const TestContent content = V1;

  test_exchange_printf (x, "HTTP/1.1 206 Partial Content\r\nETag: " ONE "\r\n"
                        "Content-Length: 1000\r\n"
                        "Content-Range: bytes 5000-5999/%d\r\n\r\n", SIZE);
  test_exchange_send_content (x, &content, 5000, 6000);
}

/* A Content-Range that leaves out what it should say. */
static void
send_without_range (TestExchange *x,
                    gpointer      data)
{
  static const TestContent content = V1;

  test_exchange_printf (x, "HTTP/1.1 206 Partial Content\r\nETag: " ONE "\r\nContent-Length: %d\r\n"
                        "%s\r\n", SIZE - CUT, (const char *) data);
  test_exchange_send_content (x, &content, CUT, SIZE);
}

#define ASKED_ETAG "all; 200000- if " ONE
#define ASKED_DATE "all; 200000- if " TEST_OLD_DATE
#define ASKED_OVERLAP "all; " OVERLAP_AT "-"

#define RULE_ETAG "§6: strong ETag | Range + If-Range: ETag | 206 with the same ETag"
#define RULE_OTHER_ETAG "§6: a 206 without it or with another → start over"
#define RULE_DATE \
  "§6: Last-Modified ≥ 60 s before Date | Range + If-Range: date | 206 with the same"
#define RULE_OVERLAP \
  "§6: weak ETag, younger Last-Modified | Range from offset − 64 KiB, no If-Range"
#define RULE_NOTHING "§6: none, total known | same total, 64 KiB equal, and resume-unproven"
#define RULE_EMPTY "an ETag that is empty tells no versions apart: as if there were none"
#define RULE_RANGE "§6: Content-Range start and total are checked"
#define RULE_ODD \
  "§6: multipart/byteranges, a 206 unasked, */total: start over or go on by what is proven"

static const TestRow proven[] = {
  { "strong etag", RULE_ETAG,
    { FIRST_CUT (.etag = ONE), { .content = V1, .etag = ONE } },
    .ends = "truncated finished", .asked = ASKED_ETAG, .basis = "etag",
    .kept = CUT, .resumed = CUT, .check = check_rest_only },
  { "strong etag and date", RULE_ETAG,
    { FIRST_CUT (.etag = ONE, .last_modified = TEST_OLD_DATE),
      { .content = V1, .etag = ONE, .last_modified = TEST_OLD_DATE } },
    .ends = "truncated finished", .asked = ASKED_ETAG, .basis = "etag",
    .kept = CUT, .resumed = CUT, .check = check_rest_only },
  { "old date", RULE_DATE,
    { FIRST_CUT (.last_modified = TEST_OLD_DATE),
      { .content = V1, .last_modified = TEST_OLD_DATE } },
    .ends = "truncated finished", .asked = ASKED_DATE, .basis = "date",
    .kept = CUT, .resumed = CUT, .check = check_rest_only },
  { "weak etag", RULE_OVERLAP,
    { FIRST_CUT (.etag = WEAK_ONE), { .content = V1, .etag = WEAK_ONE } },
    .ends = "truncated finished", .asked = ASKED_OVERLAP, .basis = "overlap",
    .kept = CUT, .resumed = CUT, .check = check_rest_only },
  { "young date", RULE_OVERLAP,
    { FIRST_CUT (.last_modified = TEST_YOUNG_DATE),
      { .content = V1, .last_modified = TEST_YOUNG_DATE } },
    .ends = "truncated finished", .asked = ASKED_OVERLAP, .basis = "overlap",
    .kept = CUT, .resumed = CUT, .check = check_rest_only },
  { "old date without Date", "§6: Last-Modified ≥ 60 s before `Date`: without one it is not",
    { FIRST_CUT (.last_modified = TEST_OLD_DATE, .no_date = TRUE),
      { .content = V1, .last_modified = TEST_OLD_DATE, .no_date = TRUE } },
    .ends = "truncated finished", .asked = ASKED_OVERLAP, .basis = "overlap",
    .kept = CUT, .resumed = CUT, .check = check_rest_only },
  { "less kept than the overlap", RULE_OVERLAP,
    { { .content = V1, .etag = WEAK_ONE, .cut = 30000 }, { .content = V1, .etag = WEAK_ONE } },
    .ends = "truncated finished", .kept = 30000, .resumed = -1 },
  { "no validator, unproven allowed", RULE_NOTHING,
    { FIRST_CUT (.etag = NULL), { .content = V1 } },
    .ends = "truncated finished", .asked = ASKED_OVERLAP, .basis = "overlap",
    .kept = CUT, .resumed = CUT, .prepare = allow_unproven, .check = check_rest_only },
  { "no validator", RULE_NOTHING,
    { FIRST_CUT (.etag = NULL), { .content = V1 } },
    .ends = "truncated finished", .kept = CUT },
  { "weak etag in a small letter", RULE_OVERLAP,
    { FIRST_CUT (.etag = "w/\"one\""), { .content = V1, .etag = "w/\"one\"" } },
    .ends = "truncated finished", .asked = ASKED_OVERLAP, .basis = "overlap",
    .kept = CUT, .resumed = CUT, .check = check_rest_only },
  { "empty etag", RULE_EMPTY,
    { FIRST_CUT (.etag = "\"\""), { .content = V1, .etag = "\"\"" } },
    .ends = "truncated finished", .asked = "all; all", .kept = CUT },
  { "empty weak etag", RULE_EMPTY,
    { FIRST_CUT (.etag = "W/\"\""), { .content = V1, .etag = "W/\"\"" } },
    .ends = "truncated finished", .asked = "all; all", .kept = CUT },
  { "empty etag and old date", RULE_EMPTY,
    { FIRST_CUT (.etag = "\"\"", .last_modified = TEST_OLD_DATE),
      { .content = V1, .etag = "\"\"", .last_modified = TEST_OLD_DATE } },
    .ends = "truncated finished", .asked = ASKED_DATE, .basis = "date",
    .kept = CUT, .resumed = CUT, .check = check_rest_only },
  { "no validator, no total", "§6: none, no total → start over",
    { FIRST_CUT (.framing = TEST_FRAMING_CHUNKED), { .content = V1 } },
    .ends = "truncated finished", .asked = "all; all", .prepare = allow_unproven },
  { "ranges refused", "§6: `Accept-Ranges: none` → start over",
    { FIRST_CUT (.ranges = TEST_RANGES_IGNORED, .headers = "Accept-Ranges: none\r\n"),
      { .content = V1, .ranges = TEST_RANGES_IGNORED, .headers = "Accept-Ranges: none\r\n" } },
    .ends = "truncated finished", .asked = "all; all", .prepare = allow_unproven },
  { "ranges ignored, same strong etag",
    "§6: 200 with the same strong validator: skip what we have, keep the bytes",
    { FIRST_CUT (.etag = ONE), { .content = V1, .etag = ONE, .ranges = TEST_RANGES_IGNORED } },
    .ends = "truncated finished", .asked = ASKED_ETAG, .kept = CUT, .resumed = -1,
    .check = check_nothing_lost },
  { "ranges ignored, same old date",
    "§6: 200 with the same strong validator: skip what we have, keep the bytes",
    { FIRST_CUT (.last_modified = TEST_OLD_DATE),
      { .content = V1, .last_modified = TEST_OLD_DATE, .ranges = TEST_RANGES_IGNORED } },
    .ends = "truncated finished", .asked = ASKED_DATE, .kept = CUT, .resumed = -1,
    .check = check_nothing_lost },
  { "ranges ignored, skipping is cut",
    "§6: 200 with the same strong validator: skip what we have, keep the bytes",
    { FIRST_CUT (.etag = ONE),
      { .content = V1, .etag = ONE, .ranges = TEST_RANGES_IGNORED, .cut = CUT / 2 },
      { .content = V1, .etag = ONE } },
    .ends = "truncated truncated finished", .kept = CUT, .resumed = CUT,
    .check = check_nothing_lost },
  { "ranges ignored, no validator", "§6: 200 otherwise: the file changed",
    { FIRST_CUT (.etag = NULL), { .content = V1, .ranges = TEST_RANGES_IGNORED } },
    .ends = "truncated finished", .kept = CUT, .prepare = allow_unproven },
};

static const TestRow changed[] = {
  { "etag", "§6: strong ETag with If-Range; 200 otherwise: the file changed",
    { FIRST_CUT (.etag = ONE), { .content = V2, .etag = TWO } },
    .ends = "truncated finished", .asked = ASKED_ETAG, .kept = CUT, .check = check_started_over },
  { "old date", "§6: Last-Modified with If-Range; 200 otherwise: the file changed",
    { FIRST_CUT (.last_modified = TEST_OLD_DATE),
      { .content = V2, .last_modified = TEST_OTHER_DATE } },
    .ends = "truncated finished", .asked = ASKED_DATE, .kept = CUT, .check = check_started_over },
  { "206 with another etag", RULE_OTHER_ETAG,
    { FIRST_CUT (.etag = ONE), { .content = V2, .etag = TWO, .ranges = TEST_RANGES_FORCED } },
    .ends = "truncated finished", .asked = ASKED_ETAG "; all", .check = check_started_over },
  { "206 without etag", RULE_OTHER_ETAG,
    { FIRST_CUT (.etag = ONE), { .content = V2, .ranges = TEST_RANGES_FORCED } },
    .ends = "truncated finished", .asked = ASKED_ETAG "; all" },
  { "206 with the etag grown weak", RULE_OTHER_ETAG,
    { FIRST_CUT (.etag = ONE), { .content = V2, .etag = WEAK_ONE, .ranges = TEST_RANGES_FORCED } },
    .ends = "truncated finished", .asked = ASKED_ETAG "; all" },
  { "206 with another date", RULE_DATE,
    { FIRST_CUT (.last_modified = TEST_OLD_DATE),
      { .content = V2, .last_modified = TEST_OTHER_DATE, .ranges = TEST_RANGES_FORCED } },
    .ends = "truncated finished", .asked = ASKED_DATE "; all", .check = check_started_over },
  { "206 without date", RULE_DATE,
    { FIRST_CUT (.last_modified = TEST_OLD_DATE),
      { .content = V2, .ranges = TEST_RANGES_FORCED } },
    .ends = "truncated finished", .asked = ASKED_DATE "; all" },
  { "weak etag", "§6: weak ETag: same validators; changed before the last 64 KiB",
    { FIRST_CUT (.etag = WEAK_ONE), { .content = V1_CHANGED_EARLY, .etag = WEAK_TWO } },
    .ends = "truncated finished", .asked = ASKED_OVERLAP "; all", .check = check_started_over },
  { "weak etag, other size", "§6: weak ETag: same total",
    { FIRST_CUT (.etag = WEAK_ONE), { .content = { 1, SIZE + 5 }, .etag = WEAK_ONE } },
    .ends = "truncated finished", .asked = ASKED_OVERLAP "; all", .check = check_started_over },
  { "weak etag gone", "§6: weak ETag: same validators",
    { FIRST_CUT (.etag = WEAK_ONE), { .content = V1_CHANGED_EARLY } },
    .ends = "truncated finished", .asked = ASKED_OVERLAP "; all" },
  { "weak etag the same, overlap not", "§6: weak ETag: those 64 KiB equal",
    { FIRST_CUT (.etag = WEAK_ONE), { .content = V1_CHANGED_LATE, .etag = WEAK_ONE } },
    .ends = "truncated finished", .asked = ASKED_OVERLAP "; all", .check = check_started_over },
  { "young date", "§6: younger Last-Modified: same validators; changed before the last 64 KiB",
    { FIRST_CUT (.last_modified = TEST_YOUNG_DATE),
      { .content = V1_CHANGED_EARLY, .last_modified = TEST_OTHER_DATE } },
    .ends = "truncated finished", .asked = ASKED_OVERLAP "; all", .check = check_started_over },
  { "young date the same, overlap not", "§6: younger Last-Modified: those 64 KiB equal",
    { FIRST_CUT (.last_modified = TEST_YOUNG_DATE),
      { .content = V1_CHANGED_LATE, .last_modified = TEST_YOUNG_DATE } },
    .ends = "truncated finished", .asked = ASKED_OVERLAP "; all", .check = check_started_over },
  { "no validator, overlap sees", RULE_NOTHING,
    { FIRST_CUT (.etag = NULL), { .content = V1_CHANGED_LATE } },
    .ends = "truncated finished", .asked = ASKED_OVERLAP "; all", .prepare = allow_unproven },
  { "no validator, other size", RULE_NOTHING,
    { FIRST_CUT (.etag = NULL), { .content = { 1, SIZE - 5 } } },
    .ends = "truncated finished", .asked = ASKED_OVERLAP "; all", .prepare = allow_unproven },
  { "no validator, not allowed", RULE_NOTHING,
    { FIRST_CUT (.etag = NULL), { .content = V1_CHANGED_EARLY } },
    .ends = "truncated finished" },
  /* Why resume-unproven is off by default: old bytes are in front of the new ones. */
  { "no validator, overlap cannot see", RULE_NOTHING,
    { FIRST_CUT (.etag = NULL), { .content = V1_CHANGED_EARLY } },
    .ends = "truncated finished", .asked = ASKED_OVERLAP, .basis = "overlap", .resumed = CUT,
    .result = 1, .prepare = allow_unproven },
  { "coding", "§6: a coded answer is not resumed across a change of coding",
    { FIRST_CUT (.etag = ONE),
      { .content = V2, .etag = ONE, .headers = "Content-Encoding: gzip\r\n" } },
    .ends = "truncated finished", .asked = ASKED_ETAG "; all" },
  { "coding gone, ranges ignored", "§6: a coded answer is not resumed across a change of coding",
    { FIRST_CUT (.etag = ONE, .headers = "Content-Encoding: gzip\r\n"),
      { .content = V2, .etag = ONE, .ranges = TEST_RANGES_IGNORED } },
    .ends = "truncated finished" },
};

static const TestRow odd[] = {
  { "later range", RULE_RANGE,
    { FIRST_CUT (.etag = ONE), { .content = V1, .etag = ONE, .shift = 1000 },
      { .content = V1, .etag = ONE } },
    .ends = "truncated finished", .resumed = -1 },
  { "always a later range", RULE_RANGE,
    { FIRST_CUT (.etag = ONE), { .content = V1, .etag = ONE, .shift = 1000 } },
    .ends = "truncated finished", .resumed = -1 },
  { "earlier range", RULE_RANGE,
    { FIRST_CUT (.etag = ONE), { .content = V1, .etag = ONE, .shift = -1000 } },
    .ends = "truncated finished", .resumed = -1 },
  { "later range of an overlap", RULE_RANGE,
    { FIRST_CUT (.etag = WEAK_ONE), { .content = V1, .etag = WEAK_ONE, .shift = 65536 } },
    .ends = "truncated finished", .resumed = -1 },
  { "shorter", "§6: 206 shorter than asked: ask on from there",
    { FIRST_CUT (.etag = ONE), { .content = V1, .etag = ONE, .at_most = 50000 },
      { .content = V1, .etag = ONE } },
    .ends = "truncated finished", .asked = ASKED_ETAG "; 250000- if " ONE,
    .resumed = -1, .check = check_nothing_lost },
  { "shorter each time", "§6: 206 shorter than asked: ask on from there",
    { FIRST_CUT (.etag = ONE), { .content = V1, .etag = ONE, .at_most = 40000 } },
    .ends = "truncated finished", .asked = ASKED_ETAG "; 240000- if " ONE "; 280000- if " ONE
      "; 320000- if " ONE "; 360000- if " ONE,
    .resumed = -1, .check = check_nothing_lost },
  { "shorter, and changed after it",
    "§6: 206 shorter than asked: ask on from there; " RULE_OTHER_ETAG,
    { FIRST_CUT (.etag = ONE), { .content = V1, .etag = ONE, .at_most = 50000 },
      { .content = V2, .etag = TWO, .ranges = TEST_RANGES_FORCED } },
    .ends = "truncated finished", .resumed = -1 },
  { "shorter than the overlap", "§6: those 64 KiB equal; 206 shorter than asked: ask on",
    { FIRST_CUT (.etag = WEAK_ONE), { .content = V1, .etag = WEAK_ONE, .at_most = 10000 },
      { .content = V1, .etag = WEAK_ONE } },
    .ends = "truncated finished", .resumed = -1 },
  { "multipart", RULE_ODD,
    { FIRST_CUT (.etag = ONE), { .behave = send_multipart }, { .content = V1, .etag = ONE } },
    .ends = "truncated finished", .resumed = -1 },
  { "unasked, whole", RULE_ODD,
    { { .behave = send_unasked_whole }, { .content = V1 } },
    .ends = "finished", .resumed = -1 },
  { "unasked, middle", RULE_ODD,
    { { .behave = send_unasked_middle } }, .ends = "server", .resumed = -1 },
  { "unknown range", RULE_ODD,
    { FIRST_CUT (.etag = ONE),
      { .behave = send_without_range, .data = (gpointer) "Content-Range: bytes */400000\r\n" },
      { .content = V1, .etag = ONE } },
    .ends = "truncated finished", .resumed = -1 },
  { "no range at all", RULE_RANGE,
    { FIRST_CUT (.etag = ONE), { .behave = send_without_range, .data = (gpointer) "" },
      { .content = V1, .etag = ONE } },
    .ends = "truncated finished", .resumed = -1 },
  { "unknown total", RULE_ODD,
    { FIRST_CUT (.etag = ONE), { .content = V1, .etag = ONE, .total = "*" },
      { .content = V1, .etag = ONE } },
    .ends = "truncated finished", .resumed = -1 },
  { "wrong total", RULE_RANGE,
    { FIRST_CUT (.etag = ONE), { .content = V1, .etag = ONE, .total = "500000" },
      { .content = V1, .etag = ONE, .ranges = TEST_RANGES_IGNORED } },
    .ends = "truncated finished", .asked = ASKED_ETAG "; all", .resumed = -1 },
  { "garbage total", RULE_RANGE,
    { FIRST_CUT (.etag = ONE), { .content = V1, .etag = ONE, .total = "many" },
      { .content = V1, .etag = ONE, .ranges = TEST_RANGES_IGNORED } },
    .ends = "truncated finished", .asked = ASKED_ETAG "; all", .resumed = -1 },
};

#define UNSATISFIABLE "416 Range Not Satisfiable"
#define RULE_416 "§6: 416 with */N, N our offset, and proof → finished"
#define RULE_416_OVERLAP "§6: 416 with */N, N our offset; without proof → overlap; else start over"
#define ASKED_END "all; 400000- if " ONE

/* All bytes are there, but nobody has said so: chunks, then the connection's end. */
#define FIRST_WHOLE(...) \
  { .content = V1, .framing = TEST_FRAMING_CHUNKED, .no_last_chunk = TRUE, \
    .end = TEST_END_CLOSE, __VA_ARGS__ }

static const TestRow ends[] = {
  { "etag", RULE_416,
    { FIRST_WHOLE (.etag = ONE), { .content = V1, .etag = ONE } },
    .ends = "truncated finished", .asked = ASKED_END, .kept = SIZE, .resumed = -1,
    .check = check_nothing_lost },
  { "old date", RULE_416,
    { FIRST_WHOLE (.last_modified = TEST_OLD_DATE),
      { .content = V1, .last_modified = TEST_OLD_DATE } },
    .ends = "truncated finished", .asked = "all; 400000- if " TEST_OLD_DATE, .kept = SIZE,
    .resumed = -1, .check = check_nothing_lost },
  { "weak etag", "§6: weak ETag | Range from offset − 64 KiB, no If-Range",
    { FIRST_WHOLE (.etag = WEAK_ONE), { .content = V1, .etag = WEAK_ONE } },
    .ends = "truncated finished", .asked = "all; 334464-", .kept = SIZE, .resumed = -1,
    .check = check_nothing_lost },
  { "weak etag, changed", "§6: weak ETag: those 64 KiB equal",
    { FIRST_WHOLE (.etag = WEAK_ONE),
      { .content = { 1, SIZE, SIZE - 500 }, .etag = WEAK_ONE } },
    .ends = "truncated finished", .asked = "all; 334464-; all", .kept = SIZE, .resumed = -1 },
  { "416 without etag", RULE_416_OVERLAP,
    { FIRST_WHOLE (.etag = ONE),
      { .status = UNSATISFIABLE, .headers = "Content-Range: bytes */400000\r\n", .body = "no" },
      { .content = V1, .etag = ONE } },
    .ends = "truncated finished", .asked = ASKED_END "; 334464-", .kept = SIZE, .resumed = -1,
    .check = check_nothing_lost },
  { "416 with another etag, changed", RULE_416_OVERLAP,
    { FIRST_WHOLE (.etag = ONE),
      { .status = UNSATISFIABLE, .headers = "Content-Range: bytes */400000\r\n", .etag = TWO },
      { .content = V2, .etag = TWO } },
    .ends = "truncated finished", .kept = SIZE, .resumed = -1 },
  { "416 of a shorter file", RULE_416_OVERLAP,
    { FIRST_WHOLE (.etag = ONE),
      { .status = UNSATISFIABLE, .headers = "Content-Range: bytes */399000\r\n", .etag = ONE },
      { .content = { 2, 2000000 }, .etag = TWO } },
    .ends = "truncated finished", .asked = ASKED_END "; all", .kept = SIZE },
  { "416 of a longer file", RULE_416_OVERLAP,
    { FIRST_WHOLE (.etag = ONE),
      { .status = UNSATISFIABLE, .headers = "Content-Range: bytes */900000\r\n", .etag = ONE },
      { .content = { 2, 900000 }, .etag = TWO } },
    .ends = "truncated finished", .asked = ASKED_END "; all", .kept = SIZE },
  { "416 without range", RULE_416_OVERLAP,
    { FIRST_WHOLE (.etag = ONE), { .status = UNSATISFIABLE, .etag = ONE, .body = "no" },
      { .content = V1, .etag = ONE } },
    .ends = "truncated finished", .kept = SIZE, .resumed = -1 },
  { "416 to everything", "§6: other 4xx → failed, with the status",
    { FIRST_CUT (.etag = ONE), { .status = UNSATISFIABLE, .body = "no" } },
    .ends = "truncated server", .kept = CUT, .resumed = -1 },
  { "longer than before", "§6: none, no total: nothing says that it is the same file",
    { FIRST_WHOLE (.etag = NULL), { .content = { 1, SIZE + 10000 } } },
    .ends = "truncated finished", .asked = "all; all", .kept = SIZE, .prepare = allow_unproven },
};

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  test_rows_add ("/resume/proven", proven, G_N_ELEMENTS (proven));
  test_rows_add ("/resume/changed", changed, G_N_ELEMENTS (changed));
  test_rows_add ("/resume/odd", odd, G_N_ELEMENTS (odd));
  test_rows_add ("/resume/ends", ends, G_N_ELEMENTS (ends));
  return g_test_run ();
}
