/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * What a click in a notification starts. Nobody waits for it: what fails is logged.
 *
 * @token: (nullable): shows the compositor that the window which comes up is what the user has
 * asked for
 */

/* With the default application. @path is absolute. */
void ferryd_opener_open (const char *path,
                         const char *token);

/* In the file manager. @paths: absolute, at least one. */
void ferryd_opener_show (GDBusConnection    *connection,
                         const char * const *paths,
                         const char         *token);

G_END_DECLS
