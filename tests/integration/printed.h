/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cli/program.h"
#include "stage.h"

G_BEGIN_DECLS

#define ARGUMENTS(...) ((const char *const[]) { __VA_ARGS__, NULL })

/* What the real program prints, on the bus of a fixture, through pipes and on terminals. */

Program *printed_start        (Fixture           *fixture,
                               const char *const *arguments);

/* On a terminal, without colours. */
Program *printed_start_at     (Fixture           *fixture,
                               guint              columns,
                               const char *const *arguments);

/* Waits until it ends, which must be with @status. @errors: (out) (optional): NULL where it must
 * not have complained. Returns the output */
char    *printed_run          (Fixture            *fixture,
                               int                 status,
                               char              **errors,
                               const char *const  *arguments);

/* The same on a terminal. Returns what stands there in the end */
char    *printed_run_at       (Fixture           *fixture,
                               int                status,
                               guint              columns,
                               const char *const *arguments);

/* That this is what it said, with words in place of what is another in each run: SERVER,
 * DOWNLOADS, DATE, TIME, TOOK. */
void     printed_assert       (Stage             *stage,
                               const char        *text,
                               const char        *golden);

/* Where there is no session bus: it must say so, and end with 3. */
void     printed_assert_alone (const char        *output,
                               const char *const *arguments);

G_END_DECLS
