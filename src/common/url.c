/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-url"

#include "config.h"

#include <string.h>

#include "error.h"
#include "url.h"

/* No server takes as much in one request line; it bounds what the store and the bus carry. */
#define MAX_LENGTH (64 * 1024)

#define MAX_PORT 65535

/*
 * Those that libsoup asks for (its SOUP_HTTP_URI_FLAGS), so that it takes the URI as it is;
 * relaxed, so that a lone `%` stands for itself and the last `@` ends the user part, as in
 * browsers.
 */
#define URL_FLAGS ((GUriFlags) (G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_HAS_PASSWORD | \
                                G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY | \
                                G_URI_FLAGS_ENCODED_FRAGMENT | G_URI_FLAGS_SCHEME_NORMALIZE))

static gboolean
fail (GError     **error,
      const char  *message)
{
  g_set_error_literal (error, FERRY_ERROR, FERRY_ERROR_INVALID_URL, message);
  return FALSE;
}

/* Looks at the bytes alone, before anything is made of them. */
static gboolean
check_text (const char  *url,
            GError     **error)
{
  gsize length = strlen (url);

  if (length == 0)
    return fail (error, "The address is empty");
  if (length > MAX_LENGTH)
    return fail (error, "The address is longer than 64 KiB");
  if (!g_utf8_validate (url, (gssize) length, NULL))
    return fail (error, "The address is not valid UTF-8");
  if (url[0] == ' ' || url[length - 1] == ' ')
    return fail (error, "The address begins or ends with a space");

  for (const char *at = url; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (g_unichar_iscntrl (c))
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_URL,
                       "The address contains the control character U+%04X", c);
          return FALSE;
        }
    }

  return TRUE;
}

/*
 * Quotes nothing but a scheme, whose characters are harmless: before a colon may as well stand a
 * user with a password.
 */
static gboolean
check_scheme (const char  *url,
              GError     **error)
{
  g_autofree char *scheme = g_uri_parse_scheme (url);

  if (scheme == NULL)
    return fail (error, "The address does not begin with “http://” or “https://”");

  if (g_ascii_strcasecmp (scheme, "http") != 0 && g_ascii_strcasecmp (scheme, "https") != 0)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_URL,
                   "The address has the scheme “%.32s”; only “http” and “https” can be fetched",
                   scheme);
      return FALSE;
    }

  return TRUE;
}

/* After percent-decoding; the forbidden host code points of the WHATWG URL Standard. */
static gboolean
check_host (const char  *host,
            GError     **error)
{
  if (host == NULL || *host == '\0')
    return fail (error, "The address has no host");

  /*
   * GLib has proven an address of IPv6, which alone has colons and may have a `%` before its
   * zone.
   */
  if (strchr (host, ':') != NULL)
    return TRUE;

  for (const char *at = host; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (g_unichar_iscntrl (c) || g_unichar_isspace (c) ||
          (c < 0x80 && strchr ("#%/<>?@[\\]^|", (int) c) != NULL))
        {
          g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_URL,
                       "The host of the address contains the character U+%04X", c);
          return FALSE;
        }
    }

  return TRUE;
}

/* GLib's own messages quote what they stumble over, which may be half a password; these do not. */
static void
set_parse_error (GError       **error,
                 const GError  *cause)
{
  if (g_error_matches (cause, G_URI_ERROR, G_URI_ERROR_BAD_PORT))
    (void) fail (error, "The port of the address is not a number from 1 to 65535");
  else if (g_error_matches (cause, G_URI_ERROR, G_URI_ERROR_BAD_HOST))
    (void) fail (error, "The host of the address is not valid");
  else if (g_error_matches (cause, G_URI_ERROR, G_URI_ERROR_BAD_USER) ||
           g_error_matches (cause, G_URI_ERROR, G_URI_ERROR_BAD_PASSWORD))
    (void) fail (error, "The user or the password in the address is not valid");
  else
    (void) fail (error, "The address cannot be read");
}

/**
 * ferry_url_parse:
 * @url: an address
 * @error: %FERRY_ERROR_INVALID_URL, saying what is wrong without a secret that may be in @url
 *
 * Reads an absolute `http` or `https` address (RFC 9110 §4.2), with or without a user part.
 *
 * What is not ASCII in path and query is percent-encoded in the result, a host in another script
 * is in its ASCII form, and a port that was not given is that of the scheme.
 *
 * Returns: (transfer full): the address as libsoup wants it, or %NULL
 */
GUri *
ferry_url_parse (const char  *url,
                 GError     **error)
{
  g_autoptr(GUri) uri = NULL;
  g_autoptr(GError) cause = NULL;
  int port;

  g_return_val_if_fail (url != NULL, NULL);

  if (!check_text (url, error) || !check_scheme (url, error))
    return NULL;

  uri = g_uri_parse (url, URL_FLAGS, &cause);
  if (uri == NULL)
    {
      set_parse_error (error, cause);
      return NULL;
    }

  if (!check_host (g_uri_get_host (uri), error))
    return NULL;

  port = g_uri_get_port (uri);
  if (port == 0 || port > MAX_PORT)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_URL,
                   "The address has the port %d, which does not exist", port);
      return NULL;
    }

  return g_steal_pointer (&uri);
}

static char *
to_string_without (const char    *url,
                   GUriHideFlags  hidden)
{
  g_autoptr(GUri) uri = ferry_url_parse (url, NULL);

  return uri != NULL ? g_uri_to_string_partial (uri, hidden) : NULL;
}

/**
 * ferry_url_without_secrets:
 * @url: an address
 *
 * Drops user and password, for what is stored and shown to the owner.
 *
 * Returns: (nullable): the rest, %NULL where ferry_url_parse() fails
 */
char *
ferry_url_without_secrets (const char *url)
{
  g_return_val_if_fail (url != NULL, NULL);

  return to_string_without (url, G_URI_HIDE_USERINFO);
}

/**
 * ferry_url_for_log:
 * @url: an address
 *
 * Drops user, password, query and fragment, for what others may read.
 *
 * Returns: the rest, or a fixed text where ferry_url_parse() fails
 */
char *
ferry_url_for_log (const char *url)
{
  char *text;

  g_return_val_if_fail (url != NULL, NULL);

  text = to_string_without (url, G_URI_HIDE_USERINFO | G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT);
  return text != NULL ? text : g_strdup ("(unparsable address)");
}

/* -1 in a GUri that was not made by ferry_url_parse() is the port of its scheme. */
static int
get_effective_port (GUri *uri)
{
  int port = g_uri_get_port (uri);

  if (port >= 0)
    return port;

  return g_ascii_strcasecmp (g_uri_get_scheme (uri), "https") == 0 ? 443 : 80;
}

/**
 * ferry_url_same_origin:
 * @a: an `http` or `https` address
 * @b: another one
 *
 * Compares scheme, host and port (RFC 9110 §4.3.1).
 *
 * Returns: whether all three are equal, the host without regard to case
 */
gboolean
ferry_url_same_origin (GUri *a,
                       GUri *b)
{
  g_return_val_if_fail (a != NULL, FALSE);
  g_return_val_if_fail (b != NULL, FALSE);

  return g_ascii_strcasecmp (g_uri_get_scheme (a), g_uri_get_scheme (b)) == 0 &&
         g_uri_get_host (a) != NULL && g_uri_get_host (b) != NULL &&
         g_ascii_strcasecmp (g_uri_get_host (a), g_uri_get_host (b)) == 0 &&
         get_effective_port (a) == get_effective_port (b);
}
