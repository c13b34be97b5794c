/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-configuration"

#include "config.h"

#include "common/error.h"
#include "model/configuration.h"

/* As NSURLSession has them. */
#define REQUEST_TIMEOUT_S 60
#define RESOURCE_TIMEOUT_S (7 * 24 * 60 * 60)
#define MAX_PER_HOST 6

/* More is no time-out any more, and would not fit where it is counted in µs. */
#define LONGEST_REQUEST_TIMEOUT_S (24 * 60 * 60)
#define LONGEST_RESOURCE_TIMEOUT_S (G_GINT64_CONSTANT (10) * 365 * 24 * 60 * 60)

#define MOST_PER_HOST 64
#define MOST_RUNNING 1000

static gboolean
refuse (const char  *key,
        const char  *problem,
        GError     **error)
{
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION, "“%s”: %s", key, problem);
  return FALSE;
}

/* The place of the key's word in @words; that of the first where there is no such key. */
static gboolean
read_word (GVariant           *configuration,
           const char         *key,
           const char * const *words,
           guint              *place,
           GError            **error)
{
  const char *word;

  *place = 0;
  if (!g_variant_lookup (configuration, key, "&s", &word))
    return TRUE;

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (g_str_equal (words[i], word))
        {
          *place = i;
          return TRUE;
        }
    }

  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION, "“%s”: there is no “%s”", key, word);
  return FALSE;
}

static gboolean
read_words (GVariant             *configuration,
            FerrydConfiguration  *self,
            GError              **error)
{
  static const char * const redirects[] = { "follow", "same-origin", "none", NULL };
  static const char * const notify[] = { "finish", "each", "none", NULL };
  static const char * const cookies[] = { "session", "none", NULL };
  guint place;

  if (!read_word (configuration, "redirects", redirects, &place, error))
    return FALSE;
  self->redirects = (FerrydRedirects) place;

  if (!read_word (configuration, "notify", notify, &place, error))
    return FALSE;
  self->notify = (FerrydNotify) place;

  if (!read_word (configuration, "cookies", cookies, &place, error))
    return FALSE;
  self->cookies = place == 0;
  return TRUE;
}

static gboolean
check_numbers (const FerrydConfiguration  *self,
               GError                    **error)
{
  if (self->request_timeout == 0 || self->request_timeout > LONGEST_REQUEST_TIMEOUT_S)
    return refuse ("request-timeout", "it must be 1 to 86400 seconds", error);
  if (self->resource_timeout == 0 || self->resource_timeout > LONGEST_RESOURCE_TIMEOUT_S)
    return refuse ("resource-timeout", "it must be 1 to 315360000 seconds", error);
  if (self->max_per_host == 0 || self->max_per_host > MOST_PER_HOST)
    return refuse ("max-connections-per-host", "it must be 1 to 64", error);
  if (self->max_running > MOST_RUNNING)
    return refuse ("max-running", "it must be 0 to 1000", error);

  return TRUE;
}

static gboolean
check_texts (const FerrydConfiguration  *self,
             GError                    **error)
{
  if (self->destination != NULL && !g_path_is_absolute (self->destination))
    return refuse ("destination", "it is no absolute path", error);
  if (self->tls_ca != NULL && !g_path_is_absolute (self->tls_ca))
    return refuse ("tls-ca", "it is no absolute path", error);
  if (self->user_agent != NULL && *self->user_agent == '\0')
    return refuse ("user-agent", "it is empty", error);
  for (const char *c = self->user_agent; c != NULL && *c != '\0'; c++)
    {
      if (g_ascii_iscntrl (*c))
        return refuse ("user-agent", "it has control characters", error);
    }

  return TRUE;
}

gboolean
ferryd_configuration_read (GVariant             *configuration,
                           FerrydConfiguration  *self,
                           GError              **error)
{
  *self = (FerrydConfiguration) {
    .request_timeout = REQUEST_TIMEOUT_S,
    .resource_timeout = RESOURCE_TIMEOUT_S,
    .max_per_host = MAX_PER_HOST,
  };

  /* What is not there stays as it is. */
  (void) g_variant_lookup (configuration, "request-timeout", "u", &self->request_timeout);
  (void) g_variant_lookup (configuration, "resource-timeout", "t", &self->resource_timeout);
  (void) g_variant_lookup (configuration, "max-connections-per-host", "u", &self->max_per_host);
  (void) g_variant_lookup (configuration, "max-running", "u", &self->max_running);
  (void) g_variant_lookup (configuration, "user-agent", "&s", &self->user_agent);
  (void) g_variant_lookup (configuration, "destination", "&s", &self->destination);
  (void) g_variant_lookup (configuration, "tls-ca", "&s", &self->tls_ca);
  (void) g_variant_lookup (configuration, "allow-insecure-redirect", "b",
                           &self->allow_insecure_redirect);
  (void) g_variant_lookup (configuration, "resume-unproven", "b", &self->resume_unproven);
  (void) g_variant_lookup (configuration, "download-limit", "t", &self->download_limit);

  return read_words (configuration, self, error) && check_numbers (self, error) &&
         check_texts (self, error);
}
