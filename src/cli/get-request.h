/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "console.h"

G_BEGIN_DECLS

/* What “ferry get” is asked to do, proven to make sense. A value. */
typedef struct
{
  gboolean    help;      /* nothing else was looked at */
  GPtrArray  *urls;      /* owned; const char * of the arguments (unowned) */
  GVariant   *options;   /* owned; a{sv} for each task */
} FerryGetRequest;

FerryGetRequest *ferry_get_request_parse (FerryConsole     *console,
                                          int               argc,
                                          char            **argv);

void             ferry_get_request_free  (FerryGetRequest  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryGetRequest, ferry_get_request_free)

G_END_DECLS
