/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "headers.h"

G_BEGIN_DECLS

/* An address of an input file, and the options below it. A value; what is not there is NULL. */
typedef struct
{
  guint         line;        /* of the address, from 1 */
  guint         target_line; /* of what tells where to; 0: nothing does */
  char         *url;         /* owned */
  char         *out;         /* owned; a file, below @directory where that is given */
  char         *directory;   /* owned */
  char         *digest;      /* owned; such as `sha-256=…` */
  char         *referrer;    /* owned */
  FerryHeaders *headers;     /* owned */
  gboolean      has_mirrors; /* there were other addresses behind it */
} FerryInputEntry;

void       ferry_input_entry_free  (FerryInputEntry    *self);

gboolean   ferry_input_check_url   (const char         *url,
                                    GError            **error);

char      *ferry_input_file_read   (const char         *file_name,
                                    GError            **error);

GPtrArray *ferry_input_file_parse  (const char         *text,
                                    const char         *name,
                                    const FerryHeaders *headers,
                                    GPtrArray          *problems);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FerryInputEntry, ferry_input_entry_free)

G_END_DECLS
