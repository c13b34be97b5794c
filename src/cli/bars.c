/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-bars"

#include "config.h"

#include <glib-unix.h>
#include <signal.h>

#include "bars.h"
#include "choice.h"
#include "describe.h"
#include "row.h"
#include "width.h"

/* Five a second: more cannot be read. */
#define MIN_INTERVAL_MS 200

/* “1000 of 1000 done” should not be cut. */
#define TOTAL_NAME 17

struct _FerryBars
{
  GObject       parent_instance;

  FerryConsole *console;     /* unowned; outlives us */
  GPtrArray    *tasks;       /* owned; FerryTask, in the order of display */
  GArray       *drawn;       /* owned; guint, the widths of the lines that stand on the screen */
  gint64        drawn_at;    /* monotonic µs; 0: never */
  guint         draw_id;     /* 0: nothing changed since the last time */
  guint         resize_id;
  guint         continue_id; /* 0: the console does not tell */
  gboolean      ended;
};

static void ferry_bars_view_init (FerryViewInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FerryBars, ferry_bars, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (FERRY_TYPE_VIEW, ferry_bars_view_init))

/*
 * Puts the cursor where the last frame begins, and clears what follows. Lines that are wider than
 * the terminal now is have been wrapped by it.
 */
static void
append_rewind (FerryBars *self,
               GString   *out)
{
  guint columns;
  guint rows;
  guint up = 0;

  ferry_console_get_size (self->console, &columns, &rows);
  for (guint i = 0; i < self->drawn->len; i++)
    {
      guint width = g_array_index (self->drawn, guint, i);

      up += MAX (1, (width + columns - 1) / columns);
    }

  /* What has left the screen at its top cannot be reached any more. */
  up = MIN (up, rows - 1);
  if (up > 0)
    g_string_append_printf (out, "\r\033[%uA\033[J", up);
  g_array_set_size (self->drawn, 0);
}

static void
append_line (FerryBars  *self,
             GString    *out,
             const char *line,
             guint       width)
{
  g_string_append (out, line);
  g_string_append_c (out, '\n');
  g_array_append_val (self->drawn, width);
}

static void
append_row (FerryBars         *self,
            GString           *out,
            const FerryRow    *row,
            const FerryLayout *layout)
{
  g_autofree char *line = ferry_row_format (row, layout, self->console);

  append_line (self, out, line, layout->total);
}

static void
append_task (FerryBars         *self,
             GString           *out,
             FerryTask         *task,
             const FerryLayout *layout)
{
  g_autofree char *name = ferry_describe_name (task);
  g_autofree char *note = ferry_describe_state (task);
  gboolean moving = ferry_task_get_state (task) == FERRY_TASK_STATE_RUNNING;
  FerryRow row = {
    .name = name,
    .received = ferry_task_get_bytes_received (task),
    .expected = ferry_task_get_bytes_expected_to_receive (task),
    .rate = ferry_task_get_rate (task),
    .note = *note != '\0' ? note : NULL,
    .paint = moving ? FERRY_PAINT_MOVING : FERRY_PAINT_WAITING,
  };

  append_row (self, out, &row, layout);
}

/* Files that failed are left out: they would keep the total from ever being whole. */
static void
append_total (FerryBars         *self,
              GString           *out,
              const FerryLayout *layout)
{
  g_autofree char *name = NULL;
  FerryRow row = { .paint = FERRY_PAINT_BOLD };
  guint n_finished = 0;

  for (guint i = 0; i < self->tasks->len; i++)
    {
      FerryTask *task = g_ptr_array_index (self->tasks, i);
      gboolean finished = ferry_task_get_state (task) == FERRY_TASK_STATE_FINISHED;
      gint64 received = ferry_task_get_bytes_received (task);
      gint64 expected = ferry_task_get_bytes_expected_to_receive (task);

      if (!finished && ferry_task_is_over (task))
        continue;

      n_finished += finished;
      row.received += received;
      row.rate += ferry_task_get_rate (task);
      if (finished)
        row.expected += row.expected >= 0 ? received : 0;
      else if (expected < 0)
        row.expected = -1;
      else if (row.expected >= 0)
        row.expected += expected;
    }

  name = g_strdup_printf ("%u of %u done", n_finished, self->tasks->len);
  row.name = name;
  append_row (self, out, &row, layout);
}

static guint
get_longest_name (GPtrArray *tasks)
{
  guint longest = 0;

  for (guint i = 0; i < tasks->len; i++)
    {
      g_autofree char *name = ferry_describe_name (g_ptr_array_index (tasks, i));

      longest = MAX (longest, ferry_width_of (name));
    }

  return longest;
}

static void
append_frame (FerryBars *self,
              GString   *out)
{
  g_autoptr(GPtrArray) chosen = NULL;
  gboolean several = self->tasks->len > 1;
  FerryLayout layout;
  guint columns;
  guint rows;
  guint room;
  guint n_alive;

  /* The cursor stands below the frame, and a row of it may say how many more there are. */
  ferry_console_get_size (self->console, &columns, &rows);
  room = rows > 3 ? rows - 3 : 1;
  chosen = ferry_choice_make (self->tasks, room, &n_alive);
  if (n_alive == 0)
    return;

  /* Of all names, for the columns not to jump when one is done. */
  ferry_layout_init (&layout, columns,
                     MAX (get_longest_name (self->tasks), several ? TOTAL_NAME : 0));
  for (guint i = 0; i < chosen->len; i++)
    append_task (self, out, g_ptr_array_index (chosen, i), &layout);

  if (n_alive > chosen->len)
    {
      g_autofree char *line = g_strdup_printf ("and %u more", n_alive - chosen->len);
      FerryRow row = { .name = line, .note = "" };

      append_row (self, out, &row, &layout);
    }
  if (several)
    append_total (self, out, &layout);
}

static void
draw (FerryBars  *self,
      const char *lasting)
{
  g_autoptr(GString) out = g_string_new (NULL);

  append_rewind (self, out);
  g_string_append (out, lasting);
  if (!self->ended && ferry_console_is_foreground (self->console))
    append_frame (self, out);
  ferry_console_print (self->console, out->str);
  self->drawn_at = g_get_monotonic_time ();
}

static gboolean
on_time_to_draw_cb (gpointer user_data)
{
  FerryBars *self = user_data;

  self->draw_id = 0;

  /* In the background the screen is the shell's. */
  if (ferry_console_is_foreground (self->console))
    draw (self, "");
  else
    g_array_set_size (self->drawn, 0);

  return G_SOURCE_REMOVE;
}

static void
queue_draw (FerryBars *self)
{
  gint64 since = (g_get_monotonic_time () - self->drawn_at) / 1000;

  if (self->draw_id != 0 || self->ended)
    return;

  self->draw_id = g_timeout_add (since >= MIN_INTERVAL_MS ? 0 : (guint) (MIN_INTERVAL_MS - since),
                                 on_time_to_draw_cb, self);
}

static gboolean
on_resized_cb (gpointer user_data)
{
  queue_draw (user_data);
  return G_SOURCE_CONTINUE;
}

/* Stopped by Ctrl-Z and continued: the shell has written below the last frame. */
static gboolean
on_continued_cb (int          fd,
                 GIOCondition condition,
                 gpointer     user_data)
{
  FerryBars *self = user_data;

  ferry_console_take_continued (self->console);
  g_array_set_size (self->drawn, 0);
  queue_draw (self);
  return G_SOURCE_CONTINUE;
}

static void
ferry_bars_show (FerryView *view,
                 FerryTask *task)
{
  queue_draw (FERRY_BARS (view));
}

static void
ferry_bars_print (FerryView  *view,
                  const char *line)
{
  g_autofree char *whole = g_strconcat (line, "\n", NULL);

  draw (FERRY_BARS (view), whole);
}

/* The error stream may be the same terminal: the frame makes room, and comes back below. */
static void
ferry_bars_complain (FerryView  *view,
                     const char *line)
{
  FerryBars *self = FERRY_BARS (view);
  g_autoptr(GString) out = g_string_new (NULL);

  append_rewind (self, out);
  ferry_console_print (self->console, out->str);
  ferry_console_complain (self->console, line);
  draw (self, "");
}

static void
ferry_bars_end (FerryView *view)
{
  FerryBars *self = FERRY_BARS (view);

  g_clear_handle_id (&self->draw_id, g_source_remove);
  self->ended = TRUE;
  draw (self, "");
}

static void
ferry_bars_view_init (FerryViewInterface *iface)
{
  iface->show = ferry_bars_show;
  iface->print = ferry_bars_print;
  iface->complain = ferry_bars_complain;
  iface->end = ferry_bars_end;
}

/* GObject */

static void
ferry_bars_dispose (GObject *object)
{
  FerryBars *self = FERRY_BARS (object);

  g_clear_handle_id (&self->draw_id, g_source_remove);
  g_clear_handle_id (&self->resize_id, g_source_remove);
  g_clear_handle_id (&self->continue_id, g_source_remove);

  G_OBJECT_CLASS (ferry_bars_parent_class)->dispose (object);
}

static void
ferry_bars_finalize (GObject *object)
{
  FerryBars *self = FERRY_BARS (object);

  g_clear_pointer (&self->tasks, g_ptr_array_unref);
  g_clear_pointer (&self->drawn, g_array_unref);

  G_OBJECT_CLASS (ferry_bars_parent_class)->finalize (object);
}

static void
ferry_bars_class_init (FerryBarsClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = ferry_bars_dispose;
  object_class->finalize = ferry_bars_finalize;
}

static void
ferry_bars_init (FerryBars *self)
{
  self->drawn = g_array_new (FALSE, FALSE, sizeof (guint));
}

FerryBars *
ferry_bars_new (FerryConsole *console,
                GPtrArray    *tasks)
{
  FerryBars *self = g_object_new (FERRY_TYPE_BARS, NULL);
  int fd = ferry_console_get_continued_fd (console);

  self->console = console;
  self->tasks = g_ptr_array_ref (tasks);
  self->resize_id = g_unix_signal_add (SIGWINCH, on_resized_cb, self);
  if (fd >= 0)
    self->continue_id = g_unix_fd_add (fd, G_IO_IN, on_continued_cb, self);
  return self;
}
