/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-door"

#include "config.h"

#include "api/api-generated.h"
#include "api/call.h"
#include "api/door.h"
#include "api/snapshot.h"
#include "common/error.h"

#define API_VERSION 1

#define SESSIONS_PATH FERRY_OBJECT_PATH "/session"
#define TASKS_PATH FERRY_OBJECT_PATH "/task"

#define manager_info (&io_github_ferryapp_ferry_transfers1_manager_interface)
#define session_info (&io_github_ferryapp_ferry_transfers1_session_interface)
#define task_info (&io_github_ferryapp_ferry_transfers1_task_interface)

/* A unique name that has called. */
typedef struct
{
  FerrydDoor   *door;     /* unowned; has us in its table */
  char         *name;     /* owned */
  guint         watch;    /* tells when it has left the bus */
  FerrydCaller *caller;   /* owned; NULL: being found out, or refused */
  GError       *refusal;  /* owned; NULL: not refused */
  GQueue        waiting;  /* of GDBusMethodInvocation, owned, until it is known who it is */
} Visitor;

struct _FerrydDoor
{
  GObject          parent_instance;

  GDBusConnection *connection;    /* owned */
  FerrydManager   *manager;       /* owned */
  FerrydClients   *clients;       /* owned */
  GHashTable      *visitors;      /* owned; unique name → Visitor */
  guint           *in_flight;     /* owned, with the calls: of those let in and not yet answered */
  gboolean         is_open;
  GError          *problem;       /* owned; NULL: all is well */
  guint            registrations[3];  /* of the manager, the sessions, the tasks; 0: none */
};

G_DEFINE_FINAL_TYPE (FerrydDoor, ferryd_door, G_TYPE_OBJECT)

static void
visitor_free (Visitor *visitor)
{
  g_clear_handle_id (&visitor->watch, g_bus_unwatch_name);
  g_queue_clear_full (&visitor->waiting, g_object_unref);
  g_clear_pointer (&visitor->caller, ferryd_caller_free);
  g_clear_error (&visitor->refusal);
  g_free (visitor->name);
  g_free (visitor);
}

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
    g_set_object (&call->session, ferryd_manager_get_session (call->manager, read_number (path)));
  else if (g_str_has_prefix (path, TASKS_PATH "/"))
    g_set_object (&call->task, ferryd_manager_get_task (call->manager, read_number (path)));

  return call->session != NULL || call->task != NULL;
}

static const FerrydVerb *
find_verb (FerrydCall *call,
           const char *name)
{
  const FerrydVerb *verb = ferryd_manager_verbs;

  if (call->session != NULL)
    verb = ferryd_session_verbs;
  else if (call->task != NULL)
    verb = ferryd_task_verbs;

  while (verb->name != NULL && !g_str_equal (verb->name, name))
    verb++;

  return verb->name != NULL ? verb : NULL;
}

/* Returns: (transfer full) (nullable): the value of a property, floating or not */
static GVariant *
get_property (FerrydCall *call,
              const char *name)
{
  if (call->task != NULL)
    return ferryd_snapshot_get (call->task, name);
  if (call->session == NULL && g_str_equal (name, "Version"))
    return g_variant_new_uint32 (API_VERSION);

  return NULL;
}

static GVariant *
get_all_properties (FerrydCall *call)
{
  GVariantBuilder builder;

  if (call->task != NULL)
    return ferryd_snapshot_get_all (call->task);

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  if (call->session == NULL)
    g_variant_builder_add (&builder, "{sv}", "Version", g_variant_new_uint32 (API_VERSION));
  return g_variant_builder_end (&builder);
}

/* GDBus has checked the interface and the property, and that a Set is for a writable one. */
static void
answer_properties (FerrydCall *call,
                   const char *method)
{
  g_autoptr(GVariant) value = NULL;
  const char *name;

  if (g_str_equal (method, "GetAll"))
    {
      ferryd_call_answer (call, g_variant_new ("(@a{sv})", get_all_properties (call)));
      return;
    }

  if (g_str_equal (method, "Get"))
    {
      GVariant *found;

      g_variant_get (ferryd_call_get_parameters (call), "(&s&s)", NULL, &name);
      found = get_property (call, name);
      value = found != NULL ? g_variant_take_ref (found) : NULL;
    }

  if (value != NULL)
    ferryd_call_answer (call, g_variant_new ("(v)", value));
  else
    ferryd_call_refuse (call, g_error_new_literal (G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                                                   "There is no such property to be used so"));
}

/* @invocation: (transfer full) */
static void
let_in (FerrydDoor            *self,
        GDBusMethodInvocation *invocation)
{
  const char *path = g_dbus_method_invocation_get_object_path (invocation);
  const char *interface = g_dbus_method_invocation_get_interface_name (invocation);
  const char *method = g_dbus_method_invocation_get_method_name (invocation);
  FerrydCall *call = g_new0 (FerrydCall, 1);
  const FerrydVerb *verb;

  call->invocation = invocation;
  call->in_flight = g_rc_box_acquire (self->in_flight);
  *call->in_flight += 1;
  call->manager = g_object_ref (self->manager);
  call->clients = g_object_ref (self->clients);
  if (!find_object (call, path))
    {
      ferryd_call_refuse (call, g_error_new (FERRY_ERROR, FERRY_ERROR_NOT_FOUND,
                                             "There is no object “%s”", path));
      return;
    }

  if (g_str_equal (interface, "org.freedesktop.DBus.Properties"))
    {
      answer_properties (call, method);
      return;
    }

  verb = find_verb (call, method);
  g_assert (verb != NULL);  /* GDBus lets through what the XML declares, and each has its verb */
  verb->call (call);
}

static void
admit (Visitor *visitor)
{
  FerrydDoor *self = visitor->door;
  const GError *refusal = self->problem != NULL ? self->problem : visitor->refusal;
  GDBusMethodInvocation *invocation;

  if (!self->is_open || (visitor->caller == NULL && refusal == NULL))
    return;

  while ((invocation = g_queue_pop_head (&visitor->waiting)) != NULL)
    {
      if (refusal != NULL)
        g_dbus_method_invocation_return_gerror (invocation, refusal);
      else
        let_in (self, invocation);
    }
}

/* Whose identity is being found out for whom. */
typedef struct
{
  FerrydDoor *door;  /* owned */
  char       *name;  /* owned */
} Finding;

static void
judge_visitor (Visitor      *visitor,
               FerrydCaller *caller)
{
  if (!caller->is_sandboxed)
    {
      visitor->caller = caller;
      return;
    }

  g_set_error (&visitor->refusal, FERRY_ERROR, FERRY_ERROR_NOT_ALLOWED,
               "Sandboxed apps (here “%s”) cannot use the service yet", caller->app_id);
  ferryd_caller_free (caller);
}

static void
caller_found_cb (GObject      *object,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autofree Finding *finding = user_data;
  g_autoptr(FerrydDoor) self = finding->door;
  g_autofree char *name = finding->name;
  Visitor *visitor = g_hash_table_lookup (self->visitors, name);
  g_autoptr(FerrydCaller) caller = NULL;
  GError *error = NULL;

  caller = ferryd_caller_find_finish (G_DBUS_CONNECTION (object), result, &error);
  if (visitor == NULL)
    {
      g_clear_error (&error);  /* it has left */
      return;
    }

  if (caller != NULL)
    judge_visitor (visitor, g_steal_pointer (&caller));
  else
    visitor->refusal = error;

  admit (visitor);
}

static void
on_visitor_left_cb (GDBusConnection *connection,
                    const char      *name,
                    gpointer         user_data)
{
  FerrydDoor *self = user_data;

  ferryd_clients_forget (self->clients, name);
  g_hash_table_remove (self->visitors, name);
}

static Visitor *
welcome (FerrydDoor *self,
         const char *name)
{
  Visitor *visitor = g_new0 (Visitor, 1);
  Finding *finding = g_new0 (Finding, 1);

  visitor->door = self;
  visitor->name = g_strdup (name);
  visitor->watch = g_bus_watch_name_on_connection (self->connection, name,
                                                   G_BUS_NAME_WATCHER_FLAGS_NONE, NULL,
                                                   on_visitor_left_cb, self, NULL);
  g_queue_init (&visitor->waiting);
  g_hash_table_insert (self->visitors, visitor->name, visitor);
  ferryd_clients_welcome (self->clients, name);

  finding->door = g_object_ref (self);
  finding->name = g_strdup (name);
  ferryd_caller_find_async (self->connection, name, caller_found_cb, finding);
  return visitor;
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
  Visitor *visitor = g_hash_table_lookup (self->visitors, sender);

  if (visitor == NULL)
    visitor = welcome (self, sender);

  g_queue_push_tail (&visitor->waiting, invocation);
  admit (visitor);
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

  g_clear_pointer (&self->visitors, g_hash_table_unref);
  g_clear_object (&self->clients);
  g_clear_object (&self->manager);
  g_clear_object (&self->connection);
  g_clear_error (&self->problem);
  g_clear_pointer (&self->in_flight, g_rc_box_release);

  G_OBJECT_CLASS (ferryd_door_parent_class)->dispose (object);
}

static void
ferryd_door_class_init (FerrydDoorClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_door_dispose;
}

static void
ferryd_door_init (FerrydDoor *self)
{
  self->in_flight = g_rc_box_new0 (guint);
  self->visitors = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                          (GDestroyNotify) visitor_free);
}

FerrydDoor *
ferryd_door_new (GDBusConnection  *connection,
                 FerrydManager    *manager,
                 GError          **error)
{
  g_autoptr(FerrydDoor) self = NULL;

  g_return_val_if_fail (FERRYD_IS_MANAGER (manager), NULL);

  self = g_object_new (FERRYD_TYPE_DOOR, NULL);
  self->connection = g_object_ref (connection);
  self->manager = g_object_ref (manager);
  self->clients = ferryd_clients_new (connection, manager);
  if (!register_all (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

gboolean
ferryd_door_is_busy (FerrydDoor *self)
{
  GHashTableIter iter;
  Visitor *visitor;

  g_return_val_if_fail (FERRYD_IS_DOOR (self), FALSE);

  if (*self->in_flight > 0)
    return TRUE;

  g_hash_table_iter_init (&iter, self->visitors);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &visitor))
    {
      if (visitor->waiting.length > 0)
        return TRUE;
    }

  return FALSE;
}

void
ferryd_door_open (FerrydDoor   *self,
                  const GError *problem)
{
  GHashTableIter iter;
  Visitor *visitor;

  g_return_if_fail (FERRYD_IS_DOOR (self));

  self->is_open = TRUE;
  self->problem = problem != NULL ? g_error_copy (problem) : NULL;
  if (self->problem != NULL)
    ferryd_call_make_utf8 (self->problem);
  g_hash_table_iter_init (&iter, self->visitors);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &visitor))
    admit (visitor);
}
