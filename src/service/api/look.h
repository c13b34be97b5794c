/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * Looks whether @folders (of absolute paths) exist and can be written to, and @tls_ca (nullable;
 * absolute path) can be read. In a thread: a file system may never answer. Both are copied.
 */
void     ferryd_look_async  (gpointer             source,
                             GPtrArray           *folders,
                             const char          *tls_ca,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data);

/* InvalidOption names the first thing that is not as it should be. @place: (out) (nullable): its
 * place among the folders; their number: it is @tls_ca */
gboolean ferryd_look_finish (gpointer       source,
                             GAsyncResult  *result,
                             guint         *place,
                             GError       **error);

G_END_DECLS
