/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "console.h"

G_BEGIN_DECLS

/* What to say when the bus or the service cannot be had, or does not do what is asked. */

gboolean         ferry_trouble_is_gone  (const GError *error);

char            *ferry_trouble_explain  (const GError *error);

void             ferry_trouble_complain (FerryConsole *console,
                                         const char   *verb,
                                         const char   *format,
                                         ...) G_GNUC_PRINTF (3, 4);

GDBusConnection *ferry_trouble_get_bus  (FerryConsole *console,
                                         const char   *verb);

G_END_DECLS
