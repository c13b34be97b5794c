/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "common/states.h"
#include "transfer/kept.h"

G_BEGIN_DECLS

#define FERRYD_DEFAULT_PRIORITY 0.5

/* How many tasks have ended, and how, since the session was last told that all had; or what is to
 * be added to that, and may be below 0. A value. */
typedef struct
{
  int finished;
  int failed;
  int cancelled;
} FerrydHarvest;

/* A session as the store has it. A value. */
typedef struct
{
  gint64             id;             /* the row, never reused. 0: not stored yet */
  char              *app_id;         /* owned */
  char              *identifier;     /* owned; unique for its app ID, but among the invalid */
  GVariant          *configuration;  /* owned; a{sv}, without secrets */
  /* owned; as: names of the secret headers, whose values are in memory alone. NULL: none */
  GVariant          *secret_names;
  FerrySessionState  state;
  gint64             created;        /* Unix µs */
  FerrydHarvest      harvest;        /* written with the events that change it, and with no other */
} FerrydSessionRow;

/* The kinds of events: the words of `GetEvents`. */
#define FERRYD_EVENT_FINISHED "finished"
#define FERRYD_EVENT_FAILED "failed"
#define FERRYD_EVENT_CANCELLED "cancelled"
#define FERRYD_EVENT_NEW_URL "new-url"
#define FERRYD_EVENT_SESSION_FINISHED "session-finished"
#define FERRYD_EVENT_SESSION_INVALID "session-invalid"

/* What happened to a session, until its owner has acknowledged it. A value. */
typedef struct
{
  gint64    serial;      /* the row, rising over all sessions, never reused. 0: not stored yet */
  gint64    session_id;
  gint64    task_id;     /* 0: of the session itself */
  char     *kind;        /* owned; the word of `GetEvents` */
  GVariant *details;     /* owned; a{sv} */
  gint64    created;     /* Unix µs */
} FerrydEvent;

/* What moves of a task: written as a whole, in one statement, before the task moves in memory. A
 * value. */
typedef struct
{
  FerryTaskState   state;
  FerryWaitReason  reason;         /* NONE unless state is WAITING */
  char            *error_name;     /* owned; a bus name. NULL: no error */
  char            *error_message;  /* owned. NULL: no error */
  gint64           finished;       /* Unix µs of the move to a state that is over; 0: it is not */
  /* What counts towards the resource time-out: so many µs, and all since then (Unix µs; 0: the
   * clock stands) */
  gint64           clock_used;
  gint64           clock_since;
  gint64           retry_at;       /* Unix µs; until then it waits. 0: no time is set */
  guint            attempts;       /* that failed one after the other without winning a byte */
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
  /* owned; as: names of the secret headers, whose values are in memory alone. NULL: none */
  GVariant         *secret_names;
  double            priority;        /* 0–1 */
  char             *description;     /* owned; the client's own words. NULL: none */
  guint64           download_limit;  /* bytes a second; 0: none */
  GBytes           *resume_key;  /* owned; handed out as resume data. NULL: never */
  gint64            heir_of;     /* of a new row: the task whose part and key it takes; 0: none */
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

/* @details: (nullable): a{sv}; may be floating */
FerrydEvent      *ferryd_event_new          (gint64      session_id,
                                             gint64      task_id,
                                             const char *kind,
                                             GVariant   *details);

FerrydEvent      *ferryd_event_copy         (const FerrydEvent *event);

void              ferryd_event_free         (FerrydEvent *event);

/* What @event adds to its session's harvest: one for an end; `session-finished` takes off what it
 * tells of. */
FerrydHarvest     ferryd_event_get_harvest  (const FerrydEvent *event);

void              ferryd_harvest_add        (FerrydHarvest       *harvest,
                                             const FerrydHarvest *more);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydSessionRow, ferryd_session_row_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydEvent, ferryd_event_free)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerrydTaskStatus, ferryd_task_status_clear)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydTaskRow, ferryd_task_row_free)

#define FERRYD_TYPE_STORE (ferryd_store_get_type ())
G_DECLARE_INTERFACE (FerrydStore, ferryd_store, FERRYD, STORE, GObject)

/*
 * FerrydStoreInterface:
 * @load_async: opens what is there and reads all of it
 * @load_finish: all arrays (transfer full): FerrydSessionRow, FerrydTaskRow, FerrydEvent, each by
 * rising id
 * @add_session_async: writes a session
 * @add_session_finish: returns its id, or 0 with an error
 * @add_tasks_async: writes all of the FerrydTaskRow in @tasks, or none; one with `heir_of` takes
 * the parts and the key from that task's row (NotFound: it has none of that key any more)
 * @add_tasks_finish: returns the id of the first, the others follow it by one each; or 0 with an
 * error
 * @save_status_async: replaces the status of a task and adds @event (nullable) to its session and
 * to that one's harvest, all or nothing
 * @save_status_finish: %FALSE if it did not reach the disk, or the row is gone; @serial: the
 * event's, 0 without one
 * @save_task_async: replaces what people may change of a task: url, folder, options, secret_names,
 * priority, description, download_limit and resume_key; with @with_kept, for a task without a job,
 * what it keeps as well
 * @save_task_finish: %FALSE if it did not reach the disk, or the row is gone
 * @remove_tasks_async: removes the rows of @n tasks with their parts; events stay. A row that is
 * gone already is no error
 * @remove_tasks_finish: %FALSE if that did not reach the disk
 * @save_session_async: replaces a session's state and secret_names and adds @event (nullable) to it
 * and to its harvest, all or nothing
 * @save_session_finish: as @save_status_finish
 * @remove_session_async: removes a session with its tasks and events
 * @remove_session_finish: %FALSE if that did not reach the disk
 * @acknowledge_async: removes the events of a session up to and including @serial
 * @acknowledge_finish: %FALSE if that did not reach the disk
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
                                   GPtrArray           **events,
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
                                   const FerrydEvent      *event,
                                   GAsyncReadyCallback     callback,
                                   gpointer                user_data);
  gboolean (* save_status_finish) (FerrydStore          *self,
                                   GAsyncResult         *result,
                                   gint64               *serial,
                                   GError              **error);
  void     (* save_task_async)    (FerrydStore          *self,
                                   const FerrydTaskRow  *task,
                                   gboolean              with_kept,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data);
  gboolean (* save_task_finish)   (FerrydStore          *self,
                                   GAsyncResult         *result,
                                   GError              **error);
  void     (* remove_tasks_async) (FerrydStore          *self,
                                   const gint64         *ids,
                                   guint                 n,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data);
  gboolean (* remove_tasks_finish) (FerrydStore          *self,
                                    GAsyncResult         *result,
                                    GError              **error);
  void     (* save_session_async) (FerrydStore            *self,
                                   const FerrydSessionRow *session,
                                   const FerrydEvent      *event,
                                   GAsyncReadyCallback     callback,
                                   gpointer                user_data);
  gboolean (* save_session_finish) (FerrydStore          *self,
                                    GAsyncResult         *result,
                                    gint64               *serial,
                                    GError              **error);
  void     (* remove_session_async) (FerrydStore          *self,
                                     gint64                session_id,
                                     GAsyncReadyCallback   callback,
                                     gpointer              user_data);
  gboolean (* remove_session_finish) (FerrydStore          *self,
                                      GAsyncResult         *result,
                                      GError              **error);
  void     (* acknowledge_async)  (FerrydStore          *self,
                                   gint64                session_id,
                                   gint64                serial,
                                   GAsyncReadyCallback   callback,
                                   gpointer              user_data);
  gboolean (* acknowledge_finish) (FerrydStore          *self,
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
                                          GPtrArray              **events,
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
                                          const FerrydEvent       *event,
                                          GAsyncReadyCallback      callback,
                                          gpointer                 user_data);

gboolean ferryd_store_save_status_finish (FerrydStore             *self,
                                          GAsyncResult            *result,
                                          gint64                  *serial,
                                          GError                 **error);

void     ferryd_store_save_task_async    (FerrydStore             *self,
                                          const FerrydTaskRow     *task,
                                          gboolean                 with_kept,
                                          GAsyncReadyCallback      callback,
                                          gpointer                 user_data);

gboolean ferryd_store_save_task_finish   (FerrydStore             *self,
                                          GAsyncResult            *result,
                                          GError                 **error);

void     ferryd_store_remove_tasks_async (FerrydStore             *self,
                                          const gint64            *ids,
                                          guint                    n,
                                          GAsyncReadyCallback      callback,
                                          gpointer                 user_data);

gboolean ferryd_store_remove_tasks_finish (FerrydStore             *self,
                                           GAsyncResult            *result,
                                           GError                 **error);

void     ferryd_store_save_session_async (FerrydStore             *self,
                                          const FerrydSessionRow  *session,
                                          const FerrydEvent       *event,
                                          GAsyncReadyCallback      callback,
                                          gpointer                 user_data);

gboolean ferryd_store_save_session_finish (FerrydStore             *self,
                                           GAsyncResult            *result,
                                           gint64                  *serial,
                                           GError                 **error);

void     ferryd_store_remove_session_async (FerrydStore             *self,
                                            gint64                   session_id,
                                            GAsyncReadyCallback      callback,
                                            gpointer                 user_data);

gboolean ferryd_store_remove_session_finish (FerrydStore             *self,
                                             GAsyncResult            *result,
                                             GError                 **error);

void     ferryd_store_acknowledge_async  (FerrydStore             *self,
                                          gint64                   session_id,
                                          gint64                   serial,
                                          GAsyncReadyCallback      callback,
                                          gpointer                 user_data);

gboolean ferryd_store_acknowledge_finish (FerrydStore             *self,
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
