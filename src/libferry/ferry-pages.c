/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-pages"

#include "config.h"

#include "ferry-pages-private.h"
#include "ferry-path-private.h"
#include "ferry-task-private.h"

/* Less than the service would give at a time: what is on its way takes ten times the memory of what
 * comes of it, and more would not be faster. */
#define PAGE 250

/* What is on its way. */
typedef struct
{
  char          *path;       /* owned; of whom is asked */
  const char    *interface;
  GVariant      *filter;     /* owned */
  guint64        before;     /* of the page that is asked for */
  guint64        lowest;
  guint          limit;      /* of one page */
  FerryPageFunc  page;       /* NULL: they are gathered */
  gpointer       page_data;  /* unowned */
  GPtrArray     *tasks;      /* owned; of FerryTask, owned */
} Pages;

static void
pages_free (Pages *pages)
{
  g_free (pages->path);
  g_variant_unref (pages->filter);
  g_ptr_array_unref (pages->tasks);
  g_free (pages);
}

/* Not with a format of `&o`: that would first make one piece of all that there is of the task. */
static guint64
get_number (GVariant *listed)
{
  g_autoptr(GVariant) path = g_variant_get_child_value (listed, 0);

  return ferry_path_parse_task (g_variant_get_string (path, NULL));
}

/* The number of the last of a page. 0: it is empty. */
static guint64
get_last (GVariant *page)
{
  gsize n = g_variant_n_children (page);
  g_autoptr(GVariant) last = n > 0 ? g_variant_get_child_value (page, n - 1) : NULL;

  return last != NULL ? get_number (last) : 0;
}

/* What is not below the one before it does not count. Returns: (transfer full) */
static GPtrArray *
read_page (FerryLink *link,
           GVariant  *page,
           guint64    before)
{
  guint64 above = before != 0 ? before : G_MAXUINT64;
  gsize n = g_variant_n_children (page);
  GPtrArray *tasks = g_ptr_array_new_full ((guint) n, g_object_unref);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr(GVariant) listed = g_variant_get_child_value (page, i);
      g_autoptr(GVariant) snapshot = g_variant_get_child_value (listed, 1);
      guint64 number = get_number (listed);

      if (number != 0 && number < above)
        {
          FerryTask *task = ferry_link_take_task (link, number);

          above = number;
          ferry_task_update_listed (task, snapshot);
          g_ptr_array_add (tasks, task);
        }
    }

  return tasks;
}

static void ask_for_page (GTask *task);

static void
page_answered_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  FerryLink *link = FERRY_LINK (source);
  g_autoptr(GTask) task = user_data;
  Pages *pages = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = ferry_link_call_finish (link, result, NULL, &error);
  g_autoptr(GVariant) page = NULL;
  g_autoptr(GPtrArray) tasks = NULL;
  guint64 before = pages->before;
  guint64 last;
  gboolean is_last;

  if (answer == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  page = g_variant_get_child_value (answer, 0);
  last = get_last (page);
  is_last = g_variant_n_children (page) < pages->limit || last <= MAX (pages->lowest, 1) ||
            (before != 0 && last >= before);

  /* While this page is read the service makes the next one. */
  if (!is_last)
    {
      pages->before = last;
      ask_for_page (task);
    }

  tasks = read_page (link, page, before);
  if (pages->page == NULL)
    g_ptr_array_extend_and_steal (pages->tasks, g_steal_pointer (&tasks));
  else if (!g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    /* Who is told that a task has changed may have dropped the list. */
    pages->page (tasks, before, is_last ? pages->lowest : last, pages->page_data);

  if (is_last)
    g_task_return_pointer (task, g_ptr_array_ref (pages->tasks),
                           (GDestroyNotify) g_ptr_array_unref);
}

static void
ask_for_page (GTask *task)
{
  const Pages *pages = g_task_get_task_data (task);

  ferry_link_call_async (g_task_get_source_object (task), pages->path, pages->interface,
                         "ListTasks",
                         g_variant_new ("(@a{sv}tu)", pages->filter, pages->before, pages->limit),
                         "(a(oa{sv}))", g_task_get_cancellable (task), page_answered_cb,
                         g_object_ref (task));
}

/* Only what a FerryTask has use for, and what is not as usual. */
static GVariant *
complete_filter (GVariant *filter)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, filter);
  g_variant_dict_insert_value (&dict, "properties",
                               g_variant_new_strv (ferry_task_get_listed_properties (), -1));
  g_variant_dict_insert (&dict, "sparse", "b", TRUE);
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

void
ferry_pages_load_async (FerryLink           *link,
                        guint64              session,
                        GVariant            *filter,
                        guint64              before,
                        guint64              lowest,
                        FerryPageFunc        page,
                        gpointer             page_data,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (link, cancellable, callback, user_data);
  g_autoptr(GVariant) given = filter != NULL ? g_variant_ref_sink (filter) : NULL;
  Pages *pages = g_new0 (Pages, 1);

  pages->path = session != 0 ? ferry_path_of_session (session) : g_strdup (FERRY_OBJECT_PATH);
  pages->interface = session != 0 ? FERRY_SESSION_INTERFACE : FERRY_MANAGER_INTERFACE;
  pages->filter = complete_filter (given);
  pages->before = before;
  pages->lowest = lowest;
  pages->limit = before != 0 ? (guint) MIN (before - lowest, PAGE) : PAGE;
  pages->page = page;
  pages->page_data = page_data;
  pages->tasks = g_ptr_array_new_with_free_func (g_object_unref);
  g_task_set_source_tag (task, FERRY_TAG (ferry_pages_load_async));
  g_task_set_task_data (task, pages, (GDestroyNotify) pages_free);
  ask_for_page (task);
}

GPtrArray *
ferry_pages_load_finish (GAsyncResult  *result,
                         GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
