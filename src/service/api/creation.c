/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-creation"

#include "config.h"

#include "api/creation.h"
#include "api/download-options.h"
#include "api/look.h"
#include "api/snapshot.h"
#include "common/error.h"

/* Bytes of a key. */
#define KEY_LENGTH 16

/* Tasks that are being made. */
typedef struct
{
  FerrydCall *call;
  gboolean    is_list;   /* the answer is a list */
  GPtrArray  *rows;      /* owned; of FerrydTaskRow, owned */
  GPtrArray  *secrets;   /* owned; of GVariant, owned, or NULL, for each row */
  GPtrArray  *folders;   /* owned; of char *, unowned: each that a row has, once */
  GArray     *places;    /* owned; of guint: of the first row with that folder */
  GHashTable *by_folder; /* owned; set of those folders */
} Creation;

static void
secret_free (gpointer secret)
{
  if (secret != NULL)
    g_variant_unref (secret);
}

static Creation *
creation_new (FerrydCall *call)
{
  Creation *creation = g_new0 (Creation, 1);

  creation->call = call;
  creation->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) ferryd_task_row_free);
  creation->secrets = g_ptr_array_new_with_free_func (secret_free);
  creation->folders = g_ptr_array_new ();
  creation->places = g_array_new (FALSE, FALSE, sizeof (guint));
  creation->by_folder = g_hash_table_new (g_str_hash, g_str_equal);
  return creation;
}

static void
creation_free (Creation *creation)
{
  g_hash_table_unref (creation->by_folder);
  g_array_unref (creation->places);
  g_ptr_array_unref (creation->folders);
  g_clear_pointer (&creation->secrets, g_ptr_array_unref);
  g_clear_pointer (&creation->rows, g_ptr_array_unref);
  g_free (creation);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Creation, creation_free)

/* Both are taken over. */
static void
add_row (Creation      *creation,
         FerrydTaskRow *row,
         GVariant      *secrets)
{
  guint place = creation->rows->len;

  g_ptr_array_add (creation->rows, row);
  g_ptr_array_add (creation->secrets, secrets);
  if (g_hash_table_add (creation->by_folder, row->folder))
    {
      g_ptr_array_add (creation->folders, row->folder);
      g_array_append_val (creation->places, place);
    }
}

/* Says of which task of a list @error tells; they are counted from 1. */
static void
name_place (Creation *creation,
            guint     place,
            GError   *error)
{
  if (creation->is_list)
    g_prefix_error (&error, "Task %u: ", place + 1);
}

static gboolean
read_task (Creation    *creation,
           const char  *url,
           GVariant    *options,
           GError     **error)
{
  FerrydSession *session = creation->call->session;
  GVariant *secrets = NULL;
  FerrydTaskRow *row;

  row = ferryd_download_options_read (url, options, ferryd_session_get_configuration (session),
                                      &secrets, error);
  if (row == NULL)
    {
      name_place (creation, creation->rows->len, *error);
      return FALSE;
    }

  add_row (creation, row, secrets);
  return TRUE;
}

static void
answer_tasks (FerrydCall *call,
              GPtrArray  *tasks,
              gboolean    is_list)
{
  GVariantBuilder paths;

  if (!is_list)
    {
      g_autofree char *path = ferryd_snapshot_get_path (tasks->pdata[0]);

      ferryd_call_answer (call, g_variant_new ("(o)", path));
      return;
    }

  g_variant_builder_init (&paths, G_VARIANT_TYPE_OBJECT_PATH_ARRAY);
  for (guint i = 0; i < tasks->len; i++)
    {
      g_autofree char *path = ferryd_snapshot_get_path (tasks->pdata[i]);

      g_variant_builder_add (&paths, "o", path);
    }
  ferryd_call_answer (call, g_variant_new ("(ao)", &paths));
}

static void
tasks_added_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(Creation) creation = user_data;
  g_autoptr(GPtrArray) tasks = NULL;
  GError *error = NULL;

  tasks = ferryd_manager_add_tasks_finish (FERRYD_MANAGER (object), result, &error);
  if (tasks != NULL)
    answer_tasks (creation->call, tasks, creation->is_list);
  else
    ferryd_call_refuse (creation->call, error);
}

static void
add_tasks (Creation *creation)
{
  FerrydCall *call = creation->call;

  ferryd_manager_add_tasks_async (call->manager, call->session, g_steal_pointer (&creation->rows),
                                  g_steal_pointer (&creation->secrets), tasks_added_cb, creation);
}

static void
folders_looked_at_cb (GObject      *object,
                      GAsyncResult *result,
                      gpointer      user_data)
{
  g_autoptr(Creation) creation = user_data;
  GError *error = NULL;
  guint place;

  if (ferryd_look_finish (object, result, &place, &error))
    {
      add_tasks (g_steal_pointer (&creation));
      return;
    }

  name_place (creation, g_array_index (creation->places, guint, place), error);
  ferryd_call_refuse (creation->call, error);
}

static void
look_at_folders (Creation *creation)
{
  ferryd_look_async (creation->call->session, creation->folders, NULL, folders_looked_at_cb,
                     creation);
}

void
ferryd_creation_download_verb (FerrydCall *call)
{
  g_autoptr(Creation) creation = creation_new (call);
  g_autoptr(GVariant) options = NULL;
  const char *url;
  GError *error = NULL;

  g_variant_get (ferryd_call_get_parameters (call), "(&s@a{sv})", &url, &options);
  if (read_task (creation, url, options, &error))
    look_at_folders (g_steal_pointer (&creation));
  else
    ferryd_call_refuse (call, error);
}

void
ferryd_creation_downloads_verb (FerrydCall *call)
{
  g_autoptr(Creation) creation = creation_new (call);
  g_autoptr(GVariant) list = NULL;
  GVariantIter iter;
  const char *url;
  GVariant *options;

  creation->is_list = TRUE;
  g_variant_get (ferryd_call_get_parameters (call), "(@a(sa{sv}))", &list);
  g_variant_iter_init (&iter, list);
  while (g_variant_iter_next (&iter, "(&s@a{sv})", &url, &options))
    {
      g_autoptr(GVariant) owned = options;
      GError *error = NULL;

      if (!read_task (creation, url, owned, &error))
        {
          ferryd_call_refuse (call, error);
          return;
        }
    }

  look_at_folders (g_steal_pointer (&creation));
}

/* NULL: @data stands for no task of the app that the session belongs to. */
static FerrydTask *
find_heritage (FerrydCall *call,
               GBytes     *data)
{
  const char *app_id = ferryd_session_get_row (call->session)->app_id;

  if (g_bytes_get_size (data) != KEY_LENGTH)
    return NULL;

  return ferryd_manager_find_resume_key (call->manager, app_id, data);
}

/* The folder is not looked at: what is in it is what the task is about. */
void
ferryd_creation_with_resume_data_verb (FerrydCall *call)
{
  g_autoptr(Creation) creation = creation_new (call);
  g_autoptr(GVariant) data = NULL;
  g_autoptr(GVariant) options = NULL;
  g_autoptr(GBytes) key = NULL;
  GVariant *secrets = NULL;
  FerrydTask *heritage;
  FerrydTaskRow *row = NULL;
  GError *error = NULL;

  g_variant_get (ferryd_call_get_parameters (call), "(@ay@a{sv})", &data, &options);
  key = g_variant_get_data_as_bytes (data);
  heritage = find_heritage (call, key);
  if (heritage == NULL)
    g_set_error_literal (&error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                         "The resume data stands for no task of this app");
  else
    row = ferryd_download_options_inherit (heritage, key, options, &secrets, &error);

  if (row == NULL)
    {
      ferryd_call_refuse (call, error);
      return;
    }

  add_row (creation, row, secrets);
  add_tasks (g_steal_pointer (&creation));
}
