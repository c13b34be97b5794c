/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-visitors"

#include "config.h"

#include "api/visitors.h"
#include "common/error.h"

/* A unique name that has called. */
typedef struct
{
  FerrydVisitors *visitors;  /* unowned; has us in its table */
  char           *name;      /* owned */
  guint           watch;     /* tells when it has left the bus */
  FerrydCaller   *caller;    /* owned; NULL: being found out, or refused */
  GError         *refusal;   /* owned; NULL: not refused */
  GQueue          waiting;   /* of FerrydCall, owned, until it is known who it is */
} Visitor;

struct _FerrydVisitors
{
  GObject          parent_instance;

  GDBusConnection *connection;  /* owned */
  FerrydClients   *clients;     /* owned */
  FerrydServe      serve;
  GHashTable      *visitors;    /* owned; unique name → Visitor, owned */
  gboolean         is_admitting;
  GError          *problem;     /* owned; NULL: all is well */
};

G_DEFINE_FINAL_TYPE (FerrydVisitors, ferryd_visitors, G_TYPE_OBJECT)

static void
visitor_free (Visitor *visitor)
{
  g_clear_handle_id (&visitor->watch, g_bus_unwatch_name);
  g_queue_clear_full (&visitor->waiting, (GDestroyNotify) ferryd_call_drop);
  g_clear_pointer (&visitor->caller, ferryd_caller_free);
  g_clear_error (&visitor->refusal);
  g_free (visitor->name);
  g_free (visitor);
}

static void
serve_visitor (Visitor *visitor)
{
  FerrydVisitors *self = visitor->visitors;
  const GError *refusal = self->problem != NULL ? self->problem : visitor->refusal;
  FerrydCall *call;

  if (!self->is_admitting || (visitor->caller == NULL && refusal == NULL))
    return;

  while ((call = g_queue_pop_head (&visitor->waiting)) != NULL)
    {
      if (refusal != NULL)
        ferryd_call_refuse (call, g_error_copy (refusal));
      else
        self->serve (call);
    }
}

/* Whose identity is being found out for whom. */
typedef struct
{
  FerrydVisitors *visitors;  /* owned */
  char           *name;      /* owned */
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
  g_autoptr(FerrydVisitors) self = finding->visitors;
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

  serve_visitor (visitor);
}

static void
on_visitor_left_cb (GDBusConnection *connection,
                    const char      *name,
                    gpointer         user_data)
{
  FerrydVisitors *self = user_data;

  ferryd_clients_forget (self->clients, name);
  g_hash_table_remove (self->visitors, name);
}

static Visitor *
welcome (FerrydVisitors *self,
         const char     *name)
{
  Visitor *visitor = g_new0 (Visitor, 1);
  Finding *finding = g_new0 (Finding, 1);

  visitor->visitors = self;
  visitor->name = g_strdup (name);
  visitor->watch = g_bus_watch_name_on_connection (self->connection, name,
                                                   G_BUS_NAME_WATCHER_FLAGS_NONE, NULL,
                                                   on_visitor_left_cb, self, NULL);
  g_queue_init (&visitor->waiting);
  g_hash_table_insert (self->visitors, visitor->name, visitor);
  ferryd_clients_welcome (self->clients, name);

  finding->visitors = g_object_ref (self);
  finding->name = g_strdup (name);
  ferryd_caller_find_async (self->connection, name, caller_found_cb, finding);
  return visitor;
}

static void
ferryd_visitors_dispose (GObject *object)
{
  FerrydVisitors *self = FERRYD_VISITORS (object);

  g_clear_pointer (&self->visitors, g_hash_table_unref);
  g_clear_object (&self->clients);
  g_clear_object (&self->connection);
  g_clear_error (&self->problem);

  G_OBJECT_CLASS (ferryd_visitors_parent_class)->dispose (object);
}

static void
ferryd_visitors_class_init (FerrydVisitorsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_visitors_dispose;
}

static void
ferryd_visitors_init (FerrydVisitors *self)
{
  self->visitors = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                          (GDestroyNotify) visitor_free);
}

FerrydVisitors *
ferryd_visitors_new (GDBusConnection *connection,
                     FerrydClients   *clients,
                     FerrydServe      serve)
{
  FerrydVisitors *self = g_object_new (FERRYD_TYPE_VISITORS, NULL);

  self->connection = g_object_ref (connection);
  self->clients = g_object_ref (clients);
  self->serve = serve;
  return self;
}

void
ferryd_visitors_take (FerrydVisitors *self,
                      FerrydCall     *call)
{
  const char *sender = ferryd_call_get_sender (call);
  Visitor *visitor;

  g_return_if_fail (FERRYD_IS_VISITORS (self));

  visitor = g_hash_table_lookup (self->visitors, sender);
  if (visitor == NULL)
    visitor = welcome (self, sender);

  g_queue_push_tail (&visitor->waiting, call);
  serve_visitor (visitor);
}

void
ferryd_visitors_admit (FerrydVisitors *self,
                       const GError   *problem)
{
  GHashTableIter iter;
  Visitor *visitor;

  g_return_if_fail (FERRYD_IS_VISITORS (self));

  self->is_admitting = TRUE;
  self->problem = problem != NULL ? g_error_copy (problem) : NULL;
  g_hash_table_iter_init (&iter, self->visitors);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &visitor))
    serve_visitor (visitor);
}
