/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "support/answer.h"

G_BEGIN_DECLS

/* How many answers are being given at the same time. */
typedef struct
{
  GMutex lock;
  guint  active;
  guint  most;    /* that ever were */
} GateCount;

/*
 * A file on a server that comes as far as the test lets it.
 *
 * It has a strong ETag, and ranges are honoured.
 */
typedef struct
{
  TestAnswer  answer;    /* its content, and what is to be in its head */
  gint64      hold_at;   /* so many bytes come, then the gate. −1: it stands before the head */
  guint       pace_ms;   /* between two pieces of 64 KiB. 0: as fast as it goes */
  GateCount  *count;     /* unowned; all answers of all gates that share it. NULL: not counted */

  GMutex      lock;      /* over all that follows */
  GCond       changed;
  gboolean    is_open;
  guint       tickets;   /* so many may pass though it is not open */
  guint       n_held;    /* answers that wait now */
  guint       n_active;
  guint       most;      /* that ever were active */
} Gate;

/* @hold_at: above @size for a gate that never closes. */
void gate_init      (Gate    *self,
                     guint64  seed,
                     gint64   size,
                     gint64   hold_at);

void gate_clear     (Gate *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Gate, gate_clear)

/* A behaviour; @gate is a Gate. */
void gate_serve     (TestExchange *x,
                     gpointer      gate);

/* Waits until at least so many answers stand before the gate. */
void gate_wait_held (Gate  *self,
                     guint  n);

/* For good. To be done before the server is freed. */
void gate_open      (Gate *self);

/* One of them. */
void gate_let_one   (Gate *self);

/* Asserts that @path is this file. */
void gate_assert_file (Gate       *self,
                       const char *path);

G_END_DECLS
