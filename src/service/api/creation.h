/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/call.h"

G_BEGIN_DECLS

/* The methods of a session that make tasks. */

void ferryd_creation_download_verb         (FerrydCall *call);

void ferryd_creation_downloads_verb        (FerrydCall *call);

void ferryd_creation_with_resume_data_verb (FerrydCall *call);

G_END_DECLS
