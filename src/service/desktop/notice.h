/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a notification says and offers. Text is plain: what a daemon would take for markup is
 * escaped later. */
typedef struct
{
  const char         *summary;  /* not empty */
  const char         *body;     /* NULL: none */
  const char         *app_id;   /* whose it is, by its desktop file. NULL: Ferry's own */
  const char         *file;     /* absolute path of the one finished file. NULL: not exactly one */
  const char * const *paths;    /* absolute, NULL-terminated: to show in the file manager.
                                 * NULL or empty: nothing to show */
} FerrydNotice;

/* A deep copy, for whoever, in whichever thread. */
FerrydNotice *ferryd_notice_copy      (const FerrydNotice *notice);

void          ferryd_notice_free      (FerrydNotice       *notice);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerrydNotice, ferryd_notice_free)

/* The words for a session whose tasks have all ended, at least one of them not by being cancelled.
 *
 * @only_name: (nullable): the name of the only file, where it is one
 * @summary: (out): owned by the caller
 * @body: (out) (nullable): owned by the caller
 */
void          ferryd_notifier_describe (guint        n_finished,
                                        guint        n_failed,
                                        const char  *only_name,
                                        char       **summary,
                                        char       **body);

G_END_DECLS
