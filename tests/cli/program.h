/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "fake-service.h"

/* The program, run by a test. */
typedef struct
{
  GSubprocess *process;      /* owned */
  GString     *output;       /* owned; on a terminal that of both streams */
  GString     *errors;       /* owned */
  char        *shown;        /* owned; the last screen that was not the wanted one */
  int          terminal;     /* owned; our end of it. −1: there is none */
  guint        n_open;       /* streams that did not end yet */
  gboolean     exited;
} Program;

Program *program_new             (const char *const *arguments);

Program *program_new_fed         (const char *const *arguments,
                                  const char        *input);

Program *program_new_at          (guint              columns,
                                  guint              rows,
                                  const char *const *arguments,
                                  const char *const *environment);

void     program_free            (Program           *self);

void     program_resize          (Program           *self,
                                  guint              columns,
                                  guint              rows);

void     program_type            (Program           *self,
                                  const char        *text);

void     program_wait_for        (Program           *self,
                                  GString           *stream,
                                  const char        *text);

void     program_wait_for_screen (Program           *self,
                                  guint              columns,
                                  const char        *text);

void     program_wait_for_log    (Program           *self,
                                  FakeService       *service,
                                  const char        *text);

void     program_wait_for_tasks  (Program           *self,
                                  FakeService       *service,
                                  guint              n);

void     program_signal          (Program           *self,
                                  int                signal);

int      program_wait            (Program           *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Program, program_free)
