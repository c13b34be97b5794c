/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "transfer/digester.h"
#include "transfer/part-file.h"

G_BEGIN_DECLS

/* For the digest that the caller wants, and the one that the server announced for the whole. NULL:
 * there is none. */
FerrydDigester *ferryd_verify_new_digester (const FerrydPlan *plan,
                                            const FerrydPart *part);

/* Reads what did not pass by @digester while it came. */
gboolean        ferryd_verify_read_file    (FerrydRun       *run,
                                            FerrydPartFile  *file,
                                            FerrydDigester  *digester,
                                            GError         **error);

G_END_DECLS
