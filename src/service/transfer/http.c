/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-http"

#include "config.h"

#include <poll.h>
#include <sys/socket.h>

#include "transfer/http-private.h"
#include "transfer/outcome.h"

/* libsoup's own limit blocks in a wait that no cancel ends, so it must never be reached; the
 * scheduler's is the real one. */
#define MAX_CONNECTIONS 4096

#define DEFAULT_TIMEOUT_S 60

/* For a policy that outlives the calendar. */
#define FAR_AWAY_S (10 * 365 * G_GINT64_CONSTANT (86400))

/* How soon one that waits for its turn notices that it was cancelled. */
#define RESOLVING_STEP_US (50 * G_TIME_SPAN_MILLISECOND)

struct _FerrydHttp
{
  gatomicrefcount   refs;
  /* owned; shared by the workers, configured before the first request */
  SoupSession      *soup;
  FerrydTlsMinimum  tls_minimum;
  GTlsCertificate  *certificate;  /* owned; NULL: none */
  char             *user_agent;   /* owned */
  guint             timeout;      /* s */

  FerrydHstsFunc    hsts_changed; /* NULL: nobody wants to know */
  gpointer          hsts_data;    /* unowned; outlives us */

  GMutex            tls_mutex;    /* no message is sent but after a moment under it */
  char             *tls_ca;       /* owned; guarded by tls_mutex. NULL: none, or read already */

  GPtrArray        *contexts;     /* owned; guarded by mutex; of GMainContext, owned: all of them */
  GQueue            idle_contexts; /* guarded by mutex; unowned */
  GHashTable       *resolving;    /* owned; guarded by mutex; set of hosts */
  GCond             resolved;     /* one of them has gone */

  GMutex            mutex;
  /* owned; guarded by mutex. Connection id → GSocket, for what libsoup does not tell */
  GHashTable       *sockets;
};

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

static void
learn_hsts (SoupHSTSEnforcer     *enforcer,
            const FerrydHstsHost *host)
{
  gint64 left = host->expires - g_get_real_time () / G_USEC_PER_SEC;
  gboolean is_over = left <= 1;  /* or ends while libsoup looks at it, which it asserts against */
  g_autoptr(GDateTime) expires = g_date_time_new_from_unix_utc (is_over ? 0 : host->expires);
  g_autoptr(SoupHSTSPolicy) policy = NULL;

  /* One that is over takes away what was known before. */
  policy = soup_hsts_policy_new_full (host->name, is_over ? 0 : (gulong) left, expires,
                                      host->include_subdomains);
  soup_hsts_enforcer_set_policy (enforcer, policy);
}

/* libsoup's own database of these is a blocking file; ours are rows of the store. */
static void
add_hsts (FerrydHttp               *self,
          const FerrydHttpSettings *settings)
{
  g_autoptr(SoupHSTSEnforcer) enforcer = soup_hsts_enforcer_new ();

  for (guint i = 0; i < settings->n_hsts_hosts; i++)
    learn_hsts (enforcer, &settings->hsts_hosts[i]);

  self->hsts_changed = settings->hsts_changed;
  self->hsts_data = settings->hsts_data;
  if (self->hsts_changed != NULL)
    g_signal_connect (enforcer, "changed", G_CALLBACK (on_hsts_changed_cb), self);

  soup_session_add_feature (self->soup, SOUP_SESSION_FEATURE (enforcer));
}

/*
 * The auth manager stays in the session, or libsoup buffers bodies of 401 whole; each message
 * disables it. The decoder goes: a coded answer is stored as sent. `idle-timeout` 0: its timer
 * would run unlocked on the main thread. No user agent: libsoup's would come before a task's own.
 */
static SoupSession *
new_soup_session (guint    timeout,
                  gboolean cookies)
{
  SoupSession *soup;

  soup = soup_session_new_with_options ("max-conns", MAX_CONNECTIONS,
                                        "max-conns-per-host", MAX_CONNECTIONS,
                                        "idle-timeout", 0,
                                        "timeout", timeout,
                                        NULL);
  soup_session_remove_feature_by_type (soup, SOUP_TYPE_CONTENT_DECODER);
  if (cookies)
    soup_session_add_feature_by_type (soup, SOUP_TYPE_COOKIE_JAR);

  return soup;
}

FerrydHttp *
ferryd_http_new (const FerrydHttpSettings *settings)
{
  FerrydHttp *self = g_new0 (FerrydHttp, 1);

  g_atomic_ref_count_init (&self->refs);
  g_mutex_init (&self->mutex);
  g_queue_init (&self->idle_contexts);
  g_cond_init (&self->resolved);
  self->resolving = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->contexts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_main_context_unref);
  g_mutex_init (&self->tls_mutex);
  self->sockets = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
  self->tls_minimum = settings->tls_minimum;
  self->tls_ca = g_strdup (settings->tls_ca);
  self->certificate = settings->client_certificate != NULL
      ? g_object_ref (settings->client_certificate) : NULL;
  self->user_agent = g_strdup (settings->user_agent != NULL ? settings->user_agent
                                                            : "Ferry/" FERRY_VERSION);
  self->timeout = settings->request_timeout != 0 ? settings->request_timeout : DEFAULT_TIMEOUT_S;
  self->soup = new_soup_session (self->timeout, settings->cookies);
  add_hsts (self, settings);
  return self;
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
  g_queue_clear (&self->idle_contexts);
  g_clear_pointer (&self->resolving, g_hash_table_unref);
  g_cond_clear (&self->resolved);
  g_clear_pointer (&self->contexts, g_ptr_array_unref);  /* behind the session's timers */
  g_clear_object (&self->certificate);
  g_free (self->user_agent);
  g_free (self->tls_ca);
  g_mutex_clear (&self->tls_mutex);
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

void
ferryd_http_learn_hsts (FerrydHttp           *self,
                        const FerrydHstsHost *host)
{
  SoupSessionFeature *feature = soup_session_get_feature (self->soup, SOUP_TYPE_HSTS_ENFORCER);

  learn_hsts (SOUP_HSTS_ENFORCER (feature), host);
}

gboolean
ferryd_http_prepare (FerrydHttp  *self,
                     GError     **error)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->tls_mutex);
  g_autoptr(GTlsDatabase) database = NULL;
  g_autoptr(GError) cause = NULL;

  if (self->tls_ca == NULL)
    return TRUE;

  database = g_tls_file_database_new (self->tls_ca, &cause);
  if (database == NULL)
    {
      g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_TRUST,
                   "Certificates in “%s”: %s", self->tls_ca, cause->message);
      return FALSE;
    }

  soup_session_set_tls_database (self->soup, database);
  g_clear_pointer (&self->tls_ca, g_free);
  return TRUE;
}

GMainContext *
ferryd_http_take_context (FerrydHttp *self)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  GMainContext *context = g_queue_pop_tail (&self->idle_contexts);

  if (context == NULL)
    {
      context = g_main_context_new ();
      g_ptr_array_add (self->contexts, context);
    }

  return context;
}

void
ferryd_http_give_back_context (FerrydHttp   *self,
                               GMainContext *context)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_queue_push_tail (&self->idle_contexts, context);
}

gboolean
ferryd_http_begin_resolving (FerrydHttp   *self,
                             const char   *host,
                             GCancellable *cancellable)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  while (g_hash_table_contains (self->resolving, host))
    {
      if (g_cancellable_is_cancelled (cancellable))
        return FALSE;
      (void) g_cond_wait_until (&self->resolved, &self->mutex,
                                g_get_monotonic_time () + RESOLVING_STEP_US);  /* looks again */
    }

  return g_hash_table_add (self->resolving, g_strdup (host));
}

void
ferryd_http_end_resolving (FerrydHttp *self,
                           const char *host)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_hash_table_remove (self->resolving, host);
  g_cond_broadcast (&self->resolved);
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

const char *
ferryd_http_get_user_agent (FerrydHttp *self)
{
  return self->user_agent;
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

void
ferryd_http_limit_connecting (FerrydHttp        *self,
                              GSocketConnection *connection,
                              guint              seconds)
{
  g_socket_set_timeout (g_socket_connection_get_socket (connection),
                        seconds != 0 ? seconds : self->timeout);
}

void
ferryd_http_limit_waiting (FerrydHttp  *self,
                           SoupMessage *message,
                           guint        seconds)
{
  g_autoptr(GSocket) socket = dup_socket (self, message);

  if (socket != NULL)
    g_socket_set_timeout (socket, seconds != 0 ? seconds : self->timeout);
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
