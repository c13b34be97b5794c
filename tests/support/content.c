/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-content"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <string.h>
#include <unistd.h>

#include "support/content.h"

#define PIECE (256 * 1024)

/* SplitMix64, by Sebastiano Vigna: each word of the file is its own generator's first. */
static guint64
word_at (guint64 seed,
         guint64 index)
{
  guint64 z = (seed * G_GUINT64_CONSTANT (0xd1342543de82ef95)) +
              (index + 1) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

void
test_content_fill (const TestContent *content,
                   gint64             offset,
                   guint8            *buffer,
                   gsize              n)
{
  gint64 from = MAX (offset, content->changed_at);
  gint64 to = MIN (offset + (gint64) n, content->changed_at + TEST_CHANGE_SIZE);
  gsize done = 0;

  if (content->seed == 0)
    {
      memset (buffer, 0, n);
      done = n;
    }

  while (done < n)
    {
      guint64 word = GUINT64_TO_LE (word_at (content->seed, (offset + done) / sizeof (guint64)));
      gsize skip = (offset + done) % sizeof word;
      gsize length = MIN (sizeof word - skip, n - done);

      memcpy (buffer + done, (guint8 *) &word + skip, length);
      done += length;
    }

  if (content->changed_at > 0)
    for (; from < to; from++)
      buffer[from - offset] ^= 0xa5;
}

static char *
digest_to_string (gnutls_hash_hd_t hash)
{
  guint8 digest[32];
  GString *text = g_string_new (NULL);

  gnutls_hash_deinit (hash, digest);
  for (gsize i = 0; i < sizeof digest; i++)
    g_string_append_printf (text, "%02x", digest[i]);
  return g_string_free (text, FALSE);
}

static gnutls_hash_hd_t
digest_begin (void)
{
  gnutls_hash_hd_t hash;

  g_assert_cmpint (gnutls_hash_init (&hash, GNUTLS_DIG_SHA256), ==, 0);
  return hash;
}

char *
test_content_sha256 (const TestContent *content)
{
  gnutls_hash_hd_t hash = digest_begin ();
  g_autofree guint8 *buffer = g_malloc (PIECE);

  for (gint64 at = 0; at < content->size; at += PIECE)
    {
      gsize n = MIN (PIECE, content->size - at);

      test_content_fill (content, at, buffer, n);
      gnutls_hash (hash, buffer, n);
    }
  return digest_to_string (hash);
}

char *
test_file_sha256 (const char *path)
{
  gnutls_hash_hd_t hash = digest_begin ();
  g_autofree guint8 *buffer = g_malloc (PIECE);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gssize n;

  g_assert_no_errno (fd);
  while ((n = read (fd, buffer, PIECE)) > 0)
    gnutls_hash (hash, buffer, n);
  g_assert_no_errno (n);
  (void) close (fd);  /* only read */
  return digest_to_string (hash);
}

gboolean
test_content_is_file (const TestContent *content,
                      const char        *path)
{
  g_autofree guint8 *here = g_malloc (PIECE);
  g_autofree guint8 *there = g_malloc (PIECE);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gint64 at = 0;
  gssize n;

  g_assert_no_errno (fd);
  while ((n = read (fd, here, PIECE)) > 0)
    {
      test_content_fill (content, at, there, n);
      if (memcmp (here, there, n) != 0)
        break;
      at += n;
    }
  g_assert_no_errno (n);
  (void) close (fd);  /* only read */
  return n == 0 && at == content->size;
}

void
test_content_write (const TestContent *content,
                    const char        *path,
                    gint64             size)
{
  g_autofree guint8 *buffer = g_malloc (PIECE);
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  gint64 at = content->seed == 0 && content->changed_at == 0 ? size : 0;

  g_assert_no_errno (fd);
  if (content->seed == 0 && content->changed_at > 0)
    at = MIN (size, content->changed_at);
  g_assert_no_errno (ftruncate (fd, size));
  while (at < size)
    {
      gsize n = MIN (PIECE, size - at);

      test_content_fill (content, at, buffer, n);
      g_assert_cmpint (pwrite (fd, buffer, n, at), ==, n);
      at += n;
    }
  g_assert_no_errno (close (fd));
}
