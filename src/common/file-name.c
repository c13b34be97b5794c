/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-file-name"

#include "config.h"

#include <string.h>

#include "file-name.h"
#include "text.h"

/*
 * Dot included. The longest in use (".webmanifest", ".xcworkspacedata") fit; what is longer is
 * part of a sentence.
 */
#define MAX_EXTENSION_BYTES 16

#define ZERO_WIDTH_JOINER 0x200d

/*
 * Both, as a name may come from a server that runs Windows, and a backslash is of no use in a
 * name.
 */
#define SEPARATORS "/\\"

/*
 * What would not be seen: control characters, marks that turn the direction of text round, line
 * ends, the BOM.
 */
static gboolean
is_invisible (gunichar c)
{
  return g_unichar_iscntrl (c) ||
         c == 0x061c || c == 0x200e || c == 0x200f ||
         (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069) ||
         c == 0xfeff;
}

static char *
drop_invisible (const char *name)
{
  GString *visible = g_string_new (NULL);

  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar c = g_utf8_get_char (at);

      if (!is_invisible (c))
        g_string_append_unichar (visible, c);
    }

  return g_string_free (visible, FALSE);
}

/* Cuts @path to its last segment, passing over separators at its end. */
static const char *
cut_to_last_segment (char *path)
{
  gsize length = strlen (path);
  const char *start;

  while (length > 0 && strchr (SEPARATORS, path[length - 1]) != NULL)
    length--;
  path[length] = '\0';

  start = path;
  for (const char *at = path; *at != '\0'; at++)
    if (strchr (SEPARATORS, *at) != NULL)
      start = at + 1;

  return start;
}

/**
 * ferry_file_name_clean:
 * @name: a name or a path from a server, in UTF-8
 *
 * Makes a name that can be created in a folder and shows what it is.
 *
 * It is the last segment of @name, without characters that are not seen or turn text round,
 * without leading dots and without white space at its ends. Dots at the end are kept: they do no
 * harm here, and "To be continued..." means them.
 *
 * Returns: (nullable): UTF-8, %NULL if nothing is left
 */
char *
ferry_file_name_clean (const char *name)
{
  g_autofree char *valid = NULL;
  g_autofree char *visible = NULL;
  const char *start;
  const char *end;

  g_return_val_if_fail (name != NULL, NULL);

  valid = g_utf8_make_valid (name, -1);
  visible = drop_invisible (valid);
  start = cut_to_last_segment (visible);
  while (*start == '.' || g_unichar_isspace (g_utf8_get_char (start)))
    start = g_utf8_next_char (start);

  end = start + strlen (start);
  while (end > start && g_unichar_isspace (g_utf8_get_char (g_utf8_prev_char (end))))
    end = g_utf8_prev_char (end);

  return end > start ? g_strndup (start, (gsize) (end - start)) : NULL;
}

/**
 * ferry_file_name_from_url:
 * @url: an address
 *
 * Makes a file name of the last segment of the path of @url that is not empty.
 *
 * Bytes that are not UTF-8 are taken for the legacy character set of the user's language.
 *
 * Returns: (nullable): a name as of ferry_file_name_clean(), %NULL if there is none
 */
char *
ferry_file_name_from_url (const char *url)
{
  return ferry_file_name_from_url_full (url, ferry_text_get_legacy_charset ());
}

/**
 * ferry_file_name_from_url_full:
 * @url: an address
 * @legacy_charset: (nullable): what bytes that are not UTF-8 are taken for; %NULL for windows-1252
 *
 * Does the same with a given character set.
 *
 * Returns: (nullable): a name as of ferry_file_name_clean(), %NULL if there is none
 */
char *
ferry_file_name_from_url_full (const char *url,
                               const char *legacy_charset)
{
  g_autoptr(GString) bytes = g_string_new (NULL);
  g_autofree char *text = NULL;
  const char *authority;
  const char *path;
  const char *start;
  const char *end;

  g_return_val_if_fail (url != NULL, NULL);

  authority = strstr (url, "://");
  path = authority != NULL ? authority + strlen ("://") : url;
  if (authority != NULL)
    path += strcspn (path, "/?#");

  end = path + strcspn (path, "?#");
  while (end > path && end[-1] == '/')
    end--;
  for (start = end; start > path && start[-1] != '/'; start--)
    ;

  (void) ferry_text_unescape_percent (bytes, start, (gsize) (end - start));  /* a lone % is fine */
  text = ferry_text_guess (bytes->str, bytes->len, legacy_charset);
  return ferry_file_name_clean (text);
}

/* The last dot of @name[0..length) that begins an extension, or @length. */
static gsize
find_last_extension (const char *name,
                     gsize       length)
{
  gsize shortest = length > MAX_EXTENSION_BYTES ? length - MAX_EXTENSION_BYTES : 0;

  for (gsize i = length; i > shortest; i--)
    {
      if (g_ascii_isspace (name[i - 1]))
        break;
      if (name[i - 1] == '.')
        return i > 1 && i < length ? i - 1 : length;
    }

  return length;
}

/*
 * Where the extension of @name begins, `.tar.xz` and its like whole; the length of @name if it
 * has none.
 */
static gsize
find_extension (const char *name)
{
  static const char archive[] = ".tar";
  gsize length = strlen (name);
  gsize last = find_last_extension (name, length);

  if (last < length && last > strlen (archive) &&
      g_ascii_strncasecmp (name + last - strlen (archive), archive, strlen (archive)) == 0)
    return last - strlen (archive);

  return last;
}

/*
 * Whether the character at @at belongs to the one before it: an accent, the skin of an emoji,
 * what a joiner joins.
 */
static gboolean
is_joined (const char *name,
           const char *at)
{
  const char *before = g_utf8_find_prev_char (name, at);
  gunichar c = g_utf8_get_char_validated (at, -1);

  if (before != NULL && g_utf8_get_char_validated (before, at - before) == ZERO_WIDTH_JOINER)
    return TRUE;

  /* Of the disk's own names not all are UTF-8: those bytes come as (gunichar) -1 and -2. */
  return c <= 0x10ffff &&
         (c == ZERO_WIDTH_JOINER || (c >= 0x1f3fb && c <= 0x1f3ff) || g_unichar_ismark (c));
}

/*
 * How much of the first @length bytes of @name can be had in at most @room without cutting what
 * belongs together.
 */
static gsize
cut_length (const char *name,
            gsize       length,
            gsize       room)
{
  gsize whole;
  const char *at;

  if (length <= room)
    return length;

  /* At most three bytes of a character follow its first; more of them are not UTF-8. */
  whole = room;
  for (guint i = 0; i < 3 && whole > 0 && ((guchar) name[whole] & 0xc0) == 0x80; i++)
    whole--;

  at = name + whole;
  while (at != NULL && at > name && is_joined (name, at))
    at = g_utf8_find_prev_char (name, at);

  /* A name of nothing but accents is cut anywhere. */
  if (at != NULL && at > name)
    whole = (gsize) (at - name);
  while (whole > 1 && name[whole - 1] == ' ')
    whole--;

  return whole;
}

/*
 * The one place that puts names together: @name before its extension, @infix, the extension,
 * @suffix.
 */
static char *
compose (const char *name,
         const char *infix,
         const char *suffix,
         gsize       max_bytes)
{
  gsize fixed = strlen (infix) + strlen (suffix);
  gsize room = max_bytes > fixed ? max_bytes - fixed : 0;
  gsize base = find_extension (name);
  gsize extension = strlen (name) - base;
  gsize kept = extension < room ? cut_length (name, base, room - extension) : 0;

  /*
   * An extension alone would be a hidden file: rather the beginning of the name and no extension.
   */
  if (kept == 0)
    {
      base += extension;
      extension = 0;
      kept = cut_length (name, base, room);
    }

  if (kept == 0)
    return g_strconcat ("_", infix, suffix, NULL);

  return g_strdup_printf ("%.*s%s%.*s%s", (int) kept, name, infix, (int) extension, name + base,
                          suffix);
}

/**
 * ferry_file_name_fit:
 * @name: a file name
 * @max_bytes: the most bytes that the folder allows
 * @suffix: what follows the name, such as `.part`, or the empty string; shorter than @max_bytes
 *
 * Joins @name and @suffix, cutting @name before its extension as far as it must be.
 *
 * No character is cut, nor one from its accents. An extension that leaves no room for a name is
 * given up.
 *
 * Returns: the whole, in at most @max_bytes bytes
 */
char *
ferry_file_name_fit (const char *name,
                     gsize       max_bytes,
                     const char *suffix)
{
  return ferry_file_name_numbered (name, 0, max_bytes, suffix);
}

/**
 * ferry_file_name_numbered:
 * @name: a file name
 * @n: a number, 0 for none
 * @max_bytes: the most bytes that the folder allows
 * @suffix: what follows the name, such as `.part`, or the empty string
 *
 * Does the same with a number before the extension, as in `name (2).tar.xz`, which is never cut.
 *
 * Number and @suffix together must be shorter than @max_bytes.
 *
 * Returns: the whole, in at most @max_bytes bytes
 */
char *
ferry_file_name_numbered (const char *name,
                          guint       n,
                          gsize       max_bytes,
                          const char *suffix)
{
  g_autofree char *number = n > 0 ? g_strdup_printf (" (%u)", n) : g_strdup ("");

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (suffix != NULL, NULL);
  g_return_val_if_fail (strlen (number) + strlen (suffix) < max_bytes, NULL);

  return compose (name, number, suffix, max_bytes);
}

/**
 * ferry_file_name_replace_reserved:
 * @name: a file name
 *
 * Replaces what FAT, exFAT and NTFS do not take: `:*?"<>|\` and dots and spaces at the end.
 *
 * Returns: @name with underscores instead, as long as before
 */
char *
ferry_file_name_replace_reserved (const char *name)
{
  char *replaced;

  g_return_val_if_fail (name != NULL, NULL);

  replaced = g_strdelimit (g_strdup (name), ":*?\"<>|\\", '_');
  for (gsize i = strlen (replaced); i > 0 && strchr (". ", replaced[i - 1]) != NULL; i--)
    replaced[i - 1] = '_';

  return replaced;
}
