/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "common/states.h"
#include "transfer/kept.h"

G_BEGIN_DECLS

/* A session as the store has it. A value. */
typedef struct
{
  gint64    id;             /* the row, never reused. 0: not stored yet */
  char     *app_id;         /* owned */
  char     *identifier;     /* owned; unique for its app ID */
  GVariant *configuration;  /* owned; a{sv}, without secrets */
  gint64    created;        /* Unix µs */
} FerrydSessionRow;

/* What moves of a task: written as a whole, in one statement, before the task moves in memory. A
 * value. */
typedef struct
{
  FerryTaskState   state;
  FerryWaitReason  reason;         /* NONE unless state is WAITING */
  char            *error_name;     /* owned; a bus name. NULL: no error */
  char            *error_message;  /* owned. NULL: no error */
  gint64           finished;       /* Unix µs of the move to a state that is over; 0: it is not */
  /* Unix µs of the first Resume; 0: never. The resource time-out counts from here */
  gint64           first_resumed;
  gboolean         length_verified;
  /* owned; `sha-256=hex` that the bytes were compared with. NULL: none */
  char            *digest;
  GVariant        *metrics;        /* owned; aa{sv}. NULL: none */
} FerrydTaskStatus;

/* A task as the store has it. A value. */
typedef struct
{
  gint64            id;          /* the row, never reused. 0: not stored yet */
  gint64            session_id;
  FerryTaskKind     kind;
  char             *url;         /* owned; without user part */
  char             *folder;      /* owned; absolute path */
  GVariant         *options;     /* owned; a{sv} as given, without secrets */
  gint64            created;     /* Unix µs */
  FerrydTaskStatus  status;
  FerrydKept       *kept;        /* owned; never NULL */
} FerrydTaskRow;

FerrydSessionRow *ferryd_session_row_new    (void);

FerrydSessionRow *ferryd_session_row_copy   (const FerrydSessionRow *row);

void              ferryd_session_row_free   (FerrydSessionRow *row);

void              ferryd_task_status_copy   (const FerrydTaskStatus *status,
                                             FerrydTaskStatus       *copy);

void              ferryd_task_status_clear  (FerrydTaskStatus *status);

FerrydTaskRow    *ferryd_task_row_new       (void);

FerrydTaskRow    *ferryd_task_row_copy      (const FerrydTaskRow *row);

void              ferryd_task_row_free      (FerrydTaskRow *row);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydSessionRow, ferryd_session_row_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerrydTaskStatus, ferryd_task_status_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydTaskRow, ferryd_task_row_free)

#define FERRYD_TYPE_STORE (ferryd_store_get_type ())
G_DECLARE_INTERFACE (FerrydStore, ferryd_store, FERRYD, STORE, GObject)

/*
 * FerrydStoreInterface:
 * @load_async: opens what is there and reads all of it
 * @load_finish: both arrays (transfer full): FerrydSessionRow, FerrydTaskRow, each by rising id
 * @add_session_async: writes a session
 * @add_session_finish: returns its id, or 0 with an error
 * @add_tasks_async: writes all of the FerrydTaskRow in @tasks, or none
 * @add_tasks_finish: returns the id of the first, the others follow it by one each; or 0 with an
 * error
 * @save_status_async: replaces the status of a task
 * @save_status_finish: %FALSE if it did not reach the disk, or the row is gone
 * @checkpoint: replaces what a task keeps on disk. **In a worker thread**; blocks until the commit
 * has been answered
 * @close_async: answers all that waits, then lets go of the file
 * @close_finish: always ends well
 *
 * What the model needs of a database. A finished call is on disk; a failed one has changed nothing.
 * Errors are FerryError: `DiskFull`, `Limit` (too many wait), `NotFound` (no such row), else
 * `Store`, and name the file. Arguments are copied. Main thread, but for @checkpoint; answers come
 * in the order of the calls.
 */
struct _FerrydStoreInterface
{
  GTypeInterface g_iface;

  void     (* load_async)         (FerrydStore          *self,
                                   GCancellable         *cancellable,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data);
  gboolean (* load_finish)        (FerrydStore          *self,
                                   GAsyncResult         *result,
                                   GPtrArray           **sessions,
                                   GPtrArray           **tasks,
                                   GError              **error);
  void     (* add_session_async)  (FerrydStore            *self,
                                   const FerrydSessionRow *session,
                                   GAsyncReadyCallback     callback,
                                   gpointer                user_data);
  gint64   (* add_session_finish) (FerrydStore          *self,
                                   GAsyncResult         *result,
                                   GError              **error);
  void     (* add_tasks_async)    (FerrydStore          *self,
                                   GPtrArray            *tasks,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data);
  gint64   (* add_tasks_finish)   (FerrydStore          *self,
                                   GAsyncResult         *result,
                                   GError              **error);
  void     (* save_status_async)  (FerrydStore            *self,
                                   gint64                  task_id,
                                   const FerrydTaskStatus *status,
                                   GAsyncReadyCallback     callback,
                                   gpointer                user_data);
  gboolean (* save_status_finish) (FerrydStore          *self,
                                   GAsyncResult         *result,
                                   GError              **error);
  gboolean (* checkpoint)         (FerrydStore          *self,
                                   gint64                task_id,
                                   const FerrydKept     *kept,
                                   GError              **error);
  void     (* close_async)        (FerrydStore          *self,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data);
  gboolean (* close_finish)       (FerrydStore          *self,
                                   GAsyncResult         *result,
                                   GError              **error);
};

void     ferryd_store_load_async         (FerrydStore             *self,
                                          GCancellable            *cancellable,
                                          GAsyncReadyCallback      callback,
                                          gpointer                 user_data);

gboolean ferryd_store_load_finish        (FerrydStore             *self,
                                          GAsyncResult            *result,
                                          GPtrArray              **sessions,
                                          GPtrArray              **tasks,
                                          GError                 **error);

void     ferryd_store_add_session_async  (FerrydStore             *self,
                                          const FerrydSessionRow  *session,
                                          GAsyncReadyCallback      callback,
                                          gpointer                 user_data);

gint64   ferryd_store_add_session_finish (FerrydStore             *self,
                                          GAsyncResult            *result,
                                          GError                 **error);

void     ferryd_store_add_tasks_async    (FerrydStore             *self,
                                          GPtrArray               *tasks,
                                          GAsyncReadyCallback      callback,
                                          gpointer                 user_data);

gint64   ferryd_store_add_tasks_finish   (FerrydStore             *self,
                                          GAsyncResult            *result,
                                          GError                 **error);

void     ferryd_store_save_status_async  (FerrydStore             *self,
                                          gint64                   task_id,
                                          const FerrydTaskStatus  *status,
                                          GAsyncReadyCallback      callback,
                                          gpointer                 user_data);

gboolean ferryd_store_save_status_finish (FerrydStore             *self,
                                          GAsyncResult            *result,
                                          GError                 **error);

gboolean ferryd_store_checkpoint         (FerrydStore             *self,
                                          gint64                   task_id,
                                          const FerrydKept        *kept,
                                          GError                 **error);

void     ferryd_store_close_async        (FerrydStore             *self,
                                          GAsyncReadyCallback      callback,
                                          gpointer                 user_data);

gboolean ferryd_store_close_finish       (FerrydStore             *self,
                                          GAsyncResult            *result,
                                          GError                 **error);

G_END_DECLS
