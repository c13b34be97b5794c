/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define G_LOG_DOMAIN "ferry-link"

#include "config.h"

#include <string.h>

#include "ferry-link-inside-private.h"
#include "ferry-path-private.h"
#include "ferry-session-private.h"

/* Before a service that could not be started is asked for again. */
#define RETRY_MS 1000

/* The bus may have to start the service first, and the service to load a long list from a slow
 * disk. */
#define TIMEOUT_MS (120 * 1000)

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

/* A question of an attempt. */
typedef struct
{
  FerryLink    *link;     /* owned */
  guint         attempt;
  FerrySession *session;  /* owned. NULL: it is not about one */
} Question;

static void
question_free (Question *question)
{
  g_clear_object (&question->session);
  g_object_unref (question->link);
  g_free (question);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

static gboolean
is_attached (gpointer number,
             gpointer session,
             gpointer user_data)
{
  return ferry_session_is_attached (session);
}

/* Whether something is there that the service must know of. */
static gboolean
holds_something (FerryLink *self)
{
  return self->wants_watch || g_hash_table_find (self->sessions, is_attached, NULL) != NULL;
}

gboolean
ferry_link_is_needed (FerryLink *self)
{
  return holds_something (self) || !g_queue_is_empty (&self->connecting);
}

void
ferry_link_stop_retry (FerryLink *self)
{
  if (self->retry != NULL)
    g_source_destroy (self->retry);
  g_clear_pointer (&self->retry, g_source_unref);
}

static gboolean
on_time_to_retry_cb (gpointer user_data)
{
  FerryLink *self = user_data;

  ferry_link_stop_retry (self);
  if (ferry_link_is_needed (self))
    ferry_link_begin_attempt (self);
  else
    ferry_link_set_state (self, FERRY_CLIENT_STATE_DISCONNECTED);
  return G_SOURCE_REMOVE;
}

static void
retry_later (FerryLink *self)
{
  self->retry = g_timeout_source_new (RETRY_MS);
  g_source_set_callback (self->retry, on_time_to_retry_cb, self, NULL);
  (void) g_source_attach (self->retry, g_main_context_get_thread_default ());  /* it is kept */
}

void
ferry_link_fail (FerryLink *self,
                 GError    *error)
{
  g_autoptr(GError) copy = g_error_copy (error);

  ferry_link_stop_retry (self);
  self->attempt++;
  g_clear_error (&self->error);
  self->error = error;
  ferry_link_settle (self, FERRY_CLIENT_STATE_FAILED, copy);
}

/* Returns whether the service may be asked for again. */
static gboolean
note_failure (FerryLink *self)
{
  gint64 first;

  memmove (self->failures + 1, self->failures, sizeof self->failures - sizeof *self->failures);
  self->failures[0] = g_get_monotonic_time ();
  first = self->failures[FERRY_LINK_MAX_FAILURES - 1];
  return first == 0 || self->failures[0] - first > FERRY_LINK_FAILURES_US;
}

/* @error: of the last failure; NULL: it ended. */
static GError *
explain_failures (const GError *error)
{
  return g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                      "The transfer service has failed %d times within a minute, and is not asked "
                      "for again (%s); the log of the session says why",
                      FERRY_LINK_MAX_FAILURES,
                      error != NULL ? error->message : "it ended each time");
}

static void
end_attempt (FerryLink *self)
{
  g_autoptr(FerryLink) kept = g_object_ref (self);
  g_autoptr(GError) error = g_steal_pointer (&self->attempt_error);

  if (error == NULL)
    {
      ferry_link_settle (kept, FERRY_CLIENT_STATE_CONNECTED, NULL);
      ferry_link_refresh_unlisted (kept);
    }
  else if (!holds_something (self))
    ferry_link_settle (kept, FERRY_CLIENT_STATE_DISCONNECTED, error);
  else if (!note_failure (self))
    ferry_link_fail (kept, explain_failures (error));
  else
    {
      retry_later (self);
      ferry_link_set_state (kept, FERRY_CLIENT_STATE_LOST);
    }
}

/* Returns: the answer. NULL: it failed, or does not matter any more; @error says which. */
static GVariant *
take_answer (Question      *question,
             GObject       *source,
             GAsyncResult  *result,
             GError       **error)
{
  g_autoptr(GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result,
                                                              error);

  if (question->attempt != question->link->attempt)
    {
      g_clear_error (error);
      return NULL;
    }

  if (answer == NULL)
    ferry_link_clean_error (error);
  return g_steal_pointer (&answer);
}

/* What the service says of a session is about that alone; all else fails the attempt, the end of a
 * service too: some buses tell of that before they tell that the name has gone. */
static void
keep_error (FerryLink  *self,
            GError    **error)
{
  if (self->attempt_error == NULL)
    self->attempt_error = g_steal_pointer (error);
}

static void
count_answer (Question *question)
{
  FerryLink *self = question->link;

  if (question->attempt == self->attempt && --self->n_pending == 0)
    end_attempt (self);
}

static void
ask (FerryLink           *self,
     FerrySession        *session,
     const char          *path,
     const char          *interface,
     const char          *method,
     GVariant            *parameters,
     const char          *reply_type,
     GAsyncReadyCallback  callback)
{
  /* Asking the bus itself starts nothing. */
  gboolean is_bus = g_str_equal (interface, BUS_NAME);
  Question *question = g_new0 (Question, 1);

  question->link = g_object_ref (self);
  question->attempt = self->attempt;
  if (session != NULL)
    question->session = g_object_ref (session);
  self->n_pending++;
  g_dbus_connection_call (self->connection, is_bus ? BUS_NAME : FERRY_SERVICE_ID, path, interface,
                          method, parameters, G_VARIANT_TYPE (reply_type), G_DBUS_CALL_FLAGS_NONE,
                          TIMEOUT_MS, NULL, callback, question);
}

static void
owner_told_cb (GObject      *source,
               GAsyncResult *result,
               gpointer      user_data)
{
  g_autoptr(Question) question = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = take_answer (question, source, result, &error);

  /* Without an owner there will be a signal of the first. */
  if (answer != NULL)
    {
      g_clear_pointer (&question->link->owner, g_free);
      g_variant_get (answer, "(s)", &question->link->owner);
    }
  count_answer (question);
}

static void
manager_told_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr(Question) question = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = take_answer (question, source, result, &error);

  if (answer != NULL)
    {
      g_autoptr(GVariant) known = g_variant_get_child_value (answer, 0);

      ferry_link_emit (question->link, FERRY_LINK_MANAGER_CHANGED, known);
    }
  else if (error != NULL)
    keep_error (question->link, &error);
  count_answer (question);
}

static void
watch_renewed_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr(Question) question = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = take_answer (question, source, result, &error);

  if (answer != NULL)
    {
      question->link->watching = question->link->wants_watch;
      ferry_link_emit (question->link, FERRY_LINK_WATCHED, NULL);
    }
  else if (error != NULL)
    keep_error (question->link, &error);
  count_answer (question);
}

static void
session_opened_again_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      user_data)
{
  g_autoptr(Question) question = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = take_answer (question, source, result, &error);

  if (answer != NULL)
    {
      const char *path;

      g_variant_get (answer, "(&ob)", &path, NULL);
      ferry_session_note_reopened (question->session, ferry_path_parse_session (path));
    }
  else if (error != NULL && error->domain == FERRY_ERROR)
    /* The service is there, but does not open it any more. */
    ferry_session_note_detached (question->session);
  else if (error != NULL)
    keep_error (question->link, &error);
  count_answer (question);
}

static void
open_again (FerryLink    *self,
            FerrySession *session)
{
  ask (self, session, FERRY_OBJECT_PATH, FERRY_MANAGER_INTERFACE, "OpenSession",
       g_variant_new ("(s@a{sv})", ferry_session_get_identifier (session),
                      ferry_session_get_configuration (session)),
       "(ob)", session_opened_again_cb);
}

static void
finishing_session_told_cb (GObject      *source,
                           GAsyncResult *result,
                           gpointer      user_data)
{
  g_autoptr(Question) question = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GVariant) answer = take_answer (question, source, result, &error);

  if (answer != NULL)
    {
      g_autoptr(GVariant) known = g_variant_get_child_value (answer, 0);

      ferry_session_update (question->session, known);
      if (ferry_session_is_attached (question->session))
        open_again (question->link, question->session);
    }
  else if (g_error_matches (error, FERRY_ERROR, FERRY_ERROR_NOT_FOUND))
    ferry_session_set_state (question->session, FERRY_SESSION_STATE_INVALID);
  else if (error != NULL)
    keep_error (question->link, &error);
  count_answer (question);
}

/* The name of one that has become invalid meanwhile is free: opening it would make another. */
static void
ask_for_finishing (FerryLink    *self,
                   FerrySession *session)
{
  g_autofree char *path = ferry_path_of_session (ferry_session_get_number (session));

  ask (self, session, path, FERRY_PROPERTIES_INTERFACE, "GetAll",
       g_variant_new ("(s)", FERRY_SESSION_INTERFACE), "(a{sv})", finishing_session_told_cb);
}

/* All questions go out at once: the bus hands them to the service that it starts, in this order,
 * and before any that a program asks when it hears of the loss. */
void
ferry_link_begin_attempt (FerryLink *self)
{
  GHashTableIter iter;
  FerrySession *session;

  self->attempt++;
  self->n_pending = 0;
  g_clear_error (&self->attempt_error);

  if (self->owner == NULL)
    ask (self, NULL, BUS_PATH, BUS_NAME, "GetNameOwner", g_variant_new ("(s)", FERRY_SERVICE_ID),
         "(s)", owner_told_cb);
  ask (self, NULL, FERRY_OBJECT_PATH, FERRY_PROPERTIES_INTERFACE, "GetAll",
       g_variant_new ("(s)", FERRY_MANAGER_INTERFACE), "(a{sv})", manager_told_cb);
  if (self->wants_watch)
    ask (self, NULL, FERRY_OBJECT_PATH, FERRY_MANAGER_INTERFACE, "Watch",
         g_variant_new ("(b)", TRUE), "()", watch_renewed_cb);

  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &session))
    {
      if (!ferry_session_is_attached (session))
        continue;
      if (ferry_session_get_state (session) == FERRY_SESSION_STATE_OPEN)
        open_again (self, session);
      else
        ask_for_finishing (self, session);
    }
}

void
ferry_link_recover (FerryLink *self)
{
  g_autoptr(FerryLink) kept = g_object_ref (self);

  if (self->state == FERRY_CLIENT_STATE_FAILED)
    return;

  ferry_link_stop_retry (self);
  ferry_link_begin_attempt (self);
  if (self->state != FERRY_CLIENT_STATE_CONNECTING)
    ferry_link_set_state (kept, FERRY_CLIENT_STATE_LOST);
}

void
ferry_link_lose (FerryLink *self)
{
  /* An end that was told of by an answer has been counted already. */
  gboolean is_counted = self->retry != NULL;

  self->losses++;
  self->watching = FALSE;
  ferry_link_stop_retry (self);
  g_hash_table_remove_all (self->arrivals);
  self->attempt++;
  if (self->state == FERRY_CLIENT_STATE_FAILED)
    return;

  if (!ferry_link_is_needed (self))
    ferry_link_set_state (self, FERRY_CLIENT_STATE_DISCONNECTED);
  else if (!is_counted && !note_failure (self))
    ferry_link_fail (self, explain_failures (NULL));
  else
    ferry_link_recover (self);
}
