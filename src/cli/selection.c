/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-selection"

#include "config.h"

#include <string.h>

#include "await.h"
#include "selection.h"
#include "trouble.h"
#include "words.h"

/* A service that ends each time it is asked will not get better. */
#define MAX_TRIES 3

/* A part of a selection. A value. */
typedef struct
{
  const char *word;    /* unowned; as it was given */
  guint64     first;   /* 0: @states, or all */
  guint64     last;
  guint       states;  /* a bit each. 0, where @first is, too: all */
} Part;

struct _FerrySelection
{
  GArray *parts;  /* owned; Part */
};

/**
 * ferry_selection_parse_number:
 * @word: what was given, such as `12` or `#12`
 * @number: (out): the task's number
 *
 * Returns: whether it is one
 */
gboolean
ferry_selection_parse_number (const char *word,
                              guint64    *number)
{
  if (*word == '#')
    word++;

  return g_ascii_string_to_unsigned (word, 10, 1, G_MAXINT64, number, NULL);
}

/* Such as `3-7`. */
static gboolean
parse_range (Part *part)
{
  g_auto(GStrv) ends = g_strsplit (part->word, "-", 2);

  return g_strv_length (ends) == 2 && ferry_selection_parse_number (ends[0], &part->first) &&
         ferry_selection_parse_number (ends[1], &part->last);
}

static gboolean
parse_part (Part    *part,
            GError **error)
{
  g_autofree char *printable = NULL;
  FerryTaskState state;

  if (strcmp (part->word, "all") == 0)
    return TRUE;

  if (ferry_task_state_from_string (part->word, &state))
    {
      part->states = 1u << state;
      return TRUE;
    }

  if (ferry_selection_parse_number (part->word, &part->first))
    {
      part->last = part->first;
      return TRUE;
    }

  printable = ferry_words_printable (part->word);
  if (!parse_range (part))
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "“%s” is no transfer; give numbers, such as 3 or 3-7, “all”, or a state, such as"
                 " “failed”", printable);
  else if (part->first > part->last)
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "“%s” begins after its end; write “%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "”",
                 printable, part->last, part->first);
  else
    return TRUE;

  return FALSE;
}

/**
 * ferry_selection_parse:
 * @words: (array length=n_words): what was given; it must live as long as the selection
 * @n_words: their number
 * @error: what is wrong
 *
 * Reads which tasks are meant: numbers, with or without `#`, ranges such as `3-7`, words of states,
 * and `all`.
 *
 * Returns: (transfer full): the selection, or %NULL, also when it is empty
 */
FerrySelection *
ferry_selection_parse (const char *const  *words,
                       guint               n_words,
                       GError            **error)
{
  g_autoptr(FerrySelection) self = g_new0 (FerrySelection, 1);

  self->parts = g_array_new (FALSE, FALSE, sizeof (Part));
  for (guint i = 0; i < n_words; i++)
    {
      Part part = { .word = words[i] };

      if (!parse_part (&part, error))
        return NULL;
      g_array_append_val (self->parts, part);
    }

  if (n_words > 0)
    return g_steal_pointer (&self);

  g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                       "no transfer is given; give numbers, as “ferry list” shows them, “all”, or"
                       " a state, such as “failed”");
  return NULL;
}

void
ferry_selection_free (FerrySelection *self)
{
  g_array_unref (self->parts);
  g_free (self);
}

static void
chosen_free (FerryChosen *self)
{
  g_clear_object (&self->task);
  g_free (self);
}

/* Once, whatever more of the selection it is in. */
static void
choose (GPtrArray  *chosen,
        GHashTable *seen,
        guint64     number,
        FerryTask  *task)
{
  FerryChosen *one;

  if (g_hash_table_contains (seen, &number))
    return;

  one = g_new0 (FerryChosen, 1);
  one->number = number;
  if (task != NULL)
    one->task = g_object_ref (task);
  g_ptr_array_add (chosen, one);
  (void) g_hash_table_add (seen, &one->number);  /* it was not there */
}

static gboolean
matches (const Part *part,
         FerryTask  *task,
         guint       all)
{
  guint64 number = ferry_task_get_number (task);
  guint state = 1u << ferry_task_get_state (task);

  if (part->first > 0)
    return number >= part->first && number <= part->last;

  return (state & (part->states != 0 ? part->states : all)) != 0;
}

/* Of a range that has nothing both ends are told as missing; a single number is looked for. */
static void
choose_part (GPtrArray  *chosen,
             GHashTable *seen,
             const Part *part,
             GPtrArray  *tasks,
             guint       all)
{
  gboolean found = FALSE;

  if (part->first > 0 && part->first == part->last)
    {
      choose (chosen, seen, part->first, NULL);
      return;
    }

  for (guint i = 0; i < tasks->len; i++)
    {
      /* The newest is the first. A range is meant to be counted up. */
      FerryTask *task = tasks->pdata[part->first > 0 ? tasks->len - 1 - i : i];

      if (matches (part, task, all))
        {
          choose (chosen, seen, ferry_task_get_number (task), task);
          found = TRUE;
        }
    }

  if (part->first > 0 && !found)
    {
      choose (chosen, seen, part->first, NULL);
      choose (chosen, seen, part->last, NULL);
    }
}

static gboolean
needs_list (FerrySelection *self)
{
  for (guint i = 0; i < self->parts->len; i++)
    {
      const Part *part = &g_array_index (self->parts, Part, i);

      if (part->first == 0 || part->first != part->last)
        return TRUE;
    }

  return FALSE;
}

static GPtrArray *
list_tasks (FerryClient  *client,
            GError      **error)
{
  g_autoptr(GPtrArray) tasks = NULL;

  for (guint i = 0; i < MAX_TRIES && tasks == NULL; i++)
    {
      g_auto(FerryAwait) answer = { NULL };
      g_autoptr(GError) failure = NULL;

      ferry_client_list_tasks_async (client, NULL, NULL, ferry_await_cb, &answer);
      tasks = ferry_client_list_tasks_finish (client, ferry_await (&answer), &failure);
      if (tasks == NULL && (i + 1 == MAX_TRIES || !ferry_trouble_is_gone (failure)))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return NULL;
        }
    }

  return g_steal_pointer (&tasks);
}

/**
 * ferry_selection_resolve:
 * @self: the selection
 * @client: a client that is connected
 * @all: the states that `all` stands for, a bit each
 * @error: why they cannot be listed
 *
 * Finds the tasks that are meant, each once, in the order in which they were given, of a word the
 * newest first. Those that are named by their numbers alone are not looked for.
 *
 * Returns: (transfer container) (element-type FerryChosen): the tasks, or %NULL
 */
GPtrArray *
ferry_selection_resolve (FerrySelection  *self,
                         FerryClient     *client,
                         guint            all,
                         GError         **error)
{
  g_autoptr(GPtrArray) chosen = g_ptr_array_new_with_free_func ((GDestroyNotify) chosen_free);
  g_autoptr(GHashTable) seen = g_hash_table_new (g_int64_hash, g_int64_equal);
  g_autoptr(GPtrArray) tasks = NULL;

  if (needs_list (self))
    {
      tasks = list_tasks (client, error);
      if (tasks == NULL)
        return NULL;
    }

  for (guint i = 0; i < self->parts->len; i++)
    choose_part (chosen, seen, &g_array_index (self->parts, Part, i), tasks, all);

  return g_steal_pointer (&chosen);
}
