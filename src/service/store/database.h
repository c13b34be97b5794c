/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/store.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_DATABASE (ferryd_database_get_type ())
G_DECLARE_FINAL_TYPE (FerrydDatabase, ferryd_database, FERRYD, DATABASE, GObject)

FerrydDatabase *ferryd_database_new             (const char     *path);

const char     *ferryd_database_get_moved_aside (FerrydDatabase *self);

GPtrArray      *ferryd_database_get_hsts_hosts  (FerrydDatabase *self);

void            ferryd_database_save_hsts_host  (FerrydDatabase *self,
                                                 const char     *name,
                                                 gint64          expires,
                                                 gboolean        include_subdomains);

G_END_DECLS
