/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "ferry-client.h"
#include "ferry-link-private.h"

G_BEGIN_DECLS

struct _FerryClient
{
  GObject        parent_instance;

  FerryLink     *link;               /* owned */
  GListStore    *sessions;           /* owned; of FerrySession, oldest first */
  FerryTaskList *tasks;              /* owned; of all. NULL: nobody has asked for it */

  guint          version;            /* 0: not known yet */
  GStrv          capabilities;       /* owned */
  guint64        received;           /* bytes a second */
  guint64        sent;               /* bytes a second */
  guint          running;
  guint          waiting;
  guint64        download_limit;     /* bytes a second. 0: none */
  guint64        upload_limit;       /* the same */
};

/* @known: an a{sv}: properties of the Manager on the bus. */
G_GNUC_INTERNAL
void        ferry_client_take_manager     (FerryClient *self,
                                           GVariant    *known);

/* Asks who the sessions are, and makes the model so. */
G_GNUC_INTERNAL
void        ferry_client_load_sessions    (FerryClient         *self,
                                           GCancellable        *cancellable,
                                           GAsyncReadyCallback  callback,
                                           gpointer             user_data);

G_GNUC_INTERNAL
gboolean    ferry_client_load_sessions_end (FerryClient   *self,
                                            GAsyncResult  *result,
                                            GError       **error);

/* @number: of a session that is new. */
G_GNUC_INTERNAL
void        ferry_client_add_session      (FerryClient *self,
                                           guint64      number);

G_GNUC_INTERNAL
void        ferry_client_remove_session   (FerryClient *self,
                                           guint64      number);

G_END_DECLS
