/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "get-request.h"
#include "service.h"
#include "verbs.h"

G_BEGIN_DECLS

FerryExit ferry_getter_run (FerryConsole          *console,
                            FerryService          *service,
                            const FerryGetRequest *request);

G_END_DECLS
