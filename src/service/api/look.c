/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-look"

#include "config.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/look.h"
#include "common/error.h"

/* What is looked at, and where that stopped. */
typedef struct
{
  GPtrArray *folders;  /* owned; of char *, owned */
  char      *tls_ca;   /* owned. NULL: none */
  guint      place;    /* of the one that is being looked at */
} Look;

static void
look_free (Look *look)
{
  g_ptr_array_unref (look->folders);
  g_free (look->tls_ca);
  g_free (look);
}

static gboolean
refuse (const char  *key,
        const char  *path,
        const char  *problem,
        GError     **error)
{
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION, "“%s”: “%s” %s", key, path, problem);
  return FALSE;
}

static gboolean
look_at_folder_in_thread (const char  *folder,
                          GError     **error)
{
  struct stat status;

  if (stat (folder, &status) != 0)
    return refuse ("destination", folder, errno == ENOENT ? "does not exist" : g_strerror (errno),
                   error);
  if (!S_ISDIR (status.st_mode))
    return refuse ("destination", folder, "is no folder", error);
  if (access (folder, W_OK | X_OK) != 0)
    {
      g_autofree char *problem = g_strdup_printf ("cannot be written to: %s", g_strerror (errno));

      return refuse ("destination", folder, problem, error);
    }

  return TRUE;
}

static gboolean
look_at_file_in_thread (const char  *path,
                        GError     **error)
{
  struct stat status;

  if (stat (path, &status) != 0)
    return refuse ("tls-ca", path, errno == ENOENT ? "does not exist" : g_strerror (errno), error);
  if (!S_ISREG (status.st_mode))
    return refuse ("tls-ca", path, "is no file", error);
  if (access (path, R_OK) != 0)
    return refuse ("tls-ca", path, "cannot be read", error);

  return TRUE;
}

static void
look_in_thread (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  Look *look = task_data;
  GError *error = NULL;

  while (look->place < look->folders->len &&
         look_at_folder_in_thread (look->folders->pdata[look->place], &error))
    look->place++;

  if (error != NULL || (look->tls_ca != NULL && !look_at_file_in_thread (look->tls_ca, &error)))
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static gpointer
copy_path (gconstpointer path,
           gpointer      user_data)
{
  return g_strdup (path);
}

void
ferryd_look_async (gpointer             source,
                   GPtrArray           *folders,
                   const char          *tls_ca,
                   GAsyncReadyCallback  callback,
                   gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (source, NULL, callback, user_data);
  Look *look = g_new0 (Look, 1);

  look->folders = g_ptr_array_copy (folders, copy_path, NULL);
  g_ptr_array_set_free_func (look->folders, g_free);
  look->tls_ca = g_strdup (tls_ca);
  g_task_set_source_tag (task, (gpointer) (guintptr) ferryd_look_async);
  g_task_set_task_data (task, look, (GDestroyNotify) look_free);
  g_task_run_in_thread (task, look_in_thread);
}

gboolean
ferryd_look_finish (gpointer       source,
                    GAsyncResult  *result,
                    guint         *place,
                    GError       **error)
{
  Look *look;

  g_return_val_if_fail (g_task_is_valid (result, source), FALSE);

  look = g_task_get_task_data (G_TASK (result));
  if (place != NULL)
    *place = look->place;
  return g_task_propagate_boolean (G_TASK (result), error);
}
