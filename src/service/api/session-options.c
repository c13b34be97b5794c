/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-session-options"

#include "config.h"

#include "api/options.h"
#include "api/session-options.h"
#include "common/error.h"

#define MAX_IDENTIFIER 255

static const FerrydOption configuration_keys[] = {
  { "app-id", "s" },
  { "request-timeout", "u" },
  { "resource-timeout", "t" },
  { "max-connections-per-host", "u" },
  { "max-running", "u" },
  { "headers", "a{ss}" },
  { "secret-headers", "a{ss}" },
  { "user-agent", "s" },
  { "destination", "s" },
  { "cookies", "s" },
  { "tls-ca", "s" },
  { "redirects", "s" },
  { "allow-insecure-redirect", "b" },
  { "resume-unproven", "b" },
  { "download-limit", "t" },
  { "notify", "s" },
};

static const FerrydOption probe_keys[] = {
  { "headers", "a{ss}" },
  { "secret-headers", "a{ss}" },
  { "referrer", "s" },
  { "user-agent", "s" },
  { "tls-ca", "s" },
  { "redirects", "s" },
  { "allow-insecure-redirect", "b" },
  { "request-timeout", "u" },
};

static gboolean
check_app_id (const char  *app_id,
              GError     **error)
{
  if (g_application_id_is_valid (app_id))
    return TRUE;

  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION, "“app-id”: “%s” is no app ID",
               app_id);
  return FALSE;
}

gboolean
ferryd_session_options_read (GVariant              *given,
                             FerrydSessionOptions  *self,
                             GError               **error)
{
  g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT (given);
  const char *app_id = FERRY_APP_ID;

  if (!ferryd_options_check (given, configuration_keys, G_N_ELEMENTS (configuration_keys), error) ||
      !ferryd_options_check_headers (&dict, error))
    return FALSE;

  (void) g_variant_dict_lookup (&dict, "app-id", "&s", &app_id);  /* else it is Ferry's own */
  if (!check_app_id (app_id, error))
    return FALSE;

  self->app_id = g_strdup (app_id);
  self->secrets = ferryd_options_get_secrets (&dict);
  self->configuration = ferryd_options_keep (NULL, given, NULL);
  self->has_notify = g_variant_dict_contains (&dict, "notify");
  return ferryd_configuration_read (self->configuration, &self->values, error);
}

void
ferryd_session_options_clear (FerrydSessionOptions *self)
{
  g_clear_pointer (&self->app_id, g_free);
  g_clear_pointer (&self->configuration, g_variant_unref);
  g_clear_pointer (&self->secrets, g_variant_unref);
}

gboolean
ferryd_session_options_check_identifier (const char  *identifier,
                                         GError     **error)
{
  gsize length = strlen (identifier);
  const char *problem = NULL;

  if (length == 0)
    problem = "is empty";
  else if (length > MAX_IDENTIFIER)
    problem = "is longer than 255 bytes";

  for (const char *c = identifier; *c != '\0' && problem == NULL; c = g_utf8_next_char (c))
    {
      if (g_unichar_iscntrl (g_utf8_get_char (c)))
        problem = "has control characters";
    }

  if (problem != NULL)
    g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION, "The session identifier %s",
                 problem);
  return problem == NULL;
}

gboolean
ferryd_probe_options_read (GVariant             *given,
                           GVariant            **options,
                           FerrydConfiguration  *values,
                           GError              **error)
{
  g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT (given);
  g_autoptr(GVariant) secrets = NULL;
  g_autoptr(GVariant) kept = NULL;
  GVariantDict whole;

  if (!ferryd_options_check (given, probe_keys, G_N_ELEMENTS (probe_keys), error) ||
      !ferryd_options_check_headers (&dict, error) ||
      !ferryd_options_check_referrer (&dict, error))
    return FALSE;

  secrets = ferryd_options_get_secrets (&dict);
  kept = ferryd_options_keep (NULL, given, NULL);
  g_variant_dict_init (&whole, kept);
  if (secrets != NULL)
    g_variant_dict_insert_value (&whole, "secret-headers", secrets);
  *options = g_variant_ref_sink (g_variant_dict_end (&whole));
  if (ferryd_configuration_read (*options, values, error))
    return TRUE;

  g_clear_pointer (options, g_variant_unref);
  return FALSE;
}
