/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "transfer/answer.h"
#include "transfer/digester.h"
#include "transfer/part-file.h"

G_BEGIN_DECLS

/* Where the bytes of an answer go. */
typedef struct
{
  FerrydRun      *run;
  FerrydAnswer   *answer;
  FerrydPartFile *file;
  /* of the whole file, from its first byte on; NULL: computed afterwards, if at all */
  FerrydDigester *digester;
  gboolean        compare;   /* the bytes that we have with those that come */
  gboolean        differs;   /* out: they are not the same */
} FerrydBody;

/*
 * Copies the body behind the bytes that we have; passes over, or compares, those before. All ends
 * of bodies go through it: TRUE only when every byte that was announced is in the file, and no
 * other.
 */
gboolean ferryd_body_copy (FerrydBody  *self,
                           GError     **error);

G_END_DECLS
