/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "support/answer.h"
#include "transfer/http.h"
#include "transfer/outcome.h"
#include "transfer/plan.h"
#include "transfer/tally.h"

G_BEGIN_DECLS

/* No run takes longer, or the test is aborted; sanitizers on a busy machine included. */
#define TEST_DEADLINE (30 * G_TIME_SPAN_SECOND)

/*
 * A fresh folder, a plan for it, and a stand-in for the store.
 *
 * At every checkpoint and after every run the folder is looked at: what is there and was not
 * before must have been noted, and nothing that a note calls durable may be missing from its file.
 */
typedef struct _TestBed TestBed;

struct _TestBed
{
  char               *folder;           /* owned */
  FerrydHttpSettings  settings;         /* for the first run; members are unowned */
  FerrydHttp         *http;             /* owned; made by the first run */
  FerrydSyncer       *syncer;           /* owned */
  FerrydPlan         *plan;             /* owned; its @kept is replaced by each run */
  FerrydTally         tally;            /* of the last run */
  GCancellable       *cancellable;      /* owned; fresh after each run */
  gint64              patience;         /* µs that a run may take */
  gboolean            is_published;     /* a run has finished: the file is the user's */
  gboolean            is_meddled_with;  /* the test has shortened a part itself */
  gboolean            keeps_acked_only; /* the next run starts from the last granted checkpoint */

  GMutex              lock;             /* over all that follows */
  GCond               changed;
  GHashTable         *before;           /* owned; name → inode of what is not ours */
  GPtrArray          *notes;            /* owned; FerrydKept, all checkpoints that were granted */
  guint               n_checkpoints;    /* asked for in this run */
  guint               fail_at;          /* this one fails, and all after it. 0: none */
  guint               cancel_at;        /* this one cancels the run. 0: none */
  gboolean            takes_name;       /* another's file takes the final name once it is noted */
  guint               n_written;        /* calls of the plan's @written */
  gboolean            written;          /* in this run */
  GString            *redirects;        /* owned; of all runs: a line each, status and URL */
  FerrydOutcome      *outcome;          /* owned; of the run that has just ended */
  GThread            *thread;           /* owned; NULL: no run is under way */
};

TestBed       *test_bed_new            (void);

/* Asserts that what is left can be discarded, and nothing lies about then. */
void           test_bed_free           (TestBed *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestBed, test_bed_free)

void           test_bed_set_url        (TestBed    *self,
                                        TestServer *server,
                                        const char *path);

/* Puts a file there that is not ours. */
void           test_bed_put            (TestBed    *self,
                                        const char *name,
                                        const char *text);

/* What is in the folder, in order, joined by ` | `. */
char          *test_bed_list           (TestBed *self);

char          *test_bed_get_path       (TestBed    *self,
                                        const char *name);

/* Grants what the plan keeps, as if it were a checkpoint of an earlier run. */
void           test_bed_note           (TestBed *self);

/* Runs the plan in a thread of its own; what it keeps goes into the next. */
FerrydOutcome *test_bed_run            (TestBed *self);

/* The two halves of it. */
void           test_bed_start          (TestBed *self);

FerrydOutcome *test_bed_wait           (TestBed *self);

/* Runs until an outcome is finished, at most @times. */
FerrydOutcome *test_bed_run_to_the_end (TestBed *self,
                                        guint    times);

/* The word of the outcome's class, or `finished`. */
const char    *test_outcome_get_word   (const FerrydOutcome *outcome);

/* The last `resume-basis` of the metrics. NULL: none. */
char          *test_outcome_get_basis  (const FerrydOutcome *outcome);

void           test_bed_assert_word    (TestBed             *self,
                                        const FerrydOutcome *outcome,
                                        const char          *word);

/* Finished, and the file is the one that the server holds. */
void           test_bed_assert_file    (TestBed             *self,
                                        const FerrydOutcome *outcome,
                                        const TestContent   *content);

void           test_bed_assert_bytes   (TestBed             *self,
                                        const FerrydOutcome *outcome,
                                        const char          *bytes,
                                        gsize                n);

G_END_DECLS
