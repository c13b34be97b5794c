/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "transfer/plan.h"

G_BEGIN_DECLS

/*
 * The threads of the jobs. One that is done stays for a moment: where thousands of small files are
 * fetched, making threads and clearing up behind them is a tenth of the work. There are as many as
 * there are jobs; nobody ever waits for one.
 */
FerrydCrew *ferryd_crew_new   (void);

FerrydCrew *ferryd_crew_ref   (FerrydCrew *self);

void        ferryd_crew_unref (FerrydCrew *self);

typedef void (* FerrydCrewFunc) (gpointer data);

/* Calls @function with @data in a thread that does nothing else meanwhile. */
void        ferryd_crew_run   (FerrydCrew     *self,
                               FerrydCrewFunc  function,
                               gpointer        data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydCrew, ferryd_crew_unref)

G_END_DECLS
