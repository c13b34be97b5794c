/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-hsts"

#include "config.h"

#include "support/certificates.h"
#include "versions.h"

/* What a worker told; read when the run is over. */
typedef struct
{
  GMutex    mutex;
  char     *name;  /* owned */
  gint64    expires;
  gboolean  include_subdomains;
} News;

static void
on_hsts_changed (const FerrydHstsHost *host,
                 gpointer              user_data)
{
  News *news = user_data;

  g_mutex_lock (&news->mutex);
  g_clear_pointer (&news->name, g_free);
  news->name = g_strdup (host->name);
  news->expires = host->expires;
  news->include_subdomains = host->include_subdomains;
  g_mutex_unlock (&news->mutex);
}

/* Policies are for names, never for numbers (RFC 6797 §8.3). */
static void
set_named_url (TestBed    *bed,
               TestServer *server,
               const char *scheme)
{
  g_autofree char *url = test_server_get_url (server, "/file.bin");
  const char *port = strrchr (url, ':');

  g_clear_pointer (&bed->plan->url, g_free);
  bed->plan->url = g_strconcat (scheme, "://localhost", port, NULL);
}

/* §3 rule 13: “put into the in-memory enforcer at its construction, changes posted as values”. */
static void
test_learnt_and_kept (void)
{
  g_autoptr(TestCertificates) certificates = test_certificates_new ();
  g_autoptr(TestServer) server = test_server_new (certificates->good);
  g_autoptr(TestBed) first = test_bed_new ();
  g_autoptr(TestBed) later = test_bed_new ();
  g_autoptr(FerrydOutcome) learnt = NULL;
  g_autoptr(FerrydOutcome) kept = NULL;
  TestAnswer answer = { .content = V1, .etag = ONE,
                        .headers = "Strict-Transport-Security: max-age=1000\r\n" };
  FerrydHstsHost known = { 0 };
  News news = { 0 };

  g_mutex_init (&news.mutex);
  test_server_add (server, "/file.bin", test_answer, &answer);

  set_named_url (first, server, "https");
  first->settings.tls_ca = certificates->ca_path;
  first->settings.hsts_changed = on_hsts_changed;
  first->settings.hsts_data = &news;
  learnt = test_bed_run (first);
  test_bed_assert_file (first, learnt, &answer.content);
  g_assert_cmpstr (news.name, ==, "localhost");
  g_assert_cmpint (news.expires, >, g_get_real_time () / G_USEC_PER_SEC);
  g_assert_false (news.include_subdomains);

  /* Another day, by an address that says HTTP: the server speaks TLS alone. */
  known.name = news.name;
  known.expires = news.expires;
  set_named_url (later, server, "http");
  later->settings.tls_ca = certificates->ca_path;
  later->settings.hsts_hosts = &known;
  later->settings.n_hsts_hosts = 1;
  kept = test_bed_run (later);
  test_bed_assert_file (later, kept, &answer.content);
  g_assert_true (g_str_has_prefix (kept->kept->current_url, "https://localhost:"));

  g_mutex_clear (&news.mutex);
  g_clear_pointer (&news.name, g_free);
}

/* http.h: “What another session has heard of @host holds here as well”, and so does its end. */
static void
test_told (void)
{
  g_autoptr(TestCertificates) certificates = test_certificates_new ();
  g_autoptr(TestServer) server = test_server_new (certificates->good);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) ignorant = NULL;
  g_autoptr(FerrydOutcome) told = NULL;
  g_autoptr(FerrydOutcome) forgetful = NULL;
  TestAnswer answer = { .content = V1, .etag = ONE };
  FerrydHstsHost host = { .name = "localhost" };

  test_server_add (server, "/file.bin", test_answer, &answer);
  set_named_url (bed, server, "http");
  bed->settings.tls_ca = certificates->ca_path;
  ignorant = test_bed_run (bed);
  g_assert_nonnull (ignorant->error);

  host.expires = g_get_real_time () / G_USEC_PER_SEC + 1000;
  ferryd_http_learn_hsts (bed->http, &host);
  told = test_bed_run (bed);
  test_bed_assert_file (bed, told, &answer.content);

  host.expires = 0;
  ferryd_http_learn_hsts (bed->http, &host);
  ferryd_kept_free (bed->plan->kept);
  bed->plan->kept = ferryd_kept_new ();
  test_bed_note (bed);
  forgetful = test_bed_run (bed);
  g_assert_nonnull (forgetful->error);
}

/* Without knowing it, the same address fails: the test above shows what it says. */
static void
test_unknown (void)
{
  g_autoptr(TestCertificates) certificates = test_certificates_new ();
  g_autoptr(TestServer) server = test_server_new (certificates->good);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;
  TestAnswer answer = { .content = V1, .etag = ONE };

  test_server_add (server, "/file.bin", test_answer, &answer);
  set_named_url (bed, server, "http");
  outcome = test_bed_run (bed);
  g_assert_nonnull (outcome->error);
}

/* Longer than the calendar: for ever is not never. */
static void
test_for_ever (void)
{
  g_autoptr(TestCertificates) certificates = test_certificates_new ();
  g_autoptr(TestServer) server = test_server_new (certificates->good);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;
  TestAnswer answer = { .content = V1, .etag = ONE,
                        .headers = "Strict-Transport-Security: max-age=999999999999999\r\n" };
  News news = { 0 };

  g_mutex_init (&news.mutex);
  test_server_add (server, "/file.bin", test_answer, &answer);
  set_named_url (bed, server, "https");
  bed->settings.tls_ca = certificates->ca_path;
  bed->settings.hsts_changed = on_hsts_changed;
  bed->settings.hsts_data = &news;
  outcome = test_bed_run (bed);
  test_bed_assert_file (bed, outcome, &answer.content);
  g_assert_cmpstr (news.name, ==, "localhost");
  g_assert_cmpint (news.expires, >, g_get_real_time () / G_USEC_PER_SEC + 86400);

  g_mutex_clear (&news.mutex);
  g_clear_pointer (&news.name, g_free);
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  g_test_add_func ("/hsts/learnt-and-kept", test_learnt_and_kept);
  g_test_add_func ("/hsts/for-ever", test_for_ever);
  g_test_add_func ("/hsts/told", test_told);
  g_test_add_func ("/hsts/unknown", test_unknown);
  return g_test_run ();
}
