/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-service"

#include "config.h"

#include <glib-unix.h>
#include <signal.h>
#include <sys/resource.h>

#include "api/door.h"
#include "engine.h"
#include "service.h"
#include "store/database.h"

struct _FerrydService
{
  GApplication   parent_instance;

  FerrydManager *manager;     /* owned */
  FerrydDoor    *door;        /* owned; NULL until there is a bus */
  guint          terminated;  /* source id of SIGTERM; 0: it has come */
  guint          interrupted; /* of SIGINT, the same */
};

G_DEFINE_FINAL_TYPE (FerrydService, ferryd_service, G_TYPE_APPLICATION)

/* Each transfer has a socket, a part and a folder open; the soft limit is for programs that
 * select(). */
static void
raise_descriptor_limit (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) != 0)
    return;

  limit.rlim_cur = limit.rlim_max;
  (void) setrlimit (RLIMIT_NOFILE, &limit);  /* fewer will do for most */
}

static void
shut_down_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr(FerrydService) self = user_data;

  (void) ferryd_manager_shut_down_finish (FERRYD_MANAGER (object), result, NULL);  /* always ends */
  g_application_quit (G_APPLICATION (self));
}

static gboolean
on_signal_cb (gpointer user_data)
{
  FerrydService *self = user_data;

  g_clear_handle_id (&self->terminated, g_source_remove);
  g_clear_handle_id (&self->interrupted, g_source_remove);
  ferryd_manager_shut_down_async (self->manager, shut_down_cb, g_object_ref (self));
  return G_SOURCE_CONTINUE;  /* removed already */
}

static void
loaded_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(FerrydService) self = user_data;
  g_autoptr(GError) error = NULL;

  if (!ferryd_manager_load_finish (FERRYD_MANAGER (object), result, &error))
    g_printerr ("ferryd: %s\n", error->message);

  if (self->door != NULL)
    ferryd_door_open (self->door, error);
}

static gboolean
ferryd_service_dbus_register (GApplication     *application,
                              GDBusConnection  *connection,
                              const char       *object_path,
                              GError          **error)
{
  FerrydService *self = FERRYD_SERVICE (application);

  self->door = ferryd_door_new (connection, self->manager, error);
  return self->door != NULL;
}

static void
ferryd_service_dbus_unregister (GApplication    *application,
                                GDBusConnection *connection,
                                const char      *object_path)
{
  g_clear_object (&FERRYD_SERVICE (application)->door);
}

/* Once the name is ours: a second service gets here not at all. */
static void
ferryd_service_startup (GApplication *application)
{
  FerrydService *self = FERRYD_SERVICE (application);

  G_APPLICATION_CLASS (ferryd_service_parent_class)->startup (application);

  raise_descriptor_limit ();
  self->terminated = g_unix_signal_add (SIGTERM, on_signal_cb, self);
  self->interrupted = g_unix_signal_add (SIGINT, on_signal_cb, self);
  g_application_hold (application);
  ferryd_manager_load_async (self->manager, loaded_cb, g_object_ref (self));
}

static void
ferryd_service_activate (GApplication *application)
{
  /* There is no window to show. */
}

static void
ferryd_service_dispose (GObject *object)
{
  FerrydService *self = FERRYD_SERVICE (object);

  g_clear_handle_id (&self->terminated, g_source_remove);
  g_clear_handle_id (&self->interrupted, g_source_remove);
  g_clear_object (&self->door);
  g_clear_object (&self->manager);

  G_OBJECT_CLASS (ferryd_service_parent_class)->dispose (object);
}

static void
ferryd_service_class_init (FerrydServiceClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ferryd_service_dispose;
  application_class->startup = ferryd_service_startup;
  application_class->activate = ferryd_service_activate;
  application_class->dbus_register = ferryd_service_dbus_register;
  application_class->dbus_unregister = ferryd_service_dbus_unregister;
}

static void
ferryd_service_init (FerrydService *self)
{
  g_autofree char *path = g_build_filename (g_get_user_data_dir (), "ferry", "ferry.db", NULL);
  g_autoptr(FerrydDatabase) database = ferryd_database_new (path);
  g_autoptr(FerrydEngine) engine = ferryd_engine_new (database);

  self->manager = ferryd_manager_new (FERRYD_STORE (database), FERRYD_RUNNER (engine));
}

FerrydService *
ferryd_service_new (void)
{
  return g_object_new (FERRYD_TYPE_SERVICE,
                       "application-id", FERRY_SERVICE_ID,
                       "flags", G_APPLICATION_IS_SERVICE,
                       NULL);
}
