/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-listing"

#include "config.h"

#include "api/listing.h"
#include "api/options.h"
#include "api/snapshot.h"
#include "common/error.h"

/* One answer stays well below what a bus carries. */
#define MAX_PAGE 1000

static const FerrydOption filter_keys[] = {
  { "state", "s" },
  { "kind", "s" },
  { "session", "o" },
  { "url", "s" },
  { "text", "s" },
  { "properties", "as" },
  { "sparse", "b" },
};

/* Which tasks, and what of them. */
typedef struct
{
  gboolean        has_state;
  FerryTaskState  state;
  gboolean        has_kind;
  FerryTaskKind   kind;
  const char     *session;     /* unowned; NULL: any */
  const char     *url;         /* unowned; NULL: any */
  char           *text;        /* owned; folded. NULL: any */
  FerrydSelection properties;
} Filter;

static void
filter_clear (Filter *filter)
{
  g_clear_pointer (&filter->text, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Filter, filter_clear)

static gboolean
refuse_word (const char  *key,
             const char  *word,
             GError     **error)
{
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION, "“%s”: there is no “%s”", key, word);
  return FALSE;
}

static gboolean
read_words (Filter    *filter,
            GVariant  *keys,
            GError   **error)
{
  const char *word;

  if (g_variant_lookup (keys, "state", "&s", &word))
    {
      filter->has_state = ferry_task_state_from_string (word, &filter->state);
      if (!filter->has_state)
        return refuse_word ("state", word, error);
    }

  if (g_variant_lookup (keys, "kind", "&s", &word))
    {
      filter->has_kind = ferry_task_kind_from_string (word, &filter->kind);
      if (!filter->has_kind)
        return refuse_word ("kind", word, error);
    }

  return TRUE;
}

static gboolean
read_properties (Filter    *filter,
                 GVariant  *keys,
                 GError   **error)
{
  g_autofree const char **names = NULL;

  if (!g_variant_lookup (keys, "properties", "^a&s", &names))
    {
      ferryd_selection_add_all (&filter->properties);
      return TRUE;
    }

  for (guint i = 0; names[i] != NULL; i++)
    {
      if (!ferryd_selection_add (&filter->properties, names[i]))
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                       "“properties”: a task has no “%s”", names[i]);
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
read_filter (Filter    *filter,
             GVariant  *keys,
             GError   **error)
{
  const char *text;

  if (!ferryd_options_check (keys, filter_keys, G_N_ELEMENTS (filter_keys), error))
    return FALSE;

  /* What is not there stays NULL. */
  (void) g_variant_lookup (keys, "session", "&o", &filter->session);
  (void) g_variant_lookup (keys, "url", "&s", &filter->url);
  (void) g_variant_lookup (keys, "sparse", "b", &filter->properties.is_sparse);
  if (g_variant_lookup (keys, "text", "&s", &text))
    filter->text = g_utf8_casefold (text, -1);

  return read_words (filter, keys, error) && read_properties (filter, keys, error);
}

static gboolean
contains (const char *text,
          const char *folded)
{
  g_autofree char *mine = text != NULL ? g_utf8_casefold (text, -1) : NULL;

  return mine != NULL && strstr (mine, folded) != NULL;
}

static gboolean
matches (const Filter *filter,
         FerrydTask   *task)
{
  const FerrydTaskRow *row = ferryd_task_get_row (task);
  g_autofree char *session = NULL;

  if (filter->has_state && row->status.state != filter->state)
    return FALSE;
  if (filter->has_kind && row->kind != filter->kind)
    return FALSE;
  if (filter->url != NULL && !g_str_equal (filter->url, row->url))
    return FALSE;
  if (filter->text != NULL && !contains (row->url, filter->text) &&
      !contains (row->kept->file_name, filter->text) &&
      !contains (row->kept->final_name, filter->text))
    return FALSE;

  if (filter->session != NULL)
    session = ferryd_snapshot_get_session_path (ferryd_task_get_session (task));
  return filter->session == NULL || g_str_equal (filter->session, session);
}

void
ferryd_listing_answer (FerrydCall *call,
                       GPtrArray  *tasks)
{
  g_autoptr(GVariant) keys = NULL;
  g_auto(Filter) filter = { 0 };
  g_autoptr(GPtrArray) rows = g_ptr_array_new ();  /* floating */
  GVariant *answer;
  GError *error = NULL;
  guint64 before;
  guint limit;

  g_variant_get (ferryd_call_get_parameters (call), "(@a{sv}tu)", &keys, &before, &limit);
  if (!read_filter (&filter, keys, &error))
    {
      ferryd_call_refuse (call, error);
      return;
    }

  limit = limit == 0 ? MAX_PAGE : MIN (limit, MAX_PAGE);
  for (guint i = tasks->len; i > 0 && rows->len < limit; i--)
    {
      FerrydTask *task = tasks->pdata[i - 1];

      if ((before == 0 || (guint64) ferryd_task_get_id (task) < before) && matches (&filter, task))
        g_ptr_array_add (rows, ferryd_snapshot_describe (task, &filter.properties));
    }

  answer = g_variant_new_array (G_VARIANT_TYPE ("(oa{sv})"), (GVariant **) rows->pdata, rows->len);
  ferryd_call_answer (call, g_variant_new_tuple (&answer, 1));
}
