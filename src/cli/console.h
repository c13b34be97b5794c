/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How a piece of text stands out, where colours are shown. */
typedef enum
{
  FERRY_PAINT_NONE,
  FERRY_PAINT_BOLD,
  FERRY_PAINT_GOOD,
  FERRY_PAINT_BAD,
  FERRY_PAINT_WAITING,
  FERRY_PAINT_MOVING,
  FERRY_PAINT_FAINT,
} FerryPaint;

#define FERRY_N_PAINTS (FERRY_PAINT_FAINT + 1)

/* The signs that depend on the terminal's character set. */
typedef struct
{
  const char *ellipsis;
  const char *full;      /* a column of a bar */
  const char *empty;     /* the same, not yet filled */
} FerrySigns;

typedef struct _FerryConsole FerryConsole;

FerryConsole     *ferry_console_new              (void);

void              ferry_console_free             (FerryConsole *self);

gboolean          ferry_console_is_terminal      (FerryConsole *self);

gboolean          ferry_console_is_foreground    (FerryConsole *self);

void              ferry_console_get_size         (FerryConsole *self,
                                                  guint        *columns,
                                                  guint        *rows);

const FerrySigns *ferry_console_get_signs        (FerryConsole *self);

char             *ferry_console_paint            (FerryConsole *self,
                                                  FerryPaint    paint,
                                                  const char   *text);

void              ferry_console_print            (FerryConsole *self,
                                                  const char   *text);

void              ferry_console_write            (FerryConsole *self,
                                                  const char   *text);

void              ferry_console_complain         (FerryConsole *self,
                                                  const char   *text);

int               ferry_console_get_continued_fd (FerryConsole *self);

void              ferry_console_take_continued   (FerryConsole *self);

int               ferry_console_get_errno        (FerryConsole *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryConsole, ferry_console_free)

G_END_DECLS
