/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "program"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "program.h"
#include "screen.h"

/* Nothing here takes longer than 3 s, on a fast machine without a sanitizer. */
#define DEADLINE_S 30

typedef struct
{
  Program *program;
  GString *stream;
} Reader;

static gboolean
on_readable_cb (int          fd,
                GIOCondition condition,
                gpointer     user_data)
{
  Reader *reader = user_data;
  char buffer[4096];
  ssize_t length = read (fd, buffer, sizeof buffer);

  if (length < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;

  /* A terminal whose other end was closed gives EIO. */
  if (length <= 0)
    {
      reader->program->n_open--;
      return G_SOURCE_REMOVE;
    }

  g_string_append_len (reader->stream, buffer, length);
  return G_SOURCE_CONTINUE;
}

static void
read_into (Program *self,
           int      fd,
           GString *stream)
{
  Reader *reader = g_new0 (Reader, 1);

  reader->program = self;
  reader->stream = stream;
  g_assert_true (g_unix_set_fd_nonblocking (fd, TRUE, NULL));
  (void) g_unix_fd_add_full (G_PRIORITY_DEFAULT, fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable_cb,
                             reader, g_free);    /* it ends with the stream */
  self->n_open++;
}

static void
exited_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  Program *self = user_data;

  g_assert_true (g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL));
  self->exited = TRUE;
}

static Program *
program_new_empty (void)
{
  Program *self = g_new0 (Program, 1);

  self->output = g_string_new (NULL);
  self->errors = g_string_new (NULL);
  self->terminal = -1;
  return self;
}

static GSubprocessLauncher *
make_launcher (GSubprocessFlags flags)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);

  g_subprocess_launcher_unsetenv (launcher, "COLUMNS");
  g_subprocess_launcher_unsetenv (launcher, "LINES");
  g_subprocess_launcher_unsetenv (launcher, "NO_COLOR");
  g_subprocess_launcher_setenv (launcher, "TERM", "xterm", TRUE);
  return launcher;
}

static void
launch (Program             *self,
        GSubprocessLauncher *launcher,
        const char *const   *arguments)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new ();
  g_auto(GStrv) argv = NULL;
  g_autoptr(GError) error = NULL;

  g_strv_builder_add (builder, FERRY_PROGRAM);
  g_strv_builder_addv (builder, (const char **) arguments);
  argv = g_strv_builder_end (builder);
  self->process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, &error);
  g_assert_no_error (error);
  g_subprocess_wait_async (self->process, NULL, exited_cb, self);
}

/* In the child, where it is root: may not write where others may not. The others may not anyway. */
static void
drop_privilege (gpointer user_data)
{
  (void) prctl (PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
}

static void
read_pipes (Program *self)
{
  GInputStream *output = g_subprocess_get_stdout_pipe (self->process);
  GInputStream *errors = g_subprocess_get_stderr_pipe (self->process);

  read_into (self, g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (output)), self->output);
  read_into (self, g_unix_input_stream_get_fd (G_UNIX_INPUT_STREAM (errors)), self->errors);
}

/* Runs it with both streams in pipes. */
Program *
program_new (const char *const *arguments)
{
  Program *self = program_new_empty ();
  g_autoptr(GSubprocessLauncher) launcher = NULL;

  launcher = make_launcher (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_subprocess_launcher_set_child_setup (launcher, drop_privilege, NULL, NULL);
  launch (self, launcher, arguments);
  read_pipes (self);
  return self;
}

/* The same, and @input is what it reads. */
Program *
program_new_fed (const char *const *arguments,
                 const char        *input)
{
  Program *self = program_new_empty ();
  g_autoptr(GSubprocessLauncher) launcher = NULL;
  GOutputStream *pipe;
  g_autoptr(GError) error = NULL;

  launcher = make_launcher (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                            G_SUBPROCESS_FLAGS_STDERR_PIPE);
  launch (self, launcher, arguments);
  read_pipes (self);
  pipe = g_subprocess_get_stdin_pipe (self->process);
  g_assert_true (g_output_stream_write_all (pipe, input, strlen (input), NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (g_output_stream_close (pipe, NULL, &error));
  g_assert_no_error (error);
  return self;
}

/* In the child: the terminal is that of a session of its own. */
static void
take_terminal (gpointer user_data)
{
  if (setsid () < 0 || ioctl (STDIN_FILENO, TIOCSCTTY, 0) < 0)
    _exit (126);
}

/* Runs it in a terminal; @environment is pairs of name and value. */
Program *
program_new_at (guint              columns,
                guint              rows,
                const char *const *arguments,
                const char *const *environment)
{
  Program *self = program_new_empty ();
  g_autoptr(GSubprocessLauncher) launcher = make_launcher (G_SUBPROCESS_FLAGS_NONE);
  int end;

  self->terminal = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_cmpint (self->terminal, >=, 0);
  g_assert_cmpint (grantpt (self->terminal), ==, 0);
  g_assert_cmpint (unlockpt (self->terminal), ==, 0);
  end = open (ptsname (self->terminal), O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_cmpint (end, >=, 0);
  program_resize (self, columns, rows);

  g_subprocess_launcher_take_stdin_fd (launcher, fcntl (end, F_DUPFD_CLOEXEC, 3));
  g_subprocess_launcher_take_stdout_fd (launcher, fcntl (end, F_DUPFD_CLOEXEC, 3));
  g_subprocess_launcher_take_stderr_fd (launcher, end);
  g_subprocess_launcher_set_child_setup (launcher, take_terminal, NULL, NULL);
  for (guint i = 0; environment != NULL && environment[i] != NULL; i += 2)
    g_subprocess_launcher_setenv (launcher, environment[i], environment[i + 1], TRUE);

  launch (self, launcher, arguments);
  g_subprocess_launcher_close (launcher);
  read_into (self, self->terminal, self->output);
  return self;
}

void
program_resize (Program *self,
                guint    columns,
                guint    rows)
{
  struct winsize size = { .ws_col = (unsigned short) columns, .ws_row = (unsigned short) rows };

  g_assert_cmpint (ioctl (self->terminal, TIOCSWINSZ, &size), ==, 0);
}

/* On the terminal's keyboard. */
void
program_type (Program    *self,
              const char *text)
{
  g_assert_cmpint (write (self->terminal, text, strlen (text)), ==, (ssize_t) strlen (text));
}

static gboolean
on_deadline_cb (gpointer user_data)
{
  Program *self = user_data;

  g_printerr ("The output:\n%s\nThe errors:\n%s\nThe screen:\n%s\n", self->output->str,
              self->errors->str, self->shown != NULL ? self->shown : "(none)");
  g_error ("The deadline has passed");
  return G_SOURCE_REMOVE;
}

/* @self->output or @self->errors is to have @text in it. */
void
program_wait_for (Program    *self,
                  GString    *stream,
                  const char *text)
{
  guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline_cb, self);

  while (strstr (stream->str, text) == NULL)
    {
      if (self->exited && self->n_open == 0)
        g_error ("It ended without saying “%s”:\n%s\n%s", text, self->output->str,
                 self->errors->str);
      (void) g_main_context_iteration (NULL, TRUE);
    }

  g_source_remove (deadline);
}

/*
 * The terminal is to show @text: its rows since the beginning, also those that have left it at its
 * top, without spaces at their ends.
 */
void
program_wait_for_screen (Program    *self,
                         guint       columns,
                         const char *text)
{
  guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline_cb, self);

  while (TRUE)
    {
      g_autoptr(Screen) screen = screen_new (columns);
      g_autofree char *shown = NULL;
      gboolean ended = self->exited && self->n_open == 0;

      screen_feed (screen, self->output->str);
      shown = screen_get_text (screen);
      if (strcmp (shown, text) == 0)
        break;
      if (ended)
        g_assert_cmpstr (shown, ==, text);
      g_clear_pointer (&self->shown, g_free);
      self->shown = g_steal_pointer (&shown);
      (void) g_main_context_iteration (NULL, TRUE);
    }

  g_source_remove (deadline);
}

/* The log of @service is to have @text in it. */
void
program_wait_for_log (Program     *self,
                      FakeService *service,
                      const char  *text)
{
  guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline_cb, self);

  while (strstr (service->log->str, text) == NULL)
    (void) g_main_context_iteration (NULL, TRUE);

  g_source_remove (deadline);
}

/* It is to know of so many tasks: what changes from now on it sees in each of its steps. */
void
program_wait_for_tasks (Program     *self,
                        FakeService *service,
                        guint        n)
{
  guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline_cb, self);

  while (service->told < n)
    (void) g_main_context_iteration (NULL, TRUE);

  g_source_remove (deadline);
}

void
program_signal (Program *self,
                int      signal)
{
  g_subprocess_send_signal (self->process, signal);
}

/* Returns its exit status; a signal that ends it is an error. */
int
program_wait (Program *self)
{
  guint deadline = g_timeout_add_seconds (DEADLINE_S, on_deadline_cb, self);

  while (!self->exited || self->n_open > 0)
    (void) g_main_context_iteration (NULL, TRUE);

  g_source_remove (deadline);
  if (!g_subprocess_get_if_exited (self->process))
    g_error ("It was ended by signal %d:\n%s", g_subprocess_get_term_sig (self->process),
             self->errors->str);
  return g_subprocess_get_exit_status (self->process);
}

void
program_free (Program *self)
{
  g_assert_true (self->exited);
  g_clear_object (&self->process);
  if (self->terminal >= 0)
    (void) close (self->terminal);    /* nothing of it is needed any more */

  g_clear_pointer (&self->shown, g_free);
  (void) g_string_free (self->output, TRUE);
  (void) g_string_free (self->errors, TRUE);
  g_free (self);
}
