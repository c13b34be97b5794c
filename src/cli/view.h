/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "console.h"
#include "transfer.h"

G_BEGIN_DECLS

#define FERRY_TYPE_VIEW (ferry_view_get_type ())

G_DECLARE_INTERFACE (FerryView, ferry_view, FERRY, VIEW, GObject)

/* How transfers are shown while the program waits for them. */
struct _FerryViewInterface
{
  GTypeInterface parent;

  /* Something about @transfer changed. */
  void (*show)     (FerryView           *self,
                    const FerryTransfer *transfer);

  /* One line that stays, for the output: what became of a transfer. */
  void (*print)    (FerryView           *self,
                    const char          *line);

  /* One line that stays, for the error stream. */
  void (*complain) (FerryView           *self,
                    const char          *line);

  /* Nothing more comes: what does not stay is cleared away. */
  void (*end)      (FerryView           *self);
};

FerryView *ferry_view_new      (FerryConsole        *console,
                                GPtrArray           *transfers);

void       ferry_view_show     (FerryView           *self,
                                const FerryTransfer *transfer);

void       ferry_view_print    (FerryView           *self,
                                const char          *line);

void       ferry_view_complain (FerryView           *self,
                                const char          *line);

void       ferry_view_end      (FerryView           *self);

G_END_DECLS
