/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fixture.h"

G_BEGIN_DECLS

/* A command line of a person, run on the fixture's bus; `ferry` is the program that was built. */
typedef struct
{
  Fixture     *fixture;   /* unowned */
  GSubprocess *process;   /* owned */
  gboolean     has_ended;
  char        *output;    /* owned; once it has ended */
  char        *errors;    /* owned; the same */
} Command;

/* @argv: ends with NULL. */
Command *command_start  (Fixture           *fixture,
                         const char *const *argv);

void     command_free   (Command           *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Command, command_free)

/* Handles what comes to the fixture's client until it has ended. Returns the exit status. */
int      command_wait   (Command           *self);

/* Runs @line, whose words are split at spaces: it must end with @status, and print this. NULL for
 * @output or @errors: whatever. */
void     command_expect (Fixture           *fixture,
                         const char        *line,
                         int                status,
                         const char        *output,
                         const char        *errors);

G_END_DECLS
