/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-trouble"

#include "config.h"

#include "await.h"
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

/* What is not of a call is of the way to the service, or of a service that ended again and again:
 * the library says itself what it is, and what to do. */
static gboolean
is_explained (const GError *error)
{
  return error->domain != FERRY_ERROR && error->domain != G_DBUS_ERROR &&
         !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) &&
         !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED) &&
         !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_DBUS_ERROR);
}

/* A sentence, to go on after a colon. */
static char *
continue_with (const char *message)
{
  const char *rest = g_utf8_next_char (message);
  g_autofree char *first = g_utf8_strdown (message, rest - message);

  return g_strconcat (first, rest, NULL);
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
    return g_strdup ("the session bus has ended; log in again");
  if (is_explained (error) && *message != '\0')
    return continue_with (message);
  if (error->domain == FERRY_ERROR)
    return ferry_words_error (ferry_error_get_bus_name (error->code), message);

  return g_strdup_printf ("the transfer service cannot be used: %s", message);
}

/**
 * ferry_trouble_get_exit:
 * @error: why a call failed
 *
 * Returns: what to end with: the service said no, or there is none
 */
FerryExit
ferry_trouble_get_exit (const GError *error)
{
  return error->domain == FERRY_ERROR ? FERRY_EXIT_FAILED : FERRY_EXIT_NO_SERVICE;
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
 * ferry_trouble_report:
 * @console: where to complain
 * @verb: the verb that failed
 * @error: why
 *
 * Explains @error on the error stream.
 *
 * Returns: what to end with
 */
FerryExit
ferry_trouble_report (FerryConsole *console,
                      const char   *verb,
                      const GError *error)
{
  g_autofree char *explanation = ferry_trouble_explain (error);

  ferry_trouble_complain (console, verb, "%s", explanation);
  return ferry_trouble_get_exit (error);
}

/**
 * ferry_trouble_refuse:
 * @console: where to complain
 * @verb: the verb that was asked for
 * @message: what is wrong with how it was asked for
 *
 * Says so on the error stream, and where to read how it is done.
 *
 * Returns: what to end with
 */
FerryExit
ferry_trouble_refuse (FerryConsole *console,
                      const char   *verb,
                      const char   *message)
{
  ferry_trouble_complain (console, verb, "%s (“ferry %s --help” tells how to use it)", message,
                          verb);
  return FERRY_EXIT_USAGE;
}

/**
 * ferry_trouble_connect:
 * @console: where to complain
 * @verb: the verb that wants it
 * @status: (out): what to end with, where there is none
 *
 * Starts the service, where it does not run, and waits until it answers.
 *
 * Returns: (transfer full) (nullable): a client; %NULL after having said what is wrong
 */
FerryClient *
ferry_trouble_connect (FerryConsole *console,
                       const char   *verb,
                       FerryExit    *status)
{
  g_autoptr(FerryClient) client = ferry_client_new ();
  g_auto(FerryAwait) answer = { NULL };
  g_autoptr(GError) error = NULL;

  ferry_client_connect_async (client, NULL, ferry_await_cb, &answer);
  if (ferry_client_connect_finish (client, ferry_await (&answer), &error))
    return g_steal_pointer (&client);

  *status = ferry_trouble_report (console, verb, error);
  return NULL;
}
