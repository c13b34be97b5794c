/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "libferry/ferry.h"
#include "verbs.h"

G_BEGIN_DECLS

/* What to say when the bus or the service cannot be had, or does not do what is asked. */

gboolean     ferry_trouble_is_gone  (const GError *error);

char        *ferry_trouble_explain  (const GError *error);

FerryExit    ferry_trouble_get_exit (const GError *error);

void         ferry_trouble_complain (FerryConsole *console,
                                     const char   *verb,
                                     const char   *format,
                                     ...) G_GNUC_PRINTF (3, 4);

/* Says what is wrong with @error; what to end with because of it. */
FerryExit    ferry_trouble_report   (FerryConsole *console,
                                     const char   *verb,
                                     const GError *error);

/* The same of how the program was called. */
FerryExit    ferry_trouble_refuse   (FerryConsole *console,
                                     const char   *verb,
                                     const char   *message);

FerryClient *ferry_trouble_connect  (FerryConsole *console,
                                     const char   *verb,
                                     FerryExit    *status);

G_END_DECLS
