/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/call.h"

G_BEGIN_DECLS

/* Answers a Get, GetAll or Set. GDBus has checked the interface, the property, that a Set is for a
 * writable one, and the type of its value. */
void ferryd_properties_answer (FerrydCall *call);

G_END_DECLS
