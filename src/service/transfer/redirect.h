/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "transfer/answer.h"

G_BEGIN_DECLS

gboolean  ferryd_redirect_is_one  (const FerrydAnswer *answer);

/* Where @answer sends us from @from: absolute, without a user part of its own, with the old
 * fragment unless it brings one. */
GUri     *ferryd_redirect_resolve (const FerrydAnswer  *answer,
                                   GUri                *from,
                                   GError             **error);

/* Whether the plan and safety let us go from @from to @to. */
gboolean  ferryd_redirect_check   (const FerrydPlan  *plan,
                                   GUri              *from,
                                   GUri              *to,
                                   GError           **error);

G_END_DECLS
