/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-clients"

#include "config.h"

#include "api/clients.h"
#include "api/snapshot.h"

#define SESSION_INTERFACE FERRY_SERVICE_ID ".Session"
#define TASK_INTERFACE FERRY_SERVICE_ID ".Task"

static const char *const members[] = {
  [FERRYD_MEMBER_DID_WRITE_DATA] = "DidWriteData",
  [FERRYD_MEMBER_DID_RESUME_AT_OFFSET] = "DidResumeAtOffset",
  [FERRYD_MEMBER_WILL_PERFORM_REDIRECTION] = "WillPerformRedirection",
  [FERRYD_MEMBER_IS_WAITING] = "IsWaiting",
  [FERRYD_MEMBER_NEED_NEW_URL] = "NeedNewUrl",
  [FERRYD_MEMBER_DID_FINISH_DOWNLOADING] = "DidFinishDownloading",
  [FERRYD_MEMBER_DID_COMPLETE] = "DidComplete",
};
G_STATIC_ASSERT (G_N_ELEMENTS (members) == FERRYD_N_MEMBERS);

/* What a client gets that has chosen nothing: all but the one that comes four times a second. */
#define DEFAULT_MEMBERS \
  (((1u << FERRYD_N_MEMBERS) - 1) & ~(1u << FERRYD_MEMBER_DID_WRITE_DATA))

/* One that is attached to a session. */
typedef struct
{
  guint    members;  /* mask of FerrydMember */
  gboolean quiet;
} Attachment;

struct _FerrydClients
{
  GObject          parent_instance;

  GDBusConnection *connection;  /* owned */
  GHashTable      *present;     /* owned; set of unique names that are on the bus */
  GHashTable      *watchers;    /* owned; set of unique names */
  /* owned; FerrydSession, owned → GHashTable, owned: unique name → Attachment; never empty */
  GHashTable      *audiences;
  GHashTable      *held;        /* owned; FerrydSession, owned → how often it is held */
};

G_DEFINE_FINAL_TYPE (FerrydClients, ferryd_clients, G_TYPE_OBJECT)

enum { LEFT, RELEASED, N_SIGNALS };
static guint signals[N_SIGNALS];

gboolean
ferryd_member_from_string (const char   *name,
                           FerrydMember *member)
{
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      if (g_str_equal (members[i], name))
        {
          *member = (FerrydMember) i;
          return TRUE;
        }
    }

  return FALSE;
}

static void
ferryd_clients_dispose (GObject *object)
{
  FerrydClients *self = FERRYD_CLIENTS (object);

  g_clear_pointer (&self->held, g_hash_table_unref);
  g_clear_pointer (&self->audiences, g_hash_table_unref);
  g_clear_pointer (&self->watchers, g_hash_table_unref);
  g_clear_pointer (&self->present, g_hash_table_unref);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (ferryd_clients_parent_class)->dispose (object);
}

static void
ferryd_clients_class_init (FerrydClientsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ferryd_clients_dispose;

  signals[LEFT] = g_signal_new ("left", FERRYD_TYPE_CLIENTS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
  signals[RELEASED] = g_signal_new ("released", FERRYD_TYPE_CLIENTS, G_SIGNAL_RUN_LAST, 0, NULL,
                                    NULL, NULL, G_TYPE_NONE, 0);
}

static void
ferryd_clients_init (FerrydClients *self)
{
  self->present = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->watchers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->audiences = g_hash_table_new_full (NULL, NULL, g_object_unref,
                                           (GDestroyNotify) g_hash_table_unref);
  self->held = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

FerrydClients *
ferryd_clients_new (GDBusConnection *connection)
{
  FerrydClients *self = g_object_new (FERRYD_TYPE_CLIENTS, NULL);

  self->connection = g_object_ref (connection);
  return self;
}

void
ferryd_clients_welcome (FerrydClients *self,
                        const char    *unique_name)
{
  g_return_if_fail (FERRYD_IS_CLIENTS (self));

  g_hash_table_add (self->present, g_strdup (unique_name));
}

/* NULL: it is not attached to @session. */
static Attachment *
find_attachment (FerrydClients *self,
                 const char    *unique_name,
                 FerrydSession *session)
{
  GHashTable *audience = g_hash_table_lookup (self->audiences, session);

  return audience != NULL ? g_hash_table_lookup (audience, unique_name) : NULL;
}

void
ferryd_clients_attach (FerrydClients *self,
                       const char    *unique_name,
                       FerrydSession *session)
{
  GHashTable *audience;
  Attachment *attachment;

  g_return_if_fail (FERRYD_IS_CLIENTS (self));

  if (!g_hash_table_contains (self->present, unique_name) ||
      find_attachment (self, unique_name, session) != NULL)
    return;

  audience = g_hash_table_lookup (self->audiences, session);
  if (audience == NULL)
    {
      audience = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_insert (self->audiences, g_object_ref (session), audience);
    }

  attachment = g_new0 (Attachment, 1);
  attachment->members = DEFAULT_MEMBERS;
  g_hash_table_insert (audience, g_strdup (unique_name), attachment);
}

void
ferryd_clients_set_quiet (FerrydClients *self,
                          const char    *unique_name,
                          FerrydSession *session,
                          gboolean       quiet)
{
  Attachment *attachment;

  g_return_if_fail (FERRYD_IS_CLIENTS (self));

  attachment = find_attachment (self, unique_name, session);
  if (attachment != NULL)
    attachment->quiet = quiet;
}

gboolean
ferryd_clients_set_members (FerrydClients *self,
                            const char    *unique_name,
                            FerrydSession *session,
                            guint          mask)
{
  Attachment *attachment;

  g_return_val_if_fail (FERRYD_IS_CLIENTS (self), FALSE);

  attachment = find_attachment (self, unique_name, session);
  if (attachment != NULL)
    attachment->members = mask;
  return attachment != NULL;
}

void
ferryd_clients_set_watching (FerrydClients *self,
                             const char    *unique_name,
                             gboolean       watching)
{
  g_return_if_fail (FERRYD_IS_CLIENTS (self));

  if (watching && g_hash_table_contains (self->present, unique_name))
    g_hash_table_add (self->watchers, g_strdup (unique_name));
  else if (!watching && g_hash_table_remove (self->watchers, unique_name) &&
           !ferryd_clients_has_any (self))
    g_signal_emit (self, signals[LEFT], 0);
}

void
ferryd_clients_forget (FerrydClients *self,
                       const char    *unique_name)
{
  gboolean had_any;
  GHashTableIter iter;
  GHashTable *audience;

  g_return_if_fail (FERRYD_IS_CLIENTS (self));

  had_any = ferryd_clients_has_any (self);
  g_hash_table_remove (self->present, unique_name);
  g_hash_table_remove (self->watchers, unique_name);
  g_hash_table_iter_init (&iter, self->audiences);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &audience))
    {
      g_hash_table_remove (audience, unique_name);
      if (g_hash_table_size (audience) == 0)
        g_hash_table_iter_remove (&iter);
    }

  if (had_any && !ferryd_clients_has_any (self))
    g_signal_emit (self, signals[LEFT], 0);
}

void
ferryd_clients_forget_session (FerrydClients *self,
                               FerrydSession *session)
{
  g_return_if_fail (FERRYD_IS_CLIENTS (self));

  if (g_hash_table_remove (self->audiences, session) && !ferryd_clients_has_any (self))
    g_signal_emit (self, signals[LEFT], 0);
}

gboolean
ferryd_clients_has_any (FerrydClients *self)
{
  g_return_val_if_fail (FERRYD_IS_CLIENTS (self), FALSE);

  return g_hash_table_size (self->watchers) > 0 || g_hash_table_size (self->audiences) > 0;
}

gboolean
ferryd_clients_has_watchers (FerrydClients *self)
{
  g_return_val_if_fail (FERRYD_IS_CLIENTS (self), FALSE);

  return g_hash_table_size (self->watchers) > 0;
}

gboolean
ferryd_clients_has_listeners (FerrydClients *self,
                              FerrydSession *session)
{
  return ferryd_clients_has_watchers (self) || g_hash_table_contains (self->audiences, session);
}

gboolean
ferryd_clients_want (FerrydClients *self,
                     FerrydSession *session,
                     FerrydMember   member)
{
  GHashTable *audience;
  GHashTableIter iter;
  Attachment *attachment;

  g_return_val_if_fail (FERRYD_IS_CLIENTS (self), FALSE);

  if ((DEFAULT_MEMBERS & (1u << member)) != 0 && ferryd_clients_has_watchers (self))
    return TRUE;

  audience = g_hash_table_lookup (self->audiences, session);
  if (audience == NULL)
    return FALSE;

  g_hash_table_iter_init (&iter, audience);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &attachment))
    {
      if ((attachment->members & (1u << member)) != 0)
        return TRUE;
    }

  return FALSE;
}

gboolean
ferryd_clients_want_quiet (FerrydClients *self,
                           FerrydSession *session)
{
  GHashTable *audience;
  GHashTableIter iter;
  Attachment *attachment;

  g_return_val_if_fail (FERRYD_IS_CLIENTS (self), FALSE);

  audience = g_hash_table_lookup (self->audiences, session);
  if (audience == NULL)
    return FALSE;

  g_hash_table_iter_init (&iter, audience);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &attachment))
    {
      if (attachment->quiet)
        return TRUE;
    }

  return FALSE;
}

void
ferryd_clients_hold (FerrydClients *self,
                     FerrydSession *session)
{
  guint n;

  g_return_if_fail (FERRYD_IS_CLIENTS (self));

  n = GPOINTER_TO_UINT (g_hash_table_lookup (self->held, session));
  g_hash_table_insert (self->held, g_object_ref (session), GUINT_TO_POINTER (n + 1));
}

void
ferryd_clients_release (FerrydClients *self,
                        FerrydSession *session)
{
  guint n;

  g_return_if_fail (FERRYD_IS_CLIENTS (self));

  n = GPOINTER_TO_UINT (g_hash_table_lookup (self->held, session));
  g_return_if_fail (n > 0);

  if (n > 1)
    {
      g_hash_table_insert (self->held, g_object_ref (session), GUINT_TO_POINTER (n - 1));
      return;
    }

  g_hash_table_remove (self->held, session);
  g_signal_emit (self, signals[RELEASED], 0);
}

gboolean
ferryd_clients_is_held (FerrydClients *self,
                        FerrydSession *session)
{
  g_return_val_if_fail (FERRYD_IS_CLIENTS (self), FALSE);

  return g_hash_table_contains (self->held, session);
}

/* What is to be told: a value. */
typedef struct
{
  const char *path;
  const char *interface;
  const char *signal;
  GVariant   *parameters;
} News;

static void
tell (FerrydClients *self,
      const char    *unique_name,
      const News    *news)
{
  g_autoptr(GError) error = NULL;

  if (!g_dbus_connection_emit_signal (self->connection, unique_name, news->path, news->interface,
                                      news->signal, news->parameters, &error))
    g_debug ("%s was not told of %s: %s", unique_name, news->signal, error->message);
}

/* @mask: those attached whose members it meets; 0: all of them */
static void
tell_attached (FerrydClients *self,
               FerrydSession *session,
               guint          mask,
               const News    *news)
{
  GHashTable *audience = g_hash_table_lookup (self->audiences, session);
  GHashTableIter iter;
  const char *unique_name;
  Attachment *attachment;

  if (audience == NULL)
    return;

  g_hash_table_iter_init (&iter, audience);
  while (g_hash_table_iter_next (&iter, (gpointer *) &unique_name, (gpointer *) &attachment))
    {
      if (mask == 0 || (attachment->members & mask) != 0)
        tell (self, unique_name, news);
    }
}

/* @but: (nullable): not those attached to it, who have chosen themselves what they are told */
static void
tell_watchers (FerrydClients *self,
               FerrydSession *but,
               const News    *news)
{
  GHashTableIter iter;
  const char *unique_name;

  g_hash_table_iter_init (&iter, self->watchers);
  while (g_hash_table_iter_next (&iter, (gpointer *) &unique_name, NULL))
    {
      if (but == NULL || find_attachment (self, unique_name, but) == NULL)
        tell (self, unique_name, news);
    }
}

void
ferryd_clients_tell_attached (FerrydClients *self,
                              FerrydSession *session,
                              const char    *signal,
                              GVariant      *parameters)
{
  g_autoptr(GVariant) owned = g_variant_ref_sink (parameters);
  g_autofree char *path = ferryd_snapshot_get_session_path (session);
  const News news = { path, SESSION_INTERFACE, signal, owned };

  g_return_if_fail (FERRYD_IS_CLIENTS (self));

  tell_attached (self, session, 0, &news);
}

void
ferryd_clients_tell_watchers (FerrydClients *self,
                              const char    *interface,
                              const char    *signal,
                              GVariant      *parameters)
{
  g_autoptr(GVariant) owned = g_variant_ref_sink (parameters);
  const News news = { FERRY_OBJECT_PATH, interface, signal, owned };

  g_return_if_fail (FERRYD_IS_CLIENTS (self));

  tell_watchers (self, NULL, &news);
}

void
ferryd_clients_tell_all (FerrydClients *self,
                         FerrydSession *session,
                         const char    *signal,
                         GVariant      *parameters)
{
  g_autoptr(GVariant) owned = g_variant_ref_sink (parameters);
  g_autofree char *path = ferryd_snapshot_get_session_path (session);
  const News news = { path, SESSION_INTERFACE, signal, owned };

  g_return_if_fail (FERRYD_IS_CLIENTS (self));

  tell_attached (self, session, 0, &news);
  tell_watchers (self, session, &news);
}

void
ferryd_clients_tell_of_task (FerrydClients *self,
                             FerrydSession *session,
                             const char    *path,
                             FerrydMember   member,
                             GVariant      *parameters)
{
  g_autoptr(GVariant) owned = g_variant_ref_sink (parameters);
  const News news = { path, TASK_INTERFACE, members[member], owned };

  g_return_if_fail (FERRYD_IS_CLIENTS (self));

  tell_attached (self, session, 1u << member, &news);
  if ((DEFAULT_MEMBERS & (1u << member)) != 0)
    tell_watchers (self, session, &news);
}
