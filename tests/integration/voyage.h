/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cargo.h"
#include "support/answer.h"

G_BEGIN_DECLS

typedef struct _Voyage Voyage;

/* What a voyage is to be like. */
typedef struct
{
  guint  n_pieces;
  guint  n_strikes;
  int    signal;        /* what each strike sends to the service */
  gint64 most_bytes;    /* of a piece */
  guint  pace_ms;       /* of the server, between two lumps of bytes */
  guint  longest_ms;    /* between the service's start and the strike */
} VoyageOrders;

/* Downloads of all kinds, a service that is struck at random moments meanwhile, and at the end the
 * reckoning: nothing may be lost. */
void voyage_run (const VoyageOrders *orders);

G_END_DECLS
