/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-act"

#include "config.h"

#include "act.h"
#include "describe.h"
#include "trouble.h"

/* So many calls are under way at once: enough to keep the service busy, and no flood. */
#define MAX_IN_FLIGHT 64

/* A service that ends each time it is asked will not get better. */
#define MAX_TRIES 3

/* The verb at work on all its tasks. */
typedef struct
{
  const FerryAct *act;
  gconstpointer   data;         /* unowned; the act's */
  FerryConsole   *console;      /* unowned */
  FerryClient    *client;       /* unowned */
  GPtrArray      *deeds;        /* owned; Deed */
  guint           n_begun;
  guint           n_in_flight;
  guint           n_shown;
  gboolean        has_failed;   /* one of them */
  GError         *end;          /* owned; why no more are begun. NULL: nothing is in the way */
} Work;

/* The verb at work on one task. */
typedef struct
{
  Work      *work;        /* unowned; it has this */
  guint64    number;
  FerryTask *task;        /* owned. NULL: it was not looked for yet */
  char      *name;        /* owned; what it was called when it was still there. NULL: as @task */
  guint      n_lost;      /* answers */
  gboolean   is_over;
  gboolean   has_failed;
  char      *line;        /* owned; what is to be told when its turn comes. NULL: nothing */
} Deed;

static void
deed_free (Deed *self)
{
  g_clear_object (&self->task);
  g_free (self->name);
  g_free (self->line);
  g_free (self);
}

/* In the order in which they were given, whichever was the first to be answered. */
static void
show (Work *work)
{
  while (work->n_shown < work->n_begun)
    {
      Deed *deed = work->deeds->pdata[work->n_shown];

      if (!deed->is_over)
        return;

      if (deed->line != NULL && deed->has_failed)
        ferry_trouble_complain (work->console, work->act->verb, "%s", deed->line);
      else if (deed->line != NULL)
        ferry_console_print (work->console, deed->line);
      work->n_shown++;
    }
}

/* @line is taken over. */
static void
end_deed (Deed     *deed,
          gboolean  has_failed,
          char     *line)
{
  deed->is_over = TRUE;
  deed->has_failed = has_failed;
  deed->line = line;
  deed->work->has_failed |= has_failed;
  deed->work->n_in_flight--;
  show (deed->work);
}

static void
end_well (Deed *deed)
{
  Work *work = deed->work;
  g_autofree char *words = NULL;

  if (work->act->describe != NULL)
    words = work->act->describe (deed->task, work->data);
  end_deed (deed, FALSE, g_strdup_printf ("#%" G_GUINT64_FORMAT " %s: %s\n", deed->number,
                                          words != NULL ? words : work->act->done, deed->name));
}

static void
end_badly (Deed         *deed,
           const GError *error)
{
  g_autofree char *explanation = NULL;

  /* What hinders one hinders all, and is told once. */
  if (ferry_trouble_get_exit (error) == FERRY_EXIT_NO_SERVICE)
    {
      if (deed->work->end == NULL)
        deed->work->end = g_error_copy (error);
      end_deed (deed, TRUE, NULL);
      return;
    }

  if (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND))
    {
      end_deed (deed, TRUE, g_strdup_printf ("#%" G_GUINT64_FORMAT " does not exist; “ferry list”"
                                             " shows the transfers", deed->number));
      return;
    }

  explanation = ferry_trouble_explain (error);
  if (deed->name == NULL)
    end_deed (deed, TRUE, g_strdup_printf ("#%" G_GUINT64_FORMAT ": %s", deed->number,
                                           explanation));
  else
    end_deed (deed, TRUE, g_strdup_printf ("#%" G_GUINT64_FORMAT " (%s): %s", deed->number,
                                           deed->name, explanation));
}

/* Its state is now the one for which it was refused, unless it has moved on already. */
static void
refused_loaded_cb (GObject      *object,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  Deed *deed = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) properties = ferry_task_load_finish (deed->task, result, &error);
  const char *refusal;

  if (properties == NULL)
    {
      end_badly (deed, error);
      return;
    }

  refusal = deed->work->act->refusals[ferry_task_get_state (deed->task)];
  if (refusal == NULL)
    refusal = "is changing right now; try again";
  end_deed (deed, TRUE, g_strdup_printf ("#%" G_GUINT64_FORMAT " (%s) %s", deed->number,
                                         deed->name, refusal));
}

static void begin_deed (Deed *deed);

/* What the verbs do may be done twice: a lost answer is asked for again. */
static gboolean
try_again (Deed         *deed,
           const GError *error)
{
  if (!ferry_trouble_is_gone (error) || deed->n_lost + 1 == MAX_TRIES)
    return FALSE;

  deed->n_lost++;
  begin_deed (deed);
  return TRUE;
}

static void
acted_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  Deed *deed = user_data;
  const FerryAct *act = deed->work->act;
  g_autoptr(GError) error = NULL;

  if (act->finish (deed->task, result, &error) ||
      (act->ends && deed->n_lost > 0 &&
       g_error_matches (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND)))
    end_well (deed);
  else if (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_WRONG_STATE))
    ferry_task_load_async (deed->task, NULL, refused_loaded_cb, deed);
  else if (!try_again (deed, error))
    end_badly (deed, error);
}

static void
found_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      user_data)
{
  Deed *deed = user_data;
  g_autoptr(GError) error = NULL;

  deed->task = ferry_client_load_task_finish (deed->work->client, result, &error);
  if (deed->task != NULL)
    begin_deed (deed);
  else if (!try_again (deed, error))
    end_badly (deed, error);
}

static void
begin_deed (Deed *deed)
{
  Work *work = deed->work;

  if (deed->task == NULL)
    {
      ferry_client_load_task_async (work->client, deed->number, NULL, found_cb, deed);
      return;
    }

  if (deed->name == NULL)
    deed->name = ferry_describe_name (deed->task);
  work->act->begin (deed->task, work->data, acted_cb, deed);
}

static void
do_all (Work *work)
{
  while (work->n_begun < work->deeds->len || work->n_in_flight > 0)
    {
      if (work->n_begun < work->deeds->len && work->n_in_flight < MAX_IN_FLIGHT &&
          work->end == NULL)
        {
          work->n_in_flight++;
          begin_deed (work->deeds->pdata[work->n_begun++]);
        }
      else if (work->n_in_flight > 0)
        (void) g_main_context_iteration (NULL, TRUE);  /* whether it did anything shows in @work */
      else
        return;
    }
}

static FerryExit
act_on (const FerryAct *act,
        GPtrArray      *chosen,
        gconstpointer   data,
        FerryClient    *client,
        FerryConsole   *console)
{
  g_autoptr(GPtrArray) deeds = g_ptr_array_new_with_free_func ((GDestroyNotify) deed_free);
  Work work = { .act = act, .data = data, .console = console, .client = client, .deeds = deeds };
  g_autoptr(GError) end = NULL;

  for (guint i = 0; i < chosen->len; i++)
    {
      FerryChosen *one = chosen->pdata[i];
      Deed *deed = g_new0 (Deed, 1);

      deed->work = &work;
      deed->number = one->number;
      deed->task = g_steal_pointer (&one->task);
      g_ptr_array_add (deeds, deed);
    }

  do_all (&work);
  end = g_steal_pointer (&work.end);
  if (end != NULL)
    return ferry_trouble_report (console, act->verb, end);

  return work.has_failed ? FERRY_EXIT_FAILED : FERRY_EXIT_DONE;
}

/**
 * ferry_act_run:
 * @self: what to do
 * @words: (array length=n_words): the tasks that are meant
 * @n_words: their number
 * @data: (nullable): what the functions of @self get
 * @console: the console
 *
 * Does it to all the tasks, and says of each that it is done, or why not.
 *
 * Returns: what to end with
 */
FerryExit
ferry_act_run (const FerryAct     *self,
               const char *const  *words,
               guint               n_words,
               gconstpointer       data,
               FerryConsole       *console)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(FerrySelection) selection = ferry_selection_parse (words, n_words, &error);
  g_autoptr(FerryClient) client = NULL;
  g_autoptr(GPtrArray) chosen = NULL;
  FerryExit status = FERRY_EXIT_DONE;

  if (selection == NULL)
    return ferry_trouble_refuse (console, self->verb, error->message);

  client = ferry_trouble_connect (console, self->verb, &status);
  if (client == NULL)
    return status;

  chosen = ferry_selection_resolve (selection, client, self->all, &error);
  if (chosen == NULL)
    return ferry_trouble_report (console, self->verb, error);

  if (chosen->len == 0)
    {
      g_autofree char *line = g_strdup_printf ("There is nothing to %s.\n", self->verb);

      ferry_console_print (console, line);
      return FERRY_EXIT_DONE;
    }

  return act_on (self, chosen, data, client, console);
}

/**
 * ferry_act_main:
 * @self: what to do
 * @option: (nullable): an option that there is beside `--help`
 * @data: (nullable): what the functions of @self get
 * @console: the console
 * @argc: the number of arguments
 * @argv: the arguments, the verb first
 *
 * A verb that takes nothing but tasks.
 *
 * Returns: what to end with
 */
FerryExit
ferry_act_main (const FerryAct     *self,
                const FerryOption  *option,
                gconstpointer       data,
                FerryConsole       *console,
                int                 argc,
                char              **argv)
{
  gboolean help_wanted = FALSE;
  FerryOption table[2] = { { "help", 'h', NULL, &help_wanted } };
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) words = NULL;

  if (option != NULL)
    table[1] = *option;
  words = ferry_options_parse (table, option != NULL ? 2 : 1, argc, argv, &error);
  if (words == NULL)
    return ferry_trouble_refuse (console, self->verb, error->message);

  if (help_wanted)
    {
      ferry_console_print (console, self->help);
      return FERRY_EXIT_DONE;
    }

  return ferry_act_run (self, (const char *const *) words->pdata, words->len, data, console);
}
