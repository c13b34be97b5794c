/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a session's configuration may say (issue “The service, whole”: “Session configuration keys
 * now”), and what is meant where it says nothing. */
#include "config.h"

#include <string.h>

#include "common/error.h"
#include "model/session.h"

static GVariant *
parse (const char *text)
{
  return g_variant_parse (G_VARIANT_TYPE_VARDICT, text, NULL, NULL, NULL);
}

static void
test_defaults (void)
{
  g_autoptr(GVariant) configuration = parse ("{}");
  g_autoptr(GError) error = NULL;
  FerrydConfiguration read;

  g_assert_true (ferryd_configuration_read (configuration, &read, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (read.request_timeout, ==, 60);
  g_assert_cmpuint (read.resource_timeout, ==, 604800);
  g_assert_cmpuint (read.max_per_host, ==, 6);
  g_assert_cmpuint (read.max_running, ==, 0);
  g_assert_null (read.user_agent);
  g_assert_null (read.destination);
  g_assert_null (read.tls_ca);
  g_assert_true (read.cookies);
  g_assert_cmpint (read.redirects, ==, FERRYD_REDIRECTS_FOLLOW);
  g_assert_false (read.allow_insecure_redirect);
  g_assert_false (read.resume_unproven);
  g_assert_cmpuint (read.download_limit, ==, 0);
  g_assert_cmpint (read.notify, ==, FERRYD_NOTIFY_FINISH);
}

static void
test_all (void)
{
  g_autoptr(GVariant) configuration = parse (
    "{'request-timeout': <uint32 5>, 'resource-timeout': <uint64 7>,"
    " 'max-connections-per-host': <uint32 2>, 'max-running': <uint32 3>,"
    " 'user-agent': <'me'>, 'destination': <'/there'>, 'tls-ca': <'/ca'>, 'cookies': <'none'>,"
    " 'redirects': <'same-origin'>, 'allow-insecure-redirect': <true>,"
    " 'resume-unproven': <true>, 'download-limit': <uint64 9>, 'notify': <'each'>}");
  FerrydConfiguration read;

  g_assert_true (ferryd_configuration_read (configuration, &read, NULL));
  g_assert_cmpuint (read.request_timeout, ==, 5);
  g_assert_cmpuint (read.resource_timeout, ==, 7);
  g_assert_cmpuint (read.max_per_host, ==, 2);
  g_assert_cmpuint (read.max_running, ==, 3);
  g_assert_cmpstr (read.user_agent, ==, "me");
  g_assert_cmpstr (read.destination, ==, "/there");
  g_assert_cmpstr (read.tls_ca, ==, "/ca");
  g_assert_false (read.cookies);
  g_assert_cmpint (read.redirects, ==, FERRYD_REDIRECTS_SAME_ORIGIN);
  g_assert_true (read.allow_insecure_redirect);
  g_assert_true (read.resume_unproven);
  g_assert_cmpuint (read.download_limit, ==, 9);
  g_assert_cmpint (read.notify, ==, FERRYD_NOTIFY_EACH);
}

/* @key: the one that the error names; NULL: it is legal */
static const struct
{
  const char *text;
  const char *key;
} values[] = {
  { "{'request-timeout': <uint32 0>}", "request-timeout" },
  { "{'request-timeout': <uint32 1>}", NULL },
  { "{'request-timeout': <uint32 86400>}", NULL },
  { "{'request-timeout': <uint32 86401>}", "request-timeout" },
  { "{'resource-timeout': <uint64 0>}", "resource-timeout" },
  { "{'resource-timeout': <uint64 1>}", NULL },
  { "{'resource-timeout': <uint64 315360000>}", NULL },
  { "{'resource-timeout': <uint64 315360001>}", "resource-timeout" },
  { "{'resource-timeout': <uint64 18446744073709551615>}", "resource-timeout" },
  { "{'max-connections-per-host': <uint32 0>}", "max-connections-per-host" },
  { "{'max-connections-per-host': <uint32 1>}", NULL },
  { "{'max-connections-per-host': <uint32 64>}", NULL },
  { "{'max-connections-per-host': <uint32 65>}", "max-connections-per-host" },
  { "{'max-running': <uint32 0>}", NULL },
  { "{'max-running': <uint32 1000>}", NULL },
  { "{'max-running': <uint32 1001>}", "max-running" },
  { "{'user-agent': <''>}", "user-agent" },
  { "{'user-agent': <'a b/1.0 (c)'>}", NULL },
  { "{'user-agent': <'a\\r\\nX: y'>}", "user-agent" },
  { "{'user-agent': <'a\\u007f'>}", "user-agent" },
  { "{'destination': <'there'>}", "destination" },
  { "{'destination': <''>}", "destination" },
  { "{'destination': <'/'>}", NULL },
  { "{'tls-ca': <'ca.pem'>}", "tls-ca" },
  { "{'tls-ca': <'/ca.pem'>}", NULL },
  { "{'cookies': <'none'>}", NULL },
  { "{'cookies': <'session'>}", NULL },
  { "{'cookies': <'all'>}", "cookies" },
  { "{'cookies': <''>}", "cookies" },
  { "{'redirects': <'follow'>}", NULL },
  { "{'redirects': <'same-origin'>}", NULL },
  { "{'redirects': <'none'>}", NULL },
  { "{'redirects': <'Follow'>}", "redirects" },
  { "{'notify': <'finish'>}", NULL },
  { "{'notify': <'each'>}", NULL },
  { "{'notify': <'none'>}", NULL },
  { "{'notify': <'never'>}", "notify" },
  { "{'download-limit': <uint64 18446744073709551615>}", NULL },
};

static void
test_values (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr(GVariant) configuration = parse (values[i].text);
      g_autoptr(GError) error = NULL;
      FerrydConfiguration read;
      gboolean is_legal = ferryd_configuration_read (configuration, &read, &error);

      g_test_message ("%s", values[i].text);
      g_assert_cmpint (is_legal, ==, values[i].key == NULL);
      if (is_legal)
        continue;

      g_assert_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION);
      g_assert_nonnull (strstr (error->message, values[i].key));
    }
}

/* Its strings are good as long as the session is, whatever others do with the variant. */
static void
test_strings_stay (void)
{
  FerrydSessionRow *row = ferryd_session_row_new ();
  g_autoptr(FerrydSession) session = NULL;
  GVariantDict dict;
  const FerrydConfiguration *read;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "user-agent", "s", "somebody who goes by a long name");
  g_variant_dict_insert (&dict, "destination", "s", "/a/folder/that/has/a/long/name");
  row->id = 1;
  row->app_id = g_strdup ("org.example.App");
  row->identifier = g_strdup ("one");
  row->configuration = g_variant_ref_sink (g_variant_dict_end (&dict));
  session = ferryd_session_new (row);
  read = ferryd_session_get_configuration (session);

  /* As a bus or a database does. */
  g_assert_nonnull (g_variant_get_data (row->configuration));
  g_assert_cmpstr (read->user_agent, ==, "somebody who goes by a long name");
  g_assert_cmpstr (read->destination, ==, "/a/folder/that/has/a/long/name");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/configuration/defaults", test_defaults);
  g_test_add_func ("/configuration/all", test_all);
  g_test_add_func ("/configuration/values", test_values);
  g_test_add_func ("/configuration/strings-stay", test_strings_stay);

  return g_test_run ();
}
