/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fixture.h"

G_BEGIN_DECLS

/*
 * A client of a service that may end at any moment.
 *
 * What is asked of it says by FALSE that the service has ended in the meantime. Then mortal_bury()
 * is due, and with mortal_open() its successor begins.
 */
typedef struct
{
  Fixture  *fixture;    /* unowned */
  char     *session;    /* owned; its path. NULL: never opened */
  gboolean  has_ended;  /* a service, and it is not buried yet */
  guint     watch;      /* source id; 0: none */
  guint     n_lost;     /* calls that were not answered */
} Mortal;

void     mortal_init  (Mortal  *self,
                       Fixture *fixture);

void     mortal_clear (Mortal *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Mortal, mortal_clear)

/* @answer is NULL after an error of the service. */
gboolean mortal_try   (Mortal      *self,
                       const char  *path,
                       const char  *interface,
                       const char  *method,
                       GVariant    *arguments,
                       GVariant   **answer,
                       GError     **error);

/* It must go well, unless the service ends. */
gboolean mortal_call  (Mortal      *self,
                       const char  *path,
                       const char  *interface,
                       const char  *method,
                       GVariant    *arguments,
                       GVariant   **answer);

/* Attaches the client to the session, which must be the one that it was. */
gboolean mortal_open  (Mortal *self);

/* Handles what comes until @condition holds. */
gboolean mortal_wait  (Mortal          *self,
                       ClientCondition  condition,
                       gconstpointer    data,
                       const char      *what);

/* Waits until a service has ended and the bus knows. Returns as fixture_wait_end(). */
int      mortal_bury  (Mortal *self);

/* Sends @signal to the service, unless it has ended by itself, and does the same. */
int      mortal_end   (Mortal *self,
                       int     signal);

G_END_DECLS
