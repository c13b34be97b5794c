/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/store.h"
#include "store/db.h"

G_BEGIN_DECLS

gint64     ferryd_event_rows_add         (FerrydDb           *db,
                                          const FerrydEvent  *event,
                                          GError            **error);

gboolean   ferryd_event_rows_acknowledge (FerrydDb           *db,
                                          gint64              session_id,
                                          gint64              serial,
                                          GError            **error);

GPtrArray *ferryd_event_rows_read        (FerrydDb           *db,
                                          GError            **error);

G_END_DECLS
