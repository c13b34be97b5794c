/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-door"

#include "config.h"

#include "api/api-generated.h"
#include "api/call.h"
#include "api/door.h"
#include "api/properties.h"
#include "api/signals.h"
#include "api/visitors.h"
#include "common/error.h"

#define SESSIONS_PATH FERRY_OBJECT_PATH "/session"
#define TASKS_PATH FERRY_OBJECT_PATH "/task"

#define manager_info (&io_github_ferryapp_ferry_transfers1_manager_interface)
#define session_info (&io_github_ferryapp_ferry_transfers1_session_interface)
#define task_info (&io_github_ferryapp_ferry_transfers1_task_interface)

struct _FerrydDoor
{
  GObject          parent_instance;

  GDBusConnection *connection;  /* owned */
  FerrydManager   *manager;     /* owned */
  FerrydClients   *clients;     /* owned */
  FerrydGauges    *gauges;      /* owned */
  FerrydSignals   *signals;     /* owned */
  FerrydVisitors  *visitors;    /* owned */
  FerrydTraffic   *traffic;     /* owned, with the calls */
  guint            calm;        /* source id: `calmed` is about to be told; 0: it is not */
  guint            registrations[3];  /* of the manager, the sessions, the tasks; 0: none */
};

G_DEFINE_FINAL_TYPE (FerrydDoor, ferryd_door, G_TYPE_OBJECT)

static guint calmed_signal;

/* The number at the end of …/task/N; 0 where there is none. */
static gint64
read_number (const char *path)
{
  const char *digits = strrchr (path, '/') + 1;
  guint64 number;

  /* "+1", "01" and " 1" are no names of an object. */
  if (*digits < '1' || *digits > '9' ||
      !g_ascii_string_to_unsigned (digits, 10, 1, G_MAXINT64, &number, NULL))
    return 0;

  return (gint64) number;
}

static gboolean
find_object (FerrydCall *call,
             const char *path)
{
  if (g_str_equal (path, FERRY_OBJECT_PATH))
    return TRUE;

  if (g_str_has_prefix (path, SESSIONS_PATH "/"))
    {
      g_set_object (&call->session,
                    ferryd_manager_get_session (call->manager, read_number (path)));
    }
  else if (g_str_has_prefix (path, TASKS_PATH "/"))
    {
      g_set_object (&call->task, ferryd_manager_get_task (call->manager, read_number (path)));
      if (call->task != NULL)
        g_set_object (&call->session, ferryd_task_get_session (call->task));
    }

  return call->session != NULL;
}

static const FerrydVerb *
find_verb (FerrydCall *call,
           const char *name)
{
  const FerrydVerb *verb = ferryd_manager_verbs;

  if (call->task != NULL)
    verb = ferryd_task_verbs;
  else if (call->session != NULL)
    verb = ferryd_session_verbs;

  while (verb->name != NULL && !g_str_equal (verb->name, name))
    verb++;

  return verb->name != NULL ? verb : NULL;
}

/* Who calls has been found out. */
static void
serve (FerrydCall *call)
{
  const char *path = g_dbus_method_invocation_get_object_path (call->invocation);
  const char *interface = g_dbus_method_invocation_get_interface_name (call->invocation);
  const char *method = g_dbus_method_invocation_get_method_name (call->invocation);
  const FerrydVerb *verb;

  if (!find_object (call, path))
    {
      ferryd_call_refuse (call, g_error_new (FERRY_ERROR, FERRY_ERROR_NOT_FOUND,
                                             "There is no object “%s”", path));
      return;
    }

  if (g_str_equal (interface, "org.freedesktop.DBus.Properties"))
    {
      ferryd_properties_answer (call);
      return;
    }

  verb = find_verb (call, method);
  g_assert (verb != NULL);  /* GDBus lets through what the XML declares, and each has its verb */
  verb->call (call);
}

/* Every method, Get, GetAll and Set. */
static void
on_method_call_cb (GDBusConnection       *connection,
                   const char            *sender,
                   const char            *object_path,
                   const char            *interface_name,
                   const char            *method_name,
                   GVariant              *parameters,
                   GDBusMethodInvocation *invocation,
                   gpointer               user_data)
{
  FerrydDoor *self = user_data;

  ferryd_visitors_take (self->visitors,
                        ferryd_call_new (invocation, self->manager, self->clients, self->gauges,
                                         self->traffic));
}

/* Without get and set they come as method calls too. */
static const GDBusInterfaceVTable door_vtable = { .method_call = on_method_call_cb };

static char **
on_enumerate_cb (GDBusConnection *connection,
                 const char      *sender,
                 const char      *object_path,
                 gpointer         user_data)
{
  return g_new0 (char *, 1);  /* who may know of which is decided in the door */
}

/* The same for every number, whether there is such an object or not. */
static GDBusInterfaceInfo **
on_introspect_cb (GDBusConnection *connection,
                  const char      *sender,
                  const char      *object_path,
                  const char      *node,
                  gpointer         user_data)
{
  GDBusInterfaceInfo **infos = g_new0 (GDBusInterfaceInfo *, 2);
  gboolean is_session = g_str_has_prefix (object_path, SESSIONS_PATH);

  if (node != NULL)
    infos[0] = (GDBusInterfaceInfo *) (is_session ? session_info : task_info);
  return infos;
}

static const GDBusInterfaceVTable *
on_dispatch_cb (GDBusConnection *connection,
                const char      *sender,
                const char      *object_path,
                const char      *interface_name,
                const char      *node,
                gpointer        *out_user_data,
                gpointer         user_data)
{
  *out_user_data = user_data;
  return &door_vtable;
}

static const GDBusSubtreeVTable subtree_vtable = {
  .enumerate = on_enumerate_cb,
  .introspect = on_introspect_cb,
  .dispatch = on_dispatch_cb,
};

static gboolean
register_all (FerrydDoor  *self,
              GError     **error)
{
  guint *ids = self->registrations;

  ids[0] = g_dbus_connection_register_object (self->connection, FERRY_OBJECT_PATH,
                                              (GDBusInterfaceInfo *) manager_info, &door_vtable,
                                              self, NULL, error);
  if (ids[0] == 0)
    return FALSE;

  ids[1] = g_dbus_connection_register_subtree (self->connection, SESSIONS_PATH, &subtree_vtable,
                                               G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES,
                                               self, NULL, error);
  if (ids[1] == 0)
    return FALSE;

  ids[2] = g_dbus_connection_register_subtree (self->connection, TASKS_PATH, &subtree_vtable,
                                               G_DBUS_SUBTREE_FLAGS_DISPATCH_TO_UNENUMERATED_NODES,
                                               self, NULL, error);
  return ids[2] != 0;
}

static gboolean
on_calm_cb (gpointer user_data)
{
  FerrydDoor *self = user_data;

  self->calm = 0;
  g_signal_emit (self, calmed_signal, 0);
  return G_SOURCE_REMOVE;
}

static void
on_less_to_do_cb (GObject    *object,
                  FerrydDoor *self)
{
  if (self->calm == 0)
    self->calm = g_idle_add (on_calm_cb, self);
}

static void
ferryd_door_dispose (GObject *object)
{
  FerrydDoor *self = FERRYD_DOOR (object);
  guint *ids = self->registrations;

  if (ids[0] != 0)
    (void) g_dbus_connection_unregister_object (self->connection, ids[0]);  /* it is registered */
  if (ids[1] != 0)
    (void) g_dbus_connection_unregister_subtree (self->connection, ids[1]);  /* so is this */
  if (ids[2] != 0)
    (void) g_dbus_connection_unregister_subtree (self->connection, ids[2]);  /* and this */
  ids[0] = ids[1] = ids[2] = 0;

  g_clear_object (&self->visitors);
  g_clear_object (&self->signals);
  g_clear_object (&self->gauges);
  g_clear_object (&self->clients);
  g_clear_object (&self->traffic);
  g_clear_handle_id (&self->calm, g_source_remove);
  g_clear_object (&self->manager);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (ferryd_door_parent_class)->dispose (object);
}

static void
ferryd_door_class_init (FerrydDoorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_door_dispose;

  calmed_signal = g_signal_new ("calmed", FERRYD_TYPE_DOOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
}

static void
ferryd_door_init (FerrydDoor *self)
{
}

FerrydDoor *
ferryd_door_new (GDBusConnection  *connection,
                 FerrydManager    *manager,
                 FerrydSettings   *settings,
                 GError          **error)
{
  g_autoptr(FerrydDoor) self = NULL;

  g_return_val_if_fail (FERRYD_IS_MANAGER (manager), NULL);
  g_return_val_if_fail (FERRYD_IS_SETTINGS (settings), NULL);

  self = g_object_new (FERRYD_TYPE_DOOR, NULL);
  self->connection = g_object_ref (connection);
  self->manager = g_object_ref (manager);
  self->traffic = ferryd_traffic_new ();
  self->clients = ferryd_clients_new (connection);
  self->signals = ferryd_signals_new (manager, self->clients);
  self->gauges = ferryd_gauges_new (manager, settings, self->clients);
  self->visitors = ferryd_visitors_new (connection, self->clients, serve);
  g_signal_connect_object (self->traffic, "drained", G_CALLBACK (on_less_to_do_cb), self, 0);
  g_signal_connect_object (self->clients, "left", G_CALLBACK (on_less_to_do_cb), self, 0);
  if (!register_all (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
ferryd_door_open (FerrydDoor   *self,
                  const GError *problem)
{
  g_return_if_fail (FERRYD_IS_DOOR (self));

  ferryd_visitors_admit (self->visitors, problem);
}

gboolean
ferryd_door_is_busy (FerrydDoor *self)
{
  g_return_val_if_fail (FERRYD_IS_DOOR (self), FALSE);

  return ferryd_traffic_count (self->traffic) > 0;
}

gboolean
ferryd_door_has_clients (FerrydDoor *self)
{
  g_return_val_if_fail (FERRYD_IS_DOOR (self), FALSE);

  return ferryd_clients_has_any (self->clients);
}

gint64
ferryd_door_get_last_call (FerrydDoor *self)
{
  g_return_val_if_fail (FERRYD_IS_DOOR (self), 0);

  return ferryd_traffic_get_last (self->traffic);
}

gboolean
ferryd_door_wants_quiet (FerrydDoor    *self,
                         FerrydSession *session)
{
  g_return_val_if_fail (FERRYD_IS_DOOR (self), FALSE);

  return ferryd_clients_want_quiet (self->clients, session);
}
