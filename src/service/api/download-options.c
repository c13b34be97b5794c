/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferryd-download-options"

#include "config.h"

#include <string.h>

#include "api/download-options.h"
#include "api/options.h"
#include "common/digest.h"
#include "common/error.h"
#include "common/file-name.h"
#include "common/url.h"

/* The first three are those of `SetDestination`; an heir has its folder from whom it inherits. */
static const FerrydOption download_keys[] = {
  { "destination", "s" },
  { "filename", "s" },
  { "overwrite", "b" },
  { "start", "b" },
  { "priority", "d" },
  { "description", "s" },
  { "headers", "a{ss}" },
  { "secret-headers", "a{ss}" },
  { "referrer", "s" },
  { "digest", "s" },
  { "not-before", "x" },
  { "download-limit", "t" },
  { "expected-size", "x" },
  { "request-timeout", "u" },
};

#define N_DESTINATION_KEYS 3
#define HEIR_KEYS (download_keys + 1)
#define N_HEIR_KEYS (G_N_ELEMENTS (download_keys) - 1)

/* The longest name that any file system takes; the engine cuts to what the folder's does. */
#define MAX_FILE_NAME 255

#define MAX_DESCRIPTION 4096

/* As for a session. */
#define LONGEST_REQUEST_TIMEOUT_S (24 * 60 * 60)

static gboolean
refuse (const char  *key,
        const char  *problem,
        GError     **error)
{
  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION, "“%s”: %s", key, problem);
  return FALSE;
}

gboolean
ferryd_download_options_check_url (const char  *url,
                                   GError     **error)
{
  g_autoptr(GUri) uri = ferry_url_parse (url, error);

  if (uri == NULL)
    return FALSE;
  if (g_uri_get_userinfo (uri) == NULL)
    return TRUE;

  g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_URL,
               "The address of “%s” holds a user name or password, which cannot be kept safe yet",
               g_uri_get_host (uri));
  return FALSE;
}

gboolean
ferryd_download_options_check_description (const char  *description,
                                           GError     **error)
{
  return strlen (description) <= MAX_DESCRIPTION ||
         refuse ("description", "it is longer than 4096 bytes", error);
}

gboolean
ferryd_download_options_check_priority (double    priority,
                                        GError  **error)
{
  /* No comparison holds for what is not a number. */
  return (priority >= 0 && priority <= 1) ||
         refuse ("priority", "it must be a number from 0 to 1", error);
}

/* A caller may want a hidden file, but none whose name is shown as another. */
static gboolean
is_plain_name (const char *name)
{
  g_autofree char *shown = g_strconcat ("a", name, "a", NULL);
  g_autofree char *clean = ferry_file_name_clean (shown);

  return g_strcmp0 (clean, shown) == 0;
}

/* @file_name: (inout): stays as it is where none is given */
static gboolean
read_file_name (GVariantDict  *options,
                char         **file_name,
                GError       **error)
{
  const char *name;
  const char *problem = NULL;

  if (!g_variant_dict_lookup (options, "filename", "&s", &name))
    return TRUE;

  if (*name == '\0')
    problem = "is empty";
  else if (strlen (name) > MAX_FILE_NAME)
    problem = "is longer than 255 bytes";
  else if (strchr (name, '/') != NULL || g_str_equal (name, ".") || g_str_equal (name, ".."))
    problem = "is a path";
  for (const char *c = name; *c != '\0' && problem == NULL; c = g_utf8_next_char (c))
    {
      if (g_unichar_iscntrl (g_utf8_get_char (c)))
        problem = "has control characters";
    }

  if (problem == NULL && !is_plain_name (name))
    problem = "has characters that no file name should have";

  if (problem != NULL)
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION, "“filename”: “%s” %s", name,
                   problem);
      return FALSE;
    }

  g_clear_pointer (file_name, g_free);
  *file_name = g_strdup (name);
  return TRUE;
}

/* @folder: (inout): stays as it is where none is given */
static gboolean
read_folder (GVariantDict  *options,
             char         **folder,
             GError       **error)
{
  const char *path;

  if (!g_variant_dict_lookup (options, "destination", "&s", &path))
    return TRUE;

  if (!g_path_is_absolute (path))
    {
      g_set_error (error, FERRY_ERROR, FERRY_ERROR_INVALID_OPTION,
                   "“destination”: “%s” is no absolute path", path);
      return FALSE;
    }

  g_clear_pointer (folder, g_free);
  *folder = g_canonicalize_filename (path, NULL);
  return TRUE;
}

static char *
get_default_folder (const FerrydConfiguration *configuration)
{
  const char *downloads = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);

  if (configuration->destination != NULL)
    return g_canonicalize_filename (configuration->destination, NULL);

  return g_strdup (downloads != NULL ? downloads : g_get_home_dir ());
}

static gboolean
check_digest (GVariantDict  *options,
              GError       **error)
{
  FerryDigest digest;
  const char *text;

  if (!g_variant_dict_lookup (options, "digest", "&s", &text) ||
      ferry_digest_parse (text, &digest, error))
    return TRUE;

  g_prefix_error (error, "“digest”: ");
  return FALSE;
}

/* What is not there stays as the row has it, or is 0, which is legal or not there. */
static gboolean
read_values (FerrydTaskRow  *row,
             GVariantDict   *options,
             GError        **error)
{
  const char *description = NULL;
  gint64 not_before = 0;
  gint64 expected_size = 0;
  guint request_timeout = 1;

  (void) g_variant_dict_lookup (options, "priority", "d", &row->priority);
  (void) g_variant_dict_lookup (options, "download-limit", "t", &row->download_limit);
  (void) g_variant_dict_lookup (options, "description", "&s", &description);
  (void) g_variant_dict_lookup (options, "not-before", "x", &not_before);
  (void) g_variant_dict_lookup (options, "expected-size", "x", &expected_size);
  (void) g_variant_dict_lookup (options, "request-timeout", "u", &request_timeout);

  if (not_before < 0)
    return refuse ("not-before", "it must not be below 0", error);
  if (expected_size < 0)
    return refuse ("expected-size", "it must not be below 0", error);
  if (request_timeout == 0 || request_timeout > LONGEST_REQUEST_TIMEOUT_S)
    return refuse ("request-timeout", "it must be 1 to 86400 seconds", error);
  if (!ferryd_download_options_check_priority (row->priority, error))
    return FALSE;

  if (description != NULL)
    {
      if (!ferryd_download_options_check_description (description, error))
        return FALSE;
      g_clear_pointer (&row->description, g_free);
      row->description = g_strdup (description);
    }

  return TRUE;
}

/* Puts what @options holds, and whose keys have been checked, into @row. */
static gboolean
apply (FerrydTaskRow  *row,
       GVariantDict   *options,
       GVariant      **secrets,
       GError        **error)
{
  gboolean start = FALSE;

  if (!ferryd_options_check_headers (options, error) ||
      !ferryd_options_check_referrer (options, error) || !check_digest (options, error) ||
      !read_values (row, options, error) ||
      !read_file_name (options, &row->kept->file_name, error))
    return FALSE;

  (void) g_variant_dict_lookup (options, "start", "b", &start);  /* else it is not to start */
  row->created = g_get_real_time ();
  row->status.state = start ? FERRY_TASK_STATE_WAITING : FERRY_TASK_STATE_SUSPENDED;
  row->status.reason = start ? FERRY_WAIT_REASON_QUEUE : FERRY_WAIT_REASON_NONE;
  row->status.clock_since = start ? row->created : 0;

  *secrets = ferryd_options_get_secrets (options);
  if (*secrets != NULL)
    {
      g_clear_pointer (&row->secret_names, g_variant_unref);
      row->secret_names = ferryd_options_name_secrets (*secrets);
      if (row->secret_names == NULL)
        g_clear_pointer (secrets, g_variant_unref);
    }

  return TRUE;
}

FerrydTaskRow *
ferryd_download_options_read (const char                 *url,
                              GVariant                   *options,
                              const FerrydConfiguration  *configuration,
                              GVariant                  **secrets,
                              GError                    **error)
{
  g_autoptr(FerrydTaskRow) row = ferryd_task_row_new ();
  g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT (options);

  if (!ferryd_download_options_check_url (url, error) ||
      !ferryd_options_check (options, download_keys, G_N_ELEMENTS (download_keys), error) ||
      !read_folder (&dict, &row->folder, error) || !apply (row, &dict, secrets, error))
    return NULL;

  row->kind = FERRY_TASK_KIND_DOWNLOAD;
  row->url = g_strdup (url);
  row->options = ferryd_options_keep (NULL, options, NULL);
  if (row->folder == NULL)
    row->folder = get_default_folder (configuration);
  return g_steal_pointer (&row);
}

FerrydTaskRow *
ferryd_download_options_inherit (FerrydTask  *task,
                                 GBytes      *key,
                                 GVariant    *options,
                                 GVariant   **secrets,
                                 GError     **error)
{
  const FerrydTaskRow *old = ferryd_task_get_row (task);
  g_autoptr(FerrydTaskRow) row = ferryd_task_row_new ();
  g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT (options);

  row->kind = old->kind;
  row->url = g_strdup (old->url);
  row->folder = g_strdup (old->folder);
  row->priority = old->priority;
  row->description = g_strdup (old->description);
  row->download_limit = old->download_limit;
  row->secret_names = old->secret_names != NULL ? g_variant_ref (old->secret_names) : NULL;
  row->resume_key = g_bytes_ref (key);
  row->heir_of = old->id;
  ferryd_kept_free (row->kept);
  row->kept = ferryd_kept_copy (old->kept);

  if (!ferryd_options_check (options, HEIR_KEYS, N_HEIR_KEYS, error) ||
      !apply (row, &dict, secrets, error))
    return NULL;

  /* Whether the old one was to start says nothing of this one. */
  row->options = ferryd_options_keep (old->options, options, "start");
  if (*secrets == NULL && row->secret_names != NULL && ferryd_task_get_secrets (task) != NULL)
    *secrets = g_variant_ref (ferryd_task_get_secrets (task));
  return g_steal_pointer (&row);
}

gboolean
ferryd_download_options_read_edit (GVariant        *options,
                                   FerrydTaskEdit  *edit,
                                   GError         **error)
{
  g_auto(GVariantDict) dict = G_VARIANT_DICT_INIT (options);

  edit->what = FERRYD_TASK_PATH;
  edit->has_overwrite = g_variant_dict_lookup (&dict, "overwrite", "b", &edit->overwrite);
  return ferryd_options_check (options, download_keys, N_DESTINATION_KEYS, error) &&
         read_folder (&dict, &edit->folder, error) &&
         read_file_name (&dict, &edit->file_name, error);
}
