/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-asks.h"
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

/* What the job was started with. */
const FerrydOrders *fake_runner_get_orders   (FakeRunner    *self,
                                              gint64         task_id);

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

void           fake_runner_fail              (FakeRunner    *self,
                                              gint64         task_id,
                                              FerrydTransferError code);

/* The job does what it was told: it ends as cancelled, by the cause it was given. */
void           fake_runner_obey              (FakeRunner    *self,
                                              gint64         task_id);

/* What was asked for so far, and what of it has no answer yet. */
guint          fake_runner_get_n_asked       (FakeRunner    *self,
                                              FakeAsk        ask);

guint          fake_runner_get_n_asking      (FakeRunner    *self,
                                              FakeAsk        ask);

/* The same of all kinds. */
guint          fake_runner_get_n_waiting     (FakeRunner    *self);

/* Answers the oldest of a kind: all went well, and there is room. */
void           fake_runner_grant             (FakeRunner    *self,
                                              FakeAsk        ask);

/* Answers the oldest of all. */
void           fake_runner_grant_next        (FakeRunner    *self);

/* Answers the oldest of a kind: it did not work, and there is no room. */
void           fake_runner_refuse            (FakeRunner    *self,
                                              FakeAsk        ask,
                                              FerryError     code);

/* What it was told since the last call, but for jobs: “limit N”, “limit TASK N”, “reset SESSION”,
 * “move TASK FOLDER”, “forget FOLDER NAME INODE”, each with a semicolon. (transfer full) */
char          *fake_runner_take_log          (FakeRunner    *self);

/* Outcomes by the class of their error. */
FerrydOutcome *fake_outcome_new              (FerrydTransferError code,
                                              FerrydCause         cause);

G_END_DECLS
