/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "transfer/part-file.h"

G_BEGIN_DECLS

/*
 * From a whole part to the file that was asked for. Each step is safe to be stopped after: either
 * the part is there and can be taken up, or the final name has the part's inode.
 */

/* In the worker: notes the final name, adds where the file is from. */
gboolean ferryd_publish_prepare       (FerrydPartFile  *file,
                                       GError         **error);

/* In the sync thread, a step at a time for all files that wait: bytes (begun for all, then
 * awaited), name; then the folder. */
void     ferryd_publish_start_flush   (FerrydPartFile *file);

gboolean ferryd_publish_flush         (FerrydPartFile  *file,
                                       GError         **error);

gboolean ferryd_publish_rename        (FerrydPartFile  *file,
                                       GError         **error);

/* Whether syncing one's folder syncs the other's. */
gboolean ferryd_publish_shares_folder (FerrydPartFile *file,
                                       FerrydPartFile *other);

G_END_DECLS
