/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-digests"

#include "config.h"

#include <gnutls/crypto.h>
#include <string.h>

#include "common/digest.h"
#include "versions.h"

typedef enum { NONE, RIGHT, WRONG } Said;

typedef struct
{
  const char *name;
  const char *rule;
  Said        option;           /* the task's own */
  Said        repr;             /* Repr-Digest */
  Said        content_digest;   /* Content-Digest, of what is sent */
  Said        content_md5;      /* the same */
  gboolean    resumed;
  gboolean    weak;             /* the option is an MD5 */
  const char *end;
  gboolean    compared;         /* the outcome has a digest */
} DigestRow;

#define RULE_OPTION "§6 Digest: the option `digest`"
#define RULE_REPR "§6 Digest: `Repr-Digest`; it covers the whole"
#define RULE_RESUMED "§6 Digest: hashed while writing, in one pass at the end after a resume"
#define RULE_CONTENT "§6 Digest: `Content-Digest` of a 206 its part only"
#define RULE_MD5 "§6 Digest: legacy `Content-MD5`"
#define RULE_WRONG "§6 Digest: a wrong one → `failed` with `Digest`, the part deleted"

static const DigestRow digests[] = {
  { "none", RULE_OPTION, .end = "finished" },
  { "option", RULE_OPTION, .option = RIGHT, .end = "finished", .compared = TRUE },
  { "option-md5", "§6: MD5 and SHA-1 are shown as weak", .option = RIGHT, .weak = TRUE,
    .end = "finished", .compared = TRUE },
  { "option-wrong", RULE_WRONG, .option = WRONG, .end = "digest" },
  { "option-md5-wrong", RULE_WRONG, .option = WRONG, .weak = TRUE, .end = "digest" },
  { "option-resumed", RULE_RESUMED, .option = RIGHT, .resumed = TRUE, .end = "finished",
    .compared = TRUE },
  { "option-resumed-wrong", RULE_WRONG, .option = WRONG, .resumed = TRUE, .end = "digest" },
  { "repr", RULE_REPR, .repr = RIGHT, .end = "finished", .compared = TRUE },
  { "repr-wrong", RULE_WRONG, .repr = WRONG, .end = "digest" },
  { "repr-resumed", RULE_RESUMED, .repr = RIGHT, .resumed = TRUE, .end = "finished",
    .compared = TRUE },
  { "repr-resumed-wrong", RULE_WRONG, .repr = WRONG, .resumed = TRUE, .end = "digest" },
  { "option-wrong-repr-right", RULE_WRONG, .option = WRONG, .repr = RIGHT, .end = "digest" },
  { "option-right-repr-wrong", RULE_WRONG, .option = RIGHT, .repr = WRONG, .end = "digest" },
  { "content-digest", RULE_CONTENT, .content_digest = RIGHT, .end = "finished" },
  { "content-digest-wrong", RULE_WRONG, .content_digest = WRONG, .end = "digest" },
  { "content-digest-resumed", RULE_CONTENT, .content_digest = RIGHT, .resumed = TRUE,
    .end = "finished" },
  { "content-digest-resumed-wrong", RULE_WRONG, .content_digest = WRONG, .resumed = TRUE,
    .end = "digest" },
  { "content-md5", RULE_MD5, .content_md5 = RIGHT, .end = "finished" },
  { "content-md5-wrong", RULE_MD5, .content_md5 = WRONG, .end = "digest" },
};

static const TestContent content = V1;

static void
hash (gnutls_digest_algorithm_t  algorithm,
      gint64                     from,
      Said                       said,
      guint8                    *digest)
{
  g_autofree guint8 *bytes = g_malloc (SIZE);

  test_content_fill (&content, 0, bytes, SIZE);
  g_assert_cmpint (gnutls_hash_fast (algorithm, bytes + from, SIZE - from, digest), ==, 0);
  if (said == WRONG)
    digest[0] ^= 1;
}

static void
append_field (GString                   *headers,
              const char                *prefix,
              gnutls_digest_algorithm_t  algorithm,
              gint64                     from,
              Said                       said)
{
  guint8 digest[64];
  g_autofree char *base64 = NULL;

  if (said == NONE)
    return;

  hash (algorithm, from, said, digest);
  base64 = g_base64_encode (digest, gnutls_hash_get_len (algorithm));
  g_string_append_printf (headers, "%s%s%s\r\n", prefix, base64,
                          g_str_has_suffix (prefix, ":") ? ":" : "");
}

static void
answer_with_digests (TestExchange *x,
                     gpointer      data)
{
  const DigestRow *row = data;
  g_autoptr(GString) headers = g_string_new (NULL);
  TestAnswer answer = { .content = content, .etag = ONE };
  gboolean is_first = row->resumed && x->request->nth == 1;
  gint64 from = x->has_range ? CUT : 0;

  append_field (headers, "Repr-Digest: sha-256=:", GNUTLS_DIG_SHA256, 0, row->repr);
  append_field (headers, "Content-Digest: sha-256=:", GNUTLS_DIG_SHA256, from, row->content_digest);
  append_field (headers, "Content-MD5: ", GNUTLS_DIG_MD5, from, row->content_md5);
  answer.headers = headers->str;
  answer.cut = is_first ? CUT : 0;
  test_answer (x, &answer);
}

static void
test_digest (gconstpointer data)
{
  const DigestRow *row = data;
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) outcome = NULL;

  g_test_message ("%s", row->rule);
  test_server_add (server, "/file.bin", answer_with_digests, (gpointer) row);
  test_bed_set_url (bed, server, "/file.bin");
  if (row->option != NONE)
    {
      bed->plan->has_digest = TRUE;
      bed->plan->digest.algorithm = row->weak ? FERRY_DIGEST_MD5 : FERRY_DIGEST_SHA_256;
      hash (row->weak ? GNUTLS_DIG_MD5 : GNUTLS_DIG_SHA256, 0, row->option,
            bed->plan->digest.bytes);
    }
  if (row->resumed)
    {
      g_autoptr(FerrydOutcome) first = test_bed_run (bed);

      test_bed_assert_word (bed, first, "truncated");
    }

  outcome = test_bed_run (bed);
  test_bed_assert_word (bed, outcome, row->end);
  g_assert_cmpstr (test_request_get_header (test_server_get_request (server, 0),
                                            "Want-Repr-Digest"),
                   ==, "sha-256=10, sha-512=9");
  if (outcome->error == NULL)
    {
      test_bed_assert_file (bed, outcome, &content);
      if (row->resumed)
        g_assert_cmpint (atomic_load (&bed->tally.resumed_at), ==, CUT);
      if (row->compared)
        g_assert_true (outcome->has_digest);
      if (row->compared && row->option == RIGHT && row->repr == NONE)
        g_assert_true (ferry_digest_equal (&outcome->digest, &bed->plan->digest));
    }
  else
    {
      g_autofree char *list = test_bed_list (bed);

      g_assert_cmpstr (list, ==, "");
      g_assert_cmpint (outcome->kept->part.offset, ==, 0);
    }
}

/* §6: a splice that the overlap could not see does not pass the digest. */
static void
test_splice (void)
{
  static const TestContent changed = V1_CHANGED_EARLY;
  g_autoptr(TestServer) server = test_server_new (NULL);
  g_autoptr(TestBed) bed = test_bed_new ();
  g_autoptr(FerrydOutcome) first = NULL;
  g_autoptr(FerrydOutcome) second = NULL;
  g_autofree char *hex = test_content_sha256 (&changed);
  g_autofree char *digest = g_strconcat ("sha-256=", hex, NULL);
  TestAnswer answer = FIRST_CUT (.etag = NULL);

  g_assert_true (ferry_digest_parse (digest, &bed->plan->digest, NULL));
  bed->plan->has_digest = TRUE;
  bed->plan->resume_unproven = TRUE;
  test_server_add (server, "/file.bin", test_answer, &answer);
  test_bed_set_url (bed, server, "/file.bin");
  first = test_bed_run (bed);
  test_bed_assert_word (bed, first, "truncated");
  (void) test_server_get_request (server, 0);
  answer.content = changed;
  answer.cut = 0;
  second = test_bed_run (bed);
  test_bed_assert_word (bed, second, "digest");
}

int
main (int   argc,
      char *argv[])
{
  test_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (digests); i++)
    {
      g_autofree char *path = g_strconcat ("/digests/", digests[i].name, NULL);

      g_test_add_data_func (path, &digests[i], test_digest);
    }
  g_test_add_func ("/digests/splice", test_splice);
  return g_test_run ();
}
