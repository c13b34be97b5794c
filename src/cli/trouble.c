/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-trouble"

#include "config.h"

#include "common/error.h"
#include "trouble.h"
#include "words.h"

static gboolean
is_spawn_error (const GError *error)
{
  static const GDBusError codes[] = {
    G_DBUS_ERROR_SPAWN_EXEC_FAILED, G_DBUS_ERROR_SPAWN_FORK_FAILED,
    G_DBUS_ERROR_SPAWN_CHILD_EXITED, G_DBUS_ERROR_SPAWN_CHILD_SIGNALED,
    G_DBUS_ERROR_SPAWN_FAILED, G_DBUS_ERROR_SPAWN_SETUP_FAILED,
    G_DBUS_ERROR_SPAWN_CONFIG_INVALID, G_DBUS_ERROR_SPAWN_SERVICE_INVALID,
    G_DBUS_ERROR_SPAWN_PERMISSIONS_INVALID, G_DBUS_ERROR_SPAWN_FILE_INVALID,
    G_DBUS_ERROR_SPAWN_NO_MEMORY,
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      if (g_error_matches (error, G_DBUS_ERROR, (int) codes[i]))
        return TRUE;
    }

  return FALSE;
}

/**
 * ferry_trouble_is_gone:
 * @error: why a call failed
 *
 * Returns: whether the process that was called ended, so that nobody knows if the call was done
 */
gboolean
ferry_trouble_is_gone (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

/* The message without what GDBus puts before it. */
static char *
get_message (const GError *error)
{
  g_autoptr(GError) copy = g_error_copy (error);

  (void) g_dbus_error_strip_remote_error (copy);    /* not all come from afar */
  return ferry_words_printable (copy->message);
}

/**
 * ferry_trouble_explain:
 * @error: why a call failed
 *
 * Returns: one line that says so, and what to do about it
 */
char *
ferry_trouble_explain (const GError *error)
{
  g_autofree char *message = get_message (error);

  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
    return g_strdup ("the session bus knows of no transfer service; install Ferry completely, and"
                     " if you have just done so, log in again");
  if (is_spawn_error (error))
    return g_strdup_printf ("the transfer service cannot be started (%s); the log of your session"
                            " says why", message);
  if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY))
    return g_strdup ("the transfer service ended before it answered; the log of your session says"
                     " why");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT) ||
      g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT))
    return g_strdup ("the transfer service does not answer; end the program “ferryd”, and try"
                     " again");
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return g_strdup ("the session bus has ended");
  if (error->domain == FERRY_ERROR)
    return ferry_words_error (ferry_error_get_bus_name (error->code), message);

  return g_strdup_printf ("the transfer service cannot be used: %s", message);
}

/**
 * ferry_trouble_complain:
 * @console: the console
 * @verb: (nullable): the verb that was asked for
 * @format: what is wrong, as of printf()
 *
 * Says what is wrong on the error stream, after the program's name.
 */
void
ferry_trouble_complain (FerryConsole *console,
                        const char   *verb,
                        const char   *format,
                        ...)
{
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  line = g_strdup_printf ("ferry%s%s: %s", verb != NULL ? " " : "", verb != NULL ? verb : "",
                          text);
  ferry_console_complain (console, line);
}

/**
 * ferry_trouble_get_bus:
 * @console: where to complain
 * @verb: the verb that wants it
 *
 * Returns: (transfer full) (nullable): the session bus; %NULL after having said what is wrong
 */
GDBusConnection *
ferry_trouble_get_bus (FerryConsole *console,
                       const char   *verb)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *message = NULL;
  GDBusConnection *connection = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);

  if (connection != NULL)
    {
      /* That the bus ends is ours to tell. */
      g_dbus_connection_set_exit_on_close (connection, FALSE);
      return connection;
    }

  message = get_message (error);
  ferry_trouble_complain (console, verb, "there is no session bus; run this in a desktop session,"
                          " or after “dbus-run-session --” (%s)", message);
  return NULL;
}
