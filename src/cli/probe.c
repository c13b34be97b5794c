/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-probe"

#include "config.h"

#include "await.h"
#include "common/url.h"
#include "facts.h"
#include "headers.h"
#include "json.h"
#include "options.h"
#include "trouble.h"
#include "verbs.h"
#include "words.h"

/* It only asks: where the service ends before it answers, the next one is asked. */
#define MAX_ATTEMPTS 3

static const char help[] =
  "Usage: ferry probe [--header='NAME: VALUE']… [--json] ADDRESS…\n"
  "\n"
  "Asks servers what a download would bring, without fetching it: name, size and type of the\n"
  "file, the address after redirects, and whether it could be resumed after an interruption.\n"
  "\n"
  "      --header='NAME: VALUE'  sent with each request; can be given again\n"
  "      --json                  as JSON; see JSON in the manual\n"
  "  -h, --help                  shows this text\n"
  "\n"
  "Ends with 0 when all servers answered; 1 when one did not, or has no such file; 2 when the\n"
  "command makes no sense (then nobody was asked); 3 when there is no transfer service.\n";

/* What is to be asked, and how it is told. A value. */
typedef struct
{
  GPtrArray *urls;     /* unowned; const char * (unowned) */
  GVariant  *options;  /* unowned; a{sv} */
  gboolean   json;
} Request;

static GVariant *
ask_once (FerryClient    *client,
          const char     *url,
          const Request  *request,
          GError        **error)
{
  g_auto(FerryAwait) answer = { NULL };

  ferry_client_probe_async (client, url, request->options, NULL, ferry_await_cb, &answer);
  return ferry_client_probe_finish (client, ferry_await (&answer), error);
}

static GVariant *
ask (FerryClient    *client,
     const char     *url,
     const Request  *request,
     GError        **error)
{
  GVariant *facts = NULL;
  guint attempt = 0;

  do
    {
      g_clear_error (error);
      facts = ask_once (client, url, request, error);
      attempt++;
    }
  while (facts == NULL && ferry_trouble_is_gone (*error) && attempt < MAX_ATTEMPTS);

  return facts;
}

static char *
lookup (GVariant   *facts,
        const char *key)
{
  char *text;

  return g_variant_lookup (facts, key, "s", &text) ? text : g_strdup ("");
}

static char *
describe_size (GVariant *facts)
{
  gint64 size = -1;
  g_autofree char *words = NULL;

  (void) g_variant_lookup (facts, "size", "x", &size);    /* else it is unknown */
  if (size < 0)
    return g_strdup ("unknown");

  words = ferry_words_size (size);
  if (size < 1000)
    return g_steal_pointer (&words);

  return g_strdup_printf ("%s (%" G_GINT64_FORMAT " bytes)", words, size);
}

static void
print_facts (FerryConsole *console,
             const char   *url,
             GVariant     *answer,
             gboolean      first)
{
  g_auto(FerryFacts) facts = { NULL };
  g_autofree char *address = ferry_url_without_secrets (url);
  g_autofree char *current = lookup (answer, "current-url");
  g_autofree char *redirected = ferry_url_without_secrets (current);
  g_autofree char *text = NULL;
  gboolean resumable = FALSE;

  (void) g_variant_lookup (answer, "resumable", "b", &resumable);    /* else nobody knows */
  ferry_facts_init (&facts);
  ferry_facts_add (&facts, "Address", FERRY_PAINT_NONE, address);
  if (g_strcmp0 (address, redirected) != 0)
    ferry_facts_add (&facts, "Redirected to", FERRY_PAINT_NONE, redirected);
  ferry_facts_take (&facts, "Name", lookup (answer, "file-name"));
  ferry_facts_take (&facts, "Size", describe_size (answer));
  ferry_facts_take (&facts, "Type", lookup (answer, "mime-type"));
  ferry_facts_add (&facts, "Resumable", resumable ? FERRY_PAINT_GOOD : FERRY_PAINT_WAITING,
                   resumable ? "yes" : "no; after an interruption it begins anew");
  ferry_facts_take (&facts, "Version", lookup (answer, "validator"));

  if (!first)
    ferry_console_print (console, "\n");
  text = ferry_facts_format (&facts, console);
  ferry_console_print (console, text);
}

static void
add_json (JsonBuilder  *builder,
          const char   *url,
          GVariant     *answer,
          const GError *error)
{
  static const FerryJsonField fields[] = {
    { "current-url", FERRY_JSON_ADDRESS },
    { "file-name", FERRY_JSON_TEXT },
    { "size", FERRY_JSON_SIZE },
    { "mime-type", FERRY_JSON_TEXT },
    { "resumable", FERRY_JSON_FLAG },
    { "validator", FERRY_JSON_TEXT },
  };

  json_builder_begin_object (builder);
  ferry_json_add_address (builder, "url", url);
  ferry_json_add_error (builder, "error", error);
  ferry_json_add_fields (builder, answer, fields, G_N_ELEMENTS (fields));
  json_builder_end_object (builder);
}

/* What to do about it stands behind what it is. */
static void
complain (FerryConsole *console,
          const char   *url,
          const GError *error)
{
  static const struct
  {
    FerryError  code;
    const char *advice;
  } advices[] = {
    { FERRY_ERROR_CREDENTIALS, "; give one with --header='Authorization: …'" },
    { FERRY_ERROR_NETWORK, "; check the address and the network" },
    { FERRY_ERROR_TIMEOUT, "; try again later" },
    { FERRY_ERROR_SERVER, "; check the address" },
    { FERRY_ERROR_TRUST, "; ask whoever runs the server" },
    { FERRY_ERROR_LIMIT, "; try again when others have been answered" },
  };
  g_autofree char *address = ferry_url_for_log (url);
  g_autofree char *reason = ferry_trouble_explain (error);
  const char *advice = "";

  for (guint i = 0; i < G_N_ELEMENTS (advices); i++)
    {
      if (g_error_matches (error, FERRY_ERROR, (int) advices[i].code))
        advice = advices[i].advice;
    }

  ferry_trouble_complain (console, "probe", "%s: %s%s", address, reason, advice);
}

static FerryExit
probe_all (FerryConsole  *console,
           const Request *request)
{
  FerryExit status = FERRY_EXIT_DONE;
  g_autoptr(FerryClient) client = ferry_trouble_connect (console, "probe", &status);
  g_autoptr(JsonBuilder) builder = NULL;
  gboolean first = TRUE;

  if (client == NULL)
    return status;

  builder = ferry_json_begin ();
  json_builder_set_member_name (builder, "probes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < request->urls->len && status != FERRY_EXIT_NO_SERVICE; i++)
    {
      const char *url = g_ptr_array_index (request->urls, i);
      g_autoptr(GError) error = NULL;
      g_autoptr(GVariant) answer = ask (client, url, request, &error);

      add_json (builder, url, answer, error);
      if (answer == NULL)
        {
          complain (console, url, error);
          status = ferry_trouble_get_exit (error);
          continue;
        }
      if (!request->json)
        print_facts (console, url, answer, first);
      first = FALSE;
    }
  json_builder_end_array (builder);

  if (request->json && status != FERRY_EXIT_NO_SERVICE)
    {
      g_autofree char *text = ferry_json_end (builder, TRUE);

      ferry_console_write (console, text);
    }
  return status;
}

/* Names what is wrong with any of them, without what may be a password. */
static gboolean
check_urls (GPtrArray  *urls,
            GError    **error)
{
  if (urls->len == 0)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "no address is given");
      return FALSE;
    }

  for (guint i = 0; i < urls->len; i++)
    {
      g_autoptr(GUri) uri = ferry_url_parse (g_ptr_array_index (urls, i), error);

      if (uri != NULL && g_uri_get_userinfo (uri) != NULL)
        g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                             "it has a user or a password; leave them out, and give what the"
                             " server wants with --header='Authorization: …'");
      if (uri == NULL || g_uri_get_userinfo (uri) != NULL)
        {
          g_prefix_error (error, "address %u: ", i + 1);
          return FALSE;
        }
    }

  return TRUE;
}

static GVariant *
make_options (GPtrArray  *lines,
              GError    **error)
{
  g_autoptr(FerryHeaders) headers = ferry_headers_new (NULL);
  g_auto(GVariantDict) options = G_VARIANT_DICT_INIT (NULL);

  for (guint i = 0; i < lines->len; i++)
    {
      if (!ferry_headers_add_line (headers, g_ptr_array_index (lines, i), error))
        return NULL;
    }

  ferry_headers_put_into (headers, &options);
  return g_variant_ref_sink (g_variant_dict_end (&options));
}

FerryExit
ferry_probe (FerryConsole  *console,
             int            argc,
             char         **argv)
{
  g_autoptr(GPtrArray) headers = g_ptr_array_new ();
  gboolean json = FALSE;
  gboolean help_wanted = FALSE;
  const FerryOption table[] = {
    { "header", 0, NULL, NULL, headers },
    { "json", 0, NULL, &json, NULL },
    { "help", 'h', NULL, &help_wanted, NULL },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) urls = ferry_options_parse (table, G_N_ELEMENTS (table), argc, argv,
                                                   &error);
  g_autoptr(GVariant) options = NULL;

  if (urls == NULL)
    return ferry_trouble_refuse (console, "probe", error->message);
  if (help_wanted)
    {
      ferry_console_print (console, help);
      return FERRY_EXIT_DONE;
    }

  options = check_urls (urls, &error) ? make_options (headers, &error) : NULL;
  if (options == NULL)
    return ferry_trouble_refuse (console, "probe", error->message);

  return probe_all (console, &(Request) { urls, options, json });
}
