/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Long enough for a machine under load; nothing but a hang gets there. */
#define DESK_DEADLINE_S 40

/*
 * A desktop of its own: a home, a bus, and an application that opens every text and every folder.
 *
 * One a process, made before anything asks GLib for a folder: it remembers them.
 */
typedef struct
{
  char            *root;        /* owned; the folder with all of it */
  GTestDBus       *bus;         /* owned */
  GDBusConnection *connection;  /* owned; the session bus, as the service has it */
} Desk;

typedef gboolean (* DeskReached) (gconstpointer data);

Desk            *desk_new        (void);

void             desk_free       (Desk          *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Desk, desk_free)

/* Another client of the bus. */
GDBusConnection *desk_connect    (Desk          *self);

/* Asks for @name, which must be free. */
void             desk_own_name   (GDBusConnection *connection,
                                  const char      *name);

/* Absolute. */
char            *desk_get_path   (Desk          *self,
                                  const char    *name);

void             desk_write      (Desk          *self,
                                  const char    *name,
                                  const char    *text,
                                  int            mode);

/* What the application was started with, as `PATH TOKEN`; and forgets it. Waits for it. */
char            *desk_get_opened (Desk          *self);

/* Turns the main loop until then. @what: what is waited for */
void             desk_wait       (DeskReached    reached,
                                  gconstpointer  data,
                                  const char    *what);

G_END_DECLS
