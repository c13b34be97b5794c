/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <fcntl.h>

#include "fake-asks.h"

/* Something that waits for its answer. */
typedef struct
{
  FakeAsk        kind;
  GTask         *answer;  /* owned */
  FerrydTaskRow *task;    /* owned; NULL: of none */
} Ask;

static void
ask_free (Ask *ask)
{
  g_clear_object (&ask->answer);
  g_clear_pointer (&ask->task, ferryd_task_row_free);
  g_free (ask);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Ask, ask_free)

void
fake_asks_push (GQueue              *asks,
                FakeAsk              kind,
                GTask               *answer,
                const FerrydTaskRow *task)
{
  Ask *ask = g_new0 (Ask, 1);

  ask->kind = kind;
  ask->answer = answer;
  ask->task = task != NULL ? ferryd_task_row_copy (task) : NULL;
  g_queue_push_tail (asks, ask);
}

void
fake_asks_clear (GQueue *asks)
{
  g_queue_clear_full (asks, (GDestroyNotify) ask_free);
}

guint
fake_asks_count (GQueue  *asks,
                 FakeAsk  kind)
{
  guint n = 0;

  for (GList *l = asks->head; l != NULL; l = l->next)
    n += ((Ask *) l->data)->kind == kind;

  return n;
}

FakeAsk
fake_asks_get_next (GQueue *asks)
{
  Ask *ask = g_queue_peek_head (asks);

  g_assert_nonnull (ask);
  return ask->kind;
}

static Ask *
pop_ask (GQueue  *asks,
         FakeAsk  kind)
{
  for (GList *l = asks->head; l != NULL; l = l->next)
    {
      Ask *ask = l->data;

      if (ask->kind == kind)
        {
          g_queue_delete_link (asks, l);
          return ask;
        }
    }

  g_assert_not_reached ();
}

const FerrydTaskRow *
fake_asks_get_task (GQueue  *asks,
                    FakeAsk  kind)
{
  for (GList *l = asks->head; l != NULL; l = l->next)
    if (((Ask *) l->data)->kind == kind)
      return ((Ask *) l->data)->task;

  g_assert_not_reached ();
}

/* What is claimed in the other folder is the task's, and the other way round. */
static FerrydKept *
move_kept (const FerrydTaskRow *task)
{
  FerrydKept *kept = ferryd_kept_copy (task->kept);
  FerrydPart part = kept->part;

  kept->part = kept->other;
  kept->other = part;
  g_clear_pointer (&kept->other_folder, g_free);
  kept->other_folder = g_strdup (task->folder);
  return kept;
}

void
fake_asks_grant (GQueue  *asks,
                 FakeAsk  kind)
{
  g_autoptr(Ask) ask = pop_ask (asks, kind);

  if (kind == FAKE_ASK_OPEN_RESULT)
    g_task_return_int (ask->answer, open ("/dev/null", O_RDONLY | O_CLOEXEC));
  else if (kind == FAKE_ASK_PROBE)
    g_task_return_pointer (ask->answer,
                           g_variant_ref_sink (g_variant_new_parsed ("{'resumable': <true>}")),
                           (GDestroyNotify) g_variant_unref);
  else if (kind == FAKE_ASK_MOVE)
    g_task_return_pointer (ask->answer, move_kept (ask->task), (GDestroyNotify) ferryd_kept_free);
  else
    g_task_return_boolean (ask->answer, TRUE);
}

void
fake_asks_refuse (GQueue     *asks,
                  FakeAsk     kind,
                  FerryError  code)
{
  g_autoptr(Ask) ask = pop_ask (asks, kind);

  g_task_return_new_error (ask->answer, FERRY_ERROR, (int) code, "the test refused");
}
