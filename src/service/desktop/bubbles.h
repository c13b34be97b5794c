/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "desktop/notice.h"

G_BEGIN_DECLS

/*
 * libnotify, in a thread of its own.
 *
 * libnotify 0.8 has only calls that block, up to 25 s each when the daemon hangs, and is not made
 * for two threads: it learns a notification's number after the call, and finds the notification of
 * a signal by that. So all of it lives in this one thread, which has a main context for the
 * signals; they come when the call that they are about has returned. Values go in, and values come
 * out.
 */
typedef struct _FerrydBubbles FerrydBubbles;

typedef enum
{
  FERRYD_BUBBLE_GONE,    /* closed, or its daemon has left, or it was not shown at all */
  FERRYD_BUBBLE_CHOSEN,  /* the user has chosen an action */
} FerrydBubbleEventKind;

typedef struct
{
  FerrydBubbleEventKind  kind;
  guint64                key;
  guint64                serial;
  FerrydNotice          *notice;  /* owned; CHOSEN: what the user saw */
  char                  *action;  /* owned; CHOSEN: one of the words below */
  char                  *token;   /* owned; CHOSEN: for the window that comes up. NULL: none */
} FerrydBubbleEvent;

#define FERRYD_BUBBLE_DEFAULT "default"
#define FERRYD_BUBBLE_OPEN    "open"
#define FERRYD_BUBBLE_SHOW    "show"

typedef void (* FerrydBubbleFunc) (const FerrydBubbleEvent *event,
                                   gpointer                 user_data);

/* @func is called in the main context of the caller. */
FerrydBubbles *ferryd_bubbles_new  (GDBusConnection    *connection,
                                    FerrydBubbleFunc    func,
                                    gpointer            user_data);

/* @serial: grows with each call. A bubble with the same @key is replaced, and not told to be gone.
 * Each other bubble is, once. */
void           ferryd_bubbles_show (FerrydBubbles      *self,
                                    guint64             key,
                                    guint64             serial,
                                    const FerrydNotice *notice);

/* @func is not called any more. Does not wait for a daemon that hangs. */
void           ferryd_bubbles_free (FerrydBubbles      *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydBubbles, ferryd_bubbles_free)

G_END_DECLS
