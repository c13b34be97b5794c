/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-words"

#include "config.h"

#include "common/error.h"
#include "words.h"

#define SECONDS_A_MINUTE 60
#define SECONDS_AN_HOUR 3600
#define SECONDS_A_DAY (24 * 3600)

/* Beyond that an estimate says nothing; it is nearly a year. */
#define MAX_DAYS 300

/* What went wrong, by FerryError. */
static const char *const errors[] = {
  [FERRY_ERROR_INVALID_OPTION] = "an option cannot be used",
  [FERRY_ERROR_INVALID_URL] = "the address cannot be fetched",
  [FERRY_ERROR_WRONG_STATE] = "the transfer is in another state",
  [FERRY_ERROR_NOT_FOUND] = "there is no such transfer",
  [FERRY_ERROR_NOT_ALLOWED] = "this is not allowed",
  [FERRY_ERROR_LIMIT] = "there are too many transfers",
  [FERRY_ERROR_DISK_FULL] = "the disk is full",
  [FERRY_ERROR_TARGET_EXISTS] = "something else has that name",
  [FERRY_ERROR_CREDENTIALS] = "a sign-in is needed",
  [FERRY_ERROR_TRUST] = "the server’s certificate cannot be trusted",
  [FERRY_ERROR_SERVER] = "the server refused",
  [FERRY_ERROR_NETWORK] = "the connection failed",
  [FERRY_ERROR_TIMEOUT] = "the server did not answer in time",
  [FERRY_ERROR_DIGEST] = "the bytes are not those of the digest, and were deleted",
  [FERRY_ERROR_CHANGED] = "the file on the server keeps changing",
  [FERRY_ERROR_SOURCE_CHANGED] = "the file changed while it was sent",
  [FERRY_ERROR_CANCELLED] = "it was cancelled",
  [FERRY_ERROR_STORE] = "the list of transfers could not be written",
};
G_STATIC_ASSERT (G_N_ELEMENTS (errors) == FERRY_N_ERRORS);

/* Why it waits, by FerryWaitReason; each goes on after “waiting: ”. */
static const char *const reasons[] = {
  [FERRY_WAIT_REASON_NONE] = "about to start",
  [FERRY_WAIT_REASON_QUEUE] = "in the queue",
  [FERRY_WAIT_REASON_HOST_LIMIT] = "other transfers with this server go first",
  [FERRY_WAIT_REASON_NOT_YET] = "its time has not come yet",
  [FERRY_WAIT_REASON_OFFLINE] = "there is no network",
  [FERRY_WAIT_REASON_CAPTIVE_PORTAL] = "the network wants you to sign in first",
  [FERRY_WAIT_REASON_METERED] = "the network is metered",
  [FERRY_WAIT_REASON_POWER_SAVER] = "the computer saves power",
  [FERRY_WAIT_REASON_BATTERY] = "the battery is low",
  [FERRY_WAIT_REASON_SCHEDULE] = "this is not the time of day for it",
  [FERRY_WAIT_REASON_RETRY] = "it will soon be tried again",
  [FERRY_WAIT_REASON_DISK_FULL] = "the disk is full",
  [FERRY_WAIT_REASON_CREDENTIALS] = "a sign-in is needed",
  [FERRY_WAIT_REASON_TRUST] = "the server’s certificate cannot be trusted",
  [FERRY_WAIT_REASON_NEW_URL] = "the address has expired, a new one is needed",
  [FERRY_WAIT_REASON_SOURCE_CHANGED] = "the file to send has changed",
  [FERRY_WAIT_REASON_BODY] = "what is to be sent must be given again",
};
G_STATIC_ASSERT (G_N_ELEMENTS (reasons) == FERRY_N_WAIT_REASONS);

/* What moves the cursor, or the letters after it, is a trick of whoever wrote the text. */
static gboolean
is_harmful (gunichar c)
{
  return g_unichar_iscntrl (c) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/**
 * ferry_words_printable:
 * @text: what a server, a service or a user gave
 *
 * Makes text safe for a terminal and for one line of a log.
 *
 * Returns: UTF-8 without control characters and without marks that turn the direction of writing
 */
char *
ferry_words_printable (const char *text)
{
  g_autofree char *valid = NULL;
  GString *out = g_string_new (NULL);

  g_return_val_if_fail (text != NULL, NULL);

  valid = g_utf8_make_valid (text, -1);
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      g_string_append_unichar (out, is_harmful (c) ? 0xFFFD : c);
    }

  return g_string_free (out, FALSE);
}

/**
 * ferry_words_size:
 * @bytes: a number of bytes
 *
 * Returns: such as `1.2 GB`, with an ordinary space, for scripts that look for one
 */
char *
ferry_words_size (gint64 bytes)
{
  g_autofree char *size = g_format_size ((guint64) MAX (bytes, 0));
  g_autoptr(GString) text = g_string_new (size);

  (void) g_string_replace (text, "\u00a0", " ", 0);
  return g_strdup (text->str);
}

/**
 * ferry_words_rate:
 * @bytes_per_second: how fast
 *
 * Returns: such as `1.2 MB/s`
 */
char *
ferry_words_rate (guint64 bytes_per_second)
{
  g_autofree char *size = ferry_words_size ((gint64) MIN (bytes_per_second, G_MAXINT64));

  return g_strconcat (size, "/s", NULL);
}

/**
 * ferry_words_duration:
 * @seconds: how long
 *
 * Returns: such as `0:45`, `1:02:03` or `12 d`; at most 7 characters
 */
char *
ferry_words_duration (guint64 seconds)
{
  guint64 minutes = seconds / SECONDS_A_MINUTE;

  if (seconds < SECONDS_AN_HOUR)
    return g_strdup_printf ("%" G_GUINT64_FORMAT ":%02" G_GUINT64_FORMAT, minutes,
                            seconds % SECONDS_A_MINUTE);
  if (seconds < SECONDS_A_DAY)
    return g_strdup_printf ("%" G_GUINT64_FORMAT ":%02" G_GUINT64_FORMAT ":%02" G_GUINT64_FORMAT,
                            seconds / SECONDS_AN_HOUR, minutes % 60, seconds % SECONDS_A_MINUTE);
  if (seconds / SECONDS_A_DAY > MAX_DAYS)
    return g_strdup_printf ("> %d d", MAX_DAYS);

  return g_strdup_printf ("%" G_GUINT64_FORMAT " d", seconds / SECONDS_A_DAY);
}

/* What went wrong the last time, as the service has it in the details. NULL: nothing is said */
static const char *
find_cause (GVariant *details)
{
  const char *name;
  FerryError code;

  if (!g_variant_lookup (details, "cause", "(&s&s)", &name, NULL) ||
      !ferry_error_from_bus_name (name, &code))
    return NULL;

  return errors[code];
}

/* @until: Unix µs */
static char *
say_until (FerryWaitReason  reason,
           GVariant        *details,
           gint64           until)
{
  gint64 left = MAX (until - g_get_real_time (), 0) / G_USEC_PER_SEC;
  g_autofree char *duration = ferry_words_duration ((guint64) left);
  const char *cause = find_cause (details);

  if (reason == FERRY_WAIT_REASON_NOT_YET)
    return g_strdup_printf ("it is to begin in %s", duration);
  if (cause == NULL)
    return g_strdup_printf ("it will be tried again in %s", duration);

  return g_strdup_printf ("%s; it will be tried again in %s", cause, duration);
}

/**
 * ferry_words_reason:
 * @reason: why a task waits
 * @details: (nullable): its property `ReasonDetails`
 *
 * Returns: the reason as a person would say it
 */
char *
ferry_words_reason (FerryWaitReason  reason,
                    GVariant        *details)
{
  const char *words;
  gint64 until = 0;
  guint32 position = 0;

  g_return_val_if_fail ((guint) reason < FERRY_N_WAIT_REASONS, NULL);

  words = reasons[reason];
  if (details != NULL)
    (void) g_variant_lookup (details, "until", "x", &until);  /* else no time is set */
  if (until != 0)
    return say_until (reason, details, until);
  if (reason != FERRY_WAIT_REASON_QUEUE && reason != FERRY_WAIT_REASON_HOST_LIMIT)
    return g_strdup (words);

  if (details != NULL)
    (void) g_variant_lookup (details, "position", "u", &position);
  if (position == 0)
    return g_strdup (words);
  if (position == 1)
    return g_strdup_printf ("%s (it is the next)", words);

  return g_strdup_printf ("%s (it is number %u)", words, position);
}

/**
 * ferry_words_error:
 * @bus_name: the error's name on the bus
 * @message: its message
 *
 * Returns: what went wrong as a person would say it, and the message for those who know more
 */
char *
ferry_words_error (const char *bus_name,
                   const char *message)
{
  g_autofree char *printable = ferry_words_printable (message);
  FerryError code;

  if (!ferry_error_from_bus_name (bus_name, &code))
    return *printable != '\0' ? g_steal_pointer (&printable) : g_strdup ("nobody knows why");
  if (*printable == '\0')
    return g_strdup (errors[code]);

  return g_strdup_printf ("%s (%s)", errors[code], printable);
}

/**
 * ferry_words_trouble:
 * @error: (nullable): an error that the service has told
 *
 * Returns: the same for an error as the library has it
 */
char *
ferry_words_trouble (const GError *error)
{
  if (error == NULL)
    return ferry_words_error ("", "");
  if (error->domain != FERRY_ERROR)
    return ferry_words_error ("", error->message);

  return ferry_words_error (ferry_error_get_bus_name (error->code), error->message);
}
