/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-facts"

#include "config.h"

#include "facts.h"
#include "width.h"
#include "words.h"

/* A colon, and two columns. */
#define GAP 3

/* With less room beside the labels, values are not broken into lines. */
#define MIN_VALUE 20

void
ferry_facts_init (FerryFacts *self)
{
  self->labels = g_ptr_array_new ();
  self->values = g_ptr_array_new_with_free_func (g_free);
  self->paints = g_array_new (FALSE, FALSE, sizeof (FerryPaint));
}

void
ferry_facts_clear (FerryFacts *self)
{
  g_clear_pointer (&self->labels, g_ptr_array_unref);
  g_clear_pointer (&self->values, g_ptr_array_unref);
  g_clear_pointer (&self->paints, g_array_unref);
}

/**
 * ferry_facts_add:
 * @self: the facts
 * @label: (transfer none): what @value is; lives as long as @self
 * @paint: how the value stands out
 * @value: (nullable): what is known; where it is empty there is no line
 */
void
ferry_facts_add (FerryFacts *self,
                 const char *label,
                 FerryPaint  paint,
                 const char *value)
{
  if (value == NULL || *value == '\0')
    return;

  g_ptr_array_add (self->labels, (gpointer) label);
  g_ptr_array_add (self->values, ferry_words_printable (value));
  g_array_append_val (self->paints, paint);
}

/**
 * ferry_facts_take:
 * @self: the facts
 * @label: as for ferry_facts_add()
 * @value: (transfer full) (nullable): the same
 */
void
ferry_facts_take (FerryFacts *self,
                  const char *label,
                  char       *value)
{
  g_autofree char *owned = value;

  ferry_facts_add (self, label, FERRY_PAINT_NONE, owned);
}

/* Breaks the value at spaces. A word that is too long, as an address, stays in one piece: the
 * terminal goes on with it in the next row, and it can be copied. */
static void
append_value (GString      *out,
              const char   *value,
              FerryPaint    paint,
              guint         indent,
              guint         room,
              FerryConsole *console)
{
  g_auto(GStrv) words = g_strsplit (value, " ", -1);
  g_autoptr(GString) line = g_string_new (NULL);

  for (guint i = 0; words[i] != NULL; i++)
    {
      gboolean fits = ferry_width_of (line->str) + 1 + ferry_width_of (words[i]) <= room;

      if (line->len > 0 && !fits)
        {
          g_autofree char *painted = ferry_console_paint (console, paint, line->str);

          g_string_append_printf (out, "%s\n%*s", painted, (int) indent, "");
          g_string_truncate (line, 0);
        }
      if (line->len > 0)
        g_string_append_c (line, ' ');
      g_string_append (line, words[i]);
    }

  if (line->len > 0)
    {
      g_autofree char *painted = ferry_console_paint (console, paint, line->str);

      g_string_append_printf (out, "%s\n", painted);
    }
}

/**
 * ferry_facts_format:
 * @self: the facts
 * @console: the console
 *
 * Returns: a line for each, the values below each other; on a terminal they are broken at its width
 */
char *
ferry_facts_format (FerryFacts   *self,
                    FerryConsole *console)
{
  GString *out = g_string_new (NULL);
  guint indent = 0;
  guint columns;
  guint rows;
  guint room = G_MAXUINT;

  for (guint i = 0; i < self->labels->len; i++)
    indent = MAX (indent, ferry_width_of (g_ptr_array_index (self->labels, i)) + GAP);

  ferry_console_get_size (console, &columns, &rows);
  if (ferry_console_is_terminal (console) && columns >= indent + MIN_VALUE)
    room = columns - indent;

  for (guint i = 0; i < self->labels->len; i++)
    {
      g_autofree char *label = g_strconcat (g_ptr_array_index (self->labels, i), ":", NULL);
      g_autofree char *painted = ferry_console_paint (console, FERRY_PAINT_FAINT, label);

      g_string_append_printf (out, "%s%*s", painted, (int) (indent - ferry_width_of (label)), "");
      append_value (out, g_ptr_array_index (self->values, i),
                    g_array_index (self->paints, FerryPaint, i), indent, room, console);
    }

  return g_string_free (out, FALSE);
}
