/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "common/content-range.h"
#include "transfer/kept.h"

G_BEGIN_DECLS

/* What an answer says of the file that its body is from: what decides about resuming. A value,
 * without libsoup. */
typedef struct
{
  guint              status;
  char              *etag;           /* owned; NULL: none */
  char              *last_modified;  /* owned; NULL: none, or no date */
  gboolean           date_is_strong;
  char              *coding;         /* owned; NULL: none */
  gint64             length;         /* of the body, as announced; −1: unknown */
  gboolean           has_lengths;    /* several, and not the same (RFC 9112 §6.3) */
  gboolean           has_range;      /* a Content-Range that makes sense, in the one below */
  FerryContentRange  range;
  gboolean           is_multipart;   /* multipart/byteranges */
  gboolean           is_html;
  gboolean           refuses_ranges;
  char              *digest_field;   /* owned; `Repr-Digest`. NULL: none */
} FerrydFacts;

void      ferryd_facts_read              (FerrydFacts *facts,
                                          SoupMessage *message);

void      ferryd_facts_clear             (FerrydFacts *facts);

/* Makes @part, still without a file, one of the version that @facts tell of. */
void      ferryd_facts_describe          (const FerrydFacts *facts,
                                          FerrydPart        *part);

/* The property `Response`: a{sv} with status, headers less cookies and challenges, MIME type. */
GVariant *ferryd_facts_describe_response (SoupMessage *message);

/* What the file that @message brings is to be called: @wanted (nullable), else as the server says,
 * else as its address or @url say. Never NULL. */
char     *ferryd_facts_choose_name       (SoupMessage *message,
                                          const char  *wanted,
                                          const char  *url);

/* Seconds of `Retry-After`; −1: nothing said. */
gint64    ferryd_facts_get_retry_after   (SoupMessage *message);

/* Whether the server said that it would close the connection, so that its closing proves
 * nothing. */
gboolean  ferryd_facts_said_close        (SoupMessage *message);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerrydFacts, ferryd_facts_clear)

G_END_DECLS
