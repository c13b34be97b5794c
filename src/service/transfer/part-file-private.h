/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "transfer/part-file.h"

G_BEGIN_DECLS

struct _FerrydPartFile
{
  const FerrydPlan *plan;        /* unowned; outlives us */
  FerrydKept       *kept;        /* unowned; the run's working copy */
  int               folder;      /* owned descriptor */
  int               fd;          /* owned descriptor of kept->part; −1: none is open */
  gint64            position;    /* where the next byte goes; at or behind kept->part.offset */
  gint64            begun;       /* bytes before it are on their way to the disk, or there */
  gboolean          name_is_durable;
};

/* Has the store write down what the run keeps, in the engine's words if it fails. */
gboolean ferryd_part_file_checkpoint (FerrydPartFile  *self,
                                      GError         **error);

G_END_DECLS
