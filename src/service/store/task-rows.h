/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/store.h"
#include "store/db.h"

G_BEGIN_DECLS

gint64     ferryd_task_rows_add           (FerrydDb                *db,
                                           const FerrydTaskRow     *task,
                                           GError                 **error);

gboolean   ferryd_task_rows_save_status   (FerrydDb                *db,
                                           gint64                   task_id,
                                           const FerrydTaskStatus  *status,
                                           GError                 **error);

gboolean   ferryd_task_rows_save_settings (FerrydDb                *db,
                                           const FerrydTaskRow     *task,
                                           GError                 **error);

gboolean   ferryd_task_rows_save_kept     (FerrydDb                *db,
                                           gint64                   task_id,
                                           const FerrydKept        *kept,
                                           GError                 **error);

gboolean   ferryd_task_rows_remove        (FerrydDb                *db,
                                           gint64                   task_id,
                                           GError                 **error);

GPtrArray *ferryd_task_rows_read          (FerrydDb                *db,
                                           GError                 **error);

G_END_DECLS
