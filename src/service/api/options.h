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
 * first that is wrong. @n: at most 32 */
gboolean  ferryd_options_check         (GVariant            *options,
                                        const FerrydOption  *table,
                                        guint                n,
                                        GError             **error);

/* The three below take a dictionary of options whose keys have been checked: one that is looked
 * into many times should not be searched from its beginning each time. */

/* Whether `headers` and `secret-headers`, where they are, hold only what a request may have, no
 * name twice. No value is ever in @error. */
gboolean  ferryd_options_check_headers (GVariantDict  *options,
                                        GError       **error);

/* Takes `secret-headers`, where it is. Returns: (transfer full) (nullable): a{ss} */
GVariant *ferryd_options_get_secrets   (GVariantDict *options);

/* Whether `referrer`, where it is, is an address. */
gboolean  ferryd_options_check_referrer (GVariantDict  *options,
                                         GError       **error);

/* The keys of @base (nullable) and of @options, which win, but of @base none that is @dropped
 * (nullable), without secrets: neither headers nor the referrer's user part. @options has been
 * checked. Returns: (transfer full): one block of its own, which keeps nothing else alive */
GVariant *ferryd_options_keep          (GVariant   *base,
                                        GVariant   *options,
                                        const char *dropped);

/* The names of @secrets (a{ss}, nullable). Returns: (transfer full) (nullable): as; NULL: none */
GVariant *ferryd_options_name_secrets  (GVariant *secrets);

G_END_DECLS
