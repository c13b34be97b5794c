/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-link"

#include "config.h"

#include "ferry-link-inside-private.h"
#include "ferry-path-private.h"
#include "ferry-session-private.h"
#include "ferry-task-private.h"

static void
change_tasks (FerryLink *self,
              GVariant  *parameters)
{
  g_autoptr(GVariantIter) iter = NULL;
  const char *path;
  GVariant *changed;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(a(oa{sv}))")))
    return;

  g_variant_get (parameters, "(a(oa{sv}))", &iter);
  while (g_variant_iter_loop (iter, "(&o@a{sv})", &path, &changed))
    {
      g_autoptr(FerryTask) task = NULL;

      if (g_set_object (&task, ferry_link_find_task (self, ferry_path_parse_task (path))))
        ferry_task_update (task, changed);
    }
}

/* Returns: (transfer full): of guint64 */
static GArray *
parse_numbers (GVariant *parameters)
{
  g_autoptr(GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr(GVariantIter) iter = NULL;
  const char *path;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ao)")))
    return g_steal_pointer (&numbers);

  g_variant_get (parameters, "(ao)", &iter);
  while (g_variant_iter_loop (iter, "&o", &path))
    {
      guint64 number = ferry_path_parse_task (path);

      if (number != 0)
        g_array_append_val (numbers, number);
    }

  return g_steal_pointer (&numbers);
}

static void
add_tasks (FerryLink *self,
           guint64    session,
           GVariant  *parameters)
{
  g_autoptr(GArray) numbers = parse_numbers (parameters);
  guint64 lowest = G_MAXUINT64;
  guint64 highest = 0;

  for (guint i = 0; i < numbers->len; i++)
    {
      lowest = MIN (lowest, g_array_index (numbers, guint64, i));
      highest = MAX (highest, g_array_index (numbers, guint64, i));
    }

  if (highest != 0)
    ferry_link_fetch_new (self, session, lowest, highest);
}

static void
remove_tasks (FerryLink *self,
              GVariant  *parameters)
{
  g_autoptr(GArray) numbers = parse_numbers (parameters);

  for (guint i = 0; i < numbers->len; i++)
    {
      g_autoptr(FerryTask) task = NULL;

      if (g_set_object (&task, ferry_link_find_task (self, g_array_index (numbers, guint64, i))))
        ferry_task_note_removed (task);
    }

  ferry_link_emit (self, FERRY_LINK_TASKS_REMOVED, numbers);
}

/* The signals that have one form for those who watch and those who have opened the session.
 * @session: 0: they came from the manager. Returns whether it was one of them. */
static gboolean
handle_list_signal (FerryLink  *self,
                    guint64     session,
                    const char *member,
                    GVariant   *parameters)
{
  /* Who does both gets both. */
  gboolean counts = (session == 0) == self->watching;

  if (g_str_equal (member, "TasksChanged"))
    {
      if (counts)
        change_tasks (self, parameters);
    }
  else if (g_str_equal (member, "TasksAdded"))
    {
      if (counts)
        add_tasks (self, session, parameters);
    }
  else if (g_str_equal (member, "TasksRemoved"))
    {
      if (counts)
        remove_tasks (self, parameters);
    }
  else
    return FALSE;

  return TRUE;
}

static void
handle_manager_signal (FerryLink  *self,
                       const char *member,
                       GVariant   *parameters)
{
  const char *path;
  guint64 number;

  if (handle_list_signal (self, 0, member, parameters) || !self->watching ||
      !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(o)")))
    return;

  g_variant_get (parameters, "(&o)", &path);
  number = ferry_path_parse_session (path);
  if (number != 0 && g_str_equal (member, "SessionAdded"))
    ferry_link_emit (self, FERRY_LINK_SESSION_ADDED, &number);
  else if (number != 0 && g_str_equal (member, "SessionRemoved"))
    ferry_link_emit (self, FERRY_LINK_SESSION_REMOVED, &number);
}

/* Returns whether the service's owner is the sender: only of that one anything is believed. */
static gboolean
is_from_service (FerryLink  *self,
                 const char *sender)
{
  return self->owner != NULL && g_strcmp0 (self->owner, sender) == 0;
}

static void
on_manager_signal_cb (GDBusConnection *connection,
                      const char      *sender,
                      const char      *path,
                      const char      *interface,
                      const char      *member,
                      GVariant        *parameters,
                      gpointer         user_data)
{
  g_autoptr(FerryLink) self = g_object_ref (user_data);

  if (is_from_service (self, sender))
    handle_manager_signal (self, member, parameters);
}

static void
on_properties_changed_cb (GDBusConnection *connection,
                          const char      *sender,
                          const char      *path,
                          const char      *interface,
                          const char      *member,
                          GVariant        *parameters,
                          gpointer         user_data)
{
  g_autoptr(FerryLink) self = g_object_ref (user_data);
  g_autoptr(GVariant) changed = NULL;
  const char *of;

  if (!is_from_service (self, sender) || !g_str_equal (member, "PropertiesChanged") ||
      !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;

  g_variant_get (parameters, "(&s@a{sv}as)", &of, &changed, NULL);
  if (g_str_equal (of, FERRY_MANAGER_INTERFACE))
    ferry_link_emit (self, FERRY_LINK_MANAGER_CHANGED, changed);
}

static void
on_session_signal_cb (GDBusConnection *connection,
                      const char      *sender,
                      const char      *path,
                      const char      *interface,
                      const char      *member,
                      GVariant        *parameters,
                      gpointer         user_data)
{
  g_autoptr(FerryLink) self = g_object_ref (user_data);
  g_autoptr(FerrySession) session = NULL;
  guint64 number = ferry_path_parse_session (path);

  if (!is_from_service (self, sender) || number == 0 ||
      handle_list_signal (self, number, member, parameters))
    return;

  if (g_set_object (&session, g_hash_table_lookup (self->sessions, &number)))
    ferry_session_handle_signal (session, member, parameters);
}

static void
on_task_signal_cb (GDBusConnection *connection,
                   const char      *sender,
                   const char      *path,
                   const char      *interface,
                   const char      *member,
                   GVariant        *parameters,
                   gpointer         user_data)
{
  g_autoptr(FerryLink) self = g_object_ref (user_data);
  g_autoptr(FerryTask) task = NULL;

  if (is_from_service (self, sender) &&
      g_set_object (&task, ferry_link_find_task (self, ferry_path_parse_task (path))))
    ferry_task_handle_signal (task, member, parameters);
}

static void
on_owner_changed_cb (GDBusConnection *connection,
                     const char      *sender,
                     const char      *path,
                     const char      *interface,
                     const char      *member,
                     GVariant        *parameters,
                     gpointer         user_data)
{
  g_autoptr(FerryLink) self = g_object_ref (user_data);
  g_autofree char *before = NULL;
  const char *owner;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    return;

  g_variant_get (parameters, "(&s&s&s)", NULL, NULL, &owner);
  if (g_strcmp0 (owner, self->owner) == 0)
    return;

  before = g_steal_pointer (&self->owner);
  if (*owner != '\0')
    self->owner = g_strdup (owner);
  if (before != NULL)
    ferry_link_lose (self);
}

void
ferry_link_subscribe (FerryLink *self)
{
  static const struct
  {
    const char          *interface;
    const char          *path;
    GDBusSignalCallback  callback;
  } subscriptions[] = {
    [FERRY_LINK_SUBSCRIPTION_MANAGER] = { FERRY_MANAGER_INTERFACE, FERRY_OBJECT_PATH,
                                          on_manager_signal_cb },
    [FERRY_LINK_SUBSCRIPTION_PROPERTIES] = { FERRY_PROPERTIES_INTERFACE, FERRY_OBJECT_PATH,
                                             on_properties_changed_cb },
    [FERRY_LINK_SUBSCRIPTION_SESSION] = { FERRY_SESSION_INTERFACE, NULL, on_session_signal_cb },
    [FERRY_LINK_SUBSCRIPTION_TASK] = { FERRY_TASK_INTERFACE, NULL, on_task_signal_cb },
  };

  self->subscriptions[FERRY_LINK_SUBSCRIPTION_OWNER] =
    g_dbus_connection_signal_subscribe (self->connection, "org.freedesktop.DBus",
                                        "org.freedesktop.DBus", "NameOwnerChanged",
                                        "/org/freedesktop/DBus", FERRY_SERVICE_ID,
                                        G_DBUS_SIGNAL_FLAGS_NONE, on_owner_changed_cb, self, NULL);

  /* From anybody, and then the sender is looked at: who the service is may change between two
   * messages, and is known here in their order. They are sent to us alone: nothing to ask of the
   * bus. */
  for (guint i = FERRY_LINK_SUBSCRIPTION_MANAGER; i < G_N_ELEMENTS (subscriptions); i++)
    self->subscriptions[i] =
      g_dbus_connection_signal_subscribe (self->connection, NULL, subscriptions[i].interface, NULL,
                                          subscriptions[i].path, NULL,
                                          G_DBUS_SIGNAL_FLAGS_NO_MATCH_RULE,
                                          subscriptions[i].callback, self, NULL);
}

void
ferry_link_unsubscribe (FerryLink *self)
{
  for (guint i = 0; i < FERRY_LINK_N_SUBSCRIPTIONS; i++)
    {
      if (self->subscriptions[i] != 0)
        g_dbus_connection_signal_unsubscribe (self->connection, self->subscriptions[i]);
      self->subscriptions[i] = 0;
    }
}
