/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "transfer/plan.h"
#include "transfer/resume.h"

G_BEGIN_DECLS

/* The one place where messages are built. @own_origin: no redirect has led away from the origin
 * that the plan's headers are for. */
SoupMessage *ferryd_message_new (const FerrydPlan *plan,
                                 const char       *method,
                                 GUri             *uri,
                                 const FerrydAsk  *ask,
                                 gboolean          own_origin);

G_END_DECLS
