/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store-fixture.h"

G_BEGIN_DECLS

/* Tasks in a store that test_store_init_filled() has made. */
#define TEST_N_FILLED 500

void    test_store_init_filled (TestStore  *store);

char   *test_read_file         (const char *path,
                                gsize      *length);

void    test_write_file        (const char *path,
                                const char *contents,
                                gsize       length);

gint64  test_ask_sqlite        (const char *path,
                                const char *sql);

void    test_assert_refused    (TestStore  *store,
                                const char *text,
                                const char *alone);

G_END_DECLS
