/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-options"

#include "config.h"

#include <string.h>

#include "api/options.h"
#include "common/error.h"
#include "common/header.h"
#include "common/url.h"

#define MAX_OPTIONS 32

/* The place of @name in @table; −1: it is not there. */
static int
find_option (const FerrydOption *table,
             guint               n,
             const char         *name)
{
  for (guint i = 0; i < n; i++)
    {
      if (strcmp (table[i].name, name) == 0)
        return (int) i;
    }

  return -1;
}

gboolean
ferryd_options_check (GVariant            *options,
                      const FerrydOption  *table,
                      guint                n,
                      GError             **error)
{
  guint32 seen = 0;
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_return_val_if_fail (n <= MAX_OPTIONS, FALSE);

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      g_autoptr(GVariant) owned = value;
      int place = find_option (table, n, name);
      const char *type = g_variant_get_type_string (owned);

      if (place < 0)
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                       "There is no option “%s”", name);
          return FALSE;
        }
      if (strcmp (table[place].type, type) != 0)
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                       "The option “%s” is of type “%s”, not “%s”", name, table[place].type, type);
          return FALSE;
        }
      if ((seen & (1u << place)) != 0)
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                       "The option “%s” is there twice", name);
          return FALSE;
        }
      seen |= 1u << place;
    }

  return TRUE;
}

static gboolean
check_use (const char  *name,
           gboolean     as_secret,
           GError     **error)
{
  FerryHeaderUse use = ferry_header_get_use (name);

  if (use == FERRY_HEADER_RESERVED)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                 "“%s” is the service's to set: neither “headers” nor “secret-headers” may have it",
                 name);
  else if (use == FERRY_HEADER_SECRET && !as_secret)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                 "“%s” is a secret, and goes into “secret-headers”", name);

  return use == FERRY_HEADER_FREE || (use == FERRY_HEADER_SECRET && as_secret);
}

/* @seen: the names so far, in lower case */
static gboolean
check_dictionary (GVariant    *headers,
                  const char  *key,
                  gboolean     as_secret,
                  GHashTable  *seen,
                  GError     **error)
{
  GVariantIter iter;
  const char *name;
  const char *value;

  if (headers == NULL)
    return TRUE;

  g_variant_iter_init (&iter, headers);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, &value))
    {
      if (!ferry_header_check_name (name, error) || !check_use (name, as_secret, error) ||
          !ferry_header_check_value (name, value, error))
        {
          g_prefix_error (error, "“%s”: ", key);
          return FALSE;
        }
      if (!g_hash_table_add (seen, g_ascii_strdown (name, -1)))
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                       "“%s”: “%s” is there twice", key, name);
          return FALSE;
        }
    }

  return TRUE;
}

gboolean
ferryd_options_check_headers (GVariantDict  *options,
                              GError       **error)
{
  g_autoptr(GVariant) headers = NULL;
  g_autoptr(GVariant) secrets = ferryd_options_get_secrets (options);
  g_autoptr(GHashTable) seen = NULL;

  headers = g_variant_dict_lookup_value (options, "headers", G_VARIANT_TYPE ("a{ss}"));
  if (headers == NULL && secrets == NULL)
    return TRUE;

  seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return check_dictionary (headers, "headers", FALSE, seen, error) &&
         check_dictionary (secrets, "secret-headers", TRUE, seen, error);
}

GVariant *
ferryd_options_get_secrets (GVariantDict *options)
{
  return g_variant_dict_lookup_value (options, "secret-headers", G_VARIANT_TYPE ("a{ss}"));
}

gboolean
ferryd_options_check_referrer (GVariantDict  *options,
                               GError       **error)
{
  g_autoptr(GUri) uri = NULL;
  g_autoptr(GError) cause = NULL;
  const char *referrer;

  if (!g_variant_dict_lookup (options, "referrer", "&s", &referrer))
    return TRUE;

  uri = ferry_url_parse (referrer, &cause);
  if (uri == NULL)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION, "“referrer”: %s",
                 cause->message);
  return uri != NULL;
}

/* What is kept stays for as long as its task does, and a part of a message would keep all of it. */
static GVariant *
copy_as_one_block (GVariant *value)
{
  gsize size = g_variant_get_size (value);
  gpointer data = g_memdup2 (g_variant_get_data (value), size);

  return g_variant_ref_sink (g_variant_new_from_data (g_variant_get_type (value), data, size, TRUE,
                                                      g_free, data));
}

/* NULL: there is no user part in it, so that it may stay as it is. */
static char *
clean_referrer (GVariant *entry)
{
  g_autoptr(GVariant) value = NULL;
  const char *referrer;

  g_variant_get_child (entry, 1, "v", &value);
  referrer = g_variant_get_string (value, NULL);
  return strchr (referrer, '@') != NULL ? ferry_url_without_secrets (referrer) : NULL;
}

/* @newer: (nullable): its keys are left out */
static void
add_kept (GVariantBuilder *builder,
          GVariant        *options,
          GVariantDict    *newer,
          const char      *dropped)
{
  GVariantIter iter;
  GVariant *next;

  g_variant_iter_init (&iter, options);
  while ((next = g_variant_iter_next_value (&iter)) != NULL)
    {
      g_autoptr(GVariant) entry = next;
      g_autofree char *clean = NULL;
      const char *name;

      g_variant_get_child (entry, 0, "&s", &name);
      if ((newer != NULL && g_variant_dict_contains (newer, name)) ||
          strcmp (name, "secret-headers") == 0 || g_strcmp0 (name, dropped) == 0)
        continue;

      if (strcmp (name, "referrer") == 0)
        clean = clean_referrer (entry);
      if (clean != NULL)
        g_variant_builder_add (builder, "{sv}", name, g_variant_new_string (clean));
      else
        g_variant_builder_add_value (builder, entry);
    }
}

GVariant *
ferryd_options_keep (GVariant   *base,
                     GVariant   *options,
                     const char *dropped)
{
  g_autoptr(GVariant) kept = NULL;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  if (base != NULL)
    {
      g_auto(GVariantDict) newer = G_VARIANT_DICT_INIT (options);

      add_kept (&builder, base, &newer, dropped);
    }
  add_kept (&builder, options, NULL, NULL);
  kept = g_variant_ref_sink (g_variant_builder_end (&builder));
  return copy_as_one_block (kept);
}

GVariant *
ferryd_options_name_secrets (GVariant *secrets)
{
  GVariantBuilder names;
  GVariantIter iter;
  const char *name;

  if (secrets == NULL || g_variant_n_children (secrets) == 0)
    return NULL;

  g_variant_builder_init (&names, G_VARIANT_TYPE_STRING_ARRAY);
  g_variant_iter_init (&iter, secrets);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, NULL))
    g_variant_builder_add (&names, "s", name);

  return g_variant_ref_sink (g_variant_builder_end (&names));
}
