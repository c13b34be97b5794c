/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-answer"

#include "config.h"

#include "transfer/answer.h"

/* What is worth reading of a body nobody wants, to keep its connection. */
#define DROP_BYTES (64 * 1024)
#define DROP_US G_USEC_PER_SEC

#define MAX_EXCHANGES 64

/* In characters, all of them ASCII. */
#define LONGEST_URL 2048

/* A step of waiting for it. */
#define DROP_STEP_MS 100

static gboolean
on_wake_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
on_readable_cb (GObject *stream,
                gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Waits until @body can be read, or a while has passed: in a context of its own, for nothing else
 * is to happen meanwhile. */
static void
wait_readable (GInputStream *body,
               GCancellable *cancellable)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GSource) readable =
    g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (body), cancellable);
  g_autoptr(GSource) timeout = g_timeout_source_new (DROP_STEP_MS);

  g_source_set_callback (readable, G_SOURCE_FUNC (on_readable_cb), NULL, NULL);
  g_source_set_callback (timeout, on_wake_cb, NULL, NULL);
  g_source_attach (readable, context);
  g_source_attach (timeout, context);
  g_main_context_iteration (context, TRUE);
  g_source_destroy (readable);
  g_source_destroy (timeout);
}

void
ferryd_answer_drop_body (FerrydAnswer *self)
{
  gint64 deadline = g_get_monotonic_time () + DROP_US;
  GCancellable *cancellable = self->run->cancellable;
  gsize dropped = 0;
  char buffer[4096];

  while (dropped <= DROP_BYTES && g_get_monotonic_time () < deadline &&
         !g_cancellable_is_cancelled (cancellable))
    {
      g_autoptr(GError) error = NULL;
      gssize n = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (self->body),
                                                           buffer, sizeof buffer,
                                                           cancellable, &error);

      if (n > 0)
        dropped += n;
      else if (n < 0 && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        wait_readable (self->body, cancellable);
      else
        break;
    }

  (void) g_input_stream_close (self->body, NULL, NULL);  /* nobody wants the rest, whole or not */
  g_clear_object (&self->body);
}

static void
add_count (GVariantBuilder *exchange,
           const char      *key,
           guint64          count)
{
  g_variant_builder_add (exchange, "{sv}", key, g_variant_new_uint64 (count));
}

static void
add_time (GVariantBuilder *exchange,
          const char      *key,
          guint64          time,
          guint64          start)
{
  if (time != 0 && time >= start)
    add_count (exchange, key, time - start);
}

/* The first ones and the last ones tell the story; a server must not make us keep more. */
static void
keep_exchange (GPtrArray *exchanges,
               GVariant  *exchange)
{
  if (exchanges->len == MAX_EXCHANGES)
    g_ptr_array_remove_index (exchanges, MAX_EXCHANGES / 2);
  g_ptr_array_add (exchanges, g_variant_ref_sink (exchange));
}

/* A dict of the property `Metrics`: times in µs from the start, sizes in bytes. */
static void
note_metrics (FerrydAnswer *self)
{
  static const char *const bases[] = { NULL, "etag", "date", "overlap" };
  SoupMessageMetrics *metrics = soup_message_get_metrics (self->message);
  guint64 start = soup_message_metrics_get_fetch_start (metrics);
  g_autofree char *url = g_uri_to_string_partial (soup_message_get_uri (self->message),
                                                  G_URI_HIDE_USERINFO);
  g_autofree char *short_url = g_strndup (url, LONGEST_URL);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&builder, "{sv}", "url", g_variant_new_string (short_url));
  g_variant_builder_add (&builder, "{sv}", "started", g_variant_new_int64 (self->started));
  g_variant_builder_add (&builder, "{sv}", "status",
                         g_variant_new_uint32 (soup_message_get_status (self->message)));
  if (self->basis != FERRYD_BASIS_NONE)
    g_variant_builder_add (&builder, "{sv}", "resume-basis",
                           g_variant_new_string (bases[self->basis]));
  add_count (&builder, "header-bytes",
             soup_message_metrics_get_response_header_bytes_received (metrics));
  add_count (&builder, "body-bytes", soup_message_metrics_get_response_body_size (metrics));
  add_time (&builder, "dns-end", soup_message_metrics_get_dns_end (metrics), start);
  add_time (&builder, "connect-end", soup_message_metrics_get_connect_end (metrics), start);
  add_time (&builder, "request-start", soup_message_metrics_get_request_start (metrics), start);
  add_time (&builder, "response-start", soup_message_metrics_get_response_start (metrics), start);
  add_count (&builder, "duration", g_get_real_time () - self->started);

  keep_exchange (self->run->exchanges, g_variant_builder_end (&builder));
}

void
ferryd_answer_free (FerrydAnswer *self)
{
  if (self->body != NULL)
    (void) g_input_stream_close (self->body, NULL, NULL);  /* a body left early is meant to be */
  g_clear_object (&self->body);
  note_metrics (self);
  ferryd_facts_clear (&self->facts);
  g_clear_object (&self->message);
  g_free (self);
}
