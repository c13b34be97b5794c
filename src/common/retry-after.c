/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-retry-after"

#include "config.h"

#include <string.h>

#include "http-date.h"
#include "retry-after.h"

#define WHITE_SPACE " \t"

/*
 * Callers add the wait to the time and count in microseconds: half of what a gint64 holds of
 * these leaves room for both.
 */
#define MAX_WAIT (G_MAXINT64 / G_USEC_PER_SEC / 2)

/**
 * ferry_retry_after_parse:
 * @value: (nullable): the value of a `Retry-After` header
 * @now: the present time in Unix seconds
 *
 * Reads how long a server wants to be left alone (RFC 9110 §10.2.3): a number of seconds or a
 * date. A date that is past means no wait; a wait without end is cut to one whose end in
 * microseconds still is a number.
 *
 * Returns: seconds from @now, or -1 if @value is neither
 */
gint64
ferry_retry_after_parse (const char *value,
                         gint64      now)
{
  g_autofree char *text = NULL;
  gint64 date;

  if (value == NULL)
    return -1;

  text = g_strstrip (g_strdup (value));
  if (*text != '\0' && text[strspn (text, G_CSET_DIGITS)] == '\0')
    return (gint64) MIN (g_ascii_strtoull (text, NULL, 10), (guint64) MAX_WAIT);

  date = ferry_http_date_parse (text, now);
  if (date < 0)
    return -1;

  return CLAMP (date - now, 0, MAX_WAIT);
}
