/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-get-request"

#include "config.h"

#include <gio/gio.h>
#include <string.h>

#include "amount.h"
#include "common/digest.h"
#include "get-request.h"
#include "input-file.h"
#include "moment.h"
#include "options.h"
#include "target.h"
#include "trouble.h"
#include "words.h"

/* The options as they were given; NULL: not given. */
typedef struct
{
  const char *directory;
  const char *output;
  const char *digest;
  const char *limit;
  const char *priority;
  const char *at;
  const char *input;
  GPtrArray  *headers;  /* unowned; const char *, unowned */
  gboolean    help;
} Options;

/* What holds for all files. */
typedef struct
{
  FerryTarget   target;      /* owned; empty where no file needs it */
  FerryHeaders *headers;     /* owned */
  GVariant     *settings;    /* owned; a{sv}: the options that need no more looking at */
} Common;

/* Words for numbers that nobody remembers. */
static const struct
{
  const char *word;
  double      priority;
} priorities[] = {
  { "low", 0.25 },
  { "normal", 0.5 },
  { "high", 0.75 },
};

static void
common_clear (Common *self)
{
  ferry_target_clear (&self->target);
  g_clear_pointer (&self->headers, ferry_headers_free);
  g_clear_pointer (&self->settings, g_variant_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Common, common_clear)

static void
wish_free (gpointer data)
{
  FerryWish *self = data;

  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->place, g_free);
  g_clear_pointer (&self->options, g_variant_unref);
  g_free (self);
}

static gboolean
parse_priority (const char  *text,
                double      *priority,
                GError     **error)
{
  g_autofree char *printable = ferry_words_printable (text);
  char *end;

  for (guint i = 0; i < G_N_ELEMENTS (priorities); i++)
    {
      if (strcmp (priorities[i].word, text) != 0)
        continue;
      *priority = priorities[i].priority;
      return TRUE;
    }

  *priority = g_ascii_strtod (text, &end);
  if (g_ascii_isdigit (*text) && *end == '\0' && *priority >= 0 && *priority <= 1)
    return TRUE;

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "“%s” is no priority; it is low, normal, high or a number from 0 to 1, such as 0.8",
               printable);
  return FALSE;
}

static gboolean
read_settings (const Options  *options,
               GVariantDict   *settings,
               GError        **error)
{
  g_autoptr(GDateTime) now = g_date_time_new_now_local ();
  FerryDigest digest;
  guint64 limit;
  double priority;
  gint64 moment;

  if (options->digest != NULL)
    {
      if (!ferry_digest_parse (options->digest, &digest, error))
        return FALSE;
      g_variant_dict_insert (settings, "digest", "s", options->digest);
    }
  if (options->limit != NULL)
    {
      if (!ferry_amount_parse (options->limit, &limit, error))
        return FALSE;
      g_variant_dict_insert (settings, "download-limit", "t", limit);
    }
  if (options->priority != NULL)
    {
      if (!parse_priority (options->priority, &priority, error))
        return FALSE;
      g_variant_dict_insert (settings, "priority", "d", priority);
    }
  if (options->at != NULL)
    {
      if (!ferry_moment_parse (options->at, now, &moment, error))
        return FALSE;
      g_variant_dict_insert (settings, "not-before", "x", moment);
    }

  return TRUE;
}

static gboolean
read_common (const Options  *options,
             Common         *common,
             GError        **error)
{
  g_auto(GVariantDict) settings = G_VARIANT_DICT_INIT (NULL);

  common->headers = ferry_headers_new (NULL);
  for (guint i = 0; i < options->headers->len; i++)
    {
      if (!ferry_headers_add_line (common->headers, g_ptr_array_index (options->headers, i),
                                   error))
        return FALSE;
    }

  g_variant_dict_insert (&settings, "start", "b", TRUE);
  if (!read_settings (options, &settings, error))
    return FALSE;

  common->settings = g_variant_ref_sink (g_variant_dict_end (&settings));
  return TRUE;
}

static gboolean
check_combination (const Options  *options,
                   guint           n_files,
                   GError        **error)
{
  g_autofree char *input = options->input != NULL ? ferry_words_printable (options->input) : NULL;
  g_autofree char *message = NULL;

  if (options->directory != NULL && options->output != NULL)
    message = g_strdup ("-d and -o cannot be used together; -o takes a folder in its FILE");
  else if (n_files == 0 && input != NULL)
    message = g_strdup_printf ("no address is given, and none is in “%s”", input);
  else if (n_files == 0)
    message = g_strdup ("no address is given");
  else if (options->output != NULL && n_files > 1)
    message = g_strdup_printf ("-o names one file, but there are %u addresses; use -d", n_files);
  else if (options->digest != NULL && n_files > 1)
    message = g_strdup_printf ("--digest is that of one file, but there are %u addresses; in a"
                               " list for -i each can have its own", n_files);
  else
    return TRUE;

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, message);
  return FALSE;
}

/* The folder that the files go to which have none of their own. */
static gboolean
read_target (const Options  *options,
             Common         *common,
             GError        **error)
{
  if (options->output != NULL)
    return ferry_target_set_file (&common->target, options->output, error);

  return ferry_target_set_folder (&common->target,
                                  options->directory != NULL ? options->directory : ".", error);
}

static void
insert_target (GVariantDict      *options,
               const FerryTarget *target)
{
  g_variant_dict_insert (options, "destination", "s", target->folder);
  if (target->file_name != NULL)
    g_variant_dict_insert (options, "filename", "s", target->file_name);
}

/* Takes @place over. */
static void
add_wish (FerryGetRequest *self,
          const char      *url,
          char            *place,
          GVariantDict    *options)
{
  FerryWish *wish = g_new0 (FerryWish, 1);

  wish->url = g_strdup (url);
  wish->place = place;
  wish->options = g_variant_ref_sink (g_variant_dict_end (options));
  g_ptr_array_add (self->wishes, wish);
}

/*
 * Names an address that cannot be read. What may be a password in it is not for a log that the
 * error stream goes to: then its place alone tells which it is.
 */
static char *
describe_bad_url (const char   *url,
                  guint         place,
                  const GError *error)
{
  g_autofree char *printable = ferry_words_printable (url);

  if (*url == '\0' || strlen (url) > 200 || strpbrk (url, "@?#=;") != NULL)
    return g_strdup_printf ("address %u: %s", place, error->message);

  return g_strdup_printf ("address %u (%s): %s", place, printable, error->message);
}

/* The addresses of the command line. */
static void
add_arguments (FerryGetRequest *self,
               GPtrArray       *urls,
               const Common    *common,
               GPtrArray       *problems)
{
  for (guint i = 0; i < urls->len; i++)
    {
      const char *url = g_ptr_array_index (urls, i);
      g_auto(GVariantDict) options = G_VARIANT_DICT_INIT (common->settings);
      g_autoptr(GError) error = NULL;

      if (!ferry_input_check_url (url, &error))
        {
          g_ptr_array_add (problems, describe_bad_url (url, i + 1, error));
          continue;
        }

      insert_target (&options, &common->target);
      if (common->target.file_name != NULL)
        g_variant_dict_insert (&options, "overwrite", "b", TRUE);
      ferry_headers_put_into (common->headers, &options);
      add_wish (self, url, g_strdup_printf ("address %u", i + 1), &options);
    }
}

/* A file of a list is not replaced unasked: as in aria2, the new one gets a number. */
static gboolean
find_target (const FerryInputEntry  *entry,
             const Common           *common,
             FerryTarget            *target,
             GError                **error)
{
  const char *folder = entry->directory != NULL ? entry->directory : common->target.folder;
  g_autofree char *file = NULL;

  if (entry->out == NULL)
    return ferry_target_set_folder (target, folder, error);

  file = g_build_filename (folder, entry->out, NULL);
  return ferry_target_set_file (target, file, error);
}

static void
add_entry (FerryGetRequest       *self,
           const FerryInputEntry *entry,
           const Common          *common,
           const char            *list,
           GPtrArray             *problems)
{
  g_auto(GVariantDict) options = G_VARIANT_DICT_INIT (common->settings);
  g_auto(FerryTarget) target = { NULL };
  g_autoptr(GError) error = NULL;
  gboolean is_common = entry->out == NULL && entry->directory == NULL;

  if (!is_common && !find_target (entry, common, &target, &error))
    {
      g_ptr_array_add (problems, g_strdup_printf ("%s:%u: %s", list, entry->target_line,
                                                  error->message));
      return;
    }

  insert_target (&options, is_common ? &common->target : &target);
  if (is_common && common->target.file_name != NULL)
    g_variant_dict_insert (&options, "overwrite", "b", TRUE);
  if (entry->digest != NULL)
    g_variant_dict_insert (&options, "digest", "s", entry->digest);
  if (entry->referrer != NULL)
    g_variant_dict_insert (&options, "referrer", "s", entry->referrer);
  ferry_headers_put_into (entry->headers, &options);
  add_wish (self, entry->url, g_strdup_printf ("%s:%u", list, entry->line), &options);
}

/* Says once, of the first of them, that mirrors are not used. */
static void
tell_of_mirrors (FerryConsole *console,
                 const char   *verb,
                 const char   *list,
                 GPtrArray    *entries)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const FerryInputEntry *entry = g_ptr_array_index (entries, i);

      if (!entry->has_mirrors)
        continue;
      ferry_trouble_complain (console, verb, "%s:%u: of several addresses of one file only the"
                              " first is used", list, entry->line);
      return;
    }
}

static gboolean
needs_common_target (GPtrArray *urls,
                     GPtrArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const FerryInputEntry *entry = g_ptr_array_index (entries, i);

      if (entry->directory == NULL)
        return TRUE;
    }

  return urls->len > 0;
}

/* Returns: (transfer full): FerryInputEntry; none where there is no list */
static GPtrArray *
read_list (const Options  *options,
           const char     *list,
           const Common   *common,
           GPtrArray      *problems,
           GError        **error)
{
  g_autofree char *text = NULL;

  if (options->input == NULL)
    return g_ptr_array_new ();

  text = ferry_input_file_read (options->input, error);
  if (text == NULL)
    {
      g_prefix_error (error, "the list “%s” cannot be read: ", list);
      return NULL;
    }

  return ferry_input_file_parse (text, list, common->headers, problems);
}

/* FALSE with @error, or after having said what is wrong. */
static gboolean
read_wishes (FerryGetRequest  *self,
             const Options    *options,
             GPtrArray        *urls,
             FerryConsole     *console,
             const char       *verb,
             GError          **error)
{
  g_auto(Common) common = { { NULL } };
  g_autofree char *list = NULL;
  g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GPtrArray) entries = NULL;
  g_autoptr(GError) misuse = NULL;

  list = g_strcmp0 (options->input, "-") == 0 ? g_strdup ("standard input")
       : ferry_words_printable (options->input != NULL ? options->input : "");
  if (!read_common (options, &common, error))
    return FALSE;
  entries = read_list (options, list, &common, problems, error);
  if (entries == NULL)
    return FALSE;
  if (!check_combination (options, urls->len + entries->len, &misuse))
    {
      (void) ferry_trouble_refuse (console, verb, misuse->message);    /* it is we who say so */
      return FALSE;
    }
  if (needs_common_target (urls, entries) && !read_target (options, &common, error))
    return FALSE;

  add_arguments (self, urls, &common, problems);
  for (guint i = 0; i < entries->len; i++)
    add_entry (self, g_ptr_array_index (entries, i), &common, list, problems);

  for (guint i = 0; i < problems->len; i++)
    ferry_trouble_complain (console, verb, "%s", (char *) g_ptr_array_index (problems, i));
  if (problems->len > 0)
    return FALSE;

  tell_of_mirrors (console, verb, list, entries);
  return TRUE;
}

/**
 * ferry_get_request_parse:
 * @console: where to complain
 * @verb: the verb
 * @argc: the number of arguments
 * @argv: the arguments, beginning with the verb
 *
 * Reads the arguments, and the list of -i, and checks all that can be checked before anything is
 * begun.
 *
 * Returns: (nullable): what to do; %NULL after having said what is wrong
 */
FerryGetRequest *
ferry_get_request_parse (FerryConsole *console,
                         const char   *verb,
                         int           argc,
                         char        **argv)
{
  g_autoptr(FerryGetRequest) self = g_new0 (FerryGetRequest, 1);
  g_autoptr(GPtrArray) headers = g_ptr_array_new ();
  g_autoptr(GPtrArray) urls = NULL;
  g_autoptr(GError) error = NULL;
  Options options = { .headers = headers };
  const FerryOption table[] = {
    { "at", 0, &options.at, NULL, NULL },
    { "digest", 0, &options.digest, NULL, NULL },
    { "directory", 'd', &options.directory, NULL, NULL },
    { "header", 'H', NULL, NULL, headers },
    { "help", 'h', NULL, &options.help, NULL },
    { "input", 'i', &options.input, NULL, NULL },
    { "limit", 0, &options.limit, NULL, NULL },
    { "output", 'o', &options.output, NULL, NULL },
    { "priority", 0, &options.priority, NULL, NULL },
  };

  self->wishes = g_ptr_array_new_with_free_func (wish_free);
  urls = ferry_options_parse (table, G_N_ELEMENTS (table), argc, argv, &error);
  if (urls == NULL)
    {
      (void) ferry_trouble_refuse (console, verb, error->message);    /* it is NULL that tells */
      return NULL;
    }

  self->help = options.help;
  if (self->help || read_wishes (self, &options, urls, console, verb, &error))
    return g_steal_pointer (&self);

  if (error != NULL)
    ferry_trouble_complain (console, verb, "%s", error->message);
  return NULL;
}

void
ferry_get_request_free (FerryGetRequest *self)
{
  g_clear_pointer (&self->wishes, g_ptr_array_unref);
  g_free (self);
}
