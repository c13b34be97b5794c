/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The benchmarks' client. It is told on its standard input what to do, a command a line, and
 * stays on the bus until the input ends:
 *
 *   call DESTINATION PATH INTERFACE METHOD TIMES ARGUMENTS
 *     makes the call so many times, one after the other. ARGUMENTS is a tuple in GVariant's text
 *     format. Prints when each call began and ended, and on the next line the last answer.
 *   wait
 *     prints when the next DidFinishEvents came, be it before this command.
 *
 * Times are µs of the monotonic clock. It is in C since what is measured is the service: a script
 * would take longer to make a call than the service to answer it.
 */
#define G_LOG_DOMAIN "benchmark-client"

#include "config.h"

#include <gio/gio.h>

/* What takes longer is no figure but a fault. */
#define DEADLINE_S 300
#define N_WORDS 7

/* Runs in the thread of GDBus, so that the time is that of the message. */
static GDBusMessage *
note_signal_cb (GDBusConnection *bus,
                GDBusMessage    *message,
                gboolean         incoming,
                gpointer         user_data)
{
  GAsyncQueue *arrivals = user_data;
  gint64 now = g_get_monotonic_time ();

  if (incoming && g_strcmp0 (g_dbus_message_get_member (message), "DidFinishEvents") == 0)
    g_async_queue_push (arrivals, g_memdup2 (&now, sizeof now));
  return message;
}

static gboolean
make_calls (GDBusConnection  *bus,
            char            **words,
            GError          **error)
{
  guint64 times = g_ascii_strtoull (words[5], NULL, 10);
  g_autoptr(GVariant) arguments = g_variant_parse (NULL, words[6], NULL, NULL, error);
  g_autoptr(GVariant) answer = NULL;
  g_autoptr(GString) line = g_string_new (NULL);
  g_autofree char *text = NULL;

  if (arguments == NULL)
    return FALSE;

  for (guint64 i = 0; i < times; i++)
    {
      gint64 began = g_get_monotonic_time ();

      g_clear_pointer (&answer, g_variant_unref);
      answer = g_dbus_connection_call_sync (bus, words[1], words[2], words[3], words[4], arguments,
                                            NULL, G_DBUS_CALL_FLAGS_NONE, DEADLINE_S * 1000, NULL,
                                            error);
      if (answer == NULL)
        return FALSE;
      g_string_append_printf (line, "%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " ", began,
                              g_get_monotonic_time ());
    }
  text = answer != NULL ? g_variant_print (answer, FALSE) : g_strdup ("()");
  g_print ("%s\n%s\n", line->str, text);
  return TRUE;
}

static gboolean
await_signal (GAsyncQueue  *arrivals,
              GError      **error)
{
  g_autofree gint64 *arrival = g_async_queue_timeout_pop (arrivals,
                                                          DEADLINE_S * G_TIME_SPAN_SECOND);

  if (arrival == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "No DidFinishEvents came");
      return FALSE;
    }
  g_print ("%" G_GINT64_FORMAT "\n", *arrival);
  return TRUE;
}

static gboolean
obey (GDBusConnection  *bus,
      GAsyncQueue      *arrivals,
      const char       *line,
      GError          **error)
{
  g_auto(GStrv) words = g_strsplit (line, " ", N_WORDS);

  if (g_strcmp0 (words[0], "call") == 0 && g_strv_length (words) == N_WORDS)
    return make_calls (bus, words, error);
  if (g_strcmp0 (words[0], "wait") == 0)
    return await_signal (arrivals, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Not a command: %.80s", line);
  return FALSE;
}

int
main (void)
{
  g_autoptr(GAsyncQueue) arrivals = g_async_queue_new_full (g_free);
  g_autoptr(GIOChannel) input = g_io_channel_unix_new (0);
  g_autoptr(GDBusConnection) bus = NULL;
  g_autoptr(GError) error = NULL;

  bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  if (bus != NULL)
    g_dbus_connection_add_filter (bus, note_signal_cb, g_async_queue_ref (arrivals),
                                  (GDestroyNotify) g_async_queue_unref);

  while (error == NULL)
    {
      g_autofree char *line = NULL;
      gsize length;

      if (g_io_channel_read_line (input, &line, NULL, &length, &error) != G_IO_STATUS_NORMAL)
        break;
      line[length] = '\0';
      obey (bus, arrivals, line, &error);
    }

  if (error == NULL)
    return 0;
  g_printerr ("benchmark-client: %s\n", error->message);
  return 1;
}
