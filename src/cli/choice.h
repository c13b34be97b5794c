/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "libferry/ferry.h"

G_BEGIN_DECLS

GPtrArray *ferry_choice_make (GPtrArray *tasks,
                              guint      room,
                              guint     *n_alive);

G_END_DECLS
