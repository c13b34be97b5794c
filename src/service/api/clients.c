/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-clients"

#include "config.h"

#include "api/clients.h"
#include "api/snapshot.h"

#define SESSION_INTERFACE FERRY_SERVICE_ID ".Session"

/* What the clients of a session have not been told yet. */
typedef struct
{
  FerrydSession *session;  /* unowned; sessions stay */
  GHashTable    *names;    /* owned; set of unique names */
  GPtrArray     *added;    /* owned; of FerrydTask, unowned; tasks stay */
  GHashTable    *changed;  /* owned; FerrydTask, unowned → mask */
} Audience;

struct _FerrydClients
{
  GObject          parent_instance;

  GDBusConnection *connection;  /* owned */
  GHashTable      *present;     /* owned; set of unique names that are on the bus */
  GHashTable      *audiences;   /* owned; FerrydSession, unowned → Audience */
  guint            flush;       /* source id; 0: nothing to tell */
};

G_DEFINE_FINAL_TYPE (FerrydClients, ferryd_clients, G_TYPE_OBJECT)

static void
audience_free (Audience *audience)
{
  g_hash_table_unref (audience->names);
  g_ptr_array_unref (audience->added);
  g_hash_table_unref (audience->changed);
  g_free (audience);
}

static Audience *
audience_new (FerrydSession *session)
{
  Audience *audience = g_new0 (Audience, 1);

  audience->session = session;
  audience->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  audience->added = g_ptr_array_new ();
  audience->changed = g_hash_table_new (NULL, NULL);
  return audience;
}

static void
tell (FerrydClients *self,
      Audience      *audience,
      const char    *signal,
      GVariant      *parameters)
{
  g_autofree char *path = ferryd_snapshot_get_session_path (audience->session);
  g_autoptr(GVariant) owned = g_variant_ref_sink (parameters);
  GHashTableIter iter;
  const char *name;

  g_hash_table_iter_init (&iter, audience->names);
  while (g_hash_table_iter_next (&iter, (gpointer *) &name, NULL))
    {
      g_autoptr(GError) error = NULL;

      if (!g_dbus_connection_emit_signal (self->connection, name, path, SESSION_INTERFACE, signal,
                                          owned, &error))
        g_debug ("%s was not told of %s: %s", name, signal, error->message);
    }
}

static GVariant *
describe_added (GPtrArray *tasks)
{
  GVariantBuilder paths;

  g_variant_builder_init (&paths, G_VARIANT_TYPE ("ao"));
  for (guint i = 0; i < tasks->len; i++)
    {
      g_autofree char *path = ferryd_snapshot_get_path (tasks->pdata[i]);

      g_variant_builder_add (&paths, "o", path);
    }

  return g_variant_new ("(ao)", &paths);
}

static GVariant *
describe_changed (GHashTable *changed)
{
  GVariantBuilder tasks;
  GHashTableIter iter;
  gpointer task;
  gpointer mask;

  g_variant_builder_init (&tasks, G_VARIANT_TYPE ("a(oa{sv})"));
  g_hash_table_iter_init (&iter, changed);
  while (g_hash_table_iter_next (&iter, &task, &mask))
    {
      g_autofree char *path = ferryd_snapshot_get_path (task);

      g_variant_builder_add (&tasks, "(o@a{sv})", path,
                             ferryd_snapshot_get_changed (task, GPOINTER_TO_UINT (mask)));
    }

  return g_variant_new ("(a(oa{sv}))", &tasks);
}

static gboolean
on_flush_cb (gpointer user_data)
{
  FerrydClients *self = user_data;
  GHashTableIter iter;
  Audience *audience;

  self->flush = 0;
  g_hash_table_iter_init (&iter, self->audiences);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &audience))
    {
      if (audience->added->len > 0)
        tell (self, audience, "TasksAdded", describe_added (audience->added));
      if (g_hash_table_size (audience->changed) > 0)
        tell (self, audience, "TasksChanged", describe_changed (audience->changed));

      g_ptr_array_set_size (audience->added, 0);
      g_hash_table_remove_all (audience->changed);
    }

  return G_SOURCE_REMOVE;
}

/* Idle: behind the answers, and once for all that a turn of the loop brings. */
static void
flush_soon (FerrydClients *self)
{
  if (self->flush == 0)
    self->flush = g_idle_add (on_flush_cb, self);
}

static void
on_task_added_cb (FerrydManager *manager,
                  FerrydTask    *task,
                  FerrydClients *self)
{
  Audience *audience = g_hash_table_lookup (self->audiences, ferryd_task_get_session (task));

  if (audience == NULL)
    return;

  g_ptr_array_add (audience->added, task);
  flush_soon (self);
}

static void
on_task_changed_cb (FerrydManager *manager,
                    FerrydTask    *task,
                    guint          mask,
                    FerrydClients *self)
{
  Audience *audience = g_hash_table_lookup (self->audiences, ferryd_task_get_session (task));
  guint before;

  if (audience == NULL)
    return;

  before = GPOINTER_TO_UINT (g_hash_table_lookup (audience->changed, task));
  g_hash_table_insert (audience->changed, task, GUINT_TO_POINTER (before | mask));
  flush_soon (self);
}

static void
ferryd_clients_dispose (GObject *object)
{
  FerrydClients *self = FERRYD_CLIENTS (object);

  g_clear_handle_id (&self->flush, g_source_remove);
  g_clear_pointer (&self->audiences, g_hash_table_unref);
  g_clear_pointer (&self->present, g_hash_table_unref);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (ferryd_clients_parent_class)->dispose (object);
}

static void
ferryd_clients_class_init (FerrydClientsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_clients_dispose;
}

static void
ferryd_clients_init (FerrydClients *self)
{
  self->present = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->audiences = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) audience_free);
}

FerrydClients *
ferryd_clients_new (GDBusConnection *connection,
                    FerrydManager   *manager)
{
  FerrydClients *self = g_object_new (FERRYD_TYPE_CLIENTS, NULL);

  self->connection = g_object_ref (connection);
  g_signal_connect_object (manager, "task-added", G_CALLBACK (on_task_added_cb), self, 0);
  g_signal_connect_object (manager, "task-changed", G_CALLBACK (on_task_changed_cb), self, 0);
  return self;
}

void
ferryd_clients_welcome (FerrydClients *self,
                        const char    *unique_name)
{
  g_return_if_fail (FERRYD_IS_CLIENTS (self));

  g_hash_table_add (self->present, g_strdup (unique_name));
}

void
ferryd_clients_attach (FerrydClients *self,
                       const char    *unique_name,
                       FerrydSession *session)
{
  Audience *audience;

  g_return_if_fail (FERRYD_IS_CLIENTS (self));

  if (!g_hash_table_contains (self->present, unique_name))
    return;

  audience = g_hash_table_lookup (self->audiences, session);
  if (audience == NULL)
    {
      audience = audience_new (session);
      g_hash_table_insert (self->audiences, session, audience);
    }
  g_hash_table_add (audience->names, g_strdup (unique_name));
}

void
ferryd_clients_forget (FerrydClients *self,
                       const char    *unique_name)
{
  GHashTableIter iter;
  Audience *audience;

  g_return_if_fail (FERRYD_IS_CLIENTS (self));

  g_hash_table_remove (self->present, unique_name);
  g_hash_table_iter_init (&iter, self->audiences);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &audience))
    {
      g_hash_table_remove (audience->names, unique_name);
      if (g_hash_table_size (audience->names) == 0)
        g_hash_table_iter_remove (&iter);
    }
}
