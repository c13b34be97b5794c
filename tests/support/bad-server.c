/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-server"

#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "support/bad-server.h"
#include "support/exchange-private.h"

/* A server that waits longer than this for something to happen shows a test that hangs. */
#define PATIENCE (20 * G_TIME_SPAN_SECOND)

/* More than any client sends us. */
#define MAX_HEAD (256 * 1024)

typedef struct
{
  TestBehave behave;
  gpointer   data;   /* unowned */
  guint      count;  /* requests so far */
} Behaviour;

typedef struct
{
  TestRequest request;
  gboolean    over;  /* the behaviour has returned */
} Record;

struct _TestServer
{
  GSocket         *listener;     /* owned */
  GTlsCertificate *certificate;  /* owned; NULL: no TLS */
  GCancellable    *stop;         /* owned */
  GThread         *acceptor;     /* owned */
  guint16          port;
  char            *young_date;   /* owned */

  GMutex           lock;         /* over all that follows */
  GCond            changed;
  GPtrArray       *threads;      /* owned; GThread, one for each connection that ever was */
  GPtrArray       *records;      /* owned; Record, in order of arrival */
  GHashTable      *behaviours;   /* owned; path → Behaviour */
  guint            n_connections;
  guint            n_open;
};

typedef struct
{
  TestServer *server;  /* unowned */
  GSocket    *socket;  /* owned */
  guint       number;
} Connection;

static void
record_free (gpointer data)
{
  Record *record = data;

  g_free (record->request.method);
  g_free (record->request.target);
  g_strfreev (record->request.headers);
  g_free (record);
}

/* NULL at the connection's end. What came after the head stays in @buffer. */
static char *
read_head (GInputStream *input,
           GString      *buffer,
           GCancellable *stop)
{
  char *end;

  while ((end = strstr (buffer->str, "\r\n\r\n")) == NULL)
    {
      char piece[4096];
      gssize n = g_input_stream_read (input, piece, sizeof piece, stop, NULL);

      if (n <= 0 || buffer->len > MAX_HEAD)
        return NULL;
      g_string_append_len (buffer, piece, n);
    }

  {
    char *head = g_strndup (buffer->str, end - buffer->str);

    g_string_erase (buffer, 0, end - buffer->str + 4);
    return head;
  }
}

static Record *
parse_head (const char *head)
{
  g_auto(GStrv) lines = g_strsplit (head, "\r\n", -1);
  g_auto(GStrv) words = g_strsplit (lines[0], " ", 3);
  g_autoptr(GStrvBuilder) headers = g_strv_builder_new ();
  Record *record = g_new0 (Record, 1);

  g_assert_cmpuint (g_strv_length (words), ==, 3);
  record->request.method = g_strdup (words[0]);
  record->request.target = g_strdup (words[1]);
  for (guint i = 1; lines[i] != NULL; i++)
    {
      g_auto(GStrv) pair = g_strsplit (lines[i], ":", 2);

      g_assert_cmpuint (g_strv_length (pair), ==, 2);
      g_strv_builder_add (headers, g_strstrip (pair[0]));
      g_strv_builder_add (headers, g_strstrip (pair[1]));
    }
  record->request.headers = g_strv_builder_end (headers);
  return record;
}

/* One range only, as Ferry asks. */
static void
parse_range (TestExchange *x)
{
  const char *range = test_request_get_header (x->request, "Range");
  char *end = NULL;

  x->if_range = test_request_get_header (x->request, "If-Range");
  x->range_end = -1;
  if (range == NULL)
    return;

  g_assert_true (g_str_has_prefix (range, "bytes="));
  g_assert_null (strchr (range, ','));
  range += strlen ("bytes=");
  x->has_range = TRUE;
  x->range_start = g_ascii_strtoll (range, &end, 10);
  if (x->range_start >= 0)
    {
      g_assert_cmpint (*end, ==, '-');
      if (end[1] != '\0')
        x->range_end = g_ascii_strtoll (end + 1, NULL, 10);
    }
}

static void
answer_not_found (TestExchange *x)
{
  test_exchange_printf (x, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

static void
serve_request (TestExchange *x,
               const char   *head,
               guint         connection)
{
  TestServer *self = x->server;
  Record *record = parse_head (head);
  g_autofree char *path = g_strndup (record->request.target,
                                     strcspn (record->request.target, "?"));
  Behaviour *behaviour;

  record->request.connection = connection;
  g_mutex_lock (&self->lock);
  behaviour = g_hash_table_lookup (self->behaviours, path);
  record->request.nth = behaviour != NULL ? ++behaviour->count : 1;
  g_ptr_array_add (self->records, record);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);

  x->record = &record->request;
  x->request = &record->request;
  parse_range (x);
  if (behaviour != NULL)
    behaviour->behave (x, behaviour->data);
  else
    answer_not_found (x);
  if (x->close_after && !x->gone)
    {
      (void) g_io_stream_close (x->stream, NULL, NULL);  /* the client may be gone already */
      x->gone = TRUE;
    }

  g_mutex_lock (&self->lock);
  record->over = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

static gpointer
serve_connection (gpointer data)
{
  g_autofree Connection *connection = data;
  TestServer *self = connection->server;
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GSocket) socket = g_steal_pointer (&connection->socket);
  g_autoptr(GIOStream) stream = NULL;
  g_autoptr(GString) buffer = g_string_new (NULL);
  gboolean gone = FALSE;

  g_main_context_push_thread_default (context);
  stream = G_IO_STREAM (g_socket_connection_factory_create_connection (socket));
  if (self->certificate != NULL)
    {
      g_autoptr(GIOStream) base = g_steal_pointer (&stream);

      stream = g_tls_server_connection_new (base, self->certificate, NULL);
    }

  while (stream != NULL && !gone)
    {
      g_autofree char *head = read_head (g_io_stream_get_input_stream (stream), buffer, self->stop);
      TestExchange x = { .server = self, .stream = stream, .socket = socket };

      if (head == NULL)
        break;
      serve_request (&x, head, connection->number);
      gone = x.gone;
    }

  if (!gone && stream != NULL)
    (void) g_io_stream_close (stream, NULL, NULL);  /* the client may be gone already */
  g_clear_object (&stream);
  (void) g_socket_close (socket, NULL);
  g_main_context_pop_thread_default (context);

  g_mutex_lock (&self->lock);
  self->n_open--;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
  return NULL;
}

static gpointer
accept_connections (gpointer data)
{
  TestServer *self = data;

  for (;;)
    {
      GSocket *socket = g_socket_accept (self->listener, self->stop, NULL);
      Connection *connection;

      if (socket == NULL)
        return NULL;

      g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
      g_mutex_lock (&self->lock);
      connection = g_new0 (Connection, 1);
      connection->server = self;
      connection->socket = socket;
      connection->number = ++self->n_connections;
      self->n_open++;
      g_ptr_array_add (self->threads, g_thread_new ("connection", serve_connection, connection));
      g_mutex_unlock (&self->lock);
    }
}

TestServer *
test_server_new (GTlsCertificate *certificate)
{
  TestServer *self = g_new0 (TestServer, 1);
  g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr(GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr(GSocketAddress) bound = NULL;
  g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr(GError) error = NULL;

  self->certificate = certificate != NULL ? g_object_ref (certificate) : NULL;
  self->stop = g_cancellable_new ();
  self->young_date = g_date_time_format (now, "%a, %d %b %Y %H:%M:%S GMT");
  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  self->threads = g_ptr_array_new ();
  self->records = g_ptr_array_new_with_free_func (record_free);
  self->behaviours = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  self->listener = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                 G_SOCKET_PROTOCOL_TCP, &error);
  g_assert_no_error (error);
  g_socket_set_listen_backlog (self->listener, 256);
  g_socket_bind (self->listener, address, TRUE, &error);
  g_assert_no_error (error);
  g_socket_listen (self->listener, &error);
  g_assert_no_error (error);
  bound = g_socket_get_local_address (self->listener, &error);
  g_assert_no_error (error);
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));

  self->acceptor = g_thread_new ("acceptor", accept_connections, self);
  return self;
}

void
test_server_free (TestServer *self)
{
  g_cancellable_cancel (self->stop);
  g_thread_join (g_steal_pointer (&self->acceptor));
  for (guint i = 0; i < self->threads->len; i++)
    g_thread_join (g_ptr_array_index (self->threads, i));

  g_ptr_array_unref (self->threads);
  g_ptr_array_unref (self->records);
  g_hash_table_unref (self->behaviours);
  g_object_unref (self->listener);
  g_clear_object (&self->certificate);
  g_object_unref (self->stop);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->changed);
  g_free (self->young_date);
  g_free (self);
}

void
test_server_add (TestServer *self,
                 const char *path,
                 TestBehave  behave,
                 gpointer    data)
{
  Behaviour *behaviour = g_new0 (Behaviour, 1);

  behaviour->behave = behave;
  behaviour->data = data;
  g_mutex_lock (&self->lock);
  g_assert_true (g_hash_table_insert (self->behaviours, g_strdup (path), behaviour));
  g_mutex_unlock (&self->lock);
}

char *
test_server_get_url (TestServer *self,
                     const char *path)
{
  return g_strdup_printf ("%s://127.0.0.1:%u%s", self->certificate != NULL ? "https" : "http",
                          self->port, path);
}

guint
test_server_get_n_requests (TestServer *self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->records->len;
  g_mutex_unlock (&self->lock);
  return n;
}

const TestRequest *
test_server_get_request (TestServer *self,
                         guint       index)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;
  Record *record = NULL;

  g_mutex_lock (&self->lock);
  while (index >= self->records->len ||
         !(record = g_ptr_array_index (self->records, index))->over)
    if (!g_cond_wait_until (&self->changed, &self->lock, deadline))
      g_error ("request %u did not come, or its answer does not end", index);
  g_mutex_unlock (&self->lock);
  return &record->request;
}

guint
test_server_get_n_connections (TestServer *self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = self->n_connections;
  g_mutex_unlock (&self->lock);
  return n;
}

void
test_server_wait_closed (TestServer *self)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE;

  g_mutex_lock (&self->lock);
  while (self->n_open > 0)
    if (!g_cond_wait_until (&self->changed, &self->lock, deadline))
      g_error ("%u connections stay open", self->n_open);
  g_mutex_unlock (&self->lock);
}

const char *
test_server_get_young_date (TestServer *self)
{
  return self->young_date;
}

GCancellable *
test_server_get_stop (TestServer *self)
{
  return self->stop;
}

const char *
test_request_get_header (const TestRequest *request,
                         const char        *name)
{
  for (guint i = 0; request->headers[i] != NULL; i += 2)
    if (g_ascii_strcasecmp (request->headers[i], name) == 0)
      return request->headers[i + 1];
  return NULL;
}
