/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "model/store.h"
#include "store/hsts-rows.h"
#include "store/opening.h"

G_BEGIN_DECLS

typedef struct _FerrydRequest FerrydRequest;

typedef enum
{
  FERRYD_REQUEST_LOAD,
  FERRYD_REQUEST_ADD_SESSION,
  FERRYD_REQUEST_ADD_TASKS,
  FERRYD_REQUEST_SAVE_STATUS,
  FERRYD_REQUEST_SAVE_TASK,
  FERRYD_REQUEST_REMOVE_TASKS,
  FERRYD_REQUEST_SAVE_SESSION,
  FERRYD_REQUEST_REMOVE_SESSION,
  FERRYD_REQUEST_ACKNOWLEDGE,
  FERRYD_REQUEST_CHECKPOINT,
  FERRYD_REQUEST_SAVE_HSTS,
  FERRYD_REQUEST_CLOSE,
} FerrydRequestKind;

/*
 * FerrydRequest:
 *
 * What somebody wants of the store, and what came of it. Belongs to whoever asks until it is handed
 * over, then to the store's thread, and to whoever asked again once it is answered.
 */
struct _FerrydRequest
{
  FerrydRequestKind  kind;
  GTask             *task;         /* owned; not for the store's thread. NULL: a worker waits */

  /* The question. */
  GCancellable      *cancellable;  /* owned; of a load. NULL: none */
  FerrydSessionRow  *session;      /* owned; to add or to save */
  GPtrArray         *tasks;        /* owned; FerrydTaskRow to add */
  FerrydTaskRow     *row;          /* owned; of a task to save */
  gboolean           with_kept;    /* and what it keeps as well */
  GArray            *ids;          /* owned; gint64, of tasks to remove */
  gint64             task_id;
  gint64             session_id;   /* to remove, or whose events */
  gint64             serial;       /* of the last event that is acknowledged */
  FerrydTaskStatus   status;       /* to save */
  FerrydEvent       *event;        /* owned; to add with a status or a session. NULL: none */
  const FerrydKept  *kept;         /* unowned; of a checkpoint, whose caller waits */

  FerrydHstsRow     *hsts_host;    /* owned; to save */

  /* The answer. */
  GError            *error;        /* owned; NULL: done, and on disk */
  gint64             id;           /* of the (first) row that was added. 0: none was */
  FerrydOpening      opening;      /* of a load; its handle stays with the thread */

  /* For a checkpoint. Rung when the lock is free again: by then the request may be freed. */
  gboolean           answered;     /* guarded by the worker's mutex */
  GCond             *bell;         /* owned, and by who rings it; in an atomic box */
};

FerrydRequest *ferryd_request_new   (FerrydRequestKind  kind,
                                     GTask             *task);

void           ferryd_request_free  (FerrydRequest     *request);

/* Gives back a hold of a request's bell. */
void           ferryd_request_drop_bell (GCond         *bell);

gboolean       ferryd_request_write (FerrydRequest     *request,
                                     FerrydDb          *db,
                                     GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydRequest, ferryd_request_free)

G_END_DECLS
