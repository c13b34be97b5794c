/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* What a terminal shows after it was sent some bytes, as far as the program uses one. */
typedef struct
{
  guint      columns;
  guint      row;       /* where the cursor is */
  guint      column;
  GPtrArray *rows;      /* owned; GArray of gunichar, all rows since the beginning */
} Screen;

Screen *screen_new      (guint        columns);

void    screen_free     (Screen      *self);

void    screen_feed     (Screen      *self,
                         const char  *text);

char   *screen_get_text (Screen      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Screen, screen_free)
