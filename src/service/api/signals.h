/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "api/clients.h"

G_BEGIN_DECLS

#define FERRYD_TYPE_SIGNALS (ferryd_signals_get_type ())
G_DECLARE_FINAL_TYPE (FerrydSignals, ferryd_signals, FERRYD, SIGNALS, GObject)

/*
 * What @manager's sessions and tasks have to tell @clients: gathered during a turn of the loop,
 * told after the answers that the same turn gave. Of each session: the tasks that are new; those
 * that changed, each once; the signals of tasks and session in the order in which they came about;
 * the tasks that are gone.
 */
FerrydSignals *ferryd_signals_new (FerrydManager *manager,
                                   FerrydClients *clients);

G_END_DECLS
