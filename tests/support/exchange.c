/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-exchange"

#include "config.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/bad-server.h"
#include "support/exchange-private.h"

#define PIECE (64 * 1024)

static gsize
write_all (TestExchange *x,
           const void   *data,
           gsize         length)
{
  GCancellable *stop = test_server_get_stop (x->server);
  gsize written = 0;

  if (x->gone)
    return 0;
  if (!g_output_stream_write_all (g_io_stream_get_output_stream (x->stream), data, length,
                                  &written, stop, NULL))
    test_exchange_close (x);
  return written;
}

gboolean
test_exchange_write (TestExchange *x,
                     const char   *data,
                     gssize        length)
{
  write_all (x, data, length >= 0 ? (gsize) length : strlen (data));
  return !x->gone;
}

gboolean
test_exchange_printf (TestExchange *x,
                      const char   *format,
                      ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  return test_exchange_write (x, text, -1);
}

gboolean
test_exchange_send_content (TestExchange      *x,
                            const TestContent *content,
                            gint64             from,
                            gint64             to)
{
  g_autofree guint8 *buffer = g_malloc (PIECE);

  for (; from < to && !x->gone; from += PIECE)
    {
      gsize n = MIN (PIECE, to - from);

      test_content_fill (content, from, buffer, n);
      x->record->body_sent += write_all (x, buffer, n);
    }
  return !x->gone;
}

gboolean
test_exchange_send_filler (TestExchange *x,
                           gint64        length)
{
  g_autofree guint8 *buffer = g_malloc (PIECE);

  memset (buffer, 'x', PIECE);
  for (; length > 0 && !x->gone; length -= PIECE)
    x->record->body_sent += write_all (x, buffer, MIN (PIECE, length));
  return !x->gone;
}

gboolean
test_exchange_send_chunk (TestExchange      *x,
                          const char        *size_line,
                          const TestContent *content,
                          gint64             from,
                          gint64             to)
{
  g_autofree char *true_line = g_strdup_printf ("%" G_GINT64_MODIFIER "x", to - from);

  test_exchange_printf (x, "%s\r\n", size_line != NULL ? size_line : true_line);
  test_exchange_send_content (x, content, from, to);
  return test_exchange_write (x, "\r\n", 2);
}

void
test_exchange_cork (TestExchange *x)
{
  if (!x->gone)
    g_assert_true (g_socket_set_option (x->socket, IPPROTO_TCP, TCP_CORK, 1, NULL));
}

gboolean
test_exchange_pause (TestExchange *x,
                     guint         milliseconds)
{
  g_autoptr(GError) error = NULL;

  if (x->gone)
    return FALSE;

  /* Nothing comes from a client that waits for its answer; so what can be read is its end. */
  if (g_socket_condition_timed_wait (x->socket, G_IO_IN, milliseconds * (gint64) 1000,
                                     test_server_get_stop (x->server), &error) ||
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    test_exchange_close (x);
  return !x->gone;
}

void
test_exchange_stall (TestExchange *x)
{
  GInputStream *input = g_io_stream_get_input_stream (x->stream);
  char byte;

  while (!x->gone &&
         g_input_stream_read (input, &byte, 1, test_server_get_stop (x->server), NULL) > 0)
    ;
  test_exchange_close (x);
}

void
test_exchange_close (TestExchange *x)
{
  if (x->gone)
    return;

  x->gone = TRUE;
  (void) g_socket_close (x->socket, NULL);  /* nothing depends on it any more */
}

void
test_exchange_reset (TestExchange *x)
{
  struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

  if (x->gone)
    return;

  g_assert_no_errno (setsockopt (g_socket_get_fd (x->socket), SOL_SOCKET, SO_LINGER,
                                 &at_once, sizeof at_once));
  test_exchange_close (x);
}
