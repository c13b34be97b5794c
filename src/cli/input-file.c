/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-input-file"

#include "config.h"

#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <string.h>
#include <unistd.h>

#include "common/digest.h"
#include "common/url.h"
#include "input-file.h"
#include "words.h"

/* What some editors put before the first line of a file. */
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* A file that is being read. */
typedef struct
{
  const char         *name;      /* unowned */
  const FerryHeaders *headers;   /* unowned; of all addresses */
  GPtrArray          *entries;   /* unowned; of FerryInputEntry, owned */
  GPtrArray          *problems;  /* unowned; of char *, owned */
  guint               line;      /* from 1 */
  FerryInputEntry    *entry;     /* unowned; whom an option line is for. NULL: none came before */
} Reading;

typedef struct
{
  const char  *name;
  gboolean   (*take) (FerryInputEntry  *entry,
                      const char       *value,
                      GError          **error);
  gboolean     is_target;  /* it tells where to */
} LineOption;

void
ferry_input_entry_free (FerryInputEntry *self)
{
  g_clear_pointer (&self->url, g_free);
  g_clear_pointer (&self->out, g_free);
  g_clear_pointer (&self->directory, g_free);
  g_clear_pointer (&self->digest, g_free);
  g_clear_pointer (&self->referrer, g_free);
  g_clear_pointer (&self->headers, ferry_headers_free);
  g_free (self);
}

static gboolean
take_text (char       **member,
           const char  *value)
{
  g_clear_pointer (member, g_free);
  *member = g_strdup (value);
  return TRUE;
}

static gboolean
take_out (FerryInputEntry  *entry,
          const char       *value,
          GError          **error)
{
  return take_text (&entry->out, value);
}

static gboolean
take_directory (FerryInputEntry  *entry,
                const char       *value,
                GError          **error)
{
  return take_text (&entry->directory, value);
}

static gboolean
take_digest (FerryInputEntry  *entry,
             const char       *value,
             GError          **error)
{
  FerryDigest digest;

  return ferry_digest_parse (value, &digest, error) && take_text (&entry->digest, value);
}

static gboolean
take_header (FerryInputEntry  *entry,
             const char       *value,
             GError          **error)
{
  return ferry_headers_add_line (entry->headers, value, error);
}

/* aria2's “*” stands for the address itself. */
static gboolean
take_referrer (FerryInputEntry  *entry,
               const char       *value,
               GError          **error)
{
  const char *url = strcmp (value, "*") == 0 ? entry->url : value;
  g_autoptr(GUri) uri = ferry_url_parse (url, error);

  return uri != NULL && take_text (&entry->referrer, url);
}

static const LineOption line_options[] = {
  { "out", take_out, TRUE },
  { "dir", take_directory, TRUE },
  { "checksum", take_digest, FALSE },
  { "header", take_header, FALSE },
  { "referer", take_referrer, FALSE },
};

static void
note_problem (Reading    *self,
              const char *what)
{
  g_ptr_array_add (self->problems, g_strdup_printf ("%s:%u: %s", self->name, self->line, what));
}

/* An option line; what is before its “=” is shown where it is not known, the rest may be secret. */
static void
read_option (Reading    *self,
             const char *text)
{
  const char *equals = strchr (text, '=');
  gsize length = equals != NULL ? (gsize) (equals - text) : strlen (text);
  g_autofree char *start = g_strndup (text, MIN (length, 40));
  g_autofree char *name = ferry_words_printable (start);
  g_autofree char *unknown = NULL;
  g_autoptr(GError) error = NULL;

  if (strstr (start, "://") != NULL)
    {
      note_problem (self, "there is a space before the address; leave it out");
      return;
    }

  if (self->entry == NULL)
    {
      note_problem (self, "an option stands before the first address; put it below the address"
                    " that it is for, and begin an address without a space");
      return;
    }

  for (guint i = 0; equals != NULL && i < G_N_ELEMENTS (line_options); i++)
    {
      if (strlen (line_options[i].name) != length ||
          strncmp (line_options[i].name, text, length) != 0)
        continue;
      if (!line_options[i].take (self->entry, equals + 1, &error))
        note_problem (self, error->message);
      if (line_options[i].is_target)
        self->entry->target_line = self->line;
      return;
    }

  unknown = g_strdup_printf ("the option “%s” is not known; there are out=, dir=, checksum=,"
                             " header= and referer=", name);
  note_problem (self, unknown);
}

/**
 * ferry_input_check_url:
 * @url: an address, as a person gives it
 * @error: what is wrong
 *
 * Returns: whether it can be fetched
 */
gboolean
ferry_input_check_url (const char  *url,
                       GError     **error)
{
  g_autoptr(GUri) uri = ferry_url_parse (url, error);

  if (uri == NULL)
    return FALSE;
  if (g_uri_get_userinfo (uri) == NULL)
    return TRUE;

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       "The address holds a user name or password; leave it out, and give the"
                       " header “Authorization: Basic …” instead, which nobody is shown");
  return FALSE;
}

static void
read_address (Reading *self,
              char    *text)
{
  char *tab = strchr (text, '\t');
  g_autoptr(GError) error = NULL;

  self->entry = g_new0 (FerryInputEntry, 1);
  self->entry->line = self->line;
  self->entry->headers = ferry_headers_new (self->headers);
  self->entry->has_mirrors = tab != NULL;
  if (tab != NULL)
    *tab = '\0';
  self->entry->url = g_strdup (g_strchomp (text));
  g_ptr_array_add (self->entries, self->entry);

  if (!ferry_input_check_url (self->entry->url, &error))
    note_problem (self, error->message);
}

/**
 * ferry_input_file_parse:
 * @text: what is in the file
 * @name: what to call it
 * @headers: those of all addresses
 * @problems: (element-type utf8): where each line that makes no sense is added, with its number
 *
 * Reads a list of addresses as aria2 has it: one a line, other addresses of the same file behind
 * it after tabs, and below it options in lines that begin with a space. Empty lines, and those that
 * begin with `#`, are passed over.
 *
 * Returns: (element-type FerryInputEntry): the addresses
 */
GPtrArray *
ferry_input_file_parse (const char         *text,
                        const char         *name,
                        const FerryHeaders *headers,
                        GPtrArray          *problems)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) ferry_input_entry_free);
  Reading reading = { name, headers, entries, problems, 0, NULL };
  g_auto(GStrv) lines = NULL;

  if (g_str_has_prefix (text, BYTE_ORDER_MARK))
    text += strlen (BYTE_ORDER_MARK);

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      gboolean is_option = *lines[i] == ' ' || *lines[i] == '\t';
      char *line = g_strstrip (lines[i]);

      reading.line = i + 1;
      if (*line == '\0' || *line == '#')
        continue;
      if (is_option)
        read_option (&reading, line);
      else
        read_address (&reading, line);
    }

  return entries;
}

/**
 * ferry_input_file_read:
 * @file_name: a file, `-` for the standard input
 * @error: why it cannot be read
 *
 * Returns: what is in it
 */
char *
ferry_input_file_read (const char  *file_name,
                       GError     **error)
{
  g_autoptr(GInputStream) input = NULL;
  g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr(GFile) file = NULL;
  gsize length;
  char *text;

  if (strcmp (file_name, "-") == 0)
    {
      input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
    }
  else
    {
      file = g_file_new_for_path (file_name);
      input = G_INPUT_STREAM (g_file_read (file, NULL, error));
    }
  if (input == NULL ||
      g_output_stream_splice (memory, input, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL,
                              error) < 0)
    return NULL;

  length = g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory));

  /* Of an empty file there are no bytes to point to. */
  text = length > 0 ? g_strndup (g_memory_output_stream_get_data (G_MEMORY_OUTPUT_STREAM (memory)),
                                 length)
                    : g_strdup ("");
  if (strlen (text) == length)
    return text;

  g_clear_pointer (&text, g_free);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       "it is no text; a list has an address a line");
  return NULL;
}
