/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client.h"

G_BEGIN_DECLS

/* Hears all that anybody on a bus is told: signals, answers and errors, but no calls. */
typedef struct
{
  GDBusConnection *connection;  /* owned */
  GMutex           lock;        /* over the rest: it comes in a thread of GDBus */
  gboolean         is_on;
  GString         *heard;       /* owned; as GDBus prints it */
} Ear;

Ear     *ear_new       (const char *address);

void     ear_free      (Ear *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ear, ear_free)

/* Whether @text was in anything. @client must have had an answer after all that is to count. */
gboolean ear_has_heard (Ear        *self,
                        Client     *client,
                        const char *text);

G_END_DECLS
