/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "transfer/facts.h"
#include "transfer/resume.h"
#include "transfer/run.h"

G_BEGIN_DECLS

/* An answer whose headers are here and whose body waits. */
typedef struct
{
  FerrydRun    *run;      /* unowned */
  SoupMessage  *message;  /* owned */
  GInputStream *body;     /* owned; NULL once closed */
  FerrydFacts   facts;
  FerrydBasis   basis;    /* on which it takes up kept bytes, for the metrics */
  gint64        started;  /* Unix µs */
} FerrydAnswer;

/* Reads the rest of the body if that is a matter of 64 KiB and a second, so that the connection
 * can be used again; else closes it. */
void          ferryd_answer_drop_body (FerrydAnswer *self);

/* Closes what is open and writes the exchange into the metrics. */
void          ferryd_answer_free      (FerrydAnswer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydAnswer, ferryd_answer_free)

G_END_DECLS
