/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "transfer.h"
#include "view.h"

G_BEGIN_DECLS

typedef enum
{
  FERRY_ERRAND_NEW,      /* the service does not have it, or nobody knows */
  FERRY_ERRAND_ASKED,    /* the service was asked to make the task */
  FERRY_ERRAND_MADE,     /* there is a task */
  FERRY_ERRAND_REFUSED,  /* there will be none */
} FerryErrandStage;

/* One address of the command line, and what became of it. A value. */
typedef struct
{
  const char       *url;       /* unowned; as it was typed, with its secrets */
  FerryTransfer    *transfer;  /* owned */
  FerryErrandStage  stage;
  gboolean          told;      /* that it is over, or needs somebody */
  gboolean          seen;      /* in the list of a service that is back */
} FerryErrand;

FerryErrand *ferry_errand_new        (const char   *url);

void         ferry_errand_free       (FerryErrand  *self);

gboolean     ferry_errand_adopt      (FerryErrand  *self,
                                      const char   *path,
                                      GVariant     *properties,
                                      gint64        not_before);

void         ferry_errand_set_failed (FerryErrand  *self,
                                      const GError *error);

gboolean     ferry_errand_is_done    (FerryErrand  *self);

void         ferry_errand_tell       (FerryErrand  *self,
                                      FerryView    *view);

G_END_DECLS
