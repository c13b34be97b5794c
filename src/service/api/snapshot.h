/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/task.h"

G_BEGIN_DECLS

/* The properties of a task as the bus has them. */

char     *ferryd_snapshot_get_path       (FerrydTask *task);

/* For one that may be gone. */
char     *ferryd_snapshot_get_path_of    (gint64 task_id);

char     *ferryd_snapshot_get_session_path (FerrydSession *session);

/* Returns: (transfer full) (nullable): the value, floating or not; NULL where there is no such
 * property */
GVariant *ferryd_snapshot_get            (FerrydTask *task,
                                          const char *property);

gboolean  ferryd_snapshot_has            (const char *property);

/* Returns: (floating): a{sv} with all properties */
GVariant *ferryd_snapshot_get_all        (FerrydTask *task);

/* Returns: (floating): a{sv} with those in @names, which all exist */
GVariant *ferryd_snapshot_get_some       (FerrydTask         *task,
                                          const char * const *names);

/* Whether @mask of FERRYD_TASK_CHANGE names any that is told: the long ones are not. */
gboolean  ferryd_snapshot_is_told        (guint mask);

/* Returns: (floating): a{sv} with those that @mask names and that are told */
GVariant *ferryd_snapshot_get_changed    (FerrydTask *task,
                                          guint       mask);

G_END_DECLS
