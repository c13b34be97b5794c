/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "stage.h"

G_BEGIN_DECLS

#define HALVES_SIZE 2000000

/* The service, and a server with `/file`, which comes by halves, and `/gone`, which is not
 * there. */
typedef struct
{
  Stage stage;
  Gate  gate;   /* it stands after the first half */
} Halves;

void  halves_init  (Halves     *self);

void  halves_clear (Halves     *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Halves, halves_clear)

/* Starts a task for `/file` and waits for its first half. Returns its path. */
char *halves_start (Halves     *self,
                    const char *options);

G_END_DECLS
