/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "common/digest.h"

G_BEGIN_DECLS

/* Compares bytes that pass by with digests that were announced for them: each algorithm runs at
 * most once. */
typedef struct _FerrydDigester FerrydDigester;

FerrydDigester *ferryd_digester_new      (void);

void            ferryd_digester_free     (FerrydDigester *self);

/* @source: who announced it, for the error; a literal. Before the first byte. */
void            ferryd_digester_expect   (FerrydDigester    *self,
                                          const FerryDigest *digest,
                                          const char        *source);

gboolean        ferryd_digester_is_empty (FerrydDigester *self);

void            ferryd_digester_update   (FerrydDigester *self,
                                          const guint8   *bytes,
                                          gsize           n);

/* Whether all fit. @strongest: the best that did. */
gboolean        ferryd_digester_finish   (FerrydDigester  *self,
                                          FerryDigest     *strongest,
                                          GError         **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydDigester, ferryd_digester_free)

G_END_DECLS
