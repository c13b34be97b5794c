/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fixture.h"
#include "gate.h"

G_BEGIN_DECLS

/* The service, a server, and a client with a session. */
typedef struct
{
  TestServer *server;   /* owned */
  Fixture    *fixture;  /* owned */
  Client     *client;   /* the fixture's */
  char       *session;  /* owned; its path */
} Stage;

/* @configuration: of the session, as GVariant prints it. NULL: none */
void        stage_init         (Stage      *self,
                                const char *configuration);

void        stage_clear        (Stage *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stage, stage_clear)

/* Returns its path. @created: (out) (optional) */
char       *stage_open         (Client     *client,
                                const char *identifier,
                                const char *configuration,
                                gboolean   *created);

/* A task for what the server has at @path, into the folder for results. @options: more of them, as
 * GVariant prints them. NULL: none. Returns the task's path. */
char       *stage_create       (Stage      *self,
                                const char *path,
                                const char *options);

/* The same, and it is started. */
char       *stage_start        (Stage      *self,
                                const char *path,
                                const char *options);

/* The same, for any address. */
char       *stage_start_url    (Stage      *self,
                                const char *url,
                                const char *options);

/* That making such a task ends with the error @kind, which names @name. */
void        stage_refuse       (Stage      *self,
                                const char *kind,
                                const char *name,
                                const char *options);

/* Of any object. @interface: `Manager`, `Session` or `Task` */
GVariant   *stage_get          (Client     *client,
                                const char *path,
                                const char *interface,
                                const char *property);

/* That it is what @text says. */
void        stage_assert       (Client     *client,
                                const char *path,
                                const char *interface,
                                const char *property,
                                const char *text);

/* It must go well. */
void        stage_set          (Client     *client,
                                const char *path,
                                const char *interface,
                                const char *property,
                                GVariant   *value);

/* A number in the details of the reason that @task waits for. */
gint64      stage_get_until    (Client     *client,
                                const char *task);

/* Calls any method; it must go well, and what it returns does not matter. */
void        stage_call         (Client     *client,
                                const char *path,
                                const char *interface,
                                const char *method,
                                GVariant   *arguments);

/* The same without arguments. */
void        stage_tell         (Client     *client,
                                const char *path,
                                const char *interface,
                                const char *method);

/* Calls it @n times at once. Returns: (transfer full): the answers; NULL for each that was refused,
 * with an error among @kinds, by spaces */
GPtrArray  *stage_call_at_once (Client     *client,
                                guint       n,
                                const char *kinds,
                                const char *path,
                                const char *interface,
                                const char *method,
                                GVariant   *arguments);

/* What the service says of itself. */
GDBusNodeInfo *stage_introspect (Client     *client,
                                 const char *path);

/* All that the service has sent to it before is handled then. */
void        stage_fence        (Client *client);

/* The first signal @member of @path that came after @from others. NULL: there is none */
ClientSignal *stage_find_signal (Client     *client,
                                 const char *member,
                                 const char *path,
                                 guint       from);

/* Waits for one. @path: NULL: of any object */
ClientSignal *stage_wait_signal (Client     *client,
                                 const char *member,
                                 const char *path,
                                 guint       from);

/* Of the nth request, from 0. NULL: it had no such header. */
const char *stage_get_asked    (Stage      *self,
                                guint       index,
                                const char *header);

/* All pending events of @session: a(tsoa{sv}) */
GVariant   *stage_get_events   (Client     *client,
                                const char *session);

/* Their kinds, by spaces. */
char       *stage_list_kinds   (Client     *client,
                                const char *session);

G_END_DECLS
