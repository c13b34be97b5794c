/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Who is behind a unique name, as far as the service needs to know. A value. */
typedef struct
{
  gboolean  is_sandboxed;
  char     *app_id;        /* owned; the sandbox's word. NULL: a host program */
} FerrydCaller;

void          ferryd_caller_free          (FerrydCaller *caller);

/*
 * Finds out who @unique_name is: the bus knows the process, its root tells whether it is in a
 * sandbox. Any doubt is an error, `NotAllowed`. /proc is looked at in a thread: the root may be a
 * file system that never answers.
 */
void          ferryd_caller_find_async    (GDBusConnection     *connection,
                                           const char          *unique_name,
                                           GAsyncReadyCallback  callback,
                                           gpointer             user_data);

/* Returns: (transfer full): who it is, or NULL */
FerrydCaller *ferryd_caller_find_finish   (GDBusConnection  *connection,
                                           GAsyncResult     *result,
                                           GError          **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydCaller, ferryd_caller_free)

G_END_DECLS
