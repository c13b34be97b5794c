/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Lets the peak of this process's memory begin anew; returns the bytes it has now. */
gint64 test_memory_reset_peak    (void);

/*
 * That the peak since then was not @bound bytes above @before. Under a sanitizer, which keeps what
 * is freed, it asserts nothing.
 */
void   test_memory_assert_growth (gint64 before,
                                  gint64 bound);

G_END_DECLS
