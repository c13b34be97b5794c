/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/session.h"

G_BEGIN_DECLS

/* All sessions and tasks there are, and the ways to find them. */
typedef struct _FerrydRegistry FerrydRegistry;

FerrydRegistry *ferryd_registry_new          (void);

void            ferryd_registry_free         (FerrydRegistry *self);

/* @session: (transfer full) */
void            ferryd_registry_take_session (FerrydRegistry *self,
                                              FerrydSession  *session);

/* @task: (transfer full); newer than all that are there. Its session has it too from now on. */
void            ferryd_registry_take_task    (FerrydRegistry *self,
                                              FerrydTask     *task);

/* The task's last reference may be among those that go. */
void            ferryd_registry_drop_task    (FerrydRegistry *self,
                                              FerrydTask     *task);

/* Its tasks are gone already. */
void            ferryd_registry_drop_session (FerrydRegistry *self,
                                              FerrydSession  *session);

/* From now on its name is free for another. */
void            ferryd_registry_free_name    (FerrydRegistry *self,
                                              FerrydSession  *session);

/* To be called when a task's state or reason has changed: counts, and keeps the active ones
 * apart. */
void            ferryd_registry_update_task  (FerrydRegistry *self,
                                              FerrydTask     *task);

FerrydSession  *ferryd_registry_get_session  (FerrydRegistry *self,
                                              gint64          id);

FerrydSession  *ferryd_registry_find_session (FerrydRegistry *self,
                                              const char     *app_id,
                                              const char     *identifier);

FerrydTask     *ferryd_registry_get_task     (FerrydRegistry *self,
                                              gint64          id);

/* By rising id; of FerrydSession. Returns: (transfer container) */
GPtrArray      *ferryd_registry_list_sessions (FerrydRegistry *self);

/* By rising id; of FerrydTask. */
GPtrArray      *ferryd_registry_get_tasks    (FerrydRegistry *self);

/* The waiting and the running ones, by rising id; of FerrydTask. */
GPtrArray      *ferryd_registry_get_active   (FerrydRegistry *self);

/* One name of a session for one table: no app ID holds a line feed. */
char           *ferryd_registry_join_name    (const char *app_id,
                                              const char *identifier);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydRegistry, ferryd_registry_free)

G_END_DECLS
