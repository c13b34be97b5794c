/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-digester"

#include "config.h"

#include <gnutls/crypto.h>

#include "transfer/digester.h"
#include "transfer/outcome.h"

/* GLib's GChecksum does SHA-256 at a fifth of GnuTLS's speed, which is here for TLS anyway. */
static const gnutls_digest_algorithm_t algorithms[] = {
  [FERRY_DIGEST_SHA_256] = GNUTLS_DIG_SHA256,
  [FERRY_DIGEST_SHA_512] = GNUTLS_DIG_SHA512,
  [FERRY_DIGEST_SHA_1] = GNUTLS_DIG_SHA1,
  [FERRY_DIGEST_MD5] = GNUTLS_DIG_MD5,
};
G_STATIC_ASSERT (G_N_ELEMENTS (algorithms) == FERRY_N_DIGEST_ALGORITHMS);

/* From the strongest to the weakest. */
static const FerryDigestAlgorithm by_strength[] = {
  FERRY_DIGEST_SHA_512, FERRY_DIGEST_SHA_256, FERRY_DIGEST_SHA_1, FERRY_DIGEST_MD5,
};

typedef struct
{
  FerryDigest  digest;
  const char  *source;  /* a literal */
} Expectation;

struct _FerrydDigester
{
  GArray           *expectations;                      /* owned; of Expectation */
  gnutls_hash_hd_t hashes[FERRY_N_DIGEST_ALGORITHMS];  /* owned; NULL: not asked for */
};

FerrydDigester *
ferryd_digester_new (void)
{
  FerrydDigester *self = g_new0 (FerrydDigester, 1);

  self->expectations = g_array_new (FALSE, FALSE, sizeof (Expectation));
  return self;
}

void
ferryd_digester_free (FerrydDigester *self)
{
  for (guint i = 0; i < FERRY_N_DIGEST_ALGORITHMS; i++)
    {
      if (self->hashes[i] != NULL)
        gnutls_hash_deinit (self->hashes[i], NULL);
    }

  g_array_unref (self->expectations);
  g_free (self);
}

void
ferryd_digester_expect (FerrydDigester    *self,
                        const FerryDigest *digest,
                        const char        *source)
{
  Expectation expectation = { *digest, source };

  g_array_append_val (self->expectations, expectation);
  if (self->hashes[digest->algorithm] == NULL &&
      gnutls_hash_init (&self->hashes[digest->algorithm], algorithms[digest->algorithm]) < 0)
    g_error ("GnuTLS has no %s", ferry_digest_algorithm_get_name (digest->algorithm));
}

gboolean
ferryd_digester_is_empty (FerrydDigester *self)
{
  return self->expectations->len == 0;
}

void
ferryd_digester_update (FerrydDigester *self,
                        const guint8   *bytes,
                        gsize           n)
{
  for (guint i = 0; i < FERRY_N_DIGEST_ALGORITHMS; i++)
    {
      if (self->hashes[i] != NULL && gnutls_hash (self->hashes[i], bytes, n) < 0)
        g_error ("GnuTLS cannot compute %s", ferry_digest_algorithm_get_name (i));
    }
}

gboolean
ferryd_digester_finish (FerrydDigester  *self,
                        FerryDigest     *strongest,
                        GError         **error)
{
  FerryDigest found[FERRY_N_DIGEST_ALGORITHMS];

  for (guint i = 0; i < FERRY_N_DIGEST_ALGORITHMS; i++)
    {
      found[i] = (FerryDigest) { .algorithm = i };
      if (self->hashes[i] != NULL)
        gnutls_hash_output (self->hashes[i], found[i].bytes);
    }

  for (guint i = 0; i < self->expectations->len; i++)
    {
      const Expectation *expected = &g_array_index (self->expectations, Expectation, i);
      g_autofree char *wanted = NULL;
      g_autofree char *got = NULL;

      if (ferry_digest_equal (&expected->digest, &found[expected->digest.algorithm]))
        continue;

      wanted = ferry_digest_to_string (&expected->digest);
      got = ferry_digest_to_string (&found[expected->digest.algorithm]);
      g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_DIGEST,
                   "The bytes are not those that %s announced: %s, not %s", expected->source, got,
                     wanted);
      return FALSE;
    }

  for (guint i = 0; i < G_N_ELEMENTS (by_strength); i++)
    {
      if (self->hashes[by_strength[i]] != NULL)
        {
          *strongest = found[by_strength[i]];
          break;
        }
    }

  return TRUE;
}
