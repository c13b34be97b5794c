/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-content-disposition"

#include "config.h"

#include <string.h>

#include "content-disposition.h"
#include "text.h"

/*
 * RFC 2231 continuations of one name; more would hardly fit the 64 KiB of headers that libsoup
 * reads.
 */
#define MAX_SECTIONS 1000

#define WHITE_SPACE " \t"

typedef struct
{
  char     *value;      /* owned */
  gboolean  coded;      /* is percent-encoded; the first section has the charset */
} Section;

/* The three ways of a server to say the name, each as first met. */
typedef struct
{
  char      *plain;     /* owned; of filename=, NULL if none */
  char      *coded;     /* owned; of filename*=, NULL if none that can be read */
  GPtrArray *sections;  /* owned; of filename*N= and filename*N*=, Section by number, with holes */
} Wishes;

static void
section_free (gpointer data)
{
  Section *section = data;

  if (section == NULL)
    return;

  g_free (section->value);
  g_free (section);
}

/*
 * Bytes to text, so that what follows need not think of charsets: in Shift_JIS and GBK a backslash
 * may be half a character.
 */
static char *
header_to_text (const char *value,
                gsize       length,
                const char *legacy_charset)
{
  g_autofree char *bytes = g_memdup2 (value, length);

  /* RFC 9110 §5.5: a recipient may replace these by a space. */
  for (gsize i = 0; i < length; i++)
    if (bytes[i] == '\0' || bytes[i] == '\r' || bytes[i] == '\n')
      bytes[i] = ' ';

  return ferry_text_guess (length > 0 ? bytes : "", length, legacy_charset);
}

static gboolean
ends_value (const char *at)
{
  at += strspn (at, WHITE_SPACE);
  return *at == ';' || *at == '\0';
}

/*
 * Finds the end of a quoted string whose first character is @start. As in Chrome, a quote that
 * nothing but `;` or the end follows closes it, for the sake of `filename="My "best" file.txt"`;
 * failing that, the first one does.
 */
static const char *
find_closing_quote (const char *start)
{
  const char *first = NULL;
  const char *at;
  gboolean outside = FALSE;

  for (at = start; *at != '\0'; at++)
    {
      if (*at == '\\' && at[1] != '\0')
        at++;
      else if (*at == ';' && outside)
        break;
      else if (*at == '"')
        {
          if (ends_value (at + 1))
            return at;
          if (first == NULL)
            first = at;
          outside = !outside;
        }
    }

  return first != NULL ? first : at;
}

/*
 * Undoes the quoting (RFC 9110 §5.6.4). Firefox and Chrome drop each backslash and keep what
 * follows, and so do we, but for a path of Windows: "C:\dir\file" was never quoted; it keeps its
 * backslashes, and file-name.c takes the last segment, where browsers make "C:dirfile" of it.
 */
static char *
unquote (const char *content,
         gsize       length)
{
  GString *text = g_string_sized_new (length);
  gboolean is_path = length > 2 && g_ascii_isalpha (content[0]) &&
                     content[1] == ':' && content[2] == '\\';

  for (gsize i = 0; i < length; i++)
    {
      if (content[i] == '\\' && i + 1 < length &&
          (!is_path || content[i + 1] == '\\' || content[i + 1] == '"'))
        i++;
      g_string_append_c (text, content[i]);
    }

  return g_string_free (text, FALSE);
}

static char *
read_quoted (const char **cursor)
{
  const char *start = *cursor + 1;
  const char *end = find_closing_quote (start);

  *cursor = end + strcspn (end, ";");
  return unquote (start, (gsize) (end - start));
}

/* RFC 6266 allows a token only; servers send names with spaces and letters of all scripts. */
static char *
read_unquoted (const char **cursor)
{
  const char *start = *cursor;

  *cursor = start + strcspn (start, ";");
  return g_strchomp (g_strndup (start, (gsize) (*cursor - start)));
}

/* Reads the next `name=value`, passing over the disposition type and whatever else has no `=`. */
static gboolean
next_parameter (const char **cursor,
                char       **name,
                char       **value)
{
  const char *at = *cursor;

  while (TRUE)
    {
      const char *start = at + strspn (at, WHITE_SPACE ";");
      const char *end = start + strcspn (start, "=;");

      if (*end == '\0')
        return FALSE;

      at = end + 1;
      if (*end == '=')
        {
          *name = g_strchomp (g_strndup (start, (gsize) (end - start)));
          break;
        }
    }

  at += strspn (at, WHITE_SPACE);
  *value = *at == '"' ? read_quoted (&at) : read_unquoted (&at);
  *cursor = at;
  return TRUE;
}

static gboolean
is_blank (const char *text)
{
  return text[strspn (text, WHITE_SPACE)] == '\0';
}

/* What Chrome reads in `filename=` beyond RFC 6266: encoded words, else percent-encoding. */
static char *
decode_plain (const char *value,
              const char *legacy_charset)
{
  g_autoptr(GString) bytes = g_string_new (NULL);
  char *text = ferry_text_decode_words (value);

  if (text != NULL)
    return text;

  if (!g_str_is_ascii (value) || strchr (value, '%') == NULL)
    return g_strdup (value);

  /* Sound or not: "100 %.txt" is a good name. */
  (void) ferry_text_unescape_percent (bytes, value, strlen (value));
  text = ferry_text_from_charset (bytes->str, bytes->len, "UTF-8");
  if (text == NULL && legacy_charset != NULL)
    text = ferry_text_from_charset (bytes->str, bytes->len, legacy_charset);

  return text != NULL ? text : g_strdup (value);
}

/*
 * Splits `charset'language'text` (RFC 8187 §3.2.1). Returns the text, or NULL if it is none such.
 */
static const char *
split_charset (const char *value,
               char      **charset)
{
  const char *language = strchr (value, '\'');
  const char *text = language != NULL ? strchr (language + 1, '\'') : NULL;

  if (text == NULL)
    return NULL;

  *charset = g_strndup (value, (gsize) (language - value));
  return text + 1;
}

/*
 * The value of `filename*=`, or NULL if it is broken: RFC 6266 §4.3 goes back to `filename=`
 * then.
 */
static char *
decode_coded (const char *value)
{
  g_autofree char *charset = NULL;
  g_autoptr(GString) bytes = g_string_new (NULL);
  const char *text = split_charset (value, &charset);

  if (text == NULL || !ferry_text_unescape_percent (bytes, text, strlen (text)))
    return NULL;

  return ferry_text_from_charset (bytes->str, bytes->len, charset);
}

/* Takes `filename*N` or `filename*N*`; @number is what follows the first asterisk. */
static void
take_section (Wishes     *wishes,
              const char *number,
              const char *value)
{
  gsize n_digits = strspn (number, G_CSET_DIGITS);
  gboolean coded = number[n_digits] == '*';
  Section *section;
  guint64 n;

  if (n_digits == 0 || (n_digits > 1 && number[0] == '0'))
    return;
  if (number[n_digits + (coded ? 1 : 0)] != '\0')
    return;

  n = g_ascii_strtoull (number, NULL, 10);
  if (n >= MAX_SECTIONS)
    return;

  if (n >= wishes->sections->len)
    g_ptr_array_set_size (wishes->sections, (int) n + 1);
  if (wishes->sections->pdata[n] != NULL)
    return;

  section = g_new0 (Section, 1);
  section->value = g_strdup (value);
  section->coded = coded;
  wishes->sections->pdata[n] = section;
}

/* Joins the sections up to the first hole (RFC 2231 §3 and §4.1). */
static char *
join_sections (GPtrArray *sections)
{
  g_autofree char *charset = NULL;
  g_autoptr(GString) bytes = g_string_new (NULL);

  for (guint i = 0; i < sections->len && sections->pdata[i] != NULL; i++)
    {
      const Section *section = sections->pdata[i];
      const char *text = section->value;

      if (i == 0 && section->coded)
        text = split_charset (text, &charset);
      if (text == NULL || (section->coded && charset == NULL))
        break;

      if (!section->coded)
        g_string_append (bytes, text);
      else if (!ferry_text_unescape_percent (bytes, text, strlen (text)))
        return NULL;
    }

  return ferry_text_from_charset (bytes->str, bytes->len, charset != NULL ? charset : "UTF-8");
}

static void
take_parameter (Wishes     *wishes,
                const char *name,
                const char *value,
                const char *legacy_charset)
{
  static const char numbered[] = "filename*";

  if (is_blank (value))
    return;

  if (g_ascii_strcasecmp (name, "filename") == 0)
    {
      if (wishes->plain == NULL)
        wishes->plain = decode_plain (value, legacy_charset);
    }
  else if (g_ascii_strcasecmp (name, "filename*") == 0)
    {
      if (wishes->coded == NULL)
        wishes->coded = decode_coded (value);
    }
  else if (g_ascii_strncasecmp (name, numbered, strlen (numbered)) == 0)
    take_section (wishes, name + strlen (numbered), value);
}

/**
 * ferry_content_disposition_get_file_name:
 * @value: (array length=length): the value of a `Content-Disposition` header as it was received
 * @length: the number of bytes
 *
 * Finds the name that a server wishes for a file.
 *
 * The name is what the server means and not yet safe: give it to ferry_file_name_clean(). Bytes
 * that are not UTF-8 are taken for the legacy character set of the user's language.
 *
 * Returns: (nullable): UTF-8, or %NULL if there is no name
 */
char *
ferry_content_disposition_get_file_name (const char *value,
                                         gsize       length)
{
  return ferry_content_disposition_get_file_name_full (value, length,
                                                       ferry_text_get_legacy_charset ());
}

/**
 * ferry_content_disposition_get_file_name_full:
 * @value: (array length=length): the value of a `Content-Disposition` header as it was received
 * @length: the number of bytes
 * @legacy_charset: (nullable): what bytes that are not UTF-8 are taken for; %NULL for windows-1252
 *
 * Does the same with a given character set.
 *
 * `filename*` (RFC 6266, RFC 8187) is taken before continuations (RFC 2231), and these before
 * `filename`, wherever they stand; of two alike the first that has a name. The disposition type
 * does not matter and may be missing.
 *
 * Returns: (nullable): UTF-8, or %NULL if there is no name
 */
char *
ferry_content_disposition_get_file_name_full (const char *value,
                                              gsize       length,
                                              const char *legacy_charset)
{
  g_autofree char *header = NULL;
  g_autoptr(GPtrArray) sections = g_ptr_array_new_with_free_func (section_free);
  Wishes wishes = { .sections = sections };
  g_autofree char *plain = NULL;
  g_autofree char *coded = NULL;
  g_autofree char *joined = NULL;
  const char *cursor;

  g_return_val_if_fail (value != NULL || length == 0, NULL);

  header = header_to_text (value, length, legacy_charset);
  cursor = header;
  while (TRUE)
    {
      g_autofree char *name = NULL;
      g_autofree char *parameter = NULL;

      if (!next_parameter (&cursor, &name, &parameter))
        break;
      take_parameter (&wishes, name, parameter, legacy_charset);
    }

  coded = wishes.coded;
  plain = wishes.plain;
  joined = join_sections (sections);
  if (coded != NULL && !is_blank (coded))
    return g_steal_pointer (&coded);
  if (joined != NULL && !is_blank (joined))
    return g_steal_pointer (&joined);
  if (plain != NULL && !is_blank (plain))
    return g_steal_pointer (&plain);
  return NULL;
}
