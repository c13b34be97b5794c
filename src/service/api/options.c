/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-options"

#include "config.h"

#include "api/options.h"
#include "common/error.h"

static const FerrydOption *
find_option (const FerrydOption *table,
             guint               n,
             const char         *name)
{
  for (guint i = 0; i < n; i++)
    {
      if (g_strcmp0 (table[i].name, name) == 0)
        return &table[i];
    }

  return NULL;
}

gboolean
ferryd_options_check (GVariant            *options,
                      const FerrydOption  *table,
                      guint                n,
                      GError             **error)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      g_autoptr(GVariant) owned = value;
      const FerrydOption *option = find_option (table, n, name);
      const char *type = g_variant_get_type_string (owned);

      if (option == NULL)
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                       "There is no option “%s”", name);
          return FALSE;
        }
      if (g_strcmp0 (option->type, type) != 0)
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                       "The option “%s” is of type “%s”, not “%s”", name, option->type, type);
          return FALSE;
        }
      if (!g_hash_table_add (seen, (gpointer) option->name))
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                       "The option “%s” is there twice", name);
          return FALSE;
        }
    }

  return TRUE;
}
