/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "console.h"
#include "libferry/ferry.h"

G_BEGIN_DECLS

#define FERRY_TYPE_VIEW (ferry_view_get_type ())

G_DECLARE_INTERFACE (FerryView, ferry_view, FERRY, VIEW, GObject)

/* How tasks are shown while the program waits for them. */
struct _FerryViewInterface
{
  GTypeInterface parent;

  /* Something about @task changed. */
  void (*show)     (FerryView  *self,
                    FerryTask  *task);

  /* One line that stays, for the output: what became of a task. */
  void (*print)    (FerryView  *self,
                    const char *line);

  /* One line that stays, for the error stream. */
  void (*complain) (FerryView  *self,
                    const char *line);

  /* Nothing more comes: what does not stay is cleared away. */
  void (*end)      (FerryView  *self);
};

FerryView *ferry_view_new      (FerryConsole *console,
                                GPtrArray    *tasks);

void       ferry_view_show     (FerryView  *self,
                                FerryTask  *task);

void       ferry_view_print    (FerryView  *self,
                                const char *line);

void       ferry_view_complain (FerryView  *self,
                                const char *line);

void       ferry_view_end      (FerryView  *self);

G_END_DECLS
