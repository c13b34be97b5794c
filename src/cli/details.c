/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-details"

#include "config.h"

#include "common/url.h"
#include "describe.h"
#include "details.h"
#include "facts.h"
#include "words.h"

#define NUMBER "%" G_GUINT64_FORMAT

static FerryPaint
get_paint (FerryTask *task)
{
  if (ferry_task_needs_person (task))
    return FERRY_PAINT_BAD;

  switch (ferry_task_get_state (task))
    {
    case FERRY_TASK_STATE_WAITING:
      return FERRY_PAINT_WAITING;
    case FERRY_TASK_STATE_RUNNING:
      return FERRY_PAINT_MOVING;
    case FERRY_TASK_STATE_FINISHED:
      return FERRY_PAINT_GOOD;
    case FERRY_TASK_STATE_FAILED:
      return FERRY_PAINT_BAD;
    case FERRY_TASK_STATE_SUSPENDED:
    case FERRY_TASK_STATE_CANCELLED:
    default:
      return FERRY_PAINT_NONE;
    }
}

static void
add_state (FerryFacts *facts,
           FerryTask  *task)
{
  g_autofree char *described = ferry_describe_state (task);
  g_autofree char *state = NULL;

  if (ferry_task_get_state (task) != FERRY_TASK_STATE_RUNNING)
    state = g_steal_pointer (&described);
  else
    state = g_strconcat ("running", *described != '\0' ? ": " : "", described, NULL);

  ferry_facts_add (facts, "State", get_paint (task), state);
  if (ferry_task_get_state (task) == FERRY_TASK_STATE_FAILED || ferry_task_needs_person (task))
    ferry_facts_take (facts, "Error", ferry_describe_error (task));
}

/* What a person can do for it to go on; NULL: nothing is needed. */
static char *
advise (FerryTask *task)
{
  guint64 number = ferry_task_get_number (task);

  if (ferry_task_get_state (task) == FERRY_TASK_STATE_SUSPENDED)
    return g_strdup_printf ("“ferry resume " NUMBER "” lets it go on", number);
  if (ferry_task_get_state (task) == FERRY_TASK_STATE_FAILED)
    return g_strdup_printf ("“ferry resume " NUMBER "” tries again", number);
  if (ferry_task_get_state (task) != FERRY_TASK_STATE_WAITING)
    return NULL;

  switch ((guint) ferry_task_get_reason (task))
    {
    case FERRY_WAIT_REASON_NEW_URL:
      return g_strdup_printf ("“ferry set-url " NUMBER " ADDRESS” gives it a new address", number);
    case FERRY_WAIT_REASON_CREDENTIALS:
      return g_strdup ("“ferry get --header 'Authorization: …' ADDRESS” fetches it with a sign-in");
    case FERRY_WAIT_REASON_TRUST:
      return g_strdup_printf ("ask whoever runs the server; when its certificate is mended, “ferry"
                              " resume " NUMBER "” tries again", number);
    case FERRY_WAIT_REASON_DISK_FULL:
      return g_strdup ("make room on the disk; it then goes on by itself");
    case FERRY_WAIT_REASON_CAPTIVE_PORTAL:
      return g_strdup ("sign in to the network with a browser; it then goes on by itself");
    default:
      return NULL;
    }
}

/* In full, but for user and password: its query may be what tells one file from another. */
static char *
clean (const char *url)
{
  return url != NULL && *url != '\0' ? ferry_url_without_secrets (url) : NULL;
}

static void
add_addresses (FerryFacts *facts,
               FerryTask  *task,
               GVariant   *properties)
{
  g_autofree char *address = clean (ferry_task_get_url (task));
  g_autofree char *redirected = NULL;
  g_autofree char *referrer = NULL;
  g_autoptr(GVariant) options = g_variant_lookup_value (properties, "Options",
                                                        G_VARIANT_TYPE_VARDICT);
  const char *url;

  ferry_facts_add (facts, "Address", FERRY_PAINT_NONE, address);
  if (g_variant_lookup (properties, "CurrentUrl", "&s", &url))
    redirected = clean (url);
  if (g_strcmp0 (address, redirected) != 0)
    ferry_facts_add (facts, "Redirected to", FERRY_PAINT_NONE, redirected);
  if (options != NULL && g_variant_lookup (options, "referrer", "&s", &url))
    referrer = clean (url);
  ferry_facts_add (facts, "Referrer", FERRY_PAINT_NONE, referrer);
}

/* The names alone: what is not declared a secret may be one all the same. */
static void
add_header_names (FerryFacts *facts,
                  GVariant   *properties)
{
  g_autoptr(GVariant) options = g_variant_lookup_value (properties, "Options",
                                                        G_VARIANT_TYPE_VARDICT);
  g_autoptr(GVariant) headers = NULL;
  g_autoptr(GString) names = g_string_new (NULL);
  GVariantIter iter;
  const char *name;

  if (options != NULL)
    headers = g_variant_lookup_value (options, "headers", G_VARIANT_TYPE ("a{ss}"));
  if (headers == NULL)
    return;

  g_variant_iter_init (&iter, headers);
  while (g_variant_iter_next (&iter, "{&s&s}", &name, NULL))
    g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
  ferry_facts_add (facts, "Headers", FERRY_PAINT_NONE, names->str);
}

static char *
describe_size (gint64 bytes)
{
  g_autofree char *size = ferry_words_size (bytes);

  if (bytes < 1000)
    return g_steal_pointer (&size);

  return g_strdup_printf ("%s (%" G_GINT64_FORMAT " bytes)", size, bytes);
}

static char *
describe_rate (FerryTask *task)
{
  guint64 rate = ferry_task_get_rate (task);
  gint64 left = ferry_task_get_bytes_expected_to_receive (task)
                - ferry_task_get_bytes_received (task);
  g_autofree char *words = ferry_words_rate (rate);
  g_autofree char *duration = NULL;

  if (rate == 0)
    return NULL;
  if (ferry_task_get_bytes_expected_to_receive (task) < 0 || left < 0)
    return g_steal_pointer (&words);

  duration = ferry_words_duration ((guint64) left / rate);
  return g_strdup_printf ("%s, %s left", words, duration);
}

static void
add_bytes (FerryFacts *facts,
           FerryTask  *task)
{
  gint64 received = ferry_task_get_bytes_received (task);
  gint64 expected = ferry_task_get_bytes_expected_to_receive (task);
  gboolean finished = ferry_task_get_state (task) == FERRY_TASK_STATE_FINISHED;
  int percent = ferry_describe_percent (task);
  g_autofree char *here = describe_size (received);

  if (finished || expected < 0)
    ferry_facts_add (facts, "Size", FERRY_PAINT_NONE, finished ? here : "unknown");
  else
    ferry_facts_take (facts, "Size", describe_size (expected));
  if (finished)
    return;

  if (percent >= 0)
    ferry_facts_take (facts, "Received", g_strdup_printf ("%s, %d%%", here, percent));
  else
    ferry_facts_add (facts, "Received", FERRY_PAINT_NONE, here);
  ferry_facts_take (facts, "Rate", describe_rate (task));
}

static void
add_file (FerryFacts *facts,
          FerryTask  *task,
          GVariant   *properties)
{
  g_autoptr(GVariant) options = g_variant_lookup_value (properties, "Options",
                                                        G_VARIANT_TYPE_VARDICT);
  g_autoptr(GVariant) response = g_variant_lookup_value (properties, "Response",
                                                         G_VARIANT_TYPE_VARDICT);
  gboolean finished = ferry_task_get_state (task) == FERRY_TASK_STATE_FINISHED;
  gboolean verified = TRUE;
  const char *text = NULL;

  ferry_facts_add (facts, finished ? "File" : "Part file", FERRY_PAINT_NONE,
                   ferry_task_get_path (task));
  if (!finished && options != NULL && g_variant_lookup (options, "destination", "&s", &text))
    ferry_facts_add (facts, "Folder", FERRY_PAINT_NONE, text);
  add_bytes (facts, task);
  if (response != NULL && g_variant_lookup (response, "mime-type", "&s", &text))
    ferry_facts_add (facts, "Type", FERRY_PAINT_NONE, text);
  if (response != NULL)
    (void) g_variant_lookup (response, "length-verified", "b", &verified);  /* or it is not over */
  if (!verified)
    ferry_facts_add (facts, "Length", FERRY_PAINT_WAITING,
                     "the server did not say how long it is, so that it may be incomplete");
}

static void
add_digest (FerryFacts *facts,
            FerryTask  *task)
{
  GVariant *digest = ferry_task_get_digest (task);
  const char *algorithm = "";
  const char *value = "";
  gboolean verified = FALSE;
  gboolean weak = FALSE;

  if (digest == NULL || g_variant_n_children (digest) == 0)
    return;

  /* What is not there is unknown. */
  (void) g_variant_lookup (digest, "algorithm", "&s", &algorithm);
  (void) g_variant_lookup (digest, "value", "&s", &value);
  (void) g_variant_lookup (digest, "verified", "b", &verified);
  (void) g_variant_lookup (digest, "weak", "b", &weak);
  ferry_facts_take (facts, "Digest",
                    g_strdup_printf ("%s %s, %s%s", algorithm, value,
                                     verified ? "verified" : "not compared",
                                     weak ? " (weak: another file can be made to have it)" : ""));
}

/* @time: Unix µs. NULL: 0, which is none */
static char *
describe_time (gint64      time,
               const char *format)
{
  g_autoptr(GDateTime) date = NULL;

  if (time > 0)
    date = g_date_time_new_from_unix_local (time / G_USEC_PER_SEC);

  return date != NULL ? g_date_time_format (date, format) : NULL;
}

static void
add_time (FerryFacts *facts,
          const char *label,
          gint64      time,
          const char *remark)
{
  g_autofree char *text = describe_time (time, "%Y-%m-%d %H:%M:%S");

  if (text != NULL)
    ferry_facts_take (facts, label, g_strconcat (text, remark, NULL));
}

static void
add_settings (FerryFacts *facts,
              FerryTask  *task)
{
  guint64 limit = ferry_task_get_download_limit (task);

  ferry_facts_take (facts, "Priority", g_strdup_printf ("%g", ferry_task_get_priority (task)));
  ferry_facts_take (facts, "Limit", limit > 0 ? ferry_words_rate (limit) : g_strdup ("none"));
  add_time (facts, "Not before", ferry_task_get_not_before (task), "");
  ferry_facts_add (facts, "Description", FERRY_PAINT_NONE, ferry_task_get_description (task));
}

static void
add_history (FerryFacts *facts,
             FerryTask  *task)
{
  static const char *const ends[FERRY_N_TASK_STATES] = {
    [FERRY_TASK_STATE_FINISHED] = "Finished",
    [FERRY_TASK_STATE_FAILED] = "Failed",
    [FERRY_TASK_STATE_CANCELLED] = "Cancelled",
  };
  const char *end = ends[ferry_task_get_state (task)];

  add_time (facts, "Created", ferry_task_get_created (task), "");
  add_time (facts, "Started over", ferry_task_get_started_over (task),
            ", as the file on the server had changed");
  add_time (facts, "Next try", ferry_task_get_retry_at (task), "");
  if (end != NULL)
    add_time (facts, end, ferry_task_get_finished (task), "");
}

/* How it was proven that bytes that were kept are of the same file; NULL: none were */
static const char *
find_basis (GVariant *exchange)
{
  static const struct
  {
    const char *word;
    const char *text;
  } bases[] = {
    { "etag", "goes on, proven by its ETag" },
    { "date", "goes on, proven by its date" },
    { "overlap", "goes on, as 64 KiB that were fetched twice agree" },
  };
  const char *word;

  if (!g_variant_lookup (exchange, "resume-basis", "&s", &word))
    return NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bases); i++)
    {
      if (g_str_equal (bases[i].word, word))
        return bases[i].text;
    }

  return NULL;
}

/* @duration: µs */
static char *
describe_duration (guint64 duration)
{
  if (duration < G_USEC_PER_SEC)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " ms", duration / 1000);

  return g_strdup_printf ("%.1f s", (double) duration / G_USEC_PER_SEC);
}

static char *
describe_exchange (GVariant *exchange)
{
  g_autoptr(GString) line = g_string_new (NULL);
  g_autofree char *began = NULL;
  g_autofree char *size = NULL;
  g_autofree char *took = NULL;
  g_autofree char *address = NULL;
  const char *basis = find_basis (exchange);
  const char *url = "";
  gint64 started = 0;
  guint32 status = 0;
  guint64 bytes = 0;
  guint64 duration = 0;

  /* What is not there is unknown. */
  (void) g_variant_lookup (exchange, "url", "&s", &url);
  (void) g_variant_lookup (exchange, "started", "x", &started);
  (void) g_variant_lookup (exchange, "status", "u", &status);
  (void) g_variant_lookup (exchange, "body-bytes", "t", &bytes);
  (void) g_variant_lookup (exchange, "duration", "t", &duration);

  began = describe_time (started, "%H:%M:%S");
  size = ferry_words_size ((gint64) MIN (bytes, G_MAXINT64));
  took = describe_duration (duration);
  address = clean (url);
  if (began != NULL)
    g_string_append_printf (line, "%s ", began);
  if (status != 0)
    g_string_append_printf (line, "%u, ", status);
  else
    g_string_append (line, "no answer, ");
  g_string_append_printf (line, "%s in %s, ", size, took);
  if (basis != NULL)
    g_string_append_printf (line, "%s, ", basis);
  g_string_append (line, address != NULL ? address : "(unknown address)");
  return g_string_free (g_steal_pointer (&line), FALSE);
}

static void
add_exchanges (FerryFacts *facts,
               GVariant   *properties)
{
  g_autoptr(GVariant) exchanges = g_variant_lookup_value (properties, "Metrics",
                                                          G_VARIANT_TYPE ("aa{sv}"));

  for (gsize i = 0; exchanges != NULL && i < g_variant_n_children (exchanges); i++)
    {
      g_autoptr(GVariant) exchange = g_variant_get_child_value (exchanges, i);

      ferry_facts_take (facts, "Exchange", describe_exchange (exchange));
    }
}

/**
 * ferry_details_format:
 * @task: a task
 * @properties: all of its properties
 * @console: the console
 *
 * Returns: all there is to know of it that a person would ask for, a line each
 */
char *
ferry_details_format (FerryTask    *task,
                      GVariant     *properties,
                      FerryConsole *console)
{
  g_auto(FerryFacts) facts = { NULL };
  g_autofree char *name = ferry_describe_name (task);

  ferry_facts_init (&facts);
  ferry_facts_take (&facts, "Number", g_strdup_printf (NUMBER, ferry_task_get_number (task)));
  ferry_facts_add (&facts, "Name", FERRY_PAINT_BOLD, name);
  add_state (&facts, task);
  ferry_facts_take (&facts, "To do", advise (task));
  add_addresses (&facts, task, properties);
  add_header_names (&facts, properties);
  add_file (&facts, task, properties);
  add_digest (&facts, task);
  add_settings (&facts, task);
  add_history (&facts, task);
  ferry_facts_take (&facts, "Session",
                    g_strdup_printf (NUMBER, ferry_task_get_session_number (task)));
  add_exchanges (&facts, properties);
  return ferry_facts_format (&facts, console);
}
