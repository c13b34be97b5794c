/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-exchange"

#include "config.h"

#include "common/url.h"
#include "transfer/exchange.h"
#include "transfer/http-private.h"
#include "transfer/message.h"
#include "transfer/redirect.h"

/* RFC 9110 leaves the number open; browsers stop at 20. */
#define MAX_REDIRECTS 20

/* libsoup's limit for a head; it ends the connection there without saying why. */
#define MAX_HEAD (64 * 1024)

/* The one hop that is under way: its own cancellable, so that an answer can be ended from its
 * headers. */
typedef struct
{
  FerrydRun    *run;          /* unowned */
  GCancellable *cancellable;  /* owned */
  gboolean      tls_too_old;
  char         *resolving;    /* owned; the host whose addresses we look for. NULL: none */
} Hop;

static void
on_run_cancelled_cb (GCancellable *run_cancellable,
                     GCancellable *hop_cancellable)
{
  g_cancellable_cancel (hop_cancellable);
}

/* libsoup would buffer the whole body of a 421 and ask again by itself. */
static void
on_got_headers_cb (SoupMessage *message,
                   Hop         *hop)
{
  if (soup_message_get_status (message) == SOUP_STATUS_MISDIRECTED_REQUEST)
    g_cancellable_cancel (hop->cancellable);
}

/* The connection may be one that another task has used, with a patience of its own. */
static void
on_starting_cb (SoupMessage *message,
                Hop         *hop)
{
  const FerrydPlan *plan = hop->run->plan;

  ferryd_http_limit_waiting (plan->http, message, plan->request_timeout);
  ferryd_tally_touch (hop->run->tally);
}

static gboolean
is_tls_too_old (FerrydTlsMinimum    minimum,
                GTlsProtocolVersion version)
{
  return (minimum == FERRYD_TLS_1_2 && version < G_TLS_PROTOCOL_VERSION_TLS_1_2) ||
         (minimum == FERRYD_TLS_1_3 && version < G_TLS_PROTOCOL_VERSION_TLS_1_3);
}

static void
begin_resolving (Hop         *hop,
                 SoupMessage *message)
{
  GUri *uri = soup_message_get_uri (message);
  g_autofree char *host = g_strdup_printf ("%s:%d", g_uri_get_host (uri), g_uri_get_port (uri));

  if (hop->resolving == NULL &&
      ferryd_http_begin_resolving (hop->run->plan->http, host, hop->cancellable))
    hop->resolving = g_steal_pointer (&host);
}

static void
end_resolving (Hop *hop)
{
  if (hop->resolving != NULL)
    ferryd_http_end_resolving (hop->run->plan->http, hop->resolving);
  g_clear_pointer (&hop->resolving, g_free);
}

static void
on_network_event_cb (SoupMessage       *message,
                     GSocketClientEvent event,
                     GIOStream         *connection,
                     Hop               *hop)
{
  const FerrydPlan *plan = hop->run->plan;
  FerrydHttp *http = plan->http;

  ferryd_tally_touch (hop->run->tally);

  if (event == G_SOCKET_CLIENT_RESOLVING)
    {
      begin_resolving (hop, message);
    }
  else if (event == G_SOCKET_CLIENT_RESOLVED)
    {
      end_resolving (hop);
    }
  else if (event == G_SOCKET_CLIENT_CONNECTING)
    {
      /* Each address of a host has its full time: the socket's own, not the job's. */
      ferryd_tally_work (hop->run->tally);
      ferryd_http_limit_connecting (http, G_SOCKET_CONNECTION (connection), plan->request_timeout);
    }
  else if (event == G_SOCKET_CLIENT_CONNECTED && G_IS_SOCKET_CONNECTION (connection))
    {
      ferryd_http_note_socket (http, message, G_SOCKET_CONNECTION (connection));
    }
  else if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
    {
      ferryd_http_limit_waiting (http, message, plan->request_timeout);
    }
  else if (event == G_SOCKET_CLIENT_TLS_HANDSHAKED)
    {
      GTlsProtocolVersion version =
        g_tls_connection_get_protocol_version (G_TLS_CONNECTION (connection));

      hop->tls_too_old = is_tls_too_old (ferryd_http_get_tls_minimum (http), version);
      if (hop->tls_too_old)
        g_cancellable_cancel (hop->cancellable);
    }
}

static void
set_tls_error (SoupMessage  *message,
               GError      **error,
               const GError *cause)
{
  g_autofree char *url = g_uri_to_string_partial (soup_message_get_uri (message),
                                                  G_URI_HIDE_USERINFO | G_URI_HIDE_QUERY |
                                                    G_URI_HIDE_FRAGMENT);

  g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_TRUST, "%s: %s", url,
               cause->message);
}

static gboolean
is_about_trust (const GError *error)
{
  return error->domain == G_TLS_ERROR && error->code != G_TLS_ERROR_EOF &&
         error->code != G_TLS_ERROR_MISC && error->code != G_TLS_ERROR_UNAVAILABLE;
}

void
ferryd_exchange_propagate (FerrydRun    *run,
                           SoupMessage  *message,
                           gboolean      in_body,
                           GError      **error,
                           GError       *cause)
{
  g_autoptr(GError) owned = cause;
  const char *host = g_uri_get_host (soup_message_get_uri (message));
  SoupMessageMetrics *metrics = soup_message_get_metrics (message);
  FerrydTransferError code = FERRYD_TRANSFER_ERROR_NETWORK;

  if (g_error_matches (owned, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_set_error_literal (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_CANCELLED,
                           "The transfer was stopped");
      return;
    }

  if (is_about_trust (owned))
    {
      set_tls_error (message, error, owned);
      return;
    }

  run->outcome->host_unknown = g_error_matches (owned, G_RESOLVER_ERROR,
                                                G_RESOLVER_ERROR_NOT_FOUND);
  if (g_error_matches (owned, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    run->outcome->cause = FERRYD_CAUSE_REQUEST_TIMEOUT;
  else if (!in_body &&
           soup_message_metrics_get_response_header_bytes_received (metrics) >= MAX_HEAD)
    code = FERRYD_TRANSFER_ERROR_SERVER;
  else if (in_body)
    code = FERRYD_TRANSFER_ERROR_TRUNCATED;
  else if (owned->domain == SOUP_SESSION_ERROR)
    code = FERRYD_TRANSFER_ERROR_SERVER;

  if (code == FERRYD_TRANSFER_ERROR_SERVER)
    g_set_error (error, FERRYD_TRANSFER_ERROR, code, "%s answered in a way that makes no sense: %s",
                 host, owned->message);
  else
    g_set_error (error, FERRYD_TRANSFER_ERROR, code, "%s: %s", host, owned->message);
}

static void
free_hop (Hop *hop)
{
  g_clear_object (&hop->cancellable);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Hop, free_hop)

/* One request, one answer, no redirect followed. */
static FerrydAnswer *
send_hop (FerrydRun        *run,
          const char       *method,
          GUri             *uri,
          const FerrydAsk  *ask,
          gboolean          own_origin,
          GError          **error)
{
  g_auto(Hop) hop = { .run = run, .cancellable = g_cancellable_new () };
  g_autoptr(FerrydAnswer) answer = g_new0 (FerrydAnswer, 1);
  GError *cause = NULL;
  gulong handler;

  answer->run = run;
  answer->basis = ask->basis;
  answer->started = g_get_real_time ();
  answer->message = ferryd_message_new (run->plan, method, uri, ask, own_origin);
  g_signal_connect (answer->message, "starting", G_CALLBACK (on_starting_cb), &hop);
  g_signal_connect (answer->message, "got-headers", G_CALLBACK (on_got_headers_cb), &hop);
  g_signal_connect (answer->message, "network-event", G_CALLBACK (on_network_event_cb), &hop);

  ferryd_tally_touch (run->tally);
  handler = g_cancellable_connect (run->cancellable, G_CALLBACK (on_run_cancelled_cb),
                                   hop.cancellable, NULL);
  answer->body = soup_session_send (ferryd_http_get_soup (run->plan->http), answer->message,
                                    hop.cancellable, &cause);
  end_resolving (&hop);
  g_cancellable_disconnect (run->cancellable, handler);
  g_signal_handlers_disconnect_by_data (answer->message, &hop);

  run->outcome->status = soup_message_get_status (answer->message);
  ferryd_tally_work (run->tally);

  if (answer->body == NULL && hop.tls_too_old)
    {
      g_clear_error (&cause);
      g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_TRUST,
                   "%s speaks a version of TLS that is too old", g_uri_get_host (uri));
      return NULL;
    }

  if (answer->body == NULL && run->outcome->status == SOUP_STATUS_MISDIRECTED_REQUEST)
    {
      g_clear_error (&cause);
      g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_SERVER,
                   "%s says that it is not the server for this address (421)",
                     g_uri_get_host (uri));
      return NULL;
    }

  if (answer->body == NULL)
    {
      ferryd_exchange_propagate (run, answer->message, FALSE, error, cause);
      return NULL;
    }

  ferryd_facts_read (&answer->facts, answer->message);
  run->outcome->retry_after = ferryd_facts_get_retry_after (answer->message);
  return g_steal_pointer (&answer);
}

/* A step of the way that was taken before, with no cookie since that could change the answer, is
 * a loop. */
static gboolean
note_step (FerrydRun           *run,
           GHashTable          *visited,
           const FerrydAnswer  *answer,
           GUri                *to,
           GError             **error)
{
  gboolean sets_cookie =
    soup_message_headers_get_list (soup_message_get_response_headers (answer->message),
                                   "Set-Cookie") != NULL;

  if (sets_cookie &&
      soup_session_has_feature (ferryd_http_get_soup (run->plan->http), SOUP_TYPE_COOKIE_JAR))
    g_hash_table_remove_all (visited);

  if (g_hash_table_add (visited, g_uri_to_string_partial (to, G_URI_HIDE_FRAGMENT)))
    return TRUE;

  g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_SERVER,
               "%s redirects in a circle", g_uri_get_host (to));
  return FALSE;
}

static void
note_current_url (FerrydRun          *run,
                  const FerrydAnswer *answer)
{
  FerrydKept *kept = run->outcome->kept;

  g_clear_pointer (&kept->current_url, g_free);
  kept->current_url = g_uri_to_string_partial (soup_message_get_uri (answer->message),
                                               G_URI_HIDE_USERINFO);
}

static void
tell_of_redirect (FerrydRun          *run,
                  const FerrydAnswer *answer,
                  GUri               *to)
{
  g_autofree char *url = g_uri_to_string_partial (to, G_URI_HIDE_USERINFO);

  if (run->plan->redirected != NULL)
    run->plan->redirected (run->plan, answer->facts.status, url);
}

FerrydAnswer *
ferryd_exchange_send (FerrydRun        *run,
                      const char       *method,
                      const FerrydAsk  *ask,
                      GError          **error)
{
  g_autoptr(GHashTable) visited = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GUri) uri = NULL;
  g_autoptr(GError) problem = NULL;
  gboolean own_origin = TRUE;

  if (!ferryd_http_prepare (run->plan->http, error))
    return NULL;

  uri = ferry_url_parse (run->plan->url, &problem);
  if (uri == NULL)
    {
      g_set_error_literal (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_SERVER,
                           problem->message);
      return NULL;
    }

  g_hash_table_add (visited, g_uri_to_string_partial (uri, G_URI_HIDE_FRAGMENT));
  for (guint hops = 0; hops <= MAX_REDIRECTS; hops++)
    {
      g_autoptr(FerrydAnswer) answer = send_hop (run, method, uri, ask, own_origin, error);
      g_autoptr(GUri) from = NULL;
      g_autoptr(GUri) next = NULL;

      if (answer == NULL)
        return NULL;

      if (!ferryd_redirect_is_one (answer))
        {
          note_current_url (run, answer);
          return g_steal_pointer (&answer);
        }

      /* HSTS may have moved it to HTTPS */
      from = g_uri_ref (soup_message_get_uri (answer->message));
      next = ferryd_redirect_resolve (answer, from, error);
      if (next == NULL || !ferryd_redirect_check (run->plan, from, next, error) ||
          !note_step (run, visited, answer, next, error))
        return NULL;

      ferryd_answer_drop_body (answer);
      tell_of_redirect (run, answer, next);
      own_origin = own_origin && ferry_url_same_origin (from, next);
      g_uri_unref (uri);
      uri = g_steal_pointer (&next);
    }

  g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_SERVER,
               "%s redirects more than %d times", g_uri_get_host (uri), MAX_REDIRECTS);
  return NULL;
}
