/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "client.h"

G_BEGIN_DECLS

/* Text as it was printed with --json must be one object of the schema 1. */
JsonNode   *task_json_parse       (const char        *text);

/* Its `tasks`. */
JsonArray  *task_json_get_tasks   (JsonNode          *root);

/* That it has these keys and no others. */
void        task_json_assert_keys (JsonObject        *object,
                                   const char *const *keys);

/* That the manual has each key of it, also of the objects within. */
void        task_json_assert_documented (JsonNode    *root);

/* That all of it is what the bus says of the task at @path. @details: as of “show” */
void        task_json_assert      (JsonObject        *object,
                                   Client            *client,
                                   const char        *path,
                                   gboolean           details);

G_END_DECLS
