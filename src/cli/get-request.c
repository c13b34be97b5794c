/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-get-request"

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gio/gio.h>

#include "common/digest.h"
#include "common/url.h"
#include "get-request.h"
#include "options.h"
#include "trouble.h"
#include "words.h"

/* NAME_MAX of all file systems that matter, and the bus API's own limit. */
#define MAX_FILE_NAME 255

typedef struct
{
  const char *directory;
  const char *output;
  const char *digest;
  gboolean    help;
} Options;

static gboolean
fail (GError     **error,
      const char  *format,
      ...) G_GNUC_PRINTF (2, 3);

static gboolean
fail (GError     **error,
      const char  *format,
      ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error != NULL)
    *error = g_error_new_valist (G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, format, arguments);
  va_end (arguments);
  return FALSE;
}

/*
 * Names an address that cannot be read. What may be a password in it is not for a log that the
 * error stream goes to: then its place alone tells which it is.
 */
static void
complain_of_url (FerryConsole *console,
                 const char   *url,
                 guint         place,
                 const GError *error)
{
  g_autofree char *printable = ferry_words_printable (url);

  if (*url == '\0' || strlen (url) > 200 || strpbrk (url, "@?#=;") != NULL)
    ferry_trouble_complain (console, "get", "address %u: %s", place, error->message);
  else
    ferry_trouble_complain (console, "get", "address %u (%s): %s", place, printable,
                            error->message);
}

/* All are looked at, for all bad ones to be named at once. */
static gboolean
check_urls (FerryConsole *console,
            GPtrArray    *urls)
{
  gboolean sound = TRUE;

  for (guint i = 0; i < urls->len; i++)
    {
      const char *url = g_ptr_array_index (urls, i);
      g_autoptr(GError) error = NULL;
      g_autoptr(GUri) uri = ferry_url_parse (url, &error);

      if (uri != NULL)
        continue;
      complain_of_url (console, url, i + 1, error);
      sound = FALSE;
    }

  return sound;
}

/* “..” is where the folder really is: after a link, text alone cannot tell. */
static char *
make_absolute (const char *folder)
{
  g_auto(GStrv) parts = g_strsplit (folder, "/", -1);

  if (g_strv_contains ((const char *const *) parts, ".."))
    {
      char *resolved = realpath (folder, NULL);

      if (resolved != NULL)
        return resolved;
    }

  return g_canonicalize_filename (folder, NULL);
}

static char *
check_folder (const char  *folder,
              GError     **error)
{
  g_autofree char *path = make_absolute (folder);
  g_autofree char *name = ferry_words_printable (path);
  struct stat status;

  if (*folder == '\0')
    (void) fail (error, "the folder’s name is empty");
  else if (stat (path, &status) < 0)
    (void) fail (error, "the folder “%s” cannot be used: %s", name, g_strerror (errno));
  else if (!S_ISDIR (status.st_mode))
    (void) fail (error, "“%s” is not a folder", name);
  else if (access (path, W_OK | X_OK) < 0)
    (void) fail (error, "the folder “%s” cannot be written to: %s", name, g_strerror (errno));
  else if (!g_utf8_validate (path, -1, NULL))
    (void) fail (error, "the name of the folder “%s” is not valid UTF-8", name);
  else
    return g_steal_pointer (&path);

  return NULL;
}

/* Splits FILE into the folder, which is checked, and the name. */
static gboolean
check_output (const char    *output,
              char         **folder,
              const char   **file_name,
              GError       **error)
{
  const char *slash = strrchr (output, '/');
  const char *name = slash != NULL ? slash + 1 : output;
  g_autofree char *printable = ferry_words_printable (output);
  g_autofree char *before = NULL;

  if (strcmp (output, "-") == 0)
    return fail (error, "a transfer goes on when this program has ended, so that it cannot go to"
                 " the standard output; “./-” names a file");
  if (*name == '\0' || strcmp (name, ".") == 0 || strcmp (name, "..") == 0 ||
      g_file_test (output, G_FILE_TEST_IS_DIR))
    return fail (error, "“%s” is a folder, not a file; use -d for it", printable);
  if (strlen (name) > MAX_FILE_NAME)
    return fail (error, "the name of the file is longer than %d bytes", MAX_FILE_NAME);
  if (!g_utf8_validate (name, -1, NULL))
    return fail (error, "the name of the file “%s” is not valid UTF-8", printable);

  before = slash != NULL ? g_strndup (output, (gsize) (slash + 1 - output)) : g_strdup (".");
  *folder = check_folder (before, error);
  *file_name = name;
  return *folder != NULL;
}

static GVariant *
make_task_options (const Options  *options,
                   GError        **error)
{
  g_autofree char *folder = NULL;
  const char *file_name = NULL;
  FerryDigest digest;
  GVariantDict dict;

  if (options->digest != NULL && !ferry_digest_parse (options->digest, &digest, error))
    return NULL;

  if (options->output != NULL)
    (void) check_output (options->output, &folder, &file_name, error);
  else
    folder = check_folder (options->directory != NULL ? options->directory : ".", error);
  if (folder == NULL)
    return NULL;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "destination", "s", folder);
  g_variant_dict_insert (&dict, "start", "b", TRUE);
  if (file_name != NULL)
    {
      g_variant_dict_insert (&dict, "filename", "s", file_name);
      g_variant_dict_insert (&dict, "overwrite", "b", TRUE);
    }
  if (options->digest != NULL)
    g_variant_dict_insert (&dict, "digest", "s", options->digest);

  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static gboolean
check_combination (const Options  *options,
                   guint           n_urls,
                   GError        **error)
{
  if (n_urls == 0)
    return fail (error, "no address is given");
  if (options->directory != NULL && options->output != NULL)
    return fail (error, "-d and -o cannot be used together; -o takes a folder in its FILE");
  if (options->output != NULL && n_urls > 1)
    return fail (error, "-o names one file, but there are %u addresses; use -d", n_urls);
  if (options->digest != NULL && n_urls > 1)
    return fail (error, "--digest is that of one file, but there are %u addresses", n_urls);

  return TRUE;
}

/**
 * ferry_get_request_parse:
 * @console: where to complain
 * @argc: the number of arguments
 * @argv: the arguments, beginning with the verb
 *
 * Reads the arguments and checks all that can be checked before anything is begun.
 *
 * Returns: (nullable): what to do; %NULL after having said what is wrong
 */
FerryGetRequest *
ferry_get_request_parse (FerryConsole *console,
                         int           argc,
                         char        **argv)
{
  g_autoptr(FerryGetRequest) self = g_new0 (FerryGetRequest, 1);
  g_autoptr(GError) error = NULL;
  Options options = { NULL };
  const FerryOption table[] = {
    { "directory", 'd', &options.directory, NULL },
    { "output", 'o', &options.output, NULL },
    { "digest", 0, &options.digest, NULL },
    { "help", 'h', NULL, &options.help },
  };

  self->urls = ferry_options_parse (table, G_N_ELEMENTS (table), argc, argv, &error);
  self->help = options.help;
  if (self->urls != NULL && self->help)
    return g_steal_pointer (&self);

  if (self->urls == NULL || !check_combination (&options, self->urls->len, &error))
    {
      ferry_trouble_complain (console, "get", "%s (“ferry get --help” tells how to use it)",
                              error->message);
      return NULL;
    }

  if (!check_urls (console, self->urls))
    return NULL;

  self->options = make_task_options (&options, &error);
  if (self->options == NULL)
    {
      ferry_trouble_complain (console, "get", "%s", error->message);
      return NULL;
    }

  return g_steal_pointer (&self);
}

void
ferry_get_request_free (FerryGetRequest *self)
{
  g_clear_pointer (&self->urls, g_ptr_array_unref);
  g_clear_pointer (&self->options, g_variant_unref);
  g_free (self);
}
