/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define MANAGER_PATH "/io/github/ferryapp/Ferry/Transfers1"
#define PROPERTIES "org.freedesktop.DBus.Properties"

/* A signal of the service, as it came. */
typedef struct
{
  char     *interface;   /* owned; its whole name */
  char     *member;      /* owned */
  char     *path;        /* owned */
  GVariant *parameters;  /* owned */
} ClientSignal;

/*
 * A program that uses the service.
 *
 * Answers and signals are both handled where the main context is iterated, in the order in which
 * they came: what an answer says of a task is never newer than a signal that is handled later.
 */
typedef struct
{
  GDBusConnection *connection;  /* owned */
  guint            match;
  GPtrArray       *signals;     /* owned; ClientSignal */
  GHashTable      *tasks;       /* owned; path → GHashTable, owned: property → GVariant, owned */
} Client;

Client     *client_new             (const char *address);

/* Leaves the bus. */
void        client_free            (Client *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_free)

typedef gboolean (* ClientCondition) (Client       *self,
                                      gconstpointer data);

/* Handles what comes until @condition holds. @what: for the message when it never does. */
void        client_wait            (Client          *self,
                                    ClientCondition  condition,
                                    gconstpointer    data,
                                    const char      *what);

/* Handles what comes for so long, whatever it is. */
void        client_pass_time       (Client *self,
                                    guint   milliseconds);

/* An a{sv}, floating, from GVariant's text format. */
GVariant   *client_parse           (const char *text);

/* That @value is what @text says. */
void        client_assert_value    (GVariant   *value,
                                    const char *text);

/* @interface: `Manager`, `Session`, `Task`, or a whole name. @arguments: NULL for none. */
GVariant   *client_try             (Client      *self,
                                    const char  *path,
                                    const char  *interface,
                                    const char  *method,
                                    GVariant    *arguments,
                                    GError     **error);

/* It must go well. */
GVariant   *client_call            (Client     *self,
                                    const char *path,
                                    const char *interface,
                                    const char *method,
                                    GVariant   *arguments);

/* It must end with the error @kind, of ours unless it has a dot, and its message name @name. */
void        client_call_refused    (Client     *self,
                                    const char *kind,
                                    const char *name,
                                    const char *path,
                                    const char *interface,
                                    const char *method,
                                    GVariant   *arguments);

/* Returns its path. */
char       *client_open_session    (Client     *self,
                                    const char *identifier);

/* @options: a{sv}; may be floating. Returns the task's path. */
char       *client_create          (Client     *self,
                                    const char *session,
                                    const char *url,
                                    GVariant   *options);

void        client_create_refused  (Client     *self,
                                    const char *kind,
                                    const char *name,
                                    const char *session,
                                    const char *url,
                                    GVariant   *options);

/* `Resume`, `Suspend` or `Cancel`. */
void        client_tell            (Client     *self,
                                    const char *task,
                                    const char *verb);

/* Asks the service. */
GVariant   *client_get             (Client     *self,
                                    const char *task,
                                    const char *property);

char       *client_get_string      (Client     *self,
                                    const char *task,
                                    const char *property);

gint64      client_get_number      (Client     *self,
                                    const char *task,
                                    const char *property);

void        client_assert_string   (Client     *self,
                                    const char *task,
                                    const char *property,
                                    const char *value);

/* Asks for all properties of @task, and notes them where signals note theirs. */
void        client_refresh         (Client     *self,
                                    const char *task);

/* Asks once, then waits for `TasksChanged`: of a session that is open. */
void        client_wait_state      (Client     *self,
                                    const char *task,
                                    const char *state);

/* The same until so many bytes are here. */
void        client_wait_received   (Client     *self,
                                    const char *task,
                                    gint64      bytes);

/* The same until it waits, or does not, for this reason. */
void        client_wait_reason     (Client     *self,
                                    const char *task,
                                    const char *reason);

/* Waits for a failure, whose error must be @kind and name @name (NULL: whatever). */
void        client_wait_failed     (Client     *self,
                                    const char *task,
                                    const char *kind,
                                    const char *name);

guint       client_count_signals   (Client     *self,
                                    const char *member);

G_END_DECLS
