/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-text"

#include "config.h"

#include <string.h>

#include "text.h"

/* Longer than any name in the IANA register of character sets (45). */
#define MAX_CHARSET_LENGTH 48

typedef struct
{
  const char *locale;   /* a language, or a language and a territory */
  const char *charset;
} LegacyCharset;

/*
 * What servers of a language wrote before UTF-8: the fallbacks of the WHATWG Encoding Standard, in
 * Microsoft's supersets. Territories stand before their language; one not named had windows-1252.
 */
static const LegacyCharset legacy_charsets[] = {
  { "zh_TW", "BIG5" },
  { "zh_HK", "BIG5-HKSCS" },
  { "zh_MO", "BIG5-HKSCS" },
  { "zh", "GB18030" },
  { "ja", "CP932" },
  { "ko", "CP949" },
  { "ru", "WINDOWS-1251" },
  { "uk", "WINDOWS-1251" },
  { "be", "WINDOWS-1251" },
  { "bg", "WINDOWS-1251" },
  { "mk", "WINDOWS-1251" },
  { "sr", "WINDOWS-1251" },
  { "cs", "WINDOWS-1250" },
  { "hr", "WINDOWS-1250" },
  { "hu", "WINDOWS-1250" },
  { "pl", "WINDOWS-1250" },
  { "ro", "WINDOWS-1250" },
  { "sk", "WINDOWS-1250" },
  { "sl", "WINDOWS-1250" },
  { "el", "WINDOWS-1253" },
  { "tr", "WINDOWS-1254" },
  { "he", "WINDOWS-1255" },
  { "ar", "WINDOWS-1256" },
  { "fa", "WINDOWS-1256" },
  { "et", "WINDOWS-1257" },
  { "lt", "WINDOWS-1257" },
  { "lv", "WINDOWS-1257" },
  { "vi", "WINDOWS-1258" },
  { "th", "CP874" },
};

/**
 * ferry_text_get_legacy_charset:
 *
 * Returns: (nullable): what the user's languages were written in before UTF-8, %NULL for the
 * Western character set
 */
const char *
ferry_text_get_legacy_charset (void)
{
  return ferry_text_find_legacy_charset (g_get_language_names ());
}

/* Whether @locale is @name, perhaps with a territory, an encoding or a variant behind it. */
static gboolean
locale_matches (const char *locale,
                const char *name)
{
  gsize length = strlen (name);

  return strncmp (locale, name, length) == 0 && !g_ascii_isalpha (locale[length]);
}

/**
 * ferry_text_find_legacy_charset:
 * @locales: (array zero-terminated=1): names such as `zh_TW.UTF-8`, the preferred one first
 *
 * Returns: (nullable): the character set of the first of @locales that had one of its own
 */
const char *
ferry_text_find_legacy_charset (const char * const *locales)
{
  g_return_val_if_fail (locales != NULL, NULL);

  for (; *locales != NULL; locales++)
    for (guint i = 0; i < G_N_ELEMENTS (legacy_charsets); i++)
      if (locale_matches (*locales, legacy_charsets[i].locale))
        return legacy_charsets[i].charset;

  return NULL;
}

/*
 * A server may have named the charset: iconv must see neither its own suffixes (`//IGNORE`) nor
 * anything like a path, and "" would mean the locale's.
 */
static gboolean
is_charset_name (const char *charset)
{
  gsize length = strlen (charset);

  return length > 0 && length <= MAX_CHARSET_LENGTH &&
         strspn (charset, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.:+") == length;
}

/* A C string cannot carry NUL, and a name cut at one would be another ("a.sh%00.txt"). */
static char *
drop_nuls (const char *bytes,
           gsize       length)
{
  GString *text = g_string_sized_new (length);

  for (gsize i = 0; i < length; i++)
    if (bytes[i] != '\0')
      g_string_append_c (text, bytes[i]);

  return g_string_free (text, FALSE);
}

/**
 * ferry_text_from_charset:
 * @bytes: (array length=length): what was received
 * @length: the number of bytes
 * @charset: a name as iconv knows it, perhaps one that a server gave
 *
 * Converts to UTF-8, leaving out NUL characters.
 *
 * Returns: (nullable): the text, %NULL if @charset is not known or does not fit @bytes
 */
char *
ferry_text_from_charset (const char *bytes,
                         gsize       length,
                         const char *charset)
{
  g_autofree char *converted = NULL;
  g_autofree char *text = NULL;
  gsize converted_length = 0;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (charset != NULL, NULL);

  if (!is_charset_name (charset))
    return NULL;

  if (g_ascii_strcasecmp (charset, "UTF-8") != 0)
    {
      converted = g_convert (bytes, (gssize) length, "UTF-8", charset, NULL, &converted_length,
                             NULL);
      if (converted == NULL)
        return NULL;
      bytes = converted;
      length = converted_length;
    }

  text = drop_nuls (bytes, length);
  return g_utf8_validate (text, -1, NULL) ? g_steal_pointer (&text) : NULL;
}

/**
 * ferry_text_guess:
 * @bytes: (array length=length): what was received
 * @length: the number of bytes
 * @legacy_charset: (nullable): what to try when it is not UTF-8
 *
 * Converts text whose character set nobody declared: UTF-8, else @legacy_charset, else
 * windows-1252, else ISO-8859-1, which fits everything.
 *
 * Returns: UTF-8
 */
char *
ferry_text_guess (const char *bytes,
                  gsize       length,
                  const char *legacy_charset)
{
  const char *charsets[] = { "UTF-8", legacy_charset, "WINDOWS-1252", "ISO-8859-1" };

  g_return_val_if_fail (bytes != NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (charsets); i++)
    {
      char *text = NULL;

      if (charsets[i] != NULL)
        text = ferry_text_from_charset (bytes, length, charsets[i]);
      if (text != NULL)
        return text;
    }

  /* Only where iconv lacks even ISO-8859-1. */
  return g_utf8_make_valid (bytes, (gssize) length);
}

/* Appends the byte that the two hexadecimal digits at @digits say, if they are such. */
static gboolean
append_hex (GString    *out,
            const char *digits,
            gsize       length)
{
  if (length < 2 || !g_ascii_isxdigit (digits[0]) || !g_ascii_isxdigit (digits[1]))
    return FALSE;

  g_string_append_c (out, (char) (g_ascii_xdigit_value (digits[0]) << 4 |
                                  g_ascii_xdigit_value (digits[1])));
  return TRUE;
}

/**
 * ferry_text_unescape_percent:
 * @out: where to append the bytes
 * @text: (array length=length): text
 * @length: the number of bytes
 *
 * Undoes percent-encoding (RFC 3986 §2.1). A `%` before anything but two hexadecimal digits stands
 * for itself.
 *
 * Returns: whether each `%` was followed by its two digits
 */
gboolean
ferry_text_unescape_percent (GString    *out,
                             const char *text,
                             gsize       length)
{
  gboolean sound = TRUE;

  g_return_val_if_fail (out != NULL, FALSE);

  for (gsize i = 0; i < length; i++)
    {
      if (text[i] != '%')
        g_string_append_c (out, text[i]);
      else if (append_hex (out, text + i + 1, length - i - 1))
        i += 2;
      else
        {
          g_string_append_c (out, '%');
          sound = FALSE;
        }
    }

  return sound;
}

/* The Q encoding, RFC 2047 §4.2. */
static gboolean
append_q (GString    *out,
          const char *text,
          gsize       length)
{
  for (gsize i = 0; i < length; i++)
    {
      if (text[i] == '_')
        g_string_append_c (out, ' ');
      else if (text[i] != '=')
        g_string_append_c (out, text[i]);
      else if (append_hex (out, text + i + 1, length - i - 1))
        i += 2;
      else
        return FALSE;
    }

  return TRUE;
}

/* The B encoding, RFC 2047 §4.1. GLib's decoder skips what is not Base64. */
static gboolean
append_b (GString    *out,
          const char *text,
          gsize       length)
{
  g_autofree char *encoded = g_strndup (text, length);
  g_autofree guchar *bytes = NULL;
  gsize n_bytes = 0;

  if (strspn (encoded, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "+/=") != length)
    return FALSE;

  bytes = g_base64_decode (encoded, &n_bytes);
  g_string_append_len (out, (const char *) bytes, (gssize) n_bytes);
  return TRUE;
}

/* Reads one `=?charset?B?text?=` at @at. Returns what follows it, or NULL if none stands there. */
static const char *
read_word (const char *at,
           char      **charset,
           GString    *bytes)
{
  const char *encoding;
  const char *text;
  const char *end;
  gsize name_length;

  if (!g_str_has_prefix (at, "=?"))
    return NULL;

  /* RFC 2231 §5 lets a language follow the charset: `=?UTF-8*en?Q?…`. */
  name_length = strcspn (at + 2, "?* ");
  encoding = at + 2 + strcspn (at + 2, "? ");
  if (encoding[0] != '?' || encoding[1] == '\0' || encoding[2] != '?')
    return NULL;

  text = encoding + 3;
  end = text + strcspn (text, "?");
  if (end[0] != '?' || end[1] != '=')
    return NULL;

  *charset = g_strndup (at + 2, name_length);
  switch (g_ascii_toupper (encoding[1]))
    {
    case 'B':
      return append_b (bytes, text, (gsize) (end - text)) ? end + 2 : NULL;
    case 'Q':
      return append_q (bytes, text, (gsize) (end - text)) ? end + 2 : NULL;
    default:
      return NULL;
    }
}

/*
 * Reads neighbouring words of one charset, as many as there are: writers cut in the middle of a
 * character, so that the bytes are joined before they are converted. White space between words is
 * dropped (RFC 2047 §6.2). Returns what follows them, or NULL if there is none; @text is NULL if
 * they cannot be converted.
 */
static const char *
read_words (const char *at,
            char      **text)
{
  g_autofree char *charset = NULL;
  g_autoptr(GString) bytes = g_string_new (NULL);
  const char *end = read_word (at, &charset, bytes);

  if (end == NULL)
    return NULL;

  while (TRUE)
    {
      g_autofree char *next_charset = NULL;
      gsize length = bytes->len;
      const char *next = read_word (end + strspn (end, " \t"), &next_charset, bytes);

      if (next == NULL || g_ascii_strcasecmp (charset, next_charset) != 0)
        {
          g_string_truncate (bytes, length);
          break;
        }
      end = next;
    }

  *text = ferry_text_from_charset (bytes->str, bytes->len, charset);
  return end;
}

/**
 * ferry_text_decode_words:
 * @text: UTF-8
 *
 * Decodes the encoded words (RFC 2047) in @text. A word that is broken stays as it is.
 *
 * Returns: (nullable): the decoded text, %NULL if there is no good word in @text
 */
char *
ferry_text_decode_words (const char *text)
{
  g_autoptr(GString) decoded = g_string_new (NULL);
  gsize end_of_word = 0;    /* in @decoded, once one was found */
  gboolean found = FALSE;

  g_return_val_if_fail (text != NULL, NULL);

  while (*text != '\0')
    {
      g_autofree char *words = NULL;
      const char *end = *text == '=' ? read_words (text, &words) : NULL;

      if (end == NULL)
        end = text + 1;
      if (words == NULL)
        {
          g_string_append_len (decoded, text, end - text);
          text = end;
          continue;
        }

      /* White space alone between this and the last word (of another charset) is no text. */
      if (found && strspn (decoded->str + end_of_word, " \t") == decoded->len - end_of_word)
        g_string_truncate (decoded, end_of_word);
      g_string_append (decoded, words);
      end_of_word = decoded->len;
      found = TRUE;
      text = end;
    }

  return found ? g_string_free (g_steal_pointer (&decoded), FALSE) : NULL;
}

/*
 * ferry_text_show_path:
 *
 * Returns: @path where it is UTF-8; else with all that is not ASCII percent-encoded
 */
char *
ferry_text_show_path (const char *path)
{
  if (g_utf8_validate (path, -1, NULL))
    return g_strdup (path);

  return g_uri_escape_string (path, "/ ", TRUE);
}
