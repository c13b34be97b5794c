/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-redirect"

#include "config.h"

#include "common/url.h"
#include "transfer/redirect.h"

gboolean
ferryd_redirect_is_one (const FerrydAnswer *answer)
{
  guint status = answer->facts.status;

  return (status == SOUP_STATUS_MOVED_PERMANENTLY || status == SOUP_STATUS_FOUND ||
          status == SOUP_STATUS_SEE_OTHER ||
          status == SOUP_STATUS_TEMPORARY_REDIRECT || status == SOUP_STATUS_PERMANENT_REDIRECT) &&
         soup_message_headers_get_one (soup_message_get_response_headers (answer->message),
                                       "Location") != NULL;
}

GUri *
ferryd_redirect_resolve (const FerrydAnswer  *answer,
                         GUri                *from,
                         GError             **error)
{
  const char *location =
    soup_message_headers_get_one (soup_message_get_response_headers (answer->message), "Location");
  g_autoptr(GUri) resolved = NULL;
  g_autoptr(GUri) checked = NULL;
  g_autofree char *text = NULL;

  resolved = g_uri_parse_relative (from, location, SOUP_HTTP_URI_FLAGS, NULL);
  if (resolved != NULL)
    {
      text = g_uri_to_string_partial (resolved, G_URI_HIDE_USERINFO);
      checked = ferry_url_parse (text, NULL);
    }

  if (checked == NULL)
    {
      g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_SERVER,
                   "%s redirects to an address that cannot be fetched", g_uri_get_host (from));
      return NULL;
    }

  if (g_uri_get_fragment (checked) != NULL || g_uri_get_fragment (from) == NULL)
    return g_steal_pointer (&checked);

  return soup_uri_copy (checked, SOUP_URI_FRAGMENT, g_uri_get_fragment (from), SOUP_URI_NONE);
}

gboolean
ferryd_redirect_check (const FerrydPlan  *plan,
                       GUri              *from,
                       GUri              *to,
                       GError           **error)
{
  const char *problem = NULL;

  if (plan->redirects == FERRYD_REDIRECTS_NONE)
    problem = "redirects, which is not wanted";
  else if (plan->redirects == FERRYD_REDIRECTS_SAME_ORIGIN && !ferry_url_same_origin (from, to))
    problem = "redirects to another server, which is not wanted";
  else if (g_strcmp0 (g_uri_get_scheme (from), "https") == 0 &&
           g_strcmp0 (g_uri_get_scheme (to), "http") == 0 &&
           !plan->allow_insecure_redirect)
    problem = "redirects from HTTPS to HTTP, which is not safe";

  if (problem == NULL)
    return TRUE;

  g_set_error (error, FERRYD_TRANSFER_ERROR, FERRYD_TRANSFER_ERROR_SERVER, "%s %s",
               g_uri_get_host (from), problem);
  return FALSE;
}
