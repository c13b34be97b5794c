/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-lines"

#include "config.h"

#include "describe.h"
#include "lines.h"
#include "words.h"

/* A line for each tenth of a file, and for each 10 s in which something came. */
#define STEP_PERCENT 10
#define STEP_US (10 * G_USEC_PER_SEC)

/* Nobody wants to read that a task waited for less, as each does before it runs. */
#define MIN_WAIT_US G_USEC_PER_SEC

/* What was said of a task. */
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
  GHashTable   *said;     /* owned; FerryTask (owned) → Said (owned) */
  guint         tick_id;  /* 0: nothing waits that was not told */
};

static void ferry_lines_view_init (FerryViewInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryLines, ferry_lines, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_VIEW, ferry_lines_view_init))

static Said *
look_up (FerryLines *self,
         FerryTask  *task)
{
  Said *said = g_hash_table_lookup (self->said, task);

  if (said == NULL)
    {
      said = g_new0 (Said, 1);
      g_hash_table_insert (self->said, g_object_ref (task), said);
    }

  return said;
}

static void
print_line (FerryLines *self,
            FerryTask  *task,
            const char *what,
            const char *text)
{
  g_autofree char *line = g_strdup_printf ("#%" G_GUINT64_FORMAT " %s: %s\n",
                                           ferry_task_get_number (task), what, text);

  ferry_console_print (self->console, line);
}

static void
print_progress (FerryLines *self,
                FerryTask  *task)
{
  gint64 received = ferry_task_get_bytes_received (task);
  gint64 expected = ferry_task_get_bytes_expected_to_receive (task);
  guint64 rate = ferry_task_get_rate (task);
  int percent = ferry_describe_percent (task);
  g_autofree char *name = ferry_describe_name (task);
  g_autofree char *here = ferry_words_size (received);
  g_autofree char *all = ferry_words_size (expected);
  g_autofree char *speed = ferry_words_rate (rate);
  g_autofree char *what = NULL;
  g_autoptr(GString) text = g_string_new (name);

  if (percent >= 0)
    {
      what = g_strdup_printf ("%d%%", percent);
      g_string_append_printf (text, ", %s of %s", here, all);
    }
  else
    {
      what = g_strdup ("running");
      g_string_append_printf (text, ", %s", here);
    }

  if (rate > 0)
    g_string_append_printf (text, ", %s", speed);
  if (rate > 0 && percent >= 0 && expected >= received)
    {
      g_autofree char *left = ferry_words_duration ((guint64) (expected - received) / rate);

      g_string_append_printf (text, ", %s left", left);
    }

  print_line (self, task, what, text->str);
}

static void
show_running (FerryLines *self,
              FerryTask  *task,
              Said       *said)
{
  gint64 received = ferry_task_get_bytes_received (task);
  gint64 expected = ferry_task_get_bytes_expected_to_receive (task);
  int step = ferry_describe_percent (task) / STEP_PERCENT;
  gint64 now = g_get_monotonic_time ();

  if (!said->started)
    {
      g_autofree char *address = ferry_describe_address (task);

      print_line (self, task, said->before ? "goes on" : "started", address);
      said->started = TRUE;
      said->before = TRUE;
      said->told_at = now;
      said->received = received;
    }

  /* All of it is told by the line that says where the file is. */
  if (received >= expected && expected >= 0)
    return;
  if (step <= said->step && (received == said->received || now - said->told_at < STEP_US))
    return;

  print_progress (self, task);
  said->step = MAX (said->step, step);
  said->received = received;
  said->told_at = now;
}

static void
print_waiting (FerryLines *self,
               FerryTask  *task)
{
  g_autofree char *name = ferry_describe_name (task);
  g_autofree char *reason = ferry_words_reason (ferry_task_get_reason (task),
                                                ferry_task_get_reason_details (task));
  g_autofree char *text = g_strdup_printf ("%s: %s", name, reason);

  print_line (self, task, "waiting", text);
}

static gboolean
on_tick_cb (gpointer user_data)
{
  FerryLines *self = user_data;
  gboolean again = FALSE;
  GHashTableIter iter;
  FerryTask *task;
  Said *said;

  g_hash_table_iter_init (&iter, self->said);
  while (g_hash_table_iter_next (&iter, (gpointer *) &task, (gpointer *) &said))
    {
      if (!said->waiting || said->wait_told)
        continue;
      if (g_get_monotonic_time () - said->since < MIN_WAIT_US)
        {
          again = TRUE;
          continue;
        }
      print_waiting (self, task);
      said->wait_told = TRUE;
    }

  if (again)
    return G_SOURCE_CONTINUE;

  self->tick_id = 0;
  return G_SOURCE_REMOVE;
}

static void
show_waiting (FerryLines *self,
              FerryTask  *task,
              Said       *said)
{
  if (said->waiting && said->reason == ferry_task_get_reason (task))
    return;

  said->started = FALSE;
  said->waiting = TRUE;
  said->wait_told = FALSE;
  said->reason = ferry_task_get_reason (task);
  said->since = g_get_monotonic_time ();
  if (self->tick_id == 0)
    self->tick_id = g_timeout_add (MIN_WAIT_US / 4000, on_tick_cb, self);
}

static void
show_suspended (FerryLines *self,
                FerryTask  *task,
                Said       *said)
{
  g_autofree char *name = ferry_describe_name (task);

  if (!said->suspended)
    print_line (self, task, "suspended", name);
  said->suspended = TRUE;
  said->started = FALSE;
}

static void
ferry_lines_show (FerryView *view,
                  FerryTask *task)
{
  FerryLines *self = FERRY_LINES (view);
  FerryTaskState state = ferry_task_get_state (task);
  Said *said = look_up (self, task);

  /* Of those that need somebody, and of those that are over, others tell. */
  if (state != FERRY_TASK_STATE_WAITING || ferry_task_needs_person (task))
    said->waiting = FALSE;
  if (ferry_task_needs_person (task))
    return;

  if (state == FERRY_TASK_STATE_SUSPENDED)
    show_suspended (self, task, said);
  else
    said->suspended = FALSE;

  if (state == FERRY_TASK_STATE_RUNNING)
    show_running (self, task, said);
  else if (state == FERRY_TASK_STATE_WAITING)
    show_waiting (self, task, said);
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
  self->said = g_hash_table_new_full (NULL, NULL, g_object_unref, g_free);
}

FerryLines *
ferry_lines_new (FerryConsole *console)
{
  FerryLines *self = g_object_new (FERRY_TYPE_LINES, NULL);

  self->console = console;
  return self;
}
