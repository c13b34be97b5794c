/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/store.h"
#include "store/db.h"

G_BEGIN_DECLS

gint64     ferryd_rows_add_session   (FerrydDb                *db,
                                      const FerrydSessionRow  *session,
                                      GError                 **error);

gint64     ferryd_rows_add_task      (FerrydDb                *db,
                                      const FerrydTaskRow     *task,
                                      GError                 **error);

gboolean   ferryd_rows_save_status   (FerrydDb                *db,
                                      gint64                   task_id,
                                      const FerrydTaskStatus  *status,
                                      GError                 **error);

gboolean   ferryd_rows_save_kept     (FerrydDb                *db,
                                      gint64                   task_id,
                                      const FerrydKept        *kept,
                                      GError                 **error);

GPtrArray *ferryd_rows_read_sessions (FerrydDb                *db,
                                      GError                 **error);

GPtrArray *ferryd_rows_read_tasks    (FerrydDb                *db,
                                      GError                 **error);

G_END_DECLS
