/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "transfer/facts.h"

G_BEGIN_DECLS

/* How the bytes that we have are to be proven those of the same file. */
typedef enum
{
  FERRYD_BASIS_NONE,     /* nothing is kept, or nothing could prove it */
  FERRYD_BASIS_ETAG,
  FERRYD_BASIS_DATE,
  FERRYD_BASIS_OVERLAP,  /* by comparing bytes that we have with those that come */
} FerrydBasis;

/* What to ask for. A value; its string lives in the part it was made from. */
typedef struct
{
  FerrydBasis  basis;
  gint64       from;      /* the first byte asked for. −1: the whole, without Range */
  const char  *if_range;  /* unowned. NULL: none */
} FerrydAsk;

/* What an answer is good for. */
typedef enum
{
  /* its body is a file from its first byte: nothing kept is of use to it */
  FERRYD_VERDICT_BEGIN,
  FERRYD_VERDICT_SKIP,        /* its body is of our version, and begins at or before our offset */
  FERRYD_VERDICT_COMPARE,     /* the same if the bytes before our offset are equal */
  FERRYD_VERDICT_OVERLAP,     /* none; ask again for an overlap as proof */
  FERRYD_VERDICT_WHOLE,       /* none; ask again for the whole */
  FERRYD_VERDICT_COMPLETE,    /* none is needed: we have all */
  FERRYD_VERDICT_LOGIN_PAGE,  /* it is a page where the rest of a file should be */
  FERRYD_VERDICT_REFUSED,     /* its status is no success */
  FERRYD_VERDICT_SENSELESS,   /* it contradicts itself */
} FerrydVerdict;

/* The best proof that @part can ask for. */
void          ferryd_resume_ask         (const FerrydPart *part,
                                         gboolean          unproven,
                                         FerrydAsk        *ask);

/* Asks for an overlap, whatever stronger proof there is. */
void          ferryd_resume_ask_overlap (const FerrydPart *part,
                                         FerrydAsk        *ask);

void          ferryd_resume_ask_whole   (FerrydAsk *ask);

/* Judges an answer to @ask by the table of design.md §6. */
FerrydVerdict ferryd_resume_judge       (const FerrydPart  *part,
                                         const FerrydAsk   *ask,
                                         const FerrydFacts *facts);

/* Whether @facts are strong proof of @part's version. */
gboolean      ferryd_resume_is_proven   (const FerrydPart  *part,
                                         const FerrydFacts *facts);

G_END_DECLS
