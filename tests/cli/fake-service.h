/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

/* A transfer service that transfers nothing: the test says what its tasks do. */
typedef struct
{
  GTestDBus       *bus;           /* owned */
  GDBusNodeInfo   *nodes[3];      /* owned; of the bus API's own files */
  GDBusConnection *connection;    /* owned. NULL: the service does not run */
  char            *client;        /* owned; the unique name of who opened the session. NULL: none */
  GPtrArray       *tasks;         /* owned; GVariantDict, by rising number */
  GString         *log;           /* owned; the calls, one a line */
  guint            told;          /* the highest task whose properties somebody has read; 0: none */
  GPtrArray       *kept;          /* owned; GDBusMethodInvocation, see keep_creations */

  const char      *on_created;    /* a{sv} as text; told right after a task was made. NULL: none */
  const char      *refuse;        /* the kind of error that each creation ends with. NULL: none */
  const char      *refuse_session;  /* the same of the opening of a session */
  guint            refuse_place;  /* which of them it names, from 1; 0: none */
  gboolean         keep_creations;    /* make tasks, but do not answer */
} FakeService;

FakeService *fake_service_new     (void);

void         fake_service_free    (FakeService *self);

void         fake_service_start   (FakeService *self);

void         fake_service_stop    (FakeService *self);

void         fake_service_replace (FakeService *self);

guint        fake_service_add     (FakeService *self,
                                   const char  *url,
                                   const char  *changes);

void         fake_service_change  (FakeService *self,
                                   guint        number,
                                   const char  *changes);

void         fake_service_answer  (FakeService *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeService, fake_service_free)
