/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-console"

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "console.h"

#define DEFAULT_COLUMNS 80
#define DEFAULT_ROWS 24

/* Wider, a line would only be harder to read; it bounds what an odd COLUMNS makes us allocate. */
#define MAX_SIZE 1000

/* What the program reads of the terminal on its output, and says on both. */
struct _FerryConsole
{
  gboolean    terminal;      /* the cursor can be moved */
  gboolean    out_colours;
  gboolean    error_colours;
  gboolean    utf8;
  const char *charset;       /* unowned; of the locale */
  int         continued_fd;  /* owned; tells of SIGCONT. −1: none */
  int         write_errno;   /* why the output was lost; 0: it was not */
};

static const char *const paints[] = {
  [FERRY_PAINT_NONE] = "",
  [FERRY_PAINT_BOLD] = "\033[1m",
  [FERRY_PAINT_GOOD] = "\033[32m",
  [FERRY_PAINT_BAD] = "\033[31m",
  [FERRY_PAINT_WAITING] = "\033[33m",
  [FERRY_PAINT_MOVING] = "\033[36m",
  [FERRY_PAINT_FAINT] = "\033[2m",
};
G_STATIC_ASSERT (G_N_ELEMENTS (paints) == FERRY_N_PAINTS);

static const FerrySigns utf8_signs = { "…", "━", "─" };
static const FerrySigns ascii_signs = { "~", "=", "-" };

static gboolean
is_capable_terminal (int fd)
{
  const char *term = g_getenv ("TERM");

  return isatty (fd) && term != NULL && *term != '\0' && strcmp (term, "dumb") != 0;
}

/* https://no-color.org: set to whatever, but not empty. */
static gboolean
wants_colours (void)
{
  const char *no_color = g_getenv ("NO_COLOR");

  return no_color == NULL || *no_color == '\0';
}

/* Returns −1 where it cannot be had: only a display gets less tidy by that. */
static int
open_continued_fd (void)
{
  sigset_t signals;

  sigemptyset (&signals);
  sigaddset (&signals, SIGCONT);
  if (sigprocmask (SIG_BLOCK, &signals, NULL) < 0)
    return -1;

  return signalfd (-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
}

/**
 * ferry_console_new:
 *
 * To be called before there is a second thread: all of them must block SIGCONT, for it to be read
 * from a descriptor.
 *
 * Returns: the console
 */
FerryConsole *
ferry_console_new (void)
{
  FerryConsole *self = g_new0 (FerryConsole, 1);

  self->terminal = is_capable_terminal (STDOUT_FILENO);
  self->out_colours = self->terminal && wants_colours ();
  self->error_colours = is_capable_terminal (STDERR_FILENO) && wants_colours ();
  self->utf8 = g_get_charset (&self->charset);
  self->continued_fd = self->terminal ? open_continued_fd () : -1;
  return self;
}

void
ferry_console_free (FerryConsole *self)
{
  if (self->continued_fd >= 0)
    (void) close (self->continued_fd);    /* nothing was written to it */
  g_free (self);
}

/**
 * ferry_console_is_terminal:
 * @self: the console
 *
 * Returns: whether the output is a terminal on which the cursor can be moved
 */
gboolean
ferry_console_is_terminal (FerryConsole *self)
{
  return self->terminal;
}

/**
 * ferry_console_is_foreground:
 * @self: the console
 *
 * Returns: whether the terminal is ours now; in the background it is the shell's
 */
gboolean
ferry_console_is_foreground (FerryConsole *self)
{
  pid_t foreground = tcgetpgrp (STDOUT_FILENO);

  /* A terminal that does not control us has no foreground of ours. */
  return foreground < 0 || foreground == getpgrp ();
}

static guint
read_size (const char *variable)
{
  guint64 size;

  if (g_getenv (variable) == NULL ||
      !g_ascii_string_to_unsigned (g_getenv (variable), 10, 1, MAX_SIZE, &size, NULL))
    return 0;

  return (guint) size;
}

/**
 * ferry_console_get_size:
 * @self: the console
 * @columns: (out): its columns
 * @rows: (out): its rows
 *
 * Asks anew each time. The variables `COLUMNS` and `LINES` win, as everywhere.
 */
void
ferry_console_get_size (FerryConsole *self,
                        guint        *columns,
                        guint        *rows)
{
  struct winsize size = { 0 };

  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) < 0)
    memset (&size, 0, sizeof size);

  *columns = read_size ("COLUMNS");
  if (*columns == 0)
    *columns = size.ws_col > 0 ? MIN (size.ws_col, MAX_SIZE) : DEFAULT_COLUMNS;

  *rows = read_size ("LINES");
  if (*rows == 0)
    *rows = size.ws_row > 0 ? MIN (size.ws_row, MAX_SIZE) : DEFAULT_ROWS;
}

const FerrySigns *
ferry_console_get_signs (FerryConsole *self)
{
  return self->utf8 ? &utf8_signs : &ascii_signs;
}

/**
 * ferry_console_paint:
 * @self: the console
 * @paint: a way to stand out
 * @text: a text for the output
 *
 * Returns: @text between the sequences that show it so, or as it is where colours are unwanted
 */
char *
ferry_console_paint (FerryConsole *self,
                     FerryPaint    paint,
                     const char   *text)
{
  if (!self->out_colours || paint == FERRY_PAINT_NONE || *text == '\0')
    return g_strdup (text);

  return g_strconcat (paints[paint], text, "\033[0m", NULL);
}

/* Returns 0, or the errno. */
static int
write_all (int         fd,
           const char *bytes,
           gsize       length)
{
  while (length > 0)
    {
      ssize_t written = write (fd, bytes, length);

      if (written < 0 && errno == EAGAIN)
        {
          /* A terminal that others have made non-blocking, and that is slow. */
          GPollFD writable = { fd, G_IO_OUT, 0 };

          (void) g_poll (&writable, 1, -1);    /* the next write tells */
          continue;
        }
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return errno;
      bytes += written;
      length -= (gsize) written;
    }

  return 0;
}

static int
write_text (FerryConsole *self,
            int           fd,
            const char   *text)
{
  g_autofree char *charset = NULL;
  g_autofree char *converted = NULL;
  gsize length = 0;

  if (self->utf8)
    return write_all (fd, text, strlen (text));

  charset = g_strconcat (self->charset, "//TRANSLIT", NULL);
  converted = g_convert_with_fallback (text, -1, charset, "UTF-8", "?", NULL, &length, NULL);
  if (converted == NULL)
    return write_all (fd, text, strlen (text));

  return write_all (fd, converted, length);
}

/**
 * ferry_console_print:
 * @self: the console
 * @text: whole lines
 *
 * Writes to the output. That it is lost is told by ferry_console_get_errno(): the transfers do not
 * depend on it.
 */
void
ferry_console_print (FerryConsole *self,
                     const char   *text)
{
  if (self->write_errno == 0)
    self->write_errno = write_text (self, STDOUT_FILENO, text);
}

/**
 * ferry_console_write:
 * @self: the console
 * @text: whole lines
 *
 * As ferry_console_print(), but in UTF-8 whatever the locale is: for programs to read.
 */
void
ferry_console_write (FerryConsole *self,
                     const char   *text)
{
  if (self->write_errno == 0)
    self->write_errno = write_all (STDOUT_FILENO, text, strlen (text));
}

/**
 * ferry_console_complain:
 * @self: the console
 * @text: one line, without its end
 *
 * Writes to the error stream; what stands before the first colon is shown in red.
 */
void
ferry_console_complain (FerryConsole *self,
                        const char   *text)
{
  const char *colon = strchr (text, ':');
  int head = colon != NULL ? (int) (colon - text) : 0;
  g_autofree char *line = NULL;

  if (self->error_colours && head > 0)
    line = g_strdup_printf ("%s%.*s\033[0m%s\n", paints[FERRY_PAINT_BAD], head, text, colon);
  else
    line = g_strconcat (text, "\n", NULL);

  /* There is nowhere left to say that this failed. */
  (void) write_text (self, STDERR_FILENO, line);
}

/**
 * ferry_console_get_continued_fd:
 * @self: the console
 *
 * Returns: a descriptor that is readable when the program was stopped and goes on, or −1
 */
int
ferry_console_get_continued_fd (FerryConsole *self)
{
  return self->continued_fd;
}

void
ferry_console_take_continued (FerryConsole *self)
{
  struct signalfd_siginfo info;

  /* There is nothing in it that we do not know, and one that is not there does no harm. */
  if (read (self->continued_fd, &info, sizeof info) < 0)
    return;
}

/**
 * ferry_console_get_errno:
 * @self: the console
 *
 * Returns: why output was lost, 0 if none was
 */
int
ferry_console_get_errno (FerryConsole *self)
{
  return self->write_errno;
}
