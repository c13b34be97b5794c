/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/snapshot-properties.h"

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

/* Some of the properties, in the order in which they are to be told. A value; begins empty. */
typedef struct
{
  guint    n;
  guint8   places[FERRYD_N_PROPERTIES];
  gboolean is_sparse;  /* without those that have their usual value */
} FerrydSelection;

/* Returns: %FALSE if there is no such property */
gboolean  ferryd_selection_add           (FerrydSelection *self,
                                          const char      *property);

void      ferryd_selection_add_all       (FerrydSelection *self);

/* Adds those that @mask of FERRYD_TASK_CHANGE names and that are told. */
void      ferryd_selection_add_changed   (FerrydSelection *self,
                                          guint            mask);

/* Whether @mask names any that is told: the long ones are not. */
gboolean  ferryd_snapshot_is_told        (guint mask);

/* Returns: (floating): a{sv} */
GVariant *ferryd_snapshot_get_some       (FerrydTask            *task,
                                          const FerrydSelection *selection);

/* Returns: (floating): a{sv} with all properties */
GVariant *ferryd_snapshot_get_all        (FerrydTask *task);

/* Returns: (floating): (oa{sv}), with the path */
GVariant *ferryd_snapshot_describe       (FerrydTask            *task,
                                          const FerrydSelection *selection);

G_END_DECLS
