/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ferry-types.h"

G_BEGIN_DECLS

/* What a GTask is told apart by: ISO C has no way from a function to a pointer. */
#define FERRY_TAG(function) ((gpointer) (guintptr) (function))

/*
 * The line to the service, which a client and all that it has given out hold together.
 *
 * It knows who owns the service's name, brings signals to the objects that they are about, and
 * when the service ends while something is held there, asks for it again. It holds none of the
 * objects.
 *
 * Signals: notify::state; `manager-changed` (a{sv}): properties of the manager; `watched`: the
 * service tells of all sessions again; `session-added` and `session-removed` (t);
 * `tasks-arrived` (GPtrArray of FerryTask, newest first): new ones; `tasks-removed` (GArray of
 * guint64).
 */
#define FERRY_TYPE_LINK (ferry_link_get_type ())

G_DECLARE_FINAL_TYPE (FerryLink, ferry_link, FERRY, LINK, GObject)

/* @connection: NULL: one of its own to the session bus, made when it is needed. */
G_GNUC_INTERNAL
FerryLink        *ferry_link_new            (GDBusConnection *connection);

G_GNUC_INTERNAL
FerryClientState  ferry_link_get_state      (FerryLink *self);

/* NULL unless the state is FAILED. */
G_GNUC_INTERNAL
const GError     *ferry_link_get_error      (FerryLink *self);

G_GNUC_INTERNAL
gboolean          ferry_link_is_watching    (FerryLink *self);

G_GNUC_INTERNAL
void              ferry_link_connect_async  (FerryLink           *self,
                                             GCancellable        *cancellable,
                                             GAsyncReadyCallback  callback,
                                             gpointer             user_data);

G_GNUC_INTERNAL
gboolean          ferry_link_connect_finish (FerryLink     *self,
                                             GAsyncResult  *result,
                                             GError       **error);

/* @parameters: may be floating; NULL for none. @reply_type: of the answer, a type string. */
G_GNUC_INTERNAL
void              ferry_link_call_async     (FerryLink           *self,
                                             const char          *path,
                                             const char          *interface,
                                             const char          *method,
                                             GVariant            *parameters,
                                             const char          *reply_type,
                                             GCancellable        *cancellable,
                                             GAsyncReadyCallback  callback,
                                             gpointer             user_data);

/* @files: (out) (optional): descriptors that came along. */
G_GNUC_INTERNAL
GVariant         *ferry_link_call_finish    (FerryLink     *self,
                                             GAsyncResult  *result,
                                             GUnixFDList  **files,
                                             GError       **error);

/* The same for a verb of @source, a public object, whose finish function returns the answer. */
G_GNUC_INTERNAL
void              ferry_link_do_async       (FerryLink           *self,
                                             gpointer             source,
                                             gpointer             tag,
                                             const char          *path,
                                             const char          *interface,
                                             const char          *method,
                                             GVariant            *parameters,
                                             const char          *reply_type,
                                             GCancellable        *cancellable,
                                             GAsyncReadyCallback  callback,
                                             gpointer             user_data);

G_GNUC_INTERNAL
GVariant         *ferry_link_do_finish      (gpointer       source,
                                             gpointer       tag,
                                             GAsyncResult  *result,
                                             GError       **error);

/* How often the service has gone from its name: the answer to what was asked before a loss may come
 * from the service that went. */
G_GNUC_INTERNAL
guint             ferry_link_get_losses     (FerryLink *self);

/* A session is held from now on that the service was asked for after @losses. */
G_GNUC_INTERNAL
void              ferry_link_note_held      (FerryLink *self,
                                             guint      losses);

/* The same of a watch. */
G_GNUC_INTERNAL
void              ferry_link_note_watched   (FerryLink *self,
                                             guint      losses);

/* Returns whether there was one, or was to be. */
G_GNUC_INTERNAL
gboolean          ferry_link_drop_watch     (FerryLink *self);

/* The object with this number, made if there is none yet. Returns: (transfer full) */
G_GNUC_INTERNAL
FerrySession     *ferry_link_take_session   (FerryLink *self,
                                             guint64    number);

G_GNUC_INTERNAL
FerryTask        *ferry_link_take_task      (FerryLink *self,
                                             guint64    number);

/* Returns: (transfer none) (nullable) */
G_GNUC_INTERNAL
FerryTask        *ferry_link_find_task      (FerryLink *self,
                                             guint64    number);

/* One that has got another number. */
G_GNUC_INTERNAL
void              ferry_link_remember_session (FerryLink    *self,
                                               FerrySession *session);

/* The objects themselves say so when they end. */
G_GNUC_INTERNAL
void              ferry_link_forget_session (FerryLink    *self,
                                             FerrySession *session);

G_GNUC_INTERNAL
void              ferry_link_forget_task    (FerryLink *self,
                                             FerryTask *task);

G_END_DECLS
