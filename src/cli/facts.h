/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "console.h"

G_BEGIN_DECLS

/* What is known of something, as lines of a label and a value. A value. */
typedef struct
{
  GPtrArray *labels;  /* owned; const char * (unowned) */
  GPtrArray *values;  /* owned; char * */
  GArray    *paints;  /* owned; FerryPaint */
} FerryFacts;

void  ferry_facts_init   (FerryFacts   *self);

void  ferry_facts_clear  (FerryFacts   *self);

void  ferry_facts_add    (FerryFacts   *self,
                          const char   *label,
                          FerryPaint    paint,
                          const char   *value);

void  ferry_facts_take   (FerryFacts   *self,
                          const char   *label,
                          char         *value);

char *ferry_facts_format (FerryFacts   *self,
                          FerryConsole *console);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FerryFacts, ferry_facts_clear)

G_END_DECLS
