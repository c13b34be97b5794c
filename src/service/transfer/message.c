/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-message"

#include "config.h"

#include "transfer/http-private.h"
#include "transfer/message.h"

/* What may follow to another origin: any other header may be a secret. */
static gboolean
is_harmless_header (const char *name)
{
  return g_ascii_strcasecmp (name, "Accept") == 0 ||
         g_ascii_strcasecmp (name, "Accept-Language") == 0 ||
         g_ascii_strcasecmp (name, "User-Agent") == 0;
}

static void
add_referrer (SoupMessage      *message,
              const FerrydPlan *plan)
{
  g_autoptr(GUri) referrer = NULL;
  g_autofree char *text = NULL;

  if (plan->referrer == NULL)
    return;

  referrer = g_uri_parse (plan->referrer, SOUP_HTTP_URI_FLAGS, NULL);
  if (referrer == NULL || (g_strcmp0 (g_uri_get_scheme (referrer), "https") == 0 &&
                           g_strcmp0 (g_uri_get_scheme (soup_message_get_uri (message)),
                                      "http") == 0))
    return;

  text = g_uri_to_string_partial (referrer, G_URI_HIDE_USERINFO | G_URI_HIDE_FRAGMENT);
  soup_message_headers_replace (soup_message_get_request_headers (message), "Referer", text);
}

/* The jar would replace the caller's own cookies, or take them away. */
static void
keep_own_cookies (SoupMessage *message)
{
  if (soup_message_headers_get_list (soup_message_get_request_headers (message), "Cookie") != NULL)
    soup_message_disable_feature (message, SOUP_TYPE_COOKIE_JAR);
}

SoupMessage *
ferryd_message_new (const FerrydPlan *plan,
                    const char       *method,
                    GUri             *uri,
                    const FerrydAsk  *ask,
                    gboolean          own_origin)
{
  SoupMessage *message = soup_message_new_from_uri (method, uri);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_COLLECT_METRICS);
  soup_message_disable_feature (message, SOUP_TYPE_AUTH_MANAGER);
  soup_message_set_tls_client_certificate (message, ferryd_http_get_certificate (plan->http));
  soup_message_headers_replace (headers, "User-Agent", ferryd_http_get_user_agent (plan->http));

  for (char **header = plan->headers; header != NULL && header[0] != NULL; header += 2)
    {
      if (own_origin || is_harmless_header (header[0]))
        soup_message_headers_replace (headers, header[0], header[1]);
    }
  if (own_origin)
    add_referrer (message, plan);
  keep_own_cookies (message);

  /* Ours come last, and win: the rules of resuming stand on them. */
  soup_message_headers_replace (headers, "Accept-Encoding", "identity");
  soup_message_headers_replace (headers, "Want-Repr-Digest", "sha-256=10, sha-512=9");
  soup_message_headers_remove (headers, "Range");
  soup_message_headers_remove (headers, "If-Range");
  if (ask->from >= 0)
    soup_message_headers_set_range (headers, ask->from, -1);
  if (ask->if_range != NULL)
    soup_message_headers_replace (headers, "If-Range", ask->if_range);

  return message;
}
