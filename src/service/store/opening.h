/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "store/db.h"

G_BEGIN_DECLS

/* What opening the store brings. */
typedef struct
{
  FerrydDb   *db;           /* owned */
  GPtrArray  *sessions;     /* owned; FerrydSessionRow, by rising id */
  GPtrArray  *tasks;        /* owned; FerrydTaskRow, by rising id */
  GPtrArray  *events;       /* owned; FerrydEvent, by rising serial */
  GPtrArray  *hsts_hosts;   /* owned; FerrydHstsRow */
  char       *moved_aside;  /* owned; where a damaged file went. NULL: there was none */
} FerrydOpening;

gboolean ferryd_opening_run   (FerrydOpening  *self,
                               const char     *path,
                               GCancellable   *cancellable,
                               GCancellable   *leaving,
                               GError        **error);

void     ferryd_opening_clear (FerrydOpening  *self);

GError  *ferryd_opening_translate_error (const char   *path,
                                         const GError *error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerrydOpening, ferryd_opening_clear)

G_END_DECLS
