/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "ferry-getter"

#include "config.h"

#include <string.h>

#include "await.h"
#include "getter-private.h"
#include "trouble.h"
#include "words.h"

/* The session of all runs of this program. */
#define SESSION_IDENTIFIER "ferry-cli"

/* As one who tells of the ends of the tasks. */
#define QUIETLY "{'notify': <'none'>}"

/* So often is the session asked for where the service ends in answering. */
#define MAX_OPENINGS 3

/* So often it is asked what it has, where it ends in answering; the client gives up before that. */
#define MAX_LOOKS 10

/* It may be that the service is busy; nobody is to wait long for a thing that nobody sees. */
#define ACKNOWLEDGE_MS 2000

/*
 * Of several tasks the service may name the one that could not be made; they are counted from 1.
 * Returns: its number, and in @rest what is said of it; 0: none is named
 */
static guint
read_place (const char  *message,
            const char **rest)
{
  guint64 place;
  char *end;

  if (!g_str_has_prefix (message, "Task "))
    return 0;

  place = g_ascii_strtoull (message + strlen ("Task "), &end, 10);
  if (place > G_MAXUINT || !g_str_has_prefix (end, ": "))
    return 0;

  *rest = end + strlen (": ");
  return (guint) place;
}

/* Says why none of the tasks that were asked for was made. */
static char *
describe_refusal (FerryGetter  *self,
                  const GError *error)
{
  g_autoptr(GError) known = g_error_copy (error);
  g_autofree char *explanation = NULL;
  g_autofree char *name = NULL;
  FerryErrand *errand = self->asked->len == 1 ? g_ptr_array_index (self->asked, 0) : NULL;
  const char *rest = NULL;
  guint place = read_place (error->message, &rest);

  if (place > 0 && place <= self->asked->len)
    {
      g_clear_pointer (&known->message, g_free);
      known->message = g_strdup (rest);
      errand = g_ptr_array_index (self->asked, place - 1);
    }

  explanation = ferry_trouble_explain (known);
  if (errand == NULL)
    return g_strdup_printf ("nothing was begun: %s", explanation);

  name = ferry_errand_get_name (errand);
  if (self->asked->len == 1)
    return g_strdup_printf ("%s was not begun: %s", name, explanation);

  return g_strdup_printf ("nothing was begun: %s (%s): %s", errand->wish->place, name,
                          explanation);
}

static void
refuse (FerryGetter  *self,
        const GError *error)
{
  g_autofree char *text = describe_refusal (self, error);

  ferry_view_end (self->view);
  ferry_getter_complain (self, text);
  ferry_getter_leave (self, ferry_trouble_get_exit (error));
}

static void recover (FerryGetter *self);

/* @tasks: those that were asked for, in that order */
static void
take_tasks (FerryGetter *self,
            GPtrArray   *tasks)
{
  for (guint i = 0; i < MIN (tasks->len, self->asked->len); i++)
    {
      FerryErrand *errand = g_ptr_array_index (self->asked, i);

      ferry_getter_take (self, errand, g_ptr_array_index (tasks, i));

      /* Where the service ended right after its answer, nothing more is known of them. */
      if (ferry_task_get_created (errand->task) == 0)
        self->look = TRUE;
      else
        ferry_getter_show (self, errand);
    }
}

static void
tasks_created_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  FerryGetter *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) tasks = NULL;

  self->n_calls--;
  tasks = ferry_session_create_download_tasks_finish (self->session, result, &error);
  if (tasks != NULL)
    take_tasks (self, tasks);
  else if (ferry_trouble_is_gone (error))
    self->look = TRUE;    /* they may have been made all the same */
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) && !self->over)
    refuse (self, error);

  g_ptr_array_set_size (self->asked, 0);
  recover (self);
  ferry_getter_check_end (self);
}

/* Asks for the tasks that are still to be made: all of them come into being, or none does. */
static void
create_missing (FerryGetter *self)
{
  GVariantBuilder downloads;

  if (self->over || self->look || self->asked->len > 0 || self->leaving != FERRY_EXIT_DONE ||
      g_hash_table_size (self->by_task) == self->errands->len)
    return;

  g_variant_builder_init (&downloads, G_VARIANT_TYPE ("a(sa{sv})"));
  for (guint i = 0; i < self->errands->len; i++)
    {
      FerryErrand *errand = g_ptr_array_index (self->errands, i);

      if (errand->task != NULL)
        continue;
      g_variant_builder_add (&downloads, "(s@a{sv})", errand->wish->url, errand->wish->options);
      g_ptr_array_add (self->asked, errand);
    }

  self->n_calls++;
  ferry_session_create_download_tasks_async (self->session, g_variant_builder_end (&downloads),
                                             self->cancellable, tasks_created_cb, self);
}

/* A task that is there now. It may be ours without our knowing: one that was made unanswered. */
static void
find_owner (FerryGetter *self,
            FerryTask   *task)
{
  FerryErrand *owner = g_hash_table_lookup (self->by_task, task);

  for (guint i = 0; owner == NULL && i < self->errands->len; i++)
    {
      FerryErrand *errand = g_ptr_array_index (self->errands, i);

      if (errand->task != NULL || !ferry_errand_matches (errand, task, self->started))
        continue;
      ferry_getter_take (self, errand, task);
      owner = errand;
    }

  if (owner != NULL)
    {
      owner->seen = TRUE;
      ferry_getter_show (self, owner);
    }
}

static void
mark_gone (FerryGetter *self)
{
  for (guint i = 0; i < self->errands->len; i++)
    {
      FerryErrand *errand = g_ptr_array_index (self->errands, i);

      if (errand->task != NULL && !errand->seen && !ferry_task_is_over (errand->task))
        {
          errand->gone = TRUE;
          ferry_getter_show (self, errand);
        }
      errand->seen = FALSE;
    }
}

/* They could not be listed. If the service ended in between, it is back, or its return is told. */
static void
handle_blindness (FerryGetter  *self,
                  const GError *error)
{
  self->look = TRUE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (ferry_trouble_is_gone (error) && self->n_looks < MAX_LOOKS)
    recover (self);
  else
    ferry_getter_give_up (self, error);
}

static void
tasks_listed_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  FerryGetter *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) tasks = ferry_client_list_tasks_finish (self->client, result, &error);

  self->n_calls--;
  self->looking = FALSE;
  if (tasks == NULL)
    {
      handle_blindness (self, error);
      return;
    }

  /* The newest come first, but of two of one address the older is that of the first. */
  for (guint i = tasks->len; i > 0; i--)
    find_owner (self, g_ptr_array_index (tasks, i - 1));
  if (!self->look)
    mark_gone (self);

  if (self->lost && ferry_client_get_state (self->client) == FERRY_CLIENT_STATE_CONNECTED)
    {
      self->lost = FALSE;
      ferry_getter_complain (self, "the transfer service is back");
    }

  recover (self);
  ferry_getter_check_end (self);
}

/* Where it is not known which of our tasks there are, finds out; then makes those that are not. */
static void
recover (FerryGetter *self)
{
  g_autofree char *path = NULL;
  GVariantDict filter;

  if (self->over || self->session == NULL || self->looking || self->asked->len > 0 ||
      ferry_client_get_state (self->client) != FERRY_CLIENT_STATE_CONNECTED)
    return;
  if (!self->look)
    {
      create_missing (self);
      return;
    }

  path = g_strdup_printf (FERRY_OBJECT_PATH "/session/%" G_GUINT64_FORMAT,
                          ferry_session_get_number (self->session));
  g_variant_dict_init (&filter, NULL);
  g_variant_dict_insert (&filter, "session", "o", path);
  self->look = FALSE;
  self->looking = TRUE;
  self->n_looks++;
  self->n_calls++;
  ferry_client_list_tasks_async (self->client, g_variant_dict_end (&filter), self->cancellable,
                                 tasks_listed_cb, self);
}

/* The client's state has changed. */
void
ferry_getter_follow_state (FerryGetter *self)
{
  FerryClientState state = ferry_client_get_state (self->client);

  if (self->over)
    return;

  if (state == FERRY_CLIENT_STATE_FAILED)
    {
      ferry_getter_give_up (self, ferry_client_get_error (self->client));
    }
  else if (state == FERRY_CLIENT_STATE_LOST && !self->lost)
    {
      self->lost = TRUE;
      self->look = TRUE;
      ferry_getter_complain (self, "the transfer service has ended; asking for it again");
    }
  else if (self->session != NULL && !ferry_session_is_attached (self->session) &&
           (state == FERRY_CLIENT_STATE_CONNECTED || state == FERRY_CLIENT_STATE_DISCONNECTED))
    {
      /* It could not be opened again: the second attempt is ours, and tells why. */
      if (!self->opening)
        ferry_getter_open_session (self);
    }
  else if (state == FERRY_CLIENT_STATE_CONNECTED)
    {
      recover (self);
    }
}

static void open_as (FerryGetter *self, const char *configuration);

static void
session_opened_cb (GObject      *source,
                   GAsyncResult *result,
                   gpointer      user_data)
{
  FerryGetter *self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(FerrySession) session = NULL;

  self->n_calls--;
  self->opening = FALSE;
  session = ferry_client_open_session_finish (self->client, result, &error);
  if (self->over || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (session == NULL && ferry_trouble_is_gone (error) && self->n_openings < MAX_OPENINGS)
    ferry_getter_open_session (self);
  else if (session == NULL)
    ferry_getter_give_up (self, error);
  else if (self->mode == FERRY_GETTER_WAIT && self->session == NULL)
    {
      /* The stored configuration stays; this value is for as long as we are there. */
      g_set_object (&self->session, session);
      open_as (self, QUIETLY);
    }
  else
    {
      g_set_object (&self->session, session);
      recover (self);
    }
}

static void
open_as (FerryGetter *self,
         const char  *configuration)
{
  self->n_calls++;
  self->opening = TRUE;
  ferry_client_open_session_async (self->client, SESSION_IDENTIFIER,
                                   g_variant_new_parsed (configuration), self->cancellable,
                                   session_opened_cb, self);
}

/*
 * Opens the session with the defaults, which hold for good if it is made now: another program of
 * ours may not wait as we do. As long as we wait, no notification tells of what we tell ourselves.
 */
void
ferry_getter_open_session (FerryGetter *self)
{
  gboolean again = self->session != NULL;

  self->n_openings++;
  open_as (self, again && self->mode == FERRY_GETTER_WAIT ? QUIETLY : "@a{sv} {}");
}

static gboolean
on_time_to_leave_cb (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_CONTINUE;
}

/* Tells the service that all that has happened so far is known. */
void
ferry_getter_acknowledge (FerryGetter *self)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_auto(FerryAwait) answer = { NULL };
  g_autoptr(GError) error = NULL;
  guint timeout_id;

  if (self->mode == FERRY_GETTER_LEAVE || self->session == NULL ||
      ferry_client_get_state (self->client) != FERRY_CLIENT_STATE_CONNECTED)
    return;

  timeout_id = g_timeout_add (ACKNOWLEDGE_MS, on_time_to_leave_cb, cancellable);
  ferry_session_acknowledge_events_async (self->session, G_MAXUINT64, cancellable, ferry_await_cb,
                                          &answer);
  if (!ferry_session_acknowledge_events_finish (self->session, ferry_await (&answer), &error))
    g_debug ("What has happened stays to be told: %s", error->message);
  g_source_remove (timeout_id);
}
