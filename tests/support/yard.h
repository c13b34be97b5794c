/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "support/bad-server.h"
#include "transfer/http.h"
#include "transfer/job.h"

G_BEGIN_DECLS

/* Everything that the jobs of a test share. */
typedef struct
{
  char         *folder;     /* owned */
  TestServer   *server;     /* owned */
  FerrydHttp   *http;       /* owned */
  FerrydSyncer *syncer;     /* owned */
  GMainLoop    *loop;       /* owned */
  guint         n_left;     /* jobs that have not come home */
  gint          n_written;  /* atomic */
} TestYard;

/* One job of it. */
typedef struct
{
  TestYard      *yard;     /* unowned */
  FerrydJob     *job;      /* owned; NULL: finalised, as it must be in the end */
  FerrydOutcome *outcome;  /* owned; NULL until it has come home */
  gint64         ended;    /* monotonic µs */
} TestErrand;

/* @request_timeout: the session's; 0: as it comes */
void        test_yard_init    (TestYard *yard,
                               guint     request_timeout);

void        test_yard_clear   (TestYard *yard);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TestYard, test_yard_clear)

FerrydPlan *test_yard_plan    (TestYard   *yard,
                               const char *path);

/* @plan: (transfer full) */
void        test_yard_start   (TestYard   *yard,
                               TestErrand *errand,
                               FerrydPlan *plan);

/* Runs the main loop until all jobs have come home. */
void        test_yard_wait    (TestYard *yard);

/* The callback has come; the job is ours alone, or will be at once. */
void        test_errand_clear (TestErrand *errand);

G_END_DECLS
