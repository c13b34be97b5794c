/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-printed"

#include "config.h"

#include <string.h>

#include "cli/screen.h"
#include "printed.h"

/* As many as no test here fills. */
#define ROWS 100

static const char *const no_color[] = { "NO_COLOR", "1", NULL };

/* The program takes its environment from ours. */
static void
use_bus (const char *address)
{
  g_assert_true (g_setenv ("DBUS_SESSION_BUS_ADDRESS", address, TRUE));
}

Program *
printed_start (Fixture           *fixture,
               const char *const *arguments)
{
  use_bus (fixture->address);
  return program_new (arguments);
}

Program *
printed_start_at (Fixture           *fixture,
                  guint              columns,
                  const char *const *arguments)
{
  use_bus (fixture->address);
  return program_new_at (columns, ROWS, arguments, no_color);
}

char *
printed_run (Fixture            *fixture,
             int                 status,
             char              **errors,
             const char *const  *arguments)
{
  g_autoptr(Program) program = printed_start (fixture, arguments);
  int ended = program_wait (program);

  if (errors != NULL)
    *errors = g_strdup (program->errors->str);
  else
    g_assert_cmpstr (program->errors->str, ==, "");
  g_assert_cmpint (ended, ==, status);
  return g_strdup (program->output->str);
}

char *
printed_run_at (Fixture           *fixture,
                int                status,
                guint              columns,
                const char *const *arguments)
{
  g_autoptr(Program) program = printed_start_at (fixture, columns, arguments);
  g_autoptr(Screen) screen = screen_new (columns);

  g_assert_cmpint (program_wait (program), ==, status);
  screen_feed (screen, program->output->str);
  return screen_get_text (screen);
}

static char *
replace (const char *text,
         const char *pattern,
         const char *word)
{
  g_autoptr(GRegex) regex = g_regex_new (pattern, 0, 0, NULL);

  g_assert_nonnull (regex);
  return g_regex_replace_literal (regex, text, -1, 0, word, 0, NULL);
}

void
printed_assert (Stage      *stage,
                const char *text,
                const char *golden)
{
  g_autofree char *server = test_server_get_url (stage->server, "/");
  g_autoptr(GString) known = g_string_new (text);
  g_autofree char *dated = NULL;
  g_autofree char *timed = NULL;
  g_autofree char *rest = NULL;

  server[strlen (server) - 1] = '\0';
  (void) g_string_replace (known, server, "SERVER", 0);  /* it may not be named */
  (void) g_string_replace (known, stage->fixture->downloads, "DOWNLOADS", 0);
  dated = replace (known->str, "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d", "DATE");
  timed = replace (dated, "\\b\\d\\d:\\d\\d:\\d\\d\\b", "TIME");
  rest = replace (timed, "in (\\d+ ms|\\d+\\.\\d s)", "in TOOK");
  g_assert_cmpstr (rest, ==, golden);
}

void
printed_assert_alone (const char        *output,
                      const char *const *arguments)
{
  g_autoptr(Program) program = NULL;

  use_bus ("unix:path=/nonexistent/bus");
  program = program_new (arguments);
  g_assert_cmpint (program_wait (program), ==, 3);
  g_assert_cmpstr (program->output->str, ==, output);
  g_assert_nonnull (strstr (program->errors->str, ": there is no session bus ("));
}
