/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "model/manager.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_CLIENTS (ferryd_clients_get_type ())
G_DECLARE_FINAL_TYPE (FerrydClients, ferryd_clients, FERRYD, CLIENTS, GObject)

/* The signals of a task, of which each client chooses. */
typedef enum
{
  FERRYD_MEMBER_DID_WRITE_DATA,
  FERRYD_MEMBER_DID_RESUME_AT_OFFSET,
  FERRYD_MEMBER_WILL_PERFORM_REDIRECTION,
  FERRYD_MEMBER_IS_WAITING,
  FERRYD_MEMBER_NEED_NEW_URL,
  FERRYD_MEMBER_DID_FINISH_DOWNLOADING,
  FERRYD_MEMBER_DID_COMPLETE,
} FerrydMember;

#define FERRYD_N_MEMBERS (FERRYD_MEMBER_DID_COMPLETE + 1)

gboolean       ferryd_member_from_string     (const char   *name,
                                              FerrydMember *member);

/*
 * Who is attached to which session, who watches, and which signals each of them wants. Each signal
 * goes to them one by one.
 *
 * Signals: `left` (): the last of them has gone; `released` (): a session is held no more.
 */
FerrydClients *ferryd_clients_new            (GDBusConnection *connection);

/* @unique_name is on the bus. */
void           ferryd_clients_welcome        (FerrydClients *self,
                                              const char    *unique_name);

/* From now on, until it leaves the bus, @unique_name gets the signals of @session. One that has
 * left gets none. */
void           ferryd_clients_attach         (FerrydClients *self,
                                              const char    *unique_name,
                                              FerrydSession *session);

/* While @unique_name is attached to @session: whether it wants no notifications of it. */
void           ferryd_clients_set_quiet      (FerrydClients *self,
                                              const char    *unique_name,
                                              FerrydSession *session,
                                              gboolean       quiet);

/* @members: mask of FerrydMember. %FALSE: it is not attached to @session */
gboolean       ferryd_clients_set_members    (FerrydClients *self,
                                              const char    *unique_name,
                                              FerrydSession *session,
                                              guint          members);

void           ferryd_clients_set_watching   (FerrydClients *self,
                                              const char    *unique_name,
                                              gboolean       watching);

/* To be called when @unique_name has left the bus. */
void           ferryd_clients_forget         (FerrydClients *self,
                                              const char    *unique_name);

/* To be called when @session is gone. */
void           ferryd_clients_forget_session (FerrydClients *self,
                                              FerrydSession *session);

/* Whether anybody is attached or watches. */
gboolean       ferryd_clients_has_any        (FerrydClients *self);

gboolean       ferryd_clients_has_watchers   (FerrydClients *self);

/* Whether anybody gets the signals of @session. */
gboolean       ferryd_clients_has_listeners  (FerrydClients *self,
                                              FerrydSession *session);

/* Whether anybody gets this signal of the tasks of @session. */
gboolean       ferryd_clients_want           (FerrydClients *self,
                                              FerrydSession *session,
                                              FerrydMember   member);

/* Whether one that is attached to @session wants no notifications of it. */
gboolean       ferryd_clients_want_quiet     (FerrydClients *self,
                                              FerrydSession *session);

/* What happens to @session waits to be told until it is released as often as it was held: an answer
 * that takes several steps comes before all that they cause. */
void           ferryd_clients_hold           (FerrydClients *self,
                                              FerrydSession *session);

void           ferryd_clients_release        (FerrydClients *self,
                                              FerrydSession *session);

gboolean       ferryd_clients_is_held        (FerrydClients *self,
                                              FerrydSession *session);

/* Tells those attached to @session. @parameters: a tuple; may be floating, here and below */
void           ferryd_clients_tell_attached  (FerrydClients *self,
                                              FerrydSession *session,
                                              const char    *signal,
                                              GVariant      *parameters);

/* Tells those that watch, of the manager. */
void           ferryd_clients_tell_watchers  (FerrydClients *self,
                                              const char    *interface,
                                              const char    *signal,
                                              GVariant      *parameters);

/* Tells both, each once, of @session. */
void           ferryd_clients_tell_all       (FerrydClients *self,
                                              FerrydSession *session,
                                              const char    *signal,
                                              GVariant      *parameters);

/* Tells those that want it, each once, of the task at @path. */
void           ferryd_clients_tell_of_task   (FerrydClients *self,
                                              FerrydSession *session,
                                              const char    *path,
                                              FerrydMember   member,
                                              GVariant      *parameters);

G_END_DECLS
