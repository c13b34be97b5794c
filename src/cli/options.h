/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* An option of a verb. A value. */
typedef struct
{
  const char  *name;    /* without its two hyphens */
  char         letter;  /* 0: it has no short form */
  const char **value;   /* where its value is put. NULL: it takes none */
  gboolean    *given;   /* where it is said that it was there. NULL: nobody asks */
  GPtrArray   *values;  /* unowned; of one that can be repeated: where each value is added */
} FerryOption;

GPtrArray *ferry_options_parse (const FerryOption  *options,
                                guint               n_options,
                                int                 argc,
                                char              **argv,
                                GError            **error);

G_END_DECLS
