/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-amount"

#include "config.h"

#include <string.h>

#include "amount.h"
#include "words.h"

/* Of a fraction no more digits count: times the largest unit they still fit into 64 bits. */
#define MAX_FRACTION_DIGITS 6

static const char prefixes[] = "KMGT";

static gboolean
fail (const char  *text,
      const char  *what,
      GError     **error)
{
  g_autofree char *printable = ferry_words_printable (text);

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "“%s” %s", printable, what);
  return FALSE;
}

/* Takes a unit, if there is one; K is 1000, Ki is 1024. */
static guint64
take_unit (const char **next)
{
  const char *prefix = **next != '\0' ? strchr (prefixes, g_ascii_toupper (**next)) : NULL;
  guint64 step = 1000;
  guint64 unit = 1;

  if (prefix == NULL)
    return 1;

  (*next)++;
  if (**next == 'i')
    {
      (*next)++;
      step = 1024;
    }

  for (const char *p = prefixes; p <= prefix; p++)
    unit *= step;

  return unit;
}

/* Takes the digits after the point; what they are worth of @unit. */
static guint64
take_fraction (const char *digits,
               gsize       n_digits,
               guint64     unit)
{
  guint64 numerator = 0;
  guint64 denominator = 1;

  for (gsize i = 0; i < MIN (n_digits, MAX_FRACTION_DIGITS); i++)
    {
      numerator = numerator * 10 + (guint64) g_ascii_digit_value (digits[i]);
      denominator *= 10;
    }

  return numerator * unit / denominator;
}

/* A lower-case b would be bits, which nobody counts here. */
static gboolean
is_end (const char *text)
{
  if (*text == 'B')
    text++;

  return *text == '\0' || strcmp (text, "/s") == 0;
}

/**
 * ferry_amount_parse:
 * @text: the amount, as a person writes it
 * @bytes: (out): how many bytes it is
 * @error: what is wrong with it; names @text
 *
 * Reads an amount of bytes, or of bytes a second: digits, with or without a fraction, and a unit.
 *
 * K, M, G and T are powers of 1000, Ki, Mi, Gi and Ti those of 1024; “B”, “/s” or both may follow.
 * “none” is 0. What is not 0 but less than a byte is refused, as 0 means that there is no limit.
 *
 * Returns: whether it is one
 */
gboolean
ferry_amount_parse (const char  *text,
                    guint64     *bytes,
                    GError     **error)
{
  static const char form[] = "is no amount; write 500K, 1.5M or 2Gi, or “none”";
  const char *next = text;
  const char *fraction = "";
  gsize n_digits = strspn (text, "0123456789");
  gsize n_fraction = 0;
  guint64 unit;
  guint64 whole = 0;
  guint64 part;

  if (strcmp (text, "none") == 0)
    {
      *bytes = 0;
      return TRUE;
    }

  next += n_digits;
  if (*next == '.')
    {
      fraction = next + 1;
      n_fraction = strspn (fraction, "0123456789");
      next = fraction + n_fraction;
    }
  if (n_digits == 0 || (*fraction != '\0' && n_fraction == 0))
    return fail (text, form, error);

  unit = take_unit (&next);
  if (!is_end (next))
    return fail (text, form, error);

  for (gsize i = 0; i < n_digits; i++)
    {
      if (!g_uint64_checked_mul (&whole, whole, 10) ||
          !g_uint64_checked_add (&whole, whole, (guint64) g_ascii_digit_value (text[i])))
        return fail (text, "is more than can be counted", error);
    }

  part = take_fraction (fraction, n_fraction, unit);
  if (!g_uint64_checked_mul (&whole, whole, unit) || !g_uint64_checked_add (bytes, whole, part))
    return fail (text, "is more than can be counted", error);
  if (*bytes == 0 && strspn (text, "0.") < n_digits + (n_fraction > 0 ? 1 + n_fraction : 0))
    return fail (text, "is less than a byte", error);

  return TRUE;
}
