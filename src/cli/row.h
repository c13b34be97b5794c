/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "console.h"

G_BEGIN_DECLS

/* One line of the live display. A value. */
typedef struct
{
  const char *name;      /* unowned */
  gint64      received;  /* bytes */
  gint64      expected;  /* bytes; −1: unknown */
  guint64     rate;      /* bytes a second */
  const char *note;      /* unowned; told in place of the numbers. NULL: the numbers */
  FerryPaint  paint;     /* of the bar, or of the note */
} FerryRow;

/* The columns of a display; 0: not shown, for lack of room. A value. */
typedef struct
{
  guint total;
  guint name;
  guint bar;
  guint percent;
  guint size;
  guint rate;
  guint left;
} FerryLayout;

void  ferry_layout_init (FerryLayout       *self,
                         guint              columns,
                         guint              longest_name);

char *ferry_row_format  (const FerryRow    *self,
                         const FerryLayout *layout,
                         FerryConsole      *console);

G_END_DECLS
