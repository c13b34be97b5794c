/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "screen"

#include "config.h"

#include <string.h>

#include "screen.h"

Screen *
screen_new (guint columns)
{
  Screen *self = g_new0 (Screen, 1);

  self->columns = columns;
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  return self;
}

void
screen_free (Screen *self)
{
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_free (self);
}

static GArray *
get_row (Screen *self,
         guint   number)
{
  while (self->rows->len <= number)
    g_ptr_array_add (self->rows, g_array_new (FALSE, FALSE, sizeof (gunichar)));

  return g_ptr_array_index (self->rows, number);
}

/* A wide character takes a cell of its own and an empty one, 0; accents are not kept apart. */
static void
put (Screen   *self,
     gunichar  c)
{
  gunichar filler = ' ';
  gunichar nothing = 0;
  guint width = g_unichar_iswide (c) ? 2 : 1;
  GArray *row;

  if (g_unichar_iszerowidth (c))
    return;

  if (self->column + width > self->columns)
    {
      self->column = 0;
      self->row++;
    }

  row = get_row (self, self->row);
  while (row->len < self->column + width)
    g_array_append_val (row, filler);
  g_array_index (row, gunichar, self->column) = c;
  if (width == 2)
    g_array_index (row, gunichar, self->column + 1) = nothing;
  self->column += width;
}

static void
erase_below (Screen *self)
{
  GArray *row = get_row (self, self->row);

  if (row->len > self->column)
    g_array_set_size (row, self->column);
  if (self->rows->len > self->row + 1)
    g_ptr_array_set_size (self->rows, (int) self->row + 1);
}

/* Returns what follows the sequence whose parameters begin at @at. */
static const char *
run_sequence (Screen     *self,
              const char *at)
{
  char *end;
  guint64 n = g_ascii_strtoull (at, &end, 10);

  switch (*end)
    {
    case 'A':
      g_assert_cmpuint (n, <=, self->row);
      self->row -= (guint) n;
      break;
    case 'J':
      g_assert_cmpuint (n, ==, 0);
      erase_below (self);
      break;
    case 'm':
      break;
    default:
      g_error ("An unexpected sequence: %s", at);
    }

  return end + 1;
}

/* @text must not end within a sequence or a character. */
void
screen_feed (Screen     *self,
             const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));

  while (*text != '\0')
    {
      if (text[0] == '\033' && text[1] == '[')
        {
          text = run_sequence (self, text + 2);
          continue;
        }

      if (*text == '\n')
        self->row++;
      else if (*text == '\r')
        self->column = 0;
      else
        put (self, g_utf8_get_char (text));
      text = g_utf8_next_char (text);
    }
}

/* All rows since the beginning, without spaces at their ends. */
char *
screen_get_text (Screen *self)
{
  g_autoptr(GString) text = g_string_new (NULL);

  for (guint i = 0; i < self->rows->len; i++)
    {
      GArray *row = g_ptr_array_index (self->rows, i);
      g_autoptr(GString) line = g_string_new (NULL);

      for (guint column = 0; column < row->len; column++)
        {
          if (g_array_index (row, gunichar, column) != 0)
            g_string_append_unichar (line, g_array_index (row, gunichar, column));
        }
      g_string_append (text, g_strchomp (line->str));
      g_string_append_c (text, '\n');
    }

  return g_string_free (g_steal_pointer (&text), FALSE);
}
