/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "get-request.h"
#include "libferry/ferry.h"
#include "verbs.h"

G_BEGIN_DECLS

/* Whether the files are waited for. */
typedef enum
{
  FERRY_GETTER_WAIT,   /* “ferry get” */
  FERRY_GETTER_LEAVE,  /* “ferry add” */
} FerryGetterMode;

FerryExit ferry_getter_run (FerryConsole          *console,
                            FerryClient           *client,
                            const FerryGetRequest *request,
                            FerryGetterMode        mode);

G_END_DECLS
