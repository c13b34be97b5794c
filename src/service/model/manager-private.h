/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/manager.h"
#include "model/registry.h"

G_BEGIN_DECLS

struct _FerrydManager
{
  GObject         parent_instance;

  FerrydStore    *store;     /* owned */
  FerrydRunner   *runner;    /* owned */
  FerrydRegistry *registry;  /* owned */
  /* owned; joined name → GPtrArray of GTask: who waits for the session */
  GHashTable     *opening;
  guint           schedule;  /* source id; 0: nothing to decide */
  guint           tick;      /* source id; 0: nothing runs */
  guint           room;      /* source id; 0: nothing waits for room on a disk */
  GTask          *leaving;   /* owned; NULL unless shutting down */
};

/* To be called when a task may have begun to wait for room: looks from time to time, until none
 * does. */
void           ferryd_manager_watch_room   (FerrydManager *self,
                                            FerrydTask    *task);

/* @row: (transfer full) */
FerrydSession *ferryd_manager_take_session (FerrydManager    *self,
                                            FerrydSessionRow *row);

G_END_DECLS
