/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-length"

#include "config.h"

#include "versions.h"

#define DRIPS 50

static const TestContent v1 = V1;

static void
check_verified (TestCase            *c,
                const FerrydOutcome *outcome)
{
  if (outcome->error == NULL)
    g_assert_true (outcome->length_verified);
}

static void
check_unverified (TestCase            *c,
                  const FerrydOutcome *outcome)
{
  if (outcome->error == NULL)
    g_assert_false (outcome->length_verified);
}

static void
wait_a_second (TestCase *c)
{
  c->bed->settings.request_timeout = 1;
}

#define CHUNKED_HEAD "HTTP/1.1 200 OK\r\nETag: " ONE "\r\nTransfer-Encoding: chunked\r\n"

/* @data: further headers. Chunks of the first half, then the connection's end. */
static void
cut_between_chunks (TestExchange *x,
                    gpointer      data)
{
  test_exchange_printf (x, CHUNKED_HEAD "%s\r\n", (const char *) data);
  test_exchange_send_chunk (x, NULL, &v1, 0, CUT);
  x->close_after = TRUE;
}

static void
cut_inside_chunk (TestExchange *x,
                  gpointer      data)
{
  test_exchange_printf (x, CHUNKED_HEAD "\r\n");
  test_exchange_printf (x, "%x\r\n", SIZE);
  test_exchange_send_content (x, &v1, 0, CUT);
  x->close_after = TRUE;
}

/* @data: a size line that is none. */
static void
garbage_size (TestExchange *x,
              gpointer      data)
{
  test_exchange_printf (x, CHUNKED_HEAD "\r\n");
  test_exchange_send_chunk (x, NULL, &v1, 0, CUT);
  test_exchange_send_chunk (x, data, &v1, CUT, SIZE);
  test_exchange_write (x, "0\r\n\r\n", 5);
}

static void
garbage_size_and_close (TestExchange *x,
                        gpointer      data)
{
  garbage_size (x, data);
  x->close_after = TRUE;
}

static void
say_nothing (TestExchange *x,
             gpointer      data)
{
  test_exchange_stall (x);
}

/* One byte each time, with pauses: longer in all than the time-out, each one shorter. */
static void
drip (TestExchange *x,
      gpointer      data)
{
  test_exchange_printf (x, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", SIZE);
  for (gint64 at = 0; at < DRIPS; at++)
    {
      test_exchange_send_content (x, &v1, at, at + 1);
      test_exchange_pause (x, 30);
    }
  test_exchange_send_content (x, &v1, DRIPS, SIZE);
}

static void
send_interim_answers (TestExchange *x,
                      gpointer      data)
{
  test_exchange_printf (x, "HTTP/1.1 102 Processing\r\n\r\n"
                        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
                        "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", SIZE);
  test_exchange_send_content (x, &v1, 0, SIZE);
}

#define RULE_LENGTH "§6: fewer or more bytes than announced is an error, never “finished”"
#define RULE_END "§3 rule 7: the job counts bytes itself; libsoup's end of body proves nothing"
#define RULE_CLOSED \
  "§3 rule 7: has the peer closed without having said `Connection: close`? → truncated"
#define RULE_NO_PROOF "§3 rule 7: what nothing can prove is finished with length-verified = false"
#define RULE_TIMEOUT "§3 rule 11: the SoupSession's timeout is the session's request-timeout"

static const TestRow announced[] = {
  { "true", RULE_LENGTH, { { .content = V1 } }, .ends = "finished", .asked = "all",
    .check = check_verified },
  { "empty", "§6: a body of no bytes that was announced so is whole",
    { { .content = { 0, 0 }, .status = "200 OK" } }, .ends = "finished", .check = check_verified },
  { "one byte", RULE_LENGTH, { { .content = { 1, 1 } } }, .ends = "finished",
    .check = check_verified },
  { "http 1.0", RULE_LENGTH, { { .content = V1, .http_1_0 = TRUE } }, .ends = "finished",
    .check = check_verified },
  { "connection close", RULE_LENGTH,
    { { .content = V1, .headers = "Connection: close\r\n", .end = TEST_END_CLOSE } },
    .ends = "finished", .check = check_verified },
  { "interim answers", "§3: a job reads what HTTP allows", { { .behave = send_interim_answers },
    { .content = V1 } }, .ends = "finished", .asked = "all" },
  { "cut", RULE_LENGTH,
    { { .content = V1, .etag = ONE, .cut = CUT }, { .content = V1, .etag = ONE } },
    .ends = "truncated finished", .kept = CUT, .resumed = CUT, .check = check_verified },
  { "cut, connection close", RULE_END,
    { { .content = V1, .etag = ONE, .cut = CUT, .headers = "Connection: close\r\n" },
      { .content = V1, .etag = ONE } },
    .ends = "truncated finished", .kept = CUT, .resumed = CUT, .check = check_verified },
  { "cut, http 1.0", RULE_END,
    { { .content = V1, .etag = ONE, .cut = CUT, .http_1_0 = TRUE },
      { .content = V1, .etag = ONE, .http_1_0 = TRUE } },
    .ends = "truncated finished", .kept = CUT, .resumed = CUT, .check = check_verified },
  { "cut before the first byte", RULE_LENGTH,
    { { .content = V1, .etag = ONE, .length_error = SIZE, .body = "", .end = TEST_END_CLOSE },
      { .content = V1, .etag = ONE } },
    .ends = "truncated finished" },
  { "cut before the last byte", RULE_END,
    { { .content = V1, .etag = ONE, .cut = SIZE - 1, .headers = "Connection: close\r\n" },
      { .content = V1, .etag = ONE } },
    .ends = "truncated finished", .kept = SIZE - 1, .resumed = SIZE - 1, .check = check_verified },
  { "reset", RULE_LENGTH,
    { { .content = V1, .etag = ONE, .cut = CUT, .end = TEST_END_RESET },
      { .content = V1, .etag = ONE } },
    .ends = "truncated finished", .resumed = -1 },
  { "too long, keep-alive", RULE_LENGTH,
    { { .content = V1, .etag = ONE, .length_error = 100 } },
    .ends = "network", .kept = SIZE, .prepare = wait_a_second },
  { "too long", RULE_LENGTH,
    { { .content = V1, .etag = ONE, .length_error = 100, .end = TEST_END_CLOSE } },
    .ends = "truncated", .kept = SIZE },
  { "too long, connection close", RULE_LENGTH,
    { { .content = V1, .etag = ONE, .length_error = 100, .headers = "Connection: close\r\n",
        .end = TEST_END_CLOSE } },
    .ends = "truncated", .kept = SIZE },
  { "too long, http 1.0", RULE_LENGTH,
    { { .content = V1, .etag = ONE, .length_error = 100, .http_1_0 = TRUE } },
    .ends = "truncated", .kept = SIZE },
  { "too short, keep-alive", RULE_LENGTH,
    { { .content = V1, .etag = ONE, .length_error = -100 } }, .ends = "server" },
  { "too short", RULE_LENGTH,
    { { .content = V1, .etag = ONE, .length_error = -100, .headers = "Connection: close\r\n",
        .end = TEST_END_CLOSE } },
    .ends = "server" },
  { "too short, http 1.0", RULE_LENGTH,
    { { .content = V1, .etag = ONE, .length_error = -100, .http_1_0 = TRUE } }, .ends = "server" },
  { "stall in the body", RULE_TIMEOUT,
    { { .content = V1, .etag = ONE, .cut = CUT, .end = TEST_END_STALL },
      { .content = V1, .etag = ONE } },
    .ends = "network finished", .kept = CUT, .resumed = CUT, .prepare = wait_a_second },
  { "stall before the answer", RULE_TIMEOUT,
    { { .behave = say_nothing } }, .ends = "network",
    .prepare = wait_a_second },
  { "drip", "§3 rule 11: a slow body is none that has stopped",
    { { .behave = drip }, { .content = V1 } }, .ends = "finished", .asked = "all",
    .prepare = wait_a_second },
  { "coded", "§6: a coded answer is stored as sent",
    { { .content = V1, .headers = "Content-Encoding: gzip\r\n" } }, .ends = "finished",
    .check = check_verified },
  { "coded, resumed", "§6: a coded answer is stored as sent",
    { { .content = V1, .etag = ONE, .headers = "Content-Encoding: gzip\r\n", .cut = CUT },
      { .content = V1, .etag = ONE, .headers = "Content-Encoding: gzip\r\n" } },
    .ends = "truncated finished", .kept = CUT, .resumed = CUT },
};

static const TestRow unknown[] = {
  { "http 1.0", RULE_NO_PROOF,
    { { .content = V1, .framing = TEST_FRAMING_NONE, .http_1_0 = TRUE } },
    .ends = "finished", .check = check_unverified },
  { "connection close", RULE_NO_PROOF,
    { { .content = V1, .framing = TEST_FRAMING_NONE, .headers = "Connection: close\r\n" } },
    .ends = "finished", .check = check_unverified },
  { "reset", "§3 rule 7: an end that is an error is no end",
    { { .content = V1, .framing = TEST_FRAMING_NONE, .cut = CUT, .end = TEST_END_RESET },
      { .content = V1 } },
    .ends = "truncated finished" },
  { "chunked", "§3 rule 7: read on to the final 0",
    { { .content = V1, .framing = TEST_FRAMING_CHUNKED } }, .ends = "finished",
    .check = check_verified },
  { "chunked, empty", "§3 rule 7: read on to the final 0",
    { { .content = { 0, 0 }, .status = "200 OK", .framing = TEST_FRAMING_CHUNKED } },
    .ends = "finished", .check = check_verified },
  { "chunked, connection close", RULE_NO_PROOF,
    { { .content = V1, .framing = TEST_FRAMING_CHUNKED, .headers = "Connection: close\r\n",
        .end = TEST_END_CLOSE } },
    .ends = "finished" },
  { "chunked, cut between chunks", RULE_CLOSED,
    { { .behave = cut_between_chunks, .data = (gpointer) "" },
      { .content = V1, .etag = ONE, .framing = TEST_FRAMING_CHUNKED } },
    .ends = "truncated finished", .resumed = -1 },
  /* It said that it would close, so that nothing tells this from a whole: the file is short. */
  { "chunked, cut between chunks, connection close", RULE_NO_PROOF,
    { { .behave = cut_between_chunks, .data = (gpointer) "Connection: close\r\n" },
      { .content = { 1, CUT } } },
    .ends = "finished", .result = 2, .check = check_unverified },
  { "chunked, cut twice at different bytes", RULE_CLOSED,
    { { .behave = cut_between_chunks, .data = (gpointer) "" },
      { .content = V1, .framing = TEST_FRAMING_CHUNKED, .cut = CUT + 16384 },
      { .content = V1, .framing = TEST_FRAMING_CHUNKED } },
    .ends = "truncated truncated finished", .resumed = -1 },
  { "chunked, cut inside a chunk", RULE_END,
    { { .behave = cut_inside_chunk },
      { .content = V1, .etag = ONE, .framing = TEST_FRAMING_CHUNKED } },
    .ends = "truncated finished", .resumed = -1 },
  { "chunked, garbage size", RULE_END,
    { { .behave = garbage_size, .data = (gpointer) "xyz" },
      { .content = V1, .framing = TEST_FRAMING_CHUNKED } },
    .ends = "truncated finished", .resumed = -1 },
  { "chunked, garbage size, closed", RULE_END,
    { { .behave = garbage_size_and_close, .data = (gpointer) "xyz" },
      { .content = V1, .framing = TEST_FRAMING_CHUNKED } },
    .ends = "truncated finished", .resumed = -1 },
  { "chunked, empty size", RULE_END,
    { { .behave = garbage_size, .data = (gpointer) "" },
      { .content = V1, .framing = TEST_FRAMING_CHUNKED } },
    .ends = "truncated finished", .resumed = -1 },
  { "chunked, negative size", RULE_END,
    { { .behave = garbage_size, .data = (gpointer) "-30d40" },
      { .content = V1, .framing = TEST_FRAMING_CHUNKED } },
    .ends = "truncated finished", .resumed = -1 },
  { "chunked, closed without a word", "§3 rule 7: the final 0 was read, so it is whole",
    { { .content = V1, .framing = TEST_FRAMING_CHUNKED, .end = TEST_END_CLOSE } },
    .ends = "finished", .check = check_verified },
  { "chunked, without the last chunk",
    "§3 rule 7: → truncated; a second attempt that ends at the same byte … is the end",
    { { .content = V1, .framing = TEST_FRAMING_CHUNKED, .no_last_chunk = TRUE,
        .end = TEST_END_CLOSE } },
    .ends = "truncated finished", .resumed = -1, .check = check_unverified },
  { "chunked, resumed", RULE_CLOSED,
    { { .content = V1, .etag = ONE, .cut = CUT },
      { .content = V1, .etag = ONE, .framing = TEST_FRAMING_CHUNKED } },
    .ends = "truncated finished", .kept = CUT, .resumed = CUT, .check = check_verified },
};

#define N_CUTS 50

typedef struct
{
  TestContent  content;
  const char  *etag;
  const char  *last_modified;
  GRand       *random;    /* owned */
  guint        cuts_left;
} Cutter;

/* A good server's answer, as far as it comes: each time to a random byte, ended in a random way. */
static void
cut_at_random (TestExchange *x,
               gpointer      data)
{
  Cutter *cutter = data;
  TestAnswer answer = { .content = cutter->content, .etag = cutter->etag,
                        .last_modified = cutter->last_modified };

  if (cutter->cuts_left > 0)
    {
      answer.cut = g_rand_int_range (cutter->random, 1, cutter->content.size / (N_CUTS / 2));
      answer.end = g_rand_boolean (cutter->random) ? TEST_END_CLOSE : TEST_END_RESET;
      cutter->cuts_left--;
    }
  test_answer (x, &answer);
}

static void
test_random_cuts (gconstpointer data)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(GRand) random = g_rand_new_with_seed (test_get_seed ());
  g_autoptr(FerrydOutcome) outcome = NULL;
  Cutter cutter = *(const Cutter *) data;

  cutter.random = random;
  test_server_add (server, "/file.bin", cut_at_random, &cutter);
  test_bed_set_url (bed, server, "/file.bin");
  outcome = test_bed_run_to_the_end (bed, N_CUTS + 1);
  test_bed_assert_file (bed, outcome, &cutter.content);
  g_assert_cmpint (outcome->kept->started_over, ==, 0);
}

static const Cutter cut_with_etag = {
  .content = { 7, 3 * 1024 * 1024 + 17 }, .etag = ONE, .cuts_left = N_CUTS
};
static const Cutter cut_with_date = {
  .content = { 8, 3 * 1024 * 1024 + 19 }, .last_modified = TEST_OLD_DATE, .cuts_left = N_CUTS
};
static const Cutter cut_with_weak_etag = {
  .content = { 9, 3 * 1024 * 1024 + 23 }, .etag = WEAK_ONE, .cuts_left = N_CUTS
};

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  test_rows_add ("/length/announced", announced, G_N_ELEMENTS (announced));
  test_rows_add ("/length/unknown", unknown, G_N_ELEMENTS (unknown));
  g_test_add_data_func ("/length/random-cuts/etag", &cut_with_etag, test_random_cuts);
  g_test_add_data_func ("/length/random-cuts/date", &cut_with_date, test_random_cuts);
  g_test_add_data_func ("/length/random-cuts/weak-etag", &cut_with_weak_etag, test_random_cuts);
  return g_test_run ();
}
