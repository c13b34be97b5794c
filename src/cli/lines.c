/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-lines"

#include "config.h"

#include "lines.h"
#include "words.h"

/* A line for each tenth of a file, and for each 10 s in which something came. */
#define STEP_PERCENT 10
#define STEP_US (10 * G_USEC_PER_SEC)

/* Nobody wants to read that a task waited for less, as each does before it runs. */
#define MIN_WAIT_US G_USEC_PER_SEC

/* What was said of a transfer. */
typedef struct
{
  gboolean        started;
  gboolean        before;       /* it was started, and has waited since */
  gboolean        waiting;      /* seen waiting for @reason since @since */
  gboolean        wait_told;
  gboolean        suspended;
  FerryWaitReason reason;
  gint64          since;        /* monotonic µs */
  int             step;         /* the last tenth that was told */
  gint64          received;     /* when last told */
  gint64          told_at;      /* monotonic µs of the last line about bytes */
} Said;

struct _FerryLines
{
  GObject       parent_instance;

  FerryConsole *console;  /* unowned; outlives us */
  GHashTable   *said;     /* owned; const FerryTransfer (unowned) → Said (owned) */
  guint         tick_id;  /* 0: nothing waits that was not told */
};

static void ferry_lines_view_init (FerryViewInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryLines, ferry_lines, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_VIEW, ferry_lines_view_init))

static Said *
look_up (FerryLines          *self,
         const FerryTransfer *transfer)
{
  Said *said = g_hash_table_lookup (self->said, transfer);

  if (said == NULL)
    {
      said = g_new0 (Said, 1);
      g_hash_table_insert (self->said, (gpointer) transfer, said);
    }

  return said;
}

static void
print_line (FerryLines          *self,
            const FerryTransfer *transfer,
            const char          *what,
            const char          *text)
{
  g_autofree char *line = g_strdup_printf ("#%" G_GUINT64_FORMAT " %s: %s\n", transfer->number,
                                           what, text);

  ferry_console_print (self->console, line);
}

static void
print_progress (FerryLines          *self,
                const FerryTransfer *transfer)
{
  int percent = ferry_transfer_get_percent (transfer);
  g_autofree char *received = ferry_words_size (transfer->received);
  g_autofree char *expected = ferry_words_size (transfer->expected);
  g_autofree char *rate = ferry_words_rate (transfer->rate);
  g_autofree char *what = NULL;
  g_autoptr(GString) text = g_string_new (transfer->name);

  if (percent >= 0)
    {
      what = g_strdup_printf ("%d%%", percent);
      g_string_append_printf (text, ", %s of %s", received, expected);
    }
  else
    {
      what = g_strdup ("running");
      g_string_append_printf (text, ", %s", received);
    }

  if (transfer->rate > 0)
    g_string_append_printf (text, ", %s", rate);
  if (transfer->rate > 0 && percent >= 0 && transfer->expected >= transfer->received)
    {
      guint64 rest = (guint64) (transfer->expected - transfer->received);
      g_autofree char *left = ferry_words_duration (rest / transfer->rate);

      g_string_append_printf (text, ", %s left", left);
    }

  print_line (self, transfer, what, text->str);
}

static void
show_running (FerryLines          *self,
              const FerryTransfer *transfer,
              Said                *said)
{
  int step = ferry_transfer_get_percent (transfer) / STEP_PERCENT;
  gint64 now = g_get_monotonic_time ();

  if (!said->started)
    {
      print_line (self, transfer, said->before ? "goes on" : "started", transfer->address);
      said->started = TRUE;
      said->before = TRUE;
      said->told_at = now;
      said->received = transfer->received;
    }

  /* All of it is told by the line that says where the file is. */
  if (transfer->received >= transfer->expected && transfer->expected >= 0)
    return;
  if (step <= said->step &&
      (transfer->received == said->received || now - said->told_at < STEP_US))
    return;

  print_progress (self, transfer);
  said->step = MAX (said->step, step);
  said->received = transfer->received;
  said->told_at = now;
}

static gboolean
on_tick_cb (gpointer user_data)
{
  FerryLines *self = user_data;
  gboolean again = FALSE;
  GHashTableIter iter;
  const FerryTransfer *transfer;
  Said *said;

  g_hash_table_iter_init (&iter, self->said);
  while (g_hash_table_iter_next (&iter, (gpointer *) &transfer, (gpointer *) &said))
    {
      g_autofree char *reason = NULL;
      g_autofree char *text = NULL;

      if (!said->waiting || said->wait_told)
        continue;
      if (g_get_monotonic_time () - said->since < MIN_WAIT_US)
        {
          again = TRUE;
          continue;
        }
      reason = ferry_words_reason (transfer->reason, transfer->details);
      text = g_strdup_printf ("%s: %s", transfer->name, reason);
      print_line (self, transfer, "waiting", text);
      said->wait_told = TRUE;
    }

  if (again)
    return G_SOURCE_CONTINUE;

  self->tick_id = 0;
  return G_SOURCE_REMOVE;
}

static void
show_waiting (FerryLines          *self,
              const FerryTransfer *transfer,
              Said                *said)
{
  if (said->waiting && said->reason == transfer->reason)
    return;

  said->started = FALSE;
  said->waiting = TRUE;
  said->wait_told = FALSE;
  said->reason = transfer->reason;
  said->since = g_get_monotonic_time ();
  if (self->tick_id == 0)
    self->tick_id = g_timeout_add (MIN_WAIT_US / 4000, on_tick_cb, self);
}

static void
ferry_lines_show (FerryView           *view,
                  const FerryTransfer *transfer)
{
  FerryLines *self = FERRY_LINES (view);
  Said *said = look_up (self, transfer);

  /* Of those that need somebody, and of those that are over, others tell. */
  if (transfer->state != FERRY_TASK_STATE_WAITING || ferry_transfer_needs_person (transfer))
    said->waiting = FALSE;
  if (transfer->number == 0 || ferry_transfer_needs_person (transfer))
    return;

  if (transfer->state == FERRY_TASK_STATE_SUSPENDED && !said->suspended)
    print_line (self, transfer, "suspended", transfer->name);
  said->suspended = transfer->state == FERRY_TASK_STATE_SUSPENDED;
  said->started &= !said->suspended;

  if (transfer->state == FERRY_TASK_STATE_RUNNING)
    show_running (self, transfer, said);
  else if (transfer->state == FERRY_TASK_STATE_WAITING)
    show_waiting (self, transfer, said);
}

static void
ferry_lines_print (FerryView  *view,
                   const char *line)
{
  g_autofree char *whole = g_strconcat (line, "\n", NULL);

  ferry_console_print (FERRY_LINES (view)->console, whole);
}

static void
ferry_lines_complain (FerryView  *view,
                      const char *line)
{
  ferry_console_complain (FERRY_LINES (view)->console, line);
}

static void
ferry_lines_end (FerryView *view)
{
  g_clear_handle_id (&FERRY_LINES (view)->tick_id, g_source_remove);
}

static void
ferry_lines_view_init (FerryViewInterface *iface)
{
  iface->show = ferry_lines_show;
  iface->print = ferry_lines_print;
  iface->complain = ferry_lines_complain;
  iface->end = ferry_lines_end;
}

/* GObject */

static void
ferry_lines_dispose (GObject *object)
{
  FerryLines *self = FERRY_LINES (object);

  g_clear_handle_id (&self->tick_id, g_source_remove);

  G_OBJECT_CLASS (ferry_lines_parent_class)->dispose (object);
}

static void
ferry_lines_finalize (GObject *object)
{
  FerryLines *self = FERRY_LINES (object);

  g_clear_pointer (&self->said, g_hash_table_unref);

  G_OBJECT_CLASS (ferry_lines_parent_class)->finalize (object);
}

static void
ferry_lines_class_init (FerryLinesClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = ferry_lines_dispose;
  object_class->finalize = ferry_lines_finalize;
}

static void
ferry_lines_init (FerryLines *self)
{
  self->said = g_hash_table_new_full (NULL, NULL, NULL, g_free);
}

FerryLines *
ferry_lines_new (FerryConsole *console)
{
  FerryLines *self = g_object_new (FERRY_TYPE_LINES, NULL);

  self->console = console;
  return self;
}
