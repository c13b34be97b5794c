/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "libferry/ferry.h"

G_BEGIN_DECLS

/* One of the tasks that were asked for. */
typedef struct
{
  guint64    number;
  FerryTask *task;    /* owned. NULL: it was not looked for yet, and may not exist */
} FerryChosen;

/* How a state is named in a set of them. */
#define FERRY_STATE_BIT(state) (1u << FERRY_TASK_STATE_##state)

/* What “all” is, where the verb does not say otherwise. */
#define FERRY_ALL_STATES ((1u << FERRY_N_TASK_STATES) - 1)

/* Which tasks a person means: numbers, ranges of them, and words for many. */
typedef struct _FerrySelection FerrySelection;

FerrySelection *ferry_selection_parse        (const char *const  *words,
                                              guint               n_words,
                                              GError            **error);

void            ferry_selection_free         (FerrySelection     *self);

gboolean        ferry_selection_parse_number (const char         *word,
                                              guint64            *number);

GPtrArray      *ferry_selection_resolve      (FerrySelection     *self,
                                              FerryClient        *client,
                                              guint               all,
                                              GError            **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrySelection, ferry_selection_free)

G_END_DECLS
