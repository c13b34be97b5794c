/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fake-rows.h"
#include "model/store.h"

G_BEGIN_DECLS

GVariant         *test_make_variant        (const char             *text);

GBytes           *test_make_key            (guint64                 number);

FerrydSessionRow *test_make_session        (const char             *identifier);

GPtrArray        *test_make_tasks          (gint64                  session_id,
                                            guint                   n);

FerrydKept       *test_make_kept           (gint64                  offset);

void              test_fill_task           (FerrydTaskRow          *task);

void              test_assert_same_kept    (const FerrydKept       *a,
                                            const FerrydKept       *b);

void              test_assert_same_status  (const FerrydTaskStatus *a,
                                            const FerrydTaskStatus *b);

void              test_assert_same_task    (const FerrydTaskRow    *a,
                                            const FerrydTaskRow    *b);

void              test_assert_same_session (const FerrydSessionRow *a,
                                            const FerrydSessionRow *b);

void              test_assert_same_event   (const FerrydEvent      *a,
                                            const FerrydEvent      *b);

void              test_assert_same_rows    (GPtrArray              *sessions,
                                            GPtrArray              *tasks,
                                            GPtrArray              *events,
                                            FakeRows               *rows);

G_END_DECLS
