/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "test-mortal"

#include "config.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>

#include "mortal.h"

/* Notifications have tests of their own; and all rows of §6's table are to be tried. */
#define CONFIGURATION "{'notify': <'none'>, 'resume-unproven': <true>}"

static gboolean
on_end_cb (int          fd,
           GIOCondition condition,
           gpointer     user_data)
{
  Mortal *self = user_data;

  self->has_ended = TRUE;
  self->watch = 0;
  return G_SOURCE_REMOVE;
}

static void
watch (Mortal *self)
{
  self->has_ended = FALSE;
  self->watch = g_unix_fd_add (self->fixture->exits, G_IO_IN, on_end_cb, self);
}

void
mortal_init (Mortal  *self,
             Fixture *fixture)
{
  *self = (Mortal) { .fixture = fixture };
  watch (self);
}

void
mortal_clear (Mortal *self)
{
  g_clear_handle_id (&self->watch, g_source_remove);
  g_clear_pointer (&self->session, g_free);
}

static gboolean
has_ended (Client        *client,
           gconstpointer  data)
{
  return ((const Mortal *) data)->has_ended;
}

/* The bus says so of one that has left without an answer, or before it took its name. */
static gboolean
is_death (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_CHILD_EXITED);
}

gboolean
mortal_try (Mortal      *self,
            const char  *path,
            const char  *interface,
            const char  *method,
            GVariant    *arguments,
            GVariant   **answer,
            GError     **error)
{
  Client *client = self->fixture->client;
  g_autoptr(GError) problem = NULL;

  *answer = client_try (client, path, interface, method, arguments, &problem);
  if (is_death (problem))
    {
      self->n_lost++;
      client_wait (client, has_ended, self, problem->message);
      return FALSE;
    }

  /* Its successor, which knows nothing of this client yet, may have answered. */
  if (self->has_ended)
    {
      g_clear_pointer (answer, g_variant_unref);
      return FALSE;
    }

  if (problem != NULL)
    g_propagate_error (error, g_steal_pointer (&problem));
  return TRUE;
}

gboolean
mortal_call (Mortal      *self,
             const char  *path,
             const char  *interface,
             const char  *method,
             GVariant    *arguments,
             GVariant   **answer)
{
  g_autoptr(GError) error = NULL;

  if (!mortal_try (self, path, interface, method, arguments, answer, &error))
    return FALSE;

  if (*answer == NULL)
    g_error ("%s of %s: %s", method, path, error->message);
  return TRUE;
}

gboolean
mortal_open (Mortal *self)
{
  g_autoptr(GVariant) answer = NULL;
  g_autofree char *path = NULL;

  if (!mortal_call (self, MANAGER_PATH, "Manager", "OpenSession",
                    g_variant_new ("(s@a{sv})", "mortal", client_parse (CONFIGURATION)), &answer))
    return FALSE;

  g_variant_get (answer, "(ob)", &path, NULL);
  if (self->session == NULL)
    self->session = g_steal_pointer (&path);
  else
    g_assert_cmpstr (path, ==, self->session);
  return TRUE;
}

/* What mortal_wait() waits for. */
typedef struct
{
  Mortal          *mortal;
  ClientCondition  condition;
  gconstpointer    data;
} Wait;

static gboolean
is_over (Client        *client,
         gconstpointer  data)
{
  const Wait *wait = data;

  return wait->mortal->has_ended || wait->condition (client, wait->data);
}

gboolean
mortal_wait (Mortal          *self,
             ClientCondition  condition,
             gconstpointer    data,
             const char      *what)
{
  Wait wait = { .mortal = self, .condition = condition, .data = data };

  client_wait (self->fixture->client, is_over, &wait, what);
  return !self->has_ended;
}

int
mortal_bury (Mortal *self)
{
  gint64 deadline = g_get_monotonic_time () + 30 * G_TIME_SPAN_SECOND;
  int status = fixture_wait_end (self->fixture);
  guint32 pid;

  /* The name is nobody's, or a successor's. */
  while ((pid = fixture_get_pid (self->fixture)) != 0 && kill ((pid_t) pid, 0) != 0)
    {
      g_assert_cmpint (errno, ==, ESRCH);
      if (g_get_monotonic_time () > deadline)
        g_error ("the bus does not notice that the service is gone");
      client_pass_time (self->fixture->client, 1);
    }

  g_clear_handle_id (&self->watch, g_source_remove);
  watch (self);
  return status;
}

int
mortal_end (Mortal *self,
            int     signal)
{
  guint32 pid = fixture_get_pid (self->fixture);

  if (pid != 0)
    (void) kill ((pid_t) pid, signal);  /* it may be gone */
  return mortal_bury (self);
}
