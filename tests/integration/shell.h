/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "fixture.h"

G_BEGIN_DECLS

/* A daemon that people use shows the fixture's notifications, on a screen of its own; and all that
 * it was told is remembered. */
typedef struct
{
  Fixture         *fixture;  /* unowned */
  GSubprocess     *screen;   /* owned */
  GSubprocess     *dunst;    /* owned */
  GDBusConnection *spy;      /* owned */
  GMutex           lock;     /* over the rest: it comes in a thread of GDBus */
  gboolean         is_on;
  GPtrArray       *shown;    /* owned; the arguments of each Notify, a GVariant */
} Shell;

/* Whether all is installed; else the test is skipped. */
gboolean  shell_or_skip           (void);

Shell    *shell_new               (Fixture   *fixture);

void      shell_free              (Shell     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Shell, shell_free)

/* How many times Notify was called. */
guint     shell_count             (Shell     *self);

/* Waits for that call; from 0. Belongs to @self. */
GVariant *shell_get               (Shell     *self,
                                   guint      index);

/* Waits until so many are on the screen. */
void      shell_wait_displayed    (Shell     *self,
                                   guint      n);

/* A click on the newest one. */
void      shell_click             (Shell     *self);

/* The menu of all actions, and in it “Show in Files”. */
void      shell_choose_show       (Shell     *self);

void      shell_close_all         (Shell     *self);

/* Is the file manager. @shown: (out): the arguments of ShowItems, once it is called */
void      shell_play_file_manager (Shell     *self,
                                   GVariant **shown);

/* The application for all files; returns the path of a file where it notes what it was started
 * with. */
char     *shell_install_opener    (Shell     *self);

G_END_DECLS
