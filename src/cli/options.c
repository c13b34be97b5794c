/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-options"

#include "config.h"

#include <string.h>

#include "options.h"
#include "words.h"

typedef struct
{
  const FerryOption  *options;
  guint               n_options;
  char              **next;       /* the arguments that were not looked at; ends with NULL */
} Parser;

static const FerryOption *
find (Parser     *parser,
      const char *name,
      gsize       length)
{
  for (guint i = 0; i < parser->n_options; i++)
    {
      if (strncmp (parser->options[i].name, name, length) == 0 &&
          parser->options[i].name[length] == '\0')
        return &parser->options[i];
    }

  return NULL;
}

static const FerryOption *
find_letter (Parser *parser,
             char    letter)
{
  for (guint i = 0; i < parser->n_options; i++)
    {
      if (parser->options[i].letter == letter && letter != '\0')
        return &parser->options[i];
    }

  return NULL;
}

/* @value is NULL where none is in the same argument; it is then the next one. */
static gboolean
take (Parser             *parser,
      const FerryOption  *option,
      const char         *value,
      GError            **error)
{
  if (option->given != NULL)
    *option->given = TRUE;

  if (option->value == NULL && option->values == NULL)
    {
      if (value == NULL)
        return TRUE;
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "the option --%s takes no value", option->name);
      return FALSE;
    }

  if (value == NULL)
    value = *parser->next;
  if (value == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "the option --%s needs a value", option->name);
      return FALSE;
    }
  if (value == *parser->next)
    parser->next++;

  if (option->values != NULL)
    g_ptr_array_add (option->values, (gpointer) value);
  else
    *option->value = value;
  return TRUE;
}

static gboolean
fail_unknown (const char  *argument,
              GError     **error)
{
  /* What comes after it may be an address that was meant to be the value of something. */
  g_autofree char *name = g_strndup (argument, strcspn (argument, "="));
  g_autofree char *printable = ferry_words_printable (name);

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION, "unknown option “%s”",
               printable);
  return FALSE;
}

static gboolean
parse_argument (Parser      *parser,
                const char  *argument,
                GError     **error)
{
  const FerryOption *option;
  gsize length;

  if (argument[1] != '-')
    {
      char letter[] = { '-', argument[1], '\0' };

      option = find_letter (parser, argument[1]);
      if (option == NULL)
        return fail_unknown (g_ascii_isgraph (argument[1]) ? letter : argument, error);

      return take (parser, option, argument[2] != '\0' ? argument + 2 : NULL, error);
    }

  length = strcspn (argument + 2, "=");
  option = find (parser, argument + 2, length);
  if (option == NULL)
    return fail_unknown (argument, error);

  return take (parser, option, argument[2 + length] == '=' ? argument + 3 + length : NULL, error);
}

/**
 * ferry_options_parse:
 * @options: (array length=n_options): the options there are
 * @n_options: their number
 * @argc: the number of arguments
 * @argv: the arguments; the first is skipped
 * @error: what is wrong
 *
 * Takes options before, between and after what they are for, up to `--`. Of one that is given
 * twice the last counts.
 *
 * Returns: (transfer container): the arguments that are no options, or %NULL
 */
GPtrArray *
ferry_options_parse (const FerryOption  *options,
                     guint               n_options,
                     int                 argc,
                     char              **argv,
                     GError            **error)
{
  g_autoptr(GPtrArray) rest = g_ptr_array_new ();
  Parser parser = { options, n_options, argv + MIN (argc, 1) };
  gboolean only_rest = FALSE;

  while (*parser.next != NULL)
    {
      char *argument = *parser.next++;

      if (!only_rest && strcmp (argument, "--") == 0)
        only_rest = TRUE;
      else if (only_rest || argument[0] != '-' || argument[1] == '\0' ||
               g_ascii_isdigit (argument[1]))  /* a number, which whoever wants none refuses */
        g_ptr_array_add (rest, argument);
      else if (!parse_argument (&parser, argument, error))
        return NULL;
    }

  return g_steal_pointer (&rest);
}
