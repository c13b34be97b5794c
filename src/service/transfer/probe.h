/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "transfer/plan.h"

G_BEGIN_DECLS

/*
 * ferryd_probe_async:
 * @plan: (transfer full): what a download would ask; its folder and what it keeps do not matter.
 * Its `request_timeout` is the time for the whole of it, redirects included
 *
 * Asks the server about the plan's URL: by HEAD, or where that is refused by a GET that is closed
 * after its headers. Nothing is stored. On the main thread.
 */
void      ferryd_probe_async  (FerrydPlan          *plan,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data);

/*
 * ferryd_probe_finish:
 *
 * The answer has `file-name` s: as a download would be called; `size` x: −1 is unknown; `mime-type`
 * s: empty is unknown; `current-url` s: after redirects; `validator` s: the ETag as sent, else the
 * Last-Modified, else empty; `resumable` b: the server does not refuse ranges, and says enough of
 * its version of the file that a download cut off now would be taken up.
 *
 * Returns: (transfer full): a{sv}, or NULL with a FerryError that names the host (`Trust` perhaps a
 * file)
 */
GVariant *ferryd_probe_finish (GAsyncResult  *result,
                               GError       **error);

G_END_DECLS
