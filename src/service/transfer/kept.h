/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A part file on disk and what is known of the version of the file that its bytes are from. A
 * value. */
typedef struct
{
  char     *name;            /* owned; in the destination folder. NULL: there is no part */
  /* the file is ours only under this number. 0: claimed, perhaps never made */
  guint64   inode;
  /* birth time in ns, where the file system has one: numbers are used again */
  gint64    born;
  gint64    offset;          /* bytes that would survive a power cut */
  gint64    total;           /* bytes of the whole; −1: unknown */
  char     *etag;            /* owned; as sent, `W/` and quotes and all. NULL: none */
  char     *last_modified;   /* owned; byte for byte as sent. NULL: none */
  /* `Last-Modified` was 60 s or more before `Date` (RFC 9110 §8.8.2.2) */
  gboolean  date_is_strong;
  char     *coding;          /* owned; `Content-Encoding`. NULL: none */
  gboolean  is_html;
  gboolean  refuses_ranges;  /* `Accept-Ranges: none` */
  char     *digest_field;    /* owned; `Repr-Digest` as sent. NULL: none */
  /* where a body of unknown length ended by the peer's closing without a word; −1: nowhere */
  gint64    silent_end;
  /* `total` is where the body ended, and nothing proves that it is whole */
  gboolean  total_is_guess;
} FerrydPart;

/*
 * FerrydKept:
 *
 * All that a run leaves for the next: a value that goes into the task's row at each checkpoint and
 * comes back in the plan of the next run.
 *
 * @part is the version that is being fetched. When the file changed on the server, @spare is the
 * longer of the versions before it, dropped when @part has passed it.
 *
 * @other and @other_spare lie in @other_folder, where a task's change of folder has made them or
 * left them: nobody needs them, and all that is to be done with them is to delete them.
 */
typedef struct
{
  FerrydPart  part;
  FerrydPart  spare;
  char       *other_folder;  /* owned; absolute path. NULL: there is none */
  FerrydPart  other;
  FerrydPart  other_spare;
  /* owned; the name the result is to have, before "(1)". NULL: not known yet */
  char       *file_name;
  /* owned; the name the part is about to get, or has. NULL: not there yet */
  char       *final_name;
  char       *current_url;   /* owned; after redirects. NULL: no answer yet */
  GVariant   *response;      /* owned; a{sv}: status, headers, MIME type. NULL: no answer yet */
  /* Unix µs of the last time that kept bytes had to go, the file having changed; 0: never */
  gint64      started_over;
} FerrydKept;

void        ferryd_part_init  (FerrydPart *part);

void        ferryd_part_clear (FerrydPart *part);

/* Overwrites @copy without a look at what is in it. */
void        ferryd_part_copy  (const FerrydPart *part,
                               FerrydPart       *copy);

FerrydKept *ferryd_kept_new   (void);

FerrydKept *ferryd_kept_copy  (const FerrydKept *kept);

void        ferryd_kept_free  (FerrydKept *kept);

/* Nothing is in another folder any more. */
void        ferryd_kept_drop_other (FerrydKept *kept);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydKept, ferryd_kept_free)

G_END_DECLS
