/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-redirects"

#include "config.h"

#include <string.h>

#include "support/certificates.h"
#include "versions.h"

/* A place that redirects. */
typedef struct
{
  const char *status;
  char       *location;  /* NULL: no such header */
  gint64      filler;    /* bytes of its body */
} Hop;

static void
redirect (TestExchange *x,
          gpointer      data)
{
  const Hop *hop = data;

  test_exchange_printf (x, "HTTP/1.1 %s\r\nContent-Length: %" G_GINT64_FORMAT "\r\n",
                        hop->status != NULL ? hop->status : "302 Found", hop->filler);
  if (hop->location != NULL)
    test_exchange_printf (x, "Location: %s\r\n", hop->location);
  test_exchange_write (x, "\r\n", 2);
  test_exchange_send_filler (x, hop->filler);
}

/* @data: the last number. `/hop?n` leads to `/hop?n+1`, the last one to `/file.bin`. */
static void
redirect_on (TestExchange *x,
             gpointer      data)
{
  guint n = (guint) g_ascii_strtoull (strchr (x->request->target, '?') + 1, NULL, 10);

  test_exchange_printf (x, "HTTP/1.1 302 Found\r\nContent-Length: 2\r\n");
  if (n < GPOINTER_TO_UINT (data))
    test_exchange_printf (x, "Location: /hop?%u\r\n\r\n..", n + 1);
  else
    test_exchange_printf (x, "Location: /file.bin\r\n\r\n..");
}

static const TestAnswer good = { .content = V1, .etag = ONE };

static FerrydOutcome *
run_from (TestBed    *bed,
          TestServer *server,
          const char *path)
{
  test_bed_set_url (bed, server, path);
  return test_bed_run (bed);
}

/* §7: “At most 20”. The first request is `/hop?1`, so its number is the number of redirects. */
static void
test_chain (gconstpointer data)
{
  guint n = GPOINTER_TO_UINT (data);
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;

  test_server_add (server, "/hop", redirect_on, GUINT_TO_POINTER (n));
  test_server_add (server, "/file.bin", test_answer, (gpointer) &good);
  outcome = run_from (bed, server, "/hop?1");
  if (n > 20)
    {
      test_bed_assert_word (bed, outcome, "server");
      g_assert_cmpuint (test_server_get_n_requests (server), ==, 21);
      return;
    }

  test_bed_assert_file (bed, outcome, &good.content);
  g_assert_cmpuint (test_server_get_n_requests (server), ==, n + 1);
  g_assert_true (g_str_has_suffix (outcome->kept->current_url, "/file.bin"));
  /* §3 rule 5: the body of a redirect is read, so the connection is kept. */
  g_assert_cmpuint (test_server_get_n_connections (server), ==, 1);
}

typedef struct
{
  const char *name;
  const char *rule;
  Hop         hop;
  const char *end;     /* the word of the outcome */
  const char *target;  /* of the last request. NULL: whatever */
} LocationRow;

#define RULE_LOCATION "§7, and RFC 9110 §10.2.2: Location is a URI reference"

static const LocationRow locations[] = {
  { "relative", RULE_LOCATION, { .location = (char *) "file.bin" }, "finished", "/dir/file.bin" },
  { "relative up", RULE_LOCATION, { .location = (char *) "../file.bin" }, "finished", "/file.bin" },
  { "absolute path", RULE_LOCATION, { .location = (char *) "/file.bin" }, "finished", "/file.bin" },
  { "query", RULE_LOCATION, { .location = (char *) "?a=1&b=%20" }, "server",
    "/dir/start?a=1&b=%20" },
  { "fragment", RULE_LOCATION, { .location = (char *) "/file.bin#there" }, "finished",
    "/file.bin" },
  { "301", "§7", { "301 Moved Permanently", (char *) "/file.bin", 0 }, "finished", "/file.bin" },
  { "303", "§7: 303 → GET", { "303 See Other", (char *) "/file.bin", 0 }, "finished", "/file.bin" },
  { "307", "§7", { "307 Temporary Redirect", (char *) "/file.bin", 0 }, "finished", "/file.bin" },
  { "308", "§7", { "308 Permanent Redirect", (char *) "/file.bin", 0 }, "finished", "/file.bin" },
  { "none", RULE_LOCATION, { .location = NULL }, "server", "/dir/start" },
  { "empty", "§7: loops found", { .location = (char *) "" }, "server", NULL },
  { "itself", "§7: loops found", { .location = (char *) "start" }, "server", NULL },
  { "garbage", RULE_LOCATION, { .location = (char *) "http://[::1" }, "server", "/dir/start" },
  { "no host", RULE_LOCATION, { .location = (char *) "http:///file.bin" }, "server", "/dir/start" },
  { "file", "§8: only http and https", { .location = (char *) "file:///etc/hostname" }, "server",
    "/dir/start" },
  { "ftp", "§8: only http and https", { .location = (char *) "ftp://127.0.0.1/file.bin" }, "server",
    "/dir/start" },
  { "data", "§8: only http and https", { .location = (char *) "data:,x" }, "server", "/dir/start" },
};

static void
test_location (gconstpointer data)
{
  const LocationRow *row = data;
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;

  g_test_message ("%s", row->rule);
  test_server_add (server, "/dir/start", redirect, (gpointer) &row->hop);
  test_server_add (server, "/dir/file.bin", test_answer, (gpointer) &good);
  test_server_add (server, "/file.bin", test_answer, (gpointer) &good);
  outcome = run_from (bed, server, "/dir/start");
  test_bed_assert_word (bed, outcome, row->end);
  if (outcome->error == NULL)
    test_bed_assert_file (bed, outcome, &good.content);
  if (row->target != NULL)
    {
      guint last = test_server_get_n_requests (server) - 1;

      g_assert_cmpstr (test_server_get_request (server, last)->target, ==, row->target);
    }
  g_assert_cmpuint (test_server_get_n_requests (server), <=, 21);
}

/* §7: “loops found”: a circle of two ends long before 20. */
static void
test_circle (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;
  Hop there = { .location = (char *) "/b" };
  Hop back = { .location = (char *) "/a" };

  test_server_add (server, "/a", redirect, &there);
  test_server_add (server, "/b", redirect, &back);
  outcome = run_from (bed, server, "/a");
  test_bed_assert_word (bed, outcome, "server");
  g_assert_cmpuint (test_server_get_n_requests (server), <=, 4);
}

/* §7: “The old fragment stays.” It is never sent, and it is in the address that came of it. */
static void
test_old_fragment (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;
  Hop hop = { .location = (char *) "/file.bin" };

  test_server_add (server, "/start", redirect, &hop);
  test_server_add (server, "/file.bin", test_answer, (gpointer) &good);
  outcome = run_from (bed, server, "/start#page=7");
  test_bed_assert_file (bed, outcome, &good.content);
  g_assert_cmpstr (test_server_get_request (server, 0)->target, ==, "/start");
  g_assert_true (g_str_has_suffix (outcome->kept->current_url, "/file.bin#page=7"));
}

static char **
make_secrets (void)
{
  static const char *const headers[] = {
    "X-Api-Key", "secret-key",
    "Cookie", "secret=cookie",
    "Authorization", "Bearer secret-token",
    "Accept-Language", "de",
    "Accept", "text/plain",
    NULL
  };

  return g_strdupv ((char **) headers);
}

static void
assert_no_secret (const TestRequest *request)
{
  for (guint i = 0; request->headers[i] != NULL; i += 2)
    if (strstr (request->headers[i + 1], "secret") != NULL)
      g_error ("%s went to another origin", request->headers[i]);
  g_assert_null (test_request_get_header (request, "Referer"));
}

/*
 * §7: “Across origins only Accept, Accept-Language, User-Agent, Range, If-Range go along”: in the
 * resume as well.
 */
static void
test_secrets (void)
{
  g_autoptr(TestServer) here = test_server_new (NULL);
  g_autoptr(TestServer) there = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autofree char *location = test_server_get_url (there, "/file.bin");
  g_autofree char *asked = NULL;
  g_autoptr(FerrydOutcome) first = NULL;
  g_autoptr(FerrydOutcome) second = NULL;
  Hop inside = { .location = (char *) "/second" };
  Hop outside = { .location = location };
  TestAnswer answer = FIRST_CUT (.etag = ONE);

  test_server_add (here, "/first", redirect, &inside);
  test_server_add (here, "/second", redirect, &outside);
  test_server_add (there, "/file.bin", test_answer, &answer);
  bed->plan->headers = make_secrets ();
  bed->plan->referrer = g_strdup ("http://example.org/page");
  first = run_from (bed, here, "/first");
  test_bed_assert_word (bed, first, "truncated");

  (void) test_server_get_request (there, 0);
  answer.cut = 0;
  second = run_from (bed, here, "/first");
  test_bed_assert_file (bed, second, &answer.content);

  for (guint i = 0; i < 4; i++)
    {
      const TestRequest *request = test_server_get_request (here, i);

      g_assert_cmpstr (test_request_get_header (request, "X-Api-Key"), ==, "secret-key");
      g_assert_cmpstr (test_request_get_header (request, "Cookie"), ==, "secret=cookie");
      g_assert_cmpstr (test_request_get_header (request, "Authorization"), ==,
                       "Bearer secret-token");
      g_assert_cmpstr (test_request_get_header (request, "Referer"), ==,
                       "http://example.org/page");
    }
  g_assert_cmpuint (test_server_get_n_requests (there), ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      const TestRequest *request = test_server_get_request (there, i);

      assert_no_secret (request);
      g_assert_cmpstr (test_request_get_header (request, "Accept-Language"), ==, "de");
      g_assert_cmpstr (test_request_get_header (request, "Accept"), ==, "text/plain");
      g_assert_cmpstr (test_request_get_header (request, "User-Agent"), ==,
                       test_request_get_header (test_server_get_request (here, 0), "User-Agent"));
      g_assert_cmpstr (test_request_get_header (request, "Accept-Encoding"), ==, "identity");
    }
  asked = test_case_get_asked (there);
  g_assert_cmpstr (asked, ==, "all; 200000- if " ONE);
}

/* The way back to the first origin does not bring the secrets back: another one has chosen it. */
static void
test_secrets_and_back (void)
{
  g_autoptr(TestServer) here = test_server_new (NULL);
  g_autoptr(TestServer) there = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autofree char *away = test_server_get_url (there, "/away");
  g_autofree char *back = test_server_get_url (here, "/file.bin");
  g_autoptr(FerrydOutcome) outcome = NULL;
  Hop to_there = { .location = away };
  Hop to_here = { .location = back };

  test_server_add (here, "/first", redirect, &to_there);
  test_server_add (there, "/away", redirect, &to_here);
  test_server_add (here, "/file.bin", test_answer, (gpointer) &good);
  bed->plan->headers = make_secrets ();
  outcome = run_from (bed, here, "/first");
  test_bed_assert_file (bed, outcome, &good.content);
  assert_no_secret (test_server_get_request (there, 0));
}

/* Nor does the user part that a Location has become a sign-in. */
static void
test_user_part_of_location (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autofree char *bare = test_server_get_url (server, "/file.bin");
  g_autofree char *location = g_strconcat ("http://user:secret@", bare + strlen ("http://"), NULL);
  g_autoptr(FerrydOutcome) outcome = NULL;
  Hop hop = { .location = location };

  test_server_add (server, "/first", redirect, &hop);
  test_server_add (server, "/file.bin", test_answer, (gpointer) &good);
  outcome = run_from (bed, server, "/first");
  test_bed_assert_file (bed, outcome, &good.content);
  g_assert_null (test_request_get_header (test_server_get_request (server, 1), "Authorization"));
  g_assert_null (strstr (outcome->kept->current_url, "secret"));
}

/* The user part of a URL is a secret (§5); it goes to no other origin, and into no property. */
static void
test_user_part (void)
{
  g_autoptr(TestServer) here = test_server_new (NULL);
  g_autoptr(TestServer) there = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autofree char *location = test_server_get_url (there, "/file.bin");
  g_autofree char *bare = test_server_get_url (here, "/first");
  g_autoptr(FerrydOutcome) outcome = NULL;
  Hop hop = { .location = location };

  test_server_add (here, "/first", redirect, &hop);
  test_server_add (there, "/file.bin", test_answer, (gpointer) &good);
  bed->plan->url = g_strdup_printf ("http://user:secret@%s", bare + strlen ("http://"));
  outcome = test_bed_run (bed);
  test_bed_assert_file (bed, outcome, &good.content);
  assert_no_secret (test_server_get_request (there, 0));
  g_assert_null (test_request_get_header (test_server_get_request (there, 0), "Authorization"));
  g_assert_null (strstr (outcome->kept->current_url, "secret"));
}

typedef struct
{
  FerrydRedirects policy;
  gboolean        other_origin;
  const char     *end;
} PolicyRow;

static const PolicyRow policies[] = {
  { FERRYD_REDIRECTS_FOLLOW, TRUE, "finished" },
  { FERRYD_REDIRECTS_SAME_ORIGIN, FALSE, "finished" },
  { FERRYD_REDIRECTS_SAME_ORIGIN, TRUE, "server" },
  { FERRYD_REDIRECTS_NONE, FALSE, "server" },
};

/* §5: “a veto on redirects is the session key `redirects` (`follow`, `same-origin`, `none`)”. */
static void
test_policy (gconstpointer data)
{
  const PolicyRow *row = data;
  g_autoptr(TestServer) here = test_server_new (NULL);
  g_autoptr(TestServer) there = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autofree char *location = test_server_get_url (row->other_origin ? there : here, "/file.bin");
  g_autoptr(FerrydOutcome) outcome = NULL;
  Hop hop = { .location = location };

  test_server_add (here, "/first", redirect, &hop);
  test_server_add (row->other_origin ? there : here, "/file.bin", test_answer, (gpointer) &good);
  bed->plan->redirects = row->policy;
  outcome = run_from (bed, here, "/first");
  test_bed_assert_word (bed, outcome, row->end);
  if (outcome->error == NULL)
    test_bed_assert_file (bed, outcome, &good.content);
  else
    g_assert_cmpuint (test_server_get_n_requests (there), ==, 0);
}

typedef struct
{
  gboolean    allowed;
  const char *end;
} DowngradeRow;

static const DowngradeRow downgrades[] = { { FALSE, "server" }, { TRUE, "finished" } };

/* §7: “HTTPS → HTTP refused unless allow-insecure-redirect”; “Referer never from HTTPS to HTTP”. */
static void
test_downgrade (gconstpointer data)
{
  const DowngradeRow *row = data;
  g_autoptr(TestCertificates) certificates = test_certificates_new ();
  g_autoptr(TestServer) safe = test_server_new (certificates->good);
  g_autoptr(TestServer) open = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autofree char *location = test_server_get_url (open, "/file.bin");
  g_autoptr(FerrydOutcome) outcome = NULL;
  Hop hop = { .location = location };

  test_server_add (safe, "/first", redirect, &hop);
  test_server_add (open, "/file.bin", test_answer, (gpointer) &good);
  bed->settings.tls_ca = certificates->ca_path;
  bed->plan->allow_insecure_redirect = row->allowed;
  bed->plan->referrer = g_strdup ("https://example.org/page");
  outcome = run_from (bed, safe, "/first");
  test_bed_assert_word (bed, outcome, row->end);
  if (outcome->error == NULL)
    {
      test_bed_assert_file (bed, outcome, &good.content);
      g_assert_null (test_request_get_header (test_server_get_request (open, 0), "Referer"));
    }
  else
    {
      g_assert_cmpuint (test_server_get_n_requests (open), ==, 0);
    }
}

/* The address is followed anew each time: where the first run was led to may have expired. */
static void
test_new_target (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) first = NULL;
  g_autoptr(FerrydOutcome) second = NULL;
  Hop hop = { .location = (char *) "/signed?1" };
  TestAnswer cut = FIRST_CUT (.etag = ONE);

  test_server_add (server, "/start", redirect, &hop);
  test_server_add (server, "/signed", test_answer, &cut);
  first = run_from (bed, server, "/start");
  test_bed_assert_word (bed, first, "truncated");
  (void) test_server_get_request (server, 1);
  hop.location = (char *) "/signed?2";
  cut.cut = 0;
  second = test_bed_run (bed);
  test_bed_assert_file (bed, second, &cut.content);
  g_assert_cmpstr (test_server_get_request (server, 2)->target, ==, "/start");
  g_assert_cmpstr (test_server_get_request (server, 3)->target, ==, "/signed?2");
  g_assert_cmpint (atomic_load (&bed->tally.resumed_at), ==, CUT);
}

/* plan.h: “before a redirect is followed. @url: where to, without a user part”; its query stays. */
static void
test_told (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autofree char *bare = test_server_get_url (server, "/file.bin?token=1");
  g_autofree char *second = test_server_get_url (server, "/second");
  g_autofree char *location = g_strconcat ("http://user:secret@", bare + strlen ("http://"), NULL);
  g_autofree char *told = g_strdup_printf ("302 %s\n307 %s\n", second, bare);
  g_autoptr(FerrydOutcome) outcome = NULL;
  Hop near = { .location = (char *) "second" };
  Hop far = { "307 Temporary Redirect", location, 0 };

  test_server_add (server, "/first", redirect, &near);
  test_server_add (server, "/second", redirect, &far);
  test_server_add (server, "/file.bin", test_answer, (gpointer) &good);
  outcome = run_from (bed, server, "/first");
  test_bed_assert_file (bed, outcome, &good.content);
  g_assert_cmpstr (bed->redirects->str, ==, told);
}

/* One that is not followed is none that anybody needs to know of. */
static void
test_not_told (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;
  Hop hop = { .location = (char *) "/file.bin" };

  test_server_add (server, "/first", redirect, &hop);
  bed->plan->redirects = FERRYD_REDIRECTS_NONE;
  outcome = run_from (bed, server, "/first");
  test_bed_assert_word (bed, outcome, "server");
  g_assert_cmpstr (bed->redirects->str, ==, "");
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  g_test_add_data_func ("/redirects/chain/1", GUINT_TO_POINTER (1), test_chain);
  g_test_add_data_func ("/redirects/chain/20", GUINT_TO_POINTER (20), test_chain);
  g_test_add_data_func ("/redirects/chain/21", GUINT_TO_POINTER (21), test_chain);
  for (guint i = 0; i < G_N_ELEMENTS (locations); i++)
    {
      g_autofree char *path = g_strconcat ("/redirects/location/", locations[i].name, NULL);

      g_test_add_data_func (g_strdelimit (path, " ", '-'), &locations[i], test_location);
    }
  g_test_add_func ("/redirects/circle", test_circle);
  g_test_add_func ("/redirects/old-fragment", test_old_fragment);
  g_test_add_func ("/redirects/secrets", test_secrets);
  g_test_add_func ("/redirects/secrets-and-back", test_secrets_and_back);
  g_test_add_func ("/redirects/user-part", test_user_part);
  g_test_add_func ("/redirects/user-part-of-location", test_user_part_of_location);
  for (guint i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      g_autofree char *path = g_strdup_printf ("/redirects/policy/%u", i);

      g_test_add_data_func (path, &policies[i], test_policy);
    }
  g_test_add_data_func ("/redirects/downgrade/refused", &downgrades[0], test_downgrade);
  g_test_add_data_func ("/redirects/downgrade/allowed", &downgrades[1], test_downgrade);
  g_test_add_func ("/redirects/new-target", test_new_target);
  g_test_add_func ("/redirects/told", test_told);
  g_test_add_func ("/redirects/not-told", test_not_told);
  return g_test_run ();
}
