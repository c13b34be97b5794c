/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The client library of Ferry, the transfer service: this is the only header to include. */

#include "ferry-types.h"

#include "ferry-client.h"
#include "ferry-session.h"
#include "ferry-task-list.h"
#include "ferry-task.h"
