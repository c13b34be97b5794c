/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-headers"

#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "common/header.h"
#include "headers.h"

typedef struct
{
  char     *name;       /* owned */
  char     *value;      /* owned */
  gboolean  inherited;  /* another of the name may take its place */
} Header;

struct _FerryHeaders
{
  GPtrArray *headers;  /* owned; of Header, owned */
};

static void
header_free (gpointer data)
{
  Header *self = data;

  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->value, g_free);
  g_free (self);
}

static void
add (FerryHeaders *self,
     const char   *name,
     const char   *value,
     gboolean      inherited)
{
  Header *header = g_new0 (Header, 1);

  header->name = g_strdup (name);
  header->value = g_strdup (value);
  header->inherited = inherited;
  g_ptr_array_add (self->headers, header);
}

/**
 * ferry_headers_new:
 * @inherited: (nullable): headers to begin with; those that are added are stronger
 *
 * Returns: the headers
 */
FerryHeaders *
ferry_headers_new (const FerryHeaders *inherited)
{
  FerryHeaders *self = g_new0 (FerryHeaders, 1);

  self->headers = g_ptr_array_new_with_free_func (header_free);
  for (guint i = 0; inherited != NULL && i < inherited->headers->len; i++)
    {
      const Header *header = g_ptr_array_index (inherited->headers, i);

      add (self, header->name, header->value, TRUE);
    }

  return self;
}

void
ferry_headers_free (FerryHeaders *self)
{
  g_clear_pointer (&self->headers, g_ptr_array_unref);
  g_free (self);
}

/* Makes room for a header of that name. */
static gboolean
replace (FerryHeaders  *self,
         const char    *name,
         GError       **error)
{
  for (guint i = 0; i < self->headers->len; i++)
    {
      const Header *header = g_ptr_array_index (self->headers, i);

      if (g_ascii_strcasecmp (header->name, name) != 0)
        continue;
      if (header->inherited)
        {
          g_ptr_array_remove_index (self->headers, i);
          return TRUE;
        }

      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "the header “%s” is given twice; put its values into one, as its kind demands",
                   name);
      return FALSE;
    }

  return TRUE;
}

/**
 * ferry_headers_add_line:
 * @self: headers
 * @line: `Name: value`
 * @error: what is wrong and what to do, without any of the value: it may be a password
 *
 * Returns: whether it was added
 */
gboolean
ferry_headers_add_line (FerryHeaders  *self,
                        const char    *line,
                        GError       **error)
{
  const char *colon = strchr (line, ':');
  g_autofree char *name = NULL;
  g_autofree char *value = NULL;

  if (colon == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           "a header has no colon; write it as “Name: value”");
      return FALSE;
    }

  name = g_strstrip (g_strndup (line, (gsize) (colon - line)));
  value = g_strstrip (g_strdup (colon + 1));
  if (!ferry_header_check_name (name, error))
    {
      g_prefix_error (error, "a header cannot be used; write it as “Name: value”: ");
      return FALSE;
    }
  if (!g_utf8_validate (value, -1, NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "the value of the header “%s” is not valid UTF-8; encode it as its server"
                   " wants it", name);
      return FALSE;
    }
  if (!ferry_header_check_value (name, value, error))
    {
      g_prefix_error (error, "a header cannot be used; write it in one line, and shorter: ");
      return FALSE;
    }
  if (ferry_header_get_use (name) == FERRY_HEADER_RESERVED)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "the header “%s” is for the transfer service alone to set; leave it out", name);
      return FALSE;
    }
  if (!replace (self, name, error))
    return FALSE;

  add (self, name, value, FALSE);
  return TRUE;
}

/**
 * ferry_headers_put_into:
 * @self: headers
 * @options: those of a task or a probe
 *
 * Adds what there is as `headers` and, where the values are secrets, `secret-headers`.
 */
void
ferry_headers_put_into (const FerryHeaders *self,
                        GVariantDict       *options)
{
  static const struct
  {
    FerryHeaderUse  use;
    const char     *key;
  } keys[] = {
    { FERRY_HEADER_FREE, "headers" },
    { FERRY_HEADER_SECRET, "secret-headers" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      GVariantBuilder builder;
      guint n_headers = 0;

      g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{ss}"));
      for (guint j = 0; j < self->headers->len; j++)
        {
          const Header *header = g_ptr_array_index (self->headers, j);

          if (ferry_header_get_use (header->name) != keys[i].use)
            continue;
          g_variant_builder_add (&builder, "{ss}", header->name, header->value);
          n_headers++;
        }

      if (n_headers > 0)
        g_variant_dict_insert_value (options, keys[i].key, g_variant_builder_end (&builder));
      else
        g_variant_builder_clear (&builder);
    }
}
