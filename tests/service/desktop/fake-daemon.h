/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "desk.h"

G_BEGIN_DECLS

/* A notification daemon that shows nothing, and remembers what it was to show. Its answers come in
 * the test's own main loop: who waits for it there waits for ever. */
typedef struct
{
  GDBusConnection    *connection;      /* owned */
  guint               object;          /* the number of its registration */
  const char * const *capabilities;    /* unowned */
  gboolean            closes_at_once;  /* what is shown is closed right behind the answer */
  gboolean            hangs;           /* Notify gets no answer */
  GPtrArray          *hanging;         /* owned; calls without an answer */
  GPtrArray          *shown;           /* owned; the arguments of each Notify, a GVariant */
  guint32             last_id;
} FakeDaemon;

FakeDaemon *fake_daemon_new     (Desk               *desk,
                                 const char * const *capabilities);

/* Leaves the bus. */
void        fake_daemon_free    (FakeDaemon         *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeDaemon, fake_daemon_free)

/* Waits for it. From 0. */
GVariant   *fake_daemon_get     (FakeDaemon         *self,
                                 guint               index);

/* One of its arguments, by its place; from 0. */
char       *fake_daemon_get_text (FakeDaemon        *self,
                                  guint              index,
                                  guint              argument);

/* `KEY LABEL, KEY LABEL` */
char       *fake_daemon_get_actions (FakeDaemon     *self,
                                     guint           index);

void        fake_daemon_close   (FakeDaemon         *self,
                                 guint32             id);

/* As if the user had clicked. @token: (nullable) */
void        fake_daemon_choose  (FakeDaemon         *self,
                                 guint32             id,
                                 const char         *action,
                                 const char         *token);

G_END_DECLS
