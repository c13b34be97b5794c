/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "transfer.h"

G_BEGIN_DECLS

GPtrArray *ferry_choice_make (GPtrArray *transfers,
                              guint      room,
                              guint     *n_alive);

G_END_DECLS
