/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "transfer/http.h"

G_BEGIN_DECLS

/* In a worker, before it sends: reads what the settings only name, if no job has done so yet.
 * After a failure (TRUST) the next job tries again. */
gboolean          ferryd_http_prepare            (FerrydHttp  *self,
                                                  GError     **error);

/*
 * A context for a worker to push as its thread default, and back when it has ended. libsoup
 * attaches timers of hosts to it, which another worker destroys later: were the context freed with
 * its worker, g_source_destroy() could lock what is no more. So they live as long as the session,
 * and nobody iterates them.
 */
GMainContext     *ferryd_http_take_context       (FerrydHttp   *self);

void              ferryd_http_give_back_context  (FerrydHttp   *self,
                                                  GMainContext *context);

/*
 * libsoup gives all workers of a host one GNetworkAddress, which GLib 2.74 fills in without a lock
 * and with an assertion: two that look for its addresses at once may abort. So they take turns,
 * from RESOLVING to RESOLVED. Returns %FALSE when cancelled: nothing is to be ended then.
 */
gboolean          ferryd_http_begin_resolving    (FerrydHttp   *self,
                                                  const char   *host,
                                                  GCancellable *cancellable);

void              ferryd_http_end_resolving      (FerrydHttp *self,
                                                  const char *host);

SoupSession      *ferryd_http_get_soup           (FerrydHttp *self);

FerrydTlsMinimum  ferryd_http_get_tls_minimum    (FerrydHttp *self);

GTlsCertificate  *ferryd_http_get_certificate    (FerrydHttp *self);

const char       *ferryd_http_get_user_agent     (FerrydHttp *self);

/* How long one address may take to connect. @seconds: 0: the session's time. In a worker. */
void              ferryd_http_limit_connecting   (FerrydHttp        *self,
                                                  GSocketConnection *connection,
                                                  guint              seconds);

/* How long @message's connection, once made, may be silent; libsoup gives each the session's
 * time. In a worker. */
void              ferryd_http_limit_waiting      (FerrydHttp  *self,
                                                  SoupMessage *message,
                                                  guint        seconds);

/* Notes which socket carries @message: from its `network-event`. In a worker. */
void              ferryd_http_note_socket        (FerrydHttp        *self,
                                                  SoupMessage       *message,
                                                  GSocketConnection *connection);

/* Whether the peer of @message's connection has closed its side. In a worker. */
gboolean          ferryd_http_peer_has_closed    (FerrydHttp  *self,
                                                  SoupMessage *message);

/* Whether bytes lie unread in the socket of @message, which must still be ours alone and not
 * encrypted. In a worker. */
gboolean          ferryd_http_has_bytes_left     (FerrydHttp  *self,
                                                  SoupMessage *message);

G_END_DECLS
