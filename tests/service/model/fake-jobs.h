/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/runner.h"

G_BEGIN_DECLS

/* A job of the engine that is none. */
typedef struct
{
  gint64        task_id;
  char         *host;        /* owned */
  FerrydOrders  orders;      /* owned */
  FerrydCause   cause;       /* why it was told to stop */
  gboolean      is_written;
  FerrydTally   tally;
} FakeJob;

/* A table of FakeJob by the id of its task; (transfer full). */
GHashTable *fake_jobs_new         (void);

/* Begins one for @task, which has none. */
void        fake_jobs_start       (GHashTable          *jobs,
                                   const FerrydTaskRow *task,
                                   const FerrydOrders  *orders);

/* NULL: there is none */
FakeJob    *fake_jobs_find        (GHashTable          *jobs,
                                   gint64               task_id);

/* The same, where there must be one. */
FakeJob    *fake_jobs_get         (GHashTable          *jobs,
                                   gint64               task_id);

/* The ids of the tasks, by rising id; (transfer full). Of gint64. */
GArray     *fake_jobs_list        (GHashTable          *jobs);

/* Those whose bytes are not all written. @host: NULL: with all hosts */
guint       fake_jobs_count_slots (GHashTable          *jobs,
                                   const char          *host);

/* Where it talks to from now on. */
void        fake_job_set_url      (FakeJob             *job,
                                   const char          *url);

G_END_DECLS
