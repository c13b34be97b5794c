/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/db.h"

G_BEGIN_DECLS

/* In the header of every database of ours: "Ferr". */
#define FERRYD_SCHEMA_APPLICATION_ID 0x46657272

/* The schema that this program reads and writes. Also raised when a state, a reason or a kind
 * gets a number. */
#define FERRYD_SCHEMA_VERSION 1

/*
 * FerrydSchemaFound:
 * @FERRYD_SCHEMA_NONE: an empty file
 * @FERRYD_SCHEMA_OURS: this version or an older one
 * @FERRYD_SCHEMA_NEWER: written by a newer Ferry
 * @FERRYD_SCHEMA_FOREIGN: a database of something else
 */
typedef enum
{
  FERRYD_SCHEMA_NONE,
  FERRYD_SCHEMA_OURS,
  FERRYD_SCHEMA_NEWER,
  FERRYD_SCHEMA_FOREIGN,
} FerrydSchemaFound;

gboolean ferryd_schema_look    (FerrydDb           *db,
                                FerrydSchemaFound  *found,
                                gint64             *version,
                                GError            **error);

gboolean ferryd_schema_migrate (FerrydDb           *db,
                                gint64              version,
                                GError            **error);

gboolean ferryd_schema_seal    (FerrydDb           *db,
                                GError            **error);

G_END_DECLS
