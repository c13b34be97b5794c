/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-digest"

#include "config.h"

#include <string.h>

#include "digest.h"
#include "error.h"

#define WHITE_SPACE " \t"

/* Hexadecimal SHA-512; what is longer is no digest, and is not decoded to find that out. */
#define MAX_TEXT_LENGTH (2 * FERRY_DIGEST_MAX_LENGTH)

typedef struct
{
  const char *name;
  const char *short_name;   /* as other programs write it */
  const char *field_name;   /* in the register of RFC 9530 §5 */
  gsize       length;       /* in bytes */
  guint       strength;     /* only the order counts */
  gboolean    weak;         /* collisions can be made */
} Algorithm;

static const Algorithm algorithms[] = {
  [FERRY_DIGEST_SHA_256] = { "sha-256", "sha256", "sha-256", 32, 3, FALSE },
  [FERRY_DIGEST_SHA_512] = { "sha-512", "sha512", "sha-512", 64, 4, FALSE },
  [FERRY_DIGEST_SHA_1] = { "sha-1", "sha1", "sha", 20, 2, TRUE },
  [FERRY_DIGEST_MD5] = { "md5", "md5", "md5", 16, 1, TRUE },
};
G_STATIC_ASSERT (G_N_ELEMENTS (algorithms) == FERRY_N_DIGEST_ALGORITHMS);

/**
 * ferry_digest_algorithm_get_length:
 * @algorithm: an algorithm
 *
 * Returns: the length of its digests in bytes
 */
gsize
ferry_digest_algorithm_get_length (FerryDigestAlgorithm algorithm)
{
  g_return_val_if_fail ((guint) algorithm < FERRY_N_DIGEST_ALGORITHMS, 0);

  return algorithms[algorithm].length;
}

/**
 * ferry_digest_algorithm_get_name:
 * @algorithm: an algorithm
 *
 * Returns: its name, such as `sha-256`
 */
const char *
ferry_digest_algorithm_get_name (FerryDigestAlgorithm algorithm)
{
  g_return_val_if_fail ((guint) algorithm < FERRY_N_DIGEST_ALGORITHMS, NULL);

  return algorithms[algorithm].name;
}

/**
 * ferry_digest_algorithm_is_weak:
 * @algorithm: an algorithm
 *
 * Returns: whether it finds damage only, as other bytes with the same digest can be made
 */
gboolean
ferry_digest_algorithm_is_weak (FerryDigestAlgorithm algorithm)
{
  g_return_val_if_fail ((guint) algorithm < FERRY_N_DIGEST_ALGORITHMS, TRUE);

  return algorithms[algorithm].weak;
}

static gboolean
find_algorithm (const char           *name,
                FerryDigestAlgorithm *algorithm)
{
  for (guint i = 0; i < G_N_ELEMENTS (algorithms); i++)
    {
      if (g_ascii_strcasecmp (name, algorithms[i].name) == 0 ||
          g_ascii_strcasecmp (name, algorithms[i].short_name) == 0)
        {
          *algorithm = (FerryDigestAlgorithm) i;
          return TRUE;
        }
    }

  return FALSE;
}

static gboolean
is_hex (const char *text)
{
  return *text != '\0' && text[strspn (text, G_CSET_DIGITS "abcdefABCDEF")] == '\0';
}

/* Base64 with or without its padding (RFC 4648 §4). GLib's decoder skips what is not Base64. */
static guchar *
decode_base64 (const char *text,
               gsize      *n_bytes)
{
  gsize length = strspn (text, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "+/");
  gsize padding = strspn (text + length, "=");
  g_autofree char *padded = NULL;

  if (text[length + padding] != '\0' || length == 0 || length % 4 == 1 ||
      (padding > 0 && (padding > 2 || (length + padding) % 4 != 0)))
    return NULL;

  padded = g_strdup_printf ("%.*s%.*s", (int) length, text, (int) ((4 - length % 4) % 4), "===");
  return g_base64_decode (padded, n_bytes);
}

static void
decode_hex (const char *text,
            gsize       n_bytes,
            guint8     *bytes)
{
  for (gsize i = 0; i < n_bytes; i++)
    bytes[i] = (guint8) (g_ascii_xdigit_value (text[2 * i]) << 4 |
                         g_ascii_xdigit_value (text[2 * i + 1]));
}

static gboolean
fill_from_base64 (FerryDigest          *digest,
                  FerryDigestAlgorithm  algorithm,
                  const char           *text)
{
  g_autofree guchar *bytes = NULL;
  gsize n_bytes = 0;

  if (strlen (text) > MAX_TEXT_LENGTH)
    return FALSE;

  bytes = decode_base64 (text, &n_bytes);
  if (bytes == NULL || n_bytes != algorithms[algorithm].length)
    return FALSE;

  *digest = (FerryDigest) { .algorithm = algorithm };
  memcpy (digest->bytes, bytes, n_bytes);
  return TRUE;
}

/* Says why @text, which could not be read, is no digest of @algorithm. */
static void
set_value_error (GError          **error,
                 const Algorithm  *algorithm,
                 const char       *text)
{
  g_autofree guchar *bytes = NULL;
  gsize length = strlen (text);
  gsize n_bytes = 0;

  if (is_hex (text))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                   "A %s digest has %" G_GSIZE_FORMAT " hexadecimal digits, not %" G_GSIZE_FORMAT,
                   algorithm->name, 2 * algorithm->length, length);
      return;
    }

  bytes = length <= MAX_TEXT_LENGTH ? decode_base64 (text, &n_bytes) : NULL;
  if (bytes != NULL)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                 "A %s digest has %" G_GSIZE_FORMAT " bytes, not %" G_GSIZE_FORMAT,
                 algorithm->name, algorithm->length, n_bytes);
  else
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                 "The %s digest is neither hexadecimal nor Base64", algorithm->name);
}

/**
 * ferry_digest_parse:
 * @text: such as `sha-256=` and the digest in hexadecimal or Base64
 * @digest: (out): the digest
 * @error: %FERRY_ERROR_INVALID_OPTION, saying what is wrong
 *
 * Reads a digest that a person or a program gives.
 *
 * Returns: whether @text is a digest
 */
gboolean
ferry_digest_parse (const char   *text,
                    FerryDigest  *digest,
                    GError      **error)
{
  g_auto(GStrv) halves = NULL;
  FerryDigestAlgorithm algorithm;

  g_return_val_if_fail (text != NULL, FALSE);
  g_return_val_if_fail (digest != NULL, FALSE);

  halves = g_strsplit (text, "=", 2);
  if (g_strv_length (halves) != 2)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                   "A digest is written as its algorithm, “=” and its value, such as “sha-256=…”");
      return FALSE;
    }

  g_strstrip (halves[0]);
  g_strstrip (halves[1]);
  if (!find_algorithm (halves[0], &algorithm))
    {
      g_autofree char *name = g_strescape (halves[0], NULL);

      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                   "The digest algorithm “%.32s” is not known", name);
      return FALSE;
    }

  if (is_hex (halves[1]) && strlen (halves[1]) == 2 * algorithms[algorithm].length)
    {
      *digest = (FerryDigest) { .algorithm = algorithm };
      decode_hex (halves[1], algorithms[algorithm].length, digest->bytes);
      return TRUE;
    }

  if (!fill_from_base64 (digest, algorithm, halves[1]))
    {
      set_value_error (error, &algorithms[algorithm], halves[1]);
      return FALSE;
    }

  return TRUE;
}

/* The end of a member: a comma outside a string (RFC 9651 §3.3.3). */
static const char *
find_member_end (const char *at)
{
  gboolean in_string = FALSE;

  for (; *at != '\0'; at++)
    {
      if (in_string && *at == '\\' && at[1] != '\0')
        at++;
      else if (*at == '"')
        in_string = !in_string;
      else if (*at == ',' && !in_string)
        break;
    }

  return at;
}

/* Reads one `key=:base64:;parameters`. */
static gboolean
parse_member (const char  *member,
              FerryDigest *digest)
{
  g_autofree char *encoded = NULL;
  const char *equals = strchr (member, '=');
  const char *end;

  if (equals == NULL || equals[1] != ':')
    return FALSE;

  end = strchr (equals + 2, ':');
  if (end == NULL || !(end[1] == '\0' || strchr (WHITE_SPACE ";", end[1]) != NULL))
    return FALSE;

  encoded = g_strndup (equals + 2, (gsize) (end - equals - 2));
  for (guint i = 0; i < G_N_ELEMENTS (algorithms); i++)
    {
      const char *name = algorithms[i].field_name;
      gsize length = strlen (name);

      if (length == (gsize) (equals - member) && g_ascii_strncasecmp (member, name, length) == 0)
        return fill_from_base64 (digest, (FerryDigestAlgorithm) i, encoded);
    }

  return FALSE;
}

/**
 * ferry_digest_parse_field:
 * @field: (nullable): the value of a `Repr-Digest` or `Content-Digest` header
 * @digest: (out): the strongest digest in it; untouched unless %TRUE is returned
 *
 * Reads a dictionary of digests (RFC 9530 §2 and §3, RFC 9651 §3.2).
 *
 * A member that is broken or of another algorithm is passed over: it takes nothing from the
 * others. Of two members of one algorithm the later counts, as in every such dictionary.
 *
 * Returns: whether there is a digest that can be checked
 */
gboolean
ferry_digest_parse_field (const char  *field,
                          FerryDigest *digest)
{
  guint strength = 0;

  g_return_val_if_fail (digest != NULL, FALSE);

  while (field != NULL && *field != '\0')
    {
      const char *start = field + strspn (field, WHITE_SPACE);
      const char *end = find_member_end (start);
      g_autofree char *member = g_strndup (start, (gsize) (end - start));
      FerryDigest found;

      if (parse_member (member, &found) && algorithms[found.algorithm].strength >= strength)
        {
          strength = algorithms[found.algorithm].strength;
          *digest = found;
        }
      field = *end == ',' ? end + 1 : end;
    }

  return strength > 0;
}

/**
 * ferry_digest_parse_content_md5:
 * @value: (nullable): the value of a `Content-MD5` header
 * @digest: (out): the digest; untouched unless %TRUE is returned
 *
 * Reads what servers sent before RFC 9530 (RFC 1864).
 *
 * Returns: whether @value is an MD5 digest
 */
gboolean
ferry_digest_parse_content_md5 (const char  *value,
                                FerryDigest *digest)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (digest != NULL, FALSE);

  if (value == NULL)
    return FALSE;

  text = g_strstrip (g_strdup (value));
  return fill_from_base64 (digest, FERRY_DIGEST_MD5, text);
}

/**
 * ferry_digest_to_string:
 * @digest: a digest
 *
 * Returns: @digest as ferry_digest_parse() reads it, in lower-case hexadecimal
 */
char *
ferry_digest_to_string (const FerryDigest *digest)
{
  GString *text;

  g_return_val_if_fail (digest != NULL, NULL);

  text = g_string_new (ferry_digest_algorithm_get_name (digest->algorithm));
  g_string_append_c (text, '=');
  for (gsize i = 0; i < ferry_digest_algorithm_get_length (digest->algorithm); i++)
    g_string_append_printf (text, "%02x", digest->bytes[i]);

  return g_string_free (text, FALSE);
}

/**
 * ferry_digest_equal:
 * @a: a digest
 * @b: another one
 *
 * Returns: whether both are of the same algorithm and the same bytes
 */
gboolean
ferry_digest_equal (const FerryDigest *a,
                    const FerryDigest *b)
{
  g_return_val_if_fail (a != NULL, FALSE);
  g_return_val_if_fail (b != NULL, FALSE);

  return a->algorithm == b->algorithm &&
         memcmp (a->bytes, b->bytes, ferry_digest_algorithm_get_length (a->algorithm)) == 0;
}
