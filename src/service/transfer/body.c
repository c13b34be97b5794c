/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-body"

#include "config.h"

#include "transfer/body.h"
#include "transfer/exchange.h"
#include "transfer/http-private.h"
#include "transfer/throttle.h"

/* Reads begin small, for a thousand small files, and grow while they come back full: fewer calls
 * for a large one. */
#define SMALLEST_BUFFER (64 * 1024)
#define LARGEST_BUFFER (1024 * 1024)
#define LARGEST_BY_RECORDS (256 * 1024)

/* What is written is made durable after so many bytes, but not more often than once a second: a
 * sync and a commit for each 30 ms of a fast download would cost a quarter of its CPU time, and win
 * nothing. After five seconds always: a crash costs at most as much work. */
#define SYNC_BYTES (16 * 1024 * 1024)
#define SYNC_SOONEST_US G_USEC_PER_SEC
#define SYNC_LATEST_US (5 * G_USEC_PER_SEC)

/* Put where the next byte goes, before each read. libsoup 3.2 reads the line behind the last chunk
 * into our buffer, and takes any line for the empty one that it should be. */
#define NOT_WRITTEN 0x01

typedef struct
{
  FerrydBody     *body;
  guint8         *buffer;       /* owned */
  gsize           size;
  gboolean        was_full;     /* the last read filled it */
  gboolean        by_records;   /* TLS: a read brings 16 KiB at most, and the rest may be there */
  GError         *trouble;      /* owned; that came behind bytes. NULL: none */
  gboolean        has_gone_on;  /* behind the bytes that we had */
  gint64          position;     /* of the next byte that comes, in the file */
  gint64          end;          /* behind the last byte that was announced; −1: nobody knows */
  gint64          synced_at;    /* monotonic µs */
  FerrydDigester *part_digest;  /* owned; of this body alone. NULL: none was announced */
} Copy;

static void
clear_copy (Copy *copy)
{
  g_clear_pointer (&copy->buffer, g_free);
  g_clear_pointer (&copy->part_digest, ferryd_digester_free);
  g_clear_error (&copy->trouble);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Copy, clear_copy)

/* `Content-Digest` (RFC 9530) and the older `Content-MD5` cover the bytes of this very answer. */
static FerrydDigester *
new_part_digester (FerrydAnswer *answer)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (answer->message);
  const char *content_digest = soup_message_headers_get_list (headers, "Content-Digest");
  const char *md5 = soup_message_headers_get_one (headers, "Content-MD5");
  g_autoptr(FerrydDigester) digester = ferryd_digester_new ();
  FerryDigest digest;

  if (content_digest != NULL && ferry_digest_parse_field (content_digest, &digest))
    ferryd_digester_expect (digester, &digest, "Content-Digest");
  if (md5 != NULL && ferry_digest_parse_content_md5 (md5, &digest))
    ferryd_digester_expect (digester, &digest, "Content-MD5");

  return ferryd_digester_is_empty (digester) ? NULL : g_steal_pointer (&digester);
}

/* Where libsoup reads to a length that is known: there no read of ours is the one that ends it. */
static gboolean
comes_by_records (FerrydAnswer *answer)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (answer->message);
  const char *scheme = g_uri_get_scheme (soup_message_get_uri (answer->message));

  return g_str_equal (scheme, "https") && G_IS_POLLABLE_INPUT_STREAM (answer->body) &&
         soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH;
}

static void
init_copy (Copy       *copy,
           FerrydBody *body)
{
  const FerrydFacts *facts = &body->answer->facts;
  const FerrydPart *part = &body->run->outcome->kept->part;
  gboolean is_partial = facts->status == SOUP_STATUS_PARTIAL_CONTENT;

  copy->body = body;
  copy->size = SMALLEST_BUFFER;
  copy->buffer = g_malloc (copy->size);
  copy->position = is_partial ? facts->range.start : 0;
  copy->end = is_partial ? facts->range.end + 1 : facts->length;
  if (copy->end < 0)
    copy->end = part->total;
  copy->synced_at = g_get_monotonic_time ();
  copy->part_digest = new_part_digester (body->answer);
  copy->by_records = facts->length >= 0 && copy->end >= 0 && comes_by_records (body->answer);
}

/* The bytes that we have already. Returns how many of the @n were such; −1: trouble, or they
 * differ. */
static gssize
pass_kept (Copy    *copy,
           gsize    n,
           GError **error)
{
  FerrydBody *body = copy->body;
  gint64 have = ferryd_part_file_get_position (body->file) - copy->position;
  gsize known = (gsize) CLAMP (have, 0, (gint64) n);
  g_autofree guint8 *ours = NULL;

  if (known == 0 || !body->compare)
    return known;

  ours = g_malloc (known);
  if (!ferryd_part_file_read (body->file, copy->position, ours, known, error))
    return -1;

  body->differs = memcmp (ours, copy->buffer, known) != 0;
  return body->differs ? -1 : (gssize) known;
}

static gboolean
take_bytes (Copy    *copy,
            gsize    n,
            GError **error)
{
  FerrydBody *body = copy->body;
  FerrydTally *tally = body->run->tally;
  gssize known;

  if (copy->end >= 0 && copy->position + (gint64) n > copy->end)
    {
      g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_SERVER,
                   "The server sent more bytes than it had announced");
      return FALSE;
    }

  known = pass_kept (copy, n, error);
  if (known < 0)
    return FALSE;

  /* The first new byte: what we had before it has stood the test. */
  if ((gsize) known < n && !copy->has_gone_on)
    {
      copy->has_gone_on = TRUE;
      atomic_store (&tally->resumed_at, copy->position + known > 0 ? copy->position + known : -1);
    }

  if (copy->part_digest != NULL)
    ferryd_digester_update (copy->part_digest, copy->buffer, n);
  if (body->digester != NULL)
    ferryd_digester_update (body->digester, copy->buffer + known, n - known);
  if (!ferryd_part_file_write (body->file, copy->buffer + known, n - known, error))
    return FALSE;

  copy->position += n;
  atomic_store_explicit (&tally->received, ferryd_part_file_get_position (body->file),
                         memory_order_relaxed);
  atomic_fetch_add_explicit (&tally->moved, (gint64) n, memory_order_relaxed);
  return TRUE;
}

static gboolean
sync_now_and_then (Copy    *copy,
                   GError **error)
{
  FerrydBody *body = copy->body;
  gint64 elapsed = g_get_monotonic_time () - copy->synced_at;
  gint64 unsynced =
    ferryd_part_file_get_position (body->file) - body->run->outcome->kept->part.offset;

  if (elapsed < SYNC_SOONEST_US || (unsynced < SYNC_BYTES && elapsed < SYNC_LATEST_US))
    return TRUE;

  if (!ferryd_part_file_sync (body->file, error))
    return FALSE;

  copy->synced_at = g_get_monotonic_time ();
  return TRUE;
}

/* Behind the @n bytes of a record come those of the next ones that are here already: a write for
 * each would cost a tenth of the CPU time. Returns how many there are then. */
static gssize
read_on (Copy   *copy,
         gssize  n,
         gsize   wanted)
{
  GPollableInputStream *stream = G_POLLABLE_INPUT_STREAM (copy->body->answer->body);
  gssize most = (gssize) MIN ((gint64) wanted, copy->end - copy->position);
  gssize more = n;

  while (n < most && more > 0)
    {
      more = g_pollable_input_stream_read_nonblocking (stream, copy->buffer + n,
                                                       (gsize) (most - n),
                                                       copy->body->run->cancellable,
                                                       &copy->trouble);
      n += MAX (more, 0);
    }
  if (g_error_matches (copy->trouble, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    g_clear_error (&copy->trouble);

  return n;
}

/* Returns the bytes that came, 0 at the end, −1: @cause says what is wrong. */
static gssize
read_into (Copy    *copy,
           gsize    wanted,
           GError **cause)
{
  FerrydBody *body = copy->body;
  gssize n;

  if (copy->trouble != NULL)
    {
      *cause = g_steal_pointer (&copy->trouble);
      return -1;
    }

  n = g_input_stream_read (body->answer->body, copy->buffer, wanted, body->run->cancellable,
                           cause);
  return n > 0 && copy->by_records ? read_on (copy, n, wanted) : n;
}

/* Returns the bytes that came, 0 at the end, −1 on an error, which is in our words. */
static gssize
read_some (Copy    *copy,
           GError **error)
{
  FerrydBody *body = copy->body;
  FerrydRun *run = body->run;
  FerrydThrottle *throttle = run->plan->throttle;
  GError *cause = NULL;
  gsize wanted;
  gssize n;

  if (copy->was_full && copy->size < (copy->by_records ? LARGEST_BY_RECORDS : LARGEST_BUFFER))
    {
      copy->size *= 2;
      copy->buffer = g_realloc (copy->buffer, copy->size);
    }

  wanted = copy->size;
  if (throttle != NULL)
    {
      wanted = ferryd_throttle_take (throttle, wanted, run->cancellable);
      if (wanted == 0)
        {
          g_set_error_literal (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_CANCELLED,
                               "The transfer was stopped");
          return -1;
        }
    }

  copy->buffer[0] = NOT_WRITTEN;
  ferryd_tally_touch (run->tally);
  n = read_into (copy, wanted, &cause);
  ferryd_tally_work (run->tally);
  if (throttle != NULL)
    ferryd_throttle_give_back (throttle, wanted - MAX (n, 0));

  if (n < 0)
    ferryd_exchange_propagate (run, body->answer->message, TRUE, error, cause);
  copy->was_full = n > 0 && (gsize) n == copy->size;

  return n;
}

static gboolean
fail_truncated (Copy    *copy,
                GError **error)
{
  g_autofree char *host =
    g_strdup (g_uri_get_host (soup_message_get_uri (copy->body->answer->message)));

  if (copy->end >= 0)
    g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_TRUNCATED,
                 "%s: the connection was cut, %" G_GINT64_FORMAT " bytes before the end",
                 host, copy->end - copy->position);
  else
    g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_TRUNCATED,
                 "%s closed the connection without a word", host);

  return FALSE;
}

/* Whether the empty line behind the last chunk was read. FALSE proves nothing. */
static gboolean
saw_last_line (const Copy *copy)
{
  return copy->buffer[0] == '\r' || copy->buffer[0] == '\n';
}

/*
 * The end of a body whose length nobody announced. libsoup calls it an end also when chunks were
 * cut at a boundary, or a size was garbage. Where the last line was not seen, a peer that closed
 * without having said so is not believed the first time; ending there twice, it is.
 */
static gboolean
check_unknown_end (Copy    *copy,
                   GError **error)
{
  FerrydBody *body = copy->body;
  FerrydRun *run = body->run;
  FerrydPart *part = &run->outcome->kept->part;
  SoupMessage *message = body->answer->message;
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  gboolean is_chunked = soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CHUNKED;
  gboolean is_proven = is_chunked && saw_last_line (copy);
  gboolean is_odd = is_chunked && !is_proven &&
                    (copy->buffer[0] != NOT_WRITTEN ||
                     (!ferryd_facts_said_close (message) &&
                      ferryd_http_peer_has_closed (run->plan->http, message)));

  if (copy->position < ferryd_part_file_get_position (body->file))
    return fail_truncated (copy, error);

  if (is_odd && part->silent_end != copy->position)
    {
      part->silent_end = copy->position;
      return fail_truncated (copy, error);
    }

  part->total = copy->position;
  part->total_is_guess = !is_proven;
  return TRUE;
}

/* All ends of bodies go through here. */
static gboolean
check_end (Copy    *copy,
           GError **error)
{
  FerryDigest digest;

  if (copy->end >= 0 && copy->position < copy->end)
    return fail_truncated (copy, error);

  if (copy->part_digest != NULL && !ferryd_digester_finish (copy->part_digest, &digest, error))
    return FALSE;

  return copy->end >= 0 || check_unknown_end (copy, error);
}

/* Bytes behind the announced end show that the length was wrong. The read that tells us of the
 * end gives the connection away. */
static gboolean
check_no_more (Copy    *copy,
               GError **error)
{
  FerrydAnswer *answer = copy->body->answer;
  gboolean is_plain = g_strcmp0 (g_uri_get_scheme (soup_message_get_uri (answer->message)),
                                 "http") == 0;

  if (copy->end < 0 || copy->position != copy->end || !is_plain || answer->facts.length < 0 ||
      !ferryd_http_has_bytes_left (copy->body->run->plan->http, answer->message))
    return TRUE;

  g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_SERVER,
               "The server sent more bytes than it had announced");
  return FALSE;
}

gboolean
ferryd_body_copy (FerrydBody  *self,
                  GError     **error)
{
  g_auto(Copy) copy = { 0 };
  gssize n;

  init_copy (&copy, self);
  while (check_no_more (&copy, error))
    {
      n = read_some (&copy, error);
      if (n < 0)
        return FALSE;
      if (n == 0)
        return check_end (&copy, error);
      if (!take_bytes (&copy, n, error) || !sync_now_and_then (&copy, error))
        return FALSE;
    }

  return FALSE;
}
