/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/store.h"
#include "store/db.h"

G_BEGIN_DECLS

gint64     ferryd_session_rows_add    (FerrydDb                *db,
                                       const FerrydSessionRow  *session,
                                       GError                 **error);

gboolean   ferryd_session_rows_save   (FerrydDb                *db,
                                       const FerrydSessionRow  *session,
                                       GError                 **error);

gboolean   ferryd_session_rows_reap   (FerrydDb                *db,
                                       const FerrydEvent       *event,
                                       GError                 **error);

gboolean   ferryd_session_rows_remove (FerrydDb                *db,
                                       gint64                   session_id,
                                       GError                 **error);

GPtrArray *ferryd_session_rows_read   (FerrydDb                *db,
                                       GError                 **error);

G_END_DECLS
