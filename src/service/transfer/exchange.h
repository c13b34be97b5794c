/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "transfer/answer.h"

G_BEGIN_DECLS

/* Sends a GET or HEAD and follows redirects. Returns the answer whatever its status, or NULL. */
FerrydAnswer *ferryd_exchange_send      (FerrydRun        *run,
                                         const char       *method,
                                         const FerrydAsk  *ask,
                                         GError          **error);

/* Says in our own words what went wrong with @answer's headers (@in_body FALSE) or body. Takes
 * @error over. */
void          ferryd_exchange_propagate (FerrydRun    *run,
                                         SoupMessage  *message,
                                         gboolean      in_body,
                                         GError      **error,
                                         GError       *cause);

G_END_DECLS
