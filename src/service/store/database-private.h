/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/database.h"
#include "store/worker.h"

G_BEGIN_DECLS

/* ISO C knows no way from a function to a pointer. */
#define TAG(function) ((gpointer) (guintptr) (function))

struct _FerrydDatabase
{
  GObject       parent_instance;

  FerrydWorker *worker;       /* owned */
  char         *moved_aside;  /* owned; NULL: no file was damaged */
  GPtrArray    *hsts_hosts;   /* owned; FerrydHstsRow as last loaded. NULL: not loaded */
  GPtrArray    *closing;      /* owned; GTask of each close that waits. NULL: none has begun */
  gboolean      closed;
};

FerrydRequest *ferryd_database_new_request    (FerrydDatabase        *self,
                                               FerrydRequestKind      kind,
                                               GCancellable          *cancellable,
                                               gpointer               source_tag,
                                               GAsyncReadyCallback    callback,
                                               gpointer               user_data);

gboolean       ferryd_database_finish_request (GAsyncResult          *result,
                                               gint64                *id,
                                               GError               **error);

/* Sets those members of @iface that write. */
void           ferryd_database_init_requests  (FerrydStoreInterface  *iface);

G_END_DECLS
