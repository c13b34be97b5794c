/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "store/request.h"

G_BEGIN_DECLS

/* Called in the main context with an answered request (transfer full). */
typedef void (* FerrydAnswerFunc) (FerrydRequest *request);

/* The store's thread, its queue and the way back. Counted: the thread keeps it as long as it
 * runs. */
typedef struct _FerrydWorker FerrydWorker;

FerrydWorker *ferryd_worker_new   (const char        *path,
                                   FerrydAnswerFunc   answer);

FerrydWorker *ferryd_worker_ref   (FerrydWorker      *self);

void          ferryd_worker_unref (FerrydWorker      *self);

void          ferryd_worker_ask   (FerrydWorker      *self,
                                   FerrydRequest     *request);

gboolean      ferryd_worker_call  (FerrydWorker      *self,
                                   FerrydRequest     *request,
                                   GError           **error);

gboolean      ferryd_worker_end   (FerrydWorker      *self,
                                   FerrydRequest     *farewell);

void          ferryd_worker_join  (FerrydWorker      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydWorker, ferryd_worker_unref)

G_END_DECLS
