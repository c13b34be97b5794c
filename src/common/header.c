/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-header"

#include "config.h"

#include <string.h>

#include "error.h"
#include "header.h"

/* No common server takes a longer line. */
#define MAX_VALUE (8 * 1024)

/* More of a name than this does not help whoever reads the message. */
#define MAX_SHOWN 64

static const char *const secret[] = { "Authorization", "Cookie" };

/* Those that frame the message or belong to one connection, and those that the rules of resuming
 * stand on; with them all whose names begin with `Proxy-`. */
static const char *const reserved[] = {
  "Accept-Encoding",
  "Connection",
  "Content-Length",
  "Expect",
  "Host",
  "If-Range",
  "Keep-Alive",
  "Range",
  "TE",
  "Trailer",
  "Transfer-Encoding",
  "Upgrade",
  "Want-Repr-Digest",
  "WWW-Authenticate",
};

#define PROXY_PREFIX "Proxy-"

static gboolean
is_among (const char         *name,
          const char * const *names,
          gsize               n_names)
{
  for (gsize i = 0; i < n_names; i++)
    {
      if (g_ascii_strcasecmp (names[i], name) == 0)
        return TRUE;
    }

  return FALSE;
}

/* RFC 9110 §5.6.2: tchar. */
static gboolean
is_token_character (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c) != NULL);
}

/**
 * ferry_header_check_name:
 * @name: the name of an HTTP header
 * @error: %FERRY_ERROR_INVALID_OPTION
 *
 * Checks that @name is a token (RFC 9110 §5.1).
 *
 * The message shows no more of a wrong name than its beginning: somebody may have written the value
 * behind it.
 *
 * Returns: whether it is
 */
gboolean
ferry_header_check_name (const char  *name,
                         GError     **error)
{
  gsize length = 0;

  g_return_val_if_fail (name != NULL, FALSE);

  while (is_token_character (name[length]))
    length++;
  if (length > 0 && name[length] == '\0')
    return TRUE;

  if (length == 0)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                 "a header's name is empty, or begins with what no name may have");
  else
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                 "the header that begins with “%.*s” has characters in its name that no name may "
                 "have", (int) MIN (length, MAX_SHOWN), name);
  return FALSE;
}

/**
 * ferry_header_check_value:
 * @name: the name of the header, a token
 * @value: its value
 * @error: %FERRY_ERROR_INVALID_OPTION, without any of @value
 *
 * Checks that @value has no control characters but tabs, and not more than 8 KiB.
 *
 * Returns: whether that is so
 */
gboolean
ferry_header_check_value (const char  *name,
                          const char  *value,
                          GError     **error)
{
  g_return_val_if_fail (name != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);

  if (strlen (value) > MAX_VALUE)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                   "the value of “%.*s” is longer than 8 KiB", MAX_SHOWN, name);
      return FALSE;
    }

  for (const char *at = value; *at != '\0'; at++)
    {
      if (g_ascii_iscntrl (*at) && *at != '\t')
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                       "the value of “%.*s” has control characters", MAX_SHOWN, name);
          return FALSE;
        }
    }

  return TRUE;
}

/**
 * ferry_header_get_use:
 * @name: the name of a header; upper and lower case are alike
 *
 * Returns: what callers may do with it
 */
FerryHeaderUse
ferry_header_get_use (const char *name)
{
  g_return_val_if_fail (name != NULL, FERRY_HEADER_RESERVED);

  if (is_among (name, secret, G_N_ELEMENTS (secret)))
    return FERRY_HEADER_SECRET;
  if (is_among (name, reserved, G_N_ELEMENTS (reserved)) ||
      g_ascii_strncasecmp (name, PROXY_PREFIX, strlen (PROXY_PREFIX)) == 0)
    return FERRY_HEADER_RESERVED;

  return FERRY_HEADER_FREE;
}
