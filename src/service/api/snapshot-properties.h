/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/task.h"

G_BEGIN_DECLS

#define FERRYD_N_PROPERTIES 27

/* Tasks with the usual value of a property: nothing, or what is as good as nothing. */
#define FERRYD_USUAL_CLASS 1

/* More than any property has. */
#define FERRYD_MAX_CLASSES (FERRY_N_WAIT_REASONS + 1)

/* One property of a task. */
typedef struct
{
  const char *name;
  guint       change;  /* mask of FERRYD_TASK_CHANGE; 0: never changes */

  /* Returns: (transfer full): the value, floating or not */
  GVariant   *(* get)  (FerrydTask *task);

  /* Tasks of one class, from FERRYD_USUAL_CLASS to FERRYD_MAX_CLASSES, have the same value now and
   * ever; 0: a value of its own. NULL: each has its own */
  guint       (* sort) (FerrydTask *task);
} FerrydProperty;

extern const FerrydProperty ferryd_snapshot_properties[FERRYD_N_PROPERTIES];

G_END_DECLS
