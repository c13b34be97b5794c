/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-http"

#include "config.h"

#include <poll.h>
#include <sys/socket.h>

#include "transfer/http-private.h"

/* libsoup's own limit blocks in a wait that no cancel ends, so it must never be reached; the
 * scheduler's is the real one. */
#define MAX_CONNECTIONS 4096

#define DEFAULT_TIMEOUT_S 60

/* For a policy that outlives the calendar. */
#define FAR_AWAY_S (10 * 365 * G_GINT64_CONSTANT (86400))

struct _FerrydHttp
{
  gatomicrefcount   refs;
  /* owned; shared by the workers, configured before the first request */
  SoupSession      *soup;
  FerrydTlsMinimum  tls_minimum;
  GTlsCertificate  *certificate;  /* owned; NULL: none */

  FerrydHstsFunc    hsts_changed; /* NULL: nobody wants to know */
  gpointer          hsts_data;    /* unowned; outlives us */

  GMutex            mutex;
  /* owned; guarded by mutex. Connection id → GSocket, for what libsoup does not tell */
  GHashTable       *sockets;
};

static gboolean
set_tls_ca (FerrydHttp  *self,
            const char  *path,
            GError     **error)
{
  g_autoptr(GTlsDatabase) database = NULL;

  if (path == NULL)
    return TRUE;

  database = g_tls_file_database_new (path, error);
  if (database == NULL)
    {
      g_prefix_error (error, "Certificates in “%s”: ", path);
      return FALSE;
    }

  soup_session_set_tls_database (self->soup, database);
  return TRUE;
}

/* In a worker, under the enforcer's own lock. */
static void
on_hsts_changed_cb (SoupHSTSEnforcer *enforcer,
                    SoupHSTSPolicy   *old_policy,
                    SoupHSTSPolicy   *new_policy,
                    FerrydHttp       *self)
{
  FerrydHstsHost host = { 0 };

  if (new_policy != NULL)
    {
      GDateTime *expires = soup_hsts_policy_get_expires (new_policy);

      host.name = soup_hsts_policy_get_domain (new_policy);
      host.expires = expires != NULL ? g_date_time_to_unix (expires)
                                     : g_get_real_time () / G_USEC_PER_SEC + FAR_AWAY_S;
      host.include_subdomains = soup_hsts_policy_includes_subdomains (new_policy);
    }
  else
    {
      host.name = soup_hsts_policy_get_domain (old_policy);
    }

  self->hsts_changed (&host, self->hsts_data);
}

/* libsoup's own database of these is a blocking file; ours are rows of the store. */
static void
add_hsts (FerrydHttp               *self,
          const FerrydHttpSettings *settings)
{
  g_autoptr(SoupHSTSEnforcer) enforcer = soup_hsts_enforcer_new ();
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  for (guint i = 0; i < settings->n_hsts_hosts; i++)
    {
      const FerrydHstsHost *host = &settings->hsts_hosts[i];
      g_autoptr(GDateTime) expires = g_date_time_new_from_unix_utc (host->expires);
      g_autoptr(SoupHSTSPolicy) policy = NULL;

      if (host->expires <= now)
        continue;

      policy = soup_hsts_policy_new_full (host->name, (gulong) (host->expires - now), expires,
                                          host->include_subdomains);
      soup_hsts_enforcer_set_policy (enforcer, policy);
    }

  self->hsts_changed = settings->hsts_changed;
  self->hsts_data = settings->hsts_data;
  if (self->hsts_changed != NULL)
    g_signal_connect (enforcer, "changed", G_CALLBACK (on_hsts_changed_cb), self);

  soup_session_add_feature (self->soup, SOUP_SESSION_FEATURE (enforcer));
}

/*
 * The auth manager stays in the session, or libsoup buffers bodies of 401 whole; each message
 * disables it. The decoder goes: a coded answer is stored as sent. `idle-timeout` 0: its timer
 * would run unlocked on the main thread.
 */
static SoupSession *
new_soup_session (const FerrydHttpSettings *settings)
{
  SoupSession *soup;

  soup = soup_session_new_with_options ("max-conns", MAX_CONNECTIONS,
                                        "max-conns-per-host", MAX_CONNECTIONS,
                                        "idle-timeout", 0,
                                        "timeout", settings->request_timeout != 0
                                            ? settings->request_timeout : DEFAULT_TIMEOUT_S,
                                        "user-agent", settings->user_agent != NULL
                                            ? settings->user_agent : "Ferry/" FERRY_VERSION,
                                        NULL);
  soup_session_remove_feature_by_type (soup, SOUP_TYPE_CONTENT_DECODER);
  if (settings->cookies)
    soup_session_add_feature_by_type (soup, SOUP_TYPE_COOKIE_JAR);

  return soup;
}

FerrydHttp *
ferryd_http_new (const FerrydHttpSettings  *settings,
                 GError                   **error)
{
  g_autoptr(FerrydHttp) self = g_new0 (FerrydHttp, 1);

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->mutex);
  self->sockets = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->tls_minimum = settings->tls_minimum;
  self->certificate = settings->client_certificate != NULL
      ? g_object_ref (settings->client_certificate) : NULL;
  self->soup = new_soup_session (settings);
  add_hsts (self, settings);
  if (!set_tls_ca (self, settings->tls_ca, error))
    return NULL;

  return g_steal_pointer (&self);
}

FerrydHttp *
ferryd_http_ref (FerrydHttp *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
ferryd_http_unref (FerrydHttp *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  g_clear_object (&self->soup);
  g_clear_object (&self->certificate);
  g_clear_pointer (&self->sockets, g_hash_table_unref);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

void
ferryd_http_close_idle (FerrydHttp *self)
{
  soup_session_abort (self->soup);
  g_mutex_lock (&self->mutex);
  g_hash_table_remove_all (self->sockets);
  g_mutex_unlock (&self->mutex);
}

SoupSession *
ferryd_http_get_soup (FerrydHttp *self)
{
  return self->soup;
}

FerrydTlsMinimum
ferryd_http_get_tls_minimum (FerrydHttp *self)
{
  return self->tls_minimum;
}

GTlsCertificate *
ferryd_http_get_certificate (FerrydHttp *self)
{
  return self->certificate;
}

static gboolean
is_closed_cb (gpointer id,
              gpointer socket,
              gpointer user_data)
{
  return g_socket_is_closed (socket);
}

void
ferryd_http_note_socket (FerrydHttp        *self,
                         SoupMessage       *message,
                         GSocketConnection *connection)
{
  guint64 id = soup_message_get_connection_id (message);

  g_mutex_lock (&self->mutex);
  /* how many is of no interest */
  (void) g_hash_table_foreach_remove (self->sockets, is_closed_cb, NULL);
  g_hash_table_insert (self->sockets, GSIZE_TO_POINTER ((gsize) id),
                       g_object_ref (g_socket_connection_get_socket (connection)));
  g_mutex_unlock (&self->mutex);
}

/* The socket under @message, with a reference; NULL when it is not known or closed by ourselves. */
static GSocket *
dup_socket (FerrydHttp  *self,
            SoupMessage *message)
{
  gsize id = (gsize) soup_message_get_connection_id (message);
  GSocket *socket;

  g_mutex_lock (&self->mutex);
  socket = g_hash_table_lookup (self->sockets, GSIZE_TO_POINTER (id));
  if (socket != NULL && g_socket_is_closed (socket))
    socket = NULL;
  if (socket != NULL)
    g_object_ref (socket);
  g_mutex_unlock (&self->mutex);

  return socket;
}

gboolean
ferryd_http_peer_has_closed (FerrydHttp  *self,
                             SoupMessage *message)
{
  g_autoptr(GSocket) socket = dup_socket (self, message);
  struct pollfd pollfd = { .events = POLLRDHUP };

  if (socket == NULL)
    return FALSE;

  pollfd.fd = g_socket_get_fd (socket);
  return poll (&pollfd, 1, 0) == 1 && (pollfd.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

gboolean
ferryd_http_has_bytes_left (FerrydHttp  *self,
                            SoupMessage *message)
{
  g_autoptr(GSocket) socket = dup_socket (self, message);
  char byte;

  return socket != NULL && recv (g_socket_get_fd (socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}
