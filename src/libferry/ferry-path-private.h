/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where the objects of the service are. A number of 0 is none. */

#define FERRY_MANAGER_INTERFACE FERRY_SERVICE_ID ".Manager"
#define FERRY_SESSION_INTERFACE FERRY_SERVICE_ID ".Session"
#define FERRY_TASK_INTERFACE FERRY_SERVICE_ID ".Task"
#define FERRY_PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

G_GNUC_INTERNAL
char    *ferry_path_of_session    (guint64 number);

G_GNUC_INTERNAL
char    *ferry_path_of_task       (guint64 number);

/* Returns: 0 for any other path. */
G_GNUC_INTERNAL
guint64  ferry_path_parse_session (const char *path);

G_GNUC_INTERNAL
guint64  ferry_path_parse_task    (const char *path);

G_END_DECLS
