/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "support/content.h"

G_BEGIN_DECLS

/*
 * An HTTP/1.1 server on 127.0.0.1 that can lie in every way.
 *
 * It has a thread for each connection, which calls the behaviour of the path that is asked for.
 * That one writes what it likes, byte by byte if need be. All requests are recorded.
 */
typedef struct _TestServer   TestServer;
typedef struct _TestExchange TestExchange;

typedef void (* TestBehave) (TestExchange *x,
                             gpointer      data);

/* A request, as it came, and how it was answered. */
typedef struct
{
  guint    connection;  /* from 1 */
  guint    nth;         /* of this path, from 1 */
  char    *method;
  char    *target;      /* path and query */
  char   **headers;     /* name, value, name, value, … */
  gint64   body_sent;   /* bytes of the answer's body that the socket took */
} TestRequest;

/* What a behaviour sees of the exchange it is called for. */
struct _TestExchange
{
  TestServer        *server;
  const TestRequest *request;
  gboolean           has_range;
  gint64             range_start;  /* −n: the last n bytes */
  gint64             range_end;    /* inclusive. −1: open */
  const char        *if_range;     /* NULL: none */
  gboolean           gone;         /* the connection is closed, by us or by the client */
  gboolean           close_after;  /* close it when the behaviour returns */

  TestRequest       *record;
  GIOStream         *stream;
  GSocket           *socket;
};

/* @certificate: NULL for a server without TLS. */
TestServer        *test_server_new           (GTlsCertificate *certificate);

/* Stops, joins all threads. */
void               test_server_free          (TestServer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestServer, test_server_free)

/* @path: begins with a slash; what is asked after its `?` does not matter. @data is unowned. */
void               test_server_add           (TestServer *self,
                                              const char *path,
                                              TestBehave  behave,
                                              gpointer    data);

char              *test_server_get_url       (TestServer *self,
                                              const char *path);

guint              test_server_get_n_requests (TestServer *self);

/* Waits until the exchange is over. @index: from 0. */
const TestRequest *test_server_get_request   (TestServer *self,
                                              guint       index);

guint              test_server_get_n_connections (TestServer *self);

/* Waits until the server has closed, or seen closed, all its connections. */
void               test_server_wait_closed   (TestServer *self);

/* The date at which the server was made, as in HTTP: a file that young has no strong date. */
const char        *test_server_get_young_date (TestServer *self);

const char        *test_request_get_header   (const TestRequest *request,
                                              const char        *name);

/* All of these return FALSE when the connection is gone. */
gboolean           test_exchange_write       (TestExchange *x,
                                              const char   *data,
                                              gssize        length);

gboolean           test_exchange_printf      (TestExchange *x,
                                              const char   *format,
                                              ...) G_GNUC_PRINTF (2, 3);

/* The bytes from @from up to but not @to, as body. */
gboolean           test_exchange_send_content (TestExchange      *x,
                                               const TestContent *content,
                                               gint64             from,
                                               gint64             to);

/* Body bytes that are no file's. */
gboolean           test_exchange_send_filler (TestExchange *x,
                                              gint64        length);

/* A chunk. @size_line: NULL for the true one. */
gboolean           test_exchange_send_chunk  (TestExchange      *x,
                                              const char        *size_line,
                                              const TestContent *content,
                                              gint64             from,
                                              gint64             to);

/* What is written from now on goes out together with the connection's end. */
void               test_exchange_cork        (TestExchange *x);

/* Sends nothing for that long. */
gboolean           test_exchange_pause       (TestExchange *x,
                                              guint         milliseconds);

/* Sends nothing until the client goes. */
void               test_exchange_stall       (TestExchange *x);

/* Closes the socket at once; under TLS without a word. */
void               test_exchange_close       (TestExchange *x);

/* The same, with a RST. */
void               test_exchange_reset       (TestExchange *x);

G_END_DECLS
