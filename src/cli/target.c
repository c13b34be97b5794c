/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-target"

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "target.h"
#include "words.h"

/* NAME_MAX of all file systems that matter, and the bus API's own limit. */
#define MAX_FILE_NAME 255

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
    (void) fail (error, "the folder’s name is empty; “.” is the one you are in");
  else if (stat (path, &status) < 0)
    (void) fail (error, "the folder “%s” cannot be used: %s; make it first, or name another", name,
                 g_strerror (errno));
  else if (!S_ISDIR (status.st_mode))
    (void) fail (error, "“%s” is not a folder; name another", name);
  else if (access (path, W_OK | X_OK) < 0)
    (void) fail (error, "the folder “%s” cannot be written to: %s; name another", name,
                 g_strerror (errno));
  else if (!g_utf8_validate (path, -1, NULL))
    (void) fail (error, "the name of the folder “%s” is not valid UTF-8; name another", name);
  else
    return g_steal_pointer (&path);

  return NULL;
}

/**
 * ferry_target_set_folder:
 * @self: a target
 * @folder: a folder, as a person names it
 * @error: why it cannot take a file
 *
 * Returns: whether it is taken
 */
gboolean
ferry_target_set_folder (FerryTarget  *self,
                         const char   *folder,
                         GError      **error)
{
  g_autofree char *path = check_folder (folder, error);

  if (path == NULL)
    return FALSE;

  g_clear_pointer (&self->folder, g_free);
  self->folder = g_steal_pointer (&path);
  return TRUE;
}

/**
 * ferry_target_set_file:
 * @self: a target
 * @file: a file, with or without its folder, as a person names it
 * @error: why it cannot be written
 *
 * Returns: whether it is taken
 */
gboolean
ferry_target_set_file (FerryTarget  *self,
                       const char   *file,
                       GError      **error)
{
  const char *slash = strrchr (file, '/');
  const char *name = slash != NULL ? slash + 1 : file;
  g_autofree char *printable = ferry_words_printable (file);
  g_autofree char *before = NULL;

  if (strcmp (file, "-") == 0)
    return fail (error, "a transfer goes on when this program has ended, so that it cannot go to"
                 " the standard output; “./-” names a file");
  if (*name == '\0' || strcmp (name, ".") == 0 || strcmp (name, "..") == 0 ||
      g_file_test (file, G_FILE_TEST_IS_DIR))
    return fail (error, "“%s” is a folder, not a file; use -d for it", printable);
  if (strlen (name) > MAX_FILE_NAME)
    return fail (error, "the name of the file is longer than %d bytes; shorten it", MAX_FILE_NAME);
  if (!g_utf8_validate (name, -1, NULL))
    return fail (error, "the name of the file “%s” is not valid UTF-8; choose another", printable);

  before = slash != NULL ? g_strndup (file, (gsize) (slash + 1 - file)) : g_strdup (".");
  if (!ferry_target_set_folder (self, before, error))
    return FALSE;

  g_clear_pointer (&self->file_name, g_free);
  self->file_name = g_strdup (name);
  return TRUE;
}

void
ferry_target_clear (FerryTarget *self)
{
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->file_name, g_free);
}
