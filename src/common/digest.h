/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * FerryDigestAlgorithm:
 * @FERRY_DIGEST_SHA_256: SHA-256
 * @FERRY_DIGEST_SHA_512: SHA-512
 * @FERRY_DIGEST_SHA_1: SHA-1, weak
 * @FERRY_DIGEST_MD5: MD5, weak
 *
 * The algorithms by which bytes can be checked.
 */
typedef enum
{
  FERRY_DIGEST_SHA_256,
  FERRY_DIGEST_SHA_512,
  FERRY_DIGEST_SHA_1,
  FERRY_DIGEST_MD5,
} FerryDigestAlgorithm;

#define FERRY_N_DIGEST_ALGORITHMS (FERRY_DIGEST_MD5 + 1)

/* That of the longest, SHA-512. */
#define FERRY_DIGEST_MAX_LENGTH 64

/**
 * FerryDigest:
 * @algorithm: what made it
 * @bytes: the digest; as many as the algorithm has count, the others are 0
 *
 * What bytes are announced to be, or were found to be.
 */
typedef struct
{
  FerryDigestAlgorithm algorithm;
  guint8               bytes[FERRY_DIGEST_MAX_LENGTH];
} FerryDigest;

gsize       ferry_digest_algorithm_get_length (FerryDigestAlgorithm algorithm);

const char *ferry_digest_algorithm_get_name   (FerryDigestAlgorithm algorithm);

gboolean    ferry_digest_algorithm_is_weak    (FerryDigestAlgorithm algorithm);

gboolean    ferry_digest_parse                (const char          *text,
                                               FerryDigest         *digest,
                                               GError             **error);

gboolean    ferry_digest_parse_field          (const char          *field,
                                               FerryDigest         *digest);

gboolean    ferry_digest_parse_content_md5    (const char          *value,
                                               FerryDigest         *digest);

char       *ferry_digest_to_string            (const FerryDigest   *digest);

gboolean    ferry_digest_equal                (const FerryDigest   *a,
                                               const FerryDigest   *b);

G_END_DECLS
