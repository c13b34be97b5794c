/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-trust"

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "support/certificates.h"
#include "versions.h"

typedef struct
{
  const char       *name;
  gboolean          known_ca;    /* the session's `tls-ca` has the authority */
  gboolean          wrong_host;
  FerrydTlsMinimum  minimum;
  const char       *end;
} TrustRow;

/* §6 Retry: “TLS errors → `trust`, no retry”; §3 rule 12: a private CA, and `tls-minimum`. */
static const TrustRow rows[] = {
  { "unknown-authority", FALSE, FALSE, FERRYD_TLS_ANY, "trust" },
  { "private-authority", TRUE, FALSE, FERRYD_TLS_ANY, "finished" },
  { "wrong-host", TRUE, TRUE, FERRYD_TLS_ANY, "trust" },
  { "unknown-authority-and-wrong-host", FALSE, TRUE, FERRYD_TLS_ANY, "trust" },
  { "minimum-1.2", TRUE, FALSE, FERRYD_TLS_1_2, "finished" },
  { "minimum-1.3", TRUE, FALSE, FERRYD_TLS_1_3, "finished" },
};

static void
test_trust (gconstpointer data)
{
  const TrustRow *row = data;
  g_autoptr(TestCertificates) certificates = test_certificates_new ();
  g_autoptr(TestServer) server = test_server_new (row->wrong_host ? certificates->wrong_host
                                                                  : certificates->good);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;
  TestAnswer answer = { .content = V1, .etag = ONE };

  test_server_add (server, "/file.bin", test_answer, &answer);
  test_bed_set_url (bed, server, "/file.bin");
  if (row->known_ca)
    bed->settings.tls_ca = certificates->ca_path;
  bed->settings.tls_minimum = row->minimum;
  outcome = test_bed_run (bed);
  test_bed_assert_word (bed, outcome, row->end);
  if (outcome->error == NULL)
    test_bed_assert_file (bed, outcome, &answer.content);
  else
    g_assert_cmpuint (test_server_get_n_requests (server), ==, 0);
}

/*
 * §6 Retry: “TLS errors → `trust`”: of a `tls-ca` that is not there nothing is asked, the file is
 * named, and a later run looks again.
 */
static void
test_missing_authority (void)
{
  g_autoptr(TestCertificates) certificates = test_certificates_new ();
  g_autoptr(TestServer) server = test_server_new (certificates->good);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autofree char *path = g_strconcat (certificates->ca_path, ".later", NULL);
  g_autofree char *pem = NULL;
  g_autoptr(FerrydOutcome) first = NULL;
  g_autoptr(FerrydOutcome) second = NULL;
  g_autoptr(FerrydOutcome) third = NULL;
  TestAnswer answer = { .content = V1, .etag = ONE };

  test_server_add (server, "/file.bin", test_answer, &answer);
  test_bed_set_url (bed, server, "/file.bin");
  bed->settings.tls_ca = path;
  first = test_bed_run (bed);
  test_bed_assert_word (bed, first, "trust");
  g_assert_nonnull (strstr (first->error->message, path));
  second = test_bed_run (bed);
  test_bed_assert_word (bed, second, "trust");
  g_assert_cmpuint (test_server_get_n_requests (server), ==, 0);

  g_assert_true (g_file_get_contents (certificates->ca_path, &pem, NULL, NULL));
  g_assert_true (g_file_set_contents (path, pem, -1, NULL));
  third = test_bed_run (bed);
  test_bed_assert_file (bed, third, &answer.content);
  g_assert_no_errno (g_unlink (path));
}

typedef struct
{
  const char  *name;
  TestFraming  framing;
  TestEnd      end;
  const char  *headers;
} CutRow;

/* Under TLS a cut shows as an end without close_notify. */
static const CutRow cuts[] = {
  { "length", TEST_FRAMING_LENGTH, TEST_END_CLOSE, NULL },
  { "length-reset", TEST_FRAMING_LENGTH, TEST_END_RESET, NULL },
  { "connection-close", TEST_FRAMING_LENGTH, TEST_END_CLOSE, "Connection: close\r\n" },
  { "chunked", TEST_FRAMING_CHUNKED, TEST_END_CLOSE, NULL },
};

static void
cut_without_notice (TestExchange *x,
                    gpointer      data)
{
  const TestAnswer *answer = data;
  TestAnswer honest = *answer;

  /* test_answer() would say goodbye. */
  if (x->request->nth == 1)
    {
      test_answer_head (x, answer);
      test_exchange_write (x, "\r\n", 2);
      if (answer->framing == TEST_FRAMING_CHUNKED)
        test_exchange_send_chunk (x, NULL, &answer->content, 0, CUT);
      else
        test_exchange_send_content (x, &answer->content, 0, CUT);
      if (answer->end == TEST_END_RESET)
        test_exchange_reset (x);
      else
        test_exchange_close (x);
      return;
    }
  honest.end = TEST_END_KEEP;
  honest.framing = TEST_FRAMING_LENGTH;
  test_answer (x, &honest);
}

static void
test_cut (gconstpointer data)
{
  const CutRow *row = data;
  g_autoptr(TestCertificates) certificates = test_certificates_new ();
  g_autoptr(TestServer) server = test_server_new (certificates->good);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) first = NULL;
  g_autoptr(FerrydOutcome) second = NULL;
  TestAnswer answer = { .content = V1, .etag = ONE, .framing = row->framing, .end = row->end,
                        .headers = row->headers };

  test_server_add (server, "/file.bin", cut_without_notice, &answer);
  test_bed_set_url (bed, server, "/file.bin");
  bed->settings.tls_ca = certificates->ca_path;
  first = test_bed_run (bed);
  test_bed_assert_word (bed, first, "truncated");
  second = test_bed_run (bed);
  test_bed_assert_file (bed, second, &answer.content);
}

static void
stall_first (TestExchange *x,
             gpointer      data)
{
  TestAnswer answer = *(const TestAnswer *) data;

  if (x->request->nth == 1)
    {
      answer.cut = CUT;
      answer.end = TEST_END_STALL;
    }
  test_answer (x, &answer);
}

/* What has come is in the file, however long the next record may take. */
static void
test_stall (void)
{
  g_autoptr(TestCertificates) certificates = test_certificates_new ();
  g_autoptr(TestServer) server = test_server_new (certificates->good);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) first = NULL;
  g_autoptr(FerrydOutcome) second = NULL;
  TestAnswer answer = { .content = V1, .etag = ONE };
  gint64 deadline = g_get_monotonic_time () + bed->patience;

  test_server_add (server, "/file.bin", stall_first, &answer);
  test_bed_set_url (bed, server, "/file.bin");
  bed->settings.tls_ca = certificates->ca_path;
  test_bed_start (bed);
  while (atomic_load (&bed->tally.received) < CUT)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_usleep (1000);
    }
  g_cancellable_cancel (bed->cancellable);
  first = test_bed_wait (bed);
  test_bed_assert_word (bed, first, "cancelled");
  g_assert_cmpint (first->kept->part.offset, ==, CUT);

  second = test_bed_run (bed);
  test_bed_assert_file (bed, second, &answer.content);
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/trust/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_trust);
    }
  g_test_add_func ("/trust/missing-authority", test_missing_authority);
  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++)
    {
      g_autofree char *path = g_strconcat ("/trust/cut/", cuts[i].name, NULL);

      g_test_add_data_func (path, &cuts[i], test_cut);
    }
  g_test_add_func ("/trust/stall", test_stall);
  return g_test_run ();
}
