/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "transfer/plan.h"
#include "transfer/part-file.h"

G_BEGIN_DECLS

/*
 * The one thread that makes finished files durable and gives them their names. It takes all that
 * wait, syncs them together, and only then looks again: while the disk is busy others gather, and
 * nobody ever sleeps for company.
 */
FerrydSyncer *ferryd_syncer_new     (void);

FerrydSyncer *ferryd_syncer_ref     (FerrydSyncer *self);

void          ferryd_syncer_unref   (FerrydSyncer *self);

/* Blocks until @file has its final name and would keep it through a power cut. In a worker; the
 * file is prepared. */
gboolean      ferryd_syncer_publish (FerrydSyncer    *self,
                                     FerrydPartFile  *file,
                                     GError         **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydSyncer, ferryd_syncer_unref)

G_END_DECLS
