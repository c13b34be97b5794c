/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-service"

#include "config.h"

#include <glib-unix.h>
#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "api/door.h"
#include "desktop/network.h"
#include "desktop/notifications.h"
#include "desktop/settings.h"
#include "engine.h"
#include "life.h"
#include "notices.h"
#include "service.h"
#include "store/database.h"

/* Turns without a call, after the name was released, that show that none is on its way. */
#define QUIET_TURNS 5
#define TURN_MS 1

/* What calls under way may take; jobs and the database have the rest of the two seconds. Without a
 * job there is little left to do. */
#define LEAVE_WITHIN_US (G_USEC_PER_SEC / 2)
#define LEAVE_IDLE_WITHIN_US (G_USEC_PER_SEC * 13 / 10)

/* SIGTERM is to be answered within two seconds, whatever hangs. */
#define LAST_MOMENT_MS 1800

/* How long a service without its database answers calls with what is wrong. */
#define GIVE_UP_S 5

/* So many new tasks leave enough behind for it to be given back, once they have all come. */
#define MANY_TASKS 500
#define TRIM_AFTER_S 1

/* Of the bus: RequestName's flag, and its answer that the name is ours. */
#define NAME_FLAG_DO_NOT_QUEUE 4u
#define PRIMARY_OWNER 1u

struct _FerrydService
{
  GApplication    parent_instance;

  FerrydManager  *manager;     /* owned */
  FerrydSettings *settings;    /* owned */
  FerrydNetwork  *network;     /* owned; NULL until the name is ours */
  /* Owned; NULL until there is a bus. */
  FerrydDoor     *door;
  FerrydNotifier *notifier;
  FerrydNotices  *notices;
  FerrydLife     *life;
  guint           n_new_tasks; /* since memory was last given back */
  guint           trim;        /* source id of that; 0: none is due */
  guint           going;       /* source id of what leads to the end; 0: nothing */
  gboolean        is_leaving;
  gboolean        is_over;     /* it leaves because nobody needs it, and that may change */
  gboolean        may_stay;    /* the same, and nobody has told it to go */
  guint           quiet_turns; /* without a call, since the name was released */
  guint           deadline;    /* source id of the last moment; 0: it is not leaving */
  gint64          leave_by;    /* monotonic µs; then it leaves whatever is under way */
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

static void
shut_down (FerrydService *self)
{
  ferryd_manager_shut_down_async (self->manager, shut_down_cb, g_object_ref (self));
}

static void leave (FerrydService *self);

static void
name_requested_cb (GObject      *object,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  g_autoptr(FerrydService) self = user_data;
  g_autoptr(GVariant) reply = NULL;
  guint32 answer = 0;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, NULL);
  if (reply != NULL)
    g_variant_get (reply, "(u)", &answer);

  if (answer != PRIMARY_OWNER)
    {
      shut_down (self);  /* a successor has the name, and waits for the database */
      return;
    }

  self->is_leaving = FALSE;
  g_clear_handle_id (&self->deadline, g_source_remove);
  if (!self->may_stay)
    {
      leave (self);  /* it was told to in the meantime */
      return;
    }

  self->is_over = FALSE;
  self->may_stay = FALSE;
  ferryd_life_begin (self->life);
}

/* Systemd ends who lets go of its name: then a last call's work is for the next. */
static void
call_successor (FerrydService *self)
{
  g_dbus_connection_call (g_application_get_dbus_connection (G_APPLICATION (self)),
                          "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                          "StartServiceByName", g_variant_new ("(su)", FERRY_SERVICE_ID, 0), NULL,
                          G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
}

/* A last call has made work for somebody: for us, unless a successor is there already. */
static void
ask_name_back (FerrydService *self)
{
  g_dbus_connection_call (g_application_get_dbus_connection (G_APPLICATION (self)),
                          "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                          "RequestName",
                          g_variant_new ("(su)", FERRY_SERVICE_ID, NAME_FLAG_DO_NOT_QUEUE),
                          G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE,
                          (int) (LEAVE_WITHIN_US / 1000), NULL, name_requested_cb,
                          g_object_ref (self));
}

/* Calls that were on their way when the name went are still for us; the next go to our
 * successor. */
static gboolean
on_idle_turn_cb (gpointer user_data)
{
  FerrydService *self = user_data;
  gboolean is_busy = self->door != NULL && ferryd_door_is_busy (self->door);
  gboolean is_needed;

  self->quiet_turns = is_busy ? 0 : self->quiet_turns + 1;
  if (self->quiet_turns < QUIET_TURNS && g_get_monotonic_time () < self->leave_by)
    return G_SOURCE_CONTINUE;

  self->going = 0;
  is_needed = self->is_over && ferryd_life_is_needed (self->life);
  if (is_needed && self->may_stay)
    {
      ask_name_back (self);
      return G_SOURCE_REMOVE;
    }

  if (is_needed)
    call_successor (self);
  shut_down (self);
  return G_SOURCE_REMOVE;
}

static void
name_released_cb (GObject      *object,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(FerrydService) self = user_data;
  g_autoptr(GVariant) reply = NULL;

  /* A bus that is gone has taken the name with it. */
  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, NULL);
  self->quiet_turns = 0;
  self->going = g_timeout_add (TURN_MS, on_idle_turn_cb, self);
}

/* A disk that does not answer holds threads that nothing ends. What is noted is on it, what is not
 * will be fetched again: nothing is created, renamed or counted before it has been noted. */
static gboolean
on_last_moment_cb (gpointer user_data)
{
  g_printerr ("ferryd: something does not end; leaving without it\n");
  _exit (0);
}

static void
leave (FerrydService *self)
{
  GDBusConnection *connection = g_application_get_dbus_connection (G_APPLICATION (self));

  if (self->is_leaving)
    {
      self->may_stay = FALSE;  /* whoever says so twice means it */
      return;
    }

  self->is_leaving = TRUE;
  self->leave_by = g_get_monotonic_time () + (ferryd_manager_is_idle (self->manager)
                                              ? LEAVE_IDLE_WITHIN_US : LEAVE_WITHIN_US);
  self->deadline = g_timeout_add (LAST_MOMENT_MS, on_last_moment_cb, NULL);
  g_clear_handle_id (&self->going, g_source_remove);
  if (connection != NULL)
    g_dbus_connection_call (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                            "org.freedesktop.DBus", "ReleaseName",
                            g_variant_new ("(s)", FERRY_SERVICE_ID), NULL, G_DBUS_CALL_FLAGS_NONE,
                            (int) (LEAVE_WITHIN_US / 1000), NULL, name_released_cb,
                            g_object_ref (self));
  else
    shut_down (self);
}

static void
on_life_over_cb (FerrydLife    *life,
                 FerrydService *self)
{
  if (self->is_leaving)
    return;

  self->is_over = TRUE;
  self->may_stay = TRUE;
  leave (self);
}

static gboolean
on_signal_cb (gpointer user_data)
{
  leave (user_data);
  return G_SOURCE_CONTINUE;
}

/* Whoever calls next starts a new one, which finds the database mended, or says so again. */
static gboolean
on_give_up_cb (gpointer user_data)
{
  FerrydService *self = user_data;

  self->going = 0;
  leave (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_trim_cb (gpointer user_data)
{
  FerrydService *self = user_data;

  self->trim = 0;
  self->n_new_tasks = 0;
  (void) malloc_trim (0);  /* there may be nothing to give back */
  return G_SOURCE_REMOVE;
}

/* What made them is freed, and lies between them: the allocator would keep it for ever. */
static void
on_task_added_cb (FerrydService *self)
{
  if (++self->n_new_tasks < MANY_TASKS)
    return;

  g_clear_handle_id (&self->trim, g_source_remove);
  self->trim = g_timeout_add_seconds (TRIM_AFTER_S, on_trim_cb, self);
}

static void
loaded_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr(FerrydService) self = user_data;
  g_autoptr(GError) error = NULL;

  if (!ferryd_manager_load_finish (FERRYD_MANAGER (object), result, &error) && !self->is_leaving)
    {
      g_printerr ("ferryd: %s\n", error->message);
      self->going = g_timeout_add_seconds (GIVE_UP_S, on_give_up_cb, self);
    }

  if (self->door != NULL)
    ferryd_door_open (self->door, error);
  if (self->life != NULL && error == NULL)
    ferryd_life_begin (self->life);
  self->trim = g_timeout_add_seconds (TRIM_AFTER_S, on_trim_cb, self);
}

static void
follow_settings (FerrydService *self)
{
  const FerrydSettingsValues *values = ferryd_settings_get (self->settings);
  FerrydPolicy policy = {
    .max_running = values->max_running,
    .max_per_host = values->max_connections_per_host,
    .download_limit = values->download_limit,
    .history_tasks = values->history_tasks,
    .history_days = values->history_days,
    .write_origin = values->write_origin,
  };

  ferryd_manager_set_policy (self->manager, &policy);
}

static void
follow_network (FerrydService *self)
{
  ferryd_manager_note_network (self->manager, ferryd_network_is_available (self->network),
                               ferryd_network_is_behind_portal (self->network));
}

static gboolean
ferryd_service_dbus_register (GApplication     *application,
                              GDBusConnection  *connection,
                              const char       *object_path,
                              GError          **error)
{
  FerrydService *self = FERRYD_SERVICE (application);

  self->door = ferryd_door_new (connection, self->manager, self->settings, error);
  if (self->door == NULL)
    return FALSE;

  self->notifier = ferryd_notifier_new (connection);
  self->notices = ferryd_notices_new (self->manager, self->door, self->notifier);
  self->life = ferryd_life_new (self->manager, self->door, self->notifier, self->settings);
  g_signal_connect_object (self->life, "over", G_CALLBACK (on_life_over_cb), self, 0);
  return TRUE;
}

static void
ferryd_service_dbus_unregister (GApplication    *application,
                                GDBusConnection *connection,
                                const char      *object_path)
{
  FerrydService *self = FERRYD_SERVICE (application);

  g_clear_object (&self->life);
  g_clear_object (&self->notices);
  g_clear_object (&self->notifier);
  g_clear_object (&self->door);
}

/* Once the name is ours: a second service gets here not at all. */
static void
ferryd_service_startup (GApplication *application)
{
  FerrydService *self = FERRYD_SERVICE (application);

  G_APPLICATION_CLASS (ferryd_service_parent_class)->startup (application);

  raise_descriptor_limit ();
  self->network = ferryd_network_new (NULL);
  g_signal_connect_object (self->network, "changed", G_CALLBACK (follow_network), self,
                           G_CONNECT_SWAPPED);
  follow_network (self);
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

  g_clear_handle_id (&self->going, g_source_remove);
  g_clear_handle_id (&self->deadline, g_source_remove);
  g_clear_handle_id (&self->trim, g_source_remove);
  g_clear_object (&self->life);
  g_clear_object (&self->notices);
  g_clear_object (&self->notifier);
  g_clear_object (&self->door);
  g_clear_object (&self->network);
  g_clear_object (&self->settings);
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
  g_signal_connect_object (self->manager, "task-added", G_CALLBACK (on_task_added_cb), self,
                           G_CONNECT_SWAPPED);
  self->settings = ferryd_settings_new ();
  g_signal_connect_object (self->settings, "changed", G_CALLBACK (follow_settings), self,
                           G_CONNECT_SWAPPED);
  follow_settings (self);

  /* Before there is a name that could bring a call, and to the very end of the process: without
   * them a SIGTERM that comes late would kill what has left cleanly. No loop runs by then. */
  (void) g_unix_signal_add (SIGTERM, on_signal_cb, self);
  (void) g_unix_signal_add (SIGINT, on_signal_cb, self);
}

FerrydService *
ferryd_service_new (void)
{
  return g_object_new (FERRYD_TYPE_SERVICE,
                       "application-id", FERRY_SERVICE_ID,
                       "flags", G_APPLICATION_IS_SERVICE,
                       NULL);
}
