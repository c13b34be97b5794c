/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-caller"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/caller.h"
#include "common/error.h"

/* No sandbox's description of itself is longer. */
#define MAX_INFO (64 * 1024)

/* What is being found out of one name. */
typedef struct
{
  char         *unique_name;  /* owned */
  guint32       pid;
  FerrydCaller *caller;       /* owned; found, and not yet confirmed */
} Search;

static void
search_free (Search *search)
{
  g_clear_pointer (&search->caller, ferryd_caller_free);
  g_free (search->unique_name);
  g_free (search);
}

void
ferryd_caller_free (FerrydCaller *caller)
{
  g_free (caller->app_id);
  g_free (caller);
}

static GError *
new_refusal (const char *why)
{
  return g_error_new (FERRY_ERROR, FERRY_ERROR_NOT_ALLOWED, "Who is calling cannot be told: %s",
                      why);
}

/* @info: an open `.flatpak-info`. Returns the app's ID; NULL: it names none. */
static char *
read_app_id_in_thread (int info)
{
  g_autoptr(GKeyFile) key_file = g_key_file_new ();
  g_autofree char *text = g_malloc (MAX_INFO);
  gsize length = 0;
  gssize n;

  while (length < MAX_INFO && (n = read (info, text + length, MAX_INFO - length)) > 0)
    length += n;

  if (!g_key_file_load_from_data (key_file, text, length, G_KEY_FILE_NONE, NULL))
    return NULL;

  return g_key_file_get_string (key_file, "Application", "name", NULL);
}

static FerrydCaller *
look_in_thread (guint32   pid,
                GError  **error)
{
  g_autofree char *path = g_strdup_printf ("/proc/%u/root", pid);
  g_autoptr(FerrydCaller) caller = g_new0 (FerrydCaller, 1);
  int root = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  int info = root >= 0
      ? openat (root, ".flatpak-info", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
          : -1;
  int problem = errno;
  struct stat status;

  if (info >= 0)
    {
      caller->is_sandboxed = TRUE;
      if (fstat (info, &status) == 0 && S_ISREG (status.st_mode))
        caller->app_id = read_app_id_in_thread (info);
      close (info);
    }
  if (root >= 0)
    close (root);

  if (root < 0 || (info < 0 && problem != ENOENT))
    {
      g_propagate_error (error, new_refusal (g_strerror (problem)));
      return NULL;
    }
  if (caller->is_sandboxed && caller->app_id == NULL)
    {
      g_propagate_error (error, new_refusal ("its sandbox has no name"));
      return NULL;
    }

  return g_steal_pointer (&caller);
}

/* A name that is gone by now may have been another's process whose number was used again. */
static void
confirmed_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr(GVariant) reply = NULL;
  gboolean is_there = FALSE;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, NULL);
  if (reply != NULL)
    g_variant_get (reply, "(b)", &is_there);

  if (is_there)
    g_task_return_pointer (task, g_steal_pointer (&search->caller),
                           (GDestroyNotify) ferryd_caller_free);
  else
    g_task_return_error (task, new_refusal ("it has left the bus"));
}

static void
looked_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  GError *error = NULL;

  search->caller = g_task_propagate_pointer (G_TASK (result), &error);
  if (search->caller == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  g_dbus_connection_call (G_DBUS_CONNECTION (object), "org.freedesktop.DBus",
                          "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
                          g_variant_new ("(s)", search->unique_name), G_VARIANT_TYPE ("(b)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, confirmed_cb, g_steal_pointer (&task));
}

static void
look_thread (GTask        *task,
             gpointer      source_object,
             gpointer      task_data,
             GCancellable *cancellable)
{
  GError *error = NULL;
  FerrydCaller *caller = look_in_thread (GPOINTER_TO_UINT (task_data), &error);

  if (caller != NULL)
    g_task_return_pointer (task, caller, (GDestroyNotify) ferryd_caller_free);
  else
    g_task_return_error (task, error);
}

static gboolean
read_credentials (GVariant  *credentials,
                  guint32   *pid,
                  GError   **error)
{
  g_autoptr(GVariant) label = NULL;
  guint32 uid;

  if (!g_variant_lookup (credentials, "UnixUserID", "u", &uid) ||
      !g_variant_lookup (credentials, "ProcessID", "u", pid) || *pid == 0)
    {
      g_propagate_error (error, new_refusal ("the bus does not know its process"));
      return FALSE;
    }
  if (uid != getuid ())
    {
      g_propagate_error (error, new_refusal ("it is another user"));
      return FALSE;
    }

  label = g_variant_lookup_value (credentials, "LinuxSecurityLabel", G_VARIANT_TYPE_BYTESTRING);
  if (label != NULL && g_str_has_prefix (g_variant_get_bytestring (label), "snap."))
    {
      g_propagate_error (error, new_refusal ("snaps are not supported"));
      return FALSE;
    }

  return TRUE;
}

static void
credentials_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr(GTask) task = user_data;
  Search *search = g_task_get_task_data (task);
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GVariant) credentials = NULL;
  g_autoptr(GTask) look = NULL;
  GError *error = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, NULL);
  if (reply == NULL)
    {
      g_task_return_error (task, new_refusal ("the bus does not know it"));
      return;
    }

  g_variant_get (reply, "(@a{sv})", &credentials);
  if (!read_credentials (credentials, &search->pid, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  look = g_task_new (object, NULL, looked_cb, g_object_ref (task));
  g_task_set_task_data (look, GUINT_TO_POINTER (search->pid), NULL);
  g_task_run_in_thread (look, look_thread);
}

void
ferryd_caller_find_async (GDBusConnection     *connection,
                          const char          *unique_name,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  GTask *task = g_task_new (connection, NULL, callback, user_data);
  Search *search = g_new0 (Search, 1);

  search->unique_name = g_strdup (unique_name);
  g_task_set_source_tag (task, (gpointer) (guintptr) ferryd_caller_find_async);
  g_task_set_task_data (task, search, (GDestroyNotify) search_free);
  g_dbus_connection_call (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "GetConnectionCredentials",
                          g_variant_new ("(s)", unique_name), G_VARIANT_TYPE ("(a{sv})"),
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, credentials_cb, task);
}

FerrydCaller *
ferryd_caller_find_finish (GDBusConnection  *connection,
                           GAsyncResult     *result,
                           GError          **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
