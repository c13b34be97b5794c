/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One answer that a verb waits for, while the main loop turns. A value; begins as { NULL }. */
typedef struct
{
  GAsyncResult *result;  /* owned. NULL: it has not come */
} FerryAwait;

void          ferry_await_cb    (GObject      *source,
                                 GAsyncResult *result,
                                 gpointer      await);

GAsyncResult *ferry_await       (FerryAwait   *self);

void          ferry_await_clear (FerryAwait   *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerryAwait, ferry_await_clear)

G_END_DECLS
