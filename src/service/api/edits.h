/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/call.h"

G_BEGIN_DECLS

/* What a call changes of its task. Each answers the call once it is on disk. */

/* @name: a writable property, @value of its type */
void ferryd_edits_set_property    (FerrydCall *call,
                                   const char *name,
                                   GVariant   *value);

void ferryd_edits_set_url         (FerrydCall *call);

void ferryd_edits_set_destination (FerrydCall *call);

G_END_DECLS
