/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-opener"

#include "config.h"

#include "desktop/opener.h"

/* Hands the token on to applications that the bus starts. GIO has no other way for it than a
 * class of one's own. */
#define FERRYD_TYPE_LAUNCH (ferryd_launch_get_type ())
G_DECLARE_FINAL_TYPE (FerrydLaunch, ferryd_launch, FERRYD, LAUNCH, GAppLaunchContext)

struct _FerrydLaunch
{
  GAppLaunchContext  parent_instance;

  char              *token;  /* owned; NULL: none */
};

G_DEFINE_FINAL_TYPE (FerrydLaunch, ferryd_launch, G_TYPE_APP_LAUNCH_CONTEXT)

static void
ferryd_launch_finalize (GObject *object)
{
  g_free (FERRYD_LAUNCH (object)->token);

  G_OBJECT_CLASS (ferryd_launch_parent_class)->finalize (object);
}

/* GAppLaunchContext */

static char *
ferryd_launch_get_startup_notify_id (GAppLaunchContext *context,
                                     GAppInfo          *info,
                                     GList             *files)
{
  return g_strdup (FERRYD_LAUNCH (context)->token);
}

static void
ferryd_launch_class_init (FerrydLaunchClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ferryd_launch_finalize;
  G_APP_LAUNCH_CONTEXT_CLASS (klass)->get_startup_notify_id = ferryd_launch_get_startup_notify_id;
}

static void
ferryd_launch_init (FerrydLaunch *self)
{
}

static GAppLaunchContext *
launch_new (const char *token)
{
  FerrydLaunch *self = g_object_new (FERRYD_TYPE_LAUNCH, NULL);
  GAppLaunchContext *context = G_APP_LAUNCH_CONTEXT (self);

  self->token = g_strdup (token);
  /* Those that are run as a program look here; before 2.76, GIO itself sets only X11's. */
  if (token != NULL)
    g_app_launch_context_setenv (context, "XDG_ACTIVATION_TOKEN", token);

  return context;
}

typedef struct
{
  char *folder;  /* owned; what is opened where there is no file manager to ask */
  char *token;   /* owned; NULL: none */
} Showing;

static void
showing_free (Showing *showing)
{
  g_free (showing->folder);
  g_free (showing->token);
  g_free (showing);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Showing, showing_free)

static void
opened_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autofree char *path = user_data;
  g_autoptr(GError) error = NULL;

  if (!g_app_info_launch_default_for_uri_finish (result, &error))
    g_message ("Could not open “%s”: %s", path, error->message);
}

static void
shown_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr(Showing) showing = user_data;
  g_autoptr(GVariant) reply = NULL;
  g_autoptr(GError) error = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, &error);
  if (reply != NULL)
    return;

  g_debug ("No file manager shows files: %s", error->message);
  ferryd_opener_open (showing->folder, showing->token);
}

void
ferryd_opener_open (const char *path,
                    const char *token)
{
  g_autoptr(GAppLaunchContext) context = launch_new (token);
  g_autofree char *uri = g_filename_to_uri (path, NULL, NULL);

  g_return_if_fail (uri != NULL);

  g_app_info_launch_default_for_uri_async (uri, context, NULL, opened_cb, g_strdup (path));
}

void
ferryd_opener_show (GDBusConnection    *connection,
                    const char * const *paths,
                    const char         *token)
{
  g_autoptr(Showing) showing = g_new0 (Showing, 1);
  GVariantBuilder uris;

  g_return_if_fail (G_IS_DBUS_CONNECTION (connection));
  g_return_if_fail (paths != NULL && paths[0] != NULL);

  g_variant_builder_init (&uris, G_VARIANT_TYPE_STRING_ARRAY);
  for (gsize i = 0; paths[i] != NULL; i++)
    {
      g_autofree char *uri = g_filename_to_uri (paths[i], NULL, NULL);

      if (uri != NULL)
        g_variant_builder_add (&uris, "s", uri);
    }

  showing->folder = g_path_get_dirname (paths[0]);
  showing->token = g_strdup (token);
  g_dbus_connection_call (connection, "org.freedesktop.FileManager1",
                          "/org/freedesktop/FileManager1", "org.freedesktop.FileManager1",
                          "ShowItems",
                          g_variant_new ("(ass)", &uris, token != NULL ? token : ""), NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, shown_cb,
                          g_steal_pointer (&showing));
}
