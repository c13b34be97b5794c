/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-runner.h"
#include "fake-store.h"

G_BEGIN_DECLS

/* Long enough for a machine under load; nothing but a hang gets there. */
#define TEST_DEADLINE_S 40

/* Lets the loop turn until nothing is left to do but what waits for the store, the runner or the
 * clock. */
void     settle          (void);

/* The same, and the store and the runner's discards answer all that they are asked. */
void     settle_all      (FakeStore  *store,
                          FakeRunner *runner);

/* Until the store is asked for something: where only the model's own clock can bring that. */
void     settle_by_clock (FakeStore  *store);

/* Whether @object, of which the test had the last reference, is no more. */
gboolean is_last         (gpointer    object);

/* A random number generator by FERRY_TEST_SEED, which is printed. */
GRand   *make_random     (void);

G_END_DECLS
