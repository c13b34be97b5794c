/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "transfer/plan.h"

G_BEGIN_DECLS

/*
 * What a task without a job keeps, on its way into another folder: the store says what is about to
 * be there, then it is there as well, then the store says that it is there, then it goes here.
 * Whenever that stops, the row names all files of both folders. Blocking; errors are FerryError.
 */

/*
 * ferryd_move_kept:
 * @plan: its folder, in which nothing is touched, what is kept in it, where parts that are not
 * there any more are none, and its checkpoint
 * @to: another folder, which must be there
 *
 * On the same file system the parts get a second name; else their durable bytes are copied. The
 * checkpoints name as `other` what is about to be in @to.
 *
 * Returns: (transfer full): what is kept in @to, durable, with what is in the plan's folder as its
 * `other`; or NULL with nothing left in @to. WRONG_STATE: the part is the finished file already
 */
FerrydKept *ferryd_move_kept   (const FerrydPlan  *plan,
                                const char        *to,
                                GError           **error);

/* Deletes what @kept has in another folder, so far as it is still those files. Returns: %FALSE if
 * something stays that was to go */
gboolean    ferryd_move_forget (const FerrydKept *kept);

G_END_DECLS
