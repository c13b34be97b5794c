/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-session-verbs"

#include "config.h"

#include <errno.h>
#include <unistd.h>

#include "api/call.h"
#include "api/listing.h"
#include "api/options.h"
#include "api/snapshot.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/file-name.h"
#include "common/url.h"

static const FerrydOption download_keys[] = {
  { "destination", "s" },
  { "filename", "s" },
  { "overwrite", "b" },
  { "start", "b" },
  { "digest", "s" },
};

/* The longest name that any file system takes; the engine cuts to what the folder's does. */
#define MAX_FILE_NAME 255

/* A task that is being made. */
typedef struct
{
  FerrydCall    *call;
  FerrydTaskRow *row;  /* owned */
} Creation;

static gboolean
check_url (const char  *url,
           GError     **error)
{
  g_autoptr(GUri) uri = ferry_url_parse (url, error);

  if (uri == NULL)
    return FALSE;
  if (g_uri_get_userinfo (uri) == NULL)
    return TRUE;

  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_URL,
               "The address of “%s” holds a user name or password, which cannot be kept safe yet",
               g_uri_get_host (uri));
  return FALSE;
}

/* A caller may want a hidden file, but none whose name is shown as another. */
static gboolean
is_plain_name (const char *name)
{
  g_autofree char *shown = g_strconcat ("a", name, "a", NULL);
  g_autofree char *clean = ferry_file_name_clean (shown);

  return g_strcmp0 (clean, shown) == 0;
}

static gboolean
read_file_name (GVariant       *options,
                FerrydTaskRow  *row,
                GError        **error)
{
  const char *name;
  const char *problem = NULL;

  if (!g_variant_lookup (options, "filename", "&s", &name))
    return TRUE;

  if (*name == '\0')
    problem = "is empty";
  else if (strlen (name) > MAX_FILE_NAME)
    problem = "is longer than 255 bytes";
  else if (strchr (name, '/') != NULL || g_str_equal (name, ".") || g_str_equal (name, ".."))
    problem = "is a path";
  for (const char *c = name; *c != '\0' && problem == NULL; c = g_utf8_next_char (c))
    {
      if (g_unichar_iscntrl (g_utf8_get_char (c)))
        problem = "has control characters";
    }

  if (problem == NULL && !is_plain_name (name))
    problem = "has characters that no file name should have";

  if (problem != NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION, "“filename”: “%s” %s", name,
                   problem);
      return FALSE;
    }

  row->kept->file_name = g_strdup (name);
  return TRUE;
}

static gboolean
check_digest (GVariant  *options,
              GError   **error)
{
  FerryDigest digest;
  const char *text;

  if (!g_variant_lookup (options, "digest", "&s", &text) ||
      ferry_digest_parse (text, &digest, error))
    return TRUE;

  g_prefix_error (error, "“digest”: ");
  return FALSE;
}

static char *
get_default_folder (void)
{
  const char *downloads = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);

  return g_strdup (downloads != NULL ? downloads : g_get_home_dir ());
}

static gboolean
read_folder (GVariant       *options,
             FerrydTaskRow  *row,
             GError        **error)
{
  const char *folder;

  if (!g_variant_lookup (options, "destination", "&s", &folder))
    {
      row->folder = get_default_folder ();
      return TRUE;
    }

  if (!g_path_is_absolute (folder))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                   "“destination”: “%s” is no absolute path", folder);
      return FALSE;
    }

  row->folder = g_canonicalize_filename (folder, NULL);
  return TRUE;
}

static FerrydTaskRow *
new_row (const char  *url,
         GVariant    *options,
         GError     **error)
{
  g_autoptr(FerrydTaskRow) row = ferryd_task_row_new ();
  gboolean start = FALSE;

  if (!check_url (url, error) ||
      !ferryd_options_check (options, download_keys, G_N_ELEMENTS (download_keys), error) ||
      !check_digest (options, error) || !read_file_name (options, row, error) ||
      !read_folder (options, row, error))
    return NULL;

  (void) g_variant_lookup (options, "start", "b", &start);  /* else it is not to start */
  row->kind = FERRY_TASK_KIND_DOWNLOAD;
  row->url = g_strdup (url);
  row->options = g_variant_ref (options);
  row->created = g_get_real_time ();
  row->status.state = start ? FERRY_TASK_STATE_WAITING : FERRY_TASK_STATE_SUSPENDED;
  row->status.reason = start ? FERRY_WAIT_REASON_QUEUE : FERRY_WAIT_REASON_NONE;
  row->status.first_resumed = start ? row->created : 0;
  return g_steal_pointer (&row);
}

/* A folder may be on a file system that never answers. */
static void
look_at_folder_in_thread (GTask        *task,
                          gpointer      source_object,
                          gpointer      task_data,
                          GCancellable *cancellable)
{
  const char *folder = task_data;

  if (!g_file_test (folder, G_FILE_TEST_EXISTS))
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                             "“destination”: there is no folder “%s”", folder);
  else if (!g_file_test (folder, G_FILE_TEST_IS_DIR))
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                             "“destination”: “%s” is no folder", folder);
  else if (access (folder, W_OK | X_OK) != 0)
    g_task_return_new_error (task, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                             "“destination”: “%s” cannot be written to: %s", folder,
                             g_strerror (errno));
  else
    g_task_return_boolean (task, TRUE);
}

static void
task_added_cb (GObject      *object,
               GAsyncResult *result,
               gpointer      user_data)
{
  FerrydCall *call = user_data;
  g_autofree char *path = NULL;
  GError *error = NULL;
  FerrydTask *task = ferryd_manager_add_task_finish (FERRYD_MANAGER (object), result, &error);

  if (task == NULL)
    {
      ferryd_call_refuse (call, error);
      return;
    }

  path = ferryd_snapshot_get_path (task);
  ferryd_call_answer (call, g_variant_new ("(o)", path));
}

static void
folder_looked_at_cb (GObject      *object,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  g_autofree Creation *creation = user_data;
  g_autoptr(FerrydTaskRow) row = creation->row;
  FerrydCall *call = creation->call;
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      ferryd_call_refuse (call, error);
      return;
    }

  ferryd_manager_add_task_async (call->manager, call->session, g_steal_pointer (&row),
                                 task_added_cb, call);
}

static void
create_download_task_verb (FerrydCall *call)
{
  g_autoptr(GVariant) options = NULL;
  g_autoptr(GTask) look = NULL;
  const char *url;
  FerrydTaskRow *row;
  Creation *creation;
  GError *error = NULL;

  g_variant_get (ferryd_call_get_parameters (call), "(&s@a{sv})", &url, &options);
  row = new_row (url, options, &error);
  if (row == NULL)
    {
      ferryd_call_refuse (call, error);
      return;
    }

  creation = g_new0 (Creation, 1);
  creation->call = call;
  creation->row = row;
  look = g_task_new (call->session, NULL, folder_looked_at_cb, creation);
  g_task_set_source_tag (look, (gpointer) (guintptr) create_download_task_verb);
  g_task_set_task_data (look, g_strdup (row->folder), g_free);
  g_task_run_in_thread (look, look_at_folder_in_thread);
}

static void
list_tasks_verb (FerrydCall *call)
{
  ferryd_listing_answer (call, ferryd_session_get_tasks (call->session));
}

const FerrydVerb ferryd_session_verbs[] = {
  { "CreateDownloadTask", create_download_task_verb },
  { "ListTasks", list_tasks_verb },
  { NULL, NULL },
};
