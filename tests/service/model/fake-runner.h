/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/runner.h"

G_BEGIN_DECLS

#define FAKE_TYPE_RUNNER (fake_runner_get_type ())
G_DECLARE_FINAL_TYPE (FakeRunner, fake_runner, FAKE, RUNNER, GObject)

/* An engine whose jobs do what the test says, and nothing else. */
FakeRunner    *fake_runner_new               (void);

gboolean       fake_runner_has_job           (FakeRunner    *self,
                                              gint64         task_id);

/* The ids of tasks with jobs, by rising id; (transfer full). Of gint64. */
GArray        *fake_runner_get_jobs          (FakeRunner    *self);

/* Jobs whose bytes are not all written. @host: NULL: with all hosts */
guint          fake_runner_count_slots       (FakeRunner    *self,
                                              const char    *host);

guint          fake_runner_get_n_starts      (FakeRunner    *self);

/* Why the job was told to stop; as with the engine, the first word counts. */
FerrydCause    fake_runner_get_cause         (FakeRunner    *self,
                                              gint64         task_id);

/* The counters of a job, for the test to set. */
FerrydTally   *fake_runner_get_counters      (FakeRunner    *self,
                                              gint64         task_id);

/* What a job tells. */
void           fake_runner_note              (FakeRunner    *self,
                                              gint64         task_id,
                                              const char    *current_url);

void           fake_runner_write             (FakeRunner    *self,
                                              gint64         task_id);

/* @outcome: (transfer full) */
void           fake_runner_end               (FakeRunner    *self,
                                              gint64         task_id,
                                              FerrydOutcome *outcome);

void           fake_runner_finish            (FakeRunner    *self,
                                              gint64         task_id);

/* The job does what it was told: it ends as cancelled, by the cause it was given. */
void           fake_runner_obey              (FakeRunner    *self,
                                              gint64         task_id);

/* Discards that have no answer yet. */
guint          fake_runner_get_n_discarding  (FakeRunner    *self);

guint          fake_runner_get_n_discards    (FakeRunner    *self);

/* Answers the oldest: all is gone, or something stays. */
void           fake_runner_answer_discard    (FakeRunner    *self,
                                              gboolean       is_gone);

/* Answers the oldest: it is the finished file, and stays. */
void           fake_runner_refuse_discard    (FakeRunner    *self);

/* Outcomes by the class of their error. */
FerrydOutcome *fake_outcome_new              (FerrydTransferError code,
                                              FerrydCause         cause);

G_END_DECLS
