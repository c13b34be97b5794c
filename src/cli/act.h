/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "options.h"
#include "selection.h"
#include "verbs.h"

G_BEGIN_DECLS

/* What a verb does to each of the tasks that it is given. */
typedef struct
{
  const char *verb;   /* as it is typed */
  const char *help;
  const char *done;   /* what is said of a task before its name, such as “paused” */
  guint       all;    /* the states that “all” stands for, a bit each */
  gboolean    ends;   /* one that is not there any more after a lost answer was done */

  /* Why a task in such a state is refused. NULL: the service says it */
  const char *refusals[FERRY_N_TASK_STATES];

  void     (*begin)    (FerryTask            *task,
                        gconstpointer         data,
                        GAsyncReadyCallback   callback,
                        gpointer              user_data);

  gboolean (*finish)   (FerryTask            *task,
                        GAsyncResult         *result,
                        GError              **error);

  /* Returns what is said of a task in place of @done. NULL: @done is enough. */
  char    *(*describe) (FerryTask            *task,
                        gconstpointer         data);
} FerryAct;

FerryExit ferry_act_main (const FerryAct     *self,
                          const FerryOption  *option,
                          gconstpointer       data,
                          FerryConsole       *console,
                          int                 argc,
                          char              **argv);

FerryExit ferry_act_run  (const FerryAct     *self,
                          const char *const  *words,
                          guint               n_words,
                          gconstpointer       data,
                          FerryConsole       *console);

G_END_DECLS
