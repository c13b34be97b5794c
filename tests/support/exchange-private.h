/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "support/bad-server.h"

G_BEGIN_DECLS

/* Cancelled when the server is to end: for all blocking calls of its threads. */
GCancellable *test_server_get_stop (TestServer *self);

G_END_DECLS
