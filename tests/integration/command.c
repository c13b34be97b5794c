/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-command"

#include "config.h"

#include "command.h"

static void
ended_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  Command *self = user_data;
  g_autoptr(GError) error = NULL;

  (void) g_subprocess_communicate_utf8_finish (self->process, result, &self->output, &self->errors,
                                               &error);  /* @error says it as well */
  g_assert_no_error (error);
  self->has_ended = TRUE;
}

Command *
command_start (Fixture           *fixture,
               const char *const *argv)
{
  Command *self = g_new0 (Command, 1);
  g_auto(GStrv) words = g_strdupv ((char **) argv);
  g_autofree char *folder = g_path_get_dirname (g_getenv ("FERRY_PROGRAM"));
  g_autofree char *path = g_strconcat (folder, ":", g_getenv ("PATH"), NULL);
  g_autoptr(GSubprocessLauncher) launcher = NULL;
  g_autoptr(GError) error = NULL;

  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                        G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", fixture->address, TRUE);
  g_subprocess_launcher_setenv (launcher, "HOME", fixture->home, TRUE);
  g_subprocess_launcher_setenv (launcher, "PATH", path, TRUE);
  g_subprocess_launcher_set_cwd (launcher, fixture->downloads);

  /* Its own name is looked for in our path, not in that of the child. */
  if (g_str_equal (words[0], "ferry"))
    {
      g_clear_pointer (&words[0], g_free);
      words[0] = g_strdup (g_getenv ("FERRY_PROGRAM"));
    }

  self->fixture = fixture;
  self->process = g_subprocess_launcher_spawnv (launcher, (const char *const *) words, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8_async (self->process, NULL, NULL, ended_cb, self);
  return self;
}

void
command_free (Command *self)
{
  g_assert_true (self->has_ended);
  g_clear_object (&self->process);
  g_free (self->output);
  g_free (self->errors);
  g_free (self);
}

static gboolean
has_ended (Client        *client,
           gconstpointer  data)
{
  return ((const Command *) data)->has_ended;
}

int
command_wait (Command *self)
{
  client_wait (self->fixture->client, has_ended, self, "the command's end");
  g_assert_true (g_subprocess_get_if_exited (self->process));
  return g_subprocess_get_exit_status (self->process);
}

void
command_expect (Fixture    *fixture,
                const char *line,
                int         status,
                const char *output,
                const char *errors)
{
  g_auto(GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr(Command) command = command_start (fixture, (const char *const *) words);
  int came = command_wait (command);

  if (came != status)
    g_error ("“%s” ended with %d:\n%s%s", line, came, command->output, command->errors);
  if (output != NULL)
    g_assert_cmpstr (command->output, ==, output);
  if (errors != NULL)
    g_assert_cmpstr (command->errors, ==, errors);
}
