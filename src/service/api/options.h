/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A key that a vardict may have, and the type of its value. */
typedef struct
{
  const char *name;
  const char *type;
} FerrydOption;

/* Whether @options holds only keys of @table, of their types, each once; InvalidOption names the
 * first that is wrong. */
gboolean ferryd_options_check (GVariant            *options,
                               const FerrydOption  *table,
                               guint                n,
                               GError             **error);

G_END_DECLS
