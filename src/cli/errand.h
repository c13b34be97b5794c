/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "get-request.h"
#include "view.h"

G_BEGIN_DECLS

/* A file to get, and what became of it. A value. */
typedef struct
{
  const FerryWish *wish;        /* unowned */
  FerryTask       *task;        /* owned. NULL: none is known of */
  gulong           changed_id;  /* of its signal; 0: there is no task */
  gboolean         done;        /* counted as one that nobody waits for */
  gboolean         told;        /* that it is over, or needs somebody */
  gboolean         seen;        /* in the list of a service that is back */
  gboolean         asked;       /* what proves that the file is whole */
  gboolean         answered;    /* that question */
  gboolean         gone;        /* somebody has taken it out of the list */
} FerryErrand;

FerryErrand *ferry_errand_new     (const FerryWish *wish);

void         ferry_errand_free    (FerryErrand     *self);

gboolean     ferry_errand_matches (FerryErrand     *self,
                                   FerryTask       *task,
                                   gint64           not_before);

char        *ferry_errand_get_name (FerryErrand    *self);

gboolean     ferry_errand_needs_proof (FerryErrand *self);

gboolean     ferry_errand_is_done (FerryErrand     *self);

void         ferry_errand_tell    (FerryErrand     *self,
                                   FerryView       *view);

G_END_DECLS
