/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "transfer/run.h"

G_BEGIN_DECLS

/* The part on disk that a run writes to, in its folder. Its numbers are in the run's
 * `kept.part`. */
typedef struct _FerrydPartFile FerrydPartFile;

/* Opens the destination folder; writes nothing. */
FerrydPartFile *ferryd_part_file_new           (const FerrydPlan  *plan,
                                                FerrydKept        *kept,
                                                GError           **error);

void            ferryd_part_file_free          (FerrydPartFile *self);

/* Whether an earlier run had given the part its final name when it was stopped. */
gboolean        ferryd_part_file_was_published (FerrydPartFile *self);

/* What is left to do after giving the part its final name: no other name, no spare, and a folder
 * that will not forget. */
gboolean        ferryd_part_file_finish_published (FerrydPartFile  *self,
                                                   GError         **error);

/* Opens the kept part, if there is one and it is still ours, and cuts it to its durable offset;
 * else forgets it. */
gboolean        ferryd_part_file_reopen        (FerrydPartFile  *self,
                                                GError         **error);

/* Makes a file for @part (a version, still without a file), which becomes the part and is taken
 * over. Kept bytes become the spare. */
gboolean        ferryd_part_file_reserve       (FerrydPartFile  *self,
                                                FerrydPart      *part,
                                                GError         **error);

/* Goes back to the spare: it turned out to be the server's version after all. */
gboolean        ferryd_part_file_swap          (FerrydPartFile  *self,
                                                GError         **error);

/* Bytes that are in the file: the durable ones, and those written since. */
gint64          ferryd_part_file_get_position  (FerrydPartFile *self);

gboolean        ferryd_part_file_write         (FerrydPartFile  *self,
                                                const guint8    *bytes,
                                                gsize            n,
                                                GError         **error);

/* Reads exactly @n bytes from @offset on. */
gboolean        ferryd_part_file_read          (FerrydPartFile  *self,
                                                gint64           offset,
                                                guint8          *bytes,
                                                gsize            n,
                                                GError         **error);

/* Makes what is written durable, and the store know of it. */
gboolean        ferryd_part_file_sync          (FerrydPartFile  *self,
                                                GError         **error);

/* Cuts the file back to @offset, a place that is durable or before it. */
gboolean        ferryd_part_file_cut           (FerrydPartFile  *self,
                                                gint64           offset,
                                                GError         **error);

/* Forgets the version before this one, and deletes its file. */
void            ferryd_part_file_drop_spare    (FerrydPartFile *self);

/* Deletes all files that are ours, and forgets them. */
void            ferryd_part_file_discard       (FerrydPartFile *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydPartFile, ferryd_part_file_free)

G_END_DECLS
