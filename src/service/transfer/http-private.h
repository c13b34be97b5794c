/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "transfer/http.h"

G_BEGIN_DECLS

SoupSession      *ferryd_http_get_soup           (FerrydHttp *self);

FerrydTlsMinimum  ferryd_http_get_tls_minimum    (FerrydHttp *self);

GTlsCertificate  *ferryd_http_get_certificate    (FerrydHttp *self);

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
